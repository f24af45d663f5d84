# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a delivery on a consumer's host, one by one, as processes of their own."""

from __future__ import annotations

import base64
import os
import struct
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import result_of, start

PLACE = {"name": "t", "sink": 0, "host": "consumer1"}
"""What names a sink; others differ in one of these."""

OLD = "OLD0" * 8
NEW = "NEW1" * 8
"""Texts with the shape of a secret."""

STRANGER = 12345
"""A user that is neither root nor the one that runs the tests."""

_ACL = "system.posix_acl_access"
_NOBODY = 0xFFFFFFFF


def options_of(path: Path | str, content: str | None = None, **sink: object) -> dict:
    """Return the options of one sink with a file."""
    more = {} if content is None else {"content": base64.b64encode(content.encode()).decode(), "token": content.strip()}
    return {**PLACE, "type": "file", "path": str(path), **more, **sink}


def step_of(
    name: str,
    *sinks: Mapping,
    copies: Sequence[Mapping] = (),
    limit: float = 20,
    environment: Mapping[str, str] | None = None,
    prefix: tuple[str, ...] = (),
    before: str = "",
) -> dict:
    """Take a step on this host and return the module's result. One that does not end within ``limit`` seconds fails the test."""
    arguments = {"step": name, "sinks": list(sinks), "copies": list(copies)}
    process = start("api_token_delivery", environment or {}, arguments, before, prefix)
    try:
        return result_of(process, limit)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        pytest.fail(f"the step {name} hangs")


def deliver(
    path: Path | str,
    step: str,
    previous: str | None = None,
    limit: float = 20,
    prefix: tuple[str, ...] = (),
    **sink: Any,
) -> dict:
    """Take a step for one sink; its entry, with the copy that was found.

    :param previous: that of the step ``check``, to put back.
    """
    copies = [{**PLACE, "previous": previous}] if previous is not None else []
    result = step_of(step, options_of(path, **sink), copies=copies, limit=limit, prefix=prefix)
    found = result["copies"][0]["previous"] if result["copies"] else None
    return dict(result["sinks"][0], previous=found)


def give_acl(path: Path, user: int, mask: int = 4, group: int = 0, kind: str = _ACL) -> None:
    """Let one more user read a file, by an access control list whose mask lets it; skips where the file system has none."""
    entries = [(1, 6, _NOBODY), (2, 4, user), (4, group, _NOBODY), (16, mask, _NOBODY), (32, 0, _NOBODY)]
    value = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    try:
        os.setxattr(path, kind, value)
    except OSError as error:
        pytest.skip(f"the file system of {path} has no access control lists ({error.strerror})")


def acl_of(path: Path) -> dict[tuple[int, int], int]:
    """Return the permissions of each entry of a file's access control list, by tag and user; empty if it has none."""
    if _ACL not in os.listxattr(path):
        return {}
    value = os.getxattr(path, _ACL)
    entries = [struct.unpack_from("<HHI", value, offset) for offset in range(4, len(value), 8)]
    return {(tag, who): permissions for tag, permissions, who in entries}
