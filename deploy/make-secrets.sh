#!/usr/bin/env bash
# Makes the secrets of a new server in secrets/, each once: one that is there is never touched. The files are
# readable to all because the containers' users differ; the folder around them is not. Back the keys up apart.
set -euo pipefail
cd "$(dirname "$0")/.."

word() { head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n'; }
key() { head -c 32 /dev/urandom | base64; }
keep() {
  [ -e "secrets/$1" ] && return
  printf '%s\n' "$2" >"secrets/$1"
  chmod 444 "secrets/$1"
}

mkdir -p -m 700 secrets
for prefix in "" minors_ keys_; do
  name=${prefix%_}
  at="postgres${name:+-$name}:5432/${name:-leap}"
  keep "${prefix}postgres_password" "$(word)"
  keep "${prefix}database_url" "postgresql://${name:-leap}_app:$(word)@$at"
  keep "${prefix}database_owner_url" "postgresql://${name:-leap}_owner:$(word)@$at"
done
keep secret_key "$(word)$(word)"
keep key_encryption_keys "1:$(key)"
keep minors_key_encryption_keys "1:$(key)"
keep index_key "1:$(key)"
keep code_key "$(key)"
keep signing_key "$(key)"
keep ledger_key "$(key)"
keep backup_key "$(key)"
keep keys_backup_key "$(key)"
for file in tls_certificate tls_key; do
  [ -e "secrets/$file" ] || echo "Still to come from you: secrets/$file (PEM)"
done
