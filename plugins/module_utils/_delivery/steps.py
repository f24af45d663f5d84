# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a delivery on a consumer's host: read the files, check them, deliver and verify, roll back."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from .._errors import InvalidOption, PanelopsError
from .._model.stored import Origin
from .._task.replacing import look_irreplaceable, look_lock_place
from .._task.token_file import Exchanged
from .evidence import NOTHING, OTHER, SECRET, Evidence, Place
from .file import DeliveryFile, TakenOver
from .ownership import Found, is_closed
from .part import Part
from .sink import CHECK, DELIVER, READ, RESTORE, Sink, Verifier

_ENCRYPTED = b"$ANSIBLE_VAULT;"
_OWN_FILE = "Give each token a file of its own."
_OWN_KEYS = "Give each token keys of its own."
_SAY_WHO = "Give owner, group and mode of the sink."
_OR_REMOVE = "Give owner, group and mode of the sink, or remove the file."


@dataclass(frozen=True)
class Delivery:
    """One step for all sinks of this host. What goes wrong with one is in its evidence and does not stop the others."""

    step: str
    verifier: Verifier
    check_mode: bool

    def take(self, sinks: Iterable[Sink]) -> list[Evidence]:
        """Take the step; the evidence of each sink, in their order."""
        sinks = list(sinks)
        shared = _shared(sinks) if self.step in (READ, CHECK) else {}
        return [self._evidence(sink, shared) for sink in sinks]

    def _evidence(self, sink: Sink, shared: Mapping[Place, str]) -> Evidence:
        changes = self.step not in (READ, CHECK)
        if self.check_mode and changes:
            return Evidence(sink.place)
        if sink.place in shared:
            return Evidence(sink.place, ok=False, unchanged=True, msg=shared[sink.place])
        try:
            return self._take(sink)
        except PanelopsError as error:
            # What was not delivered is as it was, unless another file than ours got there; what could not be rolled back is not.
            unchanged = self.step != RESTORE and not isinstance(error, Exchanged)
            taken_over = isinstance(error, TakenOver)
            return Evidence(sink.place, ok=False, unchanged=unchanged, taken_over=taken_over, msg=str(error))
        except OSError as error:
            where = f"{sink.file.path}: " if sink.file else ""
            why = f"{where}{error.strerror or type(error).__name__}."
            return Evidence(sink.place, ok=False, unchanged=not changes, msg=why)

    def _take(self, sink: Sink) -> Evidence:
        if self.step == CHECK and sink.verify is not None:
            self.verifier.check(sink.verify)
        if sink.file is None:
            if self.step == DELIVER:
                self._verify(sink)
            return Evidence(sink.place, unchanged=True)
        if self.step == DELIVER:
            return self._deliver(sink, sink.file)
        if self.step == READ:
            return _read(sink, sink.file)
        return self._check(sink, sink.file) if self.step == CHECK else _restore(sink, sink.file)

    def _check(self, sink: Sink, file: DeliveryFile) -> Evidence:
        """Make sure that the file can be written, and see what it holds. In check mode nothing is written for that."""
        found = file.look()
        file.check_place()
        # By looks alone, so that check mode finds it too, and so that both say the same.
        look_irreplaceable(file.path, "path")
        look_lock_place(file.path, "path")
        if not self.check_mode:
            with file.locked():
                pass
        content = _content(found)
        if content is not None:
            sink.written.refuse(content, file.path)
        self._keep(sink, file, found)
        if self.check_mode:
            file.check_names()
        else:
            self._try_room(file, room=max(len(content or b"") * 2, 8192))
        return Evidence(
            sink.place,
            unchanged=True,
            before=sink.written.fingerprint(content),
            previous=content,
            identity=_claims(sink, file),
            mark=None if found is None or sink.shared else found.mark,
        )

    @staticmethod
    def _try_room(file: DeliveryFile, room: int) -> None:
        try:
            file.reserve(room=room)
        finally:
            file.give_back()

    def _deliver(self, sink: Sink, file: DeliveryFile) -> Evidence:
        """Write beside the file, try what can be read there from this host, and only then put it in the file's place."""
        found = file.look()
        if sink.written.is_delivered(_content(found)):
            self._verify(sink)
            return Evidence(sink.place, before=sink.before, after=_fingerprint(sink, found))
        if _fingerprint(sink, found) != sink.before:
            raise TakenOver
        try:
            content = self._write_beside(sink, file, found)
            self._verify(sink)
            after = self._put_in_place(sink, file, found, content)
        finally:
            file.give_back()
        return Evidence(sink.place, before=sink.before, after=after)

    def _write_beside(self, sink: Sink, file: DeliveryFile, found: Found | None) -> bytes:
        """Write what the file is to hold, with the owner, group and mode that it is to have; what that is.

        :raises PanelopsError: it cannot be read there.
        """
        self._keep(sink, file, found)
        content = sink.written.content(_content(found))
        file.reserve(room=len(content))
        if file.fill(content) != content:
            raise PanelopsError(f"What was written beside {file.path} is not what can be read there.")
        file.give_mark(sink.origin)
        return content

    def _put_in_place(self, sink: Sink, file: DeliveryFile, seen: Found | None, content: bytes) -> str:
        """Compare and swap: of two runs that deliver at the same time only the first finds the copy that both have seen.

        Where the sink has a part of the file, the other parts may have changed since it was seen: then it is written once more.

        :returns: the fingerprint of what is there now.
        :raises TakenOver: another run was first.
        """
        with file.locked():
            found = file.look()
            if _fingerprint(sink, found) == sink.before:
                if sink.shared and found != seen:
                    file.give_back()
                    content = self._write_beside(sink, file, found)
                file.commit()
                return sink.written.fingerprint(content)
        if not sink.written.is_delivered(_content(found)):
            raise TakenOver
        return _fingerprint(sink, found)

    def _keep(self, sink: Sink, file: DeliveryFile, found: Found | None) -> None:
        """Let the new file have the owner, group and mode of the one that is there, if it is ours.

        Where others can create files, one of them can be first with an empty file, or one with 32 letters, and would read the secret.

        :raises PanelopsError: it may be a stranger's, or could not be proven.
        """
        if found is None:
            return
        # A file with other things is not to be removed.
        remedy = _SAY_WHO if isinstance(sink.written, Part) else _OR_REMOVE
        if file.lets_others_in(found):
            secret = sink.written.secret(found.content)
            if secret is None and (not sink.sealed or not found.content.strip()):
                raise InvalidOption(
                    "path",
                    f"{file.path} holds no secret yet, and others could read the one that is put there: it belongs to the user "
                    f"{found.owner} and has the mode 0{found.mode:o}.",
                    remedy,
                )
            if file.is_strangers(found) and not is_closed(file.path) and not self._is_proven(sink, found, secret):
                raise InvalidOption(
                    "path",
                    f"{file.path} belongs to the user {found.owner}, others than root can put files into its folder, and it "
                    "holds no secret that works, so that it may be a stranger's.",
                    remedy,
                )
        file.keep(found)

    def _is_proven(self, sink: Sink, found: Found, secret: str | None) -> bool:
        """Does the file certainly hold a secret of this token? What is encrypted the controller decrypts, and refuses at the check."""
        if sink.sealed and found.content.startswith(_ENCRYPTED):
            return True
        return secret is not None and sink.verify is not None and self.verifier.works(sink.verify, secret)

    def _verify(self, sink: Sink) -> None:
        if sink.verify is not None:
            self.verifier.verify(sink.verify, sink.secret, sink.place.host)


