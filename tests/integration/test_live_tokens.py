# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""recreate: a live token gets no new secret unless the task says so, for whoever uses the old one would be cut off."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.desired import SERVICES
from tests.support.server import Server
from tests.support.stored import Case

LOST = {"missing": None, "empty": "", "of a token that is no more": "A" * 32 + "\n"}


@pytest.mark.parametrize("how", LOST)
def test_a_live_token_whose_secret_is_not_stored(case: Case, how: str) -> None:
    """By default the task fails, and names the ways out; check mode says the same."""
    secret, content = case.make("t"), LOST[how]
    if content is not None:
        case.path.write_text(content)
    case.server.forget_counters()
    checked = case.run(check_mode=True)
    failed = case.run()
    assert failed["failed"]
    assert checked["msg"] == failed["msg"]
    for part in (f"token_file: {case.path} does not hold the secret of the live token t", "recreate: if_unusable"):
        assert part in failed["msg"]
    assert "role rotate" in failed["msg"]
    assert case.server.commits() == {}
    assert case.works(secret)
    assert (case.path.read_text() if case.path.exists() else None) == content
    assert sorted(case.path.parent.iterdir()) == ([] if content is None else [case.path])
    case.path.write_text(secret + "\n")
    case.path.chmod(0o600)
    assert not case.run()["changed"], "the first way out"


@pytest.mark.parametrize("many", [False, True], ids=["single", "bulk"])
@pytest.mark.parametrize("name", ["whm", "cpanel as the account"])
def test_two_hosts_with_a_file_each(server: Server, tmp_path: Path, name: str, many: bool) -> None:
    """Neither ends the secret of the other one."""
    service = SERVICES[name]
    first, second = ({"name": "t", "token_file": str(tmp_path / host)} for host in ("one", "two"))
    assert service.run(server, first, many=many).result["changed"]
    secret = (tmp_path / "one").read_text().strip()
    failed = service.run(server, second, many=many)
    assert failed.failed
    assert "does not hold the secret of the live token t" in failed.result["msg"]
    assert not service.run(server, first, many=many).result["changed"]
    assert service.is_secret_of(server, secret, "t")
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


@pytest.mark.parametrize("recreate", ["if_unusable", "if_changed"])
def test_another_secret_if_the_task_says_so(case: Case, recreate: str) -> None:
    """With a warning, because it ends one that may be in use."""
    old = case.make("t")
    checked = case.run(check_mode=True, recreate=recreate)
    done = case.run(recreate=recreate)
    assert done["changed"]
    assert checked["warnings"] == done["warnings"]
    (warning,) = done["warnings"]
    assert "The token t was live, and" in warning
    assert "cut off" in warning
    assert case.works(case.stored())
    assert not case.works(old)
    assert case.tokens() == ["t"]
    again = case.run(recreate=recreate)
    assert not again["changed"]
    assert again["warnings"] == []


def test_one_that_has_expired_is_reissued(case: Case) -> None:
    """Nobody can be cut off."""
    expires_at = case.server.now() + 60
    if case.create == "api_token_create":
        case.server.whm_token("t", acl="list-accts", expires_at=expires_at)
    else:
        case.server.uapi_token("t", expires_at=expires_at)
    case.server.advance(120)
    done = case.run(expires_in="1d")
    assert done["changed"]
    assert done["warnings"] == []
    assert case.works(case.stored())
    assert case.tokens() == ["t"]
    assert not case.run(expires_in="1d")["changed"]
