# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Invariant I6: nobody locks himself out by mistake. The token that a task authenticates with is found and kept usable."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption, PanelopsError
from ansible_collections.panelops.cpanel.plugins.module_utils._model.names import interim_name

from tests.support.cores import run_core
from tests.support.playbooks import run_playbook, task
from tests.support.server import Server

LATER = 2_053_900_799
OWN = {"acl": ["manage-api-tokens", "list-accts", "ssl"], "expires_at": LATER}
ELSEWHERE = ["192.0.2.1"]
HARMFUL = {
    "would revoke own": dict(state="absent"),
    "would take privileges from own": dict(acls=["manage-api-tokens", "ssl"]),
    "would take lifetime from own": dict(expires_at=LATER - 1),
    "would reissue own": dict(recreate="always"),
    "would shut this host out": dict(whitelist_ips=ELSEWHERE),
}
HARMLESS = {
    "longer": dict(expires_at="never"),
    "from here": dict(whitelist_ips=["127.0.0.0/8", *ELSEWHERE]),
    "from anywhere": dict(whitelist_ips=[]),
    "renamed": dict(name="renamed", rename_from="own"),
    "as it is": dict(acls=["ssl", "list-accts", "manage-api-tokens"], expires_at=LATER),
}


def as_own(server: Server, secret: str) -> dict[str, str]:
    return {**server.environment, "WHM_PASSWORD": "", "WHM_API_TOKEN": secret}


def without_use(tokens: dict) -> dict:
    return {name: {key: row[key] for key in row if key != "last_used"} for name, row in tokens.items()}


@pytest.mark.parametrize("message", HARMFUL)
def test_harm_to_the_own_token_is_refused_unless_allowed(server: Server, message: str) -> None:
    own = server.whm_token("own", **OWN)
    before = without_use(server.whm_tokens())
    options = {"name": "own", **HARMFUL[message]}
    server.forget_counters()
    with pytest.raises(
        InvalidOption, match=message if "shut" not in message else "allow_self: whitelist_ips of own"
    ) as refusal:
        run_core("whm_api_token", as_own(server, own), **options)
    assert message in str(refusal.value)
    assert "allow_self: true" in str(refusal.value)
    probe = {"api_token_create": 1, "api_token_revoke": 1} if "shut" in message else {}
    assert server.commits() == probe
    assert without_use(server.whm_tokens()) == before, "and the probe is gone"
    assert server.whm_accepts(own)

    server.forget_counters()
    allowed = run_core("whm_api_token", as_own(server, own), allow_self=True, **options)
    assert allowed["changed"]
    assert "api_token_get_details" not in server.calls()
    usable = server.whm_accepts(own)
    assert usable is ("take" in message)
    assert "token" not in allowed or server.whm_accepts(allowed["token"])


@pytest.mark.parametrize("how", HARMLESS)
def test_what_does_no_harm_is_done(server: Server, how: str) -> None:
    own = server.whm_token("own", **OWN, **({"whitelist_ip": "127.0.0.1"} if how == "from anywhere" else {}))
    done = run_core("whm_api_token", as_own(server, own), **{"name": "own", **HARMLESS[how]})
    assert done["changed"] is (how != "as it is")
    assert len(server.whm_tokens()) == 1, "no probe is left"
    assert server.whm_accepts(own)


def test_other_tokens_and_other_credentials_are_not_concerned(server: Server) -> None:
    own, other = server.whm_token("own", **OWN), server.whm_token("other", **OWN)
    for options in HARMFUL.values():
        # One of the options before has revoked it.
        server.whm("api_token_revoke", token_name="other")
        other = server.whm_token("other", **OWN)
        assert run_core("whm_api_token", as_own(server, own), name="other", **options)["changed"]
    server.forget_counters()
    assert run_core("whm_api_token", server.environment, name="own", **HARMFUL["would take lifetime from own"])[
        "changed"
    ]
    assert run_core("whm_api_token", server.environment, name="own", state="absent")["changed"]
    assert "api_token_get_details" not in server.calls(), "a password is not asked about"
    assert not server.whm_accepts(other)


def test_check_mode_says_what_it_knows_and_changes_nothing(server: Server, tmp_path: Path) -> None:
    own = server.whm_token("own", **OWN)
    server.forget_counters()
    tasks = [task(message, "whm_api_token", name="own", **options) for message, options in HARMFUL.items()]
    run = run_playbook({"tasks": tasks, "ignore_errors": True}, tmp_path, as_own(server, own), ("--check",))
    assert "Traceback" not in run.output
    for each in run.tasks:
        if "shut" in each.name:
            assert each.changed
            assert "first tries from here, with a short-lived token" in run.output
        else:
            assert each.failed
            assert each.name in each.msg
    assert server.commits() == {}
    assert own not in run.output


