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
# Playbook tests wait for a fifth of their time, for a server or for a pause of the product: a third worker uses that of two cores.
WORKERS=3
tests() { PYTHONPATH="$PWD/.cache/tree:$PWD" pytest -q -n "$WORKERS" --dist worksteal --durations=30 tests; }
# On the controller the tasks run in Ansible's own process; on any other host they are modules.
as_modules() {
    PYTHONPATH="$PWD/.cache/tree:$PWD" PANELOPS_WAY=module pytest -q -n "$WORKERS" --dist worksteal \
        tests/integration/test_{whm_api_token,cpanel_api_token,bulk,bad_input,lost_answers}.py
}
scenarios() { molecule test --all; }
# One of the scenarios as a target of ansible-test; `make integration` runs all.
target() { dev/integration.sh scenario_default >.cache/integration.log 2>&1 || { tail -n 50 .cache/integration.log && false; }; }

# Most linters and all of ansible-test use one core, and molecule waits a good deal: two lanes beside each other take half the time.
# What shares a folder stands in one lane: both parts of ansible-test work on the same copy of the collection.
lane_of_ansible_test() {
    step "ansible-test sanity" dev/sanity.sh
    step "ansible-test integration" target
}
lane_of_molecule() {
    step "linters" dev/lint.sh
    step "molecule" scenarios
}
# Each lane is a process group of its own, so that it ends with this script, whatever it has started itself.
end_lanes() {
    for lane in $(jobs -p); do kill -- "-$lane" 2>/dev/null || true; done
}
lanes() {
    local failed=0
    trap end_lanes EXIT
    trap 'exit 130' INT TERM
    set -m
    (lane_of_molecule) </dev/null >.cache/lane-molecule.log 2>&1 &
    local molecule=$!
    (lane_of_ansible_test) </dev/null >.cache/lane-ansible-test.log 2>&1 &
    local ansible_test=$!
    set +m
    wait "$molecule" || failed=$?
    cat .cache/lane-molecule.log
    wait "$ansible_test" || failed=$?
    cat .cache/lane-ansible-test.log
    trap - EXIT INT TERM
    return "$failed"
}

step "unit, server and playbook tests" tests
step "playbook tests again, as modules" as_modules
step "linters and molecule, beside ansible-test" lanes
printf '\nall green in %d s\n' "$((SECONDS - begin))"
