# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The UAPI module ``Features``: which features the account has."""

from __future__ import annotations

from token_server.envelopes import UapiAnswer
from token_server.functions.callers import Caller
from token_server.functions.contracts import Calls, UapiComposite, UapiFunction
from token_server.parameters import Parameters
from token_server.refusals import quoted
from token_server.state.engine import Engine
from token_server.state.records import Account

_KNOWN = frozenset(
    {"apitokens", "autossl", "backup", "cron", "filemanager", "ftpaccts", "mysql", "popaccts", "ssh", "subdomains"}
)
"""Features that the server names. Two of them decide something here: ``apitokens`` and ``popaccts``."""


def _features(account: Account) -> dict[str, int]:
    """Return each feature, and whether the account has it; an empty list of an account means all."""
    return {name: int(not account.features or name in account.features) for name in sorted(_KNOWN | account.features)}


def list_features(_engine: Engine, account: Account, _parameters: Parameters) -> dict[str, int]:
    """List all features, each with 1 where the account has it, and 0 elsewhere."""
    return _features(account)


async def has_feature(
    _calls: Calls, _caller: Caller, account: Account, parameters: Parameters, _depth: int
) -> UapiAnswer:
    """Tell by the status of the answer whether the account has a feature: 0 is no error here.

    There is a message only where the feature exists and the account lacks it.
    """
    name = parameters.required("name")
    has = _features(account).get(name)
    lacks = [f"The feature {quoted(name)} exists but is not enabled."] if has == 0 else None
    return UapiAnswer(has or 0, None, None, messages=lacks)


FUNCTIONS: dict[str, UapiFunction] = {"Features::list_features": list_features}
WHOLE_ANSWERS: dict[str, UapiComposite] = {"Features::has_feature": has_feature}
"""The function that decides on the status of its answer itself."""
