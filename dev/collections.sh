#!/usr/bin/env bash
# Collections of others for the tests, in .cache/collections. Where the package index does not have them, their tests are skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
wanted=$(cat dev/collections.sh dev/requirements-collections*.txt | cksum)
stamp=.cache/collections/.installed
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    exit
fi
folder=$(mktemp -d .cache/collections.XXXXXX)
trap 'rm -rf "$folder"' EXIT
echo "Getting the collections of dev/requirements-collections*.txt ..."
# Where the index is, and how to get there; nothing else of the environment.
kept=()
for name in $(compgen -e | grep -E '^(PATH|PIP_.*|SSL_CERT_.*|(https?|HTTPS?|no|NO)_(proxy|PROXY))$'); do kept+=("$name=${!name}"); done
for required in dev/requirements-collections*.txt; do
    # The wheels say which Python runs their ansible-core. Only files are taken from them, which run with older ones too.
    if ! env -i HOME="$folder" "${kept[@]}" \
        .cache/venv/bin/python -m pip download -q --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes \
        --python-version 3.12 -r "$required" -d "$folder" >.cache/pip-collections.log 2>&1; then
        echo "They could not be downloaded, so the tests that need them are skipped: $(tail -n 1 .cache/pip-collections.log)" >&2
        exit
    fi
done
rm -rf .cache/collections
.cache/venv/bin/python - "$folder" <<'PYTHON'
import sys
import zipfile
from pathlib import Path

# awx.awx is in the older one only, and only the newer one's community.general has github_secrets.
wanted = {"12": ("ansible/posix", "awx/awx", "community/hashi_vault"), "14": ("community/general",)}
for release, names in wanted.items():
    (wheel,) = Path(sys.argv[1]).glob(f"ansible-{release}.*.whl")
    folders = tuple(f"ansible_collections/{name}/" for name in names)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(".cache/collections", [name for name in archive.namelist() if name.startswith(folders)])
PYTHON
echo "$wanted" >"$stamp"
