# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first issue for many accounts in one run of the role: a token for each, and its secret where the account's consumer reads it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cores import result_of_core, run_core
from tests.support.rotating import Rotation, result_of, sink, variables_in
from tests.support.server import Server, serving
from tests.support.users import RESELLER, user_entry, users_and

SHOPS = [f"shop{number:02}" for number in range(60)]
"""More than one batch of them."""

TASKS = """\
- name: Deliver
  ansible.builtin.copy:
    content: "{{ rotate_secret }}"
    dest: "FOLDER/{{ rotate_sink.account }}.own"
    mode: "0600"
  delegate_to: consumer1
  no_log: true
"""


@pytest.fixture
def shops(tmp_path: Path) -> Iterator[Server]:
    """A server with these accounts."""
    folder = tmp_path / "server"
    folder.mkdir()
    with serving(folder, users_and(*(user_entry(name) for name in SHOPS))) as server:
        yield server


def owners(entries: list[dict]) -> list[tuple[str, str]]:
    """Whose tokens these are, in the order of the result."""
    return [(each["account"], each["name"]) for each in entries]


def test_the_first_issue_for_many_accounts(shops: Server, tmp_path: Path) -> None:
    (tmp_path / "deliver.yml").write_text(TASKS.replace("FOLDER", str(tmp_path)))
    files = sink(tmp_path / "{account}.json", format="json", key="{account}_token")
    vault = {"type": "vault", "path": str(tmp_path / "vault.yml"), "key": "{account}_token"}
    own = {"type": "tasks", "tasks": str(tmp_path / "deliver.yml")}
    (tmp_path / "password").write_text("the password\n")
    password = ("--vault-password-file", str(tmp_path / "password"))
    tokens = [
        {"name": "backup", "accounts": ["shop0[0-3]", "suspended"], "expires_in": "90d", "sinks": [files, vault]},
        {"name": "deploy", "accounts": ["alice", "b[no]b"], "expires_in": "90d", "sinks": [own]},
    ]
    some = SHOPS[:4]
    wanted = [*((name, "backup") for name in some), ("alice", "deploy"), ("bob", "deploy")]

    def states() -> set[str]:
        decided = run_core("api_token_rotation", shops.environment, step="decide", tokens=tokens)
        assert owners(decided["report"]) == wanted
        return {each["state"] for each in decided["report"]}

    assert states() == {"due"}
    run = Rotation(shops, tmp_path, tokens).run(*password)
    assert run.status == 0, run.output
    result = result_of(run)
    assert owners(result["rotated"]) == wanted
    assert result["suspended"] == ["suspended"]
    assert "backup: the token is skipped for accounts that are suspended: suspended." in " ".join(run.output.split())
    secrets = {}
    for name in some:
        assert shops.uapi_tokens((name, user_entry(name)["password"])).keys() == {"backup"}
        (held,) = json.loads((tmp_path / f"{name}.json").read_text()).items()
        assert held[0] == f"{name}_token"
        secrets[name] = held[1]
    assert all(shops.uapi_accepts(secrets[name], name) for name in some)
    assert len(set(secrets.values())) == len(some)
    command = ["ansible-vault", "view", *password, str(tmp_path / "vault.yml")]
    text = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    assert variables_in(text) == {f"{name}_token": secret for name, secret in secrets.items()}
    # A host that tasks run on is tried once for all accounts.
    assert [task.name for task in run.tasks].count("panelops.cpanel.rotate : Try to reach it") == 1
    for name in ("alice", "bob"):
        assert shops.uapi_accepts((tmp_path / f"{name}.own").read_text(), name)
    assert not states() & {"due", "failed"}


def test_the_calls_of_a_first_issue_go_in_batches(shops: Server, tmp_path: Path) -> None:
    """All but one for each secret, which its consumer makes to try it."""
    tokens = [{"name": "backup", "accounts": ["shop*"], "expires_in": "90d", "sinks": [sink(tmp_path / "{account}")]}]
    options = {"tokens": tokens, "overlap": "24h"}
    shops.forget_counters()
    decided = run_core("api_token_rotation", shops.environment, step="decide", **options)
    assert shops.calls()["listaccts"] == 1
    evidence = [{**place, "ok": True, "unchanged": True} for place in _places(decided)]
    staged = run_core(
        "api_token_rotation", shops.environment, step="stage", rotation=decided["rotation"], sinks=evidence, **options
    )
    evidence = [{**place, "ok": True, "unchanged": False} for place in _places(staged)]
    promoted = run_core(
        "api_token_rotation", shops.environment, step="promote", rotation=staged["rotation"], sinks=evidence, **options
    )
    assert [each["state"] for each in promoted["report"]] == ["promoted"] * len(SHOPS)
    assert shops.calls()["listaccts"] == 1
    # Five times two batches: of lists at each step, of creations and renames, each with what is read after it.
    assert shops.http_requests() <= 12


def _places(step: dict) -> list[dict]:
    return [
        {key: each[key] for key in ("account", "name", "sink", "host")}
        for host in step["hosts"]
        for each in host["sinks"]
    ]


def test_an_account_that_vanishes_after_the_first_step_fails_alone(server: Server, tmp_path: Path) -> None:
    options = {
        "tokens": [
            {
                "name": "backup",
                "accounts": ["alice", "bob"],
                "sinks": [sink(tmp_path / "{account}")],
                "expires_in": "90d",
            }
        ]
    }
    decided = run_core("api_token_rotation", server.environment, step="decide", **options)
    server.whm_ok("removeacct", user="bob")
    evidence = [{**place, "ok": True, "unchanged": True} for place in _places(decided)]
    staged = run_core(
        "api_token_rotation", server.environment, step="stage", rotation=decided["rotation"], sinks=evidence, **options
    )
    alice, bob = staged["report"]
    assert (alice["account"], alice["state"]) == ("alice", "staged")
    assert (bob["account"], bob["state"]) == ("bob", "failed")
    assert "Nothing was changed." in bob["msg"]


@pytest.mark.parametrize(
    ("accounts", "told"),
    [
        (["alice", "nobody"], "accounts: nobody is not an account that this user can reach. Correct or remove it."),
        (["*", "x*"], "accounts: x* matches no account that this user can reach. Correct or remove it."),
    ],
)
def test_what_stands_for_no_account_is_refused(server: Server, tmp_path: Path, accounts: list[str], told: str) -> None:
    tokens = [{"name": "backup", "accounts": accounts, "sinks": [sink(tmp_path / "{account}")]}]
    result = result_of_core("api_token_rotation", server.environment, step="decide", tokens=tokens)
    assert result["msg"] == f"tokens[0] (backup): {told}"


def test_a_resellers_patterns_match_the_resellers_accounts(server: Server, tmp_path: Path) -> None:
    connection = {"username": RESELLER.name, "password": RESELLER.password}
    tokens = [{"name": "backup", "accounts": ["*"], "sinks": [sink(tmp_path / "{account}")], "expires_in": "90d"}]
    decided = run_core("api_token_rotation", server.environment, step="decide", tokens=tokens, **connection)
    assert owners(decided["report"]) == [("bob", "backup"), ("reseller", "backup")]
