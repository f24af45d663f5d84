# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forms: what stands in the fields, what it means, and what is wrong with it, field by field.

The rules are those of the API (``rules``); only what the API has no field for is decided here: the choice of an expiry by its day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from token_server import rules
from token_server.parameters import Parameters
from token_server.refusals import Refused
from token_server.web import moments
from token_server.web.tokens import Desired, Listed

Value = TypeVar("Value")

NEVER, DATE = "never", "date"
"""The two answers to "Should the API Token Expire?"."""

_FIELD_OF_CAUSE = {
    "name already taken": "name",
    "invalid token name": "name",
    "invalid expires_at": "date",
    "expires_at in the past": "date",
    "too many addresses": "ips",
    "invalid address": "ips",
    "no privileges": "privileges",
    "unknown acl": "privileges",
    "acl that the caller does not have": "privileges",
}


@dataclass(slots=True)
class Form:
    """The fields, as they were entered or as they shall first be seen; ``errors`` by the name of the field, "" for the whole.

    ``present`` is the token that is edited, None for a new one.
    """

    name_label: str
    name: str
    expires: str
    date: str
    ips: str = ""
    acls: frozenset[str] = frozenset()
    present: Listed | None = None
    errors: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def blank(cls, name_label: str, now: int, expires: str, acls: frozenset[str] = frozenset()) -> Form:
        """Return the form of a new token; ``now`` is the server's time."""
        return cls(name_label, "", expires, moments.a_year_after(now), acls=acls)

    @classmethod
    def of(cls, name_label: str, token: Listed, now: int) -> Form:
        """Return the form of a token that exists."""
        never = token.expires_at is None
        day = moments.a_year_after(now) if token.expires_at is None else moments.day(token.expires_at)
        ips = "\n".join(token.addresses)
        return cls(name_label, token.name, NEVER if never else DATE, day, ips, token.acls, token)

    def fill(self, entered: Parameters) -> None:
        """Put what was entered into the fields."""
        self.name = (entered.one("name") or "").strip()
        self.expires = entered.one("expires") or ""
        self.date = (entered.one("date") or "").strip()
        self.ips = (entered.one("ips") or "").replace("\r\n", "\n")
        self.acls = frozenset(entered.many("acl"))

    def desired(self, now: int, *, whole: bool) -> Desired:
        """Return the desired state that the fields describe; what is wrong with them is in ``errors`` afterwards.

        ``whole``: the service has privileges, and each change replaces everything, the expiry too.
        """
        addresses = [line.strip() for line in self.ips.splitlines() if line.strip()]
        self._check("name", lambda: rules.token_name(self.name, self.name_label))
        expires_at = self._check("date", lambda: self._expiry(now, whole=whole))
        for address in addresses if addresses != ["any"] else []:
            self._check("ips", partial(rules.address, address, address))
        if len(addresses) > rules.MAX_ADDRESSES:
            self.errors.pop("ips", None)
            self._check("ips", lambda: rules.addresses(addresses, "IPs"))
        if whole and not self.acls:
            self.errors["privileges"] = ["Select at least one privilege."]
        return Desired(self.name, expires_at, addresses, sorted(self.acls))

    def refuse(self, refusal: Refused) -> None:
        """Note at its field why the function that was called did not do it."""
        self.errors.setdefault(_FIELD_OF_CAUSE.get(refusal.cause, ""), []).append(refusal.reason)

    def _expiry(self, now: int, *, whole: bool) -> int | None:
        if self.expires == NEVER:
            return None
        if self.expires != DATE:
            raise Refused("Choose whether the API token shall expire.", cause="no choice of expiry")
        last_second = moments.end_of_day(self.date, "API Token Expiration Date")
        kept = None if self.present is None else self.present.expires_at
        if kept is not None and moments.day(kept) == self.date:
            # An unchanged day keeps the second of the expiry, which the form does not show.
            if not whole:
                return kept
            last_second = kept
        return rules.expiry(str(last_second), now, "API Token Expiration Date")

    def _check(self, name: str, rule: Callable[[], Value]) -> Value | None:
        """Return what a rule makes of a field, or None with its refusal noted at the field."""
        try:
            return rule()
        except Refused as refusal:
            self.errors.setdefault(name, []).append(refusal.reason)
            return None
