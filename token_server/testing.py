# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start the reference server from a test suite, a demonstration or a playbook. Standard library only."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

START_TIMEOUT = 60.0
STOP_TIMEOUT = 60.0
_POLL = 0.01


class ServerFailed(Exception):
    """The server did not start, or a control call was refused; the text is what it said."""


class ReferenceServer:
    """A server process with free ports and a control port.

    ``state`` is its folder (kept afterwards); ``dialect`` is how to answer where versions differ, such as ``{"batch": "one"}``;
    ``options`` are further options of ``serve``; ``python`` is the interpreter that has the requirements.
    Use it as a context manager, or call ``start()`` and ``stop()``.
    """

    def __init__(
        self,
        state: str | os.PathLike[str],
        *,
        fixture: str | os.PathLike[str] | None = None,
        dialect: Mapping[str, str] | None = None,
        options: list[str] | None = None,
        python: str = sys.executable,
    ) -> None:
        self.state = Path(state)
        self.ready: dict[str, Any] = {}
        self.process: subprocess.Popen[bytes] | None = None
        self._ready_file = self.state.parent / f"{self.state.name}.ready.json"
        self._log = self.state.parent / f"{self.state.name}.log"
        self._command = [python, "-m", "token_server", "serve", "--state", str(self.state)]
        self._command += ["--ready-file", str(self._ready_file)]
        for port in ("whm", "whm-plain", "cpanel", "cpanel-plain", "control"):
            self._command += [f"--{port}-port", "0"]
        if fixture is not None:
            self._command += ["--fixture", str(fixture)]
        for name, value in (dialect or {}).items():
            self._command += ["--dialect", f"{name}={value}"]
        self._command += options or []
        self._pinned: list[str] = []

    def start(self) -> ReferenceServer:
        """Start the server and wait until it listens. Raises ``ServerFailed``."""
        search = [str(Path(__file__).resolve().parents[1]), os.environ.get("PYTHONPATH", "")]
        environment = dict(os.environ, PYTHONPATH=os.pathsep.join(filter(None, search)))
        self._ready_file.unlink(missing_ok=True)
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command + self._pinned, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment
            )
        deadline = time.monotonic() + START_TIMEOUT
        while not self._ready_file.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise ServerFailed(f"The server did not start: {self.output()}")
            time.sleep(_POLL)
        self.ready = json.loads(self._ready_file.read_text(encoding="utf-8"))
        # A restart shall be found where the first start was.
        ports = ("whm", "whm_plain", "cpanel", "cpanel_plain", "control")
        self._pinned = []
        for name in ports:
            if self.ready[name]:
                port = self.ready[name].rpartition(":")[2]
                self._pinned += [f"--{name.replace('_', '-')}-port", port]
        return self

    def output(self) -> str:
        """Return everything that the server has written to its standard output and error."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    def stop(self) -> int:
        """Stop the server cleanly and return its exit status."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """Kill the server with SIGKILL and return its exit status."""
        return self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> int:
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def restart(self) -> None:
        """Stop the server if it runs, and start it on the same state and the same ports."""
        self.stop()
        self.start()

    def wait(self) -> int:
        """Wait until the server has ended by itself (a planned fault killed it) and return its exit status."""
        if self.process is None:
            return 0
        return self.process.wait(STOP_TIMEOUT)

    @property
    def root_password(self) -> str:
        """Root's password."""
        return Path(self.ready["root_password_file"]).read_text(encoding="utf-8").strip()

    def control(self, method: str, path: str, json_body: Any = None) -> Any:
        """Call the control port and return the parsed answer. Raises ``ServerFailed`` with a refusal."""
        secret = Path(self.ready["control_secret_file"]).read_text(encoding="utf-8").strip()
        connection = http.client.HTTPConnection(self.ready["control"].removeprefix("http://"), timeout=STOP_TIMEOUT)
        try:
            connection.request(
                method,
                path,
                body=None if json_body is None else json.dumps(json_body),
                headers={"X-Control-Secret": secret, "Content-Type": "application/json"},
            )
            answer = connection.getresponse()
            text = answer.read().decode("utf-8")
        finally:
            connection.close()
        if answer.status != 200:
            raise ServerFailed(f"{answer.status}: {text}")
        return json.loads(text)

    def __enter__(self) -> ReferenceServer:
        return self.start()

    def __exit__(self, *_exception: object) -> None:
        self.stop()
