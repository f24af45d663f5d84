# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the role rotate delivers secrets, and what stands there then."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import yaml

from tests.support.limits import patience
from tests.support.openbao import ROOT_TOKEN, OpenBao
from tests.support.rotating import Rotation, sink
from tests.support.server import Server


def works(server: Server, secret: str) -> bool:
    return server.whm_accepts(secret, source="127.0.0.2")


def token(*sinks: dict, **options: object) -> dict:
    return {"name": "t", "acls": ["list-accts"], "sinks": list(sinks), **options}


def test_every_kind_of_file_and_your_own_tasks(server: Server, tmp_path: Path) -> None:
    (tmp_path / "own.j2").write_text(
        "# {{ name }} of {{ account or 'root' }} for {{ inventory_hostname }}\n[token]\n{{ token }}\n"
    )
    keep = {"ansible.builtin.copy": {"content": "{{ rotate_secret }}", "dest": str(tmp_path / "tasks"), "mode": "0600"}}
    # By a name that the role could have for a file of its own.
    (tmp_path / "tasks.yml").write_text(yaml.safe_dump([{"name": "Keep", "no_log": True, **keep}]))
    (tmp_path / "password").write_text("vault password\n")
    sinks = [
        sink(tmp_path / "raw"),
        sink(tmp_path / "env", format="env", key="TOKEN"),
        sink(tmp_path / "json", host="consumer2", format="json", key="token", mode="0640"),
        sink(tmp_path / "template", format="template", template=str(tmp_path / "own.j2")),
        {"type": "vault", "path": str(tmp_path / "vault.yml"), "key": "whm_token"},
        {"type": "tasks", "tasks": "tasks.yml"},
    ]
    rotation = Rotation(server, tmp_path, [token(*sinks)])
    password = ("--vault-password-file", str(tmp_path / "password"))
    for number in range(2):
        result = rotation.rotated(*password, force=True)
        assert len(result["rotated"]) == 1
        raw = (tmp_path / "raw").read_text()
        secret = raw.strip()
        assert raw == f"{secret}\n"
        assert works(server, secret)
        assert (tmp_path / "env").read_text() == f"TOKEN={secret}\n"
        assert json.loads((tmp_path / "json").read_text()) == {"token": secret}
        assert (tmp_path / "json").stat().st_mode & 0o777 == 0o640
        assert (tmp_path / "template").read_text() == f"# t of root for localhost\n[token]\n{secret}\n"
        assert (tmp_path / "tasks").read_text() == secret
        assert (tmp_path / "vault.yml").read_text().startswith("$ANSIBLE_VAULT;1.1;AES256\n")
        command = ["ansible-vault", "view", *password, str(tmp_path / "vault.yml")]
        shown = subprocess.run(command, capture_output=True, text=True, timeout=patience(60), check=True).stdout
        assert shown == f'---\nwhm_token: !unsafe "{secret}"\n', number


def test_a_handler_is_notified_when_its_token_is_delivered(server: Server, tmp_path: Path) -> None:
    tokens = [
        token(sink(tmp_path / "a"), name="a", notify=["Reload a"]),
        token(sink(tmp_path / "b"), name="b", notify=["Reload b"]),
    ]
    handlers = [{"name": f"Reload {name}", "ansible.builtin.debug": {"msg": name}} for name in "abc"]
    rotation = Rotation(server, tmp_path, tokens, play={"handlers": handlers})
    run = rotation.run()
    assert run.status == 0, run.output
    assert [task.name for task in run.tasks if task.name.startswith("Reload")] == ["Reload a", "Reload b"]
    assert not [task for task in rotation.run().tasks if task.name.startswith("Reload")]


def test_a_file_that_is_there_keeps_its_owner_and_mode(server: Server, tmp_path: Path) -> None:
    """Whoever reads it must go on reading it."""
    copy = tmp_path / "copy"
    copy.write_text("old\n")
    copy.chmod(0o640)
    os.chown(copy, 12345, 23456)
    Rotation(server, tmp_path, [token(sink(copy))]).rotated()
    status = copy.stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (12345, 23456, 0o640)


def test_what_a_killed_delivery_left_is_swept(server: Server, tmp_path: Path) -> None:
    """It is a secret beside the file. One that is young may be that of a run under way."""
    names = (
        ".copy.panelops-new-abcd_123",
        ".copy.panelops-new-young123",
        ".copy.password",
        ".copy.new-password",
        ".other.panelops-new-abcd_123",
    )
    for name in names:
        (tmp_path / name).write_text("secret")
        if "young" not in name:
            os.utime(tmp_path / name, (time.time() - 7200,) * 2)
    Rotation(server, tmp_path, [token(sink(tmp_path / "copy"))]).rotated()
    assert [name for name in names if (tmp_path / name).exists()] == list(names[1:])


def test_your_tasks_come_after_all_other_sinks(server: Server, store: OpenBao, tmp_path: Path) -> None:
    look = f"curl -sf -H 'X-Vault-Token: {ROOT_TOKEN}' {store.url}/v1/secret/data/app"
    (tmp_path / "own.yml").write_text(yaml.safe_dump([{"name": "Look", "ansible.builtin.shell": f"{look} | grep two"}]))
    own = token({"type": "tasks", "tasks": str(tmp_path / "own.yml")}, name="one")
    kv = {"type": "hashi_vault", "path": "app", "key": "two"}
    run = Rotation(server, tmp_path, [own, token(kv, name="two")]).run(environment=store.environment)
    assert run.status == 0, run.output
