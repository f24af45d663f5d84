# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lookup ci_token says when it cannot give a token, and what it does in check mode."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from tests.support.ci_runs import play, started, tell, waiting
from tests.support.playbooks import Run, run_playbook, task
from tests.support.server import Server
from tests.support.waiting import until

PLACEHOLDER = "no-token-in-check-mode"


def looked_up(
    server: Server, tmp_path: Path, *arguments: str, options: tuple[str, ...] = (), **environment: str
) -> Run:
    """A run with one task for each of these arguments of the lookup."""
    tasks = [
        tell(f"{number}", f"{{{{ lookup('panelops.cpanel.ci_token', {each}) }}}}", ignore_errors=True)
        for number, each in enumerate(arguments)
    ]
    return run_playbook({"tasks": tasks}, tmp_path, {**server.environment, **environment}, options)


BAD = {
    "'x'": "acls: is not given.",
    "'x', acls=[]": "acls: is empty",
    "'x', acls=['no good']": "is not the name of a privilege",
    "'bad purpose', acls=['ssl']": "purpose: 'bad purpose' cannot be part of a token's name",
    "'x', acls=['ssl'], ttl='2d'": "ttl: 2d is not between 5 seconds and a day",
    "'x', acls=['ssl'], ttl='never'": "ttl: 'never' is not a duration",
    "'x', acls=['ssl'], whitelist_ips=['10.0.0.1/24']": "whitelist_ips: '10.0.0.1/24' names one address and a range",
    "'x', acls=['ssl'], account='alice'": "account: cannot be used with service: whm. Remove it, or set service: cpanel.",
    "'x', service='cpanel', acls=['ssl']": "acls: cannot be used with service: cpanel. Remove it, or set service: whm.",
    "'x', service='cpanel', account='a b'": "account: must be an account's name",
    "'x', acls=['ssl'], host='https://a/'": "host: 'https://a/' is not a host name",
    "'x', acls=['ssl'], api_token='a', password='b'": "api_token and password: both are given",
    "'x', acls=['ssl'], ca_path='/none'": "ca_path: there is no file /none",
    "'x', acls=['ssl'], timeout=0": "timeout: 0 is not a time to wait",
    "acls=['ssl']": "say what the token is for",
    "'x', acls=['ssl'], tll='1m'": "tll: is not an option of this lookup. Did you mean ttl?",
    "'x', acls=['ssl'], whitelist=['203.0.113.9']": "whitelist: is not an option of this lookup. Did you mean whitelist_ips?",
    "'x', acls=['ssl'], frobnicate=1": "frobnicate: is not an option of this lookup. It has service, account,",
    "'x', acls=['ssl'], whitelist_ips=['127.0.0.1'], allowed_ips=['127.0.0.1']": "whitelist_ips and allowed_ips: both are given",
    "'x', acls=['ssl'], allowed_ips=['10.0.0.1/24']": "whitelist_ips: '10.0.0.1/24' names one address and a range",
    "'x', acls=['ssl'], ttl='600'": "ttl: '600' has no unit",
    "'x', acls=['ssl'], port='root:CANARY@a'": "port: the value is not a port",
    "'x', service='cpanel', account=''": "account: is empty",
    "'x', service='plesk'": "plesk",
}


@pytest.mark.parametrize("options", [(), ("--check",)], ids=["run", "check mode"])
def test_bad_options_are_named_before_any_call(server: Server, tmp_path: Path, options: tuple[str, ...]) -> None:
    run = looked_up(server, tmp_path, *BAD, options=options)
    assert run.status == 0, run.output
    assert len(run.tasks) == len(BAD)
    for result, (arguments, sentence) in zip(run.tasks, BAD.items(), strict=True):
        assert result.failed, arguments
        assert sentence in result.msg
        assert "CANARY" not in result.msg
    assert "Traceback" not in run.output
    assert server.calls() == {}


def test_addresses_have_an_alias(server: Server, tmp_path: Path) -> None:
    token = "{{ lookup('panelops.cpanel.ci_token', 'x', acls=['ssl'], allowed_ips=['127.0.0.1']) }}"
    with started(server, tmp_path, [play(waiting(tmp_path), token)]) as run:
        run.told()
        assert [token["whitelist_ips"] for token in server.whm_tokens().values()] == [["127.0.0.1"]]
        (tmp_path / "go").touch()
        assert run.wait() == 0
        until(lambda: not run.agents())


@pytest.mark.parametrize("name", ["host", "port", "username", "validate_certs", "ca_path", "timeout"])
def test_an_empty_option_of_the_connection_is_not_given(server: Server, tmp_path: Path, name: str) -> None:
    """As an option, and as a variable."""
    lookup = "{{ lookup('panelops.cpanel.ci_token', 'x', acls=['ssl']%s) }}"
    empty = {"vars": {f"panelops_cpanel_{name}": ""}}
    tasks = [tell("option", lookup % f", {name}=''"), {**tell("variable", lookup % ""), **empty}]
    run = run_playbook({"tasks": tasks}, tmp_path, server.environment)
    assert [(result.name, result.failed) for result in run.tasks] == [("option", False), ("variable", False)], (
        run.output
    )
    until(lambda: not server.whm_tokens())


def test_white_space_and_the_home_folder_in_the_environment(server: Server, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "ca.pem").write_bytes(Path(server.ready["ca_file"]).read_bytes())
    values = {name: f" {value}\n" for name, value in server.environment.items() if not name.endswith("PASSWORD")}
    values |= {"WHM_CA_PATH": "~/ca.pem\n", "WHM_PASSWORD": f"{server.root_password}\n", "HOME": str(home)}
    tasks = [
        tell("lookup", "{{ lookup('panelops.cpanel.ci_token', 'x', acls=['ssl']) }}"),
        task("in Ansible's process", "whm_api_token_info"),
        task("as a module", "whm_api_token_info", _environment={"OTHER": "x"}),
    ]
    run = run_playbook({"tasks": tasks}, tmp_path, {**server.environment, **values})
    assert [result.failed for result in run.tasks] == [False] * 3, run.output
    until(lambda: not server.whm_tokens())


