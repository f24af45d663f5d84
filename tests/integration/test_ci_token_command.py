# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The script that runs a command with a CI token in its environment, and the callback that revokes before Ansible ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.ci_runs import CiRun, play, started, tell, waiting, watched
from tests.support.limits import patience
from tests.support.paths import REPOSITORY
from tests.support.server import Server
from tests.support.waiting import until

SCRIPT = REPOSITORY / "bin" / "with_ci_token.py"
SHOW = "import json, os, sys; json.dump(dict(os.environ), sys.stdout)"
SHOW_AND_WAIT = "import os, sys, time; open(sys.argv[1], 'w').write(os.environ['WHM_API_TOKEN']); time.sleep(60)"


def command(*arguments: str) -> list[str]:
    return [sys.executable, str(SCRIPT), *arguments]


def run(server: Server, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, **server.environment, **environment}
    return subprocess.run(
        command(*arguments), env=environ, capture_output=True, text=True, timeout=patience(60), check=False
    )


def is_dead(server: Server, secret: str) -> bool:
    return not server.whm_accepts(secret)


def test_the_command_has_the_token_and_not_the_credential(server: Server) -> None:
    admin = server.whm_token("admin", acl="all")
    done = run(
        server,
        *("deploy-1", "--acl", "list-accts", "--acl", "ssl", "--ttl", "20m", "--env", "TOKEN"),
        *("--", sys.executable, "-c", SHOW),
        WHM_API_TOKEN=admin,
        CI_JOB_ID="4711",
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    environment = json.loads(done.stdout)
    assert len(environment["TOKEN"]) == 32
    assert not {"WHM_API_TOKEN", "WHM_PASSWORD", "CPANEL_PASSWORD"} & set(environment)
    assert environment["WHM_HOST"] == "127.0.0.1"
    assert is_dead(server, environment["TOKEN"]), "revoked before the script ends"
    assert server.commits() == {"api_token_create": 2, "api_token_revoke": 1}


@pytest.mark.parametrize("through", [(), ("--account", "alice")])
def test_a_token_of_a_cpanel_account(server: Server, through: tuple[str, ...]) -> None:
    done = run(server, "mail", "--service", "cpanel", *through, "--", sys.executable, "-c", SHOW)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["CPANEL_API_TOKEN"]) == 32
    assert server.commits() == {"Tokens::create_full_access": 1, "Tokens::revoke": 1}


@pytest.mark.parametrize(
    ("code", "status"),
    [("raise SystemExit(7)", 7), ("import os; os.kill(os.getpid(), 15)", 143), ("import os; os.abort()", 134)],
)
def test_the_exit_status_is_the_commands(server: Server, code: str, status: int) -> None:
    assert run(server, "x", "--acl", "ssl", "--", sys.executable, "-c", code).returncode == status
    assert server.whm_tokens() == {}


def test_what_cannot_be_run_is_a_sentence(server: Server, tmp_path: Path) -> None:
    for arguments, status, sentence in (
        (("x", "--acl", "ssl"), 125, "no command is given"),
        (("x", "--", "true"), 125, "acls: is not given"),
        (("x", "--acl", "ssl", "--port", "1", "--", "true"), 125, "connection refused"),
        (("x", "--acl", "ssl", "--", "no-such-command"), 127, "there is no command no-such-command"),
        (("x", "--acl", "ssl", "--", str(tmp_path)), 126, "cannot be started"),
    ):
        done = run(server, *arguments)
        assert (done.returncode, done.stdout) == (status, "")
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr
    assert server.whm_tokens() == {}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_the_script_goes_to_the_command(server: Server, tmp_path: Path, number: signal.Signals) -> None:
    told = tmp_path / "told"
    script = command("x", "--acl", "ssl", "--", sys.executable, "-c", SHOW_AND_WAIT, str(told))
    with watched(CiRun(script, tmp_path, server.environment)) as run:
        until(lambda: told.exists() and told.read_text())
        run.process.send_signal(number)
        # Python itself ends with a KeyboardInterrupt, and then by the signal.
        assert run.wait(10) == 128 + number
        assert is_dead(server, told.read_text())


