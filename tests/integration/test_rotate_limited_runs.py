# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of the role that are limited: to names, to a window, to a number of tokens. A real run does what check mode says."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.playbooks import Run
from tests.support.rotating import Rotation, result_of, sentence_of, sink
from tests.support.server import Server

DAY = 86400

TASKS = """\
- name: Deliver
  ansible.builtin.copy:
    content: "{{ rotate_secret }}"
    dest: "FOLDER/{{ rotate_sink.name }}.own"
    mode: "0600"
  delegate_to: consumer1
  no_log: true
"""


def rotation_of(server: Server, folder: Path, *names: str, **token: object) -> Rotation:
    """A play that rotates these tokens, each with a file of its own; it has issued them."""
    options = {"acls": ["list-accts"], "expires_in": "30d", "rotate_before": "8d", **token}
    tokens = [{"name": name, **options, "sinks": [sink(folder / name)]} for name in names]
    rotation = Rotation(server, folder, tokens)
    assert len(rotation.rotated()["rotated"]) == len(names)
    return rotation


def names(entries: list[dict]) -> list[str]:
    return ["/".join(filter(None, (each.get("account"), each["name"]))) for each in entries]


def day_of(server: Server, days: int) -> str:
    """The day of the week so many days after the server's today."""
    return ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][
        datetime.fromtimestamp(server.now() + days * DAY, UTC).weekday()
    ]


