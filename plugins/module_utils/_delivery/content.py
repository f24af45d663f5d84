# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a file of one of the formats holds, and whether a file that is there may be replaced. Pure."""

from __future__ import annotations

import json
import re
import shlex

from .._errors import InvalidOption

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORD = re.compile(rb"\s*[\x21-\x7e]*\s*")


def content_of(form: str, key: str | None, secret: str) -> bytes:
    """The whole file: ``raw`` (the secret alone on a line), ``env`` (``KEY=secret``) or ``json`` (an object with one key).

    In ``env`` the secret is quoted if it holds what a shell would not take literally. The vendor's do not, and stand there without
    quotes, because not every reader of such files takes them off.

    :raises InvalidOption: with ``env`` the key cannot be the name of a variable.
    """
    if form == "env":
        check_variable(key)
        return f"{key}={shlex.quote(secret)}\n".encode()
    if form == "json":
        return (json.dumps({key: secret}) + "\n").encode()
    return f"{secret}\n".encode()


def check_variable(key: str | None) -> None:
    """:raises InvalidOption: the key cannot be the name of a variable."""
    if not _KEY.fullmatch(key or ""):
        raise InvalidOption("key", f"{key!r} is not the name of a variable.", "Give letters, digits and underscores.")


def refuse_other_content(form: str, key: str | None, previous: bytes, path: str) -> None:
    """Refuse to replace a file that holds more than a secret: the whole file is written at each rotation.

    :raises InvalidOption: it does.
    """
    if form == "env":
        lines = [line.strip() for line in previous.splitlines()]
        ours = all(not line or line.startswith((b"#", f"{key}=".encode())) for line in lines)
    elif form == "json":
        try:
            ours = not previous.strip() or list(json.loads(previous)) == [key]
        except (ValueError, TypeError):
            ours = False
    else:
        ours = _WORD.fullmatch(previous) is not None
    if not ours:
        raise InvalidOption(
            "path",
            f"{path} holds other things than {key or 'a secret'}, which would be lost.",
            "Give the token a file of its own, or use format: template for the whole file.",
        )
