# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is to write at the sinks of a token, as plain data for those who fill them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace

from .._model.expiry import to_iso
from .looks import work_on_host
from .places import AllEvidence
from .rotating import RotatingToken
from .server import Server
from .sinks import TokenSink
from .values import values_of


@dataclass(frozen=True)
class Issued:
    """A secret, and when its token was created and expires, in Unix seconds."""

    secret: str | None = field(repr=False)
    create_time: int | None
    expires_at: int | None


@dataclass(frozen=True)
class Filling:
    """Work for sinks of tokens of one server. ``evidence`` tells what was seen at each: it is written only if that still is there."""

    server: Server
    evidence: AllEvidence

    def on_host(self, rotating: RotatingToken, sink: TokenSink, issued: Issued) -> dict[str, object]:
        """For a sink on a host."""
        origin = asdict(replace(self.server.origin(rotating), create_time=issued.create_time))
        more = dict(values=self._values(sink, issued)) if sink.kind.bundles else {}
        return dict(
            work_on_host(self.server, sink), token=issued.secret, **more, before=self._before(sink), origin=origin
        )

    def in_store(self, sink: TokenSink, issued: Issued) -> dict[str, object]:
        """For a sink in a store."""
        return dict(sink.as_work(), values=self._values(sink, issued), before=self._before(sink))

    def _before(self, sink: TokenSink) -> str:
        found = self.evidence.of(sink)
        return (found and found.before) or ""

    def _values(self, sink: TokenSink, issued: Issued) -> dict[str, str]:
        endpoint = self.server.endpoint(sink.place.account)
        known = dict(
            secret=issued.secret,
            username=endpoint.username,
            host=endpoint.host,
            port=endpoint.port,
            name=sink.place.name,
            expires_at=None if issued.expires_at is None else to_iso(issued.expires_at),
        )
        return values_of(sink.options, known)
