# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an attacker tries: other people's folders and links in them, pages of other sites, endless headers, and guesses."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from tests.support.limits import patience
from tests.support.server import Server
from tests.support.users import ALICE, BOB, RESELLER, ROOT
from tests.token_server.visits import Visit
from token_server.http.protocol import MAX_HEAD
from token_server.state.clock import Clock
from token_server.state.database import Database
from token_server.state.lockouts import Lockouts

# The state folder


def _refused_start(state: Path) -> str:
    """Start a server that must not start, and return its sentence."""
    ports = [part for name in ("whm", "whm-plain", "cpanel", "cpanel-plain") for part in (f"--{name}-port", "0")]
    command = [sys.executable, "-m", "token_server", "serve", "--state", str(state), *ports, "--control-port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=patience(20), check=False)
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    return done.stderr


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o720, 0o702, 0o777, 0o1777])
def test_a_state_folder_that_others_can_write_is_refused(tmp_path: Path, mode: int) -> None:
    state = tmp_path / "state"
    state.mkdir()
    state.chmod(mode)
    sentence = _refused_start(state)
    assert f'run "chmod go-w {state}"' in sentence
    assert list(state.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_state_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    os.chown(state, 12345, 12345)
    assert "belongs to another user (number 12345)" in _refused_start(state)
    assert list(state.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="everything is root's to use")
def test_a_state_folder_of_root_is_refused() -> None:
    assert "belongs to another user (number 0)" in _refused_start(Path("/"))


FILES = [
    *("lock", "audit.jsonl", "accounting.log", "token_server.sqlite3", "token_server.sqlite3-wal", "token_server.sqlite3-shm"),
    *("root_password", "control_secret", "ca.pem", "ca.key", "server.pem", "server.names", "token_server.sqlite3-journal"),
]  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_links_in_a_state_folder_are_not_followed(tmp_path: Path, name: str) -> None:
    state, target = tmp_path / "state", tmp_path / "target"
    state.mkdir(mode=0o700)
    for present in (True, False):
        if present:
            target.write_text("precious", encoding="utf-8")
        (state / name).symlink_to(target)
        sentence = _refused_start(state)
        assert f"{state / name} is a symbolic link" in sentence
        assert "remove it" in sentence
        assert target.exists() == present
        if present:
            assert target.read_text(encoding="utf-8") == "precious"
            target.unlink()
        (state / name).unlink()


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    os.mkfifo(state / "audit.jsonl")
    assert "no ordinary file" in _refused_start(state)


def test_every_file_of_a_state_folder_is_looked_at(server: Server) -> None:
    server.whm_token()
    # The log beside them looks at its own place: see test_server_logs.py.
    assert {path.name for path in server.files()} <= {*FILES, "api_tokens_log"}


def test_the_tools_follow_no_link(start: Callable[..., Server], tmp_path: Path) -> None:
    server = start()
    server.stop()
    target = tmp_path / "target"
    server.audit_file.rename(target)
    server.audit_file.symlink_to(target)
    before = target.read_bytes()
    environment = {**os.environ, **server.on_the_server}
    done = subprocess.run(
        ["whmapi1", "--output=json", "version"], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "symbolic link" in done.stderr, done.stdout) == (1, True, "")
    assert target.read_bytes() == before


# Guesses


def test_a_log_in_of_ones_own_forgives_no_guess_at_others(start: Callable[..., Server]) -> None:
    server = start("--login-failures", "4", "--login-lockout", "60")
    for _number in range(3):
        assert server.status("whm", ("root", "wrong")) == 401
        assert server.status("cpanel", ALICE) == 200
    assert server.status("cpanel", ("nobody", "wrong")) == 401
    assert server.status("cpanel", ALICE) == 401
    assert server.audit()[-1]["reason"] == "address locked out"
    assert server.status("cpanel", BOB, source="127.0.0.2") == 200


def test_a_log_in_forgives_the_users_own_guesses(start: Callable[..., Server]) -> None:
    server = start("--login-failures", "3", "--login-lockout", "60")
    for _number in range(3):
        for _guess in range(2):
            assert server.status("cpanel", ("alice", "wrong")) == 401
        assert server.status("cpanel", ALICE) == 200


def test_the_guard_that_is_off_counts_nothing(tmp_path: Path) -> None:
    database = Database(tmp_path / "database")
    lockouts = Lockouts(Clock(database), 0, 0.0)
    for _number in range(100):
        lockouts.failed("::1", "root")
    assert not lockouts.locked("::1")
    database.close()


# Pages of other sites


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("listener", ["whm", "cpanel", "whm_plain", "cpanel_plain"])
def test_pages_of_other_sites_cannot_call(server: Server, listener: str, method: str) -> None:
    path, credentials, name = {
        "whm": ("/json-api/api_token_create?api.version=1&token_name=forged", ROOT, "api_token_create"),
        "cpanel": ("/execute/Tokens/create_full_access?name=forged", ALICE, "Tokens::create_full_access"),
    }[listener.partition("_")[0]]
    own = _origin(server.ready[listener])
    other_scheme = own.replace("https:", "http:") if own.startswith("https:") else own.replace("http:", "https:")
    others: list[dict[str, str]] = [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
        *(
            {"Origin": origin}
            for origin in ("https://evil.example", "null", "", other_scheme, own + "0", own + ".evil.example")
        ),
    ]
    for headers in others:
        answer = server.request(listener, path, credentials, method=method, headers=headers)
        assert answer.status_code == 403, headers
        assert "other sites" in answer.json()["errors"][0]
        line = server.audit()[-1]
        assert (line["outcome"], line["reason"], line["function"]) == ("denied", "request of another site", name)
    assert server.counters(name) == (0, 0)
    for headers in ({"Origin": own}, {"Origin": own.upper()}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"},
                    {"Sec-Fetch-Site": "same-origin", "Origin": "null"}):  # fmt: skip
        answer = server.request(listener, path, credentials, method=method, headers=headers)
        assert answer.status_code == 200, headers
    assert server.counters(name)[0] == 5


def test_pages_of_other_sites_cannot_call_through_a_session(server: Server) -> None:
    visit = Visit(server, "whm", ROOT)
    path = f"{visit.base}/json-api/api_token_create?api.version=1&token_name=forged"
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = server.request("whm", path, cookies=visit.cookies, headers=headers)
        assert answer.status_code == 403
    assert server.whm_tokens() == {}


def test_other_sites_may_lead_to_pages(server: Server) -> None:
    away = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Accept": "text/html"}
    assert server.request("whm", "/login", method="GET", headers=away).status_code == 200
    opened = server.whm_ok("create_user_session", user="alice", service="cpaneld")["url"]
    entered = server.request("cpanel", opened.removeprefix(server.ready["cpanel"]), method="GET", headers=away)
    assert entered.status_code == 302
    page = server.request(
        "cpanel", entered.headers["location"], method="GET", cookies=dict(entered.cookies), headers=away
    )
    assert "Manage API Tokens" in page.text


def test_the_log_in_of_our_own_page(server: Server) -> None:
    form = {"user": "root", "pass": ROOT.password}
    # Without referrers, browsers send the origin null from our own page too; old ones send nothing else.
    for headers, status in (
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 302),
        ({"Origin": "null"}, 302),
        ({"Origin": _origin(server.ready["whm"])}, 302),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
    ):
        answer = server.request("whm", "/login", data=form, headers=headers)
        assert (answer.status_code, "set-cookie" in answer.headers) == (status, status == 302), headers


