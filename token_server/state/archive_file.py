# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of a packed account: a compressed tar archive with one JSON document, which nothing is ever unpacked from."""

from __future__ import annotations

import gzip
import io
import json
import os
import stat
import tarfile
import tempfile
import zlib
from pathlib import Path

from token_server.refusals import ServerError, quoted

MEMBER = "account.json"
MAX_FILE = 16 * 1024 * 1024
MAX_CONTENT = 64 * 1024 * 1024
"""Bytes of an archive, compressed and not: some 100,000 API tokens."""

_KIND = "token_server account"
_VERSION = 1


def write(path: Path, content: dict[str, object], now: int) -> None:
    """Write an archive that only its owner may read, as a whole. Raises ``ServerError``."""
    document = json.dumps({"kind": _KIND, "version": _VERSION, **content}, indent=1).encode("ascii")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo(MEMBER)
        member.size, member.mode, member.mtime = len(document), 0o600, now
        archive.addfile(member, io.BytesIO(document))
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(gzip.compress(packed.getvalue(), mtime=now))
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise ServerError(f"The archive {path} cannot be written: {error.strerror}.") from error


def read(path: Path) -> dict[str, object]:
    """Return the content of an archive. Raises ``ServerError`` with a sentence if this is not one that ``write`` makes."""
    try:
        content = json.loads(_document(_unpacked(path)), parse_constant=_no_number)
    except ValueError as error:
        raise _wrong(f"its {quoted(MEMBER)} is not JSON") from error
    except RecursionError as error:
        raise _wrong(f"its {quoted(MEMBER)} is nested too deep") from error
    if not isinstance(content, dict) or content.pop("kind", None) != _KIND:
        raise _wrong("it was not packed by a reference server")
    if content.pop("version", None) != _VERSION:
        raise _wrong(f"it has another version than {_VERSION}, which is the one that this server knows")
    return content


def _unpacked(path: Path) -> bytes:
    """Return the tar archive in a file. Raises ``ServerError``."""
    try:
        # O_NONBLOCK: a pipe or a device is refused, and not waited for.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise _wrong("it is not a regular file")
            packed = file.read(MAX_FILE + 1)
    except OSError as error:
        raise ServerError(f"The archive {path} cannot be read: {error.strerror}.") from error
    if len(packed) > MAX_FILE:
        raise _wrong(f"it is larger than {MAX_FILE} bytes")
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
            content = file.read(MAX_CONTENT + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise _wrong("it is not compressed with gzip, or damaged") from error
    if len(content) > MAX_CONTENT:
        raise _wrong(f"it is larger than {MAX_CONTENT} bytes once it is decompressed")
    return content


def _document(content: bytes) -> bytes:
    """Return the one file in a tar archive. Raises ``ServerError``."""
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
            member = archive.next()
            if member is None or member.name != MEMBER or not member.isreg() or member.issparse():
                raise _wrong(f"its first entry is not the regular file {quoted(MEMBER)}")
            file = archive.extractfile(member)
            document = b"" if file is None else file.read()
            if archive.next() is not None:
                raise _wrong(f"it has more entries than {quoted(MEMBER)}")
    # tarfile raises many things for headers that lie, ValueError and OverflowError among them.
    except (tarfile.TarError, OSError, EOFError, ArithmeticError, ValueError, RecursionError) as error:
        raise _wrong("it is not a tar archive, or damaged") from error
    return document


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


def _wrong(what: str) -> ServerError:
    return ServerError(f"The archive was refused: {what}.")
