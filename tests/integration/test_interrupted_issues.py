# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An issue of our own that was killed between the create and the file: the next run finishes it unasked, and nothing else."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.support.cores import result_of_core
from tests.support.held import held_after_its_create
from tests.support.processes import start
from tests.support.stored import Case, mode_of
from tests.support.waiting import until

TAKEN = (
    "The live token t is taken for the one that an interrupted run created for {path}, and another secret is issued. "
    "It may be that of another run: whoever uses its secret is cut off."
)


def notes(case: Case) -> list[Path]:
    """The notes that a secret is being issued."""
    return sorted(case.path.parent.glob(f".{case.path.name}.issue-*"))


def killed(case: Case, **options: object) -> None:
    """Kill a run while the server creates its token, and wait until that is there."""
    created = case.server.answered(case.create)
    calls = case.server.calls().get(case.create, 0)
    case.server.fault(case.create, "delay:1")
    process = start(case.module, case.server.environment, dict(case.wish, **options))
    until(lambda: case.server.calls().get(case.create, 0) > calls)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    until(lambda: case.server.answered(case.create) > created)


def test_the_first_issue(case: Case) -> None:
    killed(case)
    (note,) = notes(case)
    assert mode_of(note) == 0o600
    checked = case.run(check_mode=True)
    done = case.run()
    assert done["changed"]
    assert done["diff"] == checked["diff"]
    assert done["warnings"] == checked["warnings"] == [TAKEN.format(path=case.path)]
    assert case.tokens() == ["t"]
    assert case.works(case.stored())
    assert notes(case) == []
    assert not case.run()["changed"]


def test_a_reissue(case: Case) -> None:
    """Whatever the server has made of it, consumers have the secret in the file, old or new."""
    case.run()
    killed(case, recreate="always")
    assert case.works(case.stored())
    assert case.run()["changed"]
    assert case.works(case.stored())
    assert case.tokens() == ["t"]
    assert notes(case) == []
    assert not case.run()["changed"]


def refused(case: Case) -> None:
    commits = case.server.commits()
    failed = case.run()
    assert failed["failed"]
    assert "does not hold the secret of the live token t" in failed["msg"]
    assert case.server.commits() == commits


def test_a_token_of_another_time_is_not_the_one_that_was_begun(case: Case) -> None:
    """A snapshot of the host brings back an old note: the token that lives then is another one."""
    killed(case)
    revoke = {"whm_api_token": "api_token_revoke", "cpanel_api_token": "Tokens::revoke"}[case.module]
    if case.module == "whm_api_token":
        case.server.whm_ok(revoke, token_name="t")
    else:
        case.server.uapi_ok(revoke, name="t")
    case.server.advance(130)
    secret = case.make("t")
    refused(case)
    assert case.works(secret)


@pytest.mark.parametrize("how", ["wide mode", "link", "of another token", "no JSON", "of another user"])
def test_a_note_that_is_not_ours(case: Case, how: str) -> None:
    killed(case)
    (note,) = notes(case)
    text = note.read_text()
    if how == "wide mode":
        note.chmod(0o644)
    elif how == "link":
        note.rename(case.path.parent / "elsewhere")
        note.symlink_to(case.path.parent / "elsewhere")
    elif how == "of another user":
        if os.geteuid() != 0:
            pytest.skip("only root can give files away")
        os.chown(note, 65534, 65534)
    else:
        note.write_text(text.replace(" t", " u") if how == "of another token" else "{")
    refused(case)


@pytest.mark.parametrize("recreate", ["if_expired", "if_changed"])
def test_a_reissue_of_a_token_that_is_younger_by_its_stamp(case: Case, recreate: str) -> None:
    """The server's clock was ahead when the old token was created: by their times the new one is the older of the two."""
    case.server.advance(3600)
    case.run()
    old = case.stored()
    case.server.advance(-3600)
    others = {name: case.make(name) for name in ("u", "t--old-server")}
    killed(case, recreate="always")
    assert len(case.tokens()) == 4
    checked = case.run(recreate=recreate, check_mode=True)
    assert checked["changed"]
    done = case.run(recreate=recreate)
    assert done["changed"]
    assert done["diff"] == checked["diff"]
    assert any("It may be that of another run" in warning for warning in done["warnings"])
    assert sorted(case.tokens()) == ["t", "t--old-server", "u"]
    assert case.works(case.stored())
    assert case.stored() != old
    assert not case.works(old)
    assert all(case.works(secret) for secret in others.values())
    assert notes(case) == []
    assert not case.run(recreate=recreate)["changed"]


