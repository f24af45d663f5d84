# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one change makes of answers, lost answers and the state, without an engine around it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._engine.changes import (
    CLOCK_SLACK,
    Creation,
    Revocation,
    Updating,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._engine.entry import Entry
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import (
    AnswerLost,
    NotAuthenticated,
    PanelopsError,
    Refused,
    UnusableSecret,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._model.plan import Create, Plan, Revoke, TakeName, Update
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import WhmToken

from tests.unit.engine.model import NOW, whm

LOST, NO, BAD = AnswerLost("fun", "cut"), Refused("fun", "no"), UnusableSecret("fun")
NEW = whm(create_time=None)


def creation(begun: int = NOW) -> Creation:
    step = Create(NEW)
    return Creation(Entry(Plan(None, NEW, (step,)), "owner"), step, begun)


def updating(step: Update, *more: object) -> Updating:
    return Updating(Entry(Plan(whm(), step.token, (step, *more)), "owner"), step)


def found(**more: object) -> dict[str, WhmToken]:
    return {"t": whm(**{"create_time": NOW, **more})}


def test_a_change_belongs_to_the_owner_of_its_entry() -> None:
    assert creation().owner == updating(Update("t", whm())).owner == Revocation("owner", []).owner == "owner"


def test_only_a_lost_answer_is_doubtful_at_first_and_then_everything() -> None:
    change = creation()
    assert (change.attempts, change.losses, change.trouble, change.unknown) == (0, 0, None, False)
    assert change.is_doubtful(NO) is False
    assert (change.attempts, change.losses, change.trouble) == (1, 0, NO)
    assert change.is_doubtful(LOST) is True
    assert (change.attempts, change.losses, change.trouble) == (2, 1, LOST)
    assert change.is_doubtful(NO) is True
    assert (change.attempts, change.losses, change.trouble) == (3, 1, NO)


def test_each_denial_is_one_more_attempt_that_may_have_been_carried_out() -> None:
    change = creation()
    assert [(change.is_doubtful(NotAuthenticated("No.")), change.doubts) for _each in range(2)] == [
        (True, 1),
        (True, 2),
    ]


def test_a_secret_that_cannot_be_one_is_not_doubtful_even_after_a_loss() -> None:
    change = creation()
    change.is_doubtful(LOST)
    assert change.is_unusable is False
    assert change.is_doubtful(BAD) is False
    assert change.is_unusable is True


def test_a_refused_revocation_is_doubtful() -> None:
    assert Revocation(None, []).is_doubtful(NO) is True
    assert Revocation(None, []).is_doubtful(LOST) is True
    assert Revocation(None, []).is_doubtful(PanelopsError("x")) is False


def test_what_was_sent_and_not_answered_is_unsettled() -> None:
    change = creation()
    assert change.is_unsettled is change.orphaned is change.taken is False
    change.is_doubtful(LOST)
    assert change.is_unsettled is True
    change.entry.secret = "s"
    assert change.is_unsettled is False
    change.entry.secret, change.entry.error = None, NO
    assert change.is_unsettled is False


@pytest.mark.parametrize(
    ("create_time", "losses", "orphaned"),
    [
        (NOW, 1, True),
        (NOW - CLOCK_SLACK, 1, True),
        (NOW - CLOCK_SLACK - 1, 1, False),
        (None, 1, True),
        (NOW, 0, False),
    ],
)
def test_whose_a_token_is_that_has_appeared(create_time: int | None, losses: int, orphaned: bool) -> None:
    change = creation()
    for _loss in range(losses):
        change.is_doubtful(LOST)
    assert change.settle(found(create_time=create_time)) is False
    assert (change.orphaned, change.taken) == (orphaned, not orphaned)
    assert change.settle({}) is False
    assert (change.orphaned, change.taken) == (False, False)


def test_each_lost_call_can_have_created_one_token() -> None:
    change = creation()
    change.is_doubtful(LOST)
    change.settle(found())
    change.settle(found())
    assert (change.orphaned, change.taken) == (False, True), "the second one is somebody else's"
    change.is_doubtful(LOST)
    change.settle(found())
    assert change.orphaned is True
    change.settle(found())
    assert (change.orphaned, change.taken) == (False, True), "both calls are accounted for"


def test_when_a_creation_may_be_sent_again() -> None:
    change = creation()
    assert change.may_be_sent_again() is False
    change.is_doubtful(LOST)
    assert change.may_be_sent_again() is True
    change.is_doubtful(NO)
    assert change.may_be_sent_again() is False
    change.settle(found())
    assert change.may_be_sent_again() is True, "it was refused for the lost one's sake"
    change.is_doubtful(NO)
    assert change.may_be_sent_again() is False, "three attempts are enough"
    twice = creation()
    twice.is_doubtful(LOST)
    twice.is_doubtful(LOST)
    assert twice.may_be_sent_again() is False


def test_a_creation_is_not_sent_again_where_its_name_is_taken_or_what_it_made_is_stuck() -> None:
    change = creation()
    change.is_doubtful(LOST)
    change.settle(found(create_time=1))
    assert change.may_be_sent_again() is False
    stuck = creation()
    stuck.is_doubtful(LOST)
    stuck.stuck = NO
    assert stuck.may_be_sent_again() is False


ABSENT = "The token t was not there when last looked at, but a late call may still create it."


def test_why_a_creation_is_given_up() -> None:
    change = creation()
    assert str(change.reason()) == ABSENT
    change.is_doubtful(LOST)
    assert str(change.reason()) == f"The answer to fun was lost (cut). {ABSENT} Run again."
    change.settle(found(create_time=1))
    assert str(change.reason()) == (
        "The answer to fun was lost (cut). Another token t is there, so it is left alone. Run again."
    )
    change.is_doubtful(LOST)
    change.settle({})
    assert str(change.reason()) == f"The answer to fun was lost twice (cut). {ABSENT} Run again."
    change.is_doubtful(NO)
    assert change.reason() is NO
    change.is_doubtful(BAD)
    assert str(change.reason()) == f"{BAD} The token t was revoked."
    change.stuck = PanelopsError("It is stuck.")
    assert str(change.reason()) == (
        f"{BAD} The token t was created all the same and nobody has its secret, but it could not be revoked: It is stuck."
    )


def test_a_creation_notes_in_its_entry_whether_an_answer_was_lost() -> None:
    change = creation()
    change.fail(NO)
    assert (change.entry.lost, change.entry.error) == (False, NO)
    change = creation()
    change.is_doubtful(LOST)
    change.fail(LOST)
    assert (change.entry.lost, change.entry.error) == (True, LOST)


def test_a_created_token_is_noted_and_its_secret_is_stored() -> None:
    kept: list[str] = []
    change = creation()
    change.entry.keep = kept.append
    change.succeed((whm(), "s"))
    entry = change.entry
    assert (entry.token, entry.secret, entry.changed, entry.done, kept) == (whm(), "s", True, [change.step], ["s"])
    assert entry.is_kept is True
    assert entry.error is None
    change = creation()
    change.succeed((whm(), "s"))
    assert change.entry.is_kept is False


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (PanelopsError("The disk is full."), "The disk is full."),
        (ValueError("s"), "The secret could not be stored (ValueError)."),
    ],
)
def test_a_secret_that_cannot_be_stored_stays_in_the_entry(error: Exception, sentence: str) -> None:
    def keep(secret: str) -> None:
        raise error

    change = creation()
    change.entry.keep = keep
    change.succeed((whm(), "s"))
    assert str(change.entry.error) == sentence
    assert (change.entry.secret, change.entry.is_kept) == ("s", False)


