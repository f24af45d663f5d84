#!/usr/bin/env bash
# All linters. Each says what it looked at; the first fault ends with its exit status.
set -euo pipefail
ruff check .
ruff format --check . | tail -n 1
mypy --strict --python-version 3.11 token_server
shellcheck dev/*.sh .ci/run
yamllint --strict .
ansible-lint --offline --profile production -q
antsibull-docs lint-collection-docs --plugin-docs --skip-rstcheck .
antsibull-changelog lint
mypy --package ansible_collections.panelops.cpanel.plugins
codespell ./*.md docs changelogs/fragments roles playbooks plugins examples
echo "lint: clean"
