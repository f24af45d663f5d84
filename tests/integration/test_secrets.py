# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Invariant I3: a secret stands only where the documentation says it does. Canaries are planted and looked for everywhere."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.integration.playbooks import run_playbook, task
from tests.integration.server import Server


def files_with(needle: bytes, *folders: Path) -> list[Path]:
    """All files below the folders that contain the bytes."""
    found = []
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and needle in path.read_bytes():
                found.append(path)
    return found


def test_no_secret_in_output_logs_temporary_files_or_the_servers_state(server: Server, tmp_path: Path) -> None:
    kept, cache, temporary = tmp_path / "kept", tmp_path / "facts", tmp_path / "rtmp"
    admin = server.create("admin", acl="all")
    keep = {
        "name": "keep",
        "ansible.builtin.copy": {"content": "{{ t.token }}", "dest": str(kept), "mode": "0600"},
        "no_log": True,
        "diff": False,
    }
    tasks = [
        task(
            "create",
            "whm_api_token",
            name="t",
            acls=["list-accts"],
            api_token="{{ lookup('env', 'ADMIN_TOKEN') }}",
            _no_log=True,
            _register="t",
        ),
        keep,
        task("again", "whm_api_token", name="t", acls=["ssl"], api_token="{{ lookup('env', 'ADMIN_TOKEN') }}"),
        task(
            "wrong",
            "whm_api_token",
            name="t",
            acls=["no-such-acl"],
            api_token="{{ lookup('env', 'ADMIN_TOKEN') }}",
            _ignore_errors=True,
        ),
        task(
            "reissue",
            "whm_api_token",
            name="t",
            recreate="always",
            api_token="{{ lookup('env', 'ADMIN_TOKEN') }}",
            _no_log=True,
            _register="u",
        ),
        keep
        | {
            "name": "keep the second",
            "ansible.builtin.copy": {"content": "{{ u.token }}", "dest": f"{kept}2", "mode": "0600"},
        },
        task("list", "whm_api_token_info", api_token="{{ lookup('env', 'ADMIN_TOKEN') }}"),
        task("password", "whm_api_token_info"),
    ]
    environment = server.environment | {
        "ADMIN_TOKEN": admin,
        "ANSIBLE_CACHE_PLUGIN": "jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(cache),
        "ANSIBLE_REMOTE_TMP": str(temporary),
        "ANSIBLE_KEEP_REMOTE_FILES": "0",
        "ANSIBLE_LOG_PATH": str(tmp_path / "ansible.log"),
        "ANSIBLE_RETRY_FILES_ENABLED": "1",
    }
    run = run_playbook({"tasks": tasks}, tmp_path, environment, ("-vvvv", "--diff"))
    assert run.status == 0, run.output
    first, second = kept.read_text(), Path(f"{kept}2").read_text()
    assert len(first) == len(second) == 32
    assert server.whm("version", token=second).status_code == 200
    kept.unlink(), Path(f"{kept}2").unlink()
    for secret in (first, second, admin, server.root_password):
        assert secret not in run.output
        assert files_with(secret.encode(), tmp_path) == []
        elsewhere = set(files_with(secret.encode(), server.state, server.state.parent))
        assert elsewhere <= {Path(server.ready["root_password_file"]), server.fixture}
        assert secret == server.root_password or not elsewhere


LOOK = """
import pathlib, sys, time
name, found, deadline = sys.argv[1].encode(), sys.argv[2], time.monotonic() + 60
while time.monotonic() < deadline:
    lines = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes())
        except OSError:
            pass
    if any(name in line and sys.argv[0].encode() not in line for line in lines):
        pathlib.Path(found).write_bytes(b"\\n".join(lines))
        break
    time.sleep(0.02)
"""


def test_a_run_keeps_no_credential_on_a_command_line(server: Server, tmp_path: Path) -> None:
    """Every process of this machine is looked at while the module waits for its answer."""
    seen, script = tmp_path / "cmdlines", tmp_path / "look.py"
    script.write_text(LOOK)
    server.fault("api_token_list", "delay:5")
    tasks = [
        task("slow", "whm_api_token_info", _async=60, _poll=0, password="{{ lookup('env', 'SECRET') }}"),
        {
            "name": "look",
            "ansible.builtin.command": {"argv": [sys.executable, str(script), "whm_api_token_info", str(seen)]},
        },
    ]
    run = run_playbook(
        {"tasks": tasks}, tmp_path, server.environment | {"SECRET": server.root_password, "WHM_PASSWORD": ""}
    )
    assert run.status == 0, run.output
    lines = seen.read_bytes().split(b"\n")
    assert any(b"whm_api_token_info" in line and str(script).encode() not in line for line in lines)
    assert server.root_password.encode() not in seen.read_bytes()
