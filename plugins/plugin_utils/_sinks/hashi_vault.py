# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind C(hashi_vault): a key of a secret in HashiCorp Vault. The role fills it, with the modules of its collection."""

from __future__ import annotations

from collections.abc import Mapping

from ansible.plugins.loader import module_loader

from .controller import Controller, SinkOnController

_WRITER = "community.hashi_vault.vault_kv2_write"


class HashiVaultSink:
    """See ``SinkOnController``."""

    def missing(self, options: Mapping, controller: Controller) -> str:
        """The collection, if it is not installed."""
        if module_loader.find_plugin(_WRITER):
            return ""
        return (
            "needs the collection community.hashi_vault on the controller. "
            "Install it: ansible-galaxy collection install community.hashi_vault"
        )


SINK: SinkOnController = HashiVaultSink()
