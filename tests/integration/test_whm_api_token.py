# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""whm_api_token through real ansible-playbook runs over TLS."""

from __future__ import annotations

import time
from pathlib import Path

from tests.support.playbooks import run_playbook, task
from tests.support.server import Server
from tests.support.users import RESELLER

LIMITS = dict(
    acls=["list-accts", "acct-summary"], whitelist_ips=["127.0.0.1", "2001:db8::f", "10.5.3.0/24"], expires_in="1d"
)
SAME_LIMITS = dict(
    acls=["acct-summary", "list-accts", "list-accts"],
    whitelist_ips=["10.5.3.0/24", "2001:0DB8:0::000F", "127.0.0.1/32"],
    expires_in="24h",
)


def play(*tasks: dict) -> dict:
    return {"tasks": list(tasks)}


def test_check_do_repeat_alter_rename_delete(server: Server, tmp_path: Path) -> None:
    run = run_playbook(
        play(
            task("check", "whm_api_token", name="t", **LIMITS, _check_mode=True),
            task("do", "whm_api_token", name="t", **LIMITS),
            task("repeat", "whm_api_token", name="t", **LIMITS),
            task("repeat otherwise spelled", "whm_api_token", name="t", **SAME_LIMITS),
            task("alter", "whm_api_token", name="t", acls=["list-accts"], whitelist_ips=[], expires_at="never"),
            task("alter again", "whm_api_token", name="t", acls=["list-accts"], whitelist_ips=[], expires_at="never"),
            task("rename", "whm_api_token", name="u", rename_from="t"),
            task("rename again", "whm_api_token", name="u", rename_from="t"),
            task("check delete", "whm_api_token", name="u", state="absent", _check_mode=True),
            task("delete", "whm_api_token", name="u", state="absent"),
            task("delete again", "whm_api_token", name="u", state="absent"),
        ),
        tmp_path,
        server.environment,
        ("--diff",),
    )
    assert run.status == 0, run.output
    changed = {each.name for each in run.tasks if each.changed}
    assert changed == {"check", "do", "alter", "rename", "check delete", "delete"}
    assert server.commits() == {"api_token_create": 1, "api_token_update": 2, "api_token_revoke": 1}
    assert sum(server.calls().values()) == len(run.tasks) + 5, (
        "one read each, one after the revoke, and only the needed mutations"
    )
    assert [each.name for each in run.tasks if "token" in each.data] == ["do"]
    for checked, done in (("check", "do"), ("check delete", "delete")):
        # Both count from their own second; between them lies one task, however long this machine takes for it.
        assert 0 <= _expiry(run[done]) - _expiry(run[checked]) < 60
        assert _without_expiry(run[checked].diff) == _without_expiry(run[done].diff)
    assert run["do"].data["whm_api_token"]["whitelist_ips"] == ["10.5.3.0/24", "127.0.0.1", "2001:db8::f"]
    assert run["rename"].data["whm_api_token"]["create_time"] == run["do"].data["whm_api_token"]["create_time"]
    assert run["delete"].data["whm_api_token"] is None
    assert server.whm_tokens() == {}


def _expiry(result) -> int:
    return (result.diff["after"] or {"expires_at": 0})["expires_at"]


def _without_expiry(diff: dict) -> dict:
    return {side: {key: value for key, value in diff[side].items() if key != "expires_at"} for side in diff}


def test_changing_the_expiry_alone_leaves_everything_else(server: Server, tmp_path: Path) -> None:
    secret = server.whm_token("t", acl=["list-accts", "ssl"], whitelist_ip=["127.0.0.1", "2001:db8::/48"])
    before = server.whm_tokens()["t"]
    run = run_playbook(
        play(
            task("number", "whm_api_token", name="t", expires_at=2_000_000_000),
            task("same as text", "whm_api_token", name="t", expires_at="2000000000"),
            task("same as ISO time", "whm_api_token", name="t", expires_at="2033-05-18T05:33:20+02:00"),
            task("a day", "whm_api_token", name="t", expires_at="2035-01-31", timezone="Europe/Berlin"),
        ),
        tmp_path,
        server.environment,
    )
    assert run.status == 0, run.output
    assert [each.changed for each in run.tasks] == [True, False, False, True]
    after = server.whm_tokens()["t"]
    assert after.pop("expires_at") == 2_053_897_199
    assert before.pop("expires_at") is None
    before.pop("last_used"), after.pop("last_used")
    assert after == before
    assert server.whm_accepts(secret), "the secret is still the same"


