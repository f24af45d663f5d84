# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real OpenSSH server on a port of its own, with two users of this machine: consumers that Ansible reaches as any others."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.missing import missing
from tests.support.waiting import until

MISSING = "there is no OpenSSH server here (apt-get install --no-install-recommends openssh-server openssh-client sudo)"

PYTHON = "/usr/bin/python3"
"""The system's: those of the tests are in folders that other users cannot read."""

_SUDOERS = Path("/etc/sudoers.d")

_PREFIX = "panelops-"
"""Before the number of the process, in the names of its users."""

_CONFIGURATION = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host-key
PidFile none
AuthorizedKeysFile {folder}/authorized-keys
AllowUsers {users}
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
"""


@dataclass
class Sshd:
    """A running server. ``plain`` may become nobody else; ``admin`` becomes root by sudo without a password, until told otherwise.

    What is in ``folder``, every user of the machine can read.
    """

    folder: Path
    port: int
    plain: str
    admin: str

    def home(self, user: str) -> Path:
        """The home folder of a user."""
        return self.folder / user

    def host(self, user: str, **variables: object) -> dict:
        """The variables of a host of an inventory that is this machine as this user; ``ansible_`` is left out of the names of more."""
        own = {
            "host": "127.0.0.1",
            "port": self.port,
            "user": user,
            "connection": "ssh",
            "ssh_private_key_file": str(self.folder / "key"),
            "ssh_common_args": f"-F none -o IdentitiesOnly=yes -o UserKnownHostsFile={self.folder}/known-hosts",
            "python_interpreter": PYTHON,
            # That of the controller is a folder of root's.
            "remote_tmp": "~/.ansible/tmp",
            "control_path_dir": str(self.folder / "control"),
            "become": user == self.admin,
        }
        return {f"ansible_{name}": value for name, value in {**own, **variables}.items()}

    def sudo(self, *rules: str) -> None:
        """Say what the user ``admin`` may do by sudo."""
        _write(_SUDOERS / self.admin, "".join(f"{rule}\n" for rule in rules), 0o440)

    @contextmanager
    def stopped_master(self, user: str) -> Iterator[dict]:
        """A connection that is kept open for others to share, whose process does not go on; yields the variables of a host behind it."""
        path = self.folder / f"master-{user}"
        words = ["ssh", "-F", "none", "-o", f"ControlPath={path}"]
        options = self.host(user)
        more = [
            "-i",
            options["ansible_ssh_private_key_file"],
            "-p",
            str(self.port),
            *options["ansible_ssh_common_args"].split(),
        ]
        master = subprocess.Popen(
            [*words, *more, "-N", "-o", "ControlMaster=yes", f"{user}@127.0.0.1"], stdin=subprocess.DEVNULL
        )
        try:
            until(path.exists)
            until(lambda: _is_up([*words, "-O", "check", "any"]))
            master.send_signal(signal.SIGSTOP)
            yield self.host(user, ssh_args=f"-o ControlMaster=auto -o ControlPath={path}")
        finally:
            master.kill()
            master.wait()


@contextmanager
def sshd() -> Iterator[Sshd]:
    """Run a server with two new users. Everything is removed afterwards."""
    program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if program is None or shutil.which("sudo") is None or shutil.which("ssh") is None:
        missing(MISSING)
    if os.geteuid() != 0:
        missing("only root can create the users that log in to an OpenSSH server")
    folder = Path(tempfile.mkdtemp(prefix="sshd-"))
    folder.chmod(0o755)
    _remove_what_killed_runs_left()
    server = Sshd(folder, _free_port(), f"{_PREFIX}{os.getpid()}-plain", f"{_PREFIX}{os.getpid()}-admin")
    users = (server.plain, server.admin)
    try:
        for user in users:
            # With a password that nobody can give. An account without one counts as locked.
            _run("useradd", "--create-home", "--base-dir", str(folder), "--shell", "/bin/sh", "--password", "*", user)
        server.sudo(f"{server.admin} ALL=(ALL) NOPASSWD: ALL")
        with _serving(server, program), _shared_connections(server):
            yield server
    finally:
        for user in users:
            _remove_user(user)
        shutil.rmtree(folder)


def _remove_what_killed_runs_left() -> None:
    """A run that is killed cannot remove its users, one of whom may use sudo."""
    for user in pwd.getpwall():
        number = user.pw_name.removeprefix(_PREFIX).partition("-")[0]
        if user.pw_name.startswith(_PREFIX) and number.isdecimal() and not Path("/proc", number).exists():
            _remove_user(user.pw_name)
            shutil.rmtree(Path(user.pw_dir).parent, ignore_errors=True)


def _remove_user(user: str) -> None:
    (_SUDOERS / user).unlink(missing_ok=True)
    # The ends of its connections may still be on their way out.
    subprocess.run(["userdel", "--force", user], capture_output=True, check=False)


@contextmanager
def _serving(server: Sshd, program: str) -> Iterator[None]:
    folder = server.folder
    for name in ("host-key", "key"):
        _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(folder / name))
    _write(folder / "authorized-keys", (folder / "key.pub").read_text(), 0o644)
    _write(folder / "known-hosts", f"[127.0.0.1]:{server.port} {(folder / 'host-key.pub').read_text()}", 0o644)
    users = f"{server.plain} {server.admin}"
    _write(folder / "configuration", _CONFIGURATION.format(port=server.port, folder=folder, users=users), 0o644)
    # Where the server locks itself up before a login; the package's own start script makes it.
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    log = folder / "log"
    process = subprocess.Popen(
        [program, "-D", "-f", str(folder / "configuration"), "-E", str(log)], stdin=subprocess.DEVNULL
    )
    try:
        until(lambda: process.poll() is not None or "Server listening" in (log.read_text() if log.exists() else ""))
        assert process.poll() is None, log.read_text()
        yield
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _shared_connections(server: Sshd) -> Iterator[None]:
    """Where Ansible keeps its connections open, which are closed at the end."""
    folder = server.folder / "control"
    folder.mkdir()
    try:
        yield
    finally:
        for path in folder.iterdir():
            subprocess.run(
                ["ssh", "-F", "none", "-o", f"ControlPath={path}", "-O", "exit", "any"],
                capture_output=True,
                check=False,
            )


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _is_up(words: list[str]) -> bool:
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def _run(*words: str) -> None:
    subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, check=True)


def _write(path: Path, text: str, mode: int) -> None:
    path.write_text(text, encoding="ascii")
    path.chmod(mode)
