#!/usr/bin/env bash
# copy.sh [FOLDER]: copies what git knows of this checkout (changes included) to where ansible-test wants it, or to another folder,
# and prints that folder.
# ansible-test refuses symlinks, and inside another repository it takes what that one ignores for nothing to test.
set -euo pipefail
copy="${1:-$PWD/.cache/src/ansible_collections/panelops/cpanel}"
mkdir -p "$copy"
find "$copy" -mindepth 1 -maxdepth 1 -not -name .git -not -name tests -exec rm -rf {} +
find "$copy/tests" -mindepth 1 -maxdepth 1 -not -name output -exec rm -rf {} + 2>/dev/null || true
git ls-files -coz --exclude-standard | while IFS= read -r -d '' file; do
    if [ -e "$file" ] || [ -L "$file" ]; then printf '%s\0' "$file"; fi
done | xargs -0 cp --no-dereference --parents -t "$copy"
git -C "$copy" init -q 2>/dev/null
printf '/tests/output/\n' >"$copy/.git/info/exclude"
echo "$copy"
