# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shapes of answers (docs/wire-contract.md, section C1)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii

from token_server.refusals import Refused

encode = json.JSONEncoder(separators=(",", ":")).encode
"""JSON in ASCII, so that no text whatever can fail to be sent."""

DENIED = encode(
    {
        "cpanelresult": {
            "apiversion": "2",
            "error": "Access denied",
            "data": {"reason": "Access denied", "result": "0"},
            "type": "text",
        }
    }
).encode("ascii")
"""The body of every 401 (and 403, in that dialect): the same bytes whatever the reason (no oracle)."""


class Rendered:
    """Data in JSON already, because they are sent again and again; ``value`` is the object, for who needs that."""

    __slots__ = ("json",)

    def __init__(self, text: str | bytes) -> None:
        self.json = text.encode("ascii") if isinstance(text, str) else text

    @property
    def value(self) -> object:
        """The data as an object."""
        return json.loads(self.json)


def plain(data: object) -> object:
    """Return data as an ordinary object."""
    return data.value if isinstance(data, Rendered) else data


@dataclass(slots=True)
class WhmReply:
    """What a WHM function hands back when it succeeds. ``beside``: keys that stand beside ``metadata``."""

    data: object = None
    reason: str = "OK"
    beside: dict[str, object] | None = None
    metadata: dict[str, object] | None = None
    """More entries of the answer's metadata."""


class WhmAnswer:
    """A WHM API 1 answer.

    ``whole`` replaces the envelope altogether (the old ``cpanel`` function). ``refusal`` is why there is no result, for callers
    inside of this process.
    """

    __slots__ = ("_beside", "_command", "_data", "_more", "_reason", "refusal", "result", "whole")

    def __init__(
        self,
        command: str,
        result: int,
        reply: WhmReply,
        whole: dict[str, object] | None = None,
        refusal: Refused | None = None,
    ) -> None:
        self._command = command
        self.result = result
        self._reason = reply.reason
        self._data = reply.data
        self._beside = reply.beside
        self._more = reply.metadata
        self.whole = whole
        self.refusal = refusal

    def _metadata(self) -> dict[str, object]:
        own = {"command": self._command, "reason": self._reason, "result": self.result, "version": 1}
        return own if self._more is None else {**self._more, **own}

    def as_object(self) -> dict[str, object]:
        """Return the answer as an object."""
        if self.whole is not None:
            return self.whole
        answer: dict[str, object] = {"metadata": self._metadata()}
        if self._beside is not None:
            answer.update(self._beside)
        if self._data is not None:
            answer["data"] = plain(self._data)
        return answer

    def as_json(self) -> bytes:
        """Return the answer as JSON, without encoding again what is rendered already."""
        if isinstance(self._data, Rendered) and self._more is None:
            command, reason = encode_basestring_ascii(self._command), encode_basestring_ascii(self._reason)
            head = f'{{"metadata":{{"command":{command},"reason":{reason},"result":{self.result},"version":1}},"data":'
            return head.encode("ascii") + self._data.json + b"}"
        return encode(self.as_object()).encode("ascii")


_AFTER_DATA = b',"errors":null,"messages":null,"warnings":null,"metadata":{}}'


class UapiAnswer:
    """A UAPI answer, flat as over HTTP.

    ``status`` is 1 or 0; ``errors`` and ``messages`` lists of sentences or None; ``refusal`` as in a ``WhmAnswer``; ``metadata`` an
    object, empty if there is nothing to tell.
    """

    __slots__ = ("_data", "_errors", "_messages", "_metadata", "refusal", "status")

    def __init__(
        self,
        status: int,
        data: object,
        errors: list[str] | None,
        refusal: Refused | None = None,
        metadata: dict[str, object] | None = None,
        messages: list[str] | None = None,
    ) -> None:
        self.status = status
        self._data = data
        self._errors = errors
        self._metadata = metadata
        self._messages = messages
        self.refusal = refusal

    @property
    def errors(self) -> list[str]:
        """Why the call failed."""
        return self._errors or []

    def as_object(self) -> dict[str, object]:
        """Return the flat object."""
        return {
            "status": self.status,
            "data": plain(self._data),
            "errors": self._errors,
            "messages": self._messages,
            "warnings": None,
            "metadata": self._metadata or {},
        }

    def as_json(self) -> bytes:
        """Return the flat object as JSON, without encoding again what is rendered already."""
        if isinstance(self._data, Rendered) and self._metadata is None and self._messages is None:
            if self._errors is None:
                return b'{"status":%d,"data":' % self.status + self._data.json + _AFTER_DATA
            rest = f',"errors":{encode(self._errors)},"messages":null,"warnings":null,"metadata":{{}}}}'
            return b'{"status":%d,"data":' % self.status + self._data.json + rest.encode("ascii")
        return encode(self.as_object()).encode("ascii")

    def wrapped(self, module: str, function: str) -> dict[str, object]:
        """Return the object as the command line and API version 3 of the older interfaces give it."""
        return {"apiversion": 3, "module": module, "func": function, "result": self.as_object()}


def api2(module: str, function: str, data: list[object], error: str | None) -> dict[str, object]:
    """Return a cPanel API 2 answer."""
    result: dict[str, object] = {
        "apiversion": 2,
        "func": function,
        "module": module,
        "event": {"result": 0 if error else 1},
        "data": data,
    }
    if error:
        result["error"] = error
    return {"cpanelresult": result}
