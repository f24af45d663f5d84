#!/usr/bin/env bash
# Hits rotations at every point there is; what was done is kept, so it can be stopped and started again. Writes docs/reliability.md.
# Then the tests against hostile servers, at length.
set -euo pipefail
export PYTHONPATH="$PWD/.cache/tree:$PWD"
ROTATION_EXAMPLES=${ROTATION_EXAMPLES:-5000} pytest -q tests/unit/rotation/test_model.py
python -m tests.reliability.exhaustive "$@"
# Another seed each time: whoever meets a fault finds the seed in its message.
HOSTILE_SEED=${HOSTILE_SEED:-$RANDOM} HOSTILE_ROUNDS=${HOSTILE_ROUNDS:-20} pytest -q -n 2 tests/hostile