def test_a_script_that_is_killed(server: Server, tmp_path: Path) -> None:
    told = tmp_path / "told"
    script = command("x", "--acl", "ssl", "--", sys.executable, "-c", SHOW_AND_WAIT, str(told))
    with watched(CiRun(script, tmp_path, server.environment)) as run:
        until(lambda: told.exists() and told.read_text())
        run.signal(signal.SIGKILL)
        run.wait()
        until(lambda: is_dead(server, told.read_text()), 5)


def test_a_token_that_could_not_be_revoked_is_told_and_the_status_stays(server: Server, tmp_path: Path) -> None:
    told = tmp_path / "told"
    script = command("x", "--acl", "ssl", "--", sys.executable, "-c", SHOW_AND_WAIT, str(told))
    with watched(CiRun(script, tmp_path, server.environment)) as run:
        until(lambda: told.exists() and told.read_text())
        os.kill(run.agent(), signal.SIGKILL)
        run.process.send_signal(signal.SIGTERM)
        assert run.wait() == 128 + signal.SIGTERM
        assert "was not revoked; it expires by itself" in run.output


CALLBACK = {"ANSIBLE_CALLBACKS_ENABLED": "task_results,panelops.cpanel.ci_token"}


def test_the_callback_reports_and_revokes_before_ansible_ends(server: Server, tmp_path: Path) -> None:
    plays = [play([tell(), tell("other", "{{ lookup('panelops.cpanel.ci_token', 'mail', service='cpanel') }}")])]
    with started(server, tmp_path, plays, **CALLBACK) as run:
        assert run.wait() == 0, run.output
        assert server.whm_tokens() == server.uapi_tokens() == {}
        lines = [line for line in run.output.splitlines() if line.endswith(": revoked")]
    assert "CI TOKENS" in run.output
    whm, cpanel = sorted(lines, reverse=True)
    assert whm.startswith(f"whm root@127.0.0.1:{server.port}: ci-deploy-")
    assert cpanel.startswith(f"cpanel alice@127.0.0.1:{server.cpanel_port}: ci-mail-")
    assert server.commits()["api_token_revoke"] == server.commits()["Tokens::revoke"] == 1


def test_the_callback_waits_for_the_last_of_several_playbooks(server: Server, tmp_path: Path) -> None:
    first = tmp_path / "first.yml"
    first.write_text(yaml.safe_dump([play([tell("first")])], sort_keys=False), encoding="utf-8")
    with started(server, tmp_path, [play(waiting(tmp_path))], str(first), **CALLBACK) as run:
        secret = run.told()
        assert secret == run.told("first")
        assert not is_dead(server, secret), "it lives while the second playbook runs"
        (tmp_path / "go").touch()
        assert run.wait() == 0, run.output
        assert server.whm_tokens() == {}
    assert server.commits() == {"api_token_create": 1, "api_token_revoke": 1}
    assert run.output.count("CI TOKENS") == 1


def test_the_callback_revokes_when_an_earlier_playbook_fails(server: Server, tmp_path: Path) -> None:
    first = tmp_path / "first.yml"
    tasks = [tell("first"), {"name": "fail", "ansible.builtin.fail": {}}]
    first.write_text(yaml.safe_dump([play(tasks)], sort_keys=False), encoding="utf-8")
    with started(server, tmp_path, [play([tell()])], str(first), **CALLBACK) as run:
        assert run.wait() == 2, run.output
        assert server.whm_tokens() == {}
    assert run.output.count("CI TOKENS") == 1


def test_the_callback_says_what_is_not_revoked(server: Server, tmp_path: Path) -> None:
    with started(server, tmp_path, [play(waiting(tmp_path))], **CALLBACK) as run:
        secret = run.told()
        for call in (1, 2, 3):
            server.fault("api_token_list", "status:503", call)
        (tmp_path / "go").touch()
        assert run.wait() == 0, run.output
        assert "NOT revoked, expires 20" in run.output
        assert "HTTP 503" in run.output
        until(lambda: is_dead(server, secret), 5)


def test_the_callback_of_a_run_without_tokens_says_nothing(server: Server, tmp_path: Path) -> None:
    with started(server, tmp_path, [play([tell("none", "no token")])], **CALLBACK) as run:
        assert run.wait() == 0, run.output
        assert "CI TOKENS" not in run.output
        assert run.agents() == []
    assert server.calls() == {}
