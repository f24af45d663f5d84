# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind C(github_secret): a secret of GitHub Actions, of a repository, an environment, or an organization."""

from __future__ import annotations

from collections.abc import Mapping

from .controller import Controller
from .module_sink import ModuleSink
from .store import BlindStore


class GithubSecretSink(ModuleSink):
    """See ``BlindStore``."""

    def missing(self, options: Mapping, controller: Controller) -> str:
        """The module, a library, or who may read the secret of an organization: the module itself asks for that when it runs."""
        missing = super().missing(options, controller)
        if missing or options.get("repository") or "visibility" in (options.get("args") or {}):
            return missing
        return "needs a repository, or for a secret of the organization args with visibility: all, private or selected."


SINK: BlindStore = GithubSecretSink(
    module="community.general.github_secrets",
    into="value",
    options={name: name for name in ("organization", "repository", "environment", "key")},
    connection={"url": "api_url", "token": "token"},
    fixed={"state": "present"},
    libraries={"nacl": "pynacl"},
)
