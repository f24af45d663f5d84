#!/usr/bin/env bash
# reference.sh [FOLDER]: writes the reference of the plugins and roles, as it stands in docs/reference or into another folder.
set -euo pipefail
folder="${1:-docs/reference}"
mkdir -p "$folder"
find "$folder" -name '*.rst' -delete
antsibull-docs collection --use-current --squash-hierarchy --output-format simplified-rst --fail-on-error --dest-dir "$folder" panelops.cpanel \
    >/dev/null
