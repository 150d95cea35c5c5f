#!/bin/sh
# Makes .venv and installs the lists of requirements that changed since. Usage: install.sh requirements.txt …
set -eu

# 3.11 or newer: the one asked for, else whichever is there.
find_python() {
    for python in "$PYTHON" python3 python3.14 python3.13 python3.12 python3.11 python; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$python"
            return
        fi
    done
    echo "Purser needs Python 3.11 or newer. Found: $(python3 --version 2>&1)." >&2
    exit 1
}

# A new folder, or one whose Python went away or moved, is made from nothing.
if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    python=$(find_python)
    rm -rf .venv
    if ! "$python" -m venv .venv; then
        rm -rf .venv
        echo "Python cannot make a virtual environment. On Debian: apt-get install python3-venv" >&2
        exit 1
    fi
fi

for list in "$@"; do
    if ! cmp -s "$list" ".venv/$list.installed"; then
        echo "Installing $list …"
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement "$list"
        cp "$list" ".venv/$list.installed"
    fi
done
