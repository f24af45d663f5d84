# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin of M(panelops.cpanel.api_token_rotation)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ansible import constants
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.evidence import Place
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError
from ansible_collections.panelops.cpanel.plugins.module_utils._modules.api_token_rotation import ARGUMENT_SPEC
from ansible_collections.panelops.cpanel.plugins.module_utils._modules.api_token_rotation import run as core
from ansible_collections.panelops.cpanel.plugins.plugin_utils._in_process import InProcessAction
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks import handlers, ran, turns
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.accounts import for_each_account
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.claims import claim_identities, claim_places
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.connections import without_credentials
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.controller import (
    Controller,
    RunsOn,
    SinkOnTasks,
)
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.copying import put_in
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.fleeting import warnings_of
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.kinds import on_controller
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.quiet import without_debug

_BECOME = (
    "The controller needs no other user to speak with the server, but a variable makes this task become one. Set ansible_become for the "
    "consumers that need it in the inventory, and not for all hosts with -e. "
)

_LONGEST = 86400
"""Seconds that a step may take on one consumer at most."""

_KEPT = (
    "ANSIBLE_KEEP_REMOTE_FILES (keep_remote_files in ansible.cfg) would leave the credential and new secrets in files on the host that "
    "runs this step. Unset it for rotations."
)


class ActionModule(InProcessAction):
    """See the module. Besides, what the controller must have is checked before anything is done."""

    ARGUMENT_SPEC = ARGUMENT_SPEC
    core = staticmethod(core)

    def run(self, tmp: str | None = None, task_vars: dict | None = None) -> dict:
        """The task's result, or a sentence on what is missing."""
        controller = Controller(
            self._loader, self._templar, self._find_needle, task_vars or {}, self._task, self.environ()
        )
        step, evidence = self._task.args.get("step"), self._task.args.get("sinks")
        decides = step == "decide"
        tokens = self._task.args.get("tokens")
        tokens = [token for token in tokens if isinstance(token, Mapping)] if isinstance(tokens, list) else []
        if decides:
            refusal = turns.refusal(controller) or _limit_refused(controller) or _refusal(tokens, controller)
            if refusal:
                return dict(failed=True, msg=refusal)
        if tokens:
            self._task.args["tokens"] = [without_credentials(token) for token in self._task.args["tokens"]]
        self._count_what_ran(for_each_account(tokens, self._task.args.get("rotation")), controller)
        try:
            self._claim(controller)
        except PanelopsError as error:
            return dict(failed=True, msg=str(error))
        try:
            result = super().run(tmp, task_vars)
        except AnsibleError as error:
            if not self._connection.become:
                raise
            result = dict(failed=True, msg=str(error))
        if "rotation" not in result:
            if self._connection.become:
                result["msg"] = f"{_BECOME}It failed: {result.get('msg')}"
        elif decides:
            try:
                # Nothing is created yet, and the accounts of entries for many of them are known only now.
                warnings = self._claim_decided([*result["rotation"], *result.get("left_out", ())], controller)
            except PanelopsError as error:
                return dict(failed=True, msg=str(error))
            warnings += handlers.warnings(tokens, controller)
            result["warnings"] = [*(result.get("warnings") or ()), *warnings]
        if "rotation" in result and step == "compare":
            put_in(result, evidence)
        comes_later = result.get("reading") or result.get("copying")
        if "rotation" in result and step in ("decide", "compare", "settle", "begin") and not comes_later:
            due = {(one.get("account"), one["name"]) for one in result["rotation"] if one["state"] == "due"}
            result["tasks_hosts"] = _tasks_hosts(for_each_account(tokens, result["rotation"]), due, controller)
        return result

    def _claim(self, controller: Controller) -> None:
        """Claim the places of the sinks for this host's tokens, as far as their accounts are known.

        :raises PanelopsError: another host of the run has a token for one of them.
        """
        step = self._task.args.get("step")
        evidence = self._task.args.get("sinks")
        identified = [each for each in evidence if isinstance(each, Mapping)] if isinstance(evidence, list) else []
        if identified:
            # The server needs no identities of files.
            self._task.args["sinks"] = [{key: each[key] for key in each if key != "identity"} for each in identified]
        params = self._checked() if step in ("decide", "compare", "stage") else None
        if params is None:
            return
        host = str(controller.variables.get("inventory_hostname"))
        claim_places(params, self.environ(), host)
        if step in ("compare", "stage"):
            files = {Place.of(each): each["identity"] for each in identified if each.get("identity")}
            taken = claim_identities(params, self.environ(), host, files)
            self._task.args["sinks"] = [
                dict(each, ok=False, msg=taken[Place.of(each)]) if each["ok"] and Place.of(each) in taken else each
                for each in self._task.args.get("sinks") or ()
            ]

    def _claim_decided(self, rotation: list[Mapping], controller: Controller) -> list[str]:
        """Claim the places of all tokens, once their accounts are known. Returns warnings of places that do not outlive the run.

        :raises PanelopsError: another host of the run has a token for one of them.
        """
        params = self._checked()
        if params is None:
            return []
        params["rotation"] = rotation
        if any(each["accounts"] is not None for each in params["tokens"]):
            claim_places(params, self.environ(), str(controller.variables.get("inventory_hostname")))
        return warnings_of(params, self.environ(), controller.variables)

    def _checked(self) -> dict[str, Any] | None:
        """The options of the task, checked; ``None`` if they are wrong, which the module says in its own words."""
        # Through JSON, which leaves plain data: without the tags that Ansible attaches to text.
        options = json.loads(json.dumps(self._task.args, default=str))
        validation = ArgumentSpecValidator(ARGUMENT_SPEC).validate(options)
        return None if validation.error_messages else dict(validation.validated_parameters)

    def _count_what_ran(self, tokens: list[Mapping], controller: Controller) -> None:
        """Take the evidence away from sinks of the user's own tasks in which no task ran."""
        step, host = self._task.args.get("step"), str(controller.variables.get("inventory_hostname"))
        own = {Place.of(place): sink for place, sink in _tasks_sinks(tokens)}
        if step == "stage":
            for place in own:
                ran.forget(place.as_dict(), host)
        evidence = self._task.args.get("sinks")
        if step not in ("promote", "withdraw") or not isinstance(evidence, list):
            return
        counted = []
        for each in evidence:
            sink = own.get(Place.of(each))
            if sink is not None and each.get("ok") and not ran.has_run(each, host):
                each = dict(each, ok=False, unchanged=True, msg=ran.NOTHING_RAN.format(file=sink.get("tasks")))
            counted.append(each)
        self._task.args["sinks"] = counted

    def _execute_module(self, *args: Any, **kwargs: Any) -> dict:
        """Run the step as a module, unless Ansible would leave the module behind: with the credential, and a later one with new secrets.

        Refused at the first step too, which makes no token: so it is found before one is created.
        """
        if constants.config.get_config_value("DEFAULT_KEEP_REMOTE_FILES"):
            return dict(failed=True, msg=_KEPT)
        with without_debug():
            return super()._execute_module(*args, **kwargs)