OLD, RENAMED, OTHER = whm(), whm("new"), whm(acls=frozenset({"stats"}))


@pytest.mark.parametrize(
    ("step", "live", "settled", "moved"),
    [
        (Update("t", OLD), [OLD], True, False),
        (Update("t", OTHER), [OTHER], True, False),
        (Update("t", OTHER), [OLD], False, False),
        (Update("t", OTHER), [], False, True),
        (Update("t", OTHER), [replace(OTHER, create_time=NOW)], False, True),
        (Update("t", replace(OTHER, create_time=None)), [replace(OTHER, create_time=NOW)], True, False),
        (Update("t", replace(OTHER, create_time=None)), [OLD], False, False),
        (Update("t", RENAMED), [RENAMED], True, False),
        (Update("t", RENAMED), [replace(RENAMED, acls=frozenset())], True, False),
        (Update("t", replace(RENAMED, create_time=None)), [replace(RENAMED, acls=frozenset())], False, True),
        (Update("t", replace(RENAMED, create_time=None)), [RENAMED], True, False),
        (Update("t", RENAMED), [OLD], False, False),
        (Update("t", RENAMED), [OLD, RENAMED], False, False),
        (Update("t", RENAMED), [replace(RENAMED, create_time=NOW)], False, True),
        (Update("t", RENAMED), [replace(OLD, create_time=NOW)], False, True),
    ],
)
def test_what_the_state_says_of_an_update(step: Update, live: list, settled: bool, moved: bool) -> None:
    change = updating(step)
    assert change.settle({token.name: token for token in live}) is settled
    assert change.moved is moved
    assert change.entry.changed is settled
    assert change.entry.done == ([step] if settled else [])
    assert change.entry.token == (live[-1] if settled else None)


