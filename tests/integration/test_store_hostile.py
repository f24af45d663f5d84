# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stores of every kind that answer what they should not: our secrets, redirects, refusals of what they have done, and without end."""

from __future__ import annotations

import json
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.evidence import Evidence

from tests.support.aws import CREDENTIALS, Aws, aws
from tests.support.dropping import Dropping, Instead, dropping
from tests.support.gitlab import TOKEN as GITLAB
from tests.support.gitlab import gitlab
from tests.support.kubernetes import TOKEN as KUBERNETES
from tests.support.kubernetes import kubernetes
from tests.support.limits import patience
from tests.support.odd_ports import Serve, dripping, endless, port
from tests.support.openbao import ROOT_TOKEN, OpenBao
from tests.support.talking import NEW, OLD, Talk

JSON = {"Content-Type": "application/json"}
KINDS = ("hashi_vault", "aws_secretsmanager", "kubernetes_secret", "gitlab_variable")


@dataclass
class Store:
    """A store that holds ``OLD``, and a port before it.

    ``write`` matches its writes, ``takes_effect`` the one after which others see them; ``said`` is a message in the shape of its errors.
    """

    sink: dict
    connection: Callable[[str], dict]
    read: Callable[[], str]
    write: str
    takes_effect: str
    said: Callable[[str], dict]
    port: Dropping

    def talk(self, url: str = "", **settings: str) -> Talk:
        """A run with the sink."""
        return Talk({**self.connection(url or self.port.url), "timeout": "20", **settings}, [self.sink])

    def delivered(self) -> Evidence:
        """What comes of a delivery."""
        run = self.talk()
        run.check()
        (told,) = run.deliver({str(self.sink["key"]): NEW})
        return told


@pytest.fixture(scope="module")
def running_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    with aws(tmp_path_factory.mktemp("aws")) as server:
        yield server


@pytest.fixture(params=KINDS)
def here(request: pytest.FixtureRequest) -> Iterator[Store]:
    """A store of each kind."""
    kind, key = request.param, {"key": "token"}
    if kind == "hashi_vault":
        bao: OpenBao = request.getfixturevalue("store")
        bao.write("app", {"token": OLD})
        with dropping(bao.url) as before:
            yield Store(
                {"type": kind, "path": "app", **key},
                lambda url: {"url": url, "token": ROOT_TOKEN},
                lambda: str(bao.read("app")["token"]),
                r"^(POST|PUT) /v1/secret/data/",
                r"^(POST|PUT) /v1/secret/data/",
                lambda text: {"errors": [text]},
                before,
            )
    elif kind == "aws_secretsmanager":
        cloud: Aws = request.getfixturevalue("running_aws")
        cloud.forget()
        cloud.client.create_secret(Name="app", SecretString=json.dumps({"token": OLD}))
        with dropping(cloud.url) as before:
            yield Store(
                {"type": kind, "path": "app", **key},
                lambda url: {**CREDENTIALS, "endpoint_url": url},
                lambda: str(json.loads(cloud.read("app"))["token"]),
                r"(?i)^X-Amz-Target: secretsmanager\.(PutSecretValue|UpdateSecretVersionStage)",
                r"(?i)^X-Amz-Target: secretsmanager\.UpdateSecretVersionStage",
                lambda text: {"__type": "InvalidRequestException", "message": text},
                before,
            )
    elif kind == "kubernetes_secret":
        with kubernetes() as cluster, dropping(cluster.url) as before:
            cluster.put("app", {"token": b64encode(OLD.encode()).decode()})
            yield Store(
                {"type": kind, "path": "app", **key},
                lambda url: {"host": url, "api_key": KUBERNETES},
                lambda: b64decode(cluster.secrets["default", "app"]["data"]["token"]).decode(),
                "^PUT ",
                "^PUT ",
                lambda text: {"message": text},
                before,
            )
    else:
        with gitlab() as made, dropping(made.url) as before:
            made.add("projects/team/app", "TOKEN", OLD)
            yield Store(
                {"type": kind, "project": "team/app", "key": "TOKEN"},
                lambda url: {"api_url": url, "api_token": GITLAB},
                lambda: str(made.variables["projects/team/app"][0]["value"]),
                "^PUT ",
                "^PUT ",
                lambda text: {"message": text},
                before,
            )


