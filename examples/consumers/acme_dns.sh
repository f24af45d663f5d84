#!/bin/sh
# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes the calls that the hook dns_cpanel of acme.sh makes, with the file in which acme.sh keeps its settings:
# acme_dns.sh ACCOUNT_CONF NAME adds the record of a DNS-01 challenge for NAME, and removes it.
set -eu
. "$(dirname "$0")/call.sh"
. "$1"
: "${SAVED_cPanel_Username:?}" "${SAVED_cPanel_Apitoken:?}" "${SAVED_cPanel_Hostname:?}"
record=_acme-challenge.$2

api2() {
    function=$1
    shift
    call "$SAVED_cPanel_Username" "$SAVED_cPanel_Apitoken" "$SAVED_cPanel_Hostname/json-api/cpanel" \
        cpanel_jsonapi_apiversion=2 "cpanel_jsonapi_module=${function%%::*}" "cpanel_jsonapi_func=${function##*::}" "$@"
}

answer=$(api2 CustInfo::displaycontactinfo)
answer=$(api2 ZoneEdit::fetchzones)
zone=$(printf '%s' "$answer" | grep -o '"[a-z0-9.-]*\.[a-z]*":' | tr -d '":' | while read -r known; do
    case .$record in *".$known") printf '%s' "$known" ;; esac
done)
[ -n "$zone" ] || { printf 'No zone for %s in: %s\n' "$record" "$answer" >&2 && exit 1; }
answer=$(api2 ZoneEdit::add_zone_record "domain=$zone" "name=${record%".$zone"}" type=TXT txtdata=trial ttl=60)
printf '%s' "$answer" | expect newserial >/dev/null
answer=$(api2 ZoneEdit::fetchzone_records "domain=$zone")
line=$(printf '%s' "$answer" | grep -o '"Line":[0-9]*,[^}]*"name":"'"$record"'\."' | head -n 1 | grep -o '[0-9]*' | head -n 1)
answer=$(api2 ZoneEdit::remove_zone_record "domain=$zone" "line=$line")
printf '%s' "$answer" | expect newserial >/dev/null
echo "added and removed $record in the zone $zone"