def _limit_refused(controller: Controller) -> str:
    """A sentence on a time limit that Ansible could not set, which would end the role without one; empty outside of the role."""
    given = controller.templar.template(controller.variables.get("rotate_consumer_timeout", 1))
    if str(given).strip().isdecimal() and 1 <= int(given) <= _LONGEST:
        return ""
    return f"rotate_consumer_timeout: {given!r} is not a number of seconds from 1 to {_LONGEST}."


def _refusal(tokens: list[Mapping], controller: Controller) -> str:
    for token in tokens:
        for sink in token.get("sinks") or []:
            # A type that does not exist is refused with all other options.
            kind = on_controller(sink.get("type"))
            missing = kind.missing(sink, controller) if kind else ""
            if missing:
                return f"The {sink['type']} sink of {token.get('name')} {missing}"
    return handlers.refusal(tokens, controller)


def _tasks_sinks(tokens: list[Mapping]) -> Iterator[tuple[dict, Mapping]]:
    """The sinks of the user's own tasks, each with its place."""
    for token in tokens:
        for number, sink in enumerate(token.get("sinks") or ()):
            if isinstance(on_controller(sink.get("type")), SinkOnTasks):
                yield dict(account=token.get("account"), name=token.get("name"), sink=number, host=""), sink


def _tasks_hosts(tokens: list[Mapping], due: set, controller: Controller) -> list[dict]:
    """The hosts that the tasks of sinks run on, each once, with what is to be said of the sinks if it cannot be reached."""
    hosts: dict[str, list[tuple[dict, str]]] = {}
    # Many accounts have a file in common, which is read once.
    known: dict[str, list[RunsOn]] = {}
    for place, sink in _tasks_sinks(tokens):
        kind = on_controller(sink.get("type")) if (place["account"], place["name"]) in due else None
        if not isinstance(kind, SinkOnTasks):
            continue
        if sink["tasks"] not in known:
            known[sink["tasks"]] = kind.runs_on(sink, controller)
        for each in known[sink["tasks"]]:
            hosts.setdefault(each.host, []).append((place, f"the task {each.task} runs on {each.host}, which"))
    if not hosts:
        return []
    limit = controller.text_of("{{ rotate_consumer_timeout | default(300) }}")
    slow = f"did not answer within {limit} seconds (rotate_consumer_timeout)."

    def told(which: list[tuple[dict, str]], why: str) -> list[dict]:
        return [dict(place, ok=False, unchanged=True, msg=f"{start} {why}") for place, start in which]

    return [
        dict(runs_on=host, if_gone=told(which, "cannot be reached."), if_slow=told(which, slow))
        for host, which in hosts.items()
    ]
