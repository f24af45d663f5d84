# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the secret of a CI token and the administrator's credential are during a run: nowhere but in memory (invariant I3)."""

from __future__ import annotations

import os
import queue
import re
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from tests.support.ci_runs import SOCKETS, play, started, tell
from tests.support.limits import patience
from tests.support.server import Server


@contextmanager
def confidant() -> Iterator[tuple[str, queue.Queue]]:
    """A URL that a run can tell its secret to, so that it stands in no file, and where it arrives."""
    heard: queue.Queue = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.put(self.headers["X-Secret"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """The test's output is no access log."""

    with HTTPServer(("127.0.0.1", 0), Handler) as listener:
        threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{listener.server_address[1]}/", heard
        listener.shutdown()


def files_with(needle: bytes, folders: list[Path]) -> list[Path]:
    paths = [path for folder in folders for path in folder.rglob("*")]
    assert paths
    return [path for path in paths if path.is_file() and needle in path.read_bytes()]


def processes_with(needle: bytes) -> list[str]:
    """What tells it of any process: its command line, or the environment that it was started with."""
    found, seen = [], 0
    for kind in ("cmdline", "environ"):
        for path in Path("/proc").glob(f"[0-9]*/{kind}"):
            with suppress(OSError):
                seen += 1
                if needle in path.read_bytes():
                    found.append(str(path))
    assert seen > 10
    return found


def test_no_file_command_line_or_environment_holds_the_secret_or_the_credential(server: Server, tmp_path: Path) -> None:
    """Looked for while the run waits, in all temporary folders and all processes; at the end in all that it has printed."""
    admin = server.whm_token("admin", acl="all")
    credential, temporary = tmp_path / "admin", tmp_path / "run"
    credential.write_text(admin, encoding="ascii")
    folders = {
        "TMPDIR": temporary,
        "ANSIBLE_LOCAL_TEMP": temporary / "local",
        "ANSIBLE_REMOTE_TMP": temporary / "remote",
        "ANSIBLE_LOG_PATH": temporary / "ansible.log",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": temporary / "facts",
    }
    environment = {name: str(path) for name, path in folders.items()} | {"ANSIBLE_CACHE_PLUGIN": "jsonfile"}
    nothing = dict.fromkeys(("WHM_PASSWORD", "CPANEL_PASSWORD", "XDG_RUNTIME_DIR"), "")
    with confidant() as (url, heard):
        hear = f"{{{{ lookup('ansible.builtin.url', '{url}', headers={{'X-Secret': token}}) }}}}"
        wait = {"until": f"{str(temporary / 'go')!r} is ansible.builtin.exists", "retries": 600, "delay": 0.1}
        tasks = [
            {"name": "use", "panelops.cpanel.whm_api_token_info": {"api_token": "{{ token }}"}},
            {"name": "keep", "ansible.builtin.set_fact": {"kept": "{{ token }}"}, "no_log": True},
            tell("hear", hear, no_log=True),
            tell("wait", no_log=True, **wait),
        ]
        variables = {
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "panelops_cpanel_api_token": f"{{{{ lookup('ansible.builtin.file', '{credential}') }}}}",
            "token": "{{ lookup('panelops.cpanel.ci_token', 'deploy', acls=['manage-api-tokens']) }}",
        }
        plays = [play(tasks, vars=variables)]
        with started(server, temporary, plays, "-vvvv", "--diff", **environment, **nothing) as run:
            secret = heard.get(timeout=patience(30))
            assert server.whm_accepts(secret)
            sockets = [SOCKETS, *temporary.glob("panelops-cpanel-*")]
            for needle in (secret, admin):
                assert files_with(needle.encode(), [temporary, *sockets, Path(os.environ["HOME"])]) == []
                assert processes_with(needle.encode()) == []
            agent = run.agent()
            variables_of_agent = Path(f"/proc/{agent}/environ").read_bytes().split(b"\0")
            assert not [line for line in variables_of_agent if line.startswith((b"WHM_", b"CPANEL_", b"ANSIBLE_"))]
            limits = Path(f"/proc/{agent}/limits").read_text(encoding="ascii")
            assert re.search(r"^Max core file size +0 +0 ", limits, re.MULTILINE), "its memory is not written to a disk"
            (temporary / "go").touch()
            assert run.wait() == 0, run.output
    for needle in (secret, admin):
        assert needle not in run.output
        assert files_with(needle.encode(), [temporary]) == []


def test_the_socket_is_where_only_this_user_can_go(server: Server, tmp_path: Path) -> None:
    """A folder that others could write to, or that somebody else has put there, is not used."""
    temporary = tmp_path / "t"
    temporary.mkdir()
    bad = temporary / f"panelops-cpanel-{os.geteuid()}"
    bad.mkdir(mode=0o777)
    bad.chmod(0o777)
    with started(server, tmp_path, [play([tell()])], TMPDIR=str(temporary), XDG_RUNTIME_DIR="") as run:
        run.told()
        run.wait()
    assert list(bad.iterdir()) == []
    assert stat.S_IMODE(SOCKETS.stat().st_mode) == 0o700
