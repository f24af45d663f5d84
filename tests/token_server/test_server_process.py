# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server as a process: starting, stopping, being killed, and refusing to start."""

from __future__ import annotations

import json
import os
import re
import shlex
import socket
import sqlite3
import ssl
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.support.limits import patience
from tests.support.server import Server
from tests.support.users import ROOT, USERS
from tests.support.waiting import until
from token_server.options import parse
from token_server.refusals import ServerError
from token_server.state import fixtures
from token_server.testing import ServerFailed


def _mode(path: str | Path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def _serve(*options: str) -> subprocess.CompletedProcess[str]:
    """Run the server to its end, which must come by itself."""
    command = [sys.executable, "-m", "token_server", "serve", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=patience(20), check=False)


ONE_PORT = ["--whm-port", "off", "--whm-plain-port", "0", "--cpanel-port", "off", "--cpanel-plain-port", "off"]


def test_the_ready_file(start: Callable[..., Server]) -> None:
    server = start("--cpanel-plain-port", "off")
    ready = server.ready
    assert set(ready) == {
        "pid", "whm", "whm_plain", "cpanel", "cpanel_plain", "control", "ca_file", "root_password_file",
        "control_secret_file",
    }  # fmt: skip
    assert ready["pid"] == server.process.pid
    assert ready["cpanel_plain"] is None
    assert ready["whm"].startswith("https://127.0.0.1:")
    assert ready["whm_plain"].startswith("http://127.0.0.1:")
    assert _mode(server.state) == 0o700
    assert _mode(f"{server.state}.ready.json") == 0o600
    for path in server.files():
        assert _mode(path) == 0o600, path


def test_the_first_start_makes_up_a_password(start: Callable[..., Server]) -> None:
    server = start(fixture=None)
    password = server.root_password
    assert len(password) >= 20
    assert server.status("whm", ("root", password)) == 200
    server.restart()
    assert server.root_password == password
    server.reset()
    assert server.status("whm", ("root", password)) == 200


def test_the_certificate(start: Callable[..., Server]) -> None:
    server = start("--tls-name", "whm.example.com", "--tls-name", "127.0.0.9")
    port = int(server.ready["whm"].rpartition(":")[2])
    context = ssl.create_default_context(cafile=server.ready["ca_file"])
    for name in ("127.0.0.1", "localhost", "::1", "whm.example.com", "127.0.0.9"):
        with (
            socket.create_connection(("127.0.0.1", port), 5) as plain,
            context.wrap_socket(plain, server_hostname=name) as tls,
        ):
            assert tls.version()
    with (
        socket.create_connection(("127.0.0.1", port), 5) as plain,
        pytest.raises(ssl.SSLCertVerificationError),
        context.wrap_socket(plain, server_hostname="other.example.com"),
    ):
        pass


def test_a_restart_keeps_everything(start: Callable[..., Server]) -> None:
    server = start()
    ca = Path(server.ready["ca_file"]).read_bytes()
    secret, cpanel = server.whm_token("t"), server.uapi_token("t")
    server.whm_ok("removeacct", user="bob")
    server.whm_ok("passwd", user="alice", password="changed")
    server.advance(7777)
    server.status("whm", f"whm root:{secret}")
    server.restart()
    assert abs(server.whm_tokens()["t"]["last_used"] - time.time() - 7777) < 60
    assert Path(server.ready["ca_file"]).read_bytes() == ca
    assert server.status("whm", f"whm root:{secret}") == 200
    assert server.status("cpanel", f"cpanel alice:{cpanel}") == 200
    assert server.status("cpanel", ("alice", "changed")) == 200
    assert "bob" in str(server.whm_ok("listaccts")), "what the fixture names and is missing is created again"


def test_it_stops_without_waiting_for_its_callers(start: Callable[..., Server]) -> None:
    server = start()
    addresses = [f"127.0.0.{number}" for number in range(1, 9)]
    for address in addresses:
        assert server.status("whm", ROOT, source=address) == 200
        assert server.status("whm_plain", ROOT, source=address) == 200
    server.fault("version", "delay:30")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(server.status, "whm", ROOT)
        until(lambda: server.counters("version")[0] == 17)
        begin = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begin < 20, "the slow answer was not waited for"
        assert isinstance(waiting.exception(10), requests.ConnectionError)
    assert not Path(f"{server.state}.ready.json").exists()
    assert "Traceback" not in server.output()
    assert "ERROR" not in server.output()


def test_what_was_answered_survives_sigkill(start: Callable[..., Server]) -> None:
    server = start()
    secrets: dict[str, str] = {}

    def create(worker: int) -> None:
        number = 0
        while True:
            name = f"w{worker}-{number}"
            try:
                secrets[name] = server.whm_token(name)
            except (requests.ConnectionError, OSError):
                return
            number += 1

    with ThreadPoolExecutor(3) as pool:
        workers = [pool.submit(create, worker) for worker in range(3)]
        until(lambda: len(secrets) >= 60)
        assert server.kill() == -9
        for worker in workers:
            worker.result()
    server.start()
    tokens = server.whm_tokens()
    assert set(secrets) <= set(tokens)
    for secret in secrets.values():
        assert server.status("whm", f"whm root:{secret}") == 200


def test_a_second_server_on_the_same_state_is_refused(start: Callable[..., Server], tmp_path: Path) -> None:
    server = start()
    ready = tmp_path / "other.json"
    second = _serve("--state", str(server.state), *ONE_PORT, "--ready-file", str(ready))
    assert second.returncode == 1
    assert second.stderr.startswith(f"token_server: Another token server (process {server.process.pid})")
    assert second.stderr.count("\n") == 1
    assert not ready.exists()
    assert server.status("whm", ROOT) == 200


def test_a_taken_port_is_refused(start: Callable[..., Server], tmp_path: Path) -> None:
    port = start().ready["whm"].rpartition(":")[2]
    second = _serve("--state", str(tmp_path / "s"), *ONE_PORT, "--cpanel-plain-port", port)
    assert second.returncode == 1
    assert second.stderr == f"token_server: Cannot listen on 127.0.0.1 port {port}: Address already in use.\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("root: [", "not valid YAML (line"),
        ("[]", "must be a mapping"),
        ("roots: {}", "unknown key \u201croots\u201d"),
        ("root: {pass: x}", "unknown key \u201cpass\u201d"),
        ("accounts: [{username: a, mail: b}]", "unknown key \u201cmail\u201d"),
        ("accounts: [{}]", 'no "username"'),
        ("accounts: [{username: Bad}]", "Invalid username"),
        ("accounts: [{username: a, owner: b}]", "neither root nor a reseller"),
        ("accounts: [{username: a, suspended: 1}]", "true or false"),
        ("accounts: [{username: a, password: 1234}]", "put numbers in quotes"),
        ("accounts: [{username: a}, {username: a}]", "twice"),
        ("accounts: [{username: root}]", "twice"),
        ("accounts: {a: b}", "must be a list"),
        ("resellers: [{username: r, acls: [nope]}]", "unknown privilege \u201cnope\u201d"),
        ("resellers: [{username: r, domain: nodot}]", "Invalid domain"),
        ("a: b: c", "not valid YAML"),
        ("{[]: 1}", "not valid YAML"),
        ("\0", "not valid YAML"),
    ],
)
def test_a_bad_fixture_is_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    fixture = tmp_path / "fixture.yml"
    fixture.write_text(text, encoding="utf-8")
    with pytest.raises(ServerError) as caught:
        fixtures.load(fixture)
    assert str(caught.value).startswith(f"The fixture {fixture} ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("x")
    unreadable = tmp_path / "fixture.yml"
    unreadable.write_text("a: b: c")
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / "token_server.sqlite3").write_bytes(b"not a database" * 100)
    state = ["--state", str(tmp_path / "s"), *ONE_PORT]
    for options, words in (
        ([*state, "--fixture", str(tmp_path / "missing.yml")], "cannot be read: No such file"),
        ([*state, "--fixture", str(unreadable)], "not valid YAML (line 1, column 5)"),
        ([*state, "--ready-file", str(tmp_path / "no" / "ready.json")], "ready file"),
        (["--state", str(occupied), *ONE_PORT], "cannot be made"),
        (["--state", str(damaged), *ONE_PORT], "cannot be used"),
        ([*state, "--host", "no.such.host.invalid", "--whm-port", "0"], "Cannot listen"),
        ([*state, "--whm-port", "0", "--tls-name", "not a name"], "No certificate"),
    ):
        done = _serve(*options)
        assert done.returncode == 1
        assert words in done.stderr
        assert done.stderr.startswith("token_server: ")
        assert done.stderr.count("\n") == 1


def test_missing_requirements_are_named(tmp_path: Path) -> None:
    command = [sys.executable, "-S", "-m", "token_server", "serve", "--state", str(tmp_path / "s")]
    package = Path(fixtures.__file__).parents[2]
    done = subprocess.run(command, capture_output=True, text=True, timeout=patience(20), check=False, cwd=package)
    assert done.returncode == 1
    assert re.fullmatch(r"token_server: The package \w+ is missing: pip install -r .+\n", done.stderr)
    assert Path(shlex.split(done.stderr)[-1]).is_file()


def test_another_schema_is_refused(start: Callable[..., Server]) -> None:
    server = start()
    server.stop()
    connection = sqlite3.connect(server.state / "token_server.sqlite3")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(ServerFailed, match="schema version 99"):
        server.start()


@pytest.mark.parametrize(
    "options",
    [
        ["--whm-port", "65536"],
        ["--whm-port", "on"],
        [*ONE_PORT, "--whm-plain-port", "off"],
        ["--login-failures", "0"],
        ["--login-failures", "3"],
        ["--login-lockout", "-1"],
        ["--dialect", "batch"],
        ["--dialect", "batch=two"],
        ["--dialect", "batch=one", "--dialect", "bach=zero"],
        ["--bogus"],
        [],
    ],
)
def test_bad_options_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str]) -> None:
    state = ["--state", str(tmp_path / "s")] if options else []
    with pytest.raises(SystemExit) as caught:
        parse(["serve", *state, *options])
    assert caught.value.code == 2
    assert "usage:" in capsys.readouterr().err
    assert not (tmp_path / "s").exists()


def test_a_start_with_a_hundred_thousand_tokens(start: Callable[..., Server]) -> None:
    server = start()
    server.stop()
    with sqlite3.connect(server.state / "token_server.sqlite3") as connection:
        connection.execute(
            "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 100000) "
            "INSERT INTO tokens (account_id, service, name, digest, create_time) "
            "SELECT a.id, 'cpanel', 'bulk-' || n, randomblob(32), 1 FROM number "
            "JOIN accounts a ON a.username = CASE n % 2 WHEN 0 THEN 'rival' ELSE 'bob' END"
        )
    connection.close()

    server.start()
    secret = server.uapi_token("t")
    assert server.status("cpanel", f"cpanel alice:{secret}") == 200
    assert list(server.uapi_tokens()) == ["t"]


def test_the_fixture_of_these_tests_is_json_too(tmp_path: Path, start: Callable[..., Server]) -> None:
    path = tmp_path / "fixture.json"
    path.write_text(json.dumps(USERS))
    assert start(fixture=path).status("whm", ROOT) == 200
