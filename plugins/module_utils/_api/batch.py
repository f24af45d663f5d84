# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many calls in one: WHM's function ``batch`` (CONTRACT section 4).

A job is a function that makes exactly one call through the transport that it is given, and reads its answer. It is run twice:
once to learn the call, and, when the answers of all are there, once to read its own. So each call is written down once,
whether it goes alone or with others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlencode

from .._errors import AnswerLost, BadAnswer, PanelopsError
from .whm import checked

MOST = 50
"""Calls in one batch: enough to make the round trip cheap, few enough for any server's limits."""

Job = Callable[[object], object]


class _Learned(Exception):
    """Not an error: the call that a job would make."""


class _Learner:
    def whm(self, function: str, params: Sequence = (), mutation: bool = False) -> dict:
        raise _Learned(function, list(params))


class _Answered:
    def __init__(self, answer: dict) -> None:
        self._answer = answer

    def whm(self, function: str, params: Sequence = (), mutation: bool = False) -> dict:
        return self._answer


def run_all(transport, jobs: Sequence[Job], mutation: bool, batches: bool = True) -> list[object]:
    """Run jobs, up to ``MOST`` at a time; a value or a ``PanelopsError`` for each, in their order.

    One that fails does not stop the others. If a whole batch of mutations fails, that is the error of each of its jobs.

    :param batches: whether the way to the server has the function; else each job makes its call alone.
    :raises PanelopsError: a batch of reads could not be made at all.
    """
    if not batches:
        return [_outcome(job, transport) for job in jobs]
    outcomes: list[object] = []
    for start in range(0, len(jobs), MOST):
        outcomes += _run(transport, jobs[start : start + MOST], mutation)
    return outcomes


def _run(transport, jobs: Sequence[Job], mutation: bool) -> list[object]:
    if len(jobs) == 1:
        return [_outcome(jobs[0], transport)]
    commands = [(f"command-{number}", _command(job)) for number, job in enumerate(jobs)]
    try:
        answer = transport.whm("batch", [*commands, ("abort_on_error", "0")], mutation)
        answers = (checked(answer, "batch", mutation) or {}).get("result")
        if not isinstance(answers, list) or len(answers) != len(jobs):
            raise (
                AnswerLost("batch", "its shape is unknown")
                if mutation
                else BadAnswer("The server's answer to batch has an unknown shape.")
            )
    except PanelopsError as error:
        if not mutation:
            raise
        return [error for _job in jobs]
    return [_outcome(job, _Answered(each if isinstance(each, dict) else {})) for job, each in zip(jobs, answers)]


def _command(job: Job) -> str:
    try:
        job(_Learner())
    except _Learned as learned:
        function, params = learned.args
        return f"{function}?{urlencode(params)}" if params else function
    raise AssertionError("a job makes a call")


def _outcome(job: Job, transport) -> object:
    try:
        return job(transport)
    except PanelopsError as error:
        return error
