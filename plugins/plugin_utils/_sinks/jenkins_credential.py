# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind C(jenkins_credential): a secret text of Jenkins. The module deletes one that exists, and creates it again."""

from __future__ import annotations

from .module_sink import ModuleSink
from .store import BlindStore

SINK: BlindStore = ModuleSink(
    module="community.general.jenkins_credential",
    into="secret",
    options={"key": "id"},
    connection={"url": "url", "username": "jenkins_user", "token": "token"},
    fixed={"type": "text", "state": "present", "force": True},
    libraries={"urllib3": "urllib3"},
)