def test_an_update_of_what_has_moved_is_not_sent_again() -> None:
    change = updating(Update("t", OTHER))
    change.is_doubtful(LOST)
    assert change.may_be_sent_again() is True
    change.settle({})
    assert change.may_be_sent_again() is False
    assert str(change.reason()) == (
        "The answer to fun was lost (cut). Something else has changed the token t meanwhile. Run again."
    )


def test_why_an_update_is_given_up() -> None:
    change = updating(Update("t", RENAMED))
    change.is_doubtful(LOST)
    assert str(change.reason()) == (
        "The answer to fun was lost (cut). The token t was not as asked when last looked at. Run again."
    )
    change = updating(Update("t", RENAMED), Create(NEW))
    change.is_doubtful(LOST)
    assert str(change.reason()) == (
        "The answer to fun was lost (cut). The old token was unchanged when last looked at. Run again."
    )
    change = updating(TakeName("t", RENAMED), Create(NEW))
    assert str(change.reason()) == "The token t was not as asked when last looked at."


@pytest.mark.parametrize(
    ("change", "certain"),
    [
        (updating(Update("t", RENAMED), Create(NEW)), True),
        (updating(Update("t", RENAMED), Revoke(("t",))), False),
        (updating(TakeName("t", RENAMED), Create(NEW)), False),
    ],
)
def test_the_old_token_of_a_reissue_is_said_to_be_unchanged_where_that_is_certain(
    change: Updating, certain: bool
) -> None:
    change.fail(NO)
    assert str(change.entry.error) == f"{NO} The old token is unchanged." if certain else str(NO)


@pytest.mark.parametrize("doubt", ["losses", "unknown", "moved"])
def test_the_old_token_of_a_reissue_is_not_said_to_be_unchanged_in_doubt(doubt: str) -> None:
    change = updating(Update("t", RENAMED), Create(NEW))
    setattr(change, doubt, True)
    change.fail(NO)
    assert change.entry.error is NO


def test_a_revocation_notes_each_name_in_its_own_entry() -> None:
    one, two = Entry(), Entry()
    change = Revocation(None, [(one, "a"), (two, "b"), (one, "c")])
    assert change.aftermath() == "Still there: a, b, c."
    assert change.settle({"b": whm("b"), "c": whm("c"), "d": whm("d")}) is False
    assert (one.changed, one.revoked, two.changed, two.revoked) == (True, ["a"], False, [])
    assert change.aftermath() == "Still there: b, c."
    change.fail(NO)
    assert one.error is two.error is NO
    change.succeed(None)
    assert (one.revoked, two.changed, two.revoked) == (["a", "c"], True, ["b"])
    assert change.settle({"a": whm("a")}) is True
    change.fail(LOST)
    assert one.error is NO


def test_a_revocation_fails_only_what_is_left() -> None:
    one, two = Entry(), Entry()
    change = Revocation(None, [(one, "a"), (two, "b")])
    change.settle({"b": whm("b")})
    change.fail(NO)
    assert (one.error, two.error) == (None, NO)


def test_an_entry_keeps_its_first_error_and_takes_no_step_after_it() -> None:
    entry = Entry(Plan(None, NEW, (Create(NEW), Update("t", OLD), Revoke(("t",)), TakeName("t", OLD))))
    assert entry.steps(Create) == [Create(NEW)]
    assert entry.steps(Update) == [Update("t", OLD), TakeName("t", OLD)]
    assert entry.steps(Revoke) == [Revoke(("t",))]
    entry.fail(NO)
    entry.fail(LOST)
    assert entry.error is NO
    assert entry.steps(Create) == entry.steps(Update) == entry.steps(Revoke) == []
