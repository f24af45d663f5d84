# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Canned functions as the dispatcher calls them, and the rules of all functions, whether built in or canned.

A built-in function goes before a canned one of the same name: a state folder may be older than the built-in one.
"""

from __future__ import annotations

from token_server.envelopes import Rendered, WhmReply
from token_server.functions.permissions import (
    API2_FUNCTIONS,
    PAGE_FUNCTIONS,
    UAPI_FUNCTIONS,
    WHM_FUNCTIONS,
    UapiRule,
    WhmRule,
)
from token_server.refusals import Refused, ServerError, quoted
from token_server.state.canned_functions import CannedFunction, CannedFunctions
from token_server.state.engine import Engine


def check(functions: CannedFunctions | None, where: str) -> None:
    """Raise ``ServerError`` if one of the functions is built in. ``where`` begins the sentence."""
    if functions is None:
        return
    for api, found, built_in in (
        ("whm", functions.whm, WHM_FUNCTIONS),
        ("uapi", functions.uapi, {**UAPI_FUNCTIONS, **PAGE_FUNCTIONS}),
        ("api2", functions.api2, API2_FUNCTIONS),
    ):
        for name in found:
            if name in built_in:
                raise ServerError(
                    f"{where} The function {quoted(name)} of {quoted(api)} is built in, and takes no answer from a fixture."
                )


def whm_rule(engine: Engine, name: str) -> WhmRule | None:
    """Return the rule of a WHM function, or None if there is no such function."""
    rule = WHM_FUNCTIONS.get(name)
    if rule is None and name in engine.canned.whm:
        canned = engine.canned.whm[name]
        rule = WhmRule(canned.needs, canned.mutates)
    return rule


def uapi_rule(engine: Engine, name: str) -> UapiRule | None:
    """Return the rule of a UAPI function (``Module::function``), or None if there is no such function."""
    return UAPI_FUNCTIONS.get(name) or _rule(engine.canned.uapi.get(name))


def api2_rule(engine: Engine, name: str) -> UapiRule | None:
    """Return the rule of an API 2 function (``Module::function``), or None if there is no such function."""
    return API2_FUNCTIONS.get(name) or _rule(engine.canned.api2.get(name))


def _rule(canned: CannedFunction | None) -> UapiRule | None:
    return None if canned is None else UapiRule(canned.needs, canned.mutates)


def whm(engine: Engine, name: str) -> WhmReply:
    """Return the answer of a WHM function. Raises ``Refused`` if it is to fail."""
    return WhmReply(_answer(engine, engine.canned.whm[name]))


def uapi(engine: Engine, name: str) -> Rendered | None:
    """Return the data of a UAPI function. Raises ``Refused`` if it is to fail."""
    return _answer(engine, engine.canned.uapi[name])


def api2(engine: Engine, name: str) -> list[object]:
    """Return the data of an API 2 function. Raises ``Refused`` if it is to fail."""
    rendered = _answer(engine, engine.canned.api2[name])
    value = None if rendered is None else rendered.value
    return value if isinstance(value, list) else []


def _answer(engine: Engine, function: CannedFunction) -> Rendered | None:
    if function.reason is not None:
        raise Refused(function.reason, cause="canned failure")
    if function.mutates:
        # What it stands in for would have changed something, and tests count that.
        engine.store.commits += 1
    return function.data


def has_module(engine: Engine, module: str) -> bool:
    """Tell whether there is any UAPI or API 2 function of this module."""
    prefix = f"{module}::"
    tables = (UAPI_FUNCTIONS, API2_FUNCTIONS, engine.canned.uapi, engine.canned.api2)
    return any(name.startswith(prefix) for table in tables for name in table)


def rule_of(engine: Engine, name: str) -> WhmRule | UapiRule | None:
    """Return the rule of a function of WHM or UAPI, as the audit log names it; None if there is no such function."""
    return whm_rule(engine, name) or uapi_rule(engine, name)
