#!/usr/bin/env bash
# check.sh [TEST...]: the quick loop. Ruff over what changed since the last commit of main, then the unit and server tests, or only these tests.
set -euo pipefail
base=$(git merge-base HEAD main 2>/dev/null || git rev-parse HEAD)
if [ "$base" = "$(git rev-parse HEAD)" ]; then # On main itself: since the commit before.
    base=$(git rev-parse --quiet --verify HEAD~1 || echo HEAD)
fi
mapfile -t changed < <({ git diff --name-only --diff-filter=d "$base" -- '*.py'; git ls-files -o --exclude-standard -- '*.py'; } | sort -u)
if [ "${#changed[@]}" -gt 0 ]; then
    echo "ruff: ${#changed[@]} changed files"
    ruff check "${changed[@]}"
    ruff format --check "${changed[@]}"
fi
export PYTHONPATH="$PWD/.cache/tree:$PWD"
if [ $# -gt 0 ]; then
    exec pytest -q "$@"
fi
exec pytest --no-header -n 2 tests/unit tests/token_server
