# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the facts of the wire contract from ``facts/SECTION.yaml``; uses no test library.

A fact has an id, a sentence and the kind of its source. If a client can observe it, it has steps that ``probe`` executes against a
server. If not, or in addition, a test shows it: a test of this folder names the fact with ``@states``, one elsewhere stands in
``test``. A fact with none of these says in ``untested`` why.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "facts"

SOURCES = {
    "documentation": "the vendor's documentation",
    "openapi": "the vendor's OpenAPI",
    "vendor-client": "the vendor's client",
    "vendor-script": "a script of the vendor's",
    "guide": "a guide that is not the vendor's",
    "other-clients": "other clients in production",
    "live": "seen on a live server",
    "ours": "this project",
}
"""Where a fact comes from: the key in the data, and the words on the page."""

TOUCHES = {
    "reads": "reads only",
    "tokens": "creates and removes tokens",
    "accounts": "changes accounts",
    "reference": "reference server only",
}
"""What the steps of a fact do to a server: the key in the data, and the words on the page."""

ROLES = ("root", "reseller", "account", "other_account", "nobody", "stranger")
"""Who sends a step, besides tokens that the fact made. ``nobody`` sends no credential, ``stranger`` a secret that never existed."""

OUTCOMES = ("ok", "refused", "denied", "any")
"""How a call ends: success, failure in an answer, not authenticated, or whatever ``expect`` says."""

_ID = re.compile(r"(?P<section>C[1-8]|G[0-4])\.(?P<place>[0-9]{2})")
_KINDS = ("make", "call", "request", "advance")
_FACT_KEYS = {"id", "says", "source", "touches", "steps", "test", "untested"}
_STEP_KEYS = {*_KINDS, "as", "with", "method", "port", "headers", "form", "body", "status", "outcome", "keep", "expect"}


class BadFact(Exception):
    """A file of facts does not have the form that this module reads; the text says where."""


@dataclass(frozen=True)
class Step:
    """One thing that a client does, and what it then sees.

    ``kind`` is ``make`` (create a token with this label), ``call`` (a function), ``request`` (``METHOD PATH``) or ``advance``
    (wait so many seconds); ``subject`` is what follows it. ``port`` is a name of ``probe.Target.urls``.
    """

    kind: str
    subject: str
    port: str
    role: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    status: int | None = None
    outcome: str = "ok"
    keep: Mapping[str, str] = field(default_factory=dict)
    expect: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Fact:
    """One fact of the wire contract. ``sources`` are keys of ``SOURCES``, ``touches`` is a key of ``TOUCHES``."""

    id: str
    says: str
    sources: tuple[str, ...]
    touches: str = "reads"
    steps: tuple[Step, ...] = ()
    test: str = ""
    untested: str = ""

    @property
    def section(self) -> str:
        """``C1`` ... ``C8`` or ``G0`` ... ``G4``."""
        return self.id.partition(".")[0]


@dataclass(frozen=True)
class Section:
    """The facts of one file, in their order."""

    id: str
    title: str
    facts: tuple[Fact, ...]


def read_section(text: str) -> Section:
    """Return the section that a file holds. Raises ``BadFact``."""
    document = yaml.safe_load(text)
    facts = tuple(_fact(entry, document.get("source", "")) for entry in document["facts"])
    section = Section(document["section"], document["title"], facts)
    wrong = [fact.id for fact in facts if fact.section != section.id]
    if wrong:
        raise BadFact(f"{', '.join(wrong)}: not of section {section.id}")
    return section


@cache
def sections() -> tuple[Section, ...]:
    """Return all sections in the order of their ids. Raises ``BadFact``."""
    return tuple(read_section(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yaml")))


@cache
def all_facts() -> tuple[Fact, ...]:
    """Return the facts of all sections."""
    return tuple(fact for section in sections() for fact in section.facts)


def faults(ids: list[str]) -> list[str]:
    """Return what is wrong with ids: malformed, given twice, or with a gap before them."""
    wrong = []
    last: dict[str, int] = {}
    for number in sorted(ids):
        match = _ID.fullmatch(number)
        if match is None:
            wrong.append(f"{number} is not the id of a fact")
            continue
        place, before = int(match["place"]), last.get(match["section"], 0)
        if place == before:
            wrong.append(f"{number} is given twice")
        elif place != before + 1:
            wrong.append(f"{number} follows {match['section']}.{before:02}: something is missing")
        last[match["section"]] = place
    return wrong


def _fact(entry: Mapping[str, Any], source: str) -> Fact:
    where = entry.get("id", "a fact without an id")
    _known(where, "key", entry, _FACT_KEYS)
    named = entry.get("source", source)
    sources = tuple(named if isinstance(named, list) else [named])
    _known(where, "source", sources, SOURCES)
    touches = entry.get("touches", "reads")
    _known(where, "value of touches", [touches], TOUCHES)
    steps = tuple(_step(where, step) for step in entry.get("steps", []))
    if steps and not any(step.expect or step.status or step.outcome != "any" for step in steps):
        raise BadFact(f"{where}: its steps expect nothing")
    return Fact(where, entry["says"], sources, touches, steps, entry.get("test", ""), entry.get("untested", ""))


def _step(where: str, entry: Mapping[str, Any]) -> Step:
    _known(where, "key of a step", entry, _STEP_KEYS)
    kinds = [kind for kind in _KINDS if kind in entry]
    if len(kinds) != 1:
        raise BadFact(f"{where}: a step has one of {', '.join(_KINDS)}")
    (kind,) = kinds
    subject = str(entry[kind])
    parameters = dict(entry.get("with", entry.get("form", {})))
    keep = dict(entry.get("keep", {}))
    method = entry.get("method", "POST")
    if kind == "make":
        port = entry.get("port", "whm")
        parameters = {"token_name" if port == "whm" else "name": f"${{{subject}}}", **parameters}
        keep = {f"{subject}.secret": "data.token", **keep}
        subject = "api_token_create" if port == "whm" else "Tokens::create_full_access"
        kind = "call"
    elif kind == "request":
        method, _space, subject = subject.partition(" ")
        port = entry["port"]
    else:
        port = entry.get("port", "cpanel" if "::" in subject else "whm")
    role = entry.get("as", "account" if port.startswith("cpanel") else "root")
    outcome = entry.get("outcome", "any" if kind == "request" or "status" in entry else "ok")
    _known(where, "outcome", [outcome], OUTCOMES)
    if role not in ROLES and not re.fullmatch("[a-z]", role):
        raise BadFact(f'{where}: "{role}" is neither a role nor the label of a token')
    return Step(
        kind,
        subject,
        port,
        role,
        parameters,
        method,
        dict(entry.get("headers", {})),
        entry.get("body"),
        entry.get("status"),
        outcome,
        keep,
        dict(entry.get("expect", {})),
    )


def _known(where: str, what: str, given: Any, known: Any) -> None:
    strange = [name for name in given if name not in known]
    if strange:
        raise BadFact(f"{where}: {', '.join(map(repr, strange))} is no {what}; there are {', '.join(known)}")
