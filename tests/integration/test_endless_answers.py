# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that do not end, or not in time: each call has a deadline and a limit of size."""

from __future__ import annotations

import gzip
import json
import ssl
import time
import tracemalloc
import zlib
from pathlib import Path

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import BadAnswer, PanelopsError

from tests.support.cores import result_of_core, run_core
from tests.support.odd_servers import Serve, answer, odd_server
from tests.support.server import Server

LIST = {"metadata": {"command": "api_token_list", "reason": "OK", "result": 1, "version": 1}, "data": {"tokens": {}}}
BODY = json.dumps(LIST).encode()
STEP = 0.2
"""Seconds between two bytes of a server that drips: less than any timeout."""
TIMEOUT = 1
SLOW = "answered with something that did not end within the timeout"


def drip(stream: ssl.SSLSocket, data: bytes) -> None:
    for number in range(len(data)):
        stream.sendall(data[number : number + 1])
        time.sleep(STEP)


def dripping(after: bytes, data: bytes) -> Serve:
    """Send one part at once, and the other byte by byte."""

    def serve(stream: ssl.SSLSocket) -> None:
        stream.sendall(after)
        drip(stream, data)

    return serve


WHOLE = answer(BODY)
HEADERS = WHOLE[: -len(BODY)]
DRIPS: dict[str, Serve] = {
    "the body": dripping(HEADERS, BODY),
    "the status line": dripping(b"", WHOLE),
    "the headers": dripping(b"HTTP/1.1 200 OK\r\nX-Long: ", b"a" * 10_000),
    "the length of a chunk": dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0" * 10_000),
    "the body of a redirect": dripping(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 9999\r\n\r\n", b"a" * 9999),
    "the body of an error": dripping(b"HTTP/1.1 500 Oops\r\nContent-Length: 9999\r\n\r\n", b"a" * 9999),
    "interim answers": dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
}  # fmt: skip


@pytest.mark.parametrize("what", DRIPS)
def test_a_server_that_drips_costs_one_timeout(tmp_path: Path, what: str) -> None:
    with odd_server(tmp_path, DRIPS[what]) as environment:
        began = time.monotonic()
        with pytest.raises(PanelopsError, match=SLOW):
            run_core("whm_api_token_info", environment, timeout=TIMEOUT)
        assert time.monotonic() - began < 3 * TIMEOUT


def test_a_change_that_drips_is_a_lost_response(server: Server, tmp_path: Path) -> None:
    """The state decides, which here drips too; nobody waits longer than for three answers."""
    with odd_server(tmp_path, DRIPS["the body"]) as environment:
        began = time.monotonic()
        result = result_of_core("whm_api_token", environment, name="t", acls=["ssl"], timeout=TIMEOUT)
        assert SLOW in result["msg"]
        assert time.monotonic() - began < 5 * TIMEOUT


def test_the_time_is_that_of_the_answer_not_of_the_task(server: Server) -> None:
    """Each of several calls over one connection has the whole timeout for itself."""
    for call in (1, 2, 3):
        server.fault("*", "delay:0.7", call)
    began = time.monotonic()
    run_core("whm_api_token", server.environment, name="t", acls=["ssl"], recreate="always", timeout=1)
    run_core("whm_api_token", server.environment, name="t", acls=["ssl"], recreate="always", timeout=1)
    assert time.monotonic() - began > 2


def flooding(headers: str, piece: bytes, count: int) -> Serve:
    def serve(stream: ssl.SSLSocket) -> None:
        stream.sendall(f"HTTP/1.1 200 OK\r\n{headers}\r\n\r\n".encode())
        for _number in range(count):
            stream.sendall(piece)

    return serve


MIB = 1024 * 1024


def bomb(levels: int = 1) -> bytes:
    """600 MiB of blanks, compressed."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    data = b"".join(packer.compress(b" " * MIB) for _number in range(600)) + packer.flush()
    return data if levels == 1 else gzip.compress(data)


FLOODS: dict[str, tuple[str, bytes, int, str]] = {
    "blanks": (f"Content-Length: {600 * MIB}", b" " * MIB, 600, "answered with more than 64 MiB"),
    "blanks without a length": ("Connection: close", b" " * MIB, 600, "answered with more than 64 MiB"),
    "a bomb": ("Content-Encoding: gzip\r\nConnection: close", bomb(), 1, "answered with more than 64 MiB"),
    "a bomb in a bomb": (
        "Content-Encoding: gzip, gzip\r\nConnection: close", bomb(2), 1, "answered with a body that cannot be decompressed",
    ),
    "another encoding": (
        "Content-Encoding: br\r\nConnection: close", b"\x0b\x02\x80{}\x03", 1, "answered with a body that cannot be decompressed",
    ),
    "no gzip at all": ("Content-Encoding: gzip\r\nConnection: close", BODY, 1, "answered with a body that cannot be decompressed"),
}  # fmt: skip


@pytest.mark.parametrize("what", FLOODS)
def test_a_flood_is_not_read_to_its_end(tmp_path: Path, what: str) -> None:
    headers, piece, count, told = FLOODS[what]
    with odd_server(tmp_path, flooding(headers, piece, count)) as environment:
        tracemalloc.start()
        try:
            with pytest.raises(BadAnswer, match=told):
                run_core("whm_api_token_info", environment, timeout=60)
            assert tracemalloc.get_traced_memory()[1] < 200 * MIB
        finally:
            tracemalloc.stop()


def test_a_compressed_answer_is_read(tmp_path: Path) -> None:
    tokens = {f"t{number}": {"create_time": 1, "acls": {"ssl": 1}} for number in range(2000)}
    body = json.dumps({**LIST, "data": {"tokens": tokens}}).encode()
    for packed, headers in ((gzip.compress(body), ["Content-Encoding: gzip"]), (body, [])):
        with odd_server(
            tmp_path, lambda stream, packed=packed, headers=headers: stream.sendall(answer(packed, *headers))
        ) as environment:
            read = run_core("whm_api_token_info", environment)
        assert len(read["whm_api_tokens"]) == 2000
