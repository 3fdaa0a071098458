#!/usr/bin/env bash
# The page in a real browser: fetches what it needs (Debian's Chromium, two packages of fixed versions) and runs every test.
# CSP_BRIDGE names the program to test; otherwise the release build.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
CSP_BRIDGE=$(realpath "${CSP_BRIDGE:-$here/../../target/release/csp-bridge}")
export CSP_BRIDGE
cd "$here"
# Only what is missing: a Node.js from elsewhere and Debian's npm cannot stand side by side.
missing=()
[ -x "${CHROMIUM:-/usr/bin/chromium}" ] || missing+=(chromium)
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
if [ "${#missing[@]}" -gt 0 ]; then
  sudo=$([ "$(id -u)" -eq 0 ] || echo sudo)
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
npm ci --ignore-scripts --no-audit --no-fund --silent
for test in job security access; do
  printf '\n-- %s\n' "$test"
  node "$test.mjs" "$@"
done
