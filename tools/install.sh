#!/bin/sh
# tools/install.sh LOCK: brings .venv to what LOCK says and installs this checkout into it, editable.
# uv does it in seconds; where uv cannot be had or fails, pip does the same in about half a minute.
set -eu
lock=$1
venv=.venv
python=$venv/bin/python

die() {
    echo "install: $*" >&2
    exit 1
}

base=${PYTHON:-python3}
command -v "$base" >/dev/null || die "no $base here; install Python 3.11 or newer, or name one with PYTHON=..."
"$base" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    die "Chikitsa needs Python 3.11 or newer; name one with make PYTHON=..."
if ! "$python" -c '' 2>/dev/null; then
    rm -rf "$venv"
    "$base" -m venv "$venv" ||
        die "python3 -m venv failed; on Debian and Ubuntu: apt-get install python3-venv"
fi

export PIP_DISABLE_PIP_VERSION_CHECK=1
export UV_SYSTEM_CERTS=1 # trust what this machine trusts, as pip does
pip() { "$python" -m pip "$@"; }

with_uv() {
    "$python" -m uv pip install -q --python "$python" --require-hashes -r "$lock" &&
        "$python" -m uv pip install -q --python "$python" --no-deps --no-build-isolation -e .
}
with_pip() {
    pip install -q --require-hashes -r "$lock" &&
        pip install -q --no-deps --no-build-isolation -e .
}

# What goes wrong with uv is told by pip, should it go wrong there too.
if pip install -q --require-hashes --only-binary :all: -r tools/installer.lock 2>/dev/null &&
    with_uv 2>/dev/null; then
    exit 0
fi
echo "install: not with uv here; pip takes half a minute" >&2
with_pip
