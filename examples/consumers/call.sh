# shellcheck shell=sh
# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# For the scripts in this folder, which read it: one call of the API with a token.

# call USER SECRET URL [NAME=VALUE ...]: prints the answer; fails if the server refuses the token. The secret is no argument of curl.
call() {
    user=$1 secret=$2 url=$3
    shift 3
    for parameter in "$@"; do
        set -- "$@" --data-urlencode "$parameter"
        shift
    done
    printf 'header = "Authorization: cpanel %s:%s"\n' "$user" "$secret" |
        curl --silent --show-error --fail --max-time 60 --config - --get "$@" "$url"
}

# expect TEXT: reads an answer, and fails with it if TEXT is not in it.
expect() {
    answer=$(cat)
    case $answer in
        *"$1"*) printf '%s\n' "$answer" ;;
        *) printf 'The server answered: %s\n' "$answer" >&2 && return 1 ;;
    esac
}
