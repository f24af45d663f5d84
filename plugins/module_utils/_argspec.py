# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The argument specifications that several modules share."""

from __future__ import annotations

from ansible.module_utils.basic import env_fallback


def connection_argument_spec(prefix: str, port: int) -> dict:
    """The connection options of DESIGN section 3, with their environment fallbacks.

    :param prefix: ``WHM`` or ``CPANEL``.
    :param port: the service's TLS port (CONTRACT section 1).
    """

    def option(name: str, **spec: object) -> dict:
        return dict(spec, fallback=(env_fallback, [f"{prefix}_{name.upper()}"]))

    return dict(
        host=option("host", type="str", required=True),
        port=option("port", type="int", default=port),
        username=option("username", type="str", default="root"),
        api_token=option("api_token", type="str", no_log=True),
        password=option("password", type="str", no_log=True),
        validate_certs=option("validate_certs", type="bool", default=True),
        ca_path=option("ca_path", type="path"),
        timeout=dict(type="int", default=30),
    )


WHM_CONNECTION = connection_argument_spec("WHM", 2087)
