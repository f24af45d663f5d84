#!/usr/bin/env bash
# Runs the benchmarks named, or all; what they measure goes into docs/benchmarks.md.
set -euo pipefail
PYTHONPATH="$PWD/.cache/tree:$PWD" python -m benchmarks "$@"
