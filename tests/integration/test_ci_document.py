# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/ci.md: its files are saved, and the commands of its recipes run in a job's folder, with a job's variables."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.support.limits import patience
from tests.support.paths import REPOSITORY
from tests.support.server import Server
from tests.support.waiting import until

TEXT = (REPOSITORY / "docs" / "ci.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```([a-z]+)(?: ([a-z]+)(?:=(\S+))?)?\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def recipe(name: str) -> str:
    (text,) = [text for _language, kind, value, text in BLOCKS if (kind, value) == ("recipe", name)]
    return text


GITLAB = yaml.safe_load(recipe("gitlab"))["deploy"]
GITHUB = yaml.safe_load(recipe("github"))["jobs"]["deploy"]
JOBS = {
    "GitLab": ("\n".join(GITLAB["script"]), {**GITLAB["variables"], "CI_JOB_ID": "4711"}, "ci-deploy-4711-"),
    "GitHub": (
        GITHUB["steps"][-1]["run"],
        {**GITHUB["env"], "GITHUB_RUN_ID": "12345678901", "GITHUB_RUN_ATTEMPT": "1"},
        "ci-deploy-12345678901-1-",
    ),
    "Jenkins": (
        re.findall(r"sh '(.*)'", recipe("jenkins"))[0],
        {"BUILD_TAG": "jenkins-shop-7"},
        "ci-deploy-jenkins-shop-7-",
    ),
    "AWX": (
        "ansible-playbook -i inventory.ini deploy.yml",
        {**yaml.safe_load(recipe("awx-injectors"))["env"], "AWX_HOST": "https://awx.example.com", "JOB_ID": "5"},
        "ci-deploy-5-",
    ),
    "shell": (next(text for _language, kind, _value, text in BLOCKS if kind == "run"), {}, "ci-deploy-"),
}


@pytest.mark.parametrize("job", JOBS)
def test_a_recipe_creates_one_token_uses_it_and_revokes_it(server: Server, tmp_path: Path, job: str) -> None:
    command, variables, name = JOBS[job]
    for _language, kind, file, text in BLOCKS:
        if kind == "file":
            (tmp_path / file).write_text(text, encoding="utf-8")
    (tmp_path / "deploy.sh").chmod(0o755)
    host = "localhost ansible_connection=local ansible_python_interpreter='{{ ansible_playbook_python }}'\n"
    (tmp_path / "inventory.ini").write_text(host, encoding="utf-8")
    (tmp_path / "collections" / "ansible_collections" / "panelops").mkdir(parents=True)
    (tmp_path / "collections" / "ansible_collections" / "panelops" / "cpanel").symlink_to(REPOSITORY)
    credential = server.whm_token("ci", acl=["manage-api-tokens", "list-accts"])
    server.forget_counters()
    known = {"WHM_HOST": "127.0.0.1", "WHM_API_TOKEN": credential, "WHM_PASSWORD": "", "ANSIBLE_CONFIG": "ansible.cfg"}
    environment = {**os.environ, **server.environment, **variables, **known}
    environment["ANSIBLE_COLLECTIONS_PATH"] = "collections"
    done = subprocess.run(
        ["bash", "-euc", command],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=patience(60),
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # With the callback, and with the script, that was before the end.
    assert list(server.whm_tokens()) == ["ci"]
    assert server.calls()["listaccts"] == 1
    assert server.commits() == {"api_token_create": 1, "api_token_revoke": 1}
    until(lambda: not [line for line in _agents() if name in line])
    if job != "shell":
        assert re.search(
            rf"^whm root@127.0.0.1:{server.port}: {name}[0-9a-z]{{8}}: revoked$", done.stdout, re.MULTILINE
        )


def _agents() -> list[str]:
    commands = [path.read_text() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    return [command for command in commands if "_ci.agent" in command]


def test_every_block_of_the_page_is_used_or_only_shown() -> None:
    kinds = {kind or language for language, kind, _value, _text in BLOCKS}
    assert kinds == {"file", "recipe", "run", "text"}
    inputs = yaml.safe_load(recipe("awx-inputs"))
    used = set(re.findall(r"{{ (\w+) }}", recipe("awx-injectors")))
    assert {field["id"] for field in inputs["fields"]} == used == set(inputs["required"])
