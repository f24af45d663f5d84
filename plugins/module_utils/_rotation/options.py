# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task says of the tokens to rotate and of where their secrets go, checked before the first call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from .._api.connection import checked_port, checked_username
from .._delivery.evidence import Place
from .._errors import InvalidOption, refuse_nul
from .._model.addresses import checked_addresses
from .._model.expiry import named_zone, parse_duration
from .._model.names import LONGEST_ROTATED
from .._model.token import (
    CpanelToken,
    WhmToken,
    checked_acls,
    checked_name,
)
from .accounts import PLACEHOLDER, Meant, is_pattern, one_by_one, with_account
from .only import checked_only
from .repair import BECAUSE_OF_PLACES
from .rotating import RotatingToken
from .sinks import KINDS, VERIFYING, TokenSink
from .spread import earlier
from .state import DesiredRotation
from .urgency import BlastRadius
from .window import Window, window_of

CONTROLLER = "localhost"

AUTO, REPORT, NEVER = "auto", "report", "never"

_EXAMPLES = ("a", "b")
"""Two accounts, to see what an entry for many would be for each."""

_OVERLAPPING = "List each token once. If the accounts of two entries overlap, give their tokens different names."
_SHOWN = 5
"""How many things that are listed twice a message names."""

_OF_THE_SYSTEM = ("path", "template", "owner", "group", "mode")
"""Options of a sink that the system takes as a path or a name."""


def _nobody(_options: Mapping[str, Any]) -> Sequence[str]:
    return ()


@dataclass(frozen=True)
class ConsumerOptions:
    """How consumers reach the server; ``None`` where they do as the controller does."""

    host: str | None = None
    port: int | None = None
    cpanel_port: int | None = None
    ca_path: str | None = None
    validate_certs: bool | None = None


@dataclass(frozen=True)
class RotationOptions:
    """What a task says of the rotation as a whole.

    ``overlap``: seconds for which a retired token still works, and ``overlap_max`` what it may become where somebody who is not known may
    need it. ``repair``: are places that lack the live secret filled (``AUTO``), reported, or not read (``NEVER``)? ``only``: names and
    patterns of the tokens that the run is limited to; ``None`` for all.
    """

    service: str
    overlap: int
    emergency: bool
    consumers: ConsumerOptions
    only: tuple[str, ...] | None = None
    repair: str = NEVER
    overlap_max: int = 0
    radius: BlastRadius = field(default_factory=BlastRadius)

    def overlap_after(self, reason: str | None) -> int:
        """For how many seconds a token works that is replaced for this reason."""
        return self.overlap_max if reason in BECAUSE_OF_PLACES else self.overlap


def options_from(params: Mapping[str, Any]) -> RotationOptions:
    """Check the options that are not about a single token.

    :raises InvalidOption: naming the option, the rule and the remedy.
    """
    overlap = parse_duration(params["overlap"], "overlap")
    consumers = ConsumerOptions(**(params["verify"] or {}))
    refuse_nul("verify.ca_path", consumers.ca_path)
    for option in ("port", "cpanel_port"):
        given = getattr(consumers, option)
        if given is not None:
            checked_port(given, f"verify.{option}")
    return RotationOptions(
        service=params["service"],
        overlap=0 if params["emergency"] else overlap,
        emergency=params["emergency"],
        consumers=consumers,
        only=checked_only(params["only"]),
        repair=NEVER if params["emergency"] else params["repair"],
        overlap_max=0 if params["emergency"] else max(overlap, parse_duration(params["overlap_max"], "overlap_max")),
        radius=_radius_from(params),
    )


