# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotations and modules mark the files that they write, and neither replaces what the other has stored for another token."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cores import result_of_core
from tests.support.rotating import Rotation, sentence_of, sink
from tests.support.server import Server, serving

MARK = "user.panelops.cpanel"
FORMATS: dict[str, dict] = {"raw": {}, "env": {"format": "env", "key": "TOKEN"}}


@pytest.fixture(scope="module")
def other_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("other")) as server:
        yield server


@pytest.fixture
def other(other_server: Server, tmp_path: Path) -> Server:
    """Another server. Skips where files have no extended attributes: nothing can be marked there."""
    probe = tmp_path / "probe"
    probe.write_text("")
    try:
        os.setxattr(probe, MARK, b"{}")
    except OSError as error:
        pytest.skip(f"the file system of {tmp_path} has no extended attributes ({error.strerror})")
    other_server.reset()
    return other_server


def rotation(server: Server, path: Path, name: str = "t", **options: object) -> Rotation:
    """Return a rotation of a token of root's, or of an account's."""
    own = {} if "account" in options else {"acls": ["list-accts"]}
    extra = {key: options.pop(key) for key in ("format", "key") if key in options}
    token = {"name": name, **own, **options, "sinks": [sink(path, **extra)]}
    return Rotation(server, path.parent, [token], {"force": True})


def store(server: Server, path: Path, service: str, **options: object) -> dict:
    """Let a module store the secret of a token."""
    limits = {"acls": ["list-accts"]} if service == "whm" else {}
    return result_of_core(f"{service}_api_token", server.environment, token_file=str(path), **limits, **options)


@pytest.mark.parametrize("exists", [False, True], ids=["new", "live"])
def test_a_file_with_the_secret_of_another_server_is_refused(
    server: Server, other: Server, tmp_path: Path, exists: bool
) -> None:
    """Also if both servers have created a token of this name in the same second."""
    path = tmp_path / "copy"
    if exists:
        server.whm_token("t", acl="list-accts")
    assert store(other, path, "whm", name="t")["changed"]
    there, tokens = path.read_text(), server.whm_tokens()
    for options in (("--check",), ()):
        said = sentence_of(rotation(server, path).run(*options))
        assert said == (
            f"1 of 1 token did not rotate. t: the file sink consumer1:{path}: it holds the secret that was stored for the token t of "
            f"root on 127.0.0.1:{other.port}. It may be live, and whoever uses it there would lose it. Give each token a place of its "
            "own, or remove what is there if nobody uses it. Nothing was changed."
        )
        assert path.read_text() == there
        assert list(server.whm_tokens()) == list(tokens)
    assert other.whm_accepts(there.strip())


def test_a_file_with_the_secret_of_another_token_of_the_account_is_refused(
    server: Server, other: Server, tmp_path: Path
) -> None:
    """cPanel does not say whose a secret is. Once the other token is no more, its secret is replaced."""
    path = tmp_path / "copy"
    rotation(server, path, "u", account="alice").rotated()
    said = sentence_of(rotation(server, path, "t", account="alice").run())
    assert "it holds the secret that was stored for the token u of alice on " in said
    assert server.uapi_accepts(path.read_text().strip())
    assert list(server.uapi_tokens()) == ["u"]
    server.uapi_ok("Tokens::revoke", name="u")
    assert len(rotation(server, path, "t", account="alice").rotated()["rotated"]) == 1


@pytest.mark.parametrize("form", FORMATS)
def test_what_a_rotation_has_delivered_another_servers_does_not_replace(
    server: Server, other: Server, tmp_path: Path, form: str
) -> None:
    path = tmp_path / "copy"
    rotation(other, path, **FORMATS[form]).rotated()
    there = path.read_text()
    assert "the secret that was stored for the token t of root on" in sentence_of(
        rotation(server, path, **FORMATS[form]).run()
    )
    assert path.read_text() == there
    other.advance(2)
    assert len(rotation(other, path, **FORMATS[form]).rotated()["rotated"]) == 1, "its own replaces it"


@pytest.mark.parametrize("service", ["whm", "cpanel"])
def test_what_a_rotation_has_delivered_no_module_replaces(
    server: Server, other: Server, tmp_path: Path, service: str
) -> None:
    path = tmp_path / "copy"
    run = rotation(other, path, account="alice") if service == "cpanel" else rotation(other, path)
    run.rotated()
    there = path.read_text()
    failed = store(server, path, service, name="t", recreate="always")
    assert "holds the secret that a task stored for the token t of " in failed["msg"]
    assert path.read_text() == there


def test_what_a_module_has_stored_its_own_rotation_replaces_and_gives_back(
    server: Server, other: Server, tmp_path: Path
) -> None:
    """With the mark that it had."""
    path = tmp_path / "copy"
    store(server, path, "whm", name="t")
    server.advance(10)
    assert len(rotation(server, path).rotated()["rotated"]) == 1
    there = path.read_text()
    server.advance(10)
    failing = rotation(server, path)
    failing.tokens[0]["sinks"].append(sink(tmp_path / "copy-2", "consumer2"))
    failing.tokens[0]["whitelist_ips"] = ["127.0.0.2"]
    assert "does not accept the new token from consumer2" in sentence_of(failing.run())
    assert path.read_text() == there, "it was put back"
    assert "token t of root" in sentence_of(rotation(other, path).run())
