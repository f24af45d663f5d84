# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that every module which talks to WHM has."""

from __future__ import annotations


class ModuleDocFragment:
    """Connection options for WHM."""

    DOCUMENTATION = r"""
options:
  host:
    description:
      - Name or address of the WHM server, without C(https://), path or port.
      - If it is not given, the environment variable E(WHM_HOST) is used. One of the two is needed.
    type: str
  port:
    description:
      - The TLS port of WHM.
      - If it is not given, the environment variable E(WHM_PORT) is used, and then V(2087).
    type: str
  username:
    description:
      - Who asks, V(root) or a reseller. The tokens that a task manages are those of this user.
      - If it is not given, the environment variable E(WHM_USERNAME) is used, and then V(root).
    type: str
  api_token:
    description:
      - The secret of an API token of O(username) that holds the privilege V(manage-api-tokens).
      - Give this or O(password). What the task gives goes before what the environment holds.
      - If it is not given, the environment variable E(WHM_API_TOKEN) is used.
    type: str
  password:
    description:
      - The password of O(username), where no token exists yet.
      - If it is not given, the environment variable E(WHM_PASSWORD) is used.
    type: str
  validate_certs:
    description:
      - V(true) or V(false), whether the server's TLS certificate must be trusted and hold the name O(host).
      - If it is not given, the environment variable E(WHM_VALIDATE_CERTS) is used, and then V(true).
    type: str
  ca_path:
    description:
      - A PEM file with the certificate authorities to trust instead of those of the system, on the host that runs the module.
      - If it is not given, the environment variable E(WHM_CA_PATH) is used.
    type: path
  timeout:
    description:
      - How many seconds the connection may take, and then each answer, from the first byte that is sent to the last that comes.
    type: str
    default: "30"
  transport:
    description:
      - V(https) calls the server over its API, with the other options of the connection.
      - V(cli) runs the commands C(whmapi1) and C(uapi) of cPanel & WHM on the managed host itself, which needs root there (C(become)) but no
        credential. So the first token of a server can be made. Of the connection, only O(username) and O(timeout) then count.
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
