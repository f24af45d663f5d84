# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What M(panelops.cpanel.api_token_delivery) does on a consumer's host, as a function of plain data."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from .._api.access import attempt
from .._api.connection import CPANEL, WHM, connection_from
from .._argspec import PLACE
from .._delivery.content import check_key, refuse_foreign
from .._errors import (
    InvalidOption,
    NotAuthenticated,
    PanelopsError,
)
from .._rotation.options import FILES
from .._rotation.places import identity

ABSENT = "absent"
"""In place of the fingerprint of a file that does not exist."""


class _TakenOver(PanelopsError):
    """Another run has delivered meanwhile."""


def run(params: Mapping, check_mode: bool, environ: Mapping, files: Callable) -> dict:
    """Take one step for all sinks of this host. What goes wrong with one is in its entry and does not stop the others.

    :param files: makes the ``TokenFile`` of one sink's options.
    """
    step = dict(check=_check, deliver=_deliver, restore=_restore)[params["step"]]
    changes = params["step"] != "check"
    copies = {identity(copy): copy["previous"] for copy in params["copies"] or ()}
    entries, found = [], []
    for sink in params["sinks"]:
        entry = {key: sink[key] for key in PLACE}
        sink = dict(sink, previous=copies.get(identity(sink)))
        entry.update(ok=True, unchanged=not changes, taken_over=False)
        if not (check_mode and changes):
            try:
                entry.update(step(sink, files(sink) if sink["type"] in FILES else None))
            except PanelopsError as error:
                # What was not delivered is as it was; what could not be taken back is not.
                unchanged = params["step"] != "restore"
                entry.update(ok=False, unchanged=unchanged, taken_over=isinstance(error, _TakenOver), msg=str(error))
            except OSError as error:
                why = error.strerror or type(error).__name__
                entry.update(ok=False, unchanged=not changes, msg=f"{sink['path']}: {why}.")
        if "previous" in entry:
            found.append(dict({key: sink[key] for key in PLACE}, previous=entry.pop("previous")))
        entries.append(entry)
    changed = any(not entry["unchanged"] or "restored" in entry for entry in entries)
    return dict(changed=changed, sinks=entries, copies=found)


def fingerprint(content: bytes | None) -> str:
    """What tells two copies apart, and no more of them."""
    return ABSENT if content is None else hashlib.sha256(content).hexdigest()


def _check(sink: Mapping, file) -> dict:
    """Make sure that the file can be written, and see what is there."""
    form = sink["type"] if sink["type"] == "vault" else sink["format"] or "raw"
    check_key(form, sink["key"])
    file.check_place()
    with _locked(sink["path"]):
        content = _read(sink["path"])
    if content is not None and form != "vault":
        refuse_foreign(form, sink["key"], content, sink["path"])
    try:
        file.reserve(room=max(len(content or b"") * 2, 8192))
    finally:
        file.give_back()
    told = dict(before=fingerprint(content))
    return told if content is None else dict(told, previous=base64.b64encode(content).decode("ascii"))


def _deliver(sink: Mapping, file) -> dict:
    """Write beside the file, try what can be read there from this host, and only then put it in the file's place."""
    if file is None:
        _verify(sink["verify"], sink["token"], sink["host"])
        return dict(unchanged=True)
    content = base64.b64decode(sink["content"])
    try:
        file.reserve(room=len(content))
        stored = file.fill(content)
        if stored != content:
            raise PanelopsError(f"What was written beside {sink['path']} is not what can be read there.")
        if sink["type"] == "file" and sink["token"].encode() not in stored:
            raise InvalidOption("template", "what it makes does not hold the secret.", "Use {{ token }} in it.")
        if sink["verify"]:
            _verify(sink["verify"], sink["token"], sink["host"])
        _replace(sink["path"], sink["before"], file)
    finally:
        file.give_back()
    return dict(unchanged=False, before=sink["before"], after=fingerprint(content))


def _restore(sink: Mapping, file) -> dict:
    """Put the copy back that was there before, if what we delivered still is there."""
    if sink["previous"] is None:
        with _locked(sink["path"]):
            _refuse_other(sink["path"], sink["after"])
            os.unlink(sink["path"])
    else:
        try:
            content = base64.b64decode(sink["previous"])
            file.reserve(room=len(content))
            file.fill(content)
            _replace(sink["path"], sink["after"], file)
        finally:
            file.give_back()
    return dict(unchanged=True, restored=True)


def _replace(path: str, expected: str, file) -> None:
    """Compare and swap: of two runs that deliver at the same time only the first finds the copy that both have seen."""
    with _locked(path):
        _refuse_other(path, expected)
        file.commit()


def _refuse_other(path: str, expected: str) -> None:
    if fingerprint(_read(path)) != expected:
        raise _TakenOver("Another run has delivered meanwhile.")


@contextmanager
def _locked(path: str) -> Iterator[None]:
    """Keep other runs of this module on this host away from the files of the same folder.

    :raises InvalidOption: its file system has no such locks, so that of two runs both could deliver.
    """
    folder = os.path.dirname(os.path.abspath(path))
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError as error:
            raise InvalidOption(
                "path", f"the folder {folder} cannot be locked ({error.strerror}).", "Use one on a local file system."
            ) from None
        yield
    finally:
        os.close(handle)


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InvalidOption("path", f"{path} cannot be read ({error.strerror}).") from None


def _verify(verify: Mapping, secret: str, host: str) -> None:
    service = WHM if verify["service"] == "whm" else CPANEL
    connection = connection_from(dict(verify, api_token=secret, password=None), {}, service)
    try:
        attempt(connection, service, secret)
    except NotAuthenticated:
        raise PanelopsError(
            f"{connection.address} does not accept the new token from {host}. Is the address that {host} has there on "
            "the token's whitelist_ips?"
        ) from None
    except PanelopsError as error:
        raise PanelopsError(f"The new token could not be tried from {host}: {error}") from None
