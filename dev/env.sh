#!/usr/bin/env bash
# Runs a command in the project's own environment: env.sh COMMAND ARGUMENT...
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
root=$PWD
# Nothing of the caller's own Ansible or server settings may decide what a test finds.
for name in $(compgen -e | grep -E '^(ANSIBLE|WHM|CPANEL|MOLECULE|PYTEST)_'); do unset "$name"; done
unset PYTHONPATH PYTHONHOME REQUESTS_CA_BUNDLE CURL_CA_BUNDLE
export PATH="$root/.cache/venv/bin:$PATH"
export LC_ALL=C.UTF-8
# What the set-up has downloaded need not be downloaded again by tests that install it.
export PIP_CACHE_DIR="${PIP_CACHE_DIR:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/pip}"
export HOME="$root/.cache/home"
export ANSIBLE_HOME="$HOME/.ansible"
export ANSIBLE_REMOTE_TMP="$HOME/rtmp"
export ANSIBLE_COLLECTIONS_PATH="$root/.cache/tree"
export ANSIBLE_CONFIG="$root/dev/ansible.cfg" ANSIBLE_INVENTORY=/dev/null
export ANSIBLE_INVENTORY_UNPARSED_WARNING=False
export HYPOTHESIS_STORAGE_DIRECTORY="$root/.cache/hypothesis"
export RUFF_CACHE_DIR="$root/.cache/ruff"
exec "$@"
