# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks run in Ansible's own process where that makes no difference to their results, and as modules everywhere else."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import yaml

from tests.support.limits import patience
from tests.support.paths import REPOSITORY
from tests.support.playbooks import Run, run_playbook, same_python, task
from tests.support.server import Server
from tests.support.users import RESELLER

AS_A_MODULE = "Using module file "
HERE = re.compile(r" runs in the process (\d+) of Ansible")
THE_DAY = date(2035, 1, 1)
TOKEN = {"name": "t", "acls": ["list-accts"]}
AS_RESELLER = {"WHM_USERNAME": RESELLER.name, "WHM_PASSWORD": RESELLER.password}
MOVING = {"create_time", "last_used", "seconds_left", "server_time"}
BY_DEFAULT = {
    "group/panelops.cpanel.whm": {"timeout": 17},
    "panelops.cpanel.whm_api_token": {"timezone": "Europe/Berlin"},
}

LIFE = [
    task("predicted", "whm_api_token", **TOKEN, expires_at=THE_DAY, _check_mode=True),
    task("created", "whm_api_token", **TOKEN, expires_at=THE_DAY, _register="created"),
    task("repeated", "whm_api_token", **TOKEN, expires_at=THE_DAY),
    task("with its secret", "whm_api_token_info", api_token="{{ created.token }}", _ignore_errors=True),
    task("altered", "whm_api_token", name="t", acls=["ssl"], whitelist_ips=["2001:DB8::1"], _diff=True, timeout="9"),
    task("renamed", "whm_api_token", name="u", rename_from="t", validate_certs=False),
    task(
        "two at once", "whm_api_tokens", tokens=[TOKEN, {"name": "u", "acls": ["{{ item }}"]}], _loop=["quota", "ssl"]
    ),
    task("warned", "whm_api_token", name="u", rename_from="t"),
    task("a reseller's", "whm_api_token", **TOKEN, _environment=AS_RESELLER),
    task("listed", "whm_api_token_info", pattern="[tu]"),
    task("revoked", "whm_api_token", name="t", state="absent"),
    task("still revoked", "whm_api_token", name="t", state="absent"),
    task("the account's own", "cpanel_api_token", name="a"),
    task("through WHM", "cpanel_api_token", name="b", account="alice", readonly=True),
    task("a set", "cpanel_api_tokens", tokens=[{"name": "a", "account": "alice", "expires_at": "never"}]),
    task("all accounts", "cpanel_api_token_info", accounts=["*"]),
]
FAILURES = [
    task("bad name", "whm_api_token", name="two words"),
    task("no name", "whm_api_token", acls=["ssl"]),
    task("wrong type", "whm_api_token", **TOKEN, timeout="soon"),
    task("wrong type of a list", "whm_api_token", name="t", acls={"a": 1}),
    task("wrong type in a list", "whm_api_tokens", tokens=["t"]),
    task("unknown within a list", "whm_api_tokens", tokens=[{"name": "t", "acl": "ssl"}]),
    task("no such choice", "whm_api_token", **TOKEN, state="gone"),
    task("unknown option", "whm_api_token", **TOKEN, acl="ssl"),
    task("refused", "whm_api_token", name="t", acls=["no-such-acl"]),
    task("refused in part", "whm_api_tokens", tokens=[TOKEN, {"name": "u", "acls": ["no-such-acl"]}]),
    task("wrong token", "whm_api_token", **TOKEN, api_token="{{ lookup('env', 'WRONG_TOKEN') }}"),
    task("secret elsewhere", "whm_api_token_info", name="list-accts", password="list-accts"),
    task("environment's secret", "whm_api_token", name="t", acls=["{{ lookup('env', 'WHM_PASSWORD') }}"]),
    task("no credential", "whm_api_token", **TOKEN, _environment={"WHM_PASSWORD": ""}),
    task("no such account", "cpanel_api_token", name="t", account="nobody"),
]


def section(run: Run, title: str) -> str:
    """What the screen shows of one task."""
    (found,) = re.findall(rf"^TASK \[{re.escape(title)}\].*?(?=^(?:TASK|PLAY) )", run.output, re.DOTALL | re.MULTILINE)
    return found


