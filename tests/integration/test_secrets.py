# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Invariant I3: a secret stands only where the documentation says it does. Canaries are planted and looked for everywhere."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from tests.support.playbooks import run_playbook, task
from tests.support.server import Server


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
    admin = server.whm_token("admin", acl="all")
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
    assert server.whm_accepts(second)
    kept.unlink(), Path(f"{kept}2").unlink()
    for secret in (first, second, admin, server.root_password):
        assert secret not in run.output
        assert files_with(secret.encode(), tmp_path) == []
        elsewhere = set(files_with(secret.encode(), server.state, server.state.parent))
        assert elsewhere <= {Path(server.ready["root_password_file"]), server.state.parent / "fixture.yml"}
        assert secret == server.root_password or not elsewhere


def command_lines() -> list[bytes]:
    """Those of every process of this machine."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            lines.append(path.read_bytes())
    return lines


def test_a_run_keeps_no_credential_on_a_command_line(server: Server, tmp_path: Path) -> None:
    """Every process is looked at while the module waits for its answer."""
    server.fault("api_token_list", "delay:3")
    as_a_module = {"A_VARIABLE": "that is none of ours"}
    slow = task("slow", "whm_api_token_info", password="{{ lookup('env', 'SECRET') }}", _environment=as_a_module)
    environment = server.environment | {"SECRET": server.root_password, "WHM_PASSWORD": ""}
    waiting: list[list[bytes]] = []
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(run_playbook, {"tasks": [slow]}, tmp_path, environment)
        while not run.done():
            if "api_token_list" in server.calls():
                waiting.append(command_lines())
            time.sleep(0.05)
    assert run.result().status == 0, run.result().output
    assert any(b"AnsiballZ_whm_api_token_info" in line for lines in waiting for line in lines)
    assert not any(server.root_password.encode() in line for lines in waiting for line in lines)
