# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of an audit, checked: which findings it reports, with which severity, and which are accepted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._model.expiry import parse_duration, parse_expires_at

from .kinds import KINDS, SEVERITIES

_EVERY_KIND = "*"


@dataclass(frozen=True)
class Accepted:
    """Findings that the user accepts. ``server``, ``owner`` and ``name`` are patterns as in a shell."""

    kinds: frozenset
    server: str
    owner: str
    name: str
    reason: str
    until: int | None = None

    def covers(self, kind: str, server: str, owner: str, name: str, now: int) -> bool:
        """Is a finding of this kind accepted at ``now`` (Unix seconds)?"""
        if self.until is not None and self.until < now:
            return False
        of_kind = _EVERY_KIND in self.kinds or kind in self.kinds
        pairs = ((server, self.server), (owner, self.owner), (name, self.name))
        return of_kind and all(fnmatchcase(text, pattern) for text, pattern in pairs)


@dataclass(frozen=True)
class Policy:
    """Durations are in seconds; ``severities`` leaves out the kinds to ignore."""

    expiring_within: int
    unused_for: int
    abandoned_after: int
    name_pattern: re.Pattern | None
    dangerous_acls: frozenset
    severities: Mapping[str, str]
    accepted: tuple

    def reason(self, kind: str, server: str, owner: str, name: str, now: int) -> str | None:
        """The reason why a finding is accepted; ``None`` if it is not."""
        covering = (each.reason for each in self.accepted if each.covers(kind, server, owner, name, now))
        return next(covering, None)


def policy_from(params: Mapping) -> Policy:
    """Check the options.

    :raises InvalidOption: naming the option and the rule.
    """
    return Policy(
        **{key: parse_duration(params[key], key) for key in ("expiring_within", "unused_for", "abandoned_after")},
        name_pattern=_pattern(params["name_pattern"]),
        dangerous_acls=frozenset(params["dangerous_acls"]),
        severities=_severities(params["severities"]),
        accepted=accepted_from(params["accept"]),
    )


def accepted_from(entries: list) -> tuple:
    """Check the option ``accept``.

    :raises InvalidOption: naming the entry and the rule.
    """
    return tuple(_accepted(entry, f"accept[{number}]") for number, entry in enumerate(entries))


def _accepted(entry: Mapping, where: str) -> Accepted:
    unknown = sorted(set(entry["kinds"]) - set(KINDS) - {_EVERY_KIND})
    if unknown or not entry["kinds"]:
        raise InvalidOption(f"{where}.kinds", f"{', '.join(unknown) or 'empty'} is no kind of finding.", _known())
    if not entry["reason"].strip():
        raise InvalidOption(f"{where}.reason", "is empty.", "Say why the finding is accepted; the report shows it.")
    until = entry["until"]
    try:
        at = None if until is None else parse_expires_at(until, "UTC")
    except InvalidOption as error:
        raise InvalidOption(f"{where}.until", str(error)) from None
    patterns = {key: entry[key] for key in ("server", "owner", "name")}
    return Accepted(kinds=frozenset(entry["kinds"]), reason=entry["reason"].strip(), until=at, **patterns)


def _pattern(text: str) -> re.Pattern | None:
    if not text:
        return None
    try:
        return re.compile(text)
    except re.error as error:
        raise InvalidOption(
            "name_pattern", f"{text!r} is not a regular expression ({error}).", "Leave it empty to accept every name."
        ) from None


def _severities(given: Mapping) -> dict[str, str]:
    for kind, severity in given.items():
        if kind not in KINDS:
            raise InvalidOption("severities", f"{kind} is no kind of finding.", _known())
        if severity not in (*SEVERITIES, "none"):
            raise InvalidOption("severities", f"{kind}: {severity} is no severity.", "Give low, medium, high or none.")
    wished = {kind: given.get(kind, KINDS[kind].severity) for kind in KINDS}
    return {kind: severity for kind, severity in wished.items() if severity != "none"}


def _known() -> str:
    return f"There are {', '.join(KINDS)}."
