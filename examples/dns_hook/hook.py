#!/usr/bin/env python
# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A consumer of a cPanel API token: publishes the TXT record of an ACME DNS-01 challenge, as the hooks of ACME clients do.

Usage: ``hook.py DOMAIN VALUE``. The environment says where: ``CPANEL_HOST``, ``CPANEL_PORT`` (2083), ``CPANEL_USERNAME``,
``CPANEL_CA_PATH`` (the system's authorities) and ``CPANEL_TOKEN_FILE``, the file that holds the secret and nothing else.
The exit status is 0 if the record was added, and 1 with a sentence if not.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import ssl
import sys
from pathlib import Path
from urllib.parse import urlencode

TIMEOUT = 30


class Failed(Exception):
    """The record was not added; the text is a sentence."""


def uapi(module: str, function: str, **parameters: str) -> object:
    """Call a UAPI function and return its ``data``. Raises ``Failed``."""
    secret = Path(os.environ["CPANEL_TOKEN_FILE"]).read_text(encoding="ascii").strip()
    headers = {
        "Authorization": f"cpanel {os.environ['CPANEL_USERNAME']}:{secret}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    connection = http.client.HTTPSConnection(
        os.environ["CPANEL_HOST"],
        int(os.environ.get("CPANEL_PORT", "2083")),
        timeout=TIMEOUT,
        context=ssl.create_default_context(cafile=os.environ.get("CPANEL_CA_PATH")),
    )
    try:
        connection.request("POST", f"/execute/{module}/{function}", urlencode(parameters), headers)
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    try:
        outcome = json.loads(body)
        status = outcome["status"]
    except (ValueError, KeyError, TypeError):
        # Servers answer 401 or 403, or with their login page and 200, or redirect to it: none of that is an answer of UAPI.
        raise Failed(f"The server did not accept the token for {module}::{function} (HTTP {answer.status}).") from None
    if answer.status != http.client.OK or status != 1:
        raise Failed(f"{module}::{function} failed: {'; '.join(outcome.get('errors') or ['no reason given'])}")
    return outcome["data"]


def zone_of(domain: str) -> str:
    """Return the zone of the account that holds a domain."""
    known = uapi("DomainInfo", "domains_data", format="list")
    zones = [entry["domain"] for entry in known if f".{domain}".endswith(f".{entry['domain']}")]
    if not zones:
        raise Failed(f"The account has no zone for {domain}.")
    return max(zones, key=len)


def serial_of(zone: str) -> str:
    """Return the serial number of a zone, which an edit must name."""
    for record in uapi("DNS", "parse_zone", zone=zone):
        if record.get("record_type") == "SOA":
            return base64.b64decode(record["data_b64"][2]).decode("ascii")
    raise Failed(f"The zone {zone} has no SOA record.")


def main() -> int:
    """Return the exit status."""
    domain, value = sys.argv[1:]
    try:
        zone = zone_of(domain)
        record = {"dname": f"_acme-challenge.{domain}.", "ttl": 60, "record_type": "TXT", "data": [value]}
        uapi("DNS", "mass_edit_zone", zone=zone, serial=serial_of(zone), add=json.dumps(record))
    except (Failed, OSError) as error:
        print(f"hook.py: {error}", file=sys.stderr)
        return 1
    print(f"added _acme-challenge.{domain} to the zone {zone}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
