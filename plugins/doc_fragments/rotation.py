# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection options of a rotation: to WHM, or to cPanel as an account."""

from __future__ import annotations


class ModuleDocFragment:
    """As those of the other modules, for a server that is reached over https."""

    DOCUMENTATION = r"""
options:
  cpanel_port:
    description:
      - Where accounts are reached through WHM, the TLS port of cPanel on the same server, at which new tokens are tried.
      - If it is not given, the environment variable E(CPANEL_PORT) is used, and then V(2083).
    type: str
  host:
    description:
      - Name or address of the server, without C(https://), path or port.
      - If it is not given, the environment variable E(WHM_HOST) (with O(service=cpanel), E(CPANEL_HOST)) is used. One of the two is needed.
    type: str
  port:
    description:
      - The TLS port of the service.
      - If it is not given, the environment variable E(WHM_PORT) (E(CPANEL_PORT)) is used, and then V(2087) (V(2083)).
    type: str
  username:
    description:
      - Who asks, V(root) or a reseller (with O(service=cpanel), the account itself).
      - If it is not given, the environment variable E(WHM_USERNAME), and then V(root), is used (E(CPANEL_USERNAME)).
    type: str
  api_token:
    description:
      - The secret of an API token of O(username). It may be that of a token that rotates.
      - Give this or O(password). What the task gives goes before what the environment holds.
      - If it is not given, the environment variable E(WHM_API_TOKEN) (E(CPANEL_API_TOKEN)) is used.
    type: str
  password:
    description:
      - The password of O(username), where no token exists yet.
      - If it is not given, the environment variable E(WHM_PASSWORD) (E(CPANEL_PASSWORD)) is used.
    type: str
  validate_certs:
    description:
      - V(true) or V(false), whether the server's TLS certificate must be trusted and hold the name O(host).
      - If it is not given, the environment variable E(WHM_VALIDATE_CERTS) (E(CPANEL_VALIDATE_CERTS)) is used, and then V(true).
    type: str
  ca_path:
    description:
      - A PEM file with the certificate authorities to trust instead of those of the system, on the host that runs the module.
      - If it is not given, the environment variable E(WHM_CA_PATH) (E(CPANEL_CA_PATH)) is used.
    type: path
  timeout:
    description:
      - How many seconds the connection may take, and then each answer, from the first byte that is sent to the last that comes.
    type: str
    default: "30"
notes:
  - Of the options of the connection, white space around a value is ignored (of a password, only a final line end), C(~) is expanded in
    O(ca_path), and an empty value counts as one that is not given. The same holds for the environment variables. Messages name the
    variable that a value came from.
requirements:
  - requests (on the host that runs the module)
"""
