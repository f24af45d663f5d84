# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Revoke the run's CI tokens before Ansible ends, and say so."""

from __future__ import annotations

DOCUMENTATION = r"""
name: ci_token
type: aggregate
short_description: Revokes this run's CI tokens before Ansible ends, and reports them
version_added: 1.0.0
author:
  - panelops contributors (@panelops)
description:
  - The tokens of P(panelops.cpanel.ci_token#lookup) are revoked when a run has ended, also without this. With it, that is done and
    waited for at the end of the run, after the last of its playbooks, and each token is reported with its name and expiry, never with its secret.
  - Enable it where nothing survives the end of Ansible, such as in a container whose first process is C(ansible-playbook) or a script
    that ends with it.
  - A run that created no token reports nothing.
requirements:
  - enabling in configuration, by C(callbacks_enabled = panelops.cpanel.ci_token) in the section C(defaults), or the environment variable
    E(ANSIBLE_CALLBACKS_ENABLED)
seealso:
  - plugin: panelops.cpanel.ci_token
    plugin_type: lookup
"""

import atexit
import os
from typing import Any

from ansible import constants
from ansible.plugins.callback import CallbackBase
from ansible.plugins.loader import lookup_loader
from ansible.utils.display import Display
from ansible_collections.panelops.cpanel.plugins.module_utils._model.expiry import to_iso
from ansible_collections.panelops.cpanel.plugins.plugin_utils._ci.channel import AgentFailed
from ansible_collections.panelops.cpanel.plugins.plugin_utils._ci.client import end_agent
from ansible_collections.panelops.cpanel.plugins.plugin_utils._ci.processes import this_process

_WAIT = 60
"""Seconds to wait for the revocation; after that the agent continues alone."""

# The process that loads this is the one that all workers are forked from: they need not load the lookup each for itself.
lookup_loader.get("panelops.cpanel.ci_token", class_only=True)


class CallbackModule(CallbackBase):
    """Does its work at the end of the run."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "panelops.cpanel.ci_token"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, display: Display | None = None, options: dict[str, Any] | None = None) -> None:
        super().__init__(display=display, options=options)
        # No event tells the end of a run: v2_playbook_on_stats comes after each of its playbooks, and those that follow still need
        # the tokens. What Ansible registered before this, such as the removal of its temporary folder, comes later.
        atexit.register(self._end, os.getpid())

    def _end(self, pid: int) -> None:
        """Revoke and report, in the process that loaded this: a worker that ends is not the end of the run."""
        if os.getpid() != pid:
            return
        try:
            tokens = end_agent(this_process(), _WAIT) or []
        except AgentFailed as error:
            self._display.warning(f"CI tokens: {error} They are revoked later, or expire.")
            return
        if tokens:
            self._display.banner("CI TOKENS")
        for token in tokens:
            what = f"{token['service']} {token['owner']}@{token['server']}: {token['name']}"
            if token["revoked"]:
                self._display.display(f"{what}: revoked", color=_color("COLOR_OK"))
            else:
                expiry = "never" if token["expires_at"] is None else to_iso(token["expires_at"])
                until = f"NOT revoked, expires {expiry}"
                self._display.display(f"{what}: {until}: {token['problem']}", color=_color("COLOR_ERROR"))


def _color(setting: str) -> str:
    return str(constants.config.get_config_value(setting))
