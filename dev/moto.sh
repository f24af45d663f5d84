#!/usr/bin/env bash
# moto's server for the tests, in .cache/moto. Where the package index does not have it, its tests are skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=.cache/moto
wanted=$(cksum <dev/requirements-moto.txt)
if [ "$(cat "$folder/.installed" 2>/dev/null)" = "$wanted" ] && "$folder/bin/python" -c '' 2>/dev/null; then
    exit
fi
echo "Installing dev/requirements-moto.txt into $folder ..."
rm -rf "$folder"
# Where the index is, and how to get there; nothing else of the environment.
kept=()
for name in $(compgen -e | grep -E '^(PATH|PIP_.*|SSL_CERT_.*|(https?|HTTPS?|no|NO)_(proxy|PROXY))$'); do kept+=("$name=${!name}"); done
if .cache/venv/bin/python -m venv "$folder" && env -i HOME="$PWD/$folder" "${kept[@]}" "$folder/bin/python" -m pip install -q \
    --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes -r dev/requirements-moto.txt >.cache/pip-moto.log 2>&1; then
    echo "$wanted" >"$folder/.installed"
else
    echo "It could not be installed, so the tests that need it are skipped: $(tail -n 1 .cache/pip-moto.log)" >&2
    rm -rf "$folder"
fi
