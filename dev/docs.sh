#!/usr/bin/env bash
# The documentation of the plugins as a web page, without anything from outside.
set -euo pipefail
rm -rf .cache/docs .cache/docs-src
mkdir -p .cache/docs-src
antsibull-docs sphinx-init --use-current --squash-hierarchy --dest-dir .cache/docs-src panelops.cpanel >/dev/null
cat >>.cache/docs-src/conf.py <<'CONF'
html_theme = "alabaster"
nitpicky = False
intersphinx_mapping = {}
suppress_warnings = ["ref.ref"]
CONF
mkdir -p .cache/docs-src/rst
antsibull-docs collection --use-current --squash-hierarchy --dest-dir .cache/docs-src/rst panelops.cpanel
sphinx-build -q -b html -c .cache/docs-src .cache/docs-src/rst .cache/docs
echo "docs: .cache/docs/index.html"
