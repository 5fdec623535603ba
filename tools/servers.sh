#!/bin/sh
# Fetches what the tests need of the system, from Debian's packages: PostgreSQL, Redis, sshd and tmux, which they start for
# themselves, sudo, ip, shellcheck, and fonts. Where that may not be done it says so in one line and lets the tests count what they leave out.
set -u
missing=
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v postgres >/dev/null ||
    missing="$missing postgresql"
command -v redis-server >/dev/null || missing="$missing redis-server"
[ -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || missing="$missing fonts-dejavu-core"
[ -e /usr/share/fonts/truetype/lohit-devanagari/Lohit-Devanagari.ttf ] || missing="$missing fonts-lohit-deva"
command -v tmux >/dev/null || missing="$missing tmux"
command -v sudo >/dev/null || missing="$missing sudo"
command -v ip >/dev/null || [ -x /usr/sbin/ip ] || missing="$missing iproute2"
command -v shellcheck >/dev/null || missing="$missing shellcheck"
[ -x /usr/sbin/sshd ] || command -v sshd >/dev/null || missing="$missing openssh-server"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "servers: missing$missing; as root: apt-get install$missing. Tests that need them are left out and counted." >&2
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "servers: fetching$missing" >&2
# shellcheck disable=SC2086 # one word for each package
if { apt-get update -q && apt-get install -q -y --no-install-recommends $missing; } >"$log" 2>&1 </dev/null; then
    exit 0
fi
tail -n 5 "$log" >&2
echo "servers: could not fetch$missing. Tests that need them are left out and counted." >&2