@dataclass(frozen=True)
class _Timing:
    """What the options of a task say of when its tokens are due; ``None`` where they say nothing, and in an emergency."""

    window: Window | None
    spread: int | None

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> _Timing:
        if params["emergency"]:
            return cls(None, None)
        return cls(_window_from(params), _duration(params, "spread"))

    def check(self, options: Mapping[str, Any], lifetime: int | None, before: int | None) -> None:
        """:raises InvalidOption: a token with this lifetime could die before the window opens, or would be due at every run."""
        age = _duration(options, "max_age")
        if self.window is not None and lifetime is not None:
            self._check_window(self.window, options, lifetime // 3 if before is None else before)
        if self.spread is None:
            return
        if age is not None and self.spread >= age:
            raise InvalidOption(
                "spread",
                f"{_told(self.spread)} is not less than max_age ({options['max_age']}).",
                "Every run would rotate the token.",
            )
        if lifetime is not None and self.spread >= lifetime - (lifetime // 3 if before is None else before):
            raise InvalidOption(
                "spread",
                f"{_told(self.spread)} is not less than expires_in ({options['expires_in']}) minus rotate_before "
                f"({options['rotate_before'] or 'a third of it'}).",
                "Every run would rotate the token.",
            )

    @staticmethod
    def _check_window(window: Window, options: Mapping[str, Any], before: int) -> None:
        gap = window.longest_gap()
        if before <= gap:
            raise InvalidOption(
                "window",
                f"is closed for up to {_told(gap)}, and rotate_before "
                f"({options['rotate_before'] or 'a third of expires_in'}) is not longer, so the token could "
                "expire before the window opens.",
                "Give a longer rotate_before, or more days or hours.",
            )


def _told(seconds: int) -> str:
    """A duration as an option takes it."""
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    parts = zip((*divmod(hours, 24), minute, second), "dhms")
    return "".join(f"{count}{unit}" for count, unit in parts if count)


def _radius_from(params: Mapping[str, Any]) -> BlastRadius:
    """How much a run may change; in an emergency everything."""
    if params["emergency"]:
        return BlastRadius()
    return BlastRadius(_window_from(params), _positive(params, "limit"), _positive(params, "stop_after"))


def _positive(params: Mapping[str, Any], option: str) -> int | None:
    given: int | None = params[option]
    if given is not None and given < 1:
        raise InvalidOption(option, f"{given} is not a number of tokens from 1 on.", "Leave it out for no limit.")
    return given


def _window_from(params: Mapping[str, Any]) -> Window | None:
    given = params["window"]
    if given is None:
        return None
    return window_of(given["days"], given["hours"], named_zone(given["zone"], "window.zone"))


def check_entries(params: Mapping[str, Any]) -> None:
    """Check the options of every token, as far as that is possible before the accounts of the server are known.

    :raises InvalidOption: naming the token, the option, the rule and the remedy.
    """
    timing = _Timing.of(params)
    for number, options in enumerate(params["tokens"]):
        if options["accounts"] is not None:
            with _named(number, options):
                _check_for_accounts(options, params, timing)
    rotating_from(params)


def rotating_from(params: Mapping[str, Any], meant: Meant = _nobody) -> list[RotatingToken]:
    """The tokens of a task, checked.

    :param meant: the accounts of an entry that gives patterns of them. Without it such entries are left out.
    :raises InvalidOption: naming the token, the option, the rule and the remedy.
    """
    found = []
    timing = _Timing.of(params)
    for number, options in enumerate(params["tokens"]):
        with _named(number, options):
            found += [_rotating_from(each, params, timing) for each in one_by_one(options, meant)]
    several = any(options["accounts"] is not None for options in params["tokens"])
    _refuse_twice([each.label for each in found], "tokens", _OVERLAPPING if several else "List each token once.")
    sinks = [sink for each in found for sink in each.sinks]
    for own in dict.fromkeys(kind.own for kind in KINDS.values() if kind.own):
        taken = [claim for sink in sinks if sink.kind.own == own for claim in sink.claims]
        files = {sink.file for sink in sinks if sink.kind.own == own and sink.is_shared}
        _refuse_twice([*taken, *files], "sinks", f"Give each token a {own} of its own.")
    return found


def _refuse_twice(values: Sequence[str], option: str, remedy: str) -> None:
    twice = sorted(value for value, count in Counter(values).items() if count > 1)
    if twice:
        more = f" and {len(twice) - _SHOWN} more" if len(twice) > _SHOWN else ""
        raise InvalidOption(option, f"{', '.join(twice[:_SHOWN])}{more} is listed more than once.", remedy)


@contextmanager
def _named(number: int, options: Mapping[str, Any]) -> Iterator[None]:
    """Let what is refused name the entry."""
    try:
        yield
    except InvalidOption as error:
        raise InvalidOption(f"tokens[{number}] ({options['name']})", str(error)) from None


def _check_for_accounts(options: Mapping[str, Any], params: Mapping[str, Any], timing: _Timing) -> None:
    """Check an entry for many accounts as it would be for two of them."""
    if params["service"] == "cpanel":
        raise InvalidOption("accounts", "is given, but with service: cpanel an account rotates its own tokens.")
    if options["account"] is not None:
        raise InvalidOption("accounts", "cannot be given with account.", "List its name in accounts.")
    if not options["accounts"]:
        raise InvalidOption(
            "accounts", "is empty, so no token would rotate.", 'Name accounts or patterns, such as "*".'
        )
    for name in options["accounts"]:
        if not is_pattern(name):
            checked_username(name, "accounts")
    one, other = (_rotating_from(each, params, timing) for each in one_by_one(options, lambda _options: _EXAMPLES))
    theirs = {claim for sink in other.sinks for claim in sink.claims}
    for sink in one.sinks:
        shared = [claim for claim in sink.claims if claim in theirs]
        if shared:
            names = "each of its keys" if sink.options.get("keys") else "its key"
            more = ""
            if "{key}" in sink.kind.unique or sink.is_shared:
                more = f" or {names}"
            elif sink.kind.can_merge(sink.options):
                more = f", or into {names} with merge: true"
            raise InvalidOption(
                f"sinks[{sink.place.sink}]",
                f"{shared[0]} is the place of all accounts, and each would replace the secret of the other.",
                f"Put {PLACEHOLDER} into its path{more}.",
            )


def _rotating_from(options: Mapping[str, Any], params: Mapping[str, Any], timing: _Timing) -> RotatingToken:
    name = checked_name(options["name"])
    if len(name) > LONGEST_ROTATED:
        raise InvalidOption(
            "name",
            f"{name!r} has {len(name)} characters, and a token that rotates may have {LONGEST_ROTATED}:",
            "its successor's name is longer. Rename it first.",
        )
    account = options["account"]
    if account is not None:
        checked_username(account, "account")
        if params["service"] == "cpanel":
            raise InvalidOption("account", "is given, but with service: cpanel an account rotates its own tokens.")
    whm = params["service"] == "whm" and account is None
    lifetime = _duration(options, "expires_in")
    before = _duration(options, "rotate_before")
    if before is not None and lifetime is None:
        raise InvalidOption("rotate_before", "means something only with expires_in.")
    if before is not None and lifetime is not None and before >= lifetime:
        raise InvalidOption(
            "rotate_before",
            f"{options['rotate_before']} is not less than expires_in ({options['expires_in']}).",
            "Every run would rotate the token.",
        )
    timing.check(options, lifetime, before)
    label = "/".join(filter(None, (account, name)))
    desired = DesiredRotation(
        name=name,
        kind=WhmToken if whm else CpanelToken,
        limits=_limits(options, whm),
        lifetime=lifetime,
        rotate_before=before,
        max_age=_duration(options, "max_age"),
        force=params["force"] or params["emergency"],
        earlier=0 if timing.spread is None else earlier(label, timing.spread),
    )
    return RotatingToken(account, desired, tuple(_sinks(options, account, name)), tuple(options["notify"] or ()))


def _duration(options: Mapping[str, Any], option: str) -> int | None:
    return None if options[option] is None else parse_duration(options[option], option)


def _limits(options: Mapping[str, Any], whm: bool) -> dict[str, object]:
    limits: dict[str, object] = {}
    for option in ("acls", "whitelist_ips"):
        if options[option] is not None and not whm:
            raise InvalidOption(option, "is an option of WHM's tokens; those of a cPanel account have none.")
    if options["readonly"] is not None and whm:
        raise InvalidOption("readonly", "is an option of the tokens of cPanel accounts; use acls for WHM's.")
    if options["acls"] is not None:
        limits["acls"] = checked_acls(options["acls"])
    if options["whitelist_ips"] is not None:
        limits["whitelist_ips"] = checked_addresses(options["whitelist_ips"])
    if options["readonly"] is not None:
        limits["readonly"] = options["readonly"]
    return limits


def _sinks(options: Mapping[str, Any], account: str | None, name: str) -> list[TokenSink]:
    """One entry for each host of each sink, then one for each host that only verifies."""
    sinks: list[TokenSink] = []
    if not options["sinks"]:
        raise InvalidOption(
            "sinks",
            "is empty, so nobody would get the new secret, and the old one would die.",
            "Name at least one place for it; with type: tasks that can be tasks of your own.",
        )
    for number, asked in enumerate(options["sinks"]):
        kind = KINDS[asked["type"]]
        try:
            kind.check(asked)
            given = with_account(asked, account)
            for option in _OF_THE_SYSTEM:
                refuse_nul(option, given.get(option))
            if kind.on_hosts:
                _refuse_nameless("hosts", given["hosts"])
        except InvalidOption as error:
            raise InvalidOption(f"sinks[{number}]", str(error)) from None
        hosts = given["hosts"] or [CONTROLLER] if kind.on_hosts else [""]
        implied = kind.on_hosts and not given["hosts"]
        sinks += [
            TokenSink(Place(account, name, number, host), kind, _own(given), kind.verifies, implied) for host in hosts
        ]
    if options["verify_from"]:
        _refuse_nameless("verify_from", options["verify_from"])
    return _verified(sinks, options["verify_from"] or (), account, name)


def _refuse_nameless(option: str, hosts: Sequence[str] | None) -> None:
    """Refuse a host without a name: Ansible would run its part on the host of the play instead, which is a server and no consumer."""
    if hosts is not None and not hosts:
        raise InvalidOption(
            option, "is empty, so the secret would go nowhere.", "Name a host, or leave it out for the controller."
        )
    if any(not host.strip() for host in hosts or ()):
        raise InvalidOption(option, "has an empty name, so nobody knows where the secret would go.", "Name each host.")


def _own(given: Mapping[str, Any]) -> dict[str, object]:
    """The options of a sink that say what to do at each of its hosts."""
    return {option: value for option, value in given.items() if value is not None and option not in ("type", "hosts")}


def _verified(sinks: list[TokenSink], verify_from: Iterable[str], account: str | None, name: str) -> list[TokenSink]:
    """The sinks, with those hosts that try the secret; the controller does if nobody else would."""
    verifying = list(verify_from)
    implied = not verifying
    if not verifying and not any(sink.verifies for sink in sinks):
        verifying = [CONTROLLER]
    for host in verifying:
        own = next((number for number, sink in enumerate(sinks) if sink.place.host == host), None)
        if own is not None:
            sinks[own] = replace(sinks[own], verifies=True)
        else:
            sinks.append(TokenSink(Place(account, name, -1, host), VERIFYING, verifies=True, implied=implied))
    return sinks