def without_the_moment(value: object, key: str = "") -> object:
    """A result without what must differ between two runs: secrets, times of creation, times that are left."""
    if isinstance(value, dict):
        return {name: without_the_moment(each, name) for name, each in value.items() if not name.startswith("_")}
    if isinstance(value, list):
        return [without_the_moment(each) for each in value]
    if key in MOVING:
        return type(value).__name__
    return re.sub(r"\b[A-Z0-9]{32}\b", "SECRET", value) if isinstance(value, str) else value


def both_ways(
    server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch, play: dict | str, *options: str
) -> tuple[Run, Run]:
    """Run a play in Ansible's process and by modules, each on a server as new, and see that it did run so."""
    runs = []
    for way in ("in-process", "module"):
        server.reset()
        monkeypatch.setenv("PANELOPS_WAY", way)
        runs.append(run_playbook(play, folder, server.environment, ("-vvvv", *options)))
    here, there = runs
    assert AS_A_MODULE not in here.output
    assert "AnsiballZ" not in here.output
    assert HERE.search(here.output)
    assert not HERE.search(there.output)
    return here, there


def assert_equal(here: Run, there: Run, tasks: list[dict]) -> None:
    """The same results in the same order, and nothing on the screen that should not be there."""
    assert [each.name for each in here.tasks] == [each["name"] for each in tasks], here.output
    for mine, its in zip(here.tasks, there.tasks, strict=True):
        assert mine.outcome == its.outcome, mine.msg
        assert without_the_moment(mine.data) == without_the_moment(its.data), mine.name
    for run in (here, there):
        assert "Traceback" not in run.output
        assert "InsecureRequestWarning" not in run.output


