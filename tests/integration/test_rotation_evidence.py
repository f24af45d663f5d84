# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as delivered is what was seen to go well: tags, meta tasks, hosts that are gone and handlers that are missing."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.playbooks import run_playbook
from tests.support.rotating import Rotation, inventory, result_of, sentence_of, sink
from tests.support.server import Server

KEEP = {"name": "Keep", "ansible.builtin.copy": {"content": "{{ rotate_secret }}", "dest": "kept", "mode": "0600"}}


def own(folder: Path, *tasks: dict, name: str = "own.yml") -> dict:
    """A sink with these tasks; the secret is kept in the file ``kept``."""
    (folder / name).write_text(yaml.safe_dump(list(tasks)).replace("dest: kept", f"dest: {folder}/kept"))
    return {"type": "tasks", "tasks": name}


def rotation(server: Server, folder: Path, *sinks: dict, **play: object) -> Rotation:
    server.whm_token("t", acl="list-accts")
    return Rotation(server, folder, [{"name": "t", "sinks": list(sinks)}], {"force": True}, play)


META = ("end_host", "end_play", "end_role", "end_batch")


@pytest.mark.parametrize("word", META)
def test_tasks_that_end_the_role_are_refused(server: Server, tmp_path: Path, word: str) -> None:
    late = {"name": "Go", "block": [{"name": "Stop", "ansible.builtin.meta": word, "when": "rotate_secret is defined"}]}
    said = sentence_of(rotation(server, tmp_path, own(tmp_path, KEEP, late)).run())
    assert said == (
        f"The tasks sink of t cannot use the file own.yml: it has the task Stop, meta: {word}. The role would end with it, and promote "
        "nothing. Use when: for the tasks after it."
    )
    assert server.commits() == {"api_token_create": 1}


UNSEEN = {"name": "Keep", "ansible.builtin.command": "false", "async": 60}
"""A task that fails, which nobody sees where nobody waits for it."""

ONCE = {"name": "Only the first", "run_once": True, "block": [KEEP]}


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        (
            ONCE,
            "has the task Keep with run_once, so that only the secret of the first host of the play would be delivered.",
        ),
        ({**KEEP, "async": 60, "poll": 0}, "has the task Keep with poll: 0, which nobody waits for."),
        ({**UNSEEN, "poll": "{{ 0 }}"}, "has the task Keep with poll: 0, which nobody waits for."),
        ({**UNSEEN, "poll": "{{ later }}"}, "has the task Keep with poll: 0, which nobody waits for."),
        (UNSEEN, "has the task Keep with poll: 0, which nobody waits for."),
    ],
    ids=["run_once", "poll", "poll-made", "poll-unknown", "poll-of-the-configuration"],
)
def test_tasks_that_the_role_would_not_see_are_refused(server: Server, tmp_path: Path, task: dict, reason: str) -> None:
    """With ``run_once`` Ansible runs them for one host, and goes on for all."""
    rotating = rotation(server, tmp_path, own(tmp_path, task))
    hosts = tmp_path / "hosts.ini"
    hosts.write_text("one ansible_connection=local\ntwo ansible_connection=local\n")
    (tmp_path / "play.yml").write_text(rotating.text(hosts="one,two"))
    settings = {**server.environment, "ANSIBLE_POLL_INTERVAL": "0"}
    run = run_playbook((tmp_path / "play.yml").read_text(), tmp_path, settings, ("-i", str(hosts)))
    assert reason in sentence_of(run)
    assert server.commits() == {"api_token_create": 1}


def test_a_task_with_run_once_for_the_only_host_delivers(server: Server, tmp_path: Path) -> None:
    rotation(server, tmp_path, own(tmp_path, {**ONCE, "delegate_to": "localhost"})).rotated()
    assert server.whm_accepts((tmp_path / "kept").read_text())


def test_what_a_file_of_tasks_includes_is_read_too(server: Server, tmp_path: Path) -> None:
    own(tmp_path, {"name": "Stop", "meta": "end_host"}, name="inner.yml")
    include = {"name": "More", "ansible.builtin.include_tasks": "inner.yml"}
    assert "has the task Stop, meta: end_host." in sentence_of(
        rotation(server, tmp_path, own(tmp_path, KEEP, include)).run()
    )


