# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log files that real servers write too: ``logs/api_tokens_log`` and ``accounting.log``."""

from __future__ import annotations

import gzip
import os
import re
import resource
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.paths import REPOSITORY
from tests.support.server import Server
from tests.support.users import ALICE, RESELLER, ROOT
from tests.support.waiting import until
from tests.token_server.visits import Visit
from token_server.state.clock import Clock
from token_server.state.database import Database
from token_server.state.logs import ApiTokensLog
from token_server.testing import ServerFailed

VERSION = "/json-api/version?api.version=1"
HOST_FORM = re.compile(
    r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}\] info \[whostmgrd\] Host: \['127\.0\.0\.1'\] "
    r"HTTP Status: \['(\d{3})'\], User: \['(\w+)'\], Token Name: \['([\w-]+)'\], Request: \['(.*)'\]"
)
PLAIN_FORM = re.compile(HOST_FORM.pattern.replace(r"Host: \['127\.0\.0\.1'\] ", ""))


def _token_log(server: Server) -> Path:
    return server.state / "logs" / "api_tokens_log"


def _uses(server: Server, form: re.Pattern[str] = HOST_FORM) -> list[tuple[str, ...]]:
    """Return status, user, token and request of each line of the log of API tokens."""
    found = [form.fullmatch(line) for line in _token_log(server).read_text(encoding="ascii").splitlines()]
    assert all(found)
    return [match.groups() for match in found if match is not None]


def _accounts(server: Server) -> list[str]:
    """Return the lines of the accounting log without their times."""
    lines = (server.state / "accounting.log").read_text(encoding="ascii").splitlines()
    return [line[25:] for line in lines]


def test_each_request_with_a_token_has_a_line(start: Callable[..., Server]) -> None:
    server = start()
    secret = server.whm_token("deploy")
    server.whm("version")
    assert _uses(server) == []
    server.whm("version", f"whm root:{secret}")
    line = ("200", "root", "deploy", f"POST {VERSION} HTTP/1.1")
    assert _uses(server) == [line]
    # A refused call was authenticated; a password as Basic may be a token.
    server.whm("nonsense", ("root", secret))
    assert _uses(server)[1:] == [("200", "root", "deploy", "POST /json-api/nonsense?api.version=1 HTTP/1.1")]
    assert secret not in _token_log(server).read_text()
    assert _token_log(server).stat().st_mode & 0o777 == 0o600
    assert _token_log(server).parent.stat().st_mode & 0o777 == 0o700


def test_who_is_not_authenticated_and_tokens_of_accounts_have_none(start: Callable[..., Server]) -> None:
    server = start()
    secret = server.whm_token("short", expires_at=server.now() + 60)
    server.advance(61)
    assert not server.whm_accepts(secret)
    assert not server.whm_accepts("X" * 32)
    assert server.uapi_accepts(server.uapi_token("mine"))
    assert _uses(server) == []


def test_a_line_has_the_name_of_its_moment(start: Callable[..., Server]) -> None:
    server = start()
    header = f"whm root:{server.whm_token('before')}"
    server.whm_ok("api_token_update", header, token_name="before", new_name="after")
    server.whm("version", header)
    assert [token for _status, _user, token, _request in _uses(server)] == ["before", "after"]


def test_the_status_is_the_one_that_was_answered(start: Callable[..., Server]) -> None:
    server = start()
    header = f"whm root:{server.whm_token('deploy')}"
    server.fault("version", "status:503")
    assert server.request("whm", VERSION, header).status_code == 503
    assert [status for status, _user, _token, _request in _uses(server)] == ["503"]


def test_the_older_form(start: Callable[..., Server]) -> None:
    server = start(dialect={"log": "plain"})
    server.whm("version", f"whm reseller:{server.whm_token('deploy', RESELLER)}")
    assert _uses(server, PLAIN_FORM) == [("200", "reseller", "deploy", f"POST {VERSION} HTTP/1.1")]


def _send(server: Server, raw: bytes) -> bytes:
    """Send bytes to WHM over TLS and return what comes back until the connection ends."""
    trust = ssl.create_default_context(cafile=server.ready["ca_file"])
    with (
        socket.create_connection(("127.0.0.1", server.port), timeout=30) as plain,
        trust.wrap_socket(plain, server_hostname="127.0.0.1") as secured,
    ):
        secured.sendall(raw)
        answer = b""
        while part := secured.recv(65536):
            answer += part
    return answer


@pytest.mark.parametrize(
    "target",
    [
        b"/json-api/version?api.version=1&x=%0A%0d[2026-01-01",
        b"/json-api/version?api.version=1&x='],%20Token%20Name:%20['other']",
        b"http://another.example/json-api/version?api.version=1",
    ],
)
def test_the_request_line_is_as_sent_and_forges_no_line(start: Callable[..., Server], target: bytes) -> None:
    server = start()
    secret = server.whm_token("deploy").encode()
    head = b"GET " + target + b" HTTP/1.0\r\nAuthorization: whm root:" + secret + b"\r\n\r\n"
    assert b" 200 " in _send(server, head).partition(b"\r\n")[0]
    raw = _token_log(server).read_bytes()
    assert raw.count(b"\n") == 1
    assert raw.endswith(b"\n")
    [(_status, _user, _token, request)] = _uses(server)
    assert request == f"GET {target.decode()} HTTP/1.0"


