# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What came back, as JSON, and the server's own words where it is not an answer of the API: pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

LONGEST_QUOTE = 300
"""Characters of a server's text that a message quotes."""

_KEYS = ("error", "errors", "statusmsg", "message", "reason")
"""Where servers, and the API's older versions, put a sentence for people; the best first."""
_INSIDE = ("cpanelresult", "metadata", "result", "data")
SENTENCES = (*_KEYS, "messages", "warnings")
"""The keys under which an answer has text for people."""
_LIKE_A_SECRET = re.compile(r"[A-Za-z0-9_-]{20,}")
_VENDORS_SECRET = re.compile(r"(?<![A-Za-z0-9])[A-Z0-9]{32}(?![A-Za-z0-9])")
_DEEPEST = 20
"""Objects inside of each other in which a sentence is looked for; a hostile answer can have hundreds."""


def object_in(body: bytes) -> dict[str, object] | None:
    """The JSON object in a body; ``None`` if it is none.

    Bytes that are no UTF-8 are replaced, and control characters accepted: one account with a comment in Latin-1 must not hide all others.
    """
    try:
        answer = json.loads(body.decode("utf-8-sig", "replace"), strict=False, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def names_something_twice(body: bytes) -> bool:
    """Is it JSON all the same, though there is no ``object_in`` it?"""
    try:
        json.loads(body.decode("utf-8-sig", "replace"), strict=False)
    except (ValueError, RecursionError):
        return False
    return True


def says_yes(outcome: object) -> bool | None:
    """Does the outcome of a function say that it was carried out? ``None`` if it says neither yes nor no.

    Flags come as numbers and as text, and false also as an empty text.
    """
    if isinstance(outcome, (int, float, str)):
        return {"1": True, "1.0": True, "0": False, "0.0": False, "": False}.get(str(outcome))
    return None


def reason_in(text: str) -> str:
    """A server's reason for a refusal, without what could be a secret. It may name tokens, whose names are long."""
    return _VENDORS_SECRET.sub("...", text)


def is_denial(answer: object) -> bool:
    """Is it what the servers answer, in the shape of an older API, to whoever is not let in?"""
    denied = answer.get("cpanelresult") if isinstance(answer, Mapping) else None
    return isinstance(denied, Mapping) and denied.get("error") == "Access denied"


def words_in(answer: object) -> str:
    """The sentence of an object that is not the API's usual answer, such as that the license has expired; empty if it has none."""
    return quoted(next(_sentences(answer), ""))


def words_of_text(body: bytes) -> str:
    """The first line of a body that is neither JSON nor HTML; empty if it is one of these."""
    lines = (line.strip() for line in body[:4096].decode("utf-8", "replace").splitlines())
    first = next((line for line in lines if line.strip("-. ")), "")
    # The commands begin their complaints with their own name: "[uapi] This program must be passed the --user flag".
    data = first.startswith(("{", "[", "<")) and not first.startswith(("[whmapi1] ", "[uapi] "))
    return "" if data else quoted(first)


def quoted(text: str) -> str:
    """A server's text as messages quote it: short, and without anything that could be a secret, for a mangled answer may hold one."""
    text = _LIKE_A_SECRET.sub("...", text.strip())
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}..."


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object as the API means it: true and false are 1 and 0, and so are 1.0 and 0.0.

    :raises ValueError: a name stands twice. Which of the values counts nobody can know, and it may be a secret.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    for name, value in pairs:
        if isinstance(value, (bool, float)) and value in (0, 1):
            found[name] = int(value)
    return found


def _sentences(answer: object, depth: int = 0) -> Iterator[str]:
    if not isinstance(answer, Mapping) or depth > _DEEPEST:
        return
    for key in _KEYS:
        value = answer.get(key)
        texts = value if isinstance(value, list) else [value]
        text = " ".join(each for each in texts if isinstance(each, str))
        if text.strip():
            yield text
    for key in _INSIDE:
        yield from _sentences(answer.get(key), depth + 1)
