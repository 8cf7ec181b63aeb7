#!/usr/bin/env bash
# Sees to it that Lighthouse is there, outside the tree, and lets it judge the pages a parent meets first.
set -euo pipefail
cd "$(dirname "$0")/.."

stop() { echo "$*" >&2; exit 1; }

version=12.8.2 # the last that runs on Node 20
folder=${XDG_CACHE_HOME:-$HOME/.cache}/leap/lighthouse-$version
program=$folder/node_modules/.bin/lighthouse

command -v npm >/dev/null && node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2>/dev/null ||
  stop "The audit needs Node 20 or newer with npm, which nothing else here does. Install both, and run it again."
chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser)} ||
  stop "The audit needs Chromium. Install it (Debian: apt-get install chromium), or set CHROMIUM to the path of one."

if [ ! -x "$program" ]; then
  echo "lighthouse: installing $version into ${folder%/*}…"
  mkdir -p "$folder"
  # Its packages' own scripts would fetch browsers.
  npm install --prefix "$folder" --ignore-scripts --no-package-lock --no-fund --no-audit --silent "lighthouse@$version" ||
    stop "Lighthouse could not be installed; npm says why above."
fi
exec env CHROME_PATH="$chromium" .venv/bin/python -m bench.audit --lighthouse "$program" "$@"
