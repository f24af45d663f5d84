# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules run on every Python that ansible-core supports on targets: those found on this machine."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.support.limits import patience
from tests.support.paths import REPOSITORY
from tests.support.playbooks import run_playbook, task
from tests.support.pythons import TARGETS, environment, interpreter
from tests.support.server import Server


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The interpreter of a virtual environment that holds nothing but what the modules require.

    By a path without spaces: Ansible takes what follows one for an argument of the interpreter.
    """
    found = interpreter(request.param)
    if found is None:
        pytest.skip(f"there is no Python {request.param} on this machine")
    folder = environment(f"targets/{request.param}", found, (REPOSITORY / "requirements.txt").read_text().splitlines())
    link = tmp_path / request.param
    link.symlink_to(folder)
    return link / "bin" / "python"


ALICE = {"account": "alice"}
DAY = {"expires_at": "2035-01-31", "timezone": "Europe/Berlin"}
LIFE: dict[str, tuple[dict, dict]] = {
    "whm_api_token": (
        dict(name="t", acls=["ssl"], whitelist_ips=["2001:db8::/48"], **DAY),
        dict(name="t", state="absent"),
    ),
    "cpanel_api_token": (dict(name="t", expires_in="90d", **ALICE), dict(name="t", state="absent", **ALICE)),
    "whm_api_tokens": (dict(tokens=[dict(name="many", acls=["ssl"], **DAY)]), dict(tokens=[], prune=True)),
    "cpanel_api_tokens": (
        dict(tokens=[dict(name="many", **ALICE, **DAY)]),
        dict(tokens=[dict(name="many", state="absent", **ALICE)]),
    ),
}
"""What each module is to make, and how it unmakes it."""
INFO = {"whm_api_token_info": {}, "cpanel_api_token_info": ALICE}


def test_create_repeat_and_delete(server: Server, tmp_path: Path, target: Path) -> None:
    """Each module as a process of that Python, which is not the controller's own."""
    tasks = [
        task(f"{module} {turn}", module, **options)
        for turn in ("create", "repeat", "delete")
        for module, (wish, unmake) in LIFE.items()
        for options in [unmake if turn == "delete" else wish]
    ]
    infos = [task(module, module, **options) for module, options in INFO.items()]
    tasks[2 * len(LIFE) : 2 * len(LIFE)] = infos
    tasks.append({"name": "which", "ansible.builtin.command": f"{target} --version"})
    play = {"vars": {"ansible_python_interpreter": str(target)}, "tasks": tasks}
    run = run_playbook(play, tmp_path, server.environment, ("-vvv",))
    assert run.status == 0, run.output
    assert run["which"].data["stdout"].startswith(f"Python {target.parents[1].name}.")
    for module in [*LIFE, *INFO]:
        assert re.search(rf"{re.escape(str(target))} .*AnsiballZ_{module}\.py", run.output), "it ran there"
    for module in LIFE:
        assert [run[f"{module} {turn}"].changed for turn in ("create", "repeat", "delete")] == [True, False, True]
    for module in INFO:
        listed = run[module].data[module.replace("_info", "s")]
        assert [(token["name"], token["status"]) for token in listed] == [("many", "active"), ("t", "active")]
    assert server.whm_tokens() == server.uapi_tokens() == {}


def test_the_script_for_jobs_without_ansible(server: Server, target: Path) -> None:
    """Its agent too runs on that Python, which knows no Ansible."""
    show = [str(target), "-c", "import os; print(os.environ['WHM_API_TOKEN'])"]
    command = [str(target), str(REPOSITORY / "bin" / "with_ci_token.py"), "job", "--acl", "ssl", "--", *show]
    environ = {**os.environ, **server.environment}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=patience(60), check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.strip()) == 32
    assert server.commits() == {"api_token_create": 1, "api_token_revoke": 1}


def test_every_module_is_among_them() -> None:
    modules = {path.stem for path in (REPOSITORY / "plugins" / "modules").glob("*api_token*.py")}
    # Those that only the role rotate uses run on all of them in `make matrix`, by the role; one of them is always in Ansible's process.
    assert modules - {"api_token_delivery", "api_token_rotation", "api_token_store"} == LIFE.keys() | INFO.keys()
