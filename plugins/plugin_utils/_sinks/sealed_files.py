# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that hold values of several tokens, and that their hosts cannot look into: the controller reads, merges and writes.

Between reading and writing somebody else can write. The host then refuses, and the controller begins again with what is there now.
"""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.evidence import Place
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.file import TakenOver
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.part import fingerprint
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.sink import CHECK, DELIVER, RESTORE
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.values import names_of

from .controller import Controller, SealedOnController

TRIES = 20
"""How often a file is read and written before this run gives up, because each time somebody else has written in between."""

_BUSY = "path: others have written {path} again and again, so it was left alone. Run again."
_SENT = ("account", "name", "sink", "host", "type", "path", "key", "keys", "owner", "group", "mode")

Execute = Callable[[str, list, list], dict]
"""Takes a step on the host: with sinks and copies, as the module does. Answers the module's result."""


class NoAnswer(Exception):
    """The module ended without a word about the sinks. ``result`` is the task's."""

    def __init__(self, result: dict) -> None:
        super().__init__("no answer")
        self.result = result


@dataclass(frozen=True)
class _Work:
    """What is to be written for the sinks of one path: the file as it is, and as it shall be (``None``: there is none)."""

    sinks: Sequence[Mapping]
    present: bytes | None
    content: bytes | None


@dataclass(frozen=True)
class SealedFiles:
    """Takes steps for sinks on one host. ``kind`` is what the controller does for each of them."""

    kind: Callable[[str], SealedOnController]
    controller: Controller
    execute: Execute

    def deliver(self, sinks: Sequence[Mapping]) -> list[dict]:
        """Set the values of each sink, if its own still are what they were at the check; what came of it, without secrets."""
        refused = self._refused_by_verifying(sinks)
        told = {Place.of(each): each for each in refused}
        left = [sink for sink in sinks if Place.of(sink) not in told]
        told.update(self._in_rounds(DELIVER, left, {}))
        return [told[Place.of(sink)] for sink in sinks]

    def restore(self, sinks: Sequence[Mapping], copies: Mapping[Place, bytes]) -> list[dict]:
        """Put the values of each sink back as they were, if they still are what was delivered.

        :param copies: the files as they were at the check.
        """
        told = self._in_rounds(RESTORE, list(sinks), copies)
        return [told[Place.of(sink)] for sink in sinks]

    def _refused_by_verifying(self, sinks: Sequence[Mapping]) -> list[dict]:
        """Try the secrets first, for what is written holds those of several sinks. What came of those that are not accepted."""
        trying = [
            {**{key: sink.get(key) for key in ("account", "name", "sink", "host", "token", "verify")}, "type": "verify"}
            for sink in sinks
            if sink.get("verify")
        ]
        return [each for each in self._told(DELIVER, trying, []) if not each["ok"]]

    def _in_rounds(self, step: str, left: list[Mapping], copies: Mapping[Place, bytes]) -> dict[Place, dict]:
        told: dict[Place, dict] = {}
        for _number in range(TRIES):
            left = [sink for sink in left if Place.of(sink) not in told]
            if not left:
                break
            work = list(self._planned(step, left, copies, told))
            written = self._told(step, [self._order(step, each) for each in work], list(_copies(step, work)))
            for each, ours in zip(written, work, strict=True):
                if each["ok"] or not each["taken_over"]:
                    told.update((Place.of(sink), self._finished(step, each, sink)) for sink in ours.sinks)
        for sink in left:
            if Place.of(sink) not in told:
                told.update(_failed([sink], step != RESTORE, _BUSY.format(path=sink["path"])))
        return told

    def _planned(
        self, step: str, sinks: Sequence[Mapping], copies: Mapping[Place, bytes], told: dict[Place, dict]
    ) -> Iterator[_Work]:
        """What to write: once for each path, with the values of all its sinks."""
        by_path: dict[str, list[Mapping]] = {}
        for sink in sinks:
            by_path.setdefault(sink["path"], []).append(sink)
        certain = step != RESTORE
        found = self._read(by_path, told, certain)
        for path, present in found.items():
            ours = by_path[path]
            try:
                text = self.kind(ours[0]["type"]).opened(ours[0], present, self.controller)
            except (PanelopsError, AnsibleError) as error:
                told.update(_failed(ours, certain, str(error)))
                continue
            for sink in ours:
                told.update(self._settled(step, sink, text, copies))
            writing = [sink for sink in ours if Place.of(sink) not in told]
            text, writing = self._changed(step, writing, text, copies, told)
            if not writing:
                continue
            try:
                content = self._sealed(step, writing[0], text, present, copies.get(Place.of(writing[0])))
            except (PanelopsError, AnsibleError) as error:
                told.update(_failed(writing, certain, str(error)))
                continue
            yield _Work(writing, present, content)

    def _read(
        self, by_path: Mapping[str, Sequence[Mapping]], told: dict[Place, dict], certain: bool
    ) -> dict[str, bytes | None]:
        """What each path has, as the first of its sinks sees it: those that can be read."""
        result = self._result(CHECK, [_sent(ours[0]) for ours in by_path.values()], [])
        copies = {Place.of(copy): base64.b64decode(copy["previous"]) for copy in result["copies"]}
        found = {}
        for each, (path, ours) in zip(result["sinks"], by_path.items(), strict=True):
            if each["ok"]:
                found[path] = copies.get(Place.of(each))
            else:
                told.update(_failed(ours, certain, each["msg"]))
        return found

    def _settled(self, step: str, sink: Mapping, text: bytes, copies: Mapping[Place, bytes]) -> dict[Place, dict]:
        """What came of a sink whose values in a text are as it wants them, or are not to be changed; of another one nothing."""
        kind = self.kind(sink["type"])
        try:
            now = kind.state(sink, text)
            if step == DELIVER:
                wanted, seen, what = kind.wanted(sink), sink["before"], dict(before=sink["before"], after=now)
            else:
                previous = kind.opened(sink, copies.get(Place.of(sink)), self.controller)
                wanted, seen, what = kind.state(sink, previous), sink["after"], dict(unchanged=True, restored=True)
        except (PanelopsError, AnsibleError) as error:
            return _failed([sink], step != RESTORE, str(error))
        if now == wanted:
            return {Place.of(sink): _evidence(sink, **what)}
        if now != seen:
            taken = dict(ok=False, unchanged=step != RESTORE, taken_over=True, msg=str(TakenOver()))
            return {Place.of(sink): _evidence(sink, **taken)}
        return {}

    def _changed(
        self, step: str, sinks: list[Mapping], text: bytes, copies: Mapping[Place, bytes], told: dict[Place, dict]
    ) -> tuple[bytes, list[Mapping]]:
        """The text with what the sinks want, and those that could have it; what is wrong with the others is told."""
        if step == DELIVER and len(sinks) > 1:
            # All at once, for each look at what a text means as a whole takes long. If one cannot be set, it is found alone.
            with contextlib.suppress(PanelopsError, AnsibleError):
                return self.kind(sinks[0]["type"]).with_values(together(sinks), text, self.controller), sinks
        set_there = []
        for sink in sinks:
            kind = self.kind(sink["type"])
            try:
                if step == DELIVER:
                    text = kind.with_values(sink, text, self.controller)
                else:
                    previous = kind.opened(sink, copies.get(Place.of(sink)), self.controller)
                    text = kind.put_back(sink, text, previous)
            except (PanelopsError, AnsibleError) as error:
                told.update(_failed([sink], step != RESTORE, str(error)))
            else:
                set_there.append(sink)
        return text, set_there

    def _sealed(self, step: str, sink: Mapping, text: bytes, present: bytes | None, old: bytes | None) -> bytes | None:
        """The text as the file is to hold it: the very same as before where it is the same text."""
        kind = self.kind(sink["type"])
        if step == RESTORE and text == kind.opened(sink, old, self.controller):
            return old
        return kind.sealed(sink, text, present, self.controller)

    @staticmethod
    def _order(step: str, work: _Work) -> dict:
        sink, seen = _sent(work.sinks[0]), fingerprint(work.present)
        if step == RESTORE:
            return dict(sink, after=seen)
        return dict(sink, before=seen, content=base64.b64encode(work.content or b"").decode("ascii"))

    def _finished(self, step: str, told: dict, sink: Mapping) -> dict:
        """What came of a sink, with fingerprints of its own values in place of those of the file."""
        told = {**told, **Place.of(sink).as_dict()}
        if step == RESTORE or not told["ok"]:
            return told
        return dict(told, before=sink["before"], after=self.kind(sink["type"]).wanted(sink))

    def _told(self, step: str, sinks: list[dict], copies: list[dict]) -> list[dict]:
        return self._result(step, sinks, copies)["sinks"] if sinks else []

    def _result(self, step: str, sinks: list[dict], copies: list[dict]) -> dict:
        """:raises NoAnswer: the module says nothing of the sinks."""
        try:
            result = self.execute(step, sinks, copies)
        except AnsibleConnectionFailure:
            raise
        except AnsibleError as error:
            raise NoAnswer(dict(failed=True, msg=str(error))) from None
        if "sinks" not in result:
            raise NoAnswer(result)
        return result


