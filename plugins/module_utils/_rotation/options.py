# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task says of the tokens to rotate and of where their secrets go, checked before the first call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from posixpath import normpath

from .._api.connection import checked_username
from .._errors import InvalidOption
from .._model.addresses import checked_addresses
from .._model.expiry import parse_duration
from .._model.names import LONGEST_ROTATED
from .._model.token import (
    CpanelToken,
    WhmToken,
    checked_acls,
    checked_name,
)
from .state import RotationWish

CONTROLLER = "localhost"
FILES = ("file", "vault")
"""The kinds of sinks that are files, which M(panelops.cpanel.api_token_delivery) writes."""
FOREIGN = ("hashi_vault", "tasks")
"""The kinds of sinks that the play itself fills, with other modules."""
CHECKED = (*FILES, "hashi_vault")
"""Those that are looked at before anything is created."""

_NEEDED = {"file": ("hosts", "path"), "vault": ("path", "key"), "hashi_vault": ("path", "key"), "tasks": ("tasks",)}
_ALLOWED = {
    "file": ("hosts", "path", "format", "key", "template", "owner", "group", "mode"),
    "vault": ("hosts", "path", "key", "vault_id", "owner", "group", "mode"),
    "hashi_vault": ("path", "key", "engine_mount_point"),
    "tasks": ("tasks",),
}


@dataclass(frozen=True)
class Rotating:
    """One token of a task: whose it is, what is wished, and where its secret goes.

    ``places`` are the sinks, one for each host that a sink is on, as plain data; ``verify_from`` the hosts that verify and have no
    file of their own.
    """

    owner: str | None
    wish: RotationWish
    places: tuple = ()
    notify: tuple = ()

    @property
    def label(self) -> str:
        """``name`` or ``account/name``, as messages call it."""
        return "/".join(filter(None, (self.owner, self.wish.name)))

    @property
    def key(self) -> tuple:
        """What tells it from all others of the task."""
        return (self.owner, self.wish.name)


def rotating_from(params: Mapping) -> list[Rotating]:
    """Check the options of every token.

    :raises InvalidOption: naming the token, the option, the rule and the remedy.
    """
    found = []
    for number, options in enumerate(params["tokens"]):
        try:
            found.append(_one(options, params))
        except InvalidOption as error:
            raise InvalidOption(f"tokens[{number}] ({options['name']})", str(error)) from None
    _refuse_twice([each.label for each in found], "tokens", "List each token once.")
    places = [place for each in found for place in each.places]
    files = [f"{place['host']}:{normpath(place['path'])}" for place in places if place["type"] in FILES]
    _refuse_twice(files, "sinks", "Give each token a file of its own.")
    keys = [
        f"the key {place['key']} of {place['engine_mount_point'] or 'secret'}/{place['path']}"
        for place in places
        if place["type"] == "hashi_vault"
    ]
    _refuse_twice(keys, "sinks", "Give each token a key of its own.")
    return found


def _refuse_twice(values: Sequence[str], option: str, remedy: str) -> None:
    twice = sorted({value for value in values if values.count(value) > 1})
    if twice:
        raise InvalidOption(option, f"{', '.join(twice)} is listed more than once.", remedy)


def _one(options: Mapping, params: Mapping) -> Rotating:
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
    if before is not None and before >= lifetime:
        raise InvalidOption(
            "rotate_before",
            f"{options['rotate_before']} is not less than expires_in ({options['expires_in']}).",
            "Every run would rotate the token.",
        )
    wish = RotationWish(
        name=name,
        kind=WhmToken if whm else CpanelToken,
        limits=_limits(options, whm),
        lifetime=lifetime,
        rotate_before=before,
        max_age=_duration(options, "max_age"),
        force=params["force"] or params["emergency"],
    )
    return Rotating(account, wish, _places(options), tuple(options["notify"] or ()))


def _duration(options: Mapping, option: str) -> int | None:
    return None if options[option] is None else parse_duration(options[option], option)


def _limits(options: Mapping, whm: bool) -> dict:
    limits: dict = {}
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


def _places(options: Mapping) -> tuple:
    """One entry for each host of each sink, then one for each host that only verifies."""
    places = []
    for number, sink in enumerate(options["sinks"] or ()):
        try:
            _check_sink(sink)
        except InvalidOption as error:
            raise InvalidOption(f"sinks[{number}]", str(error)) from None
        hosts = sink["hosts"] or [CONTROLLER]
        places += [
            dict(sink, sink=number, host=host, verify=sink["type"] == "file") for host in hosts if sink["type"] in FILES
        ]
        if sink["type"] not in FILES:
            places.append(dict(sink, sink=number, host="", verify=False))
    verifying = options["verify_from"] or []
    if not verifying and not any(place["verify"] for place in places):
        verifying = [CONTROLLER]
    for host in verifying:
        own = next((place for place in places if place["host"] == host), None)
        if own is not None:
            own["verify"] = True
        else:
            places.append(dict(type="verify", sink=-1, host=host, verify=True))
    return tuple(places)


def _check_sink(sink: Mapping) -> None:
    kind = sink["type"]
    for option in _NEEDED[kind]:
        if not sink[option]:
            raise InvalidOption(option, f"is needed for a sink of type {kind}.")
    given = {option for option, value in sink.items() if value is not None} - {"type"}
    foreign = sorted(given - set(_ALLOWED[kind]))
    if foreign:
        raise InvalidOption(foreign[0], f"means nothing for a sink of type {kind}.")
    if kind != "file":
        return
    needs = {"env": "key", "json": "key", "template": "template"}.get(sink["format"] or "raw")
    for option in ("key", "template"):
        if (sink[option] is not None) != (option == needs):
            word = "is needed" if option == needs else "means nothing"
            raise InvalidOption(option, f"{word} with format: {sink['format'] or 'raw'}.")
