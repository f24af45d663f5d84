#!/usr/bin/env bash
# Makes the project's own environment in .cache/: `setup.sh run` for the demo, `setup.sh dev` for tests and linters too.
# Does nothing if what it would install is there already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

find_python() {
    local candidate
    for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "Python 3.11 or newer is needed; name it with: make PYTHON=/path/to/python3 ..." >&2
    return 1
}

install() { # install NAME FILE...: install requirement files, once for each content
    local stamp=".cache/venv/.installed-$1" wanted
    shift
    wanted=$(cat requirements.txt token_server/requirements.txt "$@" | cksum)
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
        return
    fi
    echo "Installing $(basename "$stamp" | sed s/.installed-//) requirements into .cache/venv ..."
    local options=()
    for file in "$@"; do options+=(-r "$file"); done
    if ! .cache/venv/bin/python -m pip install -q --disable-pip-version-check "${options[@]}" >.cache/pip.log 2>&1; then
        tail -n 20 .cache/pip.log >&2
        return 1
    fi
    echo "$wanted" >"$stamp"
}

mkdir -p .cache/home .cache/tree/ansible_collections/panelops
ln -sfn ../../../.. .cache/tree/ansible_collections/panelops/cpanel
# A virtual environment holds its own path: one that was moved is made anew.
if [ "$(.cache/venv/bin/python -c 'import sys; print(sys.prefix)' 2>/dev/null)" != "$PWD/.cache/venv" ] ||
    ! .cache/venv/bin/pip --version >/dev/null 2>&1; then
    python=$(find_python)
    "$python" -m venv --clear .cache/venv
fi
install run dev/requirements-run.txt
if [ "${1:-run}" = dev ]; then
    install dev dev/requirements-run.txt dev/requirements-dev.txt
    dev/collections.sh
    dev/clients.sh
    dev/stores.sh
    dev/moto.sh
fi
