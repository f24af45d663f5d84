# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a consumer's host is told of a sink, and what it needs to try a secret: typed, read from the options of the task."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Callable, Protocol

from .._model.stored import Origin
from .evidence import VERIFY_ONLY, Place, origin_of
from .file import DeliveryFile
from .part import Part, Whole, Written

READ, CHECK, DELIVER, RESTORE = "read", "check", "deliver", "restore"


@dataclass(frozen=True)
class Previous:
    """What a file held before, and what it said that this was issued for."""

    content: bytes = field(repr=False)
    mark: Origin | None = None


@dataclass(frozen=True)
class Endpoint:
    """How a consumer reaches the service that a token is for. ``timeout`` is in seconds."""

    service: str
    host: str
    port: int
    username: str
    ca_path: str | None
    validate_certs: bool
    timeout: int


class Verifier(Protocol):
    """Tries secrets from the host that it runs on."""

    def check(self, endpoint: Endpoint) -> None:
        """Make sure that this host has what it takes to try a secret, without one.

        :raises PanelopsError: it has not.
        """

    def works(self, endpoint: Endpoint, secret: str) -> bool:
        """Is a secret that was found here accepted?

        :raises PanelopsError: it could not be tried.
        """

    def verify(self, endpoint: Endpoint, secret: str, host: str) -> None:
        """Make an authenticated call with the new secret.

        :param host: what messages call this host.
        :raises PanelopsError: the secret was not accepted, or could not be tried.
        """


@dataclass(frozen=True)
class Sink:
    """One sink on this host. ``file`` is ``None`` where the host only verifies, ``verify`` where it does not.

    ``written`` is what the sink writes of its file, ``names`` are those of its values, and ``shared`` says whether the file may have values
    of other tokens too. ``sealed``: what it holds is not for this host to read.
    ``before`` and ``after`` are fingerprints of what the file is expected to hold, ``previous`` is what to put back into it (``None``:
    there was no file).
    ``origin`` is what the secret is issued for, or with ``previous`` what that was; a file that is shared is not marked.
    """

    place: Place
    file: DeliveryFile | None
    written: Written
    names: frozenset[tuple[str | None, str]]
    shared: bool
    sealed: bool
    before: str | None
    after: str | None
    verify: Endpoint | None
    secret: str = field(repr=False)
    previous: bytes | None = field(repr=False)
    origin: Origin | None = None


def sinks_from(
    params: Mapping[str, Any], previous: Mapping[Place, Previous], files: Callable[[Mapping[str, Any]], DeliveryFile]
) -> list[Sink]:
    """The sinks of a task.

    :param previous: what the files held before, by place.
    :param files: makes the file of one sink's options.
    """
    return [_sink_from(options, previous, files) for options in params["sinks"]]


def _sink_from(
    options: Mapping[str, Any], previous: Mapping[Place, Previous], files: Callable[[Mapping[str, Any]], DeliveryFile]
) -> Sink:
    place = Place.of(options)
    before = previous.get(place)
    names = list(options["keys"] or [options["key"] or ""])
    shared = bool(options["merge"] or options["shared"])
    secrets = next((name for name, value in (options["keys"] or {}).items() if value == "secret"), names[0])
    recognize, section = options["recognize"], options["section"]
    return Sink(
        place=place,
        file=None if options["type"] == VERIFY_ONLY else files(options),
        written=Part(recognize, section, names, secrets, options["values"] or {})
        if options["merge"]
        else Whole(
            recognize, section, names, secrets, base64.b64decode(options["content"] or ""), options["token"] or ""
        ),
        names=frozenset((section, name) for name in names),
        shared=shared,
        sealed=recognize is None,
        before=options["before"],
        after=options["after"],
        verify=Endpoint(**options["verify"]) if options["verify"] else None,
        secret=options["token"] or "",
        previous=before.content if before else None,
        origin=None if shared else before.mark if before else origin_of(options["origin"]),
    )
