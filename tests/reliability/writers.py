# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One client that changes tokens again and again, and knows what the server has promised and what it may have done.

What was answered must be there afterwards. What was not answered must have happened wholly or not at all.
"""

from __future__ import annotations

import http.client
import json
import random
import ssl
import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.support.schema import document

TIMEOUT = 10.0
"""Seconds after which a request counts as hanging."""

Rows = dict[str, dict[str, Any]]
_FORM = "application/x-www-form-urlencoded"
_ACLS = ["list-accts", "passwd", "manage-api-tokens", "ssl", "status"]
_ADDRESSES = ["127.0.0.1", "10.0.0.0/8", "192.0.2.7"]


class Choices(random.Random):
    """Random choices that a seed repeats."""


class Unanswered(Exception):
    """The server went away before it answered."""


class Connection:
    """One user's kept-open connection to one service. Every answer is checked against the OpenAPI document."""

    def __init__(self, service: str, url: str, authorization: str, trust: ssl.SSLContext) -> None:
        self._service = service
        self._authorization = authorization
        self._connection = http.client.HTTPSConnection(urlsplit(url).netloc, timeout=TIMEOUT, context=trust)

    def call(self, path: str, parameters: dict[str, Any], authorization: str | None = None) -> Any:
        """Call a function and return the parsed answer. Raises ``Unanswered``."""
        headers = {"Authorization": authorization or self._authorization, "Content-Type": _FORM}
        try:
            self._connection.request("POST", path, urlencode(parameters, doseq=True), headers)
            answer = self._connection.getresponse()
            body = answer.read()
        except TimeoutError:
            raise
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise Unanswered from error
        content_type = answer.getheader("Content-Type", "")
        document(self._service).check("POST", path.partition("?")[0], answer.status, content_type, body)
        return json.loads(body)


@dataclass
class Change:
    """A call that changes something: ``after`` is how the tokens it names will look, None for those that are gone."""

    path: str
    parameters: dict[str, Any]
    after: dict[str, dict[str, Any] | None]