# Headers


def _exchange(server: Server, listener: str, *pieces: bytes) -> bytes:
    """Send bytes as they are, and return everything until the server closes the connection."""
    parts = urlsplit(server.ready[listener])
    raw = socket.create_connection((parts.hostname or "", parts.port or 0), patience(20))
    context = ssl.create_default_context(cafile=server.ready["ca_file"])
    secured = context.wrap_socket(raw, server_hostname=parts.hostname) if parts.scheme == "https" else raw
    with secured as connection:
        for piece in pieces:
            connection.sendall(piece)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer


def _request(*headers: str, path: str = "/json-api/version") -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: x", *headers, "Connection: close", "", ""]).encode()


HALF = "a" * (MAX_HEAD // 2)
LONG = {
    "many": _request(*(f"X-{number}: {'a' * 100}" for number in range(1000))),
    "one": _request("X: " + "a" * MAX_HEAD),
    "names": _request(*(f"{'n' * 100}{number}: " for number in range(1000))),
    "the path": _request(path="/json-api/" + "a" * MAX_HEAD),
    "together": _request("X: " + HALF, path="/json-api/version?" + HALF),
    "three megabytes": _request("X: " + "a" * 3_000_000),
}


@pytest.mark.parametrize("long", LONG)
def test_long_headers_are_refused_and_the_connection_ends(server: Server, long: str) -> None:
    request = LONG[long]
    pieces = [request[at : at + 10_000] for at in range(0, len(request), 10_000)]
    for listener, sent in (("whm", [request]), ("whm_plain", pieces)):
        answer = _exchange(server, listener, *sent)
        assert answer.startswith(b"HTTP/1.1 431 "), answer[:100]
        assert b"connection: close" in answer
    assert server.status("whm", ROOT) == 200


def test_the_control_port_has_the_limit_too(server: Server) -> None:
    assert _exchange(server, "control", LONG["one"]).startswith(b"HTTP/1.1 431 ")


def test_a_request_with_long_headers_behind_another_one(server: Server) -> None:
    token = f"Authorization: whm root:{server.whm_token()}"
    create = _request(token, path="/json-api/api_token_create?api.version=1&token_name=late")
    first = _request(token).replace(b"close", b"keep-alive")
    request = first + create.replace(b"\r\n\r\n", b"\r\nX: " + b"a" * MAX_HEAD + b"\r\n\r\n")
    try:
        answer = _exchange(server, "whm_plain", request)
    except ConnectionError:
        # The first one was still being answered.
        answer = b""
    assert answer.count(b"HTTP/1.1 200") <= 1
    assert "late" not in server.whm_tokens()


def test_headers_that_never_end(server: Server) -> None:
    """Neither a header without an end nor ever more of them are kept in memory."""
    for piece in (b"a" * 10_000, b"X: " + b"a" * 9_995 + b"\r\n"):
        pieces = [b"GET /json-api/version HTTP/1.1\r\nX: ", *[piece] * 20]
        assert _exchange(server, "whm_plain", *pieces).startswith(b"HTTP/1.1 431 ")


def test_headers_up_to_the_limit(server: Server) -> None:
    fixed = len(_request("X: ")) - len("GET ") - len(" HTTP/1.1\r\n") - len("\r\n")
    for length, status in ((MAX_HEAD - fixed, 401), (MAX_HEAD - fixed + 1, 431)):
        answer = _exchange(server, "whm", _request("X: " + "a" * length))
        assert answer.startswith(b"HTTP/1.1 %d " % status), (length, answer[:40])


def test_a_long_body_is_no_long_header(server: Server) -> None:
    form = urlencode({"api.version": 1, "filler": "x" * 900_000}).encode()
    head = (
        f"POST /json-api/version HTTP/1.1\r\nHost: x\r\nAuthorization: whm root:{server.whm_token()}\r\n"
        f"Content-Length: {len(form)}\r\n"
    )
    for end in ("Connection: close\r\n\r\n", "\r\n"):
        two = (head + "\r\n").encode() + form + (head + "Connection: close\r\n\r\n").encode() + form
        request = two if end == "\r\n" else (head + end).encode() + form
        answer = _exchange(server, "whm_plain", request)
        assert answer.count(b"HTTP/1.1 200") == (2 if end == "\r\n" else 1), answer[:200]


# Resellers that own resellers


def test_a_reseller_does_not_reach_through_a_reseller_that_it_owns(server: Server) -> None:
    inner = ("inner", "inner-canary-7Yq2mW")
    server.whm_ok("createacct", RESELLER, username="inner", domain="inner.example", password=inner[1])
    server.whm_ok("setupreseller", user="inner")
    server.whm_ok("setacls", reseller="inner", **{"acl-create-acct": 1, "acl-list-accts": 1})
    server.whm_ok("createacct", inner, username="innermost", domain="innermost.example", password="innermost-Canary-1")
    server.whm_ok("setacls", reseller="reseller",
                  **{f"acl-{acl}": 1 for acl in ("passwd", "list-accts", "acct-summary", "create-user-session", "cpanel-api")})  # fmt: skip
    for name in ("inner", "bob"):
        assert server.whm_ok("accountsummary", RESELLER, user=name)["acct"][0]["owner"] == "reseller"
    assert "innermost" not in {row["user"] for row in server.whm_ok("listaccts", RESELLER)["acct"]}
    assert "do not have access" in server.whm_refused("accountsummary", RESELLER, user="innermost")
    through = {"cpanel.user": "innermost", "cpanel.module": "Tokens", "cpanel.function": "list"}
    assert "do not have access" in server.whm_refused("uapi_cpanel", RESELLER, **through)
    # Neither by its session, nor by its password.
    assert "all" in server.whm_refused("create_user_session", RESELLER, user="inner", service="whostmgrd")
    assert "all" in server.whm_refused("passwd", RESELLER, user="inner", password="taken-Canary-1")
    assert server.status("whm", inner) == 200
    server.whm_ok("create_user_session", RESELLER, user="inner", service="cpaneld")
    server.whm_ok("create_user_session", RESELLER, user="reseller", service="whostmgrd")
    server.whm_ok("create_user_session", user="inner", service="whostmgrd")
    server.whm_ok("passwd", RESELLER, user="bob", password="changed-Canary-1")
