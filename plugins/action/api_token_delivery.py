# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin of M(panelops.cpanel.api_token_delivery): makes what goes into the files, and sends it by standard input.

What an Ansible Vault is encrypted with, and the templates, are on the controller. There nothing secret touches a disk.
"""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible_collections.panelops.cpanel.plugins.module_utils._argspec import API_TOKEN_DELIVERY, PLACE
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.content import vendors_secret
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.evidence import (
    NOTHING,
    OTHER,
    SECRET,
    VERIFY_ONLY,
    Place,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.sink import CHECK, DELIVER, READ, RESTORE
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import (
    InvalidOption,
    PanelopsError,
)
from ansible_collections.panelops.cpanel.plugins.plugin_utils._consumer import (
    Consumer,
    end_children,
    is_time_limit,
    needs_terminal,
    sentence,
)
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.controller import Controller
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.kinds import (
    file_on_controller,
    is_sealed,
    recognized_on_host,
    sealed_on_controller,
    values_for,
)
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.quiet import without_debug
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.sealed_files import NoAnswer, SealedFiles, together
from ansible_collections.panelops.cpanel.plugins.plugin_utils._target_environment import TargetEnvironment
from ansible_collections.panelops.cpanel.plugins.plugin_utils._target_python import TargetPython

_PLACEHOLDER = "X" * 32


class ActionModule(TargetEnvironment, TargetPython, Consumer):
    """See the module."""

    ARGUMENT_SPEC = API_TOKEN_DELIVERY
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict | None = None) -> dict:
        """The task's result."""
        super().run(tmp, task_vars)
        task_vars = task_vars or {}
        arguments = dict(self._task.args)
        # What other hosts hold is no business of this one.
        ours = [[sink.get(key) for key in PLACE] for sink in arguments.get("sinks") or ()]
        arguments["copies"] = [
            copy for copy in arguments.get("copies") or () if [copy.get(key) for key in PLACE] in ours
        ]
        controller = Controller(self._loader, self._templar, self._find_needle, task_vars, self._task, self.environ())
        step = _Step(arguments.get("step") or "", controller)
        sinks, refused = [], []
        for sink in arguments.get("sinks") or []:
            try:
                sinks.append(step.prepared(sink))
            except (PanelopsError, AnsibleError) as error:
                refused.append(step.refusal(sink, str(error)))
        # A variable of the role's task, and a text before it is templated.
        if str(self._templar.template(task_vars.get("rotate_becomes", True))) == "False":
            self._connection.become = None
        if refused and not sinks:
            return dict(changed=False, sinks=refused, copies=[])
        sealed = [sink for sink in sinks if step.is_sealed(sink)] if step.name in (DELIVER, RESTORE) else []
        plain, untold = [sink for sink in sinks if sink not in sealed], sinks
        certain = True  # Is it known that nothing has been written?
        try:
            # Without pipelining also the check is refused, which carries no secret: so it is found before one is created.
            why = self.no_pipelining(self._host_vars(task_vars)) or self.python_is_too_old(task_vars)
            if not why:
                certain = step.name in (READ, CHECK)
                with without_debug():
                    refused += self._written(step, sealed, arguments, task_vars)
                untold = plain
                if sealed and not plain:
                    return dict(changed=any(each["ok"] for each in refused), sinks=refused, copies=[])
                with without_debug():
                    result = self._execute_module(module_args=dict(arguments, sinks=plain), task_vars=task_vars)
                why = self.python_was_too_old(result, task_vars) or needs_terminal(result)
                certain = certain or bool(why)
        except NoAnswer as error:
            return error.result
        # What fails on the way costs these sinks a sentence, and not the role its other ones.
        except AnsibleConnectionFailure as error:
            why = f"the host cannot be reached: {sentence(error)} {self.look_where(task_vars)}"
        except AnsibleError as error:
            why = sentence(error)
        except BaseException as error:
            if not is_time_limit(error):
                raise
            end_children()
            why = self.out_of_time()
        if why:
            refused += [step.refusal(sink, why, certain) for sink in untold]
            return dict(changed=False, sinks=refused, copies=[])
        if "sinks" in result:
            copies = {Place.of(copy): base64.b64decode(copy["previous"]) for copy in result["copies"]}
            given = {Place.of(sink): sink for sink in plain}
            step.look_together(result["sinks"], given, copies)
            result["sinks"] = [step.looked_into(entry, given, copies) for entry in result["sinks"]] + refused
        return result

    def _written(self, step: _Step, sinks: list[dict], arguments: Mapping, task_vars: dict) -> list[dict]:
        """What came of the sinks whose files the controller merges.

        :raises NoAnswer: the host said nothing.
        """
        if self._task.check_mode:
            return [
                dict({key: sink.get(key) for key in PLACE}, ok=True, unchanged=False, taken_over=False)
                for sink in sinks
            ]

        def execute(name: str, ours: list, copies: list) -> dict:
            return self._execute_module(module_args=dict(step=name, sinks=ours, copies=copies), task_vars=task_vars)

        files = SealedFiles(sealed_on_controller, step.controller, execute)
        if not sinks:
            return []
        if step.name == DELIVER:
            return files.deliver(sinks)
        copies = {Place.of(each): base64.b64decode(each["previous"]) for each in arguments.get("copies") or ()}
        return files.restore(sinks, copies)


