# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file that a secret is stored in: never readable by others, never half-written, its place made sure of beforehand."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import re
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO, NoReturn, Protocol

from .._errors import InvalidOption, PanelopsError
from .._model.stored import Origin
from .access_list import AccessList, access_list_of, give_access_list
from .mark import give_mark, mark_of
from .regular_file import folder_and_name, is_at, opened_file, refuse_folders, refuse_other_kinds
from .replacing import look_irreplaceable, look_lock_place, refuse_irreplaceable
from .reservation import ROOM

_NEW = ".{name}.panelops-new-"
"""How the name of a file begins that is written beside its place; no other program's backup is called so."""

LEFT = 3600
"""Seconds after which a file that was written beside its place, and never took it, was left by a run that died."""

_EXCHANGED = "somebody has removed or exchanged the new file beside it before it could take its place"
_LONGEST = 4096
_SECRET = re.compile(rb"[A-Za-z0-9_-]{8,128}")


@dataclass(frozen=True)
class Permissions:
    """Owner, group and mode of a file, as the options of a task give them; what is ``None`` stays as it is."""

    owner: str | None
    group: str | None
    mode: str | int | None


class Exchanged(PanelopsError):
    """At the path there now is another file than the one that was moved there, which holds nothing any more."""


class Attributes(Protocol):
    """Sets owner, group and mode of open files as Ansible's own modules do."""

    def set(self, handle: int, permissions: Permissions, only_look: bool) -> bool:
        """Give an open file its permissions, or see whether it has them; whether something differed.

        :raises PanelopsError: that is not possible; the text says why.
        """


