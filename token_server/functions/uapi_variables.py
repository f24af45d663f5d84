# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The UAPI module ``Variables``: what can be known of the account, the session and the server."""

from __future__ import annotations

import socket
from collections.abc import Mapping

from token_server.functions.contracts import UapiFunction
from token_server.parameters import Parameters
from token_server.refusals import Refused, quoted
from token_server.state.engine import Engine
from token_server.state.records import Account
from token_server.wire import MAX_BODY

_SERVER: dict[str, object] = {
    "apache_port": "80",
    "cpanel_root_directory": "/usr/local/cpanel",
    "default_theme": "jupiter",
    "file_upload_maximum_bytes": MAX_BODY,
}
"""The settings of a server as it is installed; only the size of an upload is this server's own."""


def get_user_information(_engine: Engine, account: Account, parameters: Parameters) -> dict[str, object]:
    """Show the account itself."""
    known = {"user": account.username, "domain": account.domain, "created": account.create_time}
    return _wanted(known, parameters)


def get_session_information(_engine: Engine, _account: Account, parameters: Parameters) -> dict[str, object]:
    """Show the host that the session is on."""
    return _wanted({"host": socket.gethostname()}, parameters)


def get_server_information(_engine: Engine, _account: Account, parameters: Parameters) -> dict[str, object]:
    """Show settings of the server."""
    return _wanted(_SERVER, parameters)


def _wanted(known: Mapping[str, object], parameters: Parameters) -> dict[str, object]:
    """Return the variables that ``name`` (also repeated or numbered) asks for, or all."""
    names = parameters.many("name")
    for name in names:
        if name not in known:
            raise Refused(f"The variable {quoted(name)} is unknown to this server.", cause="unknown variable")
    return {name: value for name, value in known.items() if not names or name in names}


FUNCTIONS: dict[str, UapiFunction] = {
    "Variables::get_server_information": get_server_information,
    "Variables::get_session_information": get_session_information,
    "Variables::get_user_information": get_user_information,
}
