# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The yardstick: one Starlette route that answers fixed bytes, behind the very listener that the reference server uses.

``python -m benchmarks.support.bare STATE PATH BODY_FILE READY_FILE``: STATE is the folder with the certificate.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from token_server.http.listeners import Listener, base_url, bind
from token_server.state.files import write_private
from token_server.state.folder import StateFolder

START_TIMEOUT = 20.0
_HOST = "127.0.0.1"


@contextmanager
def bare_route(state: Path, path: str, body: bytes, folder: Path) -> Iterator[tuple[int, str]]:
    """Run the yardstick in a process of its own; give the number of that and the base URL."""
    body_file, ready_file = folder / "bare.body", folder / "bare.url"
    body_file.write_bytes(body)
    ready_file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "benchmarks.support.bare", str(state), path, str(body_file), str(ready_file)]
    with subprocess.Popen(command) as process:
        try:
            deadline = time.monotonic() + START_TIMEOUT
            while not ready_file.exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("The bare route did not start.")
                time.sleep(0.01)
            yield process.pid, ready_file.read_text(encoding="utf-8")
        finally:
            process.kill()


async def _serve(state: Path, path: str, body: bytes, ready_file: Path) -> None:
    async def answer(_request: Request) -> Response:
        return Response(body, media_type="application/json")

    listening = bind(_HOST, 0)
    url = base_url("https", _HOST, listening)
    listener = Listener(Starlette(routes=[Route(path, answer)]), listening, url, StateFolder(state))
    serving = asyncio.create_task(listener.run_until_stopped())
    await listener.listening.wait()
    write_private(ready_file, url)
    await serving


if __name__ == "__main__":
    uvloop.run(_serve(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]).read_bytes(), Path(sys.argv[4])))
