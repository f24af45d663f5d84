# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m token_server pack`` and ``restore``: accounts go back in time and to other servers, with their API tokens."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import REPOSITORY
from tests.support.server import Server
from tests.support.users import ALICE, RESELLER, SUSPENDED


def _run(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "token_server", *map(str, words)]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)


def _pack(server: Server, user: str, path: Path) -> str:
    done = _run("pack", "--state", server.state, "--user", user, path)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def _restore(server: Server, path: Path, *options: str) -> str:
    done = _run("restore", "--state", server.state, path, *options)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def _refused(*words: object) -> str:
    """Return the one sentence of a command that must fail."""
    done = _run(*words)
    assert (done.returncode, done.stdout) == (1, ""), done
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("token_server: ")
    assert done.stderr.endswith(".\n")
    return done.stderr


def test_a_restore_brings_back_what_was_revoked_and_drops_what_is_newer(server: Server, tmp_path: Path) -> None:
    revoked, renamed = server.uapi_token("revoked", expires_at=server.now() + 1000), server.uapi_token("before")
    before = server.uapi_tokens()
    assert _pack(server, "alice", tmp_path / "alice.tar.gz") == "Packed the account alice with 2 API tokens.\n"
    server.uapi_ok("Tokens::revoke", name="revoked")
    server.uapi_ok("Tokens::rename", name="before", new_name="after")
    newer = server.uapi_token("newer")
    assert "with 2 API tokens" in _restore(server, tmp_path / "alice.tar.gz")
    assert server.uapi_tokens() == before
    assert [server.uapi_accepts(secret) for secret in (revoked, renamed, newer)] == [True, True, False]


def test_tokens_can_be_skipped(server: Server, tmp_path: Path) -> None:
    server.uapi_token("revoked")
    _pack(server, "alice", tmp_path / "alice.tar.gz")
    server.uapi_ok("Tokens::revoke", name="revoked")
    newer = server.uapi_token("newer")
    server.whm_ok("suspendacct", user="alice")
    expected = "Restored the account alice, which root owns, without API tokens.\n"
    assert _restore(server, tmp_path / "alice.tar.gz", "--skip-api-tokens") == expected
    # The rest is as it was.
    assert set(server.uapi_tokens()) == {"newer"}
    assert server.uapi_accepts(newer)


def test_a_moved_reseller_has_both_kinds_of_tokens_on_both_servers(
    start: Callable[..., Server], server: Server, tmp_path: Path
) -> None:
    whm = server.whm_token("whm", RESELLER, acl=["list-accts"], whitelist_ip=["127.0.0.0/8"])
    uapi = server.uapi_token("uapi", RESELLER)
    listed = server.whm_tokens(RESELLER), server.uapi_tokens(RESELLER)
    _pack(server, "reseller", tmp_path / "moved.tar.gz")
    (tmp_path / "empty.yml").write_text("{}")
    other = start(fixture=tmp_path / "empty.yml")
    assert _restore(other, tmp_path / "moved.tar.gz").startswith("Created the account reseller, which root owns,")
    assert (other.whm_tokens(RESELLER), other.uapi_tokens(RESELLER)) == listed
    for each in (server, other):
        assert each.whm_accepts(whm, "reseller")
        assert each.uapi_accepts(uapi, "reseller")
        assert set(each.whm_ok("myprivs", RESELLER)["privileges"][0])


def test_the_owner_moves_along_where_it_exists(server: Server, tmp_path: Path) -> None:
    _pack(server, "bob", tmp_path / "bob.tar.gz")
    server.whm_ok("removeacct", username="bob")
    assert "which reseller owns" in _restore(server, tmp_path / "bob.tar.gz")
    assert server.whm_ok("accountsummary", RESELLER, user="bob")["acct"][0]["owner"] == "reseller"
    _pack(server, "reseller", tmp_path / "reseller.tar.gz")
    server.whm_ok("removeacct", username="reseller")
    assert "which root owns" in _restore(server, tmp_path / "bob.tar.gz")
    _restore(server, tmp_path / "reseller.tar.gz")


def test_passwords_and_suspensions_come_back(server: Server, tmp_path: Path) -> None:
    _pack(server, "alice", tmp_path / "alice.tar.gz")
    _pack(server, "suspended", tmp_path / "suspended.tar.gz")
    server.whm_ok("passwd", user="alice", password="another-password")
    server.whm_ok("unsuspendacct", user="suspended")
    _restore(server, tmp_path / "alice.tar.gz")
    _restore(server, tmp_path / "suspended.tar.gz")
    assert server.status("cpanel", ALICE) == 200
    assert server.status("cpanel", SUSPENDED) == 401


