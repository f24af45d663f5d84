# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Leaves the credential of a connection out of what a server says: pure.

A server may repeat what it was sent, as it came or encoded: as part of a URL, as HTML, or as JSON within a text.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, quote_plus

from .answers import SENTENCES, object_in

_INSTEAD = "..."


class Concealing:
    """What a server says, without these secrets in any form."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets if secret for form in _forms(secret)}
        # The longest first: it may begin like a shorter one.
        self._forms = sorted(forms, key=len, reverse=True)
        # Some libraries write the letters of %C3 small, others do not.
        self._pattern = re.compile("|".join(re.escape(form) for form in self._forms), re.IGNORECASE)
        self._bytes = [form.encode("utf-8", "replace").lower() for form in self._forms]

    @classmethod
    def credential(cls, username: str, api_token: str | None, password: str | None) -> Concealing:
        """What is sent to authenticate, also as the pair that HTTP Basic makes of it."""
        secret = api_token or password or ""
        pair = base64.b64encode(f"{username}:{secret}".encode()).decode("ascii").rstrip("=") if secret else ""
        return cls((secret, pair))

    def text(self, text: str) -> str:
        """A text without them."""
        return self._pattern.sub(_INSTEAD, text) if self._forms else text

    def answer(self, answer: dict[str, object], body: bytes) -> dict[str, object]:
        """A decoded answer without them in its sentences; only there, for a password can be an ordinary word.

        :param body: the bytes that it was decoded from: to look at them is faster than to look at every part of a long list.
        """
        lowered = body.lower()
        # With a backslash JSON can write every character in a way that no search foresees.
        if b"\\" in body or any(form in lowered for form in self._bytes):
            return dict(self._part(answer))
        return answer

    def body(self, body: bytes) -> bytes:
        """A body that is no answer of the API, without them anywhere, before anything is quoted from it or cut."""
        answer = object_in(body)
        if answer is None:
            return self.text(body.decode("utf-8", "replace")).encode("utf-8", "replace")
        return json.dumps(self._part(answer)).encode("ascii")

    def _part(self, part: Any, is_sentence: bool = False) -> Any:
        if isinstance(part, dict):
            return {key: self._part(value, is_sentence or key in SENTENCES) for key, value in part.items()}
        if isinstance(part, list):
            return [self._part(value, is_sentence) for value in part]
        return self.text(part) if is_sentence and isinstance(part, str) else part


def _forms(secret: str) -> set[str]:
    in_json = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    in_html = {html.escape(secret), html.escape(secret, quote=False), html.escape(secret).replace("&#x27;", "&#39;")}
    in_urls = {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    slashed = {form.replace("/", "\\/") for form in in_json}
    return {secret, repr(secret)[1:-1], *in_json, *slashed, *in_html, *in_urls}
