# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where secrets go, and what came of it: work for the hosts that hold the sinks, and the evidence that they give. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from .._argspec import PLACE
from .options import FILES, FOREIGN, Rotating

_SILENT = (
    "nothing came back from the host. Can Ansible reach it, and does ansible_python_interpreter name a Python that runs there? "
    "The module ansible.builtin.ping tries both."
)
_FILE_OPTIONS = ("path", "format", "key", "template", "vault_id", "owner", "group", "mode")


def identity(entry: Mapping) -> tuple:
    """What tells a place from all others of a task."""
    return tuple(entry[key] for key in PLACE)


class Evidence:
    """What the hosts have told of places. What nobody tells of has not gone well."""

    def __init__(self, entries: Iterable[Mapping] | None) -> None:
        self._told = {identity(entry): entry for entry in entries or ()}

    def of(self, place: Mapping) -> Mapping | None:
        """The evidence of one place, ``None`` if nothing came back from there."""
        return self._told.get(identity(place))

    def ok(self, place: Mapping) -> bool:
        """Did it go well there?"""
        told = self.of(place)
        return told is not None and told["ok"]

    def failure(self, places: Sequence[Mapping]) -> tuple[str, bool] | None:
        """The first of these places where it did not go well: a sentence, and whether another run was the cause."""
        for place in places:
            told = self.of(place)
            if told is None:
                return f"{label(place)}: {_SILENT}", False
            if not told["ok"]:
                return f"{label(place)}: {told['msg']}", told["taken_over"]
        return None


def label(place: Mapping) -> str:
    """A place as messages call it."""
    if place["type"] == "verify":
        return f"verifying from {place['host']}"
    where = place.get("path") or place.get("tasks")
    return f"the {place['type']} sink {place['host']}:{where}" if place["host"] else f"the {place['type']} sink {where}"


def places_of(rotating: Rotating, kinds: Sequence[str] = (*FILES, "verify", *FOREIGN)) -> list[dict]:
    """The places of a token as data that names the token too."""
    named = dict(account=rotating.owner, name=rotating.wish.name)
    return [dict(place, **named) for place in rotating.places if place["type"] in kinds]


def foreign_of(chosen: Iterable[Rotating]) -> list[dict]:
    """The places that the play itself fills, a user's own tasks after all others."""
    places = [place for rotating in chosen for place in places_of(rotating, FOREIGN)]
    return sorted(places, key=lambda place: FOREIGN.index(place["type"]))


def by_host(chosen: Iterable[tuple[Rotating, Sequence[Mapping]]], more: Callable[[Mapping], Mapping]) -> list[dict]:
    """Places grouped by host, in an order that is the same in every run, so that of two runs one is first everywhere.

    :param more: what to add to a place for the work on it.
    """
    hosts: dict[str, dict] = {}
    for rotating, places in chosen:
        for place in places:
            group = hosts.setdefault(place["host"], dict(host=place["host"], notify=[], sinks=[]))
            options = {key: place[key] for key in _FILE_OPTIONS if place.get(key) is not None}
            group["sinks"].append(
                dict({key: place[key] for key in PLACE}, type=place["type"], **options, **more(place))
            )
            group["notify"] += [name for name in rotating.notify if name not in group["notify"]]
    return [hosts[host] for host in sorted(hosts)]
