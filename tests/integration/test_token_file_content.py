# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""token_file: a file that holds anything but a secret of this token is not replaced."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.desired import SERVICES
from tests.support.cores import result_of_core
from tests.support.server import Server
from tests.support.stored import Case

OTHER = {
    "env": b"DB_PASSWORD=hunter2\n",
    "ini": b"[database]\npassword = hunter2\n",
    "two secrets": b"A" * 32 + b"\n" + b"B" * 32 + b"\n",
    "text": b"This is no secret.\n",
    "binary": b"\x00\xff" * 10,
    "blanks and more": b" " * 5000 + b"DB_PASSWORD=hunter2\n",
    "another alphabet": "пароль-от-базы\n".encode(),
}


@pytest.mark.parametrize("many", [False, True], ids=["single", "bulk"])
@pytest.mark.parametrize("exists", [False, True], ids=["new", "live"])
@pytest.mark.parametrize("content", OTHER)
def test_other_things_are_refused_before_any_call(case: Case, content: str, exists: bool, many: bool) -> None:
    secret = case.make("t") if exists else None
    case.path.write_bytes(OTHER[content])
    case.server.forget_counters()
    wish = dict(case.wish, recreate="always")
    for check_mode in (True, False):
        module, options = (f"{case.module}s", {"tokens": [wish]}) if many else (case.module, wish)
        result = result_of_core(module, case.server.environment, check_mode=check_mode, **options)
        assert result["failed"]
        assert f"token_file: {case.path} holds other things than a secret" in result["msg"]
        assert "hunter2" not in result["msg"]
    assert case.server.calls() == {}
    assert case.path.read_bytes() == OTHER[content]
    assert secret is None or case.works(secret)


def test_a_word_that_is_no_secret_of_this_token(case: Case) -> None:
    """It could be a secret, but the server knows none of this kind: it is somebody's password."""
    case.path.write_text("changeme-please\n")
    for check_mode in (True, False):
        failed = case.run(check_mode=check_mode)
        assert failed["failed"]
        assert f"{case.path} holds something that is no secret of t" in failed["msg"]
        assert "changeme" not in failed["msg"]
    assert case.server.commits() == {}
    assert case.path.read_text() == "changeme-please\n"


def test_the_secret_of_a_token_that_is_no_more(case: Case) -> None:
    case.path.write_text("A" * 32 + "\n")
    assert case.run()["changed"]
    assert case.works(case.stored())


@pytest.mark.parametrize("exists", [False, True], ids=["new", "live"])
def test_the_live_secret_of_another_token_of_whm(server: Server, tmp_path: Path, exists: bool) -> None:
    other = server.whm_token("other", acl="list-accts")
    if exists:
        server.whm_token("t", acl="list-accts")
    path = tmp_path / "secret"
    path.write_text(other + "\n")
    for recreate in ("always", "never"):
        failed = SERVICES["whm"].run(server, {"name": "t", "token_file": str(path), "recreate": recreate}, many=False)
        assert failed.failed
        assert f"{path} holds the secret of the live token other" in failed.result["msg"]
    assert path.read_text() == other + "\n"
    assert server.whm_accepts(other)
    assert sorted(server.whm_tokens()) == (["other", "t"] if exists else ["other"])


def test_the_live_secret_of_another_token_of_an_account(server: Server, tmp_path: Path) -> None:
    """cPanel does not say whose it is, but the token of the task does not exist."""
    other = server.uapi_token("other")
    path = tmp_path / "secret"
    path.write_text(other + "\n")
    failed = SERVICES["cpanel through WHM"].run(server, {"name": "t", "token_file": str(path)}, many=False)
    assert failed.failed
    assert f"{path} holds the secret of another live token" in failed.result["msg"]
    assert path.read_text() == other + "\n"
    assert list(server.uapi_tokens()) == ["other"]


@pytest.mark.parametrize("option", ["token_file", "owner", "group", "mode"])
def test_a_nul_is_no_part_of_a_path(case: Case, option: str) -> None:
    failed = case.process(**{option: f"{case.path}\0more"})
    assert failed["failed"]
    assert f"{option}: has a NUL character" in failed["msg"]
    assert case.server.calls() == {}


def test_the_live_secret_of_another_token_of_an_account_whose_own_has_expired(server: Server, tmp_path: Path) -> None:
    """What works cannot be the secret of a token that has expired."""
    path = tmp_path / "t"
    server.uapi_token("t", expires_at=server.now() + 60)
    other = server.uapi_token("other")
    server.advance(120)
    path.write_text(f"{other}\n")
    failed = SERVICES["cpanel through WHM"].run(server, {"name": "t", "token_file": str(path)}, many=False)
    assert "holds the secret of another live token of the account, for t has expired." in failed.result["msg"]
    assert path.read_text() == f"{other}\n"
