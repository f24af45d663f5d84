#!/usr/bin/env bash
# Hits rotations at every point there is; what was done is kept, so it can be stopped and started again. Writes docs/reliability.md.
set -euo pipefail
export PYTHONPATH="$PWD/.cache/tree:$PWD"
ROTATION_EXAMPLES=${ROTATION_EXAMPLES:-5000} pytest -q tests/unit/rotation/test_model.py
python -m tests.reliability.exhaustive "$@"
