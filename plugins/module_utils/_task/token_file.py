# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file that a secret is stored in: never readable by others, never half-written, its place made sure of beforehand."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, NoReturn, Protocol

from .._errors import InvalidOption, PanelopsError
from .replacing import refuse_irreplaceable

LEFT = 3600
"""Seconds after which a file that was written beside its place, and never took it, was left by a run that died."""

_LONGEST = 4096
_SECRET = re.compile(rb"[A-Za-z0-9_-]{8,128}")


@dataclass(frozen=True)
class Permissions:
    """Owner, group and mode of a file, as the options of a task give them; what is ``None`` stays as it is."""

    owner: str | None
    group: str | None
    mode: str | int | None


class Attributes(Protocol):
    """Sets owner, group and mode of files as Ansible's own modules do."""

    def set(self, path: str, permissions: Permissions, only_look: bool) -> bool:
        """Give a file its permissions, or see whether it has them; whether something differed.

        :raises PanelopsError: that is not possible; the text says why.
        """


class TokenFile:
    """A secret's file on the host that runs the module.

    :param options: ``owner``, ``group`` and ``mode`` of one token, and its path under the name ``option``.
    """

    def __init__(self, options: Mapping, attributes: Attributes, option: str = "token_file") -> None:
        self.path: str = options[option]
        self._option = option
        self._attributes = attributes
        self._permissions = Permissions(options["owner"], options["group"], options["mode"] or "0600")
        self._reserved: str | None = None
        self._stream: BinaryIO | None = None

    def stored(self) -> str | None:
        """What is there and may be a secret; ``None`` if there is no file, or nothing in it.

        :raises InvalidOption: it cannot be read, or holds other things, which would be lost.
        """
        try:
            with open(self.path, "rb") as stream:
                content = stream.read(_LONGEST)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise InvalidOption(self._option, f"{self.path} cannot be read ({_why(error)}).") from None
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

    def attributes_differ(self) -> bool:
        """Would owner, group or mode of the file that is there have to change?

        :raises InvalidOption: they cannot be what the options say.
        """
        return os.path.exists(self.path) and self._set(self.path, only_look=True)

    def set_attributes(self) -> None:
        """Give the file owner, group and mode, if there is one.

        :raises InvalidOption: they cannot be set.
        """
        if os.path.exists(self.path):
            self._set(self.path)

    def check_place(self) -> None:
        """:raises InvalidOption: no file can be written there; found before a secret is created."""
        folder = os.path.dirname(os.path.abspath(self.path))
        if os.path.isdir(self.path):
            raise InvalidOption(self._option, f"{self.path} is a folder.", "Give the path of a file.")
        if not os.path.isdir(folder):
            raise InvalidOption(self._option, f"there is no folder {folder}.", "Create it before.")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise InvalidOption(
                self._option, f"the folder {folder} cannot be written to.", "Change its mode, or use become."
            )

    def reserve(self, room: int = _LONGEST, sweep: bool = True) -> None:
        """Make a private file beside it, with owner, group, mode and room for a secret.

        So a full disk or an owner that does not exist shows before the secret is created.

        :param room: bytes.
        :param sweep: also remove what runs that died have left there.
        :raises InvalidOption: that failed.
        """
        self.check_place()
        folder, name = os.path.split(os.path.abspath(self.path))
        if sweep:
            _sweep(folder, name)
        try:
            refuse_irreplaceable(self.path, self._option)
            handle, self._reserved = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
            # Kept open, for the mode may forbid to open it again.
            self._stream = os.fdopen(handle, "r+b")
            _fill(self._stream, b" " * room)
            self._set(self._reserved)
        except OSError as error:
            self.give_back()
            raise InvalidOption(self._option, f"nothing can be written beside {self.path} ({_why(error)}).") from None
        except InvalidOption:
            self.give_back()
            raise

    def write(self, secret: str) -> None:
        """Put the secret into the place reserved and move that to the path, at once and for good.

        :raises PanelopsError: that failed; the message does not hold the secret.
        """
        self.fill(secret.encode("ascii") + b"\n")
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

        :raises PanelopsError: that failed.
        """
        try:
            os.replace(str(self._reserved), self.path)
            self._reserved = None
        except OSError as error:
            raise self._not_written(error) from None
        _keep_names(os.path.dirname(os.path.abspath(self.path)))

    def _not_written(self, error: OSError) -> PanelopsError:
        return PanelopsError(f"The secret could not be written to {self.path} ({_why(error)}).")

    def give_back(self) -> None:
        """Close the place reserved, and remove it if it was not used."""
        if self._stream is not None:
            with contextlib.suppress(OSError):
                self._stream.close()
            self._stream = None
        if self._reserved is not None:
            with contextlib.suppress(OSError):
                os.unlink(self._reserved)
            self._reserved = None

    def _set(self, path: str, only_look: bool = False) -> bool:
        try:
            return self._attributes.set(path, self._permissions, only_look)
        except PanelopsError as error:
            raise InvalidOption("owner, group or mode", f"of {self.path} cannot be set: {error}.") from None


def _fill(stream: BinaryIO, content: bytes) -> None:
    stream.seek(0)
    stream.write(content)
    stream.truncate()
    stream.flush()
    os.fsync(stream.fileno())


def _sweep(folder: str, name: str) -> None:
    """Remove what runs that died have left beside a file, as far as we may: it holds secrets."""
    ours = re.compile(re.escape(f".{name}.") + "[a-z0-9_]{8}")
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
