#!/usr/bin/env bash
# mutate.sh [PATTERN...]: changes one operator, value or argument of the deciding code at a time, and counts the changes that the unit
# tests notice. With patterns, such as '*expiry*', only these mutants are tried again; `alive` means those that survived the last time.
# What is measured stands in dev/mutate.cfg.
set -euo pipefail
root=$PWD
folder="$root/.cache/mutate"
venv="$root/.cache/mutate-venv"

stamp=$(cksum <dev/requirements-mutate.txt)
if [ "$(cat "$venv/.installed" 2>/dev/null)" != "$stamp" ]; then
    echo "Installing mutmut into .cache/mutate-venv ..."
    python -m venv --clear "$venv"
    # Wheels only, each with its hash: nothing of theirs runs while they are installed.
    if ! "$venv/bin/python" -m pip install -q --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
        -r dev/requirements-mutate.txt >.cache/mutate-pip.log 2>&1; then
        tail -n 20 .cache/mutate-pip.log >&2
        exit 1
    fi
    echo "$stamp" >"$venv/.installed"
fi

copy="$folder/ansible_collections/panelops/cpanel"
rm -rf "$folder/ansible_collections"
if [ $# -eq 0 ]; then rm -rf "$folder/mutants"; fi
mkdir -p "$copy" "$folder/home"
git ls-files -coz --exclude-standard pyproject.toml plugins/module_utils tests/__init__.py tests/conftest.py tests/unit |
    while IFS= read -r -d '' file; do if [ -e "$file" ]; then printf '%s\0' "$file"; fi; done |
    xargs -0 cp --parents -t "$copy"
cp dev/mutate.cfg "$folder/setup.cfg"
cd "$folder"
# The mutants run in an empty environment: what code does that was changed at random is nobody's intention.
clean() { env -i PATH="$venv/bin:/usr/bin:/bin" HOME="$folder/home" LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 "$@"; }
if [ "${1:-}" = alive ]; then
    clean python "$root/dev/mutants.py" --forget-survivors
    shift
fi
echo "Running mutants; mutmut's own output is in .cache/mutate/log.txt ..."
if ! clean mutmut run --max-children "${MUTATE_JOBS:-1}" "$@" >log.txt 2>&1; then
    tail -c 3000 log.txt >&2
    exit 1
fi
clean python "$root/dev/mutants.py" "$root/tests/mutants.md"
