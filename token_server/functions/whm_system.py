# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The WHM API 1 functions about the server itself (docs/wire-contract.md, section C6)."""

from __future__ import annotations

import os
import socket

from token_server.envelopes import WhmReply
from token_server.functions.callers import Caller
from token_server.functions.contracts import WhmFunction
from token_server.functions.permissions import WHM_FUNCTIONS
from token_server.parameters import Parameters
from token_server.state.engine import Engine

VERSION = "11.138.0.1"
"""The version of the real system whose behavior this server follows."""


def version(_engine: Engine, _caller: Caller, _parameters: Parameters) -> WhmReply:
    """Show the version."""
    return WhmReply({"version": VERSION})


def gethostname(_engine: Engine, _caller: Caller, _parameters: Parameters) -> WhmReply:
    """Show the name of the machine."""
    return WhmReply({"hostname": socket.gethostname()})


def applist(engine: Engine, caller: Caller, _parameters: Parameters) -> WhmReply:
    """List the functions that the caller may call."""
    needs = {name: canned.needs for name, canned in engine.canned.whm.items()}
    needs.update((name, rule.privilege) for name, rule in WHM_FUNCTIONS.items())
    return WhmReply({"app": sorted(name for name, need in needs.items() if need is None or caller.has(need))})


def loadavg(_engine: Engine, _caller: Caller, _parameters: Parameters) -> WhmReply:
    """Show the load averages, at the top level beside ``metadata`` as the real system does."""
    return WhmReply(beside=_loads())


def systemloadavg(_engine: Engine, _caller: Caller, _parameters: Parameters) -> WhmReply:
    """Show the load averages, in ``data`` as most functions do."""
    return WhmReply(_loads())


def _loads() -> dict[str, object]:
    one, five, fifteen = (f"{load:.2f}" for load in os.getloadavg())
    return {"one": one, "five": five, "fifteen": fifteen}


FUNCTIONS: dict[str, WhmFunction] = {
    "applist": applist,
    "gethostname": gethostname,
    "loadavg": loadavg,
    "systemloadavg": systemloadavg,
    "version": version,
}
