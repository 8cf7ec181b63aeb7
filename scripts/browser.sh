#!/usr/bin/env bash
# Sees to it that the journeys have a browser and Chinese letters; installs both when run as root on Debian.
set -euo pipefail

has_browser() { [ -n "${CHROMIUM:-}" ] || command -v chromium || command -v chromium-browser; }
has_letters() { ! command -v fc-list || fc-list :lang=zh | grep -q .; }

if [ -n "${CHROMIUM:-}" ] && [ ! -x "$CHROMIUM" ]; then
  echo "CHROMIUM=$CHROMIUM is no program. Point it to a Chromium, or unset it." >&2
  exit 1
fi
if has_browser >/dev/null && has_letters >/dev/null; then exit 0; fi

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "chromium: installing…"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk >/dev/null
elif has_browser >/dev/null; then
  echo "No Chinese font is installed (Debian: apt-get install fonts-noto-cjk). The journeys run all the same."
else
  echo "The journeys need Chromium. Install it (Debian: apt-get install chromium fonts-noto-cjk)," \
    "or set CHROMIUM to the path of one." >&2
  exit 1
fi
