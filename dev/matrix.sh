#!/usr/bin/env bash
# Every supported ansible-core and Python, whose results go into docs/compatibility.md; and every dialect of the reference server.
set -euo pipefail
export PYTHONPATH="$PWD/.cache/tree:$PWD"
status=0
python -m tests.matrix || status=1
python -m tests.matrix.dialects || status=1
exit "$status"
