#!/usr/bin/env bash
# Clients of others for the tests, in .cache/clients: wheels and npm packages, each with its hash, whose scripts are not run.
# Where an index cannot be reached, its tests are skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=.cache/clients
mkdir -p "$folder/home"
# Where the indexes are, and how to get there; nothing else of the environment.
clean() {
    local kept=()
    for name in $(compgen -e | grep -E '^(PATH|PIP_.*|NPM_CONFIG_.*|npm_config_.*|NODE_EXTRA_CA_CERTS|SSL_CERT_.*|(https?|HTTPS?|no|NO)_(proxy|PROXY))$'); do
        kept+=("$name=${!name}")
    done
    env -i HOME="$PWD/$folder/home" "${kept[@]}" "$@"
}
install_wheels() {
    clean "$folder/python/bin/python" -m pip install -q --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes \
        "$@" >"$folder/pip.log" 2>&1
}
is_installed() { [ "$(cat "$folder/$1/.installed" 2>/dev/null)" = "$2" ]; }

wanted=$(cat dev/requirements-clients.txt dev/requirements-clients-apart.txt | cksum)
if ! is_installed python "$wanted"; then
    echo "Installing dev/requirements-clients.txt into $folder/python ..."
    rm -rf "$folder/python"
    if .cache/venv/bin/python -m venv "$folder/python" && install_wheels -r dev/requirements-clients.txt &&
        install_wheels -r dev/requirements-clients-apart.txt --target "$folder/python/apart"; then
        echo "$wanted" >"$folder/python/.installed"
    else
        echo "They could not be installed, so the tests that need them are skipped: $(tail -n 1 "$folder/pip.log")" >&2
    fi
fi

wanted=$(cksum <dev/clients-npm/package-lock.json)
if ! is_installed npm "$wanted"; then
    echo "Installing dev/clients-npm into $folder/npm ..."
    rm -rf "$folder/npm"
    mkdir -p "$folder/npm"
    cp dev/clients-npm/package.json dev/clients-npm/package-lock.json "$folder/npm/"
    if (cd "$folder/npm" && clean npm ci --ignore-scripts --no-audit --no-fund) >"$folder/npm.log" 2>&1; then
        echo "$wanted" >"$folder/npm/.installed"
    else
        echo "They could not be installed, so the tests that need them are skipped: $(tail -n 1 "$folder/npm.log")" >&2
    fi
fi