def test_an_archive_is_private_and_holds_no_secret(server: Server, tmp_path: Path) -> None:
    secret = server.uapi_token("mine")
    path = tmp_path / "alice.tar.gz"
    path.write_text("an older one")
    path.chmod(0o644)
    _pack(server, "alice", path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["alice.tar.gz"]
    content = gzip.decompress(path.read_bytes())
    assert secret.encode() not in content
    assert ALICE.password.encode() not in content


def test_what_cannot_be_packed(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "target.tar.gz"
    assert "no account named" in _refused("pack", "--state", server.state, "--user", "nobody", target)
    assert "Root is not" in _refused("pack", "--state", server.state, "--user", "root", target)
    assert "cannot be written" in _refused("pack", "--state", server.state, "--user", "alice", tmp_path)
    missing = tmp_path / "missing" / "target.tar.gz"
    assert "cannot be written" in _refused("pack", "--state", server.state, "--user", "alice", missing)
    assert "no state of a token server" in _refused("pack", "--state", tmp_path, "--user", "alice", target)
    assert os.listdir(tmp_path) == []


@pytest.fixture
def content(server: Server, tmp_path: Path) -> dict[str, Any]:
    """What an archive of alice with one API token says."""
    server.uapi_token("mine")
    _pack(server, "alice", tmp_path / "good.tar.gz")
    with tarfile.open(tmp_path / "good.tar.gz") as archive:
        file = archive.extractfile("account.json")
        assert file is not None
        parsed: dict[str, Any] = json.load(file)
    return parsed


def _archive(path: Path, document: bytes, **changes: Any) -> Path:
    """Write an archive whose one entry has other properties."""
    member = tarfile.TarInfo("account.json")
    member.size = len(document)
    for name, value in changes.items():
        setattr(member, name, value)
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(member, io.BytesIO(document))
    return path


def _changed(content: dict[str, Any], part: str, name: str, value: object) -> dict[str, Any]:
    """Return the content with one value changed, in the account, its one API token, or at the top."""
    copy: dict[str, Any] = json.loads(json.dumps(content))
    where = {"account": copy["account"], "token": copy["tokens"][0], "top": copy}[part]
    where[name] = value
    return copy


@pytest.mark.parametrize(
    ("part", "name", "value", "sentence"),
    [
        ("top", "kind", "another", "not packed by a reference server"),
        ("top", "version", 2, "another version than 1"),
        ("top", "version", None, "another version than 1"),
        ("top", "more", 1, "other parts"),
        ("top", "owner", 1, "other parts"),
        ("top", "tokens", {}, "other parts"),
        ("top", "tokens", ["mine"], "An API token is not an object"),
        ("top", "account", [], "account is not an object"),
        ("account", "username", "root", "root is not"),
        ("account", "username", "../alice", "username"),
        ("account", "username", 7, "username"),
        ("account", "kind", "root", "kind"),
        ("account", "domain", "x'); DROP TABLE tokens; --", "domain"),
        ("account", "password_hash", "scrypt$1073741824$AAAA$AAAA", "password_hash"),
        ("account", "password_hash", "plain", "password_hash"),
        ("account", "suspended", True, "suspended"),
        ("account", "acls", '["no-such-privilege"]', "acls"),
        ("account", "acls", "[" * 90_000, "acls"),
        ("account", "features", "{}", "features"),
        ("account", "create_time", -1, "create_time"),
        ("account", "id = 1, username", "x", "does not know"),
        ("account", "id", 1, "does not know"),
        ("token", "account_id", 1, "does not know"),
        ("token", "service", "other", "service"),
        ("token", "name", "a\nb", "name"),
        ("token", "digest", "00", "digest"),
        ("token", "expires_at", 10**30, "expires_at"),
        ("token", "create_time", 1.5, "create_time"),
        ("token", "addresses", '["everywhere"]', "addresses"),
        ("token", "readonly", 2, "readonly"),
        ("token", "last_used", "never", "last_used"),
    ],
)  # fmt: skip
def test_values_that_cannot_be_are_refused(
    server: Server, tmp_path: Path, content: dict[str, Any], part: str, name: str, value: object, sentence: str
) -> None:
    before = server.uapi_tokens(), server.whm_ok("listaccts")
    wrong = json.dumps(_changed(content, part, name, value)).encode()
    said = _refused("restore", "--state", server.state, _archive(tmp_path / "wrong.tar.gz", wrong))
    assert sentence.lower() in said.lower()
    assert (server.uapi_tokens(), server.whm_ok("listaccts")) == before


def test_a_missing_value_and_one_token_twice(server: Server, tmp_path: Path, content: dict[str, Any]) -> None:
    lacking = _changed(content, "top", "version", 1)
    del lacking["tokens"][0]["digest"]
    path = _archive(tmp_path / "wrong.tar.gz", json.dumps(lacking).encode())
    assert "lacks \u201cdigest\u201d" in _refused("restore", "--state", server.state, path)
    twice = _changed(content, "top", "tokens", content["tokens"] * 2)
    path = _archive(tmp_path / "wrong.tar.gz", json.dumps(twice).encode())
    assert "do not fit together" in _refused("restore", "--state", server.state, path)
    assert set(server.uapi_tokens()) == {"mine"}


def test_the_secret_of_another_account_is_refused(server: Server, tmp_path: Path, content: dict[str, Any]) -> None:
    path = _archive(tmp_path / "bob.tar.gz", json.dumps(_changed(content, "account", "username", "bob")).encode())
    assert "do not fit together" in _refused("restore", "--state", server.state, path)
    assert set(server.uapi_tokens()) == {"mine"}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": "../account.json"}, "first entry"),
        ({"name": "/etc/passwd"}, "first entry"),
        ({"type": tarfile.SYMTYPE, "linkname": "/etc/passwd", "size": 0}, "first entry"),
        ({"type": tarfile.LNKTYPE, "linkname": "account.json", "size": 0}, "first entry"),
        ({"type": tarfile.DIRTYPE, "size": 0}, "first entry"),
        ({"type": tarfile.FIFOTYPE, "size": 0}, "first entry"),
        ({"size": 10**9}, "damaged"),
    ],
)  # fmt: skip
def test_paths_and_links_are_refused(server: Server, tmp_path: Path, changes: dict[str, Any], sentence: str) -> None:
    path = tmp_path / "wrong.tar.gz"
    if changes.get("size", 0) > 1000:
        member = tarfile.TarInfo("account.json")
        member.size = changes["size"]
        path.write_bytes(gzip.compress(member.tobuf() + b"{}"))
    else:
        _archive(path, b"" if "size" in changes else b"{}", **changes)
    assert sentence in _refused("restore", "--state", server.state, path)


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (b"", "not JSON"), (b"{", "not JSON"), (b"\xff", "not JSON"), (b"NaN", "not JSON"),
        (b"[" * 200_000, "nested too deep"), (b"[]", "not packed"), (b"1" * 5000, "not JSON"),
    ],
)  # fmt: skip
def test_what_is_not_json_is_refused(server: Server, tmp_path: Path, document: bytes, sentence: str) -> None:
    path = _archive(tmp_path / "wrong.tar.gz", document)
    assert sentence in _refused("restore", "--state", server.state, path)


