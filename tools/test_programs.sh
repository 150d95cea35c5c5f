#!/bin/sh
# Tries to have PostgreSQL and Chromium for the tests. What cannot be had, the tests name in their last lines.
set -eu

missing=$(.venv/bin/python - <<'END'
from tests.support import browser, postgres

if not browser.find_chromium():
    print("chromium")
if not postgres.installed_binaries():
    print("postgresql")
END
)
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing for the tests:" $missing
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086 # one word for each package
    apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
        echo "That did not work; the tests go on without." >&2
fi
