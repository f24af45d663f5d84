# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the modules for cPanel accounts: how the server is reached, and whose tokens."""

from __future__ import annotations


class ModuleDocFragment:
    """Connection options for cPanel, directly or through WHM."""

    DOCUMENTATION = r"""
options:
  cpanel_port:
    description:
      - Where accounts are reached through WHM, the TLS port of cPanel on the same server, at which a stored secret is tried.
      - If it is not given, the environment variable E(CPANEL_PORT) is used, and then V(2083).
    type: str
  host:
    description:
      - Name or address of the server, without C(https://), path or port.
      - If it is not given, the environment variable E(CPANEL_HOST) (through WHM, E(WHM_HOST)) is used. One of the two is needed.
    type: str
  port:
    description:
      - The TLS port of the service.
      - If it is not given, the environment variable E(CPANEL_PORT) (through WHM, E(WHM_PORT)) is used, and then V(2083) (V(2087)).
    type: str
  username:
    description:
      - Who asks, the account itself (through WHM, V(root) or a reseller).
      - If it is not given, the environment variable E(CPANEL_USERNAME) (through WHM, E(WHM_USERNAME), and then V(root)) is used.
    type: str
  api_token:
    description:
      - The secret of an API token of O(username).
      - Give this or O(password). What the task gives goes before what the environment holds.
      - If it is not given, the environment variable E(CPANEL_API_TOKEN) (through WHM, E(WHM_API_TOKEN)) is used.
    type: str
  password:
    description:
      - The password of O(username), where no token exists yet.
      - If it is not given, the environment variable E(CPANEL_PASSWORD) (through WHM, E(WHM_PASSWORD)) is used.
    type: str
  validate_certs:
    description:
      - V(true) or V(false), whether the server's TLS certificate must be trusted and hold the name O(host).
      - If it is not given, the environment variable E(CPANEL_VALIDATE_CERTS) (through WHM, E(WHM_VALIDATE_CERTS)) is used, and then V(true).
    type: str
  ca_path:
    description:
      - A PEM file with the certificate authorities to trust instead of those of the system, on the host that runs the module.
      - If it is not given, the environment variable E(CPANEL_CA_PATH) (through WHM, E(WHM_CA_PATH)) is used.
    type: path
  timeout:
    description:
      - How many seconds the connection may take, and then each answer, from the first byte that is sent to the last that comes.
    type: str
    default: "30"
  transport:
    description:
      - V(https) calls the server over its API, with the other options of the connection.
      - V(cli) runs the command C(uapi) of cPanel & WHM on the managed host itself, which needs root there (C(become)) but no credential.
        Then the account must be named, and of the connection only O(timeout) counts.
    type: str
    choices: [https, cli]
    default: https
notes:
  - Of the options of the connection, white space around a value is ignored (of a password, only a final line end), C(~) is expanded in
    O(ca_path), and an empty value counts as one that is not given. The same holds for the environment variables. Messages name the
    variable that a value came from.
requirements:
  - requests (on the host that runs the module, for O(transport=https))
"""

    ACCOUNT = r"""
options:
  account:
    description:
      - The cPanel account whose tokens to manage, asked for through WHM by V(root) or by the reseller that owns it.
      - The connection is then one to WHM, the environment variables are those that begin with E(WHM_), and its token needs the privilege V(cpanel-api).
      - If it is not given, the account manages its own tokens. The connection is then one to cPanel, the environment variables are those
        that begin with E(CPANEL_).
    type: str
"""