def test_what_a_killed_reissue_left_is_not_tidied_away_with_our_own_token(server: Server) -> None:
    """The credential in use may be the one that was put aside."""
    old = server.whm_token("left", **OWN)
    left = interim_name("t", server.whm_tokens()["left"]["create_time"], ())
    server.whm_ok("api_token_update", token_name="left", new_name=left, **OWN)
    server.whm_token("t", **OWN)
    again = dict(name="t", recreate="always")
    with pytest.raises(InvalidOption, match=f"would revoke {left}"):
        run_core("whm_api_token", as_own(server, old), **again)
    assert sorted(server.whm_tokens()) == ["t", left]
    assert run_core("whm_api_token", server.environment, **again)["changed"]
    assert list(server.whm_tokens()) == ["t"]


LOST = ["drop_before_commit", "drop_after_commit", "truncated_json", "status:503"]


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("function", ["api_token_create", "api_token_revoke"])
@pytest.mark.parametrize("addresses", [ELSEWHERE, ["127.0.0.1"]], ids=["shut out", "let in"])
def test_answers_lost_while_the_list_is_tried(server: Server, addresses: list, function: str, kind: str) -> None:
    own = server.whm_token("own", **OWN)
    server.fault(function, kind)
    wish = dict(name="own", whitelist_ips=addresses)
    if addresses is ELSEWHERE:
        with pytest.raises(InvalidOption, match="would shut this host out"):
            run_core("whm_api_token", as_own(server, own), **wish)
    else:
        assert run_core("whm_api_token", as_own(server, own), **wish)["changed"]
    assert list(server.whm_tokens()) == ["own"], "the probe is gone"
    assert server.whm_accepts(own)


def test_no_answer_to_the_trial_is_no_verdict(server: Server) -> None:
    own = server.whm_token("own", **OWN)
    for call in (1, 2, 3):
        server.fault("version", "drop_before_commit", call)
    with pytest.raises(PanelopsError, match="the connection broke off"):
        run_core("whm_api_token", as_own(server, own), name="own", whitelist_ips=["127.0.0.1"])
    assert list(server.whm_tokens()) == ["own"]
    assert server.whm_tokens()["own"]["whitelist_ips"] is None


def test_a_probe_that_stays_is_named_and_dies_by_itself(server: Server) -> None:
    own = server.whm_token("own", **OWN)
    for call in (1, 2):
        server.fault("api_token_revoke", "drop_before_commit", call)
    with pytest.raises(PanelopsError, match="The probe token (panelops--probe-\\w+) could not be revoked") as failure:
        run_core("whm_api_token", as_own(server, own), name="own", whitelist_ips=["127.0.0.1"])
    (probe,) = set(server.whm_tokens()) - {"own"}
    assert probe in str(failure.value)
    assert 0 < server.whm_tokens()[probe]["expires_at"] - time.time() <= 121
    assert server.whm_tokens()["own"]["whitelist_ips"] is None


def as_alice(server: Server, secret: str) -> dict[str, str]:
    return {**server.environment, "CPANEL_PASSWORD": "", "CPANEL_API_TOKEN": secret}


@pytest.mark.parametrize("options", [dict(state="absent"), dict(recreate="always")])
def test_the_only_live_token_of_an_account(server: Server, options: dict) -> None:
    """cPanel cannot tell which token is in use, except where there is one only."""
    own = server.uapi_token("own")
    server.uapi_token("past", expires_at=int(time.time()) + 60)
    server.advance(120)
    before = without_use(server.uapi_tokens())
    with pytest.raises(InvalidOption, match="own is the account's only live token"):
        run_core("cpanel_api_token", as_alice(server, own), name="own", **options)
    assert without_use(server.uapi_tokens()) == before
    assert run_core("cpanel_api_token", as_alice(server, own), name="past", state="absent")["changed"]
    assert run_core("cpanel_api_token", as_alice(server, own), name="own", allow_self=True, **options)["changed"]
    assert not server.uapi_accepts(own)


def test_where_it_cannot_be_known_or_does_not_matter_cpanel_tokens_go(server: Server) -> None:
    own, other = server.uapi_token("own"), server.uapi_token("other")
    assert run_core("cpanel_api_token", as_alice(server, own), name="other", state="absent")["changed"]
    assert not server.uapi_accepts(other)
    assert run_core("cpanel_api_token", server.environment, name="own", state="absent", account="alice")["changed"]
    server.uapi_token("own")
    assert run_core("cpanel_api_token", server.environment, name="own", state="absent")["changed"]
    assert server.uapi_tokens() == {}
