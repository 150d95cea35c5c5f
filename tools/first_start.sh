#!/bin/sh
# Brings the database up to date. The first time it also fills in the demo; with DEMO=0, and always in production,
# it asks for an administrator instead.
set -eu

demo=${DEMO:-1}
[ "${PURSER_ENV:-}" != production ] || demo=0
python=.venv/bin/python
var=${PURSER_VAR:-var}
unfinished="$var/first-start-unfinished" # so that a first start that was interrupted is one the next time, too

state=$("$python" tools/state.py)
case $state in
    current) exit 0 ;;
    stale) "$python" -m flask --app app setup ;;
    first)
        (umask 077 && mkdir -p "$var") # the records are nobody else's business
        : >"$unfinished"
        "$python" -m flask --app app setup
        if [ "$demo" = 0 ]; then
            "$python" -m flask --app app first-admin
        else
            echo "First start: filling in the demo …"
            "$python" -m flask --app app seed
        fi
        rm "$unfinished"
        ;;
esac
"$python" tools/state.py "done"
