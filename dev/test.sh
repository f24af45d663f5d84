#!/usr/bin/env bash
# Everything, in the order of how soon a fault shows. CI runs exactly this.
set -euo pipefail
begin=$SECONDS
step() {
    local start=$SECONDS
    printf '\n== %s\n' "$1"
    shift
    "$@"
    printf -- '-- %d s\n' "$((SECONDS - start))"
}
tests() { PYTHONPATH="$PWD/.cache/tree:$PWD" pytest -q -n 2 tests; }
scenarios() { (cd extensions && molecule test --all); }

step "unit, server and playbook tests" tests
step "linters" dev/lint.sh
step "molecule" scenarios
step "ansible-test sanity" dev/sanity.sh
printf '\nall green in %d s\n' "$((SECONDS - begin))"
