# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What M(panelops.cpanel.api_token_rotation) does, as a function of plain data: one step of a rotation of many tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from .._api.access import CpanelAccess, WhmAccess, opened
from .._api.connection import CPANEL, checked_port
from .._api.owners import Owners, owners_of
from .._errors import InvalidOption
from .._model.expiry import parse_duration
from .._rotation.decide import decide
from .._rotation.options import rotating_from
from .._rotation.promote import promote
from .._rotation.stage import stage, withdraw

_STEPS = dict(decide=decide, stage=stage, promote=promote, withdraw=withdraw)


@dataclass
class Server:
    """The server of a task: ``owners`` (see ``Owners``), the server's time, and what a consumer needs to reach it."""

    access: WhmAccess | CpanelAccess
    owners: Owners
    params: Mapping
    environ: Mapping

    def now(self) -> int:
        """The server's time in Unix seconds."""
        return self.access.now()

    @property
    def overlap(self) -> int:
        """Seconds for which a retired token lives on."""
        return 0 if self.params["emergency"] else parse_duration(self.params["overlap"], "overlap")

    def verification(self, owner: str | None) -> dict:
        """How a consumer reaches the service that a token of ``owner`` is for."""
        connection = self.access.connection
        given = self.params["verify"] or {}
        through = self.params["service"] == "whm" and owner is not None
        port = given.get("port") or connection.port
        if through:
            own = self.params["cpanel_port"] or self.environ.get("CPANEL_PORT") or CPANEL.port
            port = checked_port(given.get("cpanel_port") or own, "cpanel_port")
        certs = given.get("validate_certs")
        return dict(
            service="cpanel" if owner is not None or self.params["service"] == "cpanel" else "whm",
            host=given.get("host") or connection.host,
            port=port,
            username=owner or connection.username,
            ca_path=given.get("ca_path") or connection.ca_path,
            validate_certs=connection.validate_certs if certs is None else certs,
            timeout=connection.timeout,
        )

    @contextmanager
    def authenticated_by(self, secret: str) -> Iterator[Server]:
        """The same server, asked with another secret of the same user."""
        with server_from(dict(self.params, api_token=secret, password=None), self.environ) as server:
            yield server


@contextmanager
def server_from(params: Mapping, environ: Mapping) -> Iterator[Server]:
    """Open the connection that the options describe."""
    options = dict(params, transport="https", account=None)
    access = CpanelAccess(options, environ) if params["service"] == "cpanel" else WhmAccess(options, environ)
    with opened(access):
        yield Server(access, owners_of(access), params, environ)


def run(params: Mapping, check_mode: bool, environ: Mapping) -> dict:
    """Take one step and answer the task's result.

    :raises PanelopsError: with a sentence for the user.
    """
    rotating = rotating_from(params)
    parse_duration(params["overlap"], "overlap")
    if params["step"] != "decide" and params["rotation"] is None:
        raise InvalidOption("rotation", f"is needed for step: {params['step']}.", "Give what the step before returned.")
    with server_from(params, environ) as server:
        if params["step"] == "decide":
            return decide(server, rotating, check_mode)
        if check_mode:
            return dict(changed=False, rotation=params["rotation"], report=[], hosts=[], foreign=[])
        return _STEPS[params["step"]](server, rotating)