def test_pruning_leaves_what_a_note_proves(case: Case) -> None:
    """The secret in the file is that of the old token, which the task does not list."""
    case.server.advance(3600)
    case.run()
    case.server.advance(-3600)
    killed(case, recreate="always")
    entry = dict(case.wish, recreate="never")
    scope = {"account": entry.pop("account")} if "account" in entry else {}
    result_of_core(
        f"{case.module}s", case.server.environment, tokens=[{**entry, **scope}], prune=True, prune_prefix="t--old-"
    )
    assert case.works(case.stored())
    assert len(notes(case)) == 1


BEFORE_THE_CREATE = """
import os
from ansible_collections.panelops.cpanel.plugins.module_utils._engine import apply
def killed(*arguments):
    os.kill(os.getpid(), 9)
apply.Engine.{method} = killed
"""


def killed_before(case: Case, method: str, **options: object) -> None:
    """Kill a run whose note is written, before it sends its create."""
    before = BEFORE_THE_CREATE.format(method=method)
    process = start(case.module, case.server.environment, dict(case.wish, **options), before=before)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert len(notes(case)) == 1


def test_a_note_whose_create_was_not_sent_proves_nothing(case: Case) -> None:
    """Another host has created the token meanwhile: its secret is not ended."""
    killed_before(case, "apply")
    secret = case.make("t")
    refused(case)
    assert case.works(secret)


def test_a_reissue_whose_create_was_not_sent(case: Case) -> None:
    """The old token has its other name, and another host creates one with the name that is free."""
    case.run()
    renaming = "api_token_update" if case.module == "whm_api_token" else "Tokens::rename"
    answered = case.server.answered(renaming)
    case.server.fault(renaming, "delay:1")
    process = start(case.module, case.server.environment, dict(case.wish, recreate="always"))
    until(lambda: renaming in case.server.calls())
    process.kill()
    process.communicate()
    until(lambda: case.server.answered(renaming) > answered)
    secret = case.make("t")
    commits = case.server.commits()
    case.run()
    assert case.server.commits() == commits
    assert case.works(secret)
    assert case.works(case.stored())


def test_a_token_with_other_limits_is_not_the_one_that_was_begun(case: Case) -> None:
    killed(case)
    revoke = {"whm_api_token": "api_token_revoke", "cpanel_api_token": "Tokens::revoke"}[case.module]
    expires_at = case.server.now() + 86400
    if case.module == "whm_api_token":
        case.server.whm_ok(revoke, token_name="t")
        secret = case.server.whm_token("t", acl="list-accts", expires_at=expires_at)
    else:
        case.server.uapi_ok(revoke, name="t")
        secret = case.server.uapi_token("t", expires_at=expires_at)
    refused(case)
    assert case.works(secret)


@pytest.mark.parametrize(
    "text", ["[1]", '"x"', "1", "null", "[" * 4000, '{"token": 1}', '{"begun": Infinity}'], ids=lambda text: text[:9]
)
def test_a_file_of_the_user_that_is_called_like_a_note(case: Case, text: str) -> None:
    note = case.path.parent / f".{case.path.name}.issue-password"
    note.write_text(text)
    note.chmod(0o600)
    os.utime(note, (0, 0))
    assert case.run()["changed"]
    assert not case.run()["changed"]
    assert note.read_text() == text


def test_while_another_run_is_at_it(case: Case) -> None:
    """Its token is there, its secret not yet in the file; nothing takes that for an interruption."""
    with held_after_its_create(case) as process:
        refused(case)
    assert process.returncode == 0
    assert case.works(case.stored())
    assert case.tokens() == ["t"]
    assert case.alone()


def test_a_note_stays_while_its_token_lives_and_is_swept_when_it_does_not(case: Case) -> None:
    killed(case)
    (note,) = notes(case)
    os.utime(note, (time.time() - 7200,) * 2)
    left = case.run(recreate="never")
    assert not left["changed"]
    assert notes(case) == [note], "the next run that may issue a secret needs it"
    case.run(state="absent")
    assert case.run()["changed"]
    assert notes(case) == []


@pytest.mark.parametrize("old", [True, False])
def test_an_empty_note_is_swept_when_it_is_old(case: Case, old: bool) -> None:
    """A run was killed before it wrote it. One that is young may be another run's that is about to."""
    note = case.path.parent / f".{case.path.name}.issue-a_b_c_d_"
    note.touch(0o600)
    if old:
        os.utime(note, (time.time() - 7200,) * 2)
    assert case.run()["changed"]
    assert note.exists() is not old


def test_a_task_that_fails_in_an_orderly_way_leaves_no_note(case: Case) -> None:
    case.server.fault(case.create, "status:401")
    assert case.run()["failed"]
    assert list(case.path.parent.iterdir()) == []