class TokenFile:
    """A secret's file on the host that runs the module.

    :param options: ``owner``, ``group`` and ``mode`` of one token, and its path under the name ``option``.
    """

    def __init__(self, options: Mapping, attributes: Attributes, option: str = "token_file") -> None:
        self.path: str = options[option]
        self.mark: Origin | None = None
        """What the secret that was found was issued for, if the file says so."""
        self._option = option
        self._attributes = attributes
        self._permissions = Permissions(options["owner"], options["group"], options["mode"] or "0600")
        self._has_mode = bool(options["mode"])
        self._reserved: str | None = None
        self._status: os.stat_result | None = None
        """That of the place reserved, which somebody else may have given another name."""
        self._stream: BinaryIO | None = None
        self._rehearsed: list[str] = []
        """Files in place of those that a run has beside this one, besides the private one."""
        self._seen: tuple[bytes | None, Origin | None] | None = None
        """Content and mark of the file when the plan for it was made."""

    def stored(self) -> str | None:
        """What is there and may be a secret; ``None`` if there is no file, or nothing in it.

        :raises InvalidOption: it cannot be read, or holds other things, which would be lost.
        """
        content, self.mark = self._present()
        return None if content is None else self._secret_in(content)

    def _secret_in(self, content: bytes) -> str | None:
        """:raises InvalidOption: it holds other things."""
        line = content.strip()
        if not line and len(content) < _LONGEST:
            return None
        # What is no secret is not sent anywhere either: it may be any file, named by mistake.
        if len(content) == _LONGEST or not _SECRET.fullmatch(line):
            raise InvalidOption(
                self._option,
                f"{self.path} holds other things than a secret, which would be lost.",
                "Give the token a file of its own, or empty that one.",
            )
        return line.decode("ascii")

    def examine(self) -> str | None:
        """The same as ``stored``, and remember what it is, so that another run is not replaced by a plan that does not know of it.

        :raises InvalidOption: as ``stored``.
        """
        self._seen = self._present()
        return self.stored()

    def has_changed(self) -> bool:
        """Is something else there than when it was looked at?"""
        try:
            return self._seen is not None and self._present() != self._seen
        except InvalidOption:
            return True

    def _present(self) -> tuple[bytes | None, Origin | None]:
        """:raises InvalidOption: it is no regular file, or cannot be read."""
        stream = opened_file(self.path, self._option)
        if stream is None:
            return None, None
        with stream:
            return stream.read(_LONGEST), mark_of(stream.fileno())

    def rename_mark(self, before: str, origin: Origin) -> None:
        """Name the token in the mark as it is called now, so that no later task takes its secret for another token's.

        :param before: its name so far, which the mark must have. :param origin: what a secret is issued for by its name now.
        """
        with contextlib.suppress(PanelopsError):
            stream = opened_file(self.path, self._option)
            if stream is None:
                return
            with stream:
                mark = mark_of(stream.fileno())
                if mark is not None and mark.name == before and mark.is_of_owner(origin):
                    give_mark(stream.fileno(), replace(origin, create_time=mark.create_time))

    def attributes_differ(self) -> bool:
        """Would owner, group or mode of the file that is there have to change?

        :raises InvalidOption: they cannot be what the options say.
        """
        stream = opened_file(self.path, self._option)
        if stream is None:
            return False
        with stream:
            handle = stream.fileno()
            kept = self._kept_list_of(handle, stream.read(_LONGEST))
            differs = kept is not None and not self._has_mode and kept != self._present_list(handle)
            return self._set(handle, kept, only_look=True) or differs

    def set_attributes(self) -> None:
        """Give the file owner, group and mode, if there is one.

        :raises InvalidOption: they cannot be set. :raises PanelopsError: it is another file than the one that was looked at.
        """
        stream = opened_file(self.path, self._option)
        if stream is None:
            return
        with stream:
            handle, content = stream.fileno(), stream.read(_LONGEST)
            if self._seen is not None and content != self._seen[0]:
                raise self._overtaken()
            kept = self._kept_list_of(handle, content)
            if kept is not None and not self._has_mode:
                self._give_list(handle, kept)
            self._set(handle, kept)

    def check_place(self) -> None:
        """:raises InvalidOption: no file can be written there; found before a secret is created."""
        folder, _name = folder_and_name(self.path)
        with contextlib.suppress(OSError):
            refuse_other_kinds(os.lstat(self.path), self.path, self._option)
        refuse_folders(self.path, self._option)
        if not os.path.isdir(folder):
            raise InvalidOption(self._option, f"there is no folder {folder}.", "Create it before.")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise InvalidOption(
                self._option, f"the folder {folder} cannot be written to.", "Change its mode, or use become."
            )
        look_irreplaceable(self.path, self._option)
        look_lock_place(self.path, self._option)

    def check_names(self) -> None:
        """:raises InvalidOption: this host does not know the owner or the group that the options name."""
        unknown = _nobody(self._permissions)
        if unknown is not None:
            raise self._cannot_be_set(*unknown)

    def reserve(self, room: int = _LONGEST, sweep: bool = True) -> None:
        """Make a private file beside it, with owner, group, mode and room for a secret.

        So a full disk or an owner that does not exist shows before the secret is created.

        :param room: bytes.
        :param sweep: also remove what runs that died have left there.
        :raises InvalidOption: that failed.
        """
        self.check_place()
        folder, name = folder_and_name(self.path)
        if sweep:
            _sweep(folder, name)
        try:
            refuse_irreplaceable(self.path, self._option)
            handle, self._reserved = tempfile.mkstemp(prefix=_NEW.format(name=name), dir=folder)
            # Kept open, for the mode may forbid to open it again, and whatever is under that name later, this is ours.
            self._stream = os.fdopen(handle, "r+b", closefd=False)
            self._status = os.fstat(handle)
            _fill(self._stream, b" " * room)
            self._protect(handle)
            if not is_at(self._status, self._reserved):
                raise InvalidOption(self._option, f"{self.path} cannot be written: {_EXCHANGED}.", self._remedy())
        except OSError as error:
            self.give_back()
            raise InvalidOption(self._option, f"nothing can be written beside {self.path} ({_why(error)}).") from None
        except InvalidOption:
            self.give_back()
            raise

    def rehearse(self) -> None:
        """For check mode: make sure of all the room that a run needs, for the secret and for the lock and the note beside it.

        No file stays open, for a task can have many.

        :raises InvalidOption: there is none.
        """
        self.reserve(sweep=False)
        folder, name = folder_and_name(self.path)
        try:
            self._close()
            for room in (0, ROOM):
                handle, path = tempfile.mkstemp(prefix=_NEW.format(name=name), dir=folder)
                self._rehearsed.append(path)
                with os.fdopen(handle, "r+b") as stream:
                    _fill(stream, b" " * room)
        except OSError as error:
            self.give_back()
            raise InvalidOption(self._option, f"nothing can be written beside {self.path} ({_why(error)}).") from None

    def write(self, secret: str, origin: Origin) -> None:
        """Put the secret into the place reserved and move that to the path, at once and for good.

        :param origin: what the secret was issued for, which the file is marked with.
        :raises PanelopsError: that failed, or another run has written the file; the message does not hold the secret.
        """
        self.fill(secret.encode("ascii") + b"\n")
        if self._stream is not None:
            give_mark(self._stream.fileno(), origin)
        # The lock keeps other runs away, but not every file system has locks, and other programs know nothing of ours.
        try:
            if self._seen is not None and self._present() != self._seen:
                raise self._overtaken()
        except InvalidOption as error:
            raise PanelopsError(f"The secret could not be written. {error}") from None
        self.commit()

    def fill(self, content: bytes) -> bytes:
        """Put content into the place reserved, and answer what can be read there then.

        :raises PanelopsError: that failed; the message does not hold the content.
        """
        if self._stream is None:
            raise ValueError("no place is reserved")
        try:
            _fill(self._stream, content)
            self._stream.seek(0)
            return self._stream.read()
        except OSError as error:
            raise self._not_written(error) from None

    def commit(self) -> None:
        """Move what was filled in to the path.

        A name is all that can be moved, and whoever owns the folder may have given it to another file.

        :raises Exchanged: another file than ours was moved, and is at the path now.
        :raises PanelopsError: that failed, and the path is as it was.
        """
        if self._stream is None or self._status is None or self._reserved is None:
            raise ValueError("no place is reserved")
        if not is_at(self._status, self._reserved):
            raise PanelopsError(f"The secret could not be written to {self.path}: {_EXCHANGED}. {self._remedy()}")
        try:
            os.replace(self._reserved, self.path)
        except OSError as error:
            raise self._not_written(error) from None
        if not is_at(self._status, self.path):
            raise Exchanged(
                f"The secret could not be written to {self.path}: somebody has exchanged the new file while it was moved there, and what "
                f"is there now is not that file. See what it is, and remove it. {self._remedy()}"
            )
        self._reserved = None
        _keep_names(folder_and_name(self.path)[0])

    def _remedy(self) -> str:
        folder, _name = folder_and_name(self.path)
        return f"Write there as the user who owns {folder}, and let no other user change that folder."

    def _overtaken(self) -> PanelopsError:
        return PanelopsError(f"Something else has written {self.path} meanwhile, so it was left as it is. Run again.")

    def _not_written(self, error: OSError) -> PanelopsError:
        return PanelopsError(f"The secret could not be written to {self.path} ({_why(error)}).")

    def give_back(self) -> None:
        """Close the place reserved, and remove it if it was not used."""
        while self._rehearsed:
            with contextlib.suppress(OSError):
                os.unlink(self._rehearsed.pop())
        self._close(emptying=self._reserved is not None)
        if self._reserved is not None:
            if self._status is not None and is_at(self._status, self._reserved):
                with contextlib.suppress(OSError):
                    os.unlink(self._reserved)
            self._reserved = None

    def _close(self, emptying: bool = False) -> None:
        """Close the place reserved.

        :param emptying: let nothing be in it, for somebody may have given it a name that we do not know.
        """
        if self._stream is None:
            return
        handle = self._stream.fileno()
        with contextlib.suppress(OSError):
            # This may write what there was no room for before, so the file is emptied afterwards.
            self._stream.close()
        self._stream = None
        if emptying:
            with contextlib.suppress(OSError):
                os.ftruncate(handle, 0)
        with contextlib.suppress(OSError):
            os.close(handle)

    def _protect(self, handle: int) -> None:
        """Give a new file its access control list, which is not the one that its folder hands on, and owner, group and mode."""
        kept = self._kept_list()
        self._give_list(handle, kept)
        self._set(handle, kept)

    def _kept_list(self) -> AccessList | None:
        """The access control list that the file with the next secret gets, see ``_kept_list_of``; ``None`` if no file is there.

        :raises InvalidOption: what is there cannot be read, or holds other things than a secret.
        """
        stream = opened_file(self.path, self._option)
        if stream is None:
            return None
        with stream:
            return self._kept_list_of(stream.fileno(), stream.read(_LONGEST))

    def _kept_list_of(self, handle: int, content: bytes) -> AccessList | None:
        """The access control list that the file with the next secret gets: that of the file that is there, if it is ours.

        The owner of a file decides about its list; one without a secret may have been put there to read the next. List, owner and content
        are those of one open file: three looks at a path could be at three files.
        """
        present = self._present_list(handle)
        if present is None or not self._is_ours(handle) or self._secret_in(content) is None:
            return None
        return present.effective() if self._has_mode else present.private()

    def _present_list(self, handle: int) -> AccessList | None:
        try:
            return access_list_of(handle)
        except OSError as error:
            raise InvalidOption(
                self._option, f"the access control list of {self.path} cannot be read ({_why(error)})."
            ) from None

    def _is_ours(self, handle: int) -> bool:
        """Does the file that is there belong to root, to us, or to the owner that the task names?"""
        owners = {0, os.geteuid(), user_id(self._permissions.owner)}
        return os.fstat(handle).st_uid in owners

    def _give_list(self, handle: int, given: AccessList | None) -> None:
        try:
            give_access_list(handle, given)
        except OSError as error:
            raise InvalidOption(
                self._option, f"the access control list of {self.path} cannot be set ({_why(error)})."
            ) from None

    def _set(self, handle: int, kept: AccessList | None = None, only_look: bool = False) -> bool:
        permissions = self._permissions
        if kept is not None and not self._has_mode:
            # Here the group bits are the mask of the list, which without them would count for nobody.
            permissions = replace(permissions, mode=f"0{0o600 | kept.mask << 3:o}")
        try:
            return self._attributes.set(handle, permissions, only_look)
        except PanelopsError as error:
            raise self._cannot_be_set(*(_nobody(permissions) or (str(error), ""))) from None

    def _cannot_be_set(self, why: str, remedy: str) -> InvalidOption:
        return InvalidOption("owner, group or mode", f"of {self.path} cannot be set: {why}.", remedy)


