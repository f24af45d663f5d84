# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers whose creates answer with a secret that cannot be one: it is stored nowhere, and the token is revoked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError
from ansible_collections.panelops.cpanel.plugins.plugin_utils._ci.order import order_from
from ansible_collections.panelops.cpanel.plugins.plugin_utils._ci.tokens import CiTokens

from tests.integration.desired import SERVICES
from tests.support.ci_orders import lookup_params
from tests.support.cores import result_of_core, run_core
from tests.support.dialects import objects
from tests.support.proxy import speaking
from tests.support.server import Server

UNUSABLE = {
    "template": "{{ lookup('pipe', 'id > /tmp/p') }}",
    "shell word": "$(id > /tmp/p)",
    "quote and newline": 'A"\nurl = "http://192.0.2.1/',
    "two lines": "ABCDEFGH\nB=1",
    "newline at the end": "A" * 32 + "\n",
    "NUL": "ABCDEFGH\0ABCDEFGH",
    "not ASCII": "ÄBCDEFGHIJKLMNOP",
    "digits of another script": "١٢٣٤٥٦٧٨",
    "surrogate": "ABCDEFGH\ud800",
    "too short": "ABCDEFG",
    "too long": "A" * 129,
    "very long": "A" * 200_000,
    "a list": ["A" * 32],
    "a number": 12345678901234567890,
}
SENTENCE = "cannot be one, and was thrown away: a secret is 8 to 128 letters, digits, dashes and underscores."


@contextmanager
def answering(server: Server, secret: object, only: str = "") -> Iterator[Mapping[str, str]]:
    """A server that answers each create, or those of one token, with a secret of ours; yields the modules' environment."""

    def change(answer: dict) -> None:
        for each in objects(answer):
            if "create_time" in each and "token" in each and only in ("", each.get("name")):
                each["token"] = secret

    with speaking(server, change) as environment:
        yield environment


def check_untold(secret: object, result: object) -> None:
    """The result does not quote the secret."""
    assert json.dumps(secret)[1:-1][:40] not in json.dumps(result)


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("secret", UNUSABLE)
def test_the_token_is_revoked(server: Server, secret: str, name: str, many: bool) -> None:
    service = SERVICES[name]
    with answering(server, UNUSABLE[secret]) as environment:
        failed = service.run(server, {"name": "t"}, many=many, environment=environment)
    assert failed.failed
    (entry,) = failed.entries
    assert SENTENCE in entry["msg"]
    assert entry["msg"].endswith("The token t was revoked.")
    assert "token" not in entry
    check_untold(UNUSABLE[secret], failed.result)
    assert service.tokens(server) == {}
    assert server.commits() == {service.create: 1, service.revoke: 1}, "there is no second attempt"


@pytest.mark.parametrize("secret", ["A" * 8, "a-b_C" * 25 + "012"])
@pytest.mark.parametrize("name", SERVICES)
def test_what_other_versions_might_issue_is_kept(server: Server, name: str, secret: str) -> None:
    with answering(server, secret) as environment:
        assert SERVICES[name].run(server, {"name": "t"}, many=False, environment=environment).secrets == {"t": secret}


