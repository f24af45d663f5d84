# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks that did not run delivered nothing, although nothing failed; and what ends a play must be known before."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.integration.test_rotation_evidence import KEEP, own, rotation
from tests.support.paths import REPOSITORY
from tests.support.playbooks import Run, run_playbook
from tests.support.rotating import result_of, sentence_of, sink
from tests.support.server import Server

SKIPPED: dict[str, list[dict]] = {
    "a condition": [{**KEEP, "when": False}],
    "nothing to loop over": [{**KEEP, "loop": []}],
    "every item": [{**KEEP, "loop": [1, 2], "when": "item > 2"}],
    "a block": [{"name": "Deliver", "when": "rotate_secret | length < 1", "block": [KEEP]}],
    "an include": [{"name": "More", "ansible.builtin.include_tasks": "inner.yml", "when": False}],
    "what is included": [{"name": "More", "ansible.builtin.include_tasks": "inner.yml"}],
    "all but a message": [{"name": "Say", "ansible.builtin.debug": {"msg": "hello"}}, {**KEEP, "when": False}],
    "all but a fact": [
        {"name": "Note", "ansible.builtin.set_fact": {"noted": "{{ rotate_secret | length }}"}},
        {**KEEP, "when": False},
    ],
    "check mode": [{**KEEP, "check_mode": True}],
}


@pytest.mark.parametrize("case", SKIPPED)
def test_a_sink_without_a_task_that_ran_did_not_get_the_secret(server: Server, tmp_path: Path, case: str) -> None:
    own(tmp_path, {**KEEP, "when": False}, name="inner.yml")
    rotating = rotation(server, tmp_path, own(tmp_path, *SKIPPED[case]))
    before = server.whm_tokens()
    run = rotating.run()
    assert sentence_of(run) == (
        "1 of 1 token did not rotate. t: the tasks sink own.yml: no task of own.yml can have delivered anything: each was skipped, had "
        "nothing to loop over, or is one such as debug or assert. Nothing was changed there."
    )
    assert [one["name"] for one in result_of(run)["failed"]] == ["t"]
    assert not (tmp_path / "kept").exists()
    assert server.whm_tokens() == before


RAN: dict[str, list[dict]] = {
    "some of the items": [{**KEEP, "loop": [1, 2], "when": "item > 1"}],
    "one of two tasks": [{**KEEP, "when": False}, KEEP],
    "what is included": [{"name": "More", "ansible.builtin.include_tasks": "inner.yml"}],
    "with an environment of its own": [{**KEEP, "environment": {"ROTATE_OWN": "1"}}],
}


@pytest.mark.parametrize("case", RAN)
def test_a_sink_with_a_task_that_ran_got_the_secret(server: Server, tmp_path: Path, case: str) -> None:
    """Each time: what an earlier use of the role has noted does not count."""
    own(tmp_path, KEEP, name="inner.yml")
    rotating = rotation(server, tmp_path, own(tmp_path, *RAN[case]))
    role = yaml.safe_load(rotating.text())[0]["roles"][0]
    skipped = own(tmp_path, {**KEEP, "when": False}, name="skipped.yml")
    again = [{**role["vars"]["rotate_tokens"][0], "sinks": [skipped]}]
    role["vars"]["rotate_tokens"] = rotating.tokens
    rotating.play = {"roles": [role, {**role, "vars": {**role["vars"], "rotate_tokens": again}}]}
    run = rotating.run()
    assert "no task of skipped.yml can have delivered anything" in sentence_of(run)
    assert server.whm_accepts((tmp_path / "kept").read_text())
    assert server.whm_ok("api_token_get_details", token=(tmp_path / "kept").read_text())["name"] == "t"


