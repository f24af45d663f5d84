# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""token_file: killed at any moment, a module leaves a whole file with a secret that works, and the next run ends right."""

from __future__ import annotations

import os
import signal
import time

import pytest

from tests.support.limits import patience
from tests.support.processes import start
from tests.support.stored import Case, mode_of
from tests.support.waiting import until

KILL = """
import os
def killing(name, number, after, real):
    def call(*arguments, **keywords):
        global left
        left -= 1
        if left == 0 and not after:
            os.kill(os.getpid(), 9)
        result = real(*arguments, **keywords)
        if left == 0:
            os.kill(os.getpid(), 9)
        return result
    return call
left = {number}
os.{name} = killing({name!r}, {number}, {after}, os.{name})
"""


@pytest.mark.parametrize(
    ("name", "number", "after"),
    [
        ("fsync", 1, True),
        ("fsync", 2, True),
        ("fsync", 3, False),
        ("fsync", 3, True),
        ("replace", 1, False),
        ("replace", 1, True),
    ],
)
def test_killed_while_it_writes(case: Case, name: str, number: int, after: bool) -> None:
    """Whichever moment it is, the file is the whole old one or the whole new one, and the next run ends right.

    With cPanel the old secret still authenticates then, although its token is only one put aside, so it proves nothing.
    """
    case.run()
    old = case.stored()
    before = KILL.format(name=name, number=number, after=after)
    process = start(case.module, case.server.environment, dict(case.wish, recreate="always"), before=before)
    process.communicate(timeout=patience(60))
    assert process.returncode == -signal.SIGKILL
    assert (case.stored() == old) is not (name == "replace" and after)
    assert case.works(case.stored())
    assert mode_of(case.path) == 0o600
    left = [path for path in case.path.parent.iterdir() if path != case.path]
    assert all(mode_of(path) == 0o600 for path in left)
    for path in left:
        os.utime(path, (time.time() - 7200,) * 2)
    case.run(recreate="never")
    assert case.works(case.stored()), "what the stored secret may belong to is not tidied away"
    case.run()
    assert case.works(case.stored())
    assert case.tokens() == ["t"]
    case.run(recreate="always")
    assert list(case.path.parent.iterdir()) == [case.path], "what the killed run left is swept away"


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_while_the_server_works(case: Case, moment: str) -> None:
    """Before the token is made, and after its secret is stored, but not yet the old token revoked."""
    case.run()
    old = case.stored()
    revoke = "api_token_revoke" if case.module == "whm_api_token" else "Tokens::revoke"
    waiting = case.create if moment == "before" else revoke
    case.server.forget_counters()
    answered = case.server.answered(waiting)
    case.server.fault(waiting, "delay:2")
    process = start(case.module, case.server.environment, dict(case.wish, recreate="always"))
    until(lambda: waiting in case.server.calls())
    process.kill()
    process.communicate()
    assert (case.stored() == old) is (moment == "before")
    assert case.works(case.stored())
    settled = case.run()
    assert settled["changed"]
    assert case.works(case.stored())
    until(lambda: case.server.answered(waiting) - answered == case.server.calls()[waiting])
    assert case.works(case.stored()), "also when the call that nobody waited for has come to its end"
    assert case.tokens() == ["t"]
