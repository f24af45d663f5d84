# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks answers of the reference server against its OpenAPI documents.

``document("whm").check("GET", "/json-api/version", 200, "application/json", body)`` raises ``Undocumented``;
``check_answer("whm", response)`` does the same with a response of requests.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema_rs
import requests
import yaml

from tests.support.paths import REPOSITORY

FOLDER = REPOSITORY / "token_server" / "openapi"
METHODS = ("get", "post", "put", "patch", "delete", "options")

_SESSION = re.compile(r"/cpsess[0-9]{10}(?=/)")
_PARAMETER = re.compile(r"\{[a-z]+\}")


class Undocumented(AssertionError):
    """The server has answered something that its document does not allow."""


class Document:
    """The OpenAPI document of one service (``whm`` or ``cpanel``)."""

    def __init__(self, service: str) -> None:
        self.path = FOLDER / f"{service}.yaml"
        self._paths: dict[str, tuple[dict[str, Any], str]] = {}
        for path in _content(self.path.as_uri())["paths"]:
            self._paths[path] = _followed(f"{self.path.as_uri()}#/paths/{_escaped(path)}")
        self._validators: dict[str, jsonschema_rs.Validator] = {}

    @property
    def paths(self) -> list[str]:
        """The paths, those with parameters in braces too."""
        return list(self._paths)

    def operations(self) -> Iterator[tuple[str, str]]:
        """Yield the method (upper case) and the path of every operation."""
        for path, (item, _where) in self._paths.items():
            for method in METHODS:
                if method in item:
                    yield method.upper(), path

    def check(self, method: str, path: str, status: int, content_type: str, body: bytes) -> None:
        """Raise ``Undocumented`` unless this is an answer that the document allows to this method at this path."""
        told = f"{method} {path} answered {status}"
        documented = self._documented(path)
        item, where = self._paths[documented]
        if method.lower() not in item:
            # The document says once, for all addresses, what other methods get.
            item, where = self._paths["/{anything}"]
        responses = item.get(method.lower(), {}).get("responses", {})
        if str(status) not in responses:
            raise Undocumented(f"{told}; the document of {documented} has only {sorted(responses)}")
        response, where = _followed(f"{where}/{method.lower()}/responses/{status}")
        media = content_type.partition(";")[0]
        contents = response.get("content", {})
        if not contents:
            if body:
                raise Undocumented(f"{told} with a body, and the document has none")
            return
        if media not in contents:
            raise Undocumented(f"{told} with {media!r}; the document has only {sorted(contents)}")
        if media == "application/json":
            self._validate(f"{where}/content/{_escaped(media)}/schema", body, told)

    def _documented(self, path: str) -> str:
        """Return the path of the document that a path of a request falls under."""
        path = _SESSION.sub("", path, count=1)
        if path in self._paths:
            return path
        for candidate in self._paths:
            pattern = "[^/]*".join(map(re.escape, _PARAMETER.split(candidate)))
            if re.fullmatch(pattern, path):
                return candidate
        return "/{anything}"

    def _validate(self, where: str, body: bytes, told: str) -> None:
        if where not in self._validators:
            self._validators[where] = jsonschema_rs.Draft202012Validator({"$ref": where}, retriever=_content)
        try:
            self._validators[where].validate(json.loads(body))
        except ValueError as error:
            raise Undocumented(f"{told}, which is outside its schema: {error}\n{body[:2000]!r}") from error


@cache
def document(service: str) -> Document:
    """Return the document of a service."""
    return Document(service)


def check_answer(service: str, response: requests.Response) -> requests.Response:
    """Check a response of requests, and return it. Raises ``Undocumented``."""
    method, path = response.request.method or "GET", urlsplit(response.url).path
    content_type = response.headers.get("Content-Type", "")
    document(service).check(method, path, response.status_code, content_type, response.content)
    return response


@cache
def _content(uri: str) -> Any:
    return yaml.safe_load(Path(unquote(urlsplit(uri).path)).read_text(encoding="utf-8"))


def _followed(where: str) -> tuple[dict[str, Any], str]:
    """Return the object at a URI with a JSON pointer, and where it really stands if that is a reference."""
    uri, _mark, pointer = where.partition("#")
    value = _content(uri)
    for part in pointer.split("/")[1:]:
        value = value[part.replace("~1", "/").replace("~0", "~")]
    reference = value.get("$ref")
    if reference is None:
        return value, where
    name, _mark, target = reference.partition("#")
    base = uri.rpartition("/")[0] + "/" + name if name else uri
    return _followed(f"{base}#{target}")


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")
