# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The argument specifications that several modules share."""

from __future__ import annotations

CONNECTION = dict(
    host=dict(type="str"),
    port=dict(type="int"),
    username=dict(type="str"),
    api_token=dict(type="str", no_log=True),
    password=dict(type="str", no_log=True),
    validate_certs=dict(type="bool"),
    ca_path=dict(type="path"),
    timeout=dict(type="int", default=30),
)
"""The connection options of DESIGN section 3. What is not given comes from the environment: see ``_connection``."""

EXPIRY = dict(
    expires_at=dict(type="str"),
    expires_in=dict(type="str"),
    renew_before=dict(type="str"),
    timezone=dict(type="str", default="UTC"),
)
