#!/bin/sh
# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# A deploy job, with the credentials of a secret in OpenBao or HashiCorp Vault (set VAULT_CLIENT=vault for its client):
# deploy.sh SECRET REPOSITORY has the account deploy what is in its repository.
set -eu
. "$(dirname "$0")/call.sh"

get() { "${VAULT_CLIENT:-bao}" kv get -mount=secret -field="$1" "$secret_path"; }

secret_path=$1
username=$(get username) token=$(get token) host=$(get host) port=$(get port)
answer=$(call "$username" "$token" "https://$host:$port/execute/VersionControlDeployment/create" "repository_root=$2")
answer=$(printf '%s' "$answer" | expect '"status":1')
echo "queued the deployment $(printf '%s' "$answer" | grep -o '"deploy_id":[0-9]*' | cut -d : -f 2) of $2"