def test_what_is_no_archive_is_refused(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "wrong.tar.gz"
    cases = {
        b"": "not a tar archive", b"text": "not compressed", gzip.compress(b"text"): "not a tar archive",
        gzip.compress(b"x" * 5000)[:-9]: "not compressed", gzip.compress(bytes(70 * 1024 * 1024)): "once it is decompressed",
    }  # fmt: skip
    for content, sentence in cases.items():
        path.write_bytes(content)
        said = _refused("restore", "--state", server.state, path)
        assert sentence in said or (content == b"" and "refused" in said), said
    with path.open("wb") as file:
        file.truncate(17 * 1024 * 1024)
    assert "larger than" in _refused("restore", "--state", server.state, path)
    path.unlink()
    assert "cannot be read" in _refused("restore", "--state", server.state, path)
    os.mkfifo(path)
    assert "not a regular file" in _refused("restore", "--state", server.state, path)


def test_two_entries_are_refused(server: Server, tmp_path: Path, content: dict[str, Any]) -> None:
    document = json.dumps(content).encode()
    with tarfile.open(tmp_path / "two.tar.gz", "w:gz") as archive:
        for name in ("account.json", "another.json"):
            member = tarfile.TarInfo(name)
            member.size = len(document)
            archive.addfile(member, io.BytesIO(document))
    assert "more entries" in _refused("restore", "--state", server.state, tmp_path / "two.tar.gz")