NO_TASKS = {
    "a task that is left out": ([dict(KEEP, tags=["deliver"])], ("--skip-tags", "deliver"), "has the task Keep, which"),
    "all that has tags": ([dict(KEEP, tags="deliver")], ("--skip-tags", "tagged"), "has the task Keep, which"),
    "what has tags": ([dict(KEEP, tags="deliver")], ("--tags", "untagged"), "has the task Keep, which"),
    "no task": ([], (), "has no task, so the secret would be delivered nowhere."),
    "a task that never runs": ([dict(KEEP, tags="never")], (), "has no task, so"),
    "what cannot be read": (
        [{"name": "More", "ansible.builtin.include_tasks": "{{ rotate_secret | length }}.yml"}],
        ("--skip-tags", "deliver"),
        "has the task More, which includes a file whose name is not known before the task runs.",
    ),
}


@pytest.mark.parametrize("case", NO_TASKS)
def test_tasks_that_a_run_leaves_out_deliver_nothing(server: Server, tmp_path: Path, case: str) -> None:
    tasks, options, sentence = NO_TASKS[case]
    said = sentence_of(rotation(server, tmp_path, own(tmp_path, *tasks)).run(*options))
    assert sentence in said
    assert server.commits() == {"api_token_create": 1}


def test_tags_that_leave_nothing_out(server: Server, tmp_path: Path) -> None:
    rotating = rotation(server, tmp_path, own(tmp_path, dict(KEEP, tags=["deliver"])))
    text = yaml.safe_load(rotating.text())
    text[0]["roles"][0]["tags"] = ["rotate"]
    for options in (("--tags", "rotate"), ("--skip-tags", "packages")):
        rotating.play = {"roles": text[0]["roles"]}
        rotating.rotated(*options)
        assert server.whm_accepts((tmp_path / "kept").read_text())


def test_a_host_of_your_tasks_that_is_gone(server: Server, tmp_path: Path) -> None:
    """It costs that sink a sentence; the other token rotates."""
    tell = {"name": "Tell", "ansible.builtin.command": "true", "delegate_to": "{{ 'far' }}.invalid"}
    server.whm_token("u", acl="list-accts")
    rotating = rotation(server, tmp_path, own(tmp_path, KEEP, tell))
    rotating.tokens.append({"name": "u", "sinks": [sink(tmp_path / "u")]})
    before = server.whm_tokens()["t"]
    run = rotating.run(environment={"ANSIBLE_TIMEOUT": "2"})
    assert sentence_of(run) == (
        "1 of 2 tokens did not rotate. t: the tasks sink own.yml: the task Tell runs on far.invalid, which cannot be reached. "
        "Nothing was changed for this token."
    )
    assert [one["name"] for one in result_of(run)["rotated"]] == ["u"]
    assert server.whm_tokens()["t"] == before
    assert not (tmp_path / "kept").exists()


def test_a_missing_handler_is_found_before_anything_is_created(server: Server, tmp_path: Path) -> None:
    server.whm_token("t", acl="list-accts")
    token = {"name": "t", "sinks": [sink(tmp_path / "copy")], "notify": ["Reload", "Restart"]}
    handlers = [{"name": "Reload", "ansible.builtin.debug": {"msg": "reloaded"}}]
    for options in ((), ("--check",)):
        run = Rotation(server, tmp_path, [token], {"force": True}, {"handlers": handlers}).run(*options)
        assert sentence_of(run) == (
            "notify of t: there is no handler 'Restart' in the play. Give it one of that name, or one that listens to it."
        )
    assert server.commits() == {"api_token_create": 1}


def test_handlers_of_roles_and_topics_are_found(server: Server, tmp_path: Path) -> None:
    """Whether the play names the role, or a task includes it."""
    for name in ("named", "included"):
        (tmp_path / "roles" / name / "handlers").mkdir(parents=True)
        text = yaml.safe_dump([{"name": f"Reload {name}", "ansible.builtin.debug": {"msg": name}}])
        (tmp_path / "roles" / name / "handlers" / "main.yml").write_text(text)
    topic = {"name": "Of {{ 'a' }} topic", "listen": "topic", "ansible.builtin.debug": {"msg": "topic"}}
    names = ["Reload named", "included : Reload included", "topic", "Of a topic"]
    rotating = rotation(server, tmp_path, sink(tmp_path / "copy"), handlers=[topic])
    rotating.tokens[0]["notify"] = names
    text = yaml.safe_load(rotating.text())
    include = {"name": "Include", "ansible.builtin.include_role": {"name": "included"}}
    rotating.play |= {"pre_tasks": [include], "roles": ["named", *text[0]["roles"]]}
    run = rotating.run()
    assert run.status == 0, run.output
    told = {task.msg for task in run.tasks if task.name.split(" : ")[-1] in {*names, "Reload included"}}
    assert told == {"named", "included", "topic"}


