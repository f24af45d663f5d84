#!/usr/bin/env bash
# Every supported ansible-core and Python; the results go into docs/compatibility.md.
set -euo pipefail
PYTHONPATH="$PWD/.cache/tree:$PWD" python -m tests.matrix
