#!/usr/bin/env bash
# All linters, each named before it runs. The first fault ends with its exit status.
set -euo pipefail
lint() {
    printf -- '-- %s\n' "$*"
    "$@"
}
lint ruff check .
lint ruff format --check .
lint mypy --strict --python-version 3.11 token_server
lint mypy --package ansible_collections.panelops.cpanel.plugins
lint shellcheck dev/*.sh .ci/run
lint yamllint --strict .
lint ansible-lint --offline --profile production -q
lint antsibull-docs lint-collection-docs --plugin-docs --skip-rstcheck .
lint antsibull-changelog lint
lint codespell ./*.md docs changelogs/fragments roles playbooks plugins examples
echo "lint: clean"
