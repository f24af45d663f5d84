# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many calls in one: WHM's function ``batch`` (docs/wire-contract.md, section C4).

A job is a function that makes exactly one call through the caller that it is given, and reads its answer. It is run twice:
once to learn the call, and, when the answers of all are there, once to read its own. So each call is written down once,
whether it goes alone or with others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar, Union
from urllib.parse import urlencode

from .._errors import AnswerLost, BadAnswer, PanelopsError
from .transport import Params, WhmCaller
from .whm import checked

MOST = 50
"""Calls in one batch: enough to make the round trip cheap, few enough for any server's limits."""


T = TypeVar("T")
Outcome = Union[T, PanelopsError]
Job = Callable[[WhmCaller], T]


class _Learned(Exception):
    """Not an error: the call that a job would make."""

    def __init__(self, function: str, params: Params) -> None:
        super().__init__(function)
        self.function = function
        self.params = list(params)


class _Learner:
    def whm(self, function: str, params: Params = (), mutation: bool = False) -> dict[str, object]:
        raise _Learned(function, params)


class _Answered:
    def __init__(self, answer: dict[str, object]) -> None:
        self._answer = answer

    def whm(self, function: str, params: Params = (), mutation: bool = False) -> dict[str, object]:
        return self._answer


class _Lost:
    """Answers each call of a batch whose own answer was lost, or that was refused as a whole."""

    def __init__(self, error: PanelopsError) -> None:
        self._error = error

    def whm(self, function: str, params: Params = (), mutation: bool = False) -> dict[str, object]:
        if isinstance(self._error, AnswerLost):
            raise AnswerLost(function, self._error.cause)
        raise self._error


def run_all(caller: WhmCaller, jobs: Sequence[Job[T]], mutation: bool) -> list[Outcome[T]]:
    """Run jobs, up to ``MOST`` in a call; a value or a ``PanelopsError`` for each, in their order.

    One that fails does not stop the others. If a whole batch of mutations fails, that is the error of each of its jobs.

    :raises PanelopsError: a batch of reads could not be made at all.
    """
    outcomes: list[Outcome[T]] = []
    for start in range(0, len(jobs), MOST):
        outcomes += _run(caller, jobs[start : start + MOST], mutation)
    return outcomes


def outcome_of(make: Callable[[], T]) -> Outcome[T]:
    """What a call returns, or the error that it raises."""
    try:
        return make()
    except PanelopsError as error:
        return error


def _run(caller: WhmCaller, jobs: Sequence[Job[T]], mutation: bool) -> list[Outcome[T]]:
    if len(jobs) == 1:
        return [_with(caller, jobs[0])]
    commands = [(f"command-{number}", _command(job)) for number, job in enumerate(jobs)]
    try:
        answers = _answers(caller.whm("batch", [*commands, ("abort_on_error", "0")], mutation), len(jobs), mutation)
    except PanelopsError as error:
        if not mutation:
            raise
        return [_with(_Lost(error), job) for job in jobs]
    return [_with(_Answered(answer if isinstance(answer, dict) else {}), job) for job, answer in zip(jobs, answers)]


def _answers(answer: Mapping[str, object], count: int, mutation: bool) -> list[object]:
    """The answers in the answer to a batch of ``count`` commands.

    Some servers say that the batch failed (``metadata.result`` 0) as soon as one of its commands did. So its own result counts only if
    there are no answers at all: then nothing was run.

    :raises Refused: the batch was refused as a whole. :raises BadAnswer, AnswerLost: there is not one answer for each command.
    """
    data = answer.get("data")
    answers = data.get("result") if isinstance(data, Mapping) else None
    if not isinstance(answers, list):
        checked(answer, "batch", mutation)
        answers = []
    told = f"the number of answers ({len(answers)}) is not that of the commands ({count})"
    if len(answers) == count:
        if not (mutation and _share_a_secret(answers)):
            return answers
        told = "two of its answers hold one secret"
    raise AnswerLost("batch", told) if mutation else BadAnswer(f"The server's answer to batch is unusable: {told}.")


def _share_a_secret(answers: Sequence[object]) -> bool:
    """Do answers to creates hold one secret, so that it cannot be known whose it is?"""
    secrets = [secret for answer in answers for secret in _secrets_in(answer)]
    return len(set(secrets)) < len(secrets)


def _secrets_in(answer: object) -> Iterator[str]:
    """The secret in the answer to a create, of WHM or of UAPI inside of WHM's; none in all others."""
    inside: object = answer
    for key in ("data", "uapi", "data"):
        inside = inside.get(key) if isinstance(inside, Mapping) else None
        secret = inside.get("token") if isinstance(inside, Mapping) else None
        if isinstance(secret, str) and secret:
            yield secret


def _with(caller: WhmCaller, job: Job[T]) -> Outcome[T]:
    return outcome_of(lambda: job(caller))


def _command(job: Job[T]) -> str:
    try:
        job(_Learner())
    except _Learned as learned:
        return f"{learned.function}?{urlencode(learned.params)}" if learned.params else learned.function
    raise AssertionError("a job makes a call")
