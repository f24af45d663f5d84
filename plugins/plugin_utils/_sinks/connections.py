# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How stores are reached, kept away from those who do not reach them: a module censors its result by the credentials it is given."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.sinks import ADDRESS


def without_credentials(token: object) -> object:
    """A token as the steps need it: of how its stores are reached only their addresses, by which places are told apart.

    Of the options of a module nothing: any of them may be a credential.
    """
    sinks = token.get("sinks") if isinstance(token, Mapping) else None
    if not isinstance(token, Mapping) or not isinstance(sinks, list):
        return token
    return {**token, "sinks": [_with_address_only(sink) for sink in sinks]}


def _with_address_only(sink: object) -> object:
    if not isinstance(sink, Mapping):
        return sink
    told = {option: value for option, value in sink.items() if option != "args"}
    connection = sink.get("connection")
    if isinstance(connection, Mapping):
        told["connection"] = {option: connection[option] for option in ADDRESS if option in connection}
    return told