@pytest.mark.parametrize("status", [400, 500])
def test_no_part_of_a_secret_is_in_a_message(here: Store, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a store repeats of a request is masked before the message is cut, in every form that the request had."""
    coded = b64encode(NEW.encode()).decode()
    pieces = {text[at : at + 12] for text in (NEW, coded) for at in range(len(text) - 11)}
    for padding in (0, 240, 255, 270, 285, 470, 485):
        here.port.forget()

        def echo(asked: bytes, padding: int = padding) -> bytes:
            return json.dumps(here.said(f"{'x' * padding} {asked.decode()}")).encode()

        here.port.answer(here.write, Instead(status, echo, JSON))
        told = here.delivered()
        assert not told.ok
        assert "x" * min(padding, 400) in str(told.msg)
        assert not [piece for piece in pieces if piece in str(told.msg)], told.msg


# Nodes of hashi_vault send their callers to each other: test_store_network.
@pytest.mark.parametrize("here", KINDS[1:], indirect=True)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("what", ["reads", "writes"])
def test_a_redirect_leads_no_credential_to_another_server(here: Store, what: str, status: int) -> None:
    with dropping(here.port.upstream) as other:
        run = here.talk()
        run.check()
        pattern = here.write if what == "writes" else "^GET |GetSecretValue"
        here.port.answer(pattern, Instead(status, headers={"Location": f"{other.url}/elsewhere"}))
        (told,) = run.deliver({str(here.sink["key"]): NEW})
        assert not told.ok
        assert other.calls == []
    assert here.read() == OLD


@pytest.mark.parametrize("status", [400, 403, 408, 429])
def test_a_refusal_of_a_write_that_took_effect(here: Store, status: int) -> None:
    """What the secret holds decides: the new token must not be withdrawn while the store has its secret."""
    here.port.answer(
        here.takes_effect, Instead(status, lambda _asked: json.dumps(here.said("no")).encode(), JSON, done=True)
    )
    told = here.delivered()
    assert here.read() == NEW
    assert told.ok, told.msg


def test_a_refusal_after_which_nothing_can_be_read(here: Store) -> None:
    """Then nobody knows."""
    run = here.talk(timeout="2")
    run.check()
    here.port.answer(here.write, Instead(403, lambda _asked: json.dumps(here.said("no")).encode(), JSON))
    here.port.lose("^GET |GetSecretValue", before=True, first=2, count=1000)
    (told,) = run.deliver({str(here.sink["key"]): NEW})
    assert (told.ok, told.unchanged) == (False, False), told.msg
    assert "no." in str(told.msg)


ODD = [
    b"[]",
    b"null",
    b'"x"',
    b"5",
    b"\xff\xfe",
    b'{"data": []}',
    b'{"data": {"data": "x", "metadata": {"version": 1}}}',
]
ODD += [b'{"SecretString": 5, "VersionId": 7}', b'{"value": "\\ud800", "key": "TOKEN"}', b"[" * 100_000]


@pytest.mark.parametrize("step", ["check", "deliver"])
def test_an_odd_answer_costs_only_its_own_sinks_a_sentence(here: Store, step: str) -> None:
    """No exception of a library ends the step, whose other stores would get nothing."""
    for body in ODD:
        here.port.forget()
        run = here.talk()
        if step == "deliver":
            run.check()
        here.port.answer("^(GET|POST|PUT) ", Instead(200, lambda _asked, body=body: body, JSON))
        (told,) = run.check() if step == "check" else run.deliver({str(here.sink["key"]): NEW})
        assert not told.ok, body
        assert str(told.msg).endswith("."), told.msg


@pytest.mark.parametrize("serve", [dripping, endless], ids=lambda serve: serve.__name__)
def test_an_answer_without_end(here: Store, serve: Serve) -> None:
    with port(serve) as url:
        began = time.monotonic()
        (told,) = here.talk(url, timeout="2").check()
        assert time.monotonic() - began < patience(20)
    assert f"{url} does not answer (" in str(told.msg)
