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
_VENDORS = re.compile(rb"(?<![A-Za-z0-9])[A-Z0-9]{32}(?![A-Za-z0-9])")
"""The shape of the secrets that servers give."""
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


def only_secret_in(text: bytes) -> str | None:
    """The piece of a text that has the shape of a secret, if it is the only one."""
    found = _VENDORS.findall(text)
    return found[0].decode("ascii") if len(found) == 1 else None


def vendors_secret(text: str | None) -> str | None:
    """A text, if it has the shape of the secrets that servers give. Nothing else is asked about anywhere."""
    return text if text is not None and _VENDORS.fullmatch(text.encode("utf-8", "replace")) else None


def secret_in(form: str | None, key: str | None, content: bytes) -> str | None:
    """The text that stands in a file where a secret does, or should; ``None`` if there is none.

    :param form: ``None`` where only the controller can recognize a secret: the first text with the shape of one.
    """
    found: object = None
    if form == "env":
        values = (line.strip().partition(b"=") for line in content.splitlines())
        found = next((value for name, _sign, value in values if name == str(key).encode()), b"").strip()
    elif form == "json":
        try:
            found = json.loads(content).get(key)
        except (ValueError, AttributeError):
            return None
    elif form == "raw":
        found = content.strip()
    else:
        match = _VENDORS.search(content)
        found = match.group() if match else None
    text = found.decode("ascii", "replace") if isinstance(found, bytes) else found
    return text if isinstance(text, str) and text else None
