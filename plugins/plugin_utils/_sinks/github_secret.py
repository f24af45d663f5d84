# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind C(github_secret): a secret of GitHub Actions, of a repository, an environment, or an organization."""

from __future__ import annotations

from .module_sink import ModuleSink
from .store import BlindStore

SINK: BlindStore = ModuleSink(
    module="community.general.github_secrets",
    into="value",
    options={name: name for name in ("organization", "repository", "environment", "key")},
    connection={"url": "api_url", "token": "token"},
    fixed={"state": "present"},
    libraries={"nacl": "pynacl"},
)
