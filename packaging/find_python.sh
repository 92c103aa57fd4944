#!/bin/sh
# Prints the Python that is to make or complete .venv: $PYTHON if given, otherwise that of .venv, otherwise the newest found from
# 3.14 down to 3.11.
# Prints one line on stderr and fails where there is none, or where its venv module is missing.

is_supported='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))'
has_venv='import ensurepip, venv'

if [ -n "$PYTHON" ]; then
    candidates=$PYTHON
    sought="PYTHON=$PYTHON is not"
else
    candidates=".venv/bin/python python3.14 python3.13 python3.12 python3.11 python3 python"
    sought="found no"
fi

without_venv=
for candidate in $candidates; do
    # Run it: a name on the PATH may be a version manager's placeholder.
    "$candidate" -I -c "$is_supported" >/dev/null 2>&1 || continue
    if "$candidate" -I -c "$has_venv" >/dev/null 2>&1; then
        echo "$candidate"
        exit 0
    fi
    [ -n "$without_venv" ] || without_venv=$("$candidate" -I -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
done

if [ -n "$without_venv" ]; then
    echo "$without_venv has no venv module: install it (Debian and Ubuntu: apt-get install $without_venv-venv)" >&2
else
    echo "$sought Python 3.11 to 3.14: install one, or name it with make PYTHON=/path/to/python" >&2
fi
exit 1