def test_a_life_is_the_same_both_ways(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSIBLE_INJECT_INVOCATION", "true")
    play = {"module_defaults": BY_DEFAULT, "tasks": LIFE}
    here, there = both_ways(server, tmp_path, monkeypatch, play)
    assert_equal(here, there, LIFE)
    assert [each.name for each in here.tasks if each.failed] == ["with its secret"]
    for run in (here, there):
        assert server.root_password not in run.output
        assert "[WARNING]: u exists already" in section(run, "warned")
    # What both ways lacked, the comparison would not notice.
    arguments = here["created"].data["invocation"]["module_args"]
    assert (arguments["timeout"], arguments["timezone"], arguments["api_token"]) == ("17", "Europe/Berlin", None)
    assert here["altered"].data["invocation"]["module_args"]["timeout"] == "9"
    censored = here["with its secret"].data["invocation"]["module_args"]["api_token"]
    assert censored == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    assert (here["predicted"].changed, here["created"].changed, here["repeated"].changed) == (True, True, False)
    assert here["altered"].diff["after"]["whitelist_ips"] == ["2001:db8::1"]
    assert [each["name"] for each in here["listed"].data["whm_api_tokens"]] == ["t", "u"]
    assert [len(each["token"]) for each in (here["created"].data, here["a reseller's"].data)] == [32, 32]


def test_failures_are_the_same_both_ways(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WRONG_TOKEN", "WRONG-CANARY")
    here, there = both_ways(server, tmp_path, monkeypatch, {"ignore_errors": True, "tasks": FAILURES})
    assert_equal(here, there, FAILURES)
    assert all(each.failed and each.msg for each in here.tasks)
    for run in (here, there):
        assert server.root_password not in run.output
        assert "WRONG-CANARY" not in run.output


def test_secrets_from_a_vault(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = tmp_path / "vault-key"
    key.write_text("the key of this test")
    command = ["ansible-vault", "encrypt_string", "--vault-password-file", str(key), "--stdin-name", "password"]
    done = subprocess.run(
        command, input=server.root_password, capture_output=True, text=True, timeout=patience(60), check=True
    )
    play = f"""
- hosts: localhost
  gather_facts: false
  vars:
    {done.stdout.strip().replace(chr(10), chr(10) + "    ")}
  tasks:
    - name: listed
      panelops.cpanel.whm_api_token_info:
        password: "{{{{ password }}}}"
    - name: literally
      panelops.cpanel.whm_api_token_info:
        {done.stdout.strip().replace(chr(10), chr(10) + "        ")}
"""
    monkeypatch.setattr(Server, "environment", {**server.environment, "WHM_PASSWORD": ""})
    for run in both_ways(server, tmp_path, monkeypatch, play, "--vault-password-file", str(key)):
        assert run.status == 0, run.output
        assert run["literally"].data["whm_api_tokens"] == []
        assert server.root_password not in run.output


def test_what_would_make_a_difference_is_left_to_the_module(server: Server, tmp_path: Path) -> None:
    """The tasks may fail, as not every machine lets one become another user; how they ran shows all the same."""
    authority = server.ready["ca_file"]
    (tmp_path / "ca.pem").write_bytes(Path(authority).read_bytes())
    cases = {
        "become is used": {"_become": True, "_become_method": "ansible.builtin.su"},
        "async is used": {"_async": 30, "_poll": 1},
        "HTTPS_PROXY is set in its environment": {"_environment": {"HTTPS_PROXY": "http://127.0.0.1:1"}},
        "REQUESTS_CA_BUNDLE is set in its environment": {
            "_environment": [AS_RESELLER, {"REQUESTS_CA_BUNDLE": authority}]
        },
        "its Python interpreter is to be discovered": {"_vars": {"ansible_python_interpreter": "auto"}},
        "its transport is not https": {"transport": "cli"},
        "owner and mode of a token_file are a module's work": {
            "token_file": f"{tmp_path}/secret",
            "recreate": "if_unusable",
        },
        "its ca_path is not absolute": {"ca_path": "ca.pem"},
    }
    other = {"_vars": {"ansible_python_interpreter": str(same_python(tmp_path))}}
    cases[f"its Python interpreter is {same_python(tmp_path)}"] = other
    tasks = [task(reason, "whm_api_token", **TOKEN, **case) for reason, case in cases.items()]
    tasks += [
        task("variable", "whm_api_token", **TOKEN, ca_path="$WHM_CA_PATH"),
        task("environment's", "whm_api_token", **TOKEN, _environment={"WHM_CA_PATH": "ca.pem"}),
        task(
            "in a list",
            "whm_api_tokens",
            tokens=[{**TOKEN, "token_file": f"{tmp_path}/secret", "recreate": "if_unusable"}],
        ),
        task("last", "whm_api_token", **TOKEN, _environment=[{"WHM_CA_PATH": authority}]),
    ]
    run = run_playbook({"tasks": tasks, "ignore_errors": True}, tmp_path, server.environment, ("-vvvv",))
    for each in tasks[:-1]:
        assert AS_A_MODULE in section(run, each["name"]), each
    for reason in cases:
        assert f"runs as a module: {reason}\n" in section(run, reason)
    for ours in ("its ca_path is not absolute", "variable", "environment's", "in a list"):
        assert not run[ours].failed, run[ours].msg
    assert HERE.search(section(run, "last"))
    assert Path(f"{tmp_path}/secret").exists()


def test_a_task_for_another_host_is_left_to_the_module(server: Server, tmp_path: Path) -> None:
    play = {"hosts": "far.invalid", "connection": "ssh", "tasks": [task("far", "whm_api_token_info")]}
    run = run_playbook(play, tmp_path, server.environment, ("-vvv", "-i", "far.invalid,"))
    assert "runs as a module: its connection is ssh" in run.output
    assert run["far"].outcome == "unreachable"
    assert server.http_requests() == 0


def test_delegated_tasks_run_here(server: Server, tmp_path: Path) -> None:
    delegated = task("delegated", "whm_api_token", **TOKEN, _delegate_to="localhost")
    play = {"hosts": "far.invalid", "connection": "ssh", "tasks": [delegated]}
    run = run_playbook(play, tmp_path, server.environment, ("-vvv", "-i", "far.invalid,"))
    assert run.status == 0, run.output
    assert HERE.search(section(run, "delegated"))
    assert list(server.whm_tokens()) == ["t"]


@pytest.mark.parametrize("found_is_ours", [True, False])
def test_the_interpreter_that_ansible_discovers_decides(server: Server, tmp_path: Path, found_is_ours: bool) -> None:
    """The first task runs as a module, because only that makes Ansible look for an interpreter."""
    found = f"{Path(sys.executable).parent}/python3" if found_is_ours else str(same_python(tmp_path))
    variables = {"ansible_python_interpreter": "auto", "ansible_interpreter_python_fallback": [found]}
    tasks = [task(title, "whm_api_token_info") for title in ("first", "second")]
    run = run_playbook({"vars": variables, "tasks": tasks}, tmp_path, server.environment, ("-vvv",))
    assert run.status == 0, run.output
    assert AS_A_MODULE in section(run, "first")
    assert bool(HERE.search(section(run, "second"))) is found_is_ours


def test_the_timeout_of_the_task_ends_it(server: Server, tmp_path: Path) -> None:
    server.fault("api_token_list", "delay:30")
    tasks = [task("slow", "whm_api_token_info", _timeout=1, _ignore_errors=True), task("next", "whm_api_token_info")]
    run = run_playbook({"tasks": tasks}, tmp_path, server.environment, ("-vvv",), timeout=25)
    assert run["slow"].failed
    assert run["slow"].data["timedout"]["period"] == 1
    assert run["next"].outcome == "ok"
    assert len(HERE.findall(run.output)) == 2


def test_workers_side_by_side_do_not_disturb_each_other(server: Server, tmp_path: Path) -> None:
    hosts = [f"host{number}" for number in range(8)]
    wanted = task("each", "whm_api_token", name="{{ inventory_hostname }}", acls=["list-accts"])
    variables = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    play = {"hosts": "all", "vars": variables, "tasks": [wanted]}
    options = ("-vvv", "--forks", "8", "-i", ",".join(hosts))
    run = run_playbook(play, tmp_path, server.environment, options)
    assert run.status == 0, run.output
    assert len(set(HERE.findall(run.output))) == len(hosts)
    assert sorted(server.whm_tokens()) == hosts
    for each in run.tasks:
        assert server.whm_accepts(each.data["token"])


def test_every_module_has_its_action_plugin() -> None:
    """And each is for the module's own options and core, not for those of another."""
    plugins = REPOSITORY / "plugins"
    modules = {path.stem: path.read_text(encoding="utf-8") for path in (plugins / "modules").glob("*.py")}
    assert {path.stem for path in (plugins / "action").glob("*.py")} == set(modules)
    # Two work on the controller only, and have no core that could run elsewhere.
    names = {name for name, text in modules.items() if "run_module(" in text}
    assert len(names) >= len(modules) - 2
    script = (
        "import importlib, json, sys\n"
        "from unittest.mock import patch\n"
        "root = 'ansible_collections.panelops.cpanel.plugins'\n"
        "for name in sys.argv[1:]:\n"
        "    module = importlib.import_module(f'{root}.modules.{name}')\n"
        "    plugin = importlib.import_module(f'{root}.action.{name}').ActionModule\n"
        "    core = getattr(plugin, 'core', None) or module.run\n"
        "    with patch.object(module, 'run_module') as handed_over: module.main()\n"
        "    print(json.dumps(handed_over.call_args.args == (plugin.ARGUMENT_SPEC, core)))\n"
    )
    command = [sys.executable, "-c", script, *sorted(names)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=patience(60), check=True)
    assert [json.loads(line) for line in done.stdout.splitlines()] == [True] * len(names)


def test_every_module_is_in_the_groups_of_the_services_that_it_connects_to() -> None:
    """Those whose connection options it documents. A rotation connects to either, and is in none."""
    listed = yaml.safe_load((REPOSITORY / "meta/runtime.yml").read_text(encoding="utf-8"))["action_groups"]
    services = {"whm": {"whm"}, "cpanel": {"cpanel"}}
    connects: dict[str, set[str]] = {service: set() for service in listed}
    for path in (REPOSITORY / "plugins" / "modules").glob("*.py"):
        module = importlib.import_module(f"ansible_collections.panelops.cpanel.plugins.modules.{path.stem}")
        for fragment in yaml.safe_load(module.DOCUMENTATION)["extends_documentation_fragment"]:
            for service in services.get(fragment.removeprefix("panelops.cpanel."), ()):
                connects[service].add(path.stem)
    assert {group: set(names) for group, names in listed.items()} == connects
