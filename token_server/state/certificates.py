# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's certificate, signed by a CA that is created on first start."""

from __future__ import annotations

import json
import re
import socket

from token_server.refusals import ServerError
from token_server.state.files import read_text, write_private
from token_server.state.folder import StateFolder

_HOSTNAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")


def ensure(state: StateFolder, host: str, extra_names: list[str]) -> None:
    """Make sure that the state folder holds a CA and a certificate for all names of the server.

    ``server.pem`` has the private key, the certificate and its chain. The CA is created once; the certificate again when
    a name is new. Raises ``ServerError`` for a name that cannot stand in a certificate.
    """
    names = {"localhost", "127.0.0.1", "::1", host, *extra_names}
    hostname = socket.gethostname()
    if _HOSTNAME.fullmatch(hostname):
        names.add(hostname)
    covered = read_text(state.certificate_names)
    complete = state.certificate.exists() and state.ca.exists() and state.ca_key.exists()
    if complete and covered is not None and names <= set(json.loads(covered)):
        return
    # Imported here because it takes a tenth of a second, which every later start saves.
    import trustme

    certificate, key = read_text(state.ca), read_text(state.ca_key)
    if certificate is not None and key is not None:
        authority = trustme.CA.from_pem(certificate.encode(), key.encode())
        names |= set(json.loads(covered or "[]"))
    else:
        authority = trustme.CA(organization_name="Reference token server")
    try:
        leaf = authority.issue_cert(*sorted(names))
    except ValueError as error:
        raise ServerError(f"No certificate can be made for these names: {error}.") from error
    write_private(state.ca_key, authority.private_key_pem.bytes().decode())
    write_private(state.ca, authority.cert_pem.bytes().decode())
    write_private(state.certificate, leaf.private_key_and_cert_chain_pem.bytes().decode())
    write_private(state.certificate_names, json.dumps(sorted(names)))