def test_a_handler_runs_on_the_consumers_that_changed_and_once(server: Server, tmp_path: Path) -> None:
    """Two servers have a consumer in common. What was rolled back has not changed."""
    hosts = inventory(tmp_path, "one", "two")
    bad = own(tmp_path, {"name": "Break", "ansible.builtin.command": "false"})
    sinks = {"good": [sink(tmp_path / "{{ inventory_hostname }}")]}
    sinks["bad"] = [sink(tmp_path / "{{ inventory_hostname }}-bad", host="consumer2"), bad]
    common = {"acls": ["list-accts"], "notify": ["Reload"]}
    tokens = [{"name": f"{{{{ inventory_hostname }}}}-{name}", "sinks": sinks[name], **common} for name in sinks]
    reload = {
        "name": "Reload",
        "ansible.builtin.debug": {"msg": "{{ item }}"},
        "loop": "{{ rotate_consumers.Reload }}",
        "delegate_to": "{{ item }}",
    }
    for name in ("one-good", "one-bad", "two-good", "two-bad"):
        server.whm_token(name, acl="list-accts")
    text = Rotation(server, tmp_path, tokens, {"force": True}, {"handlers": [reload]}).text(hosts="one,two")
    run = run_playbook(text, tmp_path, server.environment, ("-i", str(hosts)))
    said = {task.msg for task in run.tasks if task.failed}  # the hosts answer in any order
    for name in ("one-bad", "two-bad"):
        assert f"1 of 2 tokens did not rotate. {name}: the tasks sink own.yml: the task Break failed." in said
    told = [item["item"] for task in run.tasks if task.name == "Reload" for item in task.data["results"]]
    assert told == ["consumer1"]


def test_a_handler_that_runs_where_no_consumer_is(server: Server, tmp_path: Path) -> None:
    token = {"name": "t", "acls": ["list-accts"], "sinks": [sink(tmp_path / "copy")], "notify": ["Reload"]}
    handlers = [{"name": "Reload", "ansible.builtin.debug": {"msg": "reloaded"}}]
    run = Rotation(server, tmp_path, [token], play={"handlers": handlers}).run()
    assert run.status == 0, run.output
    assert "The handler 'Reload' runs on localhost, where no consumer of t is." in " ".join(run.output.split())


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside a file"])
def test_a_handler_runs_for_a_secret_that_is_in_no_file(server: Server, tmp_path: Path, beside: bool) -> None:
    """Once, and not at the next run, which delivers nothing; ``rotate_consumers`` names the hosts of files alone."""
    sinks = [own(tmp_path, KEEP), *([sink(tmp_path / "copy")] if beside else ())]
    token = {"name": "t", "acls": ["list-accts"], "expires_in": "90d", "sinks": sinks, "notify": ["Reload"]}
    reload = {"name": "Reload", "ansible.builtin.debug": {"msg": "{{ rotate_consumers }}"}, "delegate_to": "localhost"}
    rotating = Rotation(server, tmp_path, [token], play={"handlers": [reload]})
    for reloaded in ([{"Reload": ["consumer1"] if beside else []}], []):
        run = rotating.run()
        assert run.status == 0, run.output
        assert [task.data["msg"] for task in run.tasks if task.name == "Reload"] == reloaded
        assert "The handler" not in run.output


def test_a_handler_for_a_secret_that_is_in_no_file_runs_for_each_server(server: Server, tmp_path: Path) -> None:
    """On its host if no sink and no option says where else, which is warned of; with ``run_once`` only once."""
    token = {"name": "{{ inventory_hostname }}", "acls": ["list-accts"], "notify": ["Reload", "Reload once"]}
    token["sinks"] = [own(tmp_path, {"name": "Tell", "ansible.builtin.command": "true"})]
    reload = {"name": "Reload", "ansible.builtin.debug": {"msg": "reloaded"}}
    once = {**reload, "name": "Reload once", "delegate_to": "localhost", "run_once": True}
    play = {"handlers": [reload, once], "vars": {"ansible_python_interpreter": sys.executable}}
    text = Rotation(server, tmp_path, [token], play=play).text(hosts="one,two")
    hosts = inventory(tmp_path, "one", "two")
    run = run_playbook(text, tmp_path, server.environment, ("-i", str(hosts)))
    assert run.status == 0, run.output
    assert [task.name for task in run.tasks if task.name.startswith("Reload")] == ["Reload", "Reload", "Reload once"]
    warned = " ".join(run.output.split())
    assert "The handler 'Reload' runs on one, and no sink of one says where its consumer is." in warned
    assert "The handler 'Reload once'" not in warned


