# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a browser without JavaScript does on the pages of the server: log in, look, send forms."""

from __future__ import annotations

from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
import requests

from tests.support.server import Server
from tests.support.users import ALICE, ROOT

SERVICES = [("whm", ROOT), ("cpanel", ALICE)]
"""The services that have pages, each with a user of its own."""

both = pytest.mark.parametrize(("service", "who"), SERVICES, ids=["whm", "cpanel"])
"""Runs a test on the pages of both services."""


def names(server: Server, service: str) -> set[str]:
    """Return the names of the tokens of that user."""
    return set(server.whm_tokens() if service == "whm" else server.uapi_tokens())


class Fields(HTMLParser):
    """The fields of a page as a browser would send them, and the id of whatever has a fault."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self.invalid: set[str] = set()
        self._area = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("aria-invalid") == "true":
            self.invalid.add(given["id"] or "")
        name = given.get("name")
        if tag == "textarea" and name:
            self._area = name
            self.values[name] = [""]
        ticked = given.get("type") not in ("radio", "checkbox") or "checked" in given
        if tag == "input" and name and ticked:
            self.values.setdefault(name, []).append(given.get("value") or "")

    def handle_data(self, data: str) -> None:
        if self._area:
            # As a browser does: the line break behind the tag is no part of the text.
            self.values[self._area] = [data.removeprefix("\n")]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""


class Visit:
    """A session on the pages of one service."""

    def __init__(self, server: Server, service: str, credentials: tuple[str, str]) -> None:
        self.server = server
        self.service = service
        user, password = credentials
        login = server.request(service, "/login/", data={"user": user, "pass": password})
        assert login.status_code == 302, login.text
        self.base = login.headers["location"].rstrip("/")
        self.cookies = dict(login.cookies)

    def get(self, path: str = "/", **options: Any) -> requests.Response:
        """Look at a page."""
        options.setdefault("cookies", self.cookies)
        return self.server.request(self.service, self.base + path, method="GET", **options)

    def post(self, path: str, fields: dict[str, Any], **options: Any) -> requests.Response:
        """Send fields, and nothing else."""
        options.setdefault("cookies", self.cookies)
        return self.server.request(self.service, self.base + path, data=fields, **options)

    def send(self, path: str, **changes: Any) -> requests.Response:
        """Send the form of a page as it stands, with some fields changed (None: left out)."""
        fields: dict[str, Any] = {**Fields(self.get(path).text).values, **changes}
        return self.post(path, {name: value for name, value in fields.items() if value is not None})

    def follow(self, answer: requests.Response) -> requests.Response:
        """Go where an answer sends the browser."""
        assert answer.status_code == 303, answer.text
        return self.get(answer.headers["location"].removeprefix(self.base))

    def create(self, **fields: Any) -> str:
        """Create a token and return its secret from the page that shows it."""
        text = self.follow(self.send("/create", **fields)).text
        return text.partition('<input id="token" value="')[2].partition('"')[0]

    def says(self, path: str = "/") -> str:
        """Return the text of a page."""
        return unescape(self.get(path).text)