def _read(sink: Sink, file: DeliveryFile) -> Evidence:
    """See what the file holds. Nothing is written, not even to find out whether that could be."""
    found = file.look()
    content = _content(found)
    if content is None:
        # A folder that is not there may be a file system that is not mounted.
        file.check_place()
    what = NOTHING if content is None or not content.strip() else SECRET
    if content and not sink.sealed:
        try:
            sink.written.refuse(content, file.path)
            what = SECRET if sink.written.secret(content) else NOTHING
        except InvalidOption as error:
            return Evidence(sink.place, unchanged=True, found=OTHER, msg=str(error))
    return Evidence(
        sink.place,
        unchanged=True,
        before=sink.written.fingerprint(content),
        previous=content,
        found=what,
        identity=_claims(sink, file),
        mark=None if found is None or sink.shared else found.mark,
    )


def _restore(sink: Sink, file: DeliveryFile) -> Evidence:
    """Put back what the file held before, if what this run delivered still is there."""
    with file.locked():
        found = file.look()
        # Under another name of this host it has been put back already.
        if _fingerprint(sink, found) != sink.written.fingerprint(sink.previous):
            if found is None or _fingerprint(sink, found) != sink.after:
                raise TakenOver
            content = sink.written.put_back(found.content, sink.previous)
            if content is None:
                os.unlink(file.path)
            else:
                _put_back(content, sink.origin, file, found)
    return Evidence(sink.place, unchanged=True, restored=True)


def _put_back(previous: bytes, mark: Origin | None, file: DeliveryFile, found: Found) -> None:
    file.keep(found)
    try:
        file.reserve(room=len(previous))
        file.fill(previous)
        file.give_mark(mark)
        file.commit()
    finally:
        file.give_back()


def _content(found: Found | None) -> bytes | None:
    return None if found is None else found.content


def _fingerprint(sink: Sink, found: Found | None) -> str:
    return sink.written.fingerprint(_content(found))


def _claims(sink: Sink, file: DeliveryFile) -> str | None:
    """What no sink of another token may have too, as words, whatever the file is called: the file, or in one that is shared some keys.

    A file that is shared is itself a word too, with a C(+) at its end: only sinks that share it may have that.
    """
    identity = file.identity()
    if identity is None or not sink.shared:
        return identity
    keys = (f"{identity} {json.dumps(name)}" for name in sorted(sink.names, key=str))
    return " ".join([f"{identity}+", *(sha256(key.encode()).hexdigest() for key in keys)])


def _shared(sinks: Sequence[Sink]) -> dict[Place, str]:
    """Why sinks are refused that are one file by different paths, unless they set different keys in it."""
    by_file: dict[str, list[tuple[Sink, str]]] = {}
    for sink in sinks:
        if sink.file is not None:
            by_file.setdefault(sink.file.place, []).append((sink, sink.file.path))
    refused = {}
    for same in by_file.values():
        for sink, path in same:
            clash = next(((one, its) for one, its in same if one is not sink and _clash(sink, one)), None)
            if clash is not None:
                other, others = clash
                remedy = _OWN_KEYS if sink.shared and other.shared else _OWN_FILE
                refused[sink.place] = f"path: {path} is the same file as {others}, that of {other.place.name}. {remedy}"
    return refused


def _clash(one: Sink, other: Sink) -> bool:
    """Would one of two sinks in one file replace what is the other's?"""
    return not (one.shared and other.shared) or bool(one.names & other.names)
