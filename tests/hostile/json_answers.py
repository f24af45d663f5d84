# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile answers that are JSON objects: of another shape than the API's, about other tokens, or with texts that bite."""

from __future__ import annotations

import base64
from collections.abc import Callable

from tests.hostile.relay import Heard
from tests.support.dialects import objects

Change = Callable[[Heard], object]

ANOTHERS_SECRET = "OTHEROTHEROTHEROTHEROTHEROTHER12"
EVIL = "No\x1b[2J\x07\r\n::error::owned\u202egnp\u2066\x9b31m\u200b {{ lookup('pipe', 'id') }} end"


def envelopes(answer: object) -> list[dict]:
    """The answers of functions in an answer: of WHM and of UAPI, those inside first."""
    return [each for each in objects(answer) if _is_whm(each) or {"status", "errors"} <= each.keys()]


def _is_whm(each: dict) -> bool:
    return isinstance(each.get("metadata"), dict) and "result" in each["metadata"]


def outcome(value: object) -> Change:
    """Another outcome of each function."""

    def change(heard: Heard) -> object:
        answer = heard.answer()
        for each in envelopes(answer):
            if _is_whm(each):
                each["metadata"]["result"] = value
            else:
                each["status"] = value
        return answer

    return change


def innermost(key: str, value: object) -> Change:
    """Another value of a key of each innermost answer: those of UAPI, and those of WHM that hold none."""

    def change(heard: Heard) -> object:
        answer = heard.answer()
        for each in envelopes(answer):
            inner = each.get("data")
            if not isinstance(inner, dict) or not ({"uapi", "result"} & inner.keys()):
                each[key] = value
        return answer

    return change


def without(*keys: str) -> Change:
    """No such keys anywhere."""

    def change(heard: Heard) -> object:
        answer = heard.answer()
        for each in objects(answer):
            for key in keys:
                each.pop(key, None)
        return answer

    return change


def tokens(value: Callable[[dict], object]) -> Change:
    """Something else in the place of each description of a token, in lists and where one was created or changed."""

    def described(part: object) -> object:
        if isinstance(part, dict):
            if "create_time" in part:
                return value(part)
            return {key: described(each) for key, each in part.items()}
        return [described(each) for each in part] if isinstance(part, list) else part

    return lambda heard: described(heard.answer())


def updated(**values: object) -> Change:
    """Other values in each description of a token."""
    return tokens(lambda token: {**token, **{key: each for key, each in values.items() if key in token}})


def batch(change: Callable[[list], object]) -> Change:
    """Other answers in a batch."""

    def changed(heard: Heard) -> object:
        answer = heard.answer()
        answer["data"]["result"] = change(answer["data"]["result"])
        return answer

    return changed


def listed(value: object) -> Change:
    """Something else in the place of each list of tokens."""

    def change(heard: Heard) -> object:
        answer = heard.answer()
        for each in objects(answer):
            if "tokens" in each:
                each["tokens"] = value
            if isinstance(each.get("data"), list) and "errors" in each:
                each["data"] = value
        return answer

    return change


def refusal(reason: Callable[[Heard], object]) -> Change:
    """The API's own refusal of each call, with this reason."""

    def change(heard: Heard) -> object:
        said = reason(heard)
        whm = {"metadata": {"command": "a", "result": 0, "version": 1, "reason": said}}
        errors = said if isinstance(said, list) else [said]
        uapi = {"status": 0, "data": None, "errors": errors, "messages": None, "warnings": None, "metadata": {}}
        if heard.path.startswith("/execute/"):
            return uapi
        wrapped = {"metadata": {"command": "uapi_cpanel", "result": 1, "reason": "OK"}, "data": {"uapi": uapi}}
        inner = [wrapped if "::" in name else whm for name in heard.functions]
        if heard.batch:
            return {"metadata": {"result": 0, "reason": "One failed."}, "data": {"result": inner}}
        return inner[0]

    return change