@dataclass(frozen=True)
class _Step:
    """What the controller does for one step, before and after the module."""

    name: str
    controller: Controller
    tried: set[tuple[str, str | None]] = field(default_factory=set)
    """The paths of sealed files for which it was tried whether one can be made, with their vault IDs."""
    looked: set[Place] = field(default_factory=set)
    """The sinks of sealed files that were looked into together, and in which nothing would be lost."""

    def prepared(self, sink: Mapping) -> dict:
        """A sink with the content to write; at the check made of a placeholder, so that what cannot be made is found then.

        :raises PanelopsError, AnsibleError: it cannot be made, or there is no such type.
        """
        if sink.get("type") in (None, VERIFY_ONLY):  # A missing one is the module's to refuse.
            return dict(sink)
        kind = file_on_controller(sink["type"])
        recognize = recognized_on_host(sink)
        prepared = dict(sink, recognize=recognize) if recognize else dict(sink)
        if self.is_sealed(sink):
            prepared["shared"] = True
        if self.name in (READ, RESTORE):
            return prepared
        if self.is_sealed(sink):
            return self._sealed(prepared)
        content = kind.content(sink, sink.get("token") or _PLACEHOLDER, self.controller)
        if self.name == DELIVER:
            prepared["values"] = values_for(sink)
            if not sink.get("merge"):
                # The host needs no more of them than what it writes.
                del prepared["values"]
                prepared["content"] = base64.b64encode(content).decode("ascii")
        return prepared

    def _sealed(self, sink: dict) -> dict:
        """A sink of a file that the controller writes when it knows what the file holds. Until then its values are tried alone.

        :raises PanelopsError, AnsibleError: they cannot be written.
        """
        if self.name == DELIVER:
            return dict(sink, values=values_for(sink))
        kind = sealed_on_controller(sink["type"])
        way = (sink["path"], sink.get("vault_id"))
        if way in self.tried:
            trying = dict(sink, values=values_for(dict(sink, token=_PLACEHOLDER)))
            kind.with_values(trying, kind.opened(sink, None, self.controller), self.controller)
        else:
            # Once for each way, for encrypting takes as long as a password is to be hard to guess.
            kind.content(sink, _PLACEHOLDER, self.controller)
            self.tried.add(way)
        return sink

    @staticmethod
    def is_sealed(sink: Mapping) -> bool:
        """Is it a file that several tokens share, and that only the controller can look into?"""
        return sink.get("type") not in (None, VERIFY_ONLY) and is_sealed(sink["type"])

    def look_together(
        self, entries: Sequence[Mapping], sinks: Mapping[Place, dict], copies: Mapping[Place, bytes]
    ) -> None:
        """Look once into each sealed file that several sinks have. If something would be lost, it is found for each sink alone."""
        groups: dict[tuple[str, bytes], list[dict]] = {}
        for entry in entries if self.name in (READ, CHECK) else ():
            place = Place.of(entry)
            if entry["ok"] and place in copies and self.is_sealed(sinks[place]):
                groups.setdefault((sinks[place]["path"], copies[place]), []).append(sinks[place])
        for (_path, previous), ours in groups.items():
            kind = sealed_on_controller(ours[0]["type"])
            with contextlib.suppress(PanelopsError, AnsibleError):
                kind.refuse_other_content(together(ours), previous, self.controller)
                self.looked.update(map(Place.of, ours))

    def looked_into(self, entry: Mapping, sinks: Mapping[Place, dict], copies: Mapping[Place, bytes]) -> dict:
        """What came of a sink at the check, once the controller too has looked into a file that is there."""
        place = Place.of(entry)
        sink = sinks[place]
        previous = copies.get(place)
        if self.name not in (READ, CHECK) or not entry["ok"]:
            return dict(entry)
        if self.is_sealed(sink):
            entry = dict(entry, before=self._state(sink, previous, entry["before"]))
        if previous is None or (self.name == READ and not previous.strip()):
            return dict(entry)
        kind = file_on_controller(sink["type"])
        try:
            if place not in self.looked:
                kind.refuse_other_content(sink, previous, self.controller)
        except (PanelopsError, AnsibleError) as error:
            if self.name == READ and isinstance(error, InvalidOption):
                return dict(entry, found=OTHER, msg=str(error))
            return self.refusal(entry, str(error))
        try:
            text = kind.held(sink, previous, self.controller)
        except (PanelopsError, AnsibleError) as error:
            return self.refusal(entry, str(error))
        held = vendors_secret(text)
        told = dict(entry, held=held) if held else dict(entry)
        if self.name == READ and self.is_sealed(sink):
            told["found"] = SECRET if text else NOTHING
        return told

    def _state(self, sink: Mapping, previous: bytes | None, otherwise: str) -> str:
        """The fingerprint of what a sink has of a file that only the controller can look into."""
        kind = sealed_on_controller(sink["type"])
        try:
            return kind.state(sink, kind.opened(sink, previous, self.controller))
        except (PanelopsError, AnsibleError):
            # What is wrong is said when the file is looked into.
            return otherwise

    def refusal(self, sink: Mapping, message: str, certain: bool = True) -> dict:
        """What came of a sink that the controller refuses. ``certain``: is it known that nothing has been written?"""
        named = {key: sink.get(key) for key in PLACE}
        return dict(named, ok=False, unchanged=certain and self.name != RESTORE, taken_over=False, msg=message)
