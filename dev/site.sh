#!/usr/bin/env bash
# site.sh [FOLDER]: the documentation as a web site, in .cache/docs or another folder, without anything from outside: the guides of docs/,
# and the reference made from the plugins.
set -euo pipefail
folder="${1:-.cache/docs}"
site="$folder-source"
rm -rf "$folder" "$site"
mkdir -p "$site/pages/reference"
antsibull-docs sphinx-init --use-current --squash-hierarchy --dest-dir "$site" panelops.cpanel >/dev/null
cat >>"$site/conf.py" <<'CONF'
html_theme = "alabaster"
html_theme_options = {"description": "API tokens of cPanel & WHM as code", "page_width": "1100px"}
extensions.append("myst_parser")
myst_heading_anchors = 4
nitpicky = False
intersphinx_mapping = {}
# Links of the guides to files of the repository lead to the repository; that all of them exist is a test's work.
suppress_warnings = ["ref.ref", "myst.xref_missing", "misc.highlighting_failure", "ref.envvar"]
CONF
cp -r docs/*.md docs/images "$site/pages/"
antsibull-docs collection --use-current --squash-hierarchy --dest-dir "$site/pages/reference" panelops.cpanel >/dev/null
cat >"$site/pages/index.md" <<'INDEX'
# panelops.cpanel

API tokens of cPanel & WHM as code, for their whole life.

```{toctree}
:maxdepth: 1
:caption: Guides

quickstart
modules
rotation
sinks
consumers
ci
audit
awx
reference-server
security
troubleshooting
```

```{toctree}
:maxdepth: 2
:caption: Reference

reference/index
wire-contract
```

```{toctree}
:maxdepth: 1
:caption: What was measured

reliability
benchmarks
compatibility
conformance
```
INDEX
sphinx-build -q -W --keep-going -b html -c "$site" "$site/pages" "$folder"
echo "docs: $folder/index.html"
