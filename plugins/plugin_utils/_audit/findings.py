# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The findings about one API token, from its state and the server's time: pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ansible_collections.panelops.cpanel.plugins.module_utils._model.names import (
    is_interim,
    name_behind,
    sibling_of,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import EVERYTHING
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.state import AHEAD

from .._ci.names import is_ci_name
from .kinds import KINDS
from .policy import Policy
from .text import day

WHM, CPANEL = "whm", "cpanel"


def finding(policy: Policy, subject: Mapping, kind: str, sentence: str, now: int) -> dict | None:
    """One finding as the report holds it; ``None`` if the policy ignores its kind.

    :param subject: ``server``, ``service``, ``owner`` and ``name``; the last three are ``None`` where they do not apply.
    :param now: Unix seconds.
    """
    if kind not in policy.severities:
        return None
    whose = {key: subject.get(key) for key in ("server", "service", "owner", "name")}
    return dict(
        whose,
        kind=kind,
        severity=policy.severities[kind],
        sentence=sentence,
        remedy=KINDS[kind].remedy,
        accepted=policy.reason(kind, whose["server"] or "", whose["owner"] or "", whose["name"] or "", now),
        fixed=False,
    )


def findings_of(token: Mapping, policy: Policy, now: int) -> list[dict]:
    """The findings about a token, in the order of ``KINDS``.

    An expired token gets no other finding, because it can do nothing any more.

    :param token: an entry of the report's ``tokens``. :param now: the server's time in Unix seconds.
    """
    if token["expires_at"] is not None and token["expires_at"] <= now:
        said = [_dead(token)]
    else:
        said = [*_rights(token, policy), *_lifetime(token, policy, now), *_use(token, policy, now)]
        said += [*_leftover(token, policy, now), *_clock(token, now), *_name(token, policy)]
    found = [finding(policy, token, kind, sentence, now) for kind, sentence in said]
    order = list(KINDS)
    return sorted((each for each in found if each), key=lambda each: order.index(each["kind"]))


def _dead(token: Mapping) -> tuple[str, str]:
    if is_ci_name(token["name"]):
        return "ci_leftover", f"It was made for a CI run, expired on {day(token['expires_at'])}, and is still listed."
    return "expired", f"It expired on {day(token['expires_at'])} and is still listed."


def _rights(token: Mapping, policy: Policy) -> Iterator[tuple[str, str]]:
    if token["service"] != WHM:
        return
    dangerous = sorted(policy.dangerous_acls & set(token["acls"]) - {EVERYTHING})
    if EVERYTHING in token["acls"]:
        yield "all_privileges", "It has every privilege (all)."
    elif dangerous:
        yield "dangerous_privileges", f"It has {', '.join(dangerous)}, with which it can escape its limits."
    if not token["whitelist_ips"]:
        yield "any_address", "It can be used from any address."


def _lifetime(token: Mapping, policy: Policy, now: int) -> Iterator[tuple[str, str]]:
    sibling = sibling_of(token["name"])
    if sibling is not None and sibling.number is not None:
        return  # A retired token is meant to expire.
    if token["expires_at"] is None:
        yield "no_expiry", "It never expires."
    elif token["expires_at"] - now <= policy.expiring_within:
        yield "expiring", f"It expires on {day(token['expires_at'])}."


def _use(token: Mapping, policy: Policy, now: int) -> Iterator[tuple[str, str]]:
    """Only where the server reports it."""
    if "last_used" not in token:
        return
    used, created = token["last_used"], token["create_time"]
    if used is not None:
        if now - used >= policy.unused_for:
            yield "unused", f"It was last used on {day(used)}."
    elif created is not None and now - created >= policy.unused_for:
        yield "never_used", f"It was created on {day(created)} and has never been used."


def _leftover(token: Mapping, policy: Policy, now: int) -> Iterator[tuple[str, str]]:
    sibling = sibling_of(token["name"])
    if sibling is None:
        if is_interim(token["name"]):
            yield "reissue_leftover", "A re-issue has put it aside and not revoked it."
    elif sibling.number is None:
        created = token["create_time"]
        if created is not None and now - created >= policy.abandoned_after:
            yield "abandoned_sibling", f"It was staged for {sibling.of} on {day(created)} and never promoted."
    else:
        end = _overdue(token, sibling.number, policy, now)
        if end:
            yield "abandoned_sibling", f"It was retired from {sibling.of}{end}."


def _overdue(token: Mapping, number: int, policy: Policy, now: int) -> str:
    """How a retired token has outlived its grace period, as the end of a sentence; empty if it has not.

    On WHM a rotation gives it an expiry. On cPanel it cannot; there the number in the name is the time of its retirement.
    """
    if token["service"] == WHM:
        end = token["expires_at"]
        if end is not None and end - now < policy.abandoned_after:
            return ""
        return " and never expires" if end is None else f" and lives until {day(end)}"
    created = token["create_time"] or 0
    since = number if created <= number <= now else created
    return f" on {day(since)} and never revoked" if now - since >= policy.abandoned_after else ""


def _clock(token: Mapping, now: int) -> Iterator[tuple[str, str]]:
    """What is counted from a time in the future is not known: such a token is neither old, unused nor abandoned until then."""
    for key, what in (("create_time", "was created"), ("last_used", "was last used")):
        at = token.get(key)
        if at is not None and at > now + AHEAD:
            yield (
                "wrong_clock",
                f"By its times it {what} on {day(at)}, which is ahead of the server's clock: that was set back since, and "
                "how old the token is, is not known.",
            )
            return


def _name(token: Mapping, policy: Policy) -> Iterator[tuple[str, str]]:
    if policy.name_pattern is not None and not policy.name_pattern.search(name_behind(token["name"])):
        yield "naming", "Its name does not follow the convention."