def test_a_day_that_yaml_takes_for_a_date(server: Server, tmp_path: Path) -> None:
    text = """
    - hosts: localhost
      connection: local
      gather_facts: false
      tasks:
        - panelops.cpanel.whm_api_token: {name: t, acls: [ssl], expires_at: 2035-01-31}
        - panelops.cpanel.whm_api_token: {name: t, expires_at: "2035-01-31T23:59:59Z"}
          register: same
        - panelops.cpanel.whm_api_token: {name: t, expires_at: 2035-01-31T23:59:59Z}
          register: also
        - ansible.builtin.assert: {that: [same is not changed, also is not changed]}
    """
    run = run_playbook(text, tmp_path, server.environment)
    assert run.status == 0, run.output
    assert server.whm_tokens()["t"]["expires_at"] == 2_053_900_799


def test_limits_hold_on_real_connections(server: Server, tmp_path: Path) -> None:
    run = run_playbook(
        play(
            task("address", "whm_api_token", name="address", acls=["list-accts"], whitelist_ips=["127.0.0.2"]),
            task("expiry", "whm_api_token", name="expiry", acls=["list-accts"], expires_in="1h"),
        ),
        tmp_path,
        server.environment,
    )
    assert run.status == 0, run.output
    address, expiry = run["address"].data["token"], run["expiry"].data["token"]
    assert server.whm_accepts(address, source="127.0.0.2")
    assert not server.whm_accepts(address, source="127.0.0.1")
    assert server.whm_accepts(expiry)
    server.advance(3590)
    assert server.whm_accepts(expiry)
    server.advance(20)
    assert not server.whm_accepts(expiry)
    renewed = run_playbook(
        play(
            task("expired", "whm_api_token", name="expiry", acls=["list-accts"]),
            task("info", "whm_api_token_info", name="expiry"),
            task("renew", "whm_api_token", name="expiry", expires_in="1h"),
        )
        | {"ignore_errors": True},
        tmp_path,
        server.environment,
    )
    assert "the token expiry expired at" in renewed["expired"].msg
    assert renewed["info"].data["whm_api_tokens"][0]["status"] == "expired"
    assert renewed["renew"].changed
    assert server.whm_accepts(expiry), "renewed by the server's clock; the secret is the same"


def test_renewal_happens_when_little_is_left_and_only_then(server: Server, tmp_path: Path) -> None:
    wish = play(task("t", "whm_api_token", name="t", acls=["ssl"], expires_in="90d", renew_before="14d"))
    began = server.now()
    first = run_playbook(wish, tmp_path, server.environment)["t"].data["whm_api_token"]["expires_at"]
    server.advance(75 * 86400)
    assert not run_playbook(wish, tmp_path, server.environment)["t"].changed
    server.advance(86400 + 10)
    renewed = run_playbook(wish, tmp_path, server.environment)["t"]
    assert renewed.changed
    # As much later as the second run was after the first, however long each took; the seconds of both are rounded.
    assert 76 * 86400 + 9 <= renewed.data["whm_api_token"]["expires_at"] - first <= server.now() - began + 1


