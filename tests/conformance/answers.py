# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an HTTP answer says to a fact; uses no test library."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import requests

from tests.conformance.expectations import at

_LONG = 300


def document(response: requests.Response) -> Any:
    """Return the JSON of an answer, or None."""
    try:
        return response.json()
    except ValueError:
        return None


def found(path: str, response: requests.Response, document: Any) -> Any:
    """Return what a path leads to: in the JSON, or after ``header:``, or the whole ``text``."""
    if path == "text":
        return response.text
    if path.startswith("header:"):
        return at("value", {"value": response.headers[path[7:]]} if path[7:] in response.headers else {})
    return at(path, document)


def outcome(response: requests.Response, document: Any) -> str:
    """Return how a call ended: ``ok``, ``refused`` or ``denied``."""
    if response.status_code in (401, 403) or 300 <= response.status_code < 400 or not isinstance(document, Mapping):
        return "denied"
    result = at("metadata.result", document) if "result" in (document.get("metadata") or {}) else document.get("status")
    return "ok" if str(result) == "1" else "refused"


def shown(value: Any) -> str:
    """Return a value as a message may show it."""
    text = json.dumps(value, ensure_ascii=False, default=lambda _missing: "nothing")
    return text if len(text) <= _LONG else text[:_LONG] + " ..."
