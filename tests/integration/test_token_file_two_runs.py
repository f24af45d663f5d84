# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""token_file: two runs at once with one file. No secret is lost, and what is in the file works."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.held import held_after_its_create, held_before_its_create
from tests.support.processes import result_of, start
from tests.support.stored import Case
from tests.support.waiting import until

NO_LOCKS = """
import errno, fcntl
def flock(handle, operation):
    raise OSError(errno.ENOLCK, "No locks available")
fcntl.flock = flock
"""
"""Python that makes every file system one without locks."""

SHORT_WAIT = """
from ansible_collections.panelops.cpanel.plugins.module_utils._task import lock
lock.held_together.__wrapped__.__defaults__ = (0.3,)
"""
"""Python that shortens the time that a run waits for another one."""


def begin(case: Case, before: str = "", **options: object) -> subprocess.Popen[str]:
    """Start a run, and wait until it has ended or waits for the other one's lock."""
    process = start(case.module, case.server.environment, {**case.wish, **options}, before)
    until(lambda: process.poll() is not None or waits(process.pid, case.path))
    return process


def waits(pid: int, path: Path) -> bool:
    """Has the process opened the lock file? Only one that waits is seen with it, for the other one has it for a long time."""
    for handle in Path(f"/proc/{pid}/fd").glob("*"):
        try:
            if os.readlink(handle) == str(path.with_name(f".{path.name}.panelops-lock")):
                return True
        except OSError:
            continue
    return False


def is_holder_of_a_live_secret(case: Case, name: str) -> bool:
    """Does the file hold the secret of the token that has this name now?"""
    if case.create == "api_token_create":
        return case.server.whm_ok("api_token_get_details", token=case.stored())["name"] == name
    return case.works(case.stored())


@pytest.mark.parametrize("recreate", ["always", "if_unusable"])
def test_both_reissue(case: Case, recreate: str) -> None:
    """The first one must not store its secret over that of the second, which has revoked it."""
    if recreate == "always":
        case.run()
    else:
        case.make("t")
    with held_after_its_create(case, recreate=recreate) as first:
        second = begin(case, recreate=recreate)
    results = [result_of(first), result_of(second)]
    assert [result.get("failed", False) for result in results] == [False, False], results
    assert case.works(case.stored())
    assert is_holder_of_a_live_secret(case, "t")
    assert case.tokens() == ["t"]
    assert case.alone()


def test_the_second_run_finds_what_the_first_one_stored(case: Case, tmp_path: Path) -> None:
    with held_before_its_create(case, tmp_path) as first:
        second = begin(case)
    assert result_of(first)["changed"]
    again = result_of(second)
    assert not again.get("failed"), again
    assert not again["changed"]
    assert again["warnings"] == []
    assert case.works(case.stored())
    assert case.alone()


def test_two_tokens_and_one_file(case: Case) -> None:
    with held_after_its_create(case) as first:
        second = begin(case, name="u")
    assert result_of(first)["changed"]
    refused = result_of(second)
    assert refused.get("failed"), refused
    assert f"token_file: {case.path} holds the secret" in refused["msg"]
    assert case.tokens() == ["t"], "the second one has created nothing"
    assert is_holder_of_a_live_secret(case, "t")
    assert not case.run()["changed"]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_the_first_run_is_killed(case: Case, tmp_path: Path, moment: str) -> None:
    """Its lock ends with it. The second run finds its note, as every later one would."""
    held = held_before_its_create(case, tmp_path) if moment == "before" else held_after_its_create(case)
    with held as first:
        second = begin(case, recreate="if_unusable")
        assert second.poll() is None, second.communicate()
        first.kill()
    first.communicate()
    done = result_of(second)
    assert not done.get("failed"), done
    assert done["changed"]
    assert case.works(case.stored())
    assert case.tokens() == ["t"]


def test_waiting_ends_with_a_sentence(case: Case, tmp_path: Path) -> None:
    with held_before_its_create(case, tmp_path) as first:
        refused = result_of(start(case.module, case.server.environment, case.wish, SHORT_WAIT))
    assert refused.get("failed"), refused
    told = f"Another run has been writing {case.path} for 0.3 seconds. Run again when it has ended"
    assert refused["msg"].startswith(told)
    assert not result_of(first).get("failed")
    assert case.tokens() == ["t"]
    assert case.works(case.stored())


def test_a_run_that_creates_nothing_does_not_wait(case: Case) -> None:
    from ansible_collections.panelops.cpanel.plugins.module_utils._task.lock import held

    case.run()
    with held(str(case.path)):
        assert not case.process()["changed"]
        assert case.process(check_mode=False, recreate="never")["changed"] is False
        assert result_of(
            start(
                case.module,
                case.server.environment,
                {**case.wish, "recreate": "always", "_ansible_check_mode": True, "_ansible_diff": True},
            )
        )["changed"]
    assert case.alone()


def test_where_there_are_no_locks(case: Case) -> None:
    """The file is compared before it is replaced, and a token of the other run is not revoked for its name."""
    case.run()
    with held_after_its_create(case, NO_LOCKS, recreate="always") as first:
        case.server.advance(5)
        second = result_of(begin(case, NO_LOCKS, recreate="always"))
    late = result_of(first)
    assert not second.get("failed"), second
    assert late.get("failed"), late
    assert f"Something else has written {case.path} meanwhile, so it was left as it is." in late["msg"]
    assert case.works(case.stored())
    assert is_holder_of_a_live_secret(case, "t")
    assert case.tokens() == ["t"]
    assert not case.run()["changed"]


def test_many_files_are_locked_in_one_order(case: Case) -> None:
    """Whatever the order of the entries, so two runs with the same files never wait for each other."""
    from ansible_collections.panelops.cpanel.plugins.module_utils._task.lock import held

    scope = {"account": case.wish["account"]} if "account" in case.wish else {}
    first, second = case.path.with_name("a"), case.path.with_name("b")
    tokens = [dict(case.wish, **scope, name=path.name, token_file=str(path)) for path in (second, first)]
    with held(str(first)):
        run = start(f"{case.module}s", case.server.environment, dict(tokens=tokens))
        until(lambda: run.poll() is not None or waits(run.pid, first))
        assert run.poll() is None, run.communicate()
        assert not second.with_name(".b.panelops-lock").exists()
    done = result_of(run)
    assert not done.get("failed"), done
    assert done["changed"]
    assert {path.name for path in case.path.parent.iterdir()} == {"a", "b"}


def test_many_tokens_and_few_open_files(case: Case) -> None:
    """A task may open as many files as its user may, not only as many as a process begins with."""
    before = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (96, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))"
    tokens = [dict(case.wish, name=f"n{n}", token_file=str(case.path.with_name(f"n{n}"))) for n in range(60)]
    done = result_of(start(f"{case.module}s", case.server.environment, dict(tokens=tokens), before))
    assert not done.get("failed"), done
    assert len(list(case.path.parent.iterdir())) == 60