def opening_of(server: Server, days: int) -> int:
    """The midnight that begins that day."""
    return (server.now() // DAY + days) * DAY


def said(run: Run) -> list[str]:
    """What the run says of the tokens that wait."""
    return run["panelops.cpanel.rotate : Report which tokens are due and wait"].data["msg"]


def test_a_token_waits_for_the_window_and_rotates_in_it(server: Server, tmp_path: Path) -> None:
    rotation = rotation_of(server, tmp_path, "t")
    server.advance(23 * DAY)
    rotation.variables["window"] = {"days": [day_of(server, 2)], "zone": "UTC"}
    opening, secret, before = opening_of(server, 2), (tmp_path / "t").read_text(), server.commits()
    at = datetime.fromtimestamp(opening, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for options in (("--check",), ()):
        run = rotation.run(*options)
        assert run.status == 0, run.output
        result = result_of(run)
        assert (names(result["waiting"]), result["due"], result["rotated"]) == (["t"], [], [])
        (one,) = result["waiting"]
        assert one["waits_until"] == opening
        assert said(run) == [f"t: {one['detail']}. It waits for the window, which opens at {at}."]
        assert "changed=0" in run.output
    assert server.commits() == before
    assert (tmp_path / "t").read_text() == secret
    server.advance(opening - server.now() + 1)
    assert names(rotation.rotated("--check")["due"]) == ["t"]
    assert names(rotation.rotated()["rotated"]) == ["t"]
    assert (tmp_path / "t").read_text() != secret


def test_an_emergency_and_a_dying_token_wait_for_no_window(server: Server, tmp_path: Path) -> None:
    rotation = rotation_of(server, tmp_path, "t", "u")
    rotation.variables |= {"window": {"days": [day_of(server, 3)]}, "limit": 1, "stop_after": 1}
    assert names(rotation.rotated(force=True)["waiting"]) == ["t", "u"]
    assert names(rotation.rotated(emergency=True)["rotated"]) == ["t", "u"]
    server.advance(28 * DAY)
    rotation.variables["window"] = {"days": [day_of(server, 3)]}
    assert names(rotation.rotated()["rotated"]) == ["t", "u"], "the next window would find them dead"


def test_a_limit_lets_the_most_urgent_go_first(server: Server, tmp_path: Path) -> None:
    rotation = rotation_of(server, tmp_path, "a", "b", "c")
    server.advance(DAY)
    rotation.rotated(force=True, only=["a"])
    server.advance(22 * DAY)
    rotation.variables["limit"] = 1
    assert names(rotation.rotated("--check")["due"]) == ["b"]
    run = rotation.run()
    assert names(result_of(run)["rotated"]) == ["b"]
    assert names(result_of(run)["waiting"]) == ["a", "c"]
    assert "It waits for a later run, because a run rotates 1 at most" in said(run)[0]
    assert names(rotation.rotated()["rotated"]) == ["c"]
    assert names(rotation.rotated()["rotated"]) == ["a"]
    assert names(rotation.rotated()["waiting"]) == []
    rotation.tokens.append({"name": "d", "acls": ["list-accts"], "sinks": [sink(tmp_path / "d")]})
    result = rotation.rotated(force=True)
    assert names(result["rotated"]) == ["b", "d"], "a first issue does not count"


def test_a_run_that_is_limited_to_names_does_nothing_to_others(server: Server, tmp_path: Path) -> None:
    rotation = rotation_of(server, tmp_path, "monitoring", "backup-1", "backup-2")
    rotation.rotated(force=True)
    server.advance(2 * DAY)
    before = server.whm_tokens().keys()
    result = rotation.rotated(force=True, only=["backup-*"])
    assert names(result["tokens"]) == names(result["rotated"]) == ["backup-1", "backup-2"]
    left = {name for name in before if name.startswith("monitoring")}
    assert len(left) == 2
    assert left <= server.whm_tokens().keys(), "a retired token stays too, although its overlap is over"
    assert names(rotation.rotated("-e", "rotate_only=monitoring,backup-2", force=True)["rotated"]) == [
        "monitoring",
        "backup-2",
    ]


@pytest.mark.parametrize(
    ("only", "sentence"),
    [
        (["t", "x*"], "only: x* matches none of the tokens that are listed. Correct or remove it."),
        (["bob/t"], "only: bob/t matches none of the tokens that are listed. Correct or remove it."),
        ([], "only: is empty, so no token would rotate. Name the tokens"),
    ],
)
def test_names_that_match_nothing_are_refused(server: Server, tmp_path: Path, only: list, sentence: str) -> None:
    rotation = Rotation(server, tmp_path, [{"name": "t", "acls": ["list-accts"], "sinks": [sink(tmp_path / "t")]}])
    assert sentence_of(rotation.run(only=only)).startswith(sentence)
    assert server.commits() == {}


def test_accounts_of_patterns_can_be_named(server: Server, tmp_path: Path) -> None:
    files = sink(tmp_path / "{account}.token")
    rotation = Rotation(server, tmp_path, [{"name": "t", "accounts": ["alice", "b*"], "sinks": [files]}])
    assert names(rotation.rotated(only=["b*/t"])["rotated"]) == ["bob/t"]
    assert names(rotation.rotated()["rotated"]) == ["alice/t"]


@pytest.mark.parametrize("one", [{"account": "alice"}, {"accounts": ["al*"]}])
def test_two_tokens_with_one_place_are_refused_whichever_rotates(server: Server, tmp_path: Path, one: dict) -> None:
    shared = {"name": "t", **one, "sinks": [sink(tmp_path / "{account}")]}
    other = {"name": "u", "acls": ["list-accts"], "sinks": [sink(tmp_path / "alice")]}
    rotation = Rotation(server, tmp_path, [shared, other])
    assert "is listed more than once" in sentence_of(rotation.run(only=["u"]))
    assert server.commits() == {}


def test_a_window_that_cannot_come_in_time_is_refused(server: Server, tmp_path: Path) -> None:
    token = {"name": "t", "acls": ["list-accts"], "expires_in": "9d", "sinks": [sink(tmp_path / "t")]}
    run = Rotation(server, tmp_path, [token]).run(window={"days": ["sat"], "zone": "Europe/Berlin"})
    assert sentence_of(run) == (
        "tokens[0] (t): window: is closed for up to 6d1h, and rotate_before (a third of expires_in) is not longer, so the token could "
        "expire before the window opens. Give a longer rotate_before, or more days or hours."
    )
    assert server.calls().keys() <= {"version"}


def failing(folder: Path, *names: str) -> None:
    """Make the files of these tokens something that is not replaced."""
    for name in names:
        (folder / name).write_text("several words that nobody\nwants to lose\n")


@pytest.mark.parametrize("options", [("--check",), ()])
def test_after_so_many_failed_tokens_no_further_one_begins(server: Server, tmp_path: Path, options: tuple) -> None:
    rotation = rotation_of(server, tmp_path, "a", "b", "c", "d", "e")
    secrets = {name: (tmp_path / name).read_text() for name in "abcde"}
    rotation.variables |= {"stop_after": 2, "force": True}
    failing(tmp_path, "b", "c")
    run = rotation.run(*options)
    result = result_of(run)
    assert sentence_of(run).startswith("2 of 5 tokens did not rotate.\nb: the file sink")
    assert names(result["failed"]) == ["b", "c"]
    assert names(result["due" if options else "rotated"]) == ["a", "d"]
    assert names(result["waiting"]) == ["e"]
    assert "e: the task says so. It waits for a later run, because 2 failed, and a run begins none after 2." in said(
        run
    )
    changed = {name for name in "ade" if (tmp_path / name).read_text() != secrets[name]}
    assert changed == (set() if options else {"a", "d"})
    assert not [name for name in server.whm_tokens() if "--next" in name]


def test_all_waves_of_a_run_rotate_with_every_kind_of_sink(server: Server, tmp_path: Path) -> None:
    (tmp_path / "deliver.yml").write_text(TASKS.replace("FOLDER", str(tmp_path)))
    (tmp_path / "password").write_text("the password\n")
    password = ("--vault-password-file", str(tmp_path / "password"))
    vault = {"type": "vault", "path": str(tmp_path / "vault.yml")}
    own = {"type": "tasks", "tasks": str(tmp_path / "deliver.yml")}
    kinds = {
        "a": [sink(tmp_path / "a")],
        "b": [{**vault, "key": "b"}],
        "c": [own],
        "d": [sink(tmp_path / "d", "consumer2"), own, {**vault, "key": "d"}],
    }
    tokens = [{"name": name, "acls": ["list-accts"], "sinks": sinks} for name, sinks in kinds.items()]
    rotation = Rotation(server, tmp_path, tokens, {"stop_after": 1})
    assert names(rotation.rotated(*password)["rotated"]) == ["a", "b", "c", "d"]
    assert names(rotation.rotated("--check", *password, force=True)["due"]) == ["a", "b", "c", "d"]
    before = {path.name: path.read_text() for path in tmp_path.glob("?.own")}
    result = rotation.rotated(*password, force=True)
    assert names(result["rotated"]) == ["a", "b", "c", "d"]
    assert before.keys() == {"c.own", "d.own"}
    assert all((tmp_path / name).read_text() != text for name, text in before.items())
    assert (tmp_path / "d.own").read_text() == (tmp_path / "d").read_text().strip()
    assert len(server.whm_tokens()) == 8, "four live tokens, and as many retired ones"
    assert names(rotation.rotated(*password)["rotated"]) == []
