# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of the controller in a folder that does not outlive the run is warned of, at every run that could deliver there."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.support.rotating import Rotation, sink
from tests.support.server import Server

GONE = "so the secret may be gone after the run, and each run would rotate the token for that."


def shown(
    server: Server, folder: Path, *sinks: dict, environment: dict | None = None, status: int = 0, **extra: object
) -> str:
    """What a run in check mode shows, without white space, for Ansible breaks the lines of its warnings anywhere."""
    rotation = Rotation(server, folder, [{"name": "t", "acls": ["list-accts"], "sinks": list(sinks)}])
    options = [option for name, value in extra.items() for option in ("-e", f"{name}={value}")]
    run = rotation.run("--check", *options, environment=environment)
    assert run.status == status, run.output
    return squeezed(run.output)


def squeezed(text: str) -> str:
    return "".join(text.split())


# The temporary folder of these runs is another one than that of the tests, whose folders are in it.
ELSEWHERE = {"TMPDIR": "/var/tmp"}  # noqa: S108 - nothing secret is written there, and its name is what is tested


@pytest.fixture
def lasting() -> Iterator[Path]:
    """A folder that no rule names, wherever the repository is."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:  # noqa: S108 - the folder in it is private
        yield Path(folder)


def test_folders_that_do_not_last(server: Server, lasting: Path, tmp_path: Path) -> None:
    local = {"host": "localhost"}
    job = {"AWX_ISOLATED_DATA_DIR": str(lasting / "job/artifacts/1")}
    cases: dict[str, tuple[dict, dict, dict, str]] = {
        "temporary": (sink(tmp_path / "t", **local), {}, {}, "a temporary folder (/tmp)"),
        "another temporary": (sink(Path("/var/tmp/t"), **local), ELSEWHERE, {}, "a temporary folder (/var/tmp)"),  # noqa: S108
        "AWX": (sink(Path("/runner/project/t"), **local), {}, {"status": 2}, "the folder of the job (/runner)"),
        "ansible-runner": (sink(lasting / "job/project/t", **local), job, {}, "the folder of the job"),
        "home in a container": (
            sink(Path("~/t"), **local),
            {"AWX_ISOLATED_DATA_DIR": "/runner/artifacts/1", "HOME": str(lasting)},
            {},
            "the home folder of an execution environment",
        ),
        "beside the playbook": (
            sink(lasting / "play/t", **local),
            {},
            {"awx_job_id": 1},
            "the folder of the job's playbook",
        ),
        "a consumer that is local": (sink(tmp_path / "t", host="consumer1"), {}, {}, "a temporary folder (/tmp)"),
    }
    (lasting / "play").mkdir()
    (lasting / "job/project").mkdir(parents=True)
    for name, (place, environment, extra, why) in cases.items():
        path, host = place["path"], place["hosts"][0]
        said = shown(server, lasting / "play", place, environment=environment, **extra)
        assert squeezed(f"the file sink {host}:{path} of t is in {why}, {GONE}") in said, name


def test_folders_that_last(server: Server, lasting: Path) -> None:
    (lasting / "play").mkdir()
    for place, environment, extra in (
        (sink(lasting / "t", host="localhost"), {}, {}),
        (sink(lasting / "play/t", host="localhost"), {}, {}),
        (sink(lasting / "t", host="localhost"), {"AWX_ISOLATED_DATA_DIR": str(lasting / "job/artifacts/1")}, {}),
        # That one cannot be reached, and the other does not exist, is another matter.
        (sink(Path("/tmp/t"), host="far.invalid"), {}, {"awx_job_id": 1, "status": 2}),  # noqa: S108
        (sink(Path("/runners/t"), host="localhost"), {}, {"status": 2}),
    ):
        assert squeezed(GONE) not in shown(server, lasting / "play", place, environment=environment, **extra), place


def test_ansible_runner_itself(server: Server, lasting: Path) -> None:
    """What it runs is recognized as a job."""
    (lasting / "project").mkdir()
    (lasting / "inventory").mkdir()
    (lasting / "inventory/hosts").write_text(
        "localhost ansible_connection=local ansible_python_interpreter={{ansible_playbook_python}}\n"
    )
    tokens = [{"name": "t", "acls": ["list-accts"], "sinks": [sink(lasting / "project/t", host="localhost")]}]
    play = {
        "hosts": "all",
        "gather_facts": False,
        "roles": [{"role": "panelops.cpanel.rotate", "vars": {"rotate_tokens": tokens}}],
    }
    (lasting / "project/rotate.yml").write_text(yaml.safe_dump([play]))
    (lasting / "env").mkdir()
    (lasting / "env/envvars").write_text(yaml.safe_dump(server.environment))
    command = ["ansible-runner", "run", str(lasting), "--playbook", "rotate.yml"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "is in the folder of the job, so the secret may be" in " ".join(done.stdout.split()), done.stdout
