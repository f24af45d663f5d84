#!/usr/bin/env bash
# ansible-test sanity on a copy of the collection: every test, every Python, no ignore file.
set -euo pipefail
copy=$(dev/copy.sh)
python dev/offline_pip.py
log=.cache/sanity.log
# pyenv puts a stub for each version on the PATH, also for those that it then refuses to run: the interpreters go before them.
IFS=: read -ra folders <<<"$PATH"
for folder in "${folders[@]}"; do
    if [ "${folder##*/}" = shims ]; then
        for bin in "${folder%/*}"/versions/3.*/bin; do PATH="$PATH:$bin"; done
        PATH=":$PATH:"
        PATH="${PATH//:"$folder":/:}"
        PATH="${PATH#:}"
        PATH="${PATH%:}"
    fi
done
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
