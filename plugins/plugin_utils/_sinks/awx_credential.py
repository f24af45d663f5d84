# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind C(awx_credential): a credential of AWX or Automation Controller. Its inputs are replaced as a whole."""

from __future__ import annotations

from .module_sink import ModuleSink
from .store import BlindStore

SINK: BlindStore = ModuleSink(
    module="awx.awx.credential",
    into="inputs.{name}",
    options={"credential": "name", "credential_type": "credential_type", "organization": "organization"},
    connection={
        "url": "controller_host",
        "username": "controller_username",
        "password": "controller_password",
        "token": "controller_oauthtoken",
        "validate_certs": "validate_certs",
    },
    fixed={"state": "present", "update_secrets": True},
)