STOP = {"name": "Stop", "ansible.builtin.meta": "end_play"}
UNKNOWN = "name is not known before the task runs. A meta task in there could end the play without a result."
HIDDEN: dict[str, tuple[dict, str]] = {
    "a name that a task sets": ({"ansible.builtin.include_tasks": "{{ chosen }}.yml"}, UNKNOWN),
    "a name that is not known": ({"ansible.builtin.include_tasks": "{{ rotate_secret | length }}.yml"}, UNKNOWN),
    "an item": ({"ansible.builtin.include_tasks": "{{ item }}.yml", "loop": ["inner", "stop"]}, "meta: end_play"),
    "a role": ({"ansible.builtin.include_role": {"name": "stopping"}}, "has the task Stop, meta: end_play"),
    "a role that a role needs": (
        {"ansible.builtin.import_role": {"name": "needing"}},
        "has the task Stop, meta: end_play",
    ),
    "a role by its own variable": ({"ansible.builtin.include_role": {"name": "{{ chosen }}"}}, UNKNOWN),
    "a file that is not there": (
        {"ansible.builtin.include_tasks": "nowhere.yml"},
        "nowhere.yml that it includes is not there.",
    ),
}


def _hide(folder: Path) -> None:
    own(folder, STOP, name="stop.yml")
    own(folder, KEEP, name="inner.yml")
    for role in ("stopping", "needing", "keeping"):
        (folder / "roles" / role / "tasks").mkdir(parents=True)
        (folder / "roles" / role / "meta").mkdir()
    (folder / "roles" / "stopping" / "tasks" / "main.yml").write_text(yaml.safe_dump([STOP]))
    (folder / "roles" / "needing" / "meta" / "main.yml").write_text(yaml.safe_dump({"dependencies": ["stopping"]}))
    own(folder, {"name": "Deeper", "ansible.builtin.include_tasks": "keep.yml"}, name="roles/keeping/tasks/main.yml")
    own(folder, KEEP, name="roles/keeping/tasks/keep.yml")


@pytest.mark.parametrize("case", HIDDEN)
def test_what_could_end_the_play_is_refused_wherever_it_is(server: Server, tmp_path: Path, case: str) -> None:
    """``chosen`` is known before, but a task changes it."""
    _hide(tmp_path)
    task, sentence = HIDDEN[case]
    choose = {"name": "Choose", "ansible.builtin.set_fact": {"chosen": "stop"}}
    rotating = rotation(
        server, tmp_path, own(tmp_path, KEEP, choose, {"name": "More", **task}), vars={"chosen": "inner"}
    )
    run = rotating.run()
    assert sentence in sentence_of(run)
    assert server.commits() == {"api_token_create": 1}


KNOWN: dict[str, dict] = {
    "a variable of the play": {"ansible.builtin.include_tasks": "{{ chosen }}.yml"},
    "a variable of the task": {"ansible.builtin.include_tasks": "{{ mine }}.yml", "vars": {"mine": "inner"}},
    "items": {"ansible.builtin.include_tasks": "{{ item }}.yml", "loop": ["inner"]},
    "a role": {"ansible.builtin.include_role": {"name": "keeping"}},
    "a file of a role": {"ansible.builtin.include_role": {"name": "{{ 'keeping' }}", "tasks_from": "keep"}},
}


@pytest.mark.parametrize("case", KNOWN)
def test_what_is_included_by_a_name_that_is_known_delivers(server: Server, tmp_path: Path, case: str) -> None:
    _hide(tmp_path)
    rotation(server, tmp_path, own(tmp_path, {"name": "More", **KNOWN[case]}), vars={"chosen": "inner"}).rotated()
    assert server.whm_accepts((tmp_path / "kept").read_text())


ONCE = {
    "a static import": ("ansible.builtin.import_role", {}),
    "an include": ("ansible.builtin.include_role", {}),
    "what an include applies": ("ansible.builtin.include_role", {"apply": {"run_once": True}}),
}


