# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A consumer that uses what is delivered to it, all the while: it reads its copy again at each poll, and keeps every refusal.

As a process: ``python -m tests.reliability.polling``, with what to poll as JSON on standard input. It ends when that is closed, and
prints how often it was served and each refusal.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

import requests

from tests.reliability.copies import Copy
from tests.support.limits import patience
from tests.support.server import FromAddress


@dataclass
class Polling:
    """What a consumer polls: the copies of tokens of ``user``, at ``url``, from ``address``."""

    scheme_word: str
    user: str
    url: str
    authority: str
    address: str
    copies: list[Copy]


def poll(polling: Polling, ended: threading.Event) -> tuple[int, list[str]]:
    """Poll until told to end: how often was a copy accepted, and what was refused."""
    served, refused = 0, []
    with requests.Session() as session:
        session.mount("https://", FromAddress(polling.address))
        while not ended.wait(0.1):
            for copy in polling.copies:
                secret = copy.secret()
                if secret is None:
                    continue
                session.auth = lambda request, secret=secret: (
                    request.headers.update(Authorization=f"{polling.scheme_word} {polling.user}:{secret}") or request
                )
                try:
                    answer = session.post(polling.url, verify=polling.authority, timeout=10, allow_redirects=False)
                except requests.RequestException:
                    continue  # the server is down, which is no refusal
                if answer.status_code == 200:
                    served += 1
                else:
                    refused.append(f"{answer.status_code} for {copy.path}")
    return served, refused


class Consumer:
    """The process of a consumer."""

    def __init__(self, polling: Polling, root: Path) -> None:
        command = [sys.executable, "-m", "tests.reliability.polling"]
        self._process = subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(polling)) + "\n")
        self._process.stdin.flush()

    def end(self) -> tuple[int, list[str]]:
        """End it: how often was a copy accepted, and what was refused."""
        output, _errors = self._process.communicate(timeout=patience(60))
        assert self._process.returncode == 0
        served, refused = json.loads(output)
        return served, refused


def main() -> None:
    """Be the process."""
    told = json.loads(sys.stdin.readline())
    polling = Polling(**{**told, "copies": [Copy(**copy) for copy in told["copies"]]})
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    print(json.dumps(poll(polling, ended)))


if __name__ == "__main__":
    main()