@pytest.mark.parametrize("odd", [b"\x00", b"\x07", b"\x1b[2J", b"\r", b"\n", b"\x0b", b"\x7f", b"\xc2\x85"])
def test_control_characters_of_a_target_never_reach_the_log(start: Callable[..., Server], odd: bytes) -> None:
    server = start()
    secret = server.whm_token("deploy").encode()
    _send(
        server,
        b"GET " + VERSION.encode() + b"&x=" + odd + b"y HTTP/1.0\r\nAuthorization: whm root:" + secret + b"\r\n\r\n",
    )
    raw = _token_log(server).read_bytes()
    assert re.fullmatch(rb"(?:[ -~]*\n)?", raw), raw


def test_what_is_not_printable_is_escaped(tmp_path: Path) -> None:
    """The HTTP parser refuses such targets today; the log does not rely on it."""
    database = Database(tmp_path / "state.sqlite3")
    log = ApiTokensLog(tmp_path / "logs" / "log", Clock(database), host=True, limit=1000)
    log.write("127.0.0.1", 200, "root", "deploy", ("GET", b"/\n[\r\x00\x1b\x85\xff'", "1.1"))
    log.close()
    database.close()
    [line] = (tmp_path / "logs" / "log").read_text(encoding="ascii").splitlines()
    assert line.endswith(r"Request: ['GET /\x0a[\x0d\x00\x1b\x85\xff' HTTP/1.1']")


def test_the_log_is_rotated_and_compressed(start: Callable[..., Server]) -> None:
    server = start("--log-size", "2000")
    header = f"whm root:{server.whm_token('deploy')}"
    folder = _token_log(server).parent
    names = {"api_tokens_log", *(f"api_tokens_log.{number}.gz" for number in (1, 2, 3, 4))}
    for number in range(160):
        server.request("whm", f"{VERSION}&number={number}", header)
    until(lambda: set(os.listdir(folder)) == names)
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    server.stop()
    kept = [gzip.decompress((folder / f"api_tokens_log.{number}.gz").read_bytes()) for number in (4, 3, 2, 1)]
    text = b"".join([*kept, _token_log(server).read_bytes()]).decode("ascii")
    numbers = [int(number) for number in re.findall(r"number=(\d+) HTTP", text)]
    # The oldest are gone, and of the rest nothing is missing.
    assert numbers == list(range(numbers[0], 160))
    assert numbers[0] > 0


def test_without_a_size_nothing_is_written(start: Callable[..., Server]) -> None:
    server = start("--log-size", "0")
    server.whm("version", f"whm root:{server.whm_token('deploy')}")
    assert not (server.state / "logs").exists()
    assert not (server.state / "accounting.log").exists()


@pytest.mark.parametrize("place", ["logs/api_tokens_log", "logs"])
def test_links_are_not_followed(start: Callable[..., Server], tmp_path: Path, place: str) -> None:
    server = start()
    server.stop()
    target = tmp_path / "target"
    target.mkdir() if place == "logs" else target.write_text("untouched")
    for path in (_token_log(server), server.state / place):
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
    (server.state / place).symlink_to(target)
    with pytest.raises(ServerFailed, match=r"The log file .* cannot be written"):
        server.start()
    assert list(target.iterdir()) == [] if place == "logs" else target.read_text() == "untouched"


def test_an_accounting_log_that_is_a_link_costs_its_line_only(start: Callable[..., Server], tmp_path: Path) -> None:
    server = start()
    (tmp_path / "target").write_text("untouched")
    (server.state / "accounting.log").symlink_to(tmp_path / "target")
    server.whm_token("deploy")
    os.unlink(server.state / "accounting.log")
    os.mkfifo(server.state / "accounting.log")
    server.whm_token("another")
    assert (tmp_path / "target").read_text() == "untouched"
    assert set(server.whm_tokens()) == {"deploy", "another"}


def test_a_log_that_cannot_grow_fails_no_call(start: Callable[..., Server]) -> None:
    """The process may not write files beyond a size, which the log alone has reached: as on a full disk, a write fails or ends early."""
    server = start()
    header = f"whm root:{server.whm_token('deploy')}"
    server.stop()
    with _token_log(server).open("ab") as file:
        file.write(b"x" * 1_000_000 + b"\n")
    server.start()
    assert server.process is not None
    everything = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (1_000_250, everything[1]))
    for number in range(5):
        assert server.request("whm", f"{VERSION}&full={number}", header).status_code == 200
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, everything)
    assert server.request("whm", f"{VERSION}&space=1", header).status_code == 200
    lines = _token_log(server).read_text().splitlines()[1:]
    # The first line fitted; the half of the second that was written is removed again, and whole lines follow.
    assert all(HOST_FORM.fullmatch(line) for line in lines), lines
    assert [line.partition("api.version=1")[2] for line in lines] == ["&full=0 HTTP/1.1']", "&space=1 HTTP/1.1']"]


