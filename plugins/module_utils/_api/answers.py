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
_LIKE_A_SECRET = re.compile(r"[A-Za-z0-9_-]{20,}")


def object_in(body: bytes) -> dict[str, object] | None:
    """The JSON object in a body; ``None`` if it is none.

    Bytes that are no UTF-8 are replaced, and control characters accepted: one account with a comment in Latin-1 must not hide all others.
    """
    try:
        answer = json.loads(body.decode("utf-8-sig", "replace"), strict=False)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def words_in(answer: object) -> str:
    """The sentence of an object that is not the API's usual answer, such as that the licence has expired; empty if it has none."""
    return quoted(next(_sentences(answer), ""))


def words_of_text(body: bytes) -> str:
    """The first line of a body that is neither JSON nor HTML; empty if it is one of these."""
    lines = (line.strip() for line in body[:4096].decode("utf-8", "replace").splitlines())
    first = next((line for line in lines if line.strip("-. ")), "")
    return "" if first.startswith(("{", "[", "<")) else quoted(first)


def quoted(text: str) -> str:
    """A server's text as messages quote it: short, and without anything that could be a secret, for a mangled answer may hold one."""
    text = _LIKE_A_SECRET.sub("...", text.strip())
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}..."


def _sentences(answer: object) -> Iterator[str]:
    if not isinstance(answer, Mapping):
        return
    for key in _KEYS:
        value = answer.get(key)
        texts = value if isinstance(value, list) else [value]
        text = " ".join(each for each in texts if isinstance(each, str))
        if text.strip():
            yield text
    for key in _INSIDE:
        yield from _sentences(answer.get(key))
