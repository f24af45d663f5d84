#!/usr/bin/env bash
# The quick loop: unit and server tests, and ruff over what changed.
set -euo pipefail
mapfile -t changed < <({ git diff --name-only HEAD -- '*.py'; git ls-files -o --exclude-standard -- '*.py'; } | sort -u)
existing=()
for file in "${changed[@]}"; do [ -f "$file" ] && existing+=("$file"); done
if [ "${#existing[@]}" -gt 0 ]; then
    ruff check "${existing[@]}"
    ruff format --check "${existing[@]}"
fi
PYTHONPATH="$PWD/.cache/tree:$PWD" pytest -q -n 2 tests/unit tests/token_server
