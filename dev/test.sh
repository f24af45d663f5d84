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
# On the controller the tasks run in Ansible's own process; on any other host they are modules.
as_modules() {
    PYTHONPATH="$PWD/.cache/tree:$PWD" PANELOPS_WAY=module pytest -q -n 2 \
        tests/integration/test_{whm_api_token,cpanel_api_token,bulk,bad_input,lost_answers}.py
}
scenarios() { molecule test --all; }
# One of the scenarios as a target of ansible-test; `make integration` runs all.
target() { dev/integration.sh scenario_default >.cache/integration.log 2>&1 || { tail -n 50 .cache/integration.log && false; }; }

step "unit, server and playbook tests" tests
step "playbook tests again, as modules" as_modules
step "linters" dev/lint.sh
step "molecule" scenarios
step "ansible-test sanity" dev/sanity.sh
step "ansible-test integration" target
printf '\nall green in %d s\n' "$((SECONDS - begin))"