def test_recreate_keeps_the_old_token_until_the_new_one_exists(server: Server, tmp_path: Path) -> None:
    old = server.whm_token("t", acl="list-accts", expires_at=int(time.time()) + 9999)
    again = play(task("t", "whm_api_token", name="t", recreate="always"))
    run = run_playbook(again, tmp_path, server.environment, ("--diff",))["t"]
    assert run.changed
    assert run.data["token"] != old
    assert run.diff["before"]["expires_at"] == run.diff["after"]["expires_at"]
    assert server.whm_accepts(run.data["token"])
    assert not server.whm_accepts(old)
    assert list(server.whm_tokens()) == ["t"]
    checked = run_playbook(again, tmp_path, server.environment, ("--check", "--diff"))["t"]
    assert checked.diff == run.diff
    assert "token" not in checked.data

    server.forget_counters()
    server.fault("api_token_create", "status:401")
    failed = run_playbook(again, tmp_path, server.environment)["t"]
    assert failed.failed
    assert "The old token is unchanged." in failed.msg
    assert list(server.whm_tokens()) == ["t"]
    assert server.whm_accepts(run.data["token"])


def test_a_reseller_manages_its_own_tokens(server: Server, tmp_path: Path) -> None:
    server.whm_token("roots", acl="list-accts")
    as_reseller = dict(username=RESELLER.name, password=RESELLER.password)
    run = run_playbook(
        {
            "ignore_errors": True,
            "tasks": [
                task("its own", "whm_api_token", name="t", acls=["list-accts"], **as_reseller),
                task("more than it has", "whm_api_token", name="x", acls=["ssl"], **as_reseller),
                task("list", "whm_api_token_info", **as_reseller),
            ],
        },
        tmp_path,
        server.environment,
    )
    assert run["its own"].changed
    assert "ssl" in run["more than it has"].msg
    assert [token["name"] for token in run["list"].data["whm_api_tokens"]] == ["t"]


def test_the_module_works_with_a_token_and_module_defaults(server: Server, tmp_path: Path) -> None:
    admin = server.whm_token("admin", acl="all")
    defaults = {
        "group/panelops.cpanel.whm": {
            "host": "127.0.0.1",
            "port": server.port,
            "api_token": admin,
            "ca_path": server.ready["ca_file"],
        }
    }
    tasks = [
        task("t", "whm_api_token", name="t", acls=["list-accts"]),
        task("list", "whm_api_token_info", pattern="t*"),
        task("explicit before environment", "whm_api_token_info", _environment={"WHM_PASSWORD": "wrong"}),
    ]
    run = run_playbook({"module_defaults": defaults, "tasks": tasks}, tmp_path, {})
    assert run.status == 0, run.output
    assert [token["name"] for token in run["list"].data["whm_api_tokens"]] == ["t"]
    assert server.calls() == {"api_token_create": 2, "api_token_list": 3}


def test_info_tells_how_tokens_stand(server: Server, tmp_path: Path) -> None:
    now = int(time.time())
    for name, expires_at in (("ci-a", 0), ("ci-b", now + 86400), ("ci-c", now + 60), ("web-a", now + 99 * 86400)):
        server.whm_token(name, acl="list-accts", expires_at=expires_at)
    server.advance(3600)
    run = run_playbook(
        play(
            task("all", "whm_api_token_info"),
            task("pattern", "whm_api_token_info", pattern="ci-[ab]", expiring_within="2h"),
            task("name", "whm_api_token_info", name="web-a", _check_mode=True),
            task("nobody", "whm_api_token_info", name="web"),
        ),
        tmp_path,
        server.environment,
    )
    assert run.status == 0, run.output
    standing = {token["name"]: token["status"] for token in run["all"].data["whm_api_tokens"]}
    assert standing == {"ci-a": "active", "ci-b": "expiring", "ci-c": "expired", "web-a": "active"}
    assert [token["status"] for token in run["pattern"].data["whm_api_tokens"]] == ["active", "active"]
    (web,) = run["name"].data["whm_api_tokens"]
    assert 0 <= 99 * 86400 - 3600 - web["seconds_left"] < 60
    assert run["nobody"].data["whm_api_tokens"] == []
    assert not any(each.changed for each in run.tasks)
