# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Execute facts against a server, whichever it is; uses no test library.

Every token that a run creates has a name with the run's own prefix, and is revoked at the end of its fact. No message holds a secret.
"""

from __future__ import annotations

import base64
import re
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.conformance.answers import document, found, outcome, shown
from tests.conformance.expectations import at, differs
from tests.conformance.facts import Fact, Step

_PLACEHOLDER = re.compile(r"\$\{([^}]+)\}")
_STRANGER = "A" * 32


class Skipped(Exception):
    """This target cannot show the fact; the text says why."""


class Differs(Exception):
    """The server does not do what the fact says; the text says where."""


@dataclass(frozen=True)
class Target:
    """A server and what a run may do there.

    ``urls`` are by port: ``whm`` and ``cpanel``, over TLS, and where they are known ``whm_plain`` and ``cpanel_plain``. ``credentials``
    are names with passwords or secrets, by role. ``with_tokens`` says that they are secrets of API tokens.
    ``reference`` says that it is the reference server.
    ``advance`` moves the server's clock, if it can be moved. ``now`` returns its time.
    """

    urls: Mapping[str, str]
    credentials: Mapping[str, tuple[str, str]]
    verify: str | bool = True
    with_tokens: bool = False
    changes_accounts: bool = False
    reference: bool = False
    advance: Callable[[int], None] | None = None
    now: Callable[[], int] = field(default=lambda: int(time.time()))
    timeout: float = 30.0


@dataclass(frozen=True)
class Result:
    """What became of a fact: ``holds``, ``differs`` or ``skipped``, and why."""

    fact: Fact
    kind: str
    why: str = ""


@dataclass(frozen=True)
class _Token:
    service: str
    owner: str
    secret: str


def run(fact: Fact, target: Target) -> Result:
    """Execute the steps of a fact, and remove what they created."""
    if not fact.steps:
        return Result(fact, "skipped", "a client cannot observe it")
    if fact.touches == "accounts" and not target.changes_accounts:
        return Result(fact, "skipped", "it changes accounts")
    if fact.touches == "reference" and not target.reference:
        return Result(fact, "skipped", "it is for the reference server only")
    probe = _Probe(target)
    try:
        for number, step in enumerate(fact.steps, start=1):
            probe.take(number, step)
    except Skipped as reason:
        return Result(fact, "skipped", str(reason))
    except Differs as reason:
        return Result(fact, "differs", str(reason))
    finally:
        if fact.touches != "reads":
            probe.clean()
    return Result(fact, "holds")


class _Probe:
    """One run of one fact."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._prefix = f"probe-{secrets.token_hex(4)}-"
        self._begin = target.now()
        self._kept: dict[str, Any] = {}
        self._tokens: dict[str, _Token] = {}
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = target.verify

    def take(self, number: int, step: Step) -> None:
        """Take one step. Raises ``Skipped`` or ``Differs``."""
        if step.kind == "advance":
            if self._target.advance is None:
                raise Skipped("the clock of this server cannot be moved")
            self._target.advance(int(step.subject))
            return
        where = f"step {number}, {step.subject} as {step.role}"
        try:
            response = self._send(step)
        except requests.RequestException as error:
            raise Differs(f"{where}: no answer ({type(error).__name__})") from error
        body = document(response)
        self._compare_outcome(where, step, response, body)
        for name, path in step.keep.items():
            value = found(self._filled(path), response, body)
            self._kept[name] = value
            label, _dot, what = name.partition(".")
            if what == "secret" and isinstance(value, str):
                owner, _password = self._credentials(step.role, step.port)
                self._tokens[label] = _Token(step.port.partition("_")[0], owner, value)
        for path, wanted in step.expect.items():
            value = found(self._filled(path), response, body)
            wished = self._filled(wanted)
            if differs(value, wished):
                raise Differs(self._concealed(f"{where}: {path} is {shown(value)}, expected {shown(wished)}"))

    def clean(self) -> None:
        """Revoke what this run created, also where an answer was lost."""
        for role in ("root", "reseller"):
            with suppress(Skipped, requests.RequestException, ValueError):
                answer = self._send(Step("call", "api_token_list", "whm", role)).json()
                for name in answer.get("data", {}).get("tokens", {}):
                    if name.startswith(self._prefix):
                        self._send(Step("call", "api_token_revoke", "whm", role, {"token_name": name}))
        for role in ("account", "other_account"):
            with suppress(Skipped, requests.RequestException, ValueError):
                answer = self._send(Step("call", "Tokens::list", "cpanel", role)).json()
                for token in answer.get("data") or []:
                    if token["name"].startswith(self._prefix):
                        self._send(Step("call", "Tokens::revoke", "cpanel", role, {"name": token["name"]}))
        self._session.close()

    def _compare_outcome(self, where: str, step: Step, response: requests.Response, body: Any) -> None:
        if step.status is not None and response.status_code != step.status:
            raise Differs(f"{where}: HTTP {response.status_code}, expected {step.status}")
        if step.outcome == "any":
            return
        ended = outcome(response, body)
        if ended != step.outcome:
            why = at("metadata.reason", body) if step.port.startswith("whm") else at("errors", body)
            raise Differs(self._concealed(f"{where}: {ended}, expected {step.outcome} ({shown(why)})"))

    def _send(self, step: Step) -> requests.Response:
        url = self._target.urls.get(step.port)
        if url is None:
            raise Skipped(f"the address of the port {step.port} is not known")
        path, sent = self._filled(step.subject), self._filled(dict(step.parameters))
        query: dict[str, Any] = {}
        if step.kind == "call":
            uapi = "::" in path
            query = {} if uapi else {"api.version": "1"}
            path = f"/execute/{path.replace('::', '/')}" if uapi else f"/json-api/{path}"
        headers = {**self._authorization(step), **self._filled(dict(step.headers))}
        form: Any = sent
        if step.method == "GET":
            query, form = {**query, **sent}, None
        if step.body is not None:
            form = self._filled(step.body).encode()
        return self._session.request(
            step.method,
            url + path,
            params=query,
            data=form,
            headers=headers,
            timeout=self._target.timeout,
            allow_redirects=False,
        )

    def _authorization(self, step: Step) -> dict[str, str]:
        if step.role == "nobody":
            return {}
        service = step.port.partition("_")[0]
        user, secret = self._credentials(step.role, step.port)
        if step.role in self._tokens or step.role == "stranger" or self._target.with_tokens:
            return {"Authorization": f"{service} {user}:{secret}"}
        return {"Authorization": "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()}

    def _credentials(self, role: str, port: str) -> tuple[str, str]:
        if role in self._tokens:
            return self._tokens[role].owner, self._tokens[role].secret
        if len(role) == 1:
            raise Differs(f"no secret was answered for the token {role}")
        if role == "stranger":
            return self._credentials("account" if port.startswith("cpanel") else "root", port)[0], _STRANGER
        if role not in self._target.credentials:
            raise Skipped(f"there are no credentials for the role {role}")
        return self._target.credentials[role]

    def _filled(self, value: Any) -> Any:
        """Return a value of the data with its placeholders filled in; one that is the whole text keeps its type."""
        if isinstance(value, Mapping):
            return {self._filled(key): self._filled(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._filled(item) for item in value]
        if not isinstance(value, str):
            return value
        whole = _PLACEHOLDER.fullmatch(value)
        return self._named(whole[1]) if whole else _PLACEHOLDER.sub(lambda match: str(self._named(match[1])), value)

    def _named(self, name: str) -> Any:
        word, _star, times = name.partition("*")
        if name in self._kept:
            return self._kept[name]
        if match := re.fullmatch(r"now([+-][0-9]+)?", name):
            return self._begin + int(match[1] or 0)
        if word == "addresses":
            return [f"192.0.2.{number}" for number in range(int(times))]
        if re.fullmatch("[A-Za-z]", word):
            return (self._prefix + word).ljust(int(times or 0), "x")
        role, _dot, what = name.partition(".")
        if what == "user":
            return self._credentials(role, "")[0]
        if what == "password":
            if self._target.with_tokens:
                raise Skipped("it needs a password")
            return self._credentials(role, "")[1]
        raise KeyError(f"no placeholder {name}")

    def _concealed(self, text: str) -> str:
        for token in self._tokens.values():
            text = text.replace(token.secret, "********")
        for _user, secret in self._target.credentials.values():
            text = text.replace(secret, "********")
        return text
