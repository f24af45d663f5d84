# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a delivery on a consumer's host: check the files, deliver and verify, roll back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .._errors import PanelopsError
from .content import refuse_other_content
from .evidence import Evidence
from .file import DeliveryFile, TakenOver, fingerprint
from .sink import CHECK, DELIVER, RESTORE, Sink, Verifier


@dataclass(frozen=True)
class Delivery:
    """One step for all sinks of this host. What goes wrong with one is in its evidence and does not stop the others."""

    step: str
    verifier: Verifier
    check_mode: bool

    def take(self, sinks: Iterable[Sink]) -> list[Evidence]:
        """Take the step; the evidence of each sink, in their order."""
        return [self._evidence(sink) for sink in sinks]

    def _evidence(self, sink: Sink) -> Evidence:
        changes = self.step != CHECK
        if self.check_mode and changes:
            return Evidence(sink.place)
        try:
            return self._take(sink)
        except PanelopsError as error:
            # What was not delivered is as it was; what could not be rolled back is not.
            unchanged = self.step != RESTORE
            taken_over = isinstance(error, TakenOver)
            return Evidence(sink.place, ok=False, unchanged=unchanged, taken_over=taken_over, msg=str(error))
        except OSError as error:
            where = f"{sink.file.path}: " if sink.file else ""
            why = f"{where}{error.strerror or type(error).__name__}."
            return Evidence(sink.place, ok=False, unchanged=not changes, msg=why)

    def _take(self, sink: Sink) -> Evidence:
        if sink.file is None:
            if self.step == DELIVER:
                self._verify(sink)
            return Evidence(sink.place, unchanged=True)
        if self.step == DELIVER:
            return self._deliver(sink, sink.file)
        return self._check(sink, sink.file) if self.step == CHECK else _restore(sink, sink.file)

    def _check(self, sink: Sink, file: DeliveryFile) -> Evidence:
        """Make sure that the file can be written, and see what it holds."""
        file.check_place()
        with file.locked():
            content = file.read()
        if content is not None and sink.recognize is not None:
            refuse_other_content(sink.recognize, sink.key, content, file.path)
        try:
            file.reserve(room=max(len(content or b"") * 2, 8192), sweep=not self.check_mode)
        finally:
            file.give_back()
        return Evidence(sink.place, unchanged=True, before=fingerprint(content), previous=content)

    def _deliver(self, sink: Sink, file: DeliveryFile) -> Evidence:
        """Write beside the file, try what can be read there from this host, and only then put it in the file's place."""
        try:
            file.reserve(room=len(sink.content))
            stored = file.fill(sink.content)
            if stored != sink.content:
                raise PanelopsError(f"What was written beside {file.path} is not what can be read there.")
            self._verify(sink)
            file.replace_if(sink.before)
        finally:
            file.give_back()
        return Evidence(sink.place, before=sink.before, after=fingerprint(sink.content))

    def _verify(self, sink: Sink) -> None:
        if sink.verify is not None:
            self.verifier(sink.verify, sink.secret, sink.place.host)


def _restore(sink: Sink, file: DeliveryFile) -> Evidence:
    """Put back what the file held before, if what this run delivered still is there."""
    if sink.previous is None:
        file.remove_if(sink.after)
    else:
        try:
            file.reserve(room=len(sink.previous))
            file.fill(sink.previous)
            file.replace_if(sink.after)
        finally:
            file.give_back()
    return Evidence(sink.place, unchanged=True, restored=True)
