# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""whm_api_tokens and cpanel_api_tokens through real ansible-playbook runs over TLS."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.playbooks import run_playbook, task
from tests.support.processes import run_module
from tests.support.server import Server
from tests.support.users import user, user_entry

ACCOUNTS = [f"acct{number:03}" for number in range(60)]


def wished(count: int, **options: object) -> list[dict]:
    return [{"name": f"t{number:03}", "acls": ["list-accts"], **options} for number in range(count)]


@pytest.fixture
def accounts(server: Server) -> list[str]:
    for name in ACCOUNTS:
        server.whm_ok("createacct", **user_entry(name))
    server.forget_counters()
    return ACCOUNTS


def test_check_do_repeat_alter_prune_delete(server: Server, tmp_path: Path) -> None:
    altered = [*wished(118, acls=["ssl"])[:3], *wished(118)[3:], {"name": "renamed", "rename_from": "t118"}]
    run = run_playbook(
        {
            "tasks": [
                task("check", "whm_api_tokens", tokens=wished(120), _check_mode=True),
                task("do", "whm_api_tokens", tokens=wished(120)),
                task("repeat", "whm_api_tokens", tokens=wished(120)),
                task("check alter", "whm_api_tokens", tokens=altered, prune=True, _check_mode=True),
                task("alter", "whm_api_tokens", tokens=altered, prune=True),
                task("alter again", "whm_api_tokens", tokens=altered, prune=True),
                task("delete", "whm_api_tokens", tokens=[], prune=True),
                task("delete again", "whm_api_tokens", tokens=[], prune=True),
            ]
        },
        tmp_path,
        server.environment,
        ("--diff",),
    )
    assert run.status == 0, run.output
    assert {each.name for each in run.tasks if each.changed} == {"check", "do", "check alter", "alter", "delete"}
    assert run["check"].diff == run["do"].diff
    assert run["check alter"].diff == run["alter"].diff
    assert run["check alter"].data["pruned"] == run["alter"].data["pruned"] == [{"name": "t119"}]
    created = run["do"].data["whm_api_tokens"]
    assert [entry["name"] for entry in created] == [f"t{number:03}" for number in range(120)]
    assert len({entry["token"] for entry in created}) == 120
    changed = [entry["name"] for entry in run["alter"].data["whm_api_tokens"] if entry["changed"]]
    assert changed == ["t000", "t001", "t002", "renamed"]
    calls = server.calls()
    # One read a task; 120 creations in 3 batches; 4 updates in one; 1 name pruned by a call of its own; 119 in 3 calls of a batch.
    assert (calls["api_token_list"], calls["batch"]) == (8 + 2, 3 + 1 + 1)
    assert server.http_requests() == 8 + 2 + 5 + 1
    assert server.commits() == {"api_token_create": 120, "api_token_update": 4, "api_token_revoke": 4}
    assert server.whm_tokens() == {}


def test_what_cannot_be_granted_changes_nothing(server: Server, tmp_path: Path) -> None:
    run = run_playbook(
        {
            "ignore_errors": True,
            "tasks": [
                task("needs acls", "whm_api_tokens", tokens=[*wished(3), {"name": "x"}]),
                task("twice", "whm_api_tokens", tokens=[*wished(2), *wished(1)]),
                task("bad name", "whm_api_tokens", tokens=[{"name": "two words", "acls": ["ssl"]}]),
                task("bad address", "whm_api_tokens", tokens=wished(1, whitelist_ips=["10.0.0.0/99"])),
                task("prefix alone", "whm_api_tokens", tokens=wished(1), prune_prefix="t"),
            ],
        },
        tmp_path,
        server.environment,
    )
    assert [each.failed for each in run.tasks] == [True] * 5
    assert "x: acls: the token x does not exist" in run["needs acls"].msg
    assert "t000 is listed more than once" in run["twice"].msg
    assert "tokens[0] (two words): name:" in run["bad name"].msg
    assert "tokens[0] (t000): whitelist_ips: '10.0.0.0/99'" in run["bad address"].msg
    assert server.commits() == {}


