# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin of M(panelops.cpanel.api_token_delivery): makes what goes into the files, and sends it by standard input.

What an Ansible Vault is encrypted with, and the templates, are on the controller. There nothing secret touches a disk.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from ansible.errors import AnsibleError
from ansible.parsing.vault import match_encrypt_secret
from ansible.plugins.action import ActionBase
from ansible_collections.panelops.cpanel.plugins.module_utils._argspec import API_TOKEN_DELIVERY, PLACE
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.content import content_of
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption, PanelopsError
from ansible_collections.panelops.cpanel.plugins.plugin_utils._text import rendered

_PLACEHOLDER = "X" * 32
_NO_PIPELINING = (
    "Without pipelining secrets would be left in files on the way. Set ansible_pipelining: true, choose a become method that allows it, "
    "and do not keep remote files."
)


class ActionModule(ActionBase):
    """See the module."""

    ARGUMENT_SPEC = API_TOKEN_DELIVERY
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict | None = None) -> dict:
        """The task's result."""
        super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        step, sinks, refused = arguments.get("step"), [], []
        for sink in arguments.get("sinks") or []:
            try:
                sinks.append(self._prepared(step, sink, task_vars or {}))
            except (PanelopsError, AnsibleError) as error:
                refused.append(_entry(sink, step, str(error)))
        if not self._is_pipelining_enabled("new"):
            # Also for the check, which carries no secret: so it is found before one is created.
            refused += [_entry(sink, step, _NO_PIPELINING) for sink in sinks]
            sinks = []
        if refused and not sinks:
            return dict(changed=False, sinks=refused, copies=[])
        result = self._execute_module(module_args=dict(arguments, sinks=sinks), task_vars=task_vars)
        if "sinks" in result:
            copies = {_identity(copy): copy["previous"] for copy in result["copies"]}
            result["sinks"] = [self._checked(step, entry, sinks, copies) for entry in result["sinks"]] + refused
        return result

    def _prepared(self, step: str, sink: Mapping, task_vars: Mapping) -> dict:
        """A sink with the content to write; at the check made of a placeholder, so that what cannot be made is found then."""
        sink = dict(sink)
        secret = sink.get("token") or _PLACEHOLDER
        if step == "restore" or sink["type"] == "verify":
            return sink
        if sink["type"] == "vault":
            content = self._encrypted(sink, secret)
        elif sink.get("format") == "template":
            content = self._from_template(sink, secret, task_vars)
        else:
            content = content_of(sink.get("format") or "raw", sink.get("key"), secret)
        if step == "deliver":
            sink["content"] = base64.b64encode(content).decode("ascii")
        return sink

    def _encrypted(self, sink: Mapping, secret: str) -> bytes:
        vault = self._loader._vault
        if not vault.secrets:
            raise InvalidOption(
                "type", "vault needs a vault password.", "Give the run one, with --vault-password-file or --vault-id."
            )
        vault_id, vault_secret = match_encrypt_secret(vault.secrets, encrypt_vault_id=sink.get("vault_id"))
        text = f"---\n{json.dumps(sink['key'])}: {json.dumps(secret)}\n"
        return vault.encrypt(text, vault_secret, vault_id=vault_id if sink.get("vault_id") else None)

    def _from_template(self, sink: Mapping, secret: str, task_vars: Mapping) -> bytes:
        path = self._find_needle("templates", sink["template"])
        names = dict(token=secret, name=sink["name"], account=sink.get("account"))
        return rendered(self._loader, self._templar, path, {**task_vars, **names}).encode("utf-8")

    def _checked(self, step: str, entry: Mapping, sinks: list, copies: Mapping) -> dict:
        """Look into an encrypted file that is there: it must be one of ours."""
        (sink,) = [one for one in sinks if _identity(one) == _identity(entry)]
        previous = copies.get(_identity(entry))
        if step != "check" or sink["type"] != "vault" or not entry["ok"] or previous is None:
            return dict(entry)
        try:
            _refuse_foreign_vault(self._loader, sink, base64.b64decode(previous))
        except (PanelopsError, AnsibleError) as error:
            return _entry(entry, step, str(error))
        return dict(entry)


def _refuse_foreign_vault(loader, sink: Mapping, previous: bytes) -> None:
    if not previous.startswith(b"$ANSIBLE_VAULT;"):
        raise InvalidOption("path", f"{sink['path']} is there and not encrypted.", "Encrypt it, or give another path.")
    variables = loader.load(loader._vault.decrypt(previous).decode("utf-8"), file_name=sink["path"], show_content=False)
    if not isinstance(variables, Mapping) or list(variables) != [sink["key"]]:
        raise InvalidOption(
            "path",
            f"{sink['path']} holds other things than {sink['key']}, which would be lost.",
            "Give the token a file of its own.",
        )


def _identity(entry: Mapping) -> tuple:
    return tuple(entry.get(key) for key in PLACE)


def _entry(sink: Mapping, step: str, message: str) -> dict:
    named = {key: sink.get(key) for key in PLACE}
    return dict(named, ok=False, unchanged=step != "restore", taken_over=False, msg=message)
