#!/bin/sh
# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes the calls that lego's provider cpanel makes, with its environment variables CPANEL_USERNAME, CPANEL_TOKEN and CPANEL_BASE_URL:
# lego_dns.sh ZONE NAME adds the record of a DNS-01 challenge for NAME to ZONE.
set -eu
. "$(dirname "$0")/call.sh"
record=_acme-challenge.$2

uapi() {
    function=$1
    shift
    call "$CPANEL_USERNAME" "$CPANEL_TOKEN" "$CPANEL_BASE_URL/execute/$function" "$@" | expect '"status":1'
}

answer=$(uapi DNS/parse_zone "zone=$1")
# The third value of the zone's SOA record is its serial number.
serial=$(printf '%s' "$answer" | tr '{' '\n' | grep '"SOA"' | grep -o '"data_b64":\[[^]]*' | cut -d '"' -f 8 | base64 -d)
added='{"dname":"'$record.'","ttl":300,"record_type":"TXT","data":["trial"]}'
answer=$(uapi DNS/mass_edit_zone "serial=$serial" "add=$added" "zone=$1")
echo "added $record to the zone $1, whose serial number was $serial"