def user_id(name: str | None) -> int | None:
    """The number of a user that an option names or gives; ``None`` if there is none."""
    if name is None:
        return None
    try:
        return int(name) if name.isdecimal() else pwd.getpwnam(name).pw_uid
    except KeyError:
        return None


def _nobody(permissions: Permissions) -> tuple[str, str] | None:
    """What to say, and what to do, if the host does not know the user or the group that the options name."""
    for option, kind, name, known in (
        ("owner", "user", permissions.owner, pwd.getpwnam),
        ("group", "group", permissions.group, grp.getgrnam),
    ):
        if name is not None and not name.isdecimal():
            try:
                known(name)
            except KeyError:
                return (
                    f"there is no {kind} {name} on this host, which {option} names",
                    "Create it, or name another one.",
                )
    return None


def _fill(stream: BinaryIO, content: bytes) -> None:
    stream.seek(0)
    stream.write(content)
    stream.truncate()
    stream.flush()
    os.fsync(stream.fileno())


def _sweep(folder: str, name: str) -> None:
    """Remove what runs that died have left beside a file, as far as we may: it holds secrets."""
    ours = re.compile(re.escape(_NEW.format(name=name)) + "[a-z0-9_]{8}")
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if ours.fullmatch(entry.name) and entry.stat(follow_symlinks=False).st_mtime < time.time() - LEFT:
                os.unlink(entry.path)


def _keep_names(folder: str) -> None:
    """Or what was there before could be back after a power failure, when its token is no more. Some file systems cannot."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__


def no_token_file(options: Mapping) -> NoReturn:
    """For callers that run outside of a module: there is nobody to set owner and mode.

    :raises InvalidOption: a file is asked for.
    """
    raise InvalidOption("token_file", f"{options['token_file']} can only be written by a module.")
