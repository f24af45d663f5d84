# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that hold values of several tokens, and that their hosts cannot look into: the controller reads, merges and writes.

Between reading and writing somebody else can write. The host then refuses, and the controller begins again with what is there now.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.evidence import Place
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.file import TakenOver
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.part import fingerprint
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.sink import CHECK, DELIVER, RESTORE
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError

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
    """What is to be written for one sink: the file as it is, and as it shall be (``None``: there is none)."""

    sink: Mapping
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
            for each in written:
                if each["ok"] or not each["taken_over"]:
                    told[Place.of(each)] = self._finished(step, each, left)
        for sink in left:
            told.setdefault(
                Place.of(sink),
                _evidence(sink, ok=False, unchanged=step != RESTORE, msg=_BUSY.format(path=sink["path"])),
            )
        return told

    def _planned(
        self, step: str, sinks: Sequence[Mapping], copies: Mapping[Place, bytes], told: dict[Place, dict]
    ) -> Iterator[_Work]:
        """What to write. All sinks of one path write the same, which has the values of them all."""
        found = self._read(sinks, told, certain=step != RESTORE)
        by_path: dict[str, list[Mapping]] = {}
        for sink in sinks:
            if Place.of(sink) not in told:
                by_path.setdefault(sink["path"], []).append(sink)
        for ours in by_path.values():
            present = found.get(Place.of(ours[0]))
            writing, text, old = [], self._text(ours[0], present, told, step), None
            for sink in ours:
                if text is None or found.get(Place.of(sink)) != present:
                    continue
                try:
                    old = copies.get(Place.of(sink))
                    changed = self._changed(step, sink, text, old, told)
                except (PanelopsError, AnsibleError) as error:
                    told[Place.of(sink)] = _evidence(sink, ok=False, unchanged=step != RESTORE, msg=str(error))
                    continue
                if changed is not None:
                    writing.append(sink)
                    text = changed
            if not writing or text is None:
                continue
            try:
                content = self._sealed(step, writing[0], text, present, old)
            except (PanelopsError, AnsibleError) as error:
                for sink in writing:
                    told[Place.of(sink)] = _evidence(sink, ok=False, unchanged=step != RESTORE, msg=str(error))
                continue
            yield from (_Work(sink, present, content) for sink in writing)

    def _read(self, sinks: Sequence[Mapping], told: dict[Place, dict], certain: bool) -> dict[Place, bytes]:
        result = self._result(CHECK, [_sent(sink) for sink in sinks], [])
        for each in result["sinks"]:
            if not each["ok"]:
                told[Place.of(each)] = dict(each, unchanged=certain)
        return {Place.of(copy): base64.b64decode(copy["previous"]) for copy in result["copies"]}

    def _text(self, sink: Mapping, present: bytes | None, told: dict[Place, dict], step: str) -> bytes | None:
        try:
            return self.kind(sink["type"]).opened(sink, present, self.controller)
        except (PanelopsError, AnsibleError) as error:
            told[Place.of(sink)] = _evidence(sink, ok=False, unchanged=step != RESTORE, msg=str(error))
            return None

    def _changed(
        self, step: str, sink: Mapping, text: bytes, old: bytes | None, told: dict[Place, dict]
    ) -> bytes | None:
        """The text with what this sink wants; ``None`` if it is so already, or is not to be, which then is told."""
        kind = self.kind(sink["type"])
        now = kind.state(sink, text)
        if step == DELIVER:
            if now == kind.wanted(sink):
                told[Place.of(sink)] = _evidence(sink, before=sink["before"], after=now)
            elif now != sink["before"]:
                told[Place.of(sink)] = _evidence(sink, ok=False, unchanged=True, taken_over=True, msg=str(TakenOver()))
            else:
                return kind.with_values(sink, text, self.controller)
            return None
        previous = kind.opened(sink, old, self.controller)
        if now == kind.state(sink, previous):
            told[Place.of(sink)] = _evidence(sink, unchanged=True, restored=True)
        elif now != sink["after"]:
            told[Place.of(sink)] = _evidence(sink, ok=False, taken_over=True, msg=str(TakenOver()))
        else:
            return kind.put_back(sink, text, previous)
        return None

    def _sealed(self, step: str, sink: Mapping, text: bytes, present: bytes | None, old: bytes | None) -> bytes | None:
        """The text as the file is to hold it: the very same as before where it is the same text."""
        kind = self.kind(sink["type"])
        if step == RESTORE and text == kind.opened(sink, old, self.controller):
            return old
        return kind.sealed(sink, text, present, self.controller)

    @staticmethod
    def _order(step: str, work: _Work) -> dict:
        sink, seen = _sent(work.sink), fingerprint(work.present)
        if step == RESTORE:
            return dict(sink, after=seen)
        return dict(sink, before=seen, content=base64.b64encode(work.content or b"").decode("ascii"))

    def _finished(self, step: str, told: dict, sinks: Sequence[Mapping]) -> dict:
        """What came of a sink, with fingerprints of its own values in place of those of the file."""
        if step == RESTORE or not told["ok"]:
            return told
        (sink,) = [one for one in sinks if Place.of(one) == Place.of(told)]
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
            yield dict(Place.of(each.sink).as_dict(), previous=base64.b64encode(each.content).decode("ascii"))


def _sent(sink: Mapping) -> dict:
    """What the host needs of a sink: nothing that is secret."""
    return dict({key: sink[key] for key in _SENT if sink.get(key) is not None}, shared=True)


def _evidence(sink: Mapping, **what: Any) -> dict:
    return dict(dict(Place.of(sink).as_dict(), ok=True, unchanged=False, taken_over=False), **what)
