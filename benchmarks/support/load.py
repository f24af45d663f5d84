# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A load generator in a process of its own: ``measure(...)`` starts it, ``python -m benchmarks.support.load`` is it.

It keeps some TLS connections busy with one request each, and looks at no more of an answer than its status and length: it must
never be the slower side. It tells how busy it was, so that one can see that it was not.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import ssl
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import uvloop

WARM_UP = 0.3
"""Seconds of the same load before the clock starts."""

_LENGTH = re.compile(rb"\r\ncontent-length: ([0-9]+)\r\n", re.IGNORECASE)
_END = b"\r\n\r\n"


@dataclass
class Load:
    """What to send: GET ``path`` with each of these ``Authorization`` headers in turn, for so many ``seconds``.

    ``process`` is the number of the server's process.
    """

    process: int
    url: str
    ca_file: str
    path: str
    authorizations: list[str]
    seconds: float
    connections: int = 8


@dataclass
class Result:
    """``rate``: answers per second; ``busy``: the share of a core that the generator itself used; ``answers``: all of them.

    ``cost``: seconds of processor time that the server used for one answer, which others on the machine hardly change.
    """

    rate: float
    busy: float
    answers: int
    cost: float = 0.0


def measure(load: Load) -> Result:
    """Put a load on a server. Raises ``RuntimeError`` if any answer was not a 200."""
    command = [sys.executable, "-m", "benchmarks.support.load"]
    before = _processor_seconds(load.process)
    done = subprocess.run(command, input=json.dumps(asdict(load)), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"The load generator failed: {done.stderr.strip() or done.returncode}")
    result = Result(**json.loads(done.stdout))
    return replace(result, cost=(_processor_seconds(load.process) - before) / result.answers)


def _processor_seconds(process: int) -> float:
    """Return the processor time that a process has used until now."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class _Generator:
    """The requests to send, and the number of answers."""

    def __init__(self, load: Load) -> None:
        host = urlsplit(load.url).netloc
        self._requests = [
            f"GET {load.path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {authorization}\r\n\r\n".encode()
            for authorization in load.authorizations
        ]
        # Not always the same ones first, where there are more than one measurement can use.
        self._next = secrets.randbelow(len(self._requests))
        self.answers = 0
        self.running = True
        self.failure: str | None = None

    def request(self) -> bytes:
        request = self._requests[self._next]
        self._next = (self._next + 1) % len(self._requests)
        return request


class _Connection(asyncio.Protocol):
    def __init__(self, generator: _Generator) -> None:
        self._generator = generator
        self._received = bytearray()
        self._expected = 0

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        transport.write(self._generator.request())

    def data_received(self, data: bytes) -> None:
        received = self._received
        received += data
        if not self._expected:
            head = received.find(_END)
            if head < 0:
                return
            length = _LENGTH.search(received, 0, head + 2)
            if length is None or not received.startswith(b"HTTP/1.1 200 "):
                self._generator.failure = bytes(received[:300]).decode("latin-1")
                return
            self._expected = head + len(_END) + int(length[1])
        if len(received) >= self._expected:
            received.clear()
            self._expected = 0
            self._generator.answers += 1
            if self._generator.running:
                self._transport.write(self._generator.request())

    def connection_lost(self, _exception: Exception | None) -> None:
        if self._generator.running:
            self._generator.failure = "The server has closed a connection."


async def _generate(load: Load) -> Result:
    generator = _Generator(load)
    trust = ssl.create_default_context(cafile=load.ca_file)
    address = urlsplit(load.url)
    loop = asyncio.get_running_loop()
    for _number in range(load.connections):
        await loop.create_connection(lambda: _Connection(generator), address.hostname, address.port, ssl=trust)
    await asyncio.sleep(WARM_UP)
    answers, start, cpu = generator.answers, time.perf_counter(), time.process_time()
    await asyncio.sleep(load.seconds)
    answers, elapsed, cpu = generator.answers - answers, time.perf_counter() - start, time.process_time() - cpu
    generator.running = False
    if generator.failure is not None:
        raise SystemExit(generator.failure)
    return Result(answers / elapsed, cpu / elapsed, generator.answers)


if __name__ == "__main__":
    print(json.dumps(asdict(uvloop.run(_generate(Load(**json.load(sys.stdin)))))))