@pytest.mark.parametrize("case", ONCE)
def test_a_role_that_runs_once_for_several_servers_is_refused(server: Server, tmp_path: Path, case: str) -> None:
    action, more = ONCE[case]
    hosts = tmp_path / "hosts.ini"
    hosts.write_text("[all:vars]\nansible_connection=local\n[all]\nweb1\nweb2\nother\n")
    for name in ("web1", "web2"):
        server.whm_token(name, acl="list-accts")
    for host in ("web1", "web2"):
        (tmp_path / "host_vars").mkdir(exist_ok=True)
        sinks = [{"type": "file", "hosts": ["localhost"], "path": str(tmp_path / host)}]
        text = yaml.safe_dump({"rotate_tokens": [{"name": "{{ inventory_hostname }}", "sinks": sinks}]})
        (tmp_path / "host_vars" / f"{host}.yml").write_text(text)

    def run(once: bool) -> Run:
        keyword = {"run_once": True} if once and not more else {}
        role = {"name": "panelops.cpanel.rotate", **(more if once else {})}
        task = {"name": "Rotate", action: role, "vars": {"rotate_force": True}, **keyword}
        named = "web1,web2,other" if once else "web1,web2"
        text = yaml.safe_dump([{"hosts": named, "gather_facts": False, "tasks": [task]}])
        return run_playbook(text, tmp_path, server.environment, ("-i", str(hosts)))

    assert sentence_of(run(once=True)) == (
        "The role runs with run_once, for web1 alone, but web2 of the play also has tokens to rotate, which would be left out. Remove "
        "run_once."
    )
    assert server.commits() == {"api_token_create": 2}
    assert run(once=False).status == 0


def test_a_role_that_runs_once_for_one_server_rotates(server: Server, tmp_path: Path) -> None:
    """The hosts of the play are consumers, and say nothing of tokens."""
    rotating = rotation(server, tmp_path, sink(tmp_path / "copy", host="localhost"), run_once=True)
    text = yaml.safe_load(rotating.text(hosts="one,two"))
    hosts = tmp_path / "hosts.ini"
    hosts.write_text("one ansible_connection=local\ntwo ansible_connection=local\n")
    run = run_playbook(yaml.safe_dump(text), tmp_path, server.environment, ("-i", str(hosts)))
    assert run.status == 0, run.output
    assert server.whm_accepts((tmp_path / "copy").read_text().strip())


BEGIN = (
    "The first task of the role did not run, so what it says may be incomplete. "
    "Run it from its beginning, without --start-at-task and --step."
)


def test_what_the_first_task_sets_holds_before_it_too() -> None:
    role = REPOSITORY / "roles/rotate"
    first = yaml.safe_load((role / "tasks/main.yml").read_text(encoding="utf-8"))[0]["block"][0]
    known = yaml.safe_load((role / "vars/main.yml").read_text(encoding="utf-8"))
    assert set(first["ansible.builtin.set_fact"]) - {"cacheable"} <= known.keys()


@pytest.mark.parametrize(
    "name", ["Note why the step failed, which is reported at the end", "Rotate what is due", "Keep the result"]
)
def test_a_run_that_starts_in_the_middle_of_the_role_ends_with_a_result_and_a_sentence(
    server: Server, tmp_path: Path, name: str
) -> None:
    rotating = rotation(server, tmp_path, own(tmp_path, KEEP))
    before = server.whm_tokens()
    run = rotating.run("--start-at-task", f"panelops.cpanel.rotate : {name}")
    assert sentence_of(run) == BEGIN
    assert (result_of(run)["msg"], result_of(run)["tokens"]) == (BEGIN, [])
    assert server.whm_tokens() == before


def test_a_run_that_starts_at_the_last_task_of_the_role_fails_with_a_sentence(server: Server, tmp_path: Path) -> None:
    rotating = rotation(server, tmp_path, own(tmp_path, KEEP))
    run = rotating.run("--start-at-task", "panelops.cpanel.rotate : Report what did not rotate, or would")
    assert sentence_of(run) == BEGIN
