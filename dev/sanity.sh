#!/usr/bin/env bash
# ansible-test sanity on a copy of the collection: every test, every Python, no ignore file.
set -euo pipefail
copy=$(dev/copy.sh)
python dev/offline_pip.py
log=.cache/sanity.log
here=$PWD
cd "$copy"
set +e
ansible-test sanity --local --color no "$@" 2>&1 | tee "$here/$log" | grep -vE '^(Running sanity test|WARNING: Required program .* not found)'
status=${PIPESTATUS[0]}
set -e
cd "$here"
if [ "$status" -ne 0 ]; then
    echo "ansible-test sanity: failed (whole output in $log)" >&2
    exit 1
fi
if grep -qE 'All targets skipped|Required program .* not found|No tests found' "$log"; then
    grep -E 'All targets skipped|Required program .* not found|No tests found' "$log" | sort | uniq -c >&2
    echo "ansible-test sanity: something was not tested" >&2
    exit 1
fi
echo "ansible-test sanity: $(grep -c '^Running sanity test' "$log") tests, clean"