def test_a_rotation_that_was_killed_is_finished_later(start: Callable[..., Server]) -> None:
    server = start("--log-size", "1000")
    header = f"whm root:{server.whm_token('deploy')}"
    folder = _token_log(server).parent
    (folder / "api_tokens_log.rotated").write_text("set aside\n")
    (folder / ".api_tokens_log.gz").write_text("half of it")
    for _number in range(8):
        server.whm("version", header)
    until((folder / "api_tokens_log.1.gz").exists)
    server.stop()
    kept = [gzip.decompress(path.read_bytes()) for path in folder.glob("*.gz") if not path.name.startswith(".")]
    assert b"set aside\n" in kept
    assert not (folder / ".api_tokens_log.gz").exists()


def test_accounting_knows_every_way_to_change_a_token(start: Callable[..., Server]) -> None:
    server = start()
    server.whm_token("by-http")
    server.whm_ok("api_token_update", token_name="by-http", new_name="renamed")
    server.whm_ok("batch", command=["api_token_create?token_name=in-batch", "api_token_revoke?token_name=in-batch"])
    server.whm_token("of-reseller", RESELLER)
    # What is refused changes nothing, except the known names of a revoke.
    server.whm_refused("api_token_create", token_name="renamed")
    server.whm_refused("api_token_revoke", token_name=["unknown", "renamed"])
    server.uapi_token("of-an-account", ALICE)
    assert _accounts(server) == [
        "CREATEAPITOKEN:root:root:not-applicable:by-http",
        "UPDATEAPITOKEN:root:root:not-applicable:by-http",
        "CREATEAPITOKEN:root:root:not-applicable:in-batch",
        "REVOKEAPITOKEN:root:root:not-applicable:in-batch",
        "CREATEAPITOKEN:reseller:reseller:not-applicable:of-reseller",
        "REVOKEAPITOKEN:root:root:not-applicable:renamed",
    ]
    assert (server.state / "accounting.log").stat().st_mode & 0o777 == 0o600


def test_accounting_knows_the_pages_and_the_tools(start: Callable[..., Server]) -> None:
    server = start()
    Visit(server, "whm", ROOT).create(name="by-page")
    environment = {**os.environ, **server.on_the_server}
    for command in ("api_token_create token_name=by-tool", "api_token_revoke token_name=by-page"):
        subprocess.run(["whmapi1", "--output=json", *command.split()], env=environment, check=True, capture_output=True)
    assert _accounts(server) == [
        "CREATEAPITOKEN:root:root:not-applicable:by-page",
        "CREATEAPITOKEN:root:root:not-applicable:by-tool",
        "REVOKEAPITOKEN:root:root:not-applicable:by-page",
    ]


def test_accounting_says_the_local_time_of_the_servers_clock(start: Callable[..., Server]) -> None:
    server = start()
    # A day of one digit, which asctime pads with a space.
    server.control("POST", "/clock", {"set": 1_780_900_000})
    server.whm_token("timed")
    server.whm("version", f"whm root:{server.whm_token('used')}")
    line = (server.state / "accounting.log").read_text().splitlines()[0]
    assert line[:24] in {time.ctime(1_780_900_000 + late) for late in range(30)}
    stamp = time.strftime("[%Y-%m-%d %H:", time.localtime(1_780_900_000))
    assert _token_log(server).read_text().startswith(stamp)


def test_tools_lose_no_line_while_the_server_rotates(start: Callable[..., Server], tmp_path: Path) -> None:
    server = start("--log-size", "400")
    script = (
        "import sys; from pathlib import Path; from token_server.state.folder import StateFolder\n"
        "from token_server.state.engine import Engine; engine = Engine(StateFolder(Path(sys.argv[1])))\n"
        "root = engine.store.account('root')\n"
        "number = 0\n"
        "while not Path(sys.argv[2]).exists():\n"
        "    engine.account_for('CREATE', root, f'tool-{number}'); number += 1\n"
        "print(number)\n"
    )
    enough, log = tmp_path / "enough", server.state / "accounting.log"
    command = [sys.executable, "-c", script, str(server.state), str(enough)]
    created: list[str] = []

    def rotated() -> bool:
        """Let the server write, and rotate unless the tool is writing just then; once at most, so that no generation is dropped."""
        created.append(f"http-{len(created)}")
        server.whm_token(created[-1])
        return any(server.state.glob("accounting.log.*"))

    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as tool:
        try:
            until(lambda: log.exists() and "tool-0" in log.read_text())
            until(rotated)
            until(lambda: log.exists() and "tool-" in log.read_text())
        finally:
            enough.touch()
        written = tool.communicate()[0]
    server.stop()
    names = []
    for path in server.state.glob("accounting.log*"):
        text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        names += [line.rpartition(b":")[2].decode() for line in text.splitlines()]
    assert sorted(names) == sorted([f"tool-{number}" for number in range(int(written))] + created)
