#!/usr/bin/env bash
# ansible-test integration on a copy of the collection, in a virtual environment of its own.
set -euo pipefail
copy=$(dev/copy.sh)
python dev/offline_pip.py
cd "$copy"
version=$(python -c 'import sys; print("%d.%d" % sys.version_info[:2])')
ansible-test integration --venv --python "$version" --color no --requirements "$@"