def secrets_in(heard: Heard) -> str:
    """The caller's credential, as it came and as it is meant."""
    scheme, _blank, value = heard.credential.partition(" ")
    plain = base64.b64decode(value).decode() if scheme == "Basic" else value
    return f"{heard.credential} ({plain})"


SHAPES: dict[str, Change] = {
    "result 2": outcome(2),
    "result in words": outcome("yes"),
    "result null": outcome(None),
    "result a list": outcome([1]),
    "result an object": outcome({"a": 1}),
    "result below zero": outcome(-1),
    "no result": without("result", "status"),
    "no metadata": without("metadata", "errors"),
    "metadata a list": innermost("metadata", []),
    "metadata null": innermost("metadata", None),
    "no data": without("data"),
    "data null": innermost("data", None),
    "data a list": innermost("data", [[]]),
    "data a text": innermost("data", "done {{ 7 * 7 }}"),
    "data a number": innermost("data", 10**30),
    "data true": innermost("data", True),
    "tokens a list of numbers": listed([1, 2]),
    "tokens a text": listed("none"),
    "tokens a number": listed(7),
    "tokens of null": tokens(lambda token: None),
    "tokens of text": tokens(lambda token: "t"),
    "tokens that are lists": tokens(lambda token: [token]),
    "tokens without anything": tokens(lambda token: {"create_time": 1}),
    "a time in words": updated(create_time="yesterday", expires_at="soon"),
    "a time that is a list": updated(create_time=[1], expires_at=[1]),
    "a time that is huge": updated(create_time=10**25, expires_at=10**25),
    "a time without end": updated(create_time=float("inf"), expires_at=float("nan")),
    "acls a number": updated(acls=7),
    "acls of numbers": updated(acls=[1, 2]),
    "acls of lists": updated(acls=[["all"]]),
    "addresses that are none": updated(whitelist_ips=["nowhere", 7]),
    "addresses a number": updated(whitelist_ips=7),
    "the name of another token": updated(name="another"),
    "a name that is a template": updated(name="{{ lookup('pipe', 'id') }}"),
    "a name that is a list": updated(name=["t"]),
    "no secret": without("token"),
    "a secret that is null": updated(token=None),
    "a secret that is a list": updated(token=[ANOTHERS_SECRET]),
    "a secret that is a template": updated(token="{{ lookup('pipe', 'id') }}"),
    "a secret of two lines": updated(token=f"{ANOTHERS_SECRET}\nB=1"),
}  # fmt: skip
"""In place of what the server answered."""

BATCHES: dict[str, Change] = {
    "one answer too few": batch(lambda answers: answers[:-1]),
    "one answer too many": batch(lambda answers: [*answers, answers[-1]]),
    "no answers": batch(lambda answers: []),
    "answers in another order": batch(lambda answers: answers[::-1]),
    "one answer for all": batch(lambda answers: [answers[0]] * len(answers)),
    "answers that are null": batch(lambda answers: [None] * len(answers)),
    "answers that are lists": batch(lambda answers: [[each] for each in answers]),
    "answers by number": batch(lambda answers: {str(number): each for number, each in enumerate(answers)}),
    "answers that are text": batch(lambda answers: "1"),
}
"""In place of what the server answered to a batch."""

TEXTS: dict[str, Change] = {
    "refused with control characters": refusal(lambda heard: EVIL),
    "refused with half a surrogate": refusal(lambda heard: "half \ud800 of it"),
    "refused at length": refusal(lambda heard: "no " * 50_000),
    "refused with an object": refusal(lambda heard: {"why": ["no", {"deep": EVIL}]}),
    "refused with a list": refusal(lambda heard: ["no", 7, None, EVIL]),
    "refused with a number": refusal(lambda heard: 10**30),
    "refused without a word": refusal(lambda heard: ""),
    "refused with the credential": refusal(lambda heard: f"{secrets_in(heard)} may not do this"),
    "refused with a secret": refusal(lambda heard: f"{ANOTHERS_SECRET} could not be stored"),
}
"""Refusals: the call did not reach the server."""
