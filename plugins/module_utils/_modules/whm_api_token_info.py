# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What M(panelops.cpanel.whm_api_token_info) does, as a function of plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._api.access import WhmAccess, opened
from .selection import selection_from


def run(params: Mapping[str, Any], check_mode: bool, environ: Mapping[str, str]) -> dict[str, object]:
    """List WHM tokens; reads only, so check mode is no different.

    :raises PanelopsError: with a sentence for the user.
    """
    select = selection_from(params)
    with opened(WhmAccess(params, environ)) as access:
        tokens, now = access.api.tokens(), access.now()
        return dict(changed=False, whm_api_tokens=select(tokens, now), server_time=now)