def test_half_a_failure_returns_every_secret_and_says_what_failed(server: Server, tmp_path: Path) -> None:
    tokens = wished(4)
    tokens[2]["acls"] = ["no-such-acl"]
    run = run_playbook({"tasks": [task("half", "whm_api_tokens", tokens=tokens)]}, tmp_path, server.environment)["half"]
    assert run.failed
    assert run.changed
    assert "1 of 4 failed. t002: The server refused api_token_create" in run.msg
    entries = run.data["whm_api_tokens"]
    assert [entry.get("failed", False) for entry in entries] == [False, False, True, False]
    assert "no-such-acl" in entries[2]["msg"]
    assert entries[2]["whm_api_token"] is None
    for entry in (entries[0], entries[1], entries[3]):
        assert server.whm_accepts(entry["token"])
    assert sorted(server.whm_tokens()) == ["t000", "t001", "t003"]


@pytest.mark.parametrize("kind", ["drop_before_commit", "drop_after_commit", "truncated_json", "status:503"])
@pytest.mark.parametrize("function", ["batch", "api_token_create"])
def test_a_batch_whose_answer_is_lost(server: Server, tmp_path: Path, kind: str, function: str) -> None:
    server.fault(function, kind)
    run = run_playbook({"tasks": [task("t", "whm_api_tokens", tokens=wished(5))]}, tmp_path, server.environment)
    assert run.status == 0, run.output
    assert len(server.whm_tokens()) == 5
    for entry in run["t"].data["whm_api_tokens"]:
        assert server.whm_accepts(entry["token"]), "the secret returned is that of the live token"


@pytest.mark.parametrize("kind", ["drop_before_commit", "drop_after_commit"])
@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_reissue_of_many_with_lost_answers(server: Server, tmp_path: Path, kind: str, call: int) -> None:
    for wish in wished(3):
        server.whm_token(wish["name"], acl="list-accts")
    server.forget_counters()
    server.fault("batch", kind, call)
    again = task("t", "whm_api_tokens", tokens=wished(3, recreate="always"))
    run = run_playbook({"tasks": [again]}, tmp_path, server.environment)
    assert run.status == 0, run.output
    assert sorted(server.whm_tokens()) == ["t000", "t001", "t002"]
    for entry in run["t"].data["whm_api_tokens"]:
        assert server.whm_accepts(entry["token"])


def test_a_failed_reissue_leaves_the_old_token_as_it_was(server: Server, tmp_path: Path) -> None:
    secrets = {wish["name"]: server.whm_token(wish["name"], acl="list-accts") for wish in wished(3)}
    tokens = wished(3, recreate="always")
    tokens[1]["acls"] = ["no-such-acl"]
    run = run_playbook({"tasks": [task("t", "whm_api_tokens", tokens=tokens)]}, tmp_path, server.environment)["t"]
    assert run.failed
    assert "The old token is unchanged." in run.data["whm_api_tokens"][1]["msg"]
    assert sorted(server.whm_tokens()) == ["t000", "t001", "t002"]
    assert server.whm_accepts(secrets["t001"])
    assert not server.whm_accepts(secrets["t000"])