class Writer(threading.Thread, ABC):
    """Changes the tokens whose names begin with its own prefix, until the server goes away.

    ``known`` holds the tokens as acknowledged, ``secrets`` those of them that were told, ``revoked`` those that must be dead,
    ``pending`` the change without an answer.
    """

    service: str
    user: str

    def __init__(self, prefix: str, rng: Choices, connection: Connection) -> None:
        super().__init__(daemon=True)
        self._prefix = prefix
        self._rng = rng
        self.connection = connection
        self.known: Rows = {}
        self.secrets: dict[str, str] = {}
        self.revoked: list[str] = []
        self.pending: Change | None = None
        self.acknowledged = threading.Event()
        self.count = 0
        self.trouble: BaseException | None = None

    def run(self) -> None:
        """Make one change after the other."""
        try:
            while True:
                self.pending = self.next_change()
                self._acknowledge(self.pending, self._call(self.pending))
                self.pending = None
        except Unanswered:
            return
        except BaseException as error:
            self.trouble = error

    def successor(self) -> Writer:
        """Return a writer that goes on where this one was cut off (a thread runs only once)."""
        successor = type(self)(self._prefix, self._rng, self.connection)
        successor.known, successor.secrets, successor.revoked = self.known, self.secrets, self.revoked
        return successor

    def _call(self, change: Change) -> Any:
        answer = self.connection.call(change.path, change.parameters)
        outcome = answer["status"] if "status" in answer else answer["metadata"]["result"]
        assert outcome == 1, (change, answer)
        return answer.get("data")

    def _acknowledge(self, change: Change, data: Any) -> None:
        self.adopt(change)
        if isinstance(data, dict) and "token" in data:
            self.secrets[next(iter(change.after))] = data["token"]
        self.acknowledged.set()
        self.count += 1

    def adopt(self, change: Change) -> None:
        """Take note that a change has happened. One name gone and one come is a rename: the secret stays."""
        gone = [name for name, row in change.after.items() if row is None]
        come = {name: row for name, row in change.after.items() if row is not None}
        for name in gone:
            del self.known[name]
            secret = self.secrets.pop(name, None)
            if secret is None:
                continue
            if come:
                self.secrets[next(iter(come))] = secret
            else:
                self.revoked.append(secret)
        self.known.update(come)

    def settle(self, rows: Rows) -> str | None:
        """Compare the server's list with what may be; return what is wrong with it, or None."""
        seen = {name: self.comparable(row) for name, row in rows.items() if name.startswith(self._prefix)}
        change, self.pending = self.pending, None
        if seen == self.known:
            return None
        before = dict(self.known)
        if change is not None:
            self.adopt(change)
            if seen == self.known:
                return None
        return f"{self._prefix}: the server has {seen}; acknowledged was {before}; without an answer was {change}"

    @abstractmethod
    def comparable(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return what of a listed token is this client's doing."""

    @abstractmethod
    def rows(self) -> Rows:
        """Return the tokens that the server lists, by name."""

    @abstractmethod
    def is_live(self, secret: str, name: str | None = None) -> bool:
        """Tell whether a secret is that of a token, of this one if the service can tell."""

    @abstractmethod
    def next_change(self) -> Change:
        """Return a change that the server will accept."""

    def _free_name(self) -> str:
        return next(name for number in range(1000) if (name := f"{self._prefix}{number}") not in self.known)

    def _some(self, count: int) -> list[str]:
        return self._rng.sample(sorted(self.known), count)


class WhmWriter(Writer):
    """Creates, updates, renames and revokes tokens of root."""

    service = "whm"
    user = "root"

    def next_change(self) -> Change:
        """Return a change that the server will accept."""
        kind = "create" if len(self.known) < 3 else self._rng.choice(["create", "update", "rename", "revoke"])
        if kind == "revoke" or len(self.known) > 12:
            names = self._some(2)
            return self._change("revoke", {"token_name": names}, dict.fromkeys(names))
        row = {
            "acls": sorted(self._rng.sample(_ACLS, self._rng.randint(1, 4))),
            "expires_at": self._rng.choice([None, 4102444800 + self._rng.randrange(1000)]),
            "whitelist_ips": self._rng.choice([None, sorted(self._rng.sample(_ADDRESSES, self._rng.randint(1, 3)))]),
        }
        wished = {
            "acl": row["acls"],
            "expires_at": row["expires_at"] or 0,
            "whitelist_ip": row["whitelist_ips"] or "any",
        }
        if kind == "create":
            name = self._free_name()
            return self._change("create", {"token_name": name, **wished}, {name: row})
        (name,) = self._some(1)
        if kind == "update":
            return self._change("update", {"token_name": name, **wished}, {name: row})
        new_name = self._free_name()
        return self._change("update", {"token_name": name, "new_name": new_name, **wished}, {name: None, new_name: row})

    def _change(self, verb: str, parameters: dict[str, Any], after: dict[str, Any]) -> Change:
        return Change(f"/json-api/api_token_{verb}?api.version=1", parameters, after)

    def comparable(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return what of a listed token is this client's doing."""
        acls = sorted(acl for acl, granted in row["acls"].items() if granted)
        return {"acls": acls, "expires_at": row["expires_at"], "whitelist_ips": row["whitelist_ips"]}

    def rows(self) -> Rows:
        """Return the tokens that the server lists, by name."""
        return self.connection.call("/json-api/api_token_list?api.version=1", {})["data"]["tokens"]

    def is_live(self, secret: str, name: str | None = None) -> bool:
        """Tell whether a secret is that of a token, and of this one."""
        answer = self.connection.call("/json-api/api_token_get_details?api.version=1", {"token": secret})
        return "data" in answer and name in (None, answer["data"]["name"])


class CpanelWriter(Writer):
    """Creates, renames and revokes tokens of an account."""

    service = "cpanel"
    user = "alice"

    def next_change(self) -> Change:
        """Return a change that the server will accept."""
        kind = "create" if len(self.known) < 3 else self._rng.choice(["create", "rename", "revoke"])
        if kind == "revoke" or len(self.known) > 12:
            (name,) = self._some(1)
            return Change("/execute/Tokens/revoke", {"name": name}, {name: None})
        new_name = self._free_name()
        if kind == "rename":
            (name,) = self._some(1)
            row = self.known[name]
            return Change("/execute/Tokens/rename", {"name": name, "new_name": new_name}, {name: None, new_name: row})
        row = {"expires_at": self._rng.choice([None, 4102444800]), "readonly": self._rng.choice([0, 1])}
        wished = {"name": new_name, "expires_at": row["expires_at"] or 0, "readonly": row["readonly"]}
        return Change("/execute/Tokens/create_full_access", wished, {new_name: row})

    def comparable(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return what of a listed token is this client's doing."""
        return {"expires_at": row["expires_at"], "readonly": row.get("readonly", 0)}

    def rows(self) -> Rows:
        """Return the tokens that the server lists, by name."""
        return {row["name"]: row for row in self.connection.call("/execute/Tokens/list", {})["data"]}

    def is_live(self, secret: str, name: str | None = None) -> bool:
        """Tell whether a secret is that of a token of the account: whether it authenticates."""
        answer = self.connection.call("/execute/Email/list_pops", {}, f"cpanel {self.user}:{secret}")
        return answer.get("status") == 1