def test_an_empty_option_of_a_module_is_not_given(server: Server, tmp_path: Path) -> None:
    empty = dict.fromkeys(
        ("host", "port", "username", "api_token", "password", "validate_certs", "ca_path", "timeout"), ""
    )
    tasks = [
        task("in Ansible's process", "whm_api_token_info", **empty),
        task("as a module", "whm_api_token_info", _environment={"OTHER": "x"}, **empty),
        task("an account", "cpanel_api_token_info", account="alice", cpanel_port="", **empty),
        task("not a port", "whm_api_token_info", port="root:CANARY@whm.example", _ignore_errors=True),
    ]
    run = run_playbook({"tasks": tasks}, tmp_path, server.environment)
    assert [result.failed for result in run.tasks] == [False, False, False, True], run.output
    assert "port: the value is not a port" in run.tasks[3].msg
    assert "CANARY" not in run.tasks[3].msg


def test_what_the_server_says_is_told_without_the_credential(server: Server, tmp_path: Path) -> None:
    run = looked_up(
        server,
        tmp_path,
        "'x', acls=['no-such-acl']",
        "'x', acls=['ssl'], api_token=lookup('env', 'WRONG')",
        "'x', service='cpanel', account='nobody'",
        "'x', acls=['ssl'], port=1",
        WRONG="WRONG-CANARY",
    )
    refused, wrong, nobody, closed = (result.msg for result in run.tasks)
    assert "The server refused api_token_create" in refused
    assert "did not accept api_token of root" in wrong
    assert "The server refused uapi_cpanel" in nobody
    assert "connection refused" in closed
    assert "WRONG-CANARY" not in run.output
    assert server.root_password not in run.output
    assert "Traceback" not in run.output


def test_a_server_that_never_answers_is_given_up(server: Server, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        run = looked_up(server, tmp_path, f"'x', acls=['ssl'], port={port}, timeout=1")
    assert "timeout" in run.tasks[0].msg


def test_an_agent_that_does_not_answer_is_given_up(server: Server, tmp_path: Path) -> None:
    """It is stopped as by a debugger. With the smallest timeout, a worker waits for 18 seconds."""
    token = "{{ lookup('panelops.cpanel.ci_token', 'deploy', acls=['list-accts'], timeout=1) }}"
    with started(server, tmp_path, [play([*waiting(tmp_path), tell("again")], token)]) as run:
        run.told()
        agent = run.agent()
        os.kill(agent, signal.SIGSTOP)
        try:
            (tmp_path / "go").touch()
            assert run.wait() == 2
        finally:
            os.kill(agent, signal.SIGCONT)
        assert "gave no answer within 18 seconds" in run.output
        until(lambda: not server.whm_tokens(), 5)


def test_an_agent_that_cannot_start_is_a_sentence(server: Server, tmp_path: Path) -> None:
    """A Python that ends at once stands for all that can go wrong there."""
    broken = "import os, sys\nif '_ci.agent' in sys.orig_argv: os._exit(3)\n"
    (tmp_path / "sitecustomize.py").write_text(broken, encoding="utf-8")
    run = looked_up(server, tmp_path, "'x', acls=['ssl']", PYTHONPATH=str(tmp_path))
    assert "the CI token agent ended before it answered" in run.tasks[0].msg


def test_a_missing_library_is_a_sentence(server: Server, tmp_path: Path) -> None:
    missing = "import sys\nif '_ci.agent' in sys.orig_argv: sys.modules['requests'] = None\n"
    (tmp_path / "sitecustomize.py").write_text(missing, encoding="utf-8")
    run = looked_up(server, tmp_path, "'x', acls=['ssl']", PYTHONPATH=str(tmp_path))
    assert f"The Python library requests is missing. Install it for {sys.executable}" in run.tasks[0].msg
    assert "Traceback" not in run.output


def test_check_mode_makes_no_token(server: Server, tmp_path: Path) -> None:
    """The task's own word goes before that of the command line, as for modules."""
    tasks = [
        tell("plain"),
        tell("checks", check_mode=True),
        tell("checks by expression", check_mode="{{ 1 == 1 }}"),
        tell("runs", check_mode=False),
        tell("loop", check_mode="{{ item }}", loop=[True], register="looped"),
        tell("checks in a loop", "{{ looped.results[0].msg }}"),
    ]
    with started(server, tmp_path / "check", [play(tasks)], "--check") as run:
        seen = [run.told(each["name"]) for each in tasks if each["name"] != "loop"]
        assert run.wait() == 0
        assert [each == PLACEHOLDER for each in seen] == [True, True, True, False, True]
        until(lambda: not run.agents())
    assert server.commits() == {"api_token_create": 1, "api_token_revoke": 1}
    server.forget_counters()
    with started(server, tmp_path / "run", [play(tasks)]) as run:
        seen = [run.told(each["name"]) for each in tasks if each["name"] != "loop"]
        assert run.wait() == 0
        assert [each == PLACEHOLDER for each in seen] == [False, True, True, False, True]
        until(lambda: not run.agents())
    assert server.commits() == {"api_token_create": 1, "api_token_revoke": 1}
    server.forget_counters()
    with started(server, tmp_path / "none", [play([tell()])], "--check") as run:
        assert run.told() == PLACEHOLDER
        assert run.wait() == 0
    assert server.calls() == {}