def test_among_others_only_that_token_is_revoked(server: Server) -> None:
    tokens = [dict(name=name, acls=["ssl"]) for name in ("a", "b", "c")]
    with answering(server, UNUSABLE["template"], only="b") as environment:
        result = result_of_core("whm_api_tokens", environment, tokens=tokens)
    assert result["msg"].startswith("1 of 3 failed. b: The secret in the server's answer to api_token_create")
    assert sorted(server.whm_tokens()) == ["a", "c"]
    for entry in (result["whm_api_tokens"][0], result["whm_api_tokens"][2]):
        assert server.whm_accepts(entry["token"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_reissue_leaves_the_old_token_as_it_was(server: Server, name: str) -> None:
    service = SERVICES[name]
    old = service.make(server, "t")
    with answering(server, UNUSABLE["two lines"]) as environment:
        failed = service.run(server, {"name": "t", "recreate": "always"}, many=False, environment=environment)
    assert "The token t was revoked. The old token is unchanged." in failed.result["msg"]
    assert list(service.tokens(server)) == ["t"]
    assert service.is_secret_of(server, old, "t")


@pytest.mark.parametrize("name", SERVICES)
def test_a_token_that_cannot_be_revoked_is_named(server: Server, name: str) -> None:
    service = SERVICES[name]
    for call in (1, 2, 3):
        server.fault(service.revoke, "status:403", call)
    with answering(server, UNUSABLE["two lines"]) as environment:
        failed = service.run(server, {"name": "t"}, many=False, environment=environment)
    assert "The token t was created all the same and nobody has its secret, but it could not be revoked:" in str(
        failed.result
    )
    check_untold(UNUSABLE["two lines"], failed.result)


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("secret", ["template", "newline at the end", "not ASCII"])
def test_no_file_is_written(server: Server, tmp_path: Path, name: str, secret: str) -> None:
    service = SERVICES[name]
    path = tmp_path / "secrets"
    path.mkdir()
    with answering(server, UNUSABLE[secret]) as environment:
        failed = service.run(server, {"name": "t", "token_file": str(path / "t")}, many=False, environment=environment)
    assert SENTENCE in failed.result["msg"]
    assert list(path.iterdir()) == []
    assert service.tokens(server) == {}


@pytest.mark.parametrize("account", [None, "alice"])
@pytest.mark.parametrize("secret", ["template", "quote and newline", "NUL", "very long"])
def test_a_ci_job_gets_none(server: Server, secret: str, account: str | None) -> None:
    options = dict(service="whm", acls=["ssl"]) if account is None else dict(service="cpanel", acls=None)
    with answering(server, UNUSABLE[secret]) as environment:
        params = lookup_params(**options, account=account, timeout=10)
        tokens = CiTokens("label")
        with pytest.raises(PanelopsError, match="cannot be one, and was thrown away"):
            tokens.secret(order_from(dict(params=params, environ=environment)))
        tokens.end()
        assert tokens.is_done()
    assert server.whm_tokens() == server.uapi_tokens() == {}


def test_the_lock_out_guard_leaves_no_probe(server: Server) -> None:
    own = server.whm_token("own", acl="all")
    with answering(server, UNUSABLE["shell word"]) as environment:
        as_own = {key: value for key, value in environment.items() if key != "WHM_PASSWORD"} | {"WHM_API_TOKEN": own}
        with pytest.raises(PanelopsError, match=r"cannot be one.* The token panelops--probe-\w+ was revoked\."):
            run_core("whm_api_token", as_own, name="own", whitelist_ips=["127.0.0.1"])
    assert list(server.whm_tokens()) == ["own"]
    assert server.whm_accepts(own, source="127.0.0.2"), "the allowlist was not set"


def test_a_rotation_stages_none(server: Server) -> None:
    old = server.whm_token("t", acl="list-accts")
    sinks = [{"type": "file", "hosts": ["consumer1"], "path": "/copy"}]
    tokens = [{"name": "t", "acls": ["list-accts"], "expires_in": "90d", "sinks": sinks}]
    found = [dict(name="t", account=None, sink=0, host="consumer1", ok=True, unchanged=True, before="absent")]
    with answering(server, UNUSABLE["template"]) as environment:
        decided = run_core("api_token_rotation", environment, step="decide", tokens=tokens)
        staged = run_core(
            "api_token_rotation", environment, step="stage", tokens=tokens, rotation=decided["rotation"], sinks=found
        )
    check_untold(UNUSABLE["template"], staged)
    (entry,) = staged["rotation"]
    assert "was revoked. The old token is unchanged." in entry["msg"]
    assert (staged["changed"], staged["hosts"]) == (False, [])
    assert server.counters("api_token_create") == (2, 2), "the old token, and one staged token"
    assert list(server.whm_tokens()) == ["t"]
    assert server.whm_accepts(old)