def test_secrets_in_files_are_kept_proven_and_replaced(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    tokens = [dict(wish, token_file=str(folder / wish["name"])) for wish in wished(4)]
    play = {"tasks": [task("t", "whm_api_tokens", tokens=tokens)]}
    first = run_playbook(play, tmp_path, server.environment)["t"]
    assert not any("token" in entry for entry in first.data["whm_api_tokens"])
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
        assert server.whm_accepts(path.read_text().strip())
    server.forget_counters()
    assert not run_playbook(play, tmp_path, server.environment)["t"].changed
    assert server.http_requests() == 2, "the list, and one batch of proofs"
    (folder / "t000").unlink()
    (folder / "t001").write_text("A" * 32)
    (folder / "t002").write_text("")
    (folder / "t003").chmod(0o640)
    reissue = {"tasks": [task("t", "whm_api_tokens", tokens=[dict(each, recreate="if_unusable") for each in tokens])]}
    again = run_playbook(reissue, tmp_path, server.environment)["t"]
    assert [entry["changed"] for entry in again.data["whm_api_tokens"]] == [True] * 4
    assert sorted(path.name for path in folder.iterdir()) == ["t000", "t001", "t002", "t003"]
    for path in folder.iterdir():
        details = server.whm_ok("api_token_get_details", token=path.read_text().strip())
        assert details["name"] == path.name
        assert path.stat().st_mode & 0o777 == 0o600
    assert server.commits()["api_token_create"] == 3, "the token whose file only had another mode was kept"
    missing = run_playbook(
        {
            "tasks": [
                task(
                    "t", "whm_api_tokens", tokens=[dict(wished(1)[0], name="new", token_file=str(folder / "no" / "x"))]
                )
            ]
        },
        tmp_path,
        server.environment,
    )["t"]
    assert "there is no folder" in missing.msg
    assert "new" not in server.whm_tokens()


def test_pruning_spares_the_token_in_use_rotation_siblings_and_other_prefixes(server: Server, tmp_path: Path) -> None:
    for name in ("prod-a", "prod-a--next-abc123", "prod-a--prev-abc123", "prod-old", "test-a"):
        server.whm_token(name, acl="list-accts")
    admin = server.whm_token("prod-admin", acl="all")
    tokens = [{"name": "prod-a"}]
    run = run_playbook(
        {
            "ignore_errors": True,
            "tasks": [
                task("prefix", "whm_api_tokens", tokens=tokens, prune=True, prune_prefix="prod-", api_token=admin),
                task(
                    "own revoked", "whm_api_tokens", tokens=[{"name": "prod-admin", "state": "absent"}], api_token=admin
                ),
                task("all", "whm_api_tokens", tokens=[], prune=True, api_token=admin),
            ],
        },
        tmp_path,
        server.environment,
    )
    assert run["prefix"].data["pruned"] == [{"name": "prod-old"}]
    assert "the token that it authenticates with" in run["own revoked"].msg
    names = [entry["name"] for entry in run["all"].data["pruned"]]
    assert names == ["prod-a", "prod-a--next-abc123", "prod-a--prev-abc123", "test-a"]
    assert list(server.whm_tokens()) == ["prod-admin"]


def test_tokens_of_many_accounts(server: Server, accounts: list[str], tmp_path: Path) -> None:
    tokens = [{"account": name, "name": "backup", "expires_in": "30d"} for name in accounts]
    readonly = [dict(token, readonly=True) for token in tokens[:2]]
    run = run_playbook(
        {
            "ignore_errors": True,
            "tasks": [
                task("check", "cpanel_api_tokens", tokens=tokens, _check_mode=True),
                task("do", "cpanel_api_tokens", tokens=tokens),
                task("repeat", "cpanel_api_tokens", tokens=tokens),
                task("impossible", "cpanel_api_tokens", tokens=readonly),
                task("reissue", "cpanel_api_tokens", tokens=[dict(each, recreate="if_changed") for each in readonly]),
                task("mixed", "cpanel_api_tokens", tokens=[tokens[0], {"name": "x"}]),
                task(
                    "one is not there",
                    "cpanel_api_tokens",
                    tokens=[{"account": "nobody1", "name": "x"}, dict(tokens[5], name="x")],
                ),
                task(
                    "prune", "cpanel_api_tokens", tokens=tokens[:1], accounts=["acct00*"], prune=True, prune_prefix="b"
                ),
            ],
        },
        tmp_path,
        server.environment,
    )
    assert run["check"].changed
    assert run["do"].changed
    assert not run["repeat"].changed
    assert "readonly of the token backup cannot be changed" in run["impossible"].msg
    assert run["reissue"].changed
    assert "some name an account and some do not" in run["mixed"].msg
    partly = run["one is not there"]
    assert partly.failed
    assert [entry.get("failed", False) for entry in partly.data["cpanel_api_tokens"]] == [True, False]
    assert "token" in partly.data["cpanel_api_tokens"][1]
    assert [entry["account"] for entry in run["prune"].data["pruned"]] == [f"acct00{number}" for number in range(1, 10)]
    assert len({entry["token"] for entry in run["do"].data["cpanel_api_tokens"]}) == len(accounts)


def test_a_file_whose_owner_cannot_be_set_costs_no_other_secret(server: Server, tmp_path: Path) -> None:
    """It is found once the other tokens exist, for this one needs no new secret."""
    (tmp_path / "t000").write_text(f"{server.whm_token('t000', acl='list-accts')}\n")
    tokens = [dict(wish, token_file=str(tmp_path / wish["name"])) for wish in wished(2)]
    tokens[0]["owner"] = "nobody-of-this-name"
    result = run_module("whm_api_tokens", server.environment, tokens=tokens, return_token=True)
    assert result["failed"]
    assert "owner, group or mode" in result["msg"]
    assert "nobody-of-this-name" in result["msg"]
    broken, created = result["whm_api_tokens"]
    assert broken["failed"]
    assert "failed" not in created
    assert (tmp_path / "t001").read_text() == f"{created['token']}\n"
    assert server.whm_accepts(created["token"])


def test_reading_many_accounts_takes_a_call_for_fifty(server: Server, accounts: list[str], tmp_path: Path) -> None:
    tokens = [{"account": name, "name": "backup"} for name in accounts]
    run_playbook({"tasks": [task("do", "cpanel_api_tokens", tokens=tokens)]}, tmp_path, server.environment)
    server.forget_counters()
    run = run_playbook(
        {
            "tasks": [
                task("again", "cpanel_api_tokens", tokens=tokens),
                task("all", "cpanel_api_token_info", accounts=["acct*"]),
            ]
        },
        tmp_path,
        server.environment,
    )
    assert run.status == 0, run.output
    assert not run["again"].changed
    assert len(run["all"].data["cpanel_api_tokens"]) == len(accounts)
    assert server.http_requests() == 2 + (1 + 2)
    assert server.commits() == {}


@pytest.mark.parametrize("kind", ["drop_before_commit", "drop_after_commit"])
def test_lost_batches_of_accounts(server: Server, accounts: list[str], tmp_path: Path, kind: str) -> None:
    tokens = [{"account": name, "name": "backup"} for name in accounts[:5]]
    server.fault("Tokens::create_full_access", kind, call=3)
    run = run_playbook({"tasks": [task("do", "cpanel_api_tokens", tokens=tokens)]}, tmp_path, server.environment)
    assert run.status == 0, run.output
    entries = run["do"].data["cpanel_api_tokens"]
    listed = run_playbook(
        {"tasks": [task("all", "cpanel_api_token_info", accounts=["*"])]}, tmp_path, server.environment
    )["all"]
    assert len(listed.data["cpanel_api_tokens"]) == len(entries) == 5
    for entry in entries:
        assert server.uapi_accepts(entry["token"], entry["account"])


@pytest.mark.parametrize("kind", ["drop_before_commit", "drop_after_commit"])
def test_lost_updates_and_revocations_of_many(server: Server, tmp_path: Path, kind: str) -> None:
    for wish in wished(3):
        server.whm_token(wish["name"], acl="list-accts")
    server.fault("batch", kind)
    server.fault("api_token_revoke", kind)
    run = run_playbook(
        {
            "tasks": [
                task("alter", "whm_api_tokens", tokens=wished(3, acls=["ssl"])),
                task("again", "whm_api_tokens", tokens=wished(3, acls=["ssl"])),
                task("delete", "whm_api_tokens", tokens=wished(2, state="absent"), prune=True),
            ]
        },
        tmp_path,
        server.environment,
    )
    assert run.status == 0, run.output
    assert [each.changed for each in run.tasks] == [True, False, True]
    assert server.whm_tokens() == {}


@pytest.mark.parametrize("kind", ["drop_before_commit", "drop_after_commit"])
@pytest.mark.parametrize("function", ["Tokens::rename", "Tokens::create_full_access", "Tokens::revoke"])
def test_lost_answers_in_a_reissue_of_many_accounts(
    server: Server, accounts: list[str], tmp_path: Path, kind: str, function: str
) -> None:
    for name in accounts[:3]:
        server.uapi_token("backup", user(name))
    server.fault(function, kind, call=2)
    tokens = [{"account": name, "name": "backup", "recreate": "always"} for name in accounts[:3]]
    run = run_playbook({"tasks": [task("again", "cpanel_api_tokens", tokens=tokens)]}, tmp_path, server.environment)
    assert run.status == 0, run.output
    for entry in run["again"].data["cpanel_api_tokens"]:
        assert list(server.uapi_tokens(user(entry["account"]))) == ["backup"]
        assert server.uapi_accepts(entry["token"], entry["account"])


def test_on_the_servers_command_line(server: Server, accounts: list[str], tmp_path: Path) -> None:
    cpanel = [{"account": name, "name": "backup"} for name in accounts[:2]]
    run = run_playbook(
        {
            "tasks": [
                task("check", "whm_api_tokens", tokens=wished(3), transport="cli", _check_mode=True),
                task("do", "whm_api_tokens", tokens=wished(3), transport="cli"),
                task("repeat", "whm_api_tokens", tokens=wished(3), transport="cli"),
                task("alter", "whm_api_tokens", tokens=wished(2, acls=["ssl"]), transport="cli", prune=True),
                task("delete", "whm_api_tokens", tokens=[], transport="cli", prune=True),
                task("accounts", "cpanel_api_tokens", tokens=cpanel, transport="cli"),
                task("accounts again", "cpanel_api_tokens", tokens=cpanel, transport="cli"),
                task(
                    "accounts delete",
                    "cpanel_api_tokens",
                    tokens=[],
                    accounts=accounts[:2],
                    transport="cli",
                    prune=True,
                ),
            ]
        },
        tmp_path,
        server.on_the_server,
    )
    assert run.status == 0, run.output
    unchanged = {each.name for each in run.tasks if not each.changed}
    assert unchanged == {"repeat", "accounts again"}
    assert run["alter"].data["pruned"] == [{"name": "t002"}]
    assert server.whm_tokens() == {}
    assert server.uapi_tokens(user(accounts[0])) == {}


def test_an_account_manages_its_own(server: Server, tmp_path: Path) -> None:
    tokens = [{"name": "one", "expires_in": "1d"}, {"name": "two", "readonly": True}]
    own = "{{ created.cpanel_api_tokens[0].token }}"
    run = run_playbook(
        {
            "ignore_errors": True,
            "tasks": [
                task("do", "cpanel_api_tokens", tokens=tokens, _register="created"),
                task("repeat", "cpanel_api_tokens", tokens=tokens),
                task("prune with a token", "cpanel_api_tokens", tokens=tokens[:1], prune=True, api_token=own),
                task("prune", "cpanel_api_tokens", tokens=tokens[:1], prune=True),
                task(
                    "end the only one", "cpanel_api_tokens", tokens=[{"name": "one", "state": "absent"}], api_token=own
                ),
                task("delete", "cpanel_api_tokens", tokens=[], prune=True),
            ],
        },
        tmp_path,
        server.environment,
    )
    assert [each.name for each in run.tasks if each.changed] == ["do", "prune", "delete"]
    assert "cPanel cannot tell which that is" in run["prune with a token"].msg
    assert "the account's only live token" in run["end the only one"].msg
    assert run["prune"].data["pruned"] == [{"name": "two"}]
    assert server.uapi_tokens() == {}
