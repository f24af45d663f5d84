# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What M(panelops.cpanel.whm_api_token_info) does, as a function of plain data."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from ansible_collections.panelops.cpanel.plugins.module_utils._connection import WHM, connection_from
from ansible_collections.panelops.cpanel.plugins.module_utils._expiry import parse_duration
from ansible_collections.panelops.cpanel.plugins.module_utils._token import ApiToken, checked_name
from ansible_collections.panelops.cpanel.plugins.module_utils._transport import HttpsTransport
from ansible_collections.panelops.cpanel.plugins.module_utils._whm import WhmApi


def run(params: Mapping, check_mode: bool, environ: Mapping) -> dict:
    """List WHM tokens; reads only, so check mode is no different.

    :raises PanelopsError: with a sentence for the user.
    """
    soon = parse_duration(params["expiring_within"], "expiring_within")
    name = None if params["name"] is None else checked_name(params["name"])
    transport = HttpsTransport(connection_from(params, environ, WHM), WHM)
    try:
        api = WhmApi(transport)
        tokens = api.tokens()
        chosen = [tokens[key] for key in sorted(tokens) if name in (None, key) and fnmatchcase(key, params["pattern"])]
        return dict(
            changed=False,
            whm_api_tokens=[dict(token.as_result(), **standing(token, api.now(), soon)) for token in chosen],
        )
    finally:
        transport.close()


def standing(token: ApiToken, now: int, soon: int) -> dict:
    """How a token stands at ``now`` (Unix seconds): ``expiring`` when ``soon`` seconds or less are left."""
    if token.expires_at is None:
        return dict(status="active", seconds_left=None)
    left = token.expires_at - now
    status = "expired" if left <= 0 else "expiring" if left <= soon else "active"
    return dict(status=status, seconds_left=max(left, 0))
