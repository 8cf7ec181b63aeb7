#!/usr/bin/env bash
# Makes .venv and installs a lock into it; quick when that is done. Usage: scripts/setup.sh run|dev
set -euo pipefail
cd "$(dirname "$0")/.."

stop() { echo "$*" >&2; exit 1; }

# Which locks .venv holds, by their content. A dev installation holds everything that running needs.
stamp=.venv/installed
run=$(sha256sum <requirements.lock)
dev=$(sha256sum <requirements-dev.lock)
case $1 in
  run) grep -qsxF "$run" $stamp && exit 0; lock=requirements.lock; mark=$run ;;
  dev) grep -qsxF "$dev" $stamp && exit 0; lock=requirements-dev.lock; mark=$run$'\n'$dev ;;
esac

python311() {
  local name
  for name in python3.11 python3 python; do
    if "$name" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
}

make_venv() {
  local python
  python=$(python311)
  if [ -n "$python" ] && ! "$python" -c 'import ensurepip' 2>/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
  fi
  if [ -n "$python" ] && "$python" -m venv --clear .venv >/dev/null 2>&1; then return; fi
  if command -v uv >/dev/null && uv venv --quiet --clear --seed --python 3.11 .venv; then return; fi
  [ -n "$python" ] || stop "Python 3.11 is needed and was not found. Install it (Debian 12: apt-get install python3 python3-venv), or install uv."
  stop "$python has no working venv module. Install it (Debian 12: apt-get install python3-venv), or install uv."
}

install() {
  if command -v uv >/dev/null && uv pip install --quiet --python .venv/bin/python --require-hashes -r "$lock" 2>/dev/null; then
    return
  fi
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
}

mkdir -p .venv
if command -v flock >/dev/null; then
  exec 9<"$lock"
  flock 9
  # The last line of the mark alone: grep would take several lines for as many patterns, and one for enough.
  grep -qsxF "${mark##*$'\n'}" $stamp && exit 0
fi
started=$SECONDS
.venv/bin/python -m pip --version >/dev/null 2>&1 || { echo "python: making .venv…"; make_venv; }
echo "python: installing $lock… (a minute or two the first time)"
install || stop "The packages could not be installed; pip says why above."
echo "$mark" >$stamp
echo "python: installed ($((SECONDS - started)) s)"
