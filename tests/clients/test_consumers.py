# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every recipe of docs/consumers.md through a rotation: its entry, its files, its command."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import pytest
import yaml

from tests.clients.conftest import CPANEL_PORT, own_address
from tests.clients.consumers import Machine, blocks, consumers, files, tokens, write_files
from tests.clients.programs import PYTHON, Program
from tests.support.openbao import PROGRAM, OpenBao, openbao
from tests.support.paths import REPOSITORY
from tests.support.playbooks import Run, run_playbook
from tests.support.rotating import result_of
from tests.support.server import Server, serving

DAY = 86400


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenBao]:
    with openbao(tmp_path_factory.mktemp("openbao")) as running:
        yield running


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the account and the functions of the example, at the vendor's port, which cpanel-cli takes for granted."""
    fixture = yaml.safe_load((REPOSITORY / "examples" / "consumers" / "fixture.yml").read_text(encoding="utf-8"))
    fixture["root"] = None
    address = own_address(84)
    options = ("--host", address, "--tls-name", address, "--cpanel-port", str(CPANEL_PORT))
    with serving(tmp_path_factory.mktemp("server"), fixture, *options) as running:
        yield running


@pytest.fixture
def environment(server: Server, store: OpenBao) -> dict[str, str]:
    """What the consumers know besides their files: programs, whom to trust, and the deploy job its store."""
    trusted = dict.fromkeys(("CURL_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), server.ready["ca_file"])
    programs = f"{PYTHON / 'bin'}:{PROGRAM.parent}:/usr/local/bin:/usr/bin:/bin"
    return {"PATH": programs, "PYTHONWARNINGS": "ignore", **trusted, **store.environment}


def rotated(server: Server, store: OpenBao, folder: Path, root: Path, **variables: object) -> Run:
    """Run the role with the entries of the page; it must succeed."""
    entries = tokens(root)
    host = str(urlsplit(server.ready["whm"]).hostname)
    named = {"rotate_tokens": entries, **variables}
    play = {"gather_facts": False, "roles": [{"role": "panelops.cpanel.rotate", "vars": named}]}
    hosts = {name for entry in entries for sink in entry["sinks"] for name in sink.get("hosts", [])}
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    inventory = folder / "hosts.yml"
    inventory.write_text(yaml.safe_dump({"all": {"hosts": dict.fromkeys(hosts, local)}}), encoding="utf-8")
    settings = {**server.environment, "WHM_HOST": host, "CPANEL_HOST": host, **store.environment}
    run = run_playbook(play, folder, settings, ("-i", str(inventory)))
    assert run.status == 0, run.output
    return run


def worked_with(server: Server, machine: Machine) -> set[str]:
    """Have all consumers work; return the names of the tokens with which they changed something, without their numbers."""
    last = server.audit()[-1]
    machine.all_work()
    lines = server.audit()
    lines = [line for line in lines[lines.index(last) + 1 :] if line["function"] in MUTATIONS]
    assert {line["function"] for line in lines} == set(MUTATIONS)
    return {re.sub("(--prev)-.*", r"\1", line["token"]) for line in lines}


def test_consumers_work_before_during_and_after_a_rotation(
    server: Server, store: OpenBao, python: Program, environment: dict[str, str], tmp_path: Path
) -> None:
    root, kept = tmp_path / "root", tmp_path / "kept"
    write_files(root, server.ready["cpanel"])
    names = {entry["name"] for entry in tokens(root)}
    assert len(names) == len(consumers()) == 5
    new = Machine(root, "ci/deploy", environment)
    rotated(server, store, tmp_path, root)
    new.all_work()

    # Who does not read its file again has the old secrets; the deploy job read its own when it began.
    shutil.copytree(root, kept)
    store.write("ci/kept", store.read("ci/deploy"))
    old = Machine(kept, "ci/kept", environment)
    over = Event()
    with ThreadPoolExecutor(1) as watch:
        rounds = watch.submit(new.work_until, over)
        try:
            run = rotated(server, store, tmp_path, root, rotate_force=True)
        finally:
            over.set()
        assert rounds.result() >= 1
    assert {each["name"] for each in result_of(run)["rotated"]} == names
    # Who has not read its file again works on with the retired token.
    assert worked_with(server, old) == {f"{name}--prev" for name in names}

    # The overlap is over.
    server.advance(DAY + 1)
    rotated(server, store, tmp_path, root)
    assert worked_with(server, new) == names
    for status, said in old.refusals():
        assert (status, "401" in said or "Unauthorized" in said) == (1 if status == 1 else 22, True), said
    assert store.read("ci/deploy")["token"] != store.read("ci/kept")["token"]
    for name, text in files().items():
        ours = text.replace("https://server.example.com:2083", server.ready["cpanel"])
        now = (root / name.lstrip("/")).read_text(encoding="utf-8")
        assert now.startswith(ours), "what the user has written stays"
        assert (now == ours) == name.endswith(".service")


MUTATIONS = (
    *("ZoneEdit::add_zone_record", "ZoneEdit::remove_zone_record", "DNS::mass_edit_zone"),
    *("Backup::fullbackup_to_homedir", "VersionControlDeployment::create"),
)
"""The functions by which the consumers change something."""


def test_no_block_of_the_page_is_left_out() -> None:
    assert len(blocks("yaml")) == len(consumers()) + 1, "an entry each, and a job that GitLab runs"
    assert all(consumer.shown for consumer in consumers())
    assert len(blocks("console")) == len(consumers())