def _copies(step: str, work: Sequence[_Work]) -> Iterator[dict]:
    for each in work if step == RESTORE else ():
        if each.content is not None:
            yield dict(Place.of(each.sinks[0]).as_dict(), previous=base64.b64encode(each.content).decode("ascii"))


def _sent(sink: Mapping) -> dict:
    """What the host needs of a sink: nothing that is secret."""
    return dict({key: sink[key] for key in _SENT if sink.get(key) is not None}, shared=True)


def together(sinks: Sequence[Mapping]) -> Mapping:
    """Sinks with different names in one file as one sink."""
    names = [name for sink in sinks for name in names_of(sink)]
    values = {name: value for sink in sinks for name, value in (sink.get("values") or {}).items()}
    return {**sinks[0], "key": None, "keys": dict.fromkeys(names, ""), "values": values}


def _failed(sinks: Iterable[Mapping], unchanged: bool, msg: str) -> dict[Place, dict]:
    """Why each of some sinks did not get what it should."""
    return {Place.of(sink): _evidence(sink, ok=False, unchanged=unchanged, msg=msg) for sink in sinks}


def _evidence(sink: Mapping, **what: Any) -> dict:
    return dict(dict(Place.of(sink).as_dict(), ok=True, unchanged=False, taken_over=False), **what)