def test_a_handler_that_would_loop_over_no_consumer(server: Server, tmp_path: Path) -> None:
    token = {"name": "t", "acls": ["list-accts"], "sinks": [own(tmp_path, KEEP)], "notify": ["Reload"]}
    reload = {"name": "Reload", "ansible.builtin.debug": {"msg": "reloaded"}, "loop": "{{ rotate_consumers.Reload }}"}
    run = Rotation(server, tmp_path, [token], play={"handlers": [reload]}).run()
    assert run.status == 0, run.output
    assert (
        "The handler 'Reload' loops over rotate_consumers, which names hosts with a file, and no sink of t is one. Give it delegate_to: "
        "the host that uses the secret, without the loop."
    ) in " ".join(run.output.split())


def test_a_failed_handler_does_not_hide_what_did_not_rotate(server: Server, tmp_path: Path) -> None:
    server.whm_token("u", acl="list-accts")
    bad = own(tmp_path, {"name": "Break", "ansible.builtin.command": "false"})
    rotating = rotation(server, tmp_path, sink(tmp_path / "copy"))
    rotating.tokens[0]["notify"] = ["Reload"]
    rotating.tokens.append({"name": "u", "sinks": [bad]})
    rotating.play = {"handlers": [{"name": "Reload", "ansible.builtin.command": "false"}]}
    run = rotating.run()
    assert run.status != 0
    assert "the tasks sink own.yml: the task Break failed." in run.output
    assert [one["name"] for one in result_of(run)["rotated"]] == ["t"]


def test_a_task_of_the_play_that_is_not_in_check_mode_rotates(server: Server, tmp_path: Path) -> None:
    """Under ``--check`` too, for that is what the play says."""
    run = rotation(server, tmp_path, sink(tmp_path / "copy"), check_mode=False).run("--check")
    assert run.status == 0, run.output
    assert [one["name"] for one in result_of(run)["rotated"]] == ["t"]
    assert server.whm_accepts((tmp_path / "copy").read_text().strip())


def test_a_step_that_fails_leaves_a_result_and_no_secret(server: Server, tmp_path: Path) -> None:
    meddle = {"name": "Meddle", "ansible.builtin.set_fact": {"rotate_overlap": "soon"}}
    show = {"name": "Show", "ansible.builtin.debug": {"var": "hostvars['localhost']"}}
    rotating = rotation(server, tmp_path, sink(tmp_path / "copy"), own(tmp_path, KEEP, meddle))
    role = {"name": "panelops.cpanel.rotate"}
    given = yaml.safe_load(rotating.text())[0]["roles"][0]["vars"]
    include = {"name": "Rotate", "ansible.builtin.include_role": role, "vars": given}
    rotating.play = {"roles": [], "tasks": [{"block": [include], "rescue": [], "always": [show]}]}
    run = rotating.run()
    (failed,) = result_of(run)["failed"]
    assert failed["msg"] == result_of(run)["msg"] == sentence_of(run)
    assert failed["msg"].startswith("overlap: 'soon' is not a duration.")
    shown = json.dumps(run["Show"].data)
    assert "rotate_result" in shown
    assert (tmp_path / "kept").read_text() not in shown


def test_reports_of_callbacks_hold_no_secret(server: Server, tmp_path: Path) -> None:
    rotating = rotation(server, tmp_path, own(tmp_path, dict(KEEP, no_log=True)))
    environment = {
        "ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.junit,task_results",
        "JUNIT_OUTPUT_DIR": str(tmp_path / "junit"),
    }
    run = rotating.run(environment=environment)
    assert run.status == 0, run.output
    texts = [path.read_text() for path in (tmp_path / "junit").glob("*.xml")]
    assert "sink_tasks.yml" in texts[0]
    assert (tmp_path / "kept").read_text() not in texts[0]


SUDO = "#!/bin/sh\necho 'sudo: a password is required' >&2\nexit 1\n"


def test_tasks_of_the_controller_do_not_become(server: Server, tmp_path: Path) -> None:
    """Whatever the inventory says of all hosts, on a controller whose sudo asks for a password."""
    sudo = tmp_path / "sudo"
    sudo.write_text(SUDO)
    sudo.chmod(0o755)
    task = dict(KEEP, become=False, delegate_to="localhost", vars={"ansible_become": False})
    rotating = rotation(server, tmp_path, own(tmp_path, task))
    # Another user than that of this test, for one does not become oneself.
    forced = {"ansible_become": True, "ansible_become_user": "nobody", "ansible_become_exe": str(sudo)}
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "all.yml").write_text(yaml.safe_dump(forced))
    rotating.rotated()
    run = rotating.run("-e", json.dumps(forced))
    assert sentence_of(run).startswith(
        "The controller needs no other user to speak with the server, but a variable makes"
    )
