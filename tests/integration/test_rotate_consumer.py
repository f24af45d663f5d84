# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A consumer that really works with its token, through the functions that a fixture gives: the example of a DNS hook."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.support.limits import patience
from tests.support.paths import REPOSITORY
from tests.support.playbooks import Run, run_playbook
from tests.support.rotating import sentence_of
from tests.support.server import Server, serving
from tests.support.speaking import dialects
from tests.support.users import ALICE

EXAMPLE = REPOSITORY / "examples" / "dns_hook"
EDIT = "DNS::mass_edit_zone"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the functions of the example, and the passwords of these tests."""
    fixture = yaml.safe_load((EXAMPLE / "fixture.yml").read_text(encoding="utf-8"))
    fixture["accounts"][0]["password"] = ALICE.password
    fixture["root"] = None
    with serving(tmp_path_factory.mktemp("server"), fixture) as server:
        yield server


@pytest.fixture
def spoken(request: pytest.FixtureRequest) -> str:
    return getattr(request, "param", "")


@pytest.fixture
def server(running: Server, spoken: str) -> Server:
    running.reset()
    if spoken:
        running.speak(spoken)
    return running


def hook(server: Server, secret: Path) -> subprocess.CompletedProcess[str]:
    """Run the consumer with the secret of a file."""
    return subprocess.run(
        [sys.executable, EXAMPLE / "hook.py", "www.alice.example", "value"],
        env={**os.environ, **server.environment, "CPANEL_TOKEN_FILE": str(secret)},
        capture_output=True,
        text=True,
        timeout=patience(60),
        check=False,
    )


def rotated(server: Server, folder: Path, secret: Path, **variables: object) -> Run:
    """Run the playbook of the example."""
    text = (EXAMPLE / "rotate.yml").read_text(encoding="utf-8")
    text = text.replace("{{ playbook_dir }}/check.yml", str(folder / "check.yml"))
    (folder / "check.yml").write_text(
        (EXAMPLE / "check.yml").read_text(encoding="utf-8").replace("{{ playbook_dir }}", str(EXAMPLE))
    )
    (folder / "variables.yml").write_text(yaml.safe_dump({"dns_hook_token_file": str(secret), **variables}))
    return run_playbook(text, folder, server.environment, ("-e", f"@{folder / 'variables.yml'}"))


@dialects("denied")
def test_the_consumer_works_until_its_token_is_revoked(server: Server, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(server.uapi_token("dns-hook"))
    done = hook(server, secret)
    assert (done.returncode, done.stdout) == (0, "added _acme-challenge.www.alice.example to the zone alice.example\n")
    assert server.counters(EDIT) == (1, 1)
    server.uapi_ok("Tokens::revoke", name="dns-hook")
    done = hook(server, secret)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("hook.py: The server did not accept the token for DomainInfo::domains_data (HTTP ")
    assert server.counters(EDIT) == (1, 1)


def test_a_read_only_token_may_look_and_not_edit(server: Server, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(server.uapi_token("dns-hook", readonly=1))
    done = hook(server, secret)
    assert done.returncode == 1
    assert "DNS::mass_edit_zone failed: Permission denied: this API token is read-only" in done.stderr
    assert server.counters("DNS::parse_zone") == (1, 0)


def test_a_rotation_goes_on_when_the_consumer_has_worked(server: Server, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secrets = set()
    earlier = len(hook_edits(server))
    for number in (1, 2):
        run = rotated(server, tmp_path, secret, rotate_force=True)
        assert run.status == 0, run.output
        assert server.counters(EDIT) == (number, number), "the consumer worked with the new secret, once"
        secrets.add(secret.read_text())
        assert server.uapi_accepts(secret.read_text().strip())
        assert hook_edits(server)[earlier:] == ["dns-hook--next"] * number
    assert len(secrets) == 2


def hook_edits(server: Server) -> list[str]:
    """Of each edit, the name of the token that it was done with, without its random part."""
    lines = [json.loads(line) for line in server.audit_file.read_text(encoding="ascii").splitlines()]
    return [line["token"].rpartition("-")[0] for line in lines if line["function"] == EDIT]


def test_a_rotation_stops_when_the_consumer_cannot_work(server: Server, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    assert rotated(server, tmp_path, secret).status == 0
    before, tokens = secret.read_text(), server.uapi_tokens()
    server.fault(EDIT, "status:503")
    run = rotated(server, tmp_path, secret, rotate_force=True)
    assert "check.yml: the task Have the consumer do its work with the new secret failed." in sentence_of(run)
    assert server.uapi_accepts(before.strip()), "the old token is still in use"
    assert server.uapi_tokens()["dns-hook"]["create_time"] == tokens["dns-hook"]["create_time"]
    assert secret.read_text() == before
