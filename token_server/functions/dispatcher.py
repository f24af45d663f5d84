# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the name of a function to its answer: permissions, planned faults, counters, audit."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TypeVar

from token_server.envelopes import UapiAnswer, WhmAnswer, WhmReply, api2
from token_server.functions import (
    batch,
    canned,
    control_parameters,
    output_controls,
    standing,
    uapi_account,
    uapi_email,
    uapi_features,
    uapi_tokens,
    uapi_variables,
    whm_account_list,
    whm_accounts,
    whm_cpanel,
    whm_privileges,
    whm_resellers,
    whm_sessions,
    whm_suspensions,
    whm_system,
    whm_tokens,
)
from token_server.functions.callers import Caller
from token_server.functions.contracts import Api2Function, UapiComposite, UapiFunction, WhmComposite, WhmFunction
from token_server.functions.permissions import PAGE_FUNCTIONS, UapiRule
from token_server.parameters import Parameters
from token_server.refusals import Refused, quoted
from token_server.state.engine import Engine
from token_server.state.faults import ANSWER_WITHOUT_COMMIT
from token_server.state.records import Account

Answer = TypeVar("Answer")

UNKNOWN = "(unknown)"
"""How unknown functions are counted and logged: their names are the client's, and might be anything."""

_QUOTED = 100

_WITHOUT_VERSION = frozenset({"cpanel"})
"""Clients call the way to API 2 without ``api.version``, as the vendor documents it."""

_WHM: dict[str, WhmFunction] = {
    **whm_tokens.FUNCTIONS,
    **whm_accounts.FUNCTIONS,
    **whm_account_list.FUNCTIONS,
    **whm_suspensions.FUNCTIONS,
    **whm_resellers.FUNCTIONS,
    **whm_privileges.FUNCTIONS,
    **whm_system.FUNCTIONS,
    **whm_sessions.FUNCTIONS,
}
_WHM_COMPOSITE: dict[str, WhmComposite] = {**batch.WHM_FUNCTIONS, **whm_cpanel.FUNCTIONS}
_UAPI: dict[str, UapiFunction] = {
    **uapi_tokens.FUNCTIONS,
    **uapi_account.FUNCTIONS,
    **uapi_email.FUNCTIONS,
    **uapi_features.FUNCTIONS,
    **uapi_variables.FUNCTIONS,
}
_UAPI_COMPOSITE: dict[str, UapiComposite] = {**batch.UAPI_FUNCTIONS, **uapi_features.WHOLE_ANSWERS}
_PAGE: dict[str, UapiFunction] = uapi_tokens.PAGE_FUNCTIONS
_API2: dict[str, Api2Function] = uapi_email.API2_FUNCTIONS


class Dispatcher:
    """Calls functions for authenticated callers. ``depth`` says how many batches a call lies in."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    async def whm(self, caller: Caller, name: str, parameters: Parameters, depth: int = 0) -> WhmAnswer:
        """Call a WHM API 1 function."""
        rule = canned.whm_rule(self.engine, name)
        versioned = depth > 0 or parameters.one("api.version") == "1"

        async def work() -> WhmAnswer:
            present = standing.again(self.engine, caller) if depth else caller
            if not versioned and name not in _WITHOUT_VERSION:
                raise Refused(
                    'This server speaks version 1 of the WHM API only: send "api.version=1" with every call.',
                    cause="api.version is not 1",
                )
            if rule is None:
                raise Refused(
                    f"Unknown app ({quoted(name)}) requested for this version (1) of the API.",
                    cause="unknown function",
                )
            if rule.privilege is not None and not present.has(rule.privilege):
                raise Refused(
                    f"Permission denied: {quoted(name)} needs the privilege (ACL) {quoted(rule.privilege)}.",
                    cause=f"needs {rule.privilege}",
                    denied=True,
                )
            controls = control_parameters.of_whm(parameters)
            if name in _WHM_COMPOSITE:
                return await _WHM_COMPOSITE[name](self, present, parameters, depth)
            function = _WHM.get(name)
            reply = canned.whm(self.engine, name) if function is None else function(self.engine, present, parameters)
            return WhmAnswer(name, 1, output_controls.on_whm(None if rule.mutates else controls, reply))

        def refused(refusal: Refused) -> WhmAnswer:
            # Who names no version speaks version 0, and would take an answer without a status for a success.
            beside: dict[str, object] | None = None if versioned else {"status": 0, "statusmsg": refusal.reason}
            return WhmAnswer(name[:_QUOTED], 0, WhmReply(reason=refusal.reason, beside=beside), refusal=refusal)

        known = UNKNOWN if rule is None else name
        return await self._observed(known, rule is not None and rule.mutates, caller, work, refused)

    async def uapi(
        self, caller: Caller, account: Account, module: str, function: str, parameters: Parameters, depth: int = 0
    ) -> UapiAnswer:
        """Call a UAPI function for an account."""
        name = f"{module}::{function}"
        rule = canned.uapi_rule(self.engine, name)

        async def work() -> UapiAnswer:
            present = standing.again(self.engine, caller) if depth else caller
            if rule is None:
                raise _unknown_uapi(self.engine, module, function)
            _permit(present, account, name, rule)
            controls = control_parameters.of_uapi(parameters)
            if name in _UAPI_COMPOSITE:
                return await _UAPI_COMPOSITE[name](self, present, account, parameters, depth)
            call = _UAPI.get(name)
            data = canned.uapi(self.engine, name) if call is None else call(self.engine, account, parameters)
            return output_controls.on_uapi(None if rule.mutates else controls, data)

        def refused(refusal: Refused) -> UapiAnswer:
            return UapiAnswer(0, None, [refusal.reason], refusal)

        known = UNKNOWN if rule is None else name
        return await self._observed(known, rule is not None and rule.mutates, caller, work, refused)

    async def page(self, caller: Caller, name: str, parameters: Parameters) -> UapiAnswer:
        """Do for the caller's own account what only the page of cPanel does."""
        rule = PAGE_FUNCTIONS[name]

        async def work() -> UapiAnswer:
            _permit(caller, caller.account, name, rule)
            _PAGE[name](self.engine, caller.account, parameters)
            return UapiAnswer(1, None, None)

        def refused(refusal: Refused) -> UapiAnswer:
            return UapiAnswer(0, None, [refusal.reason], refusal)

        return await self._observed(name, rule.mutates, caller, work, refused)

    async def api2(
        self, caller: Caller, account: Account, module: str, function: str, parameters: Parameters
    ) -> dict[str, object]:
        """Call a cPanel API 2 function for an account; return its whole answer."""
        name = f"{module}::{function}"
        rule = canned.api2_rule(self.engine, name)

        async def work() -> dict[str, object]:
            if rule is None:
                raise _unknown_api2(module, function)
            _permit(caller, account, name, rule)
            if name not in _API2:
                return api2(module, function, canned.api2(self.engine, name), None)
            return api2(module, function, _API2[name](self.engine, account, parameters), None)

        def refused(refusal: Refused) -> dict[str, object]:
            return api2(module[:_QUOTED], function[:_QUOTED], [], refusal.reason)

        known = UNKNOWN if rule is None else name
        return await self._observed(known, rule is not None and rule.mutates, caller, work, refused)

    async def _observed(
        self,
        name: str,
        mutates: bool,
        caller: Caller,
        work: Callable[[], Coroutine[object, None, Answer]],
        refused: Callable[[Refused], Answer],
    ) -> Answer:
        """Call a function, with what surrounds every call: planned faults, counters and the line in the audit log."""
        engine = self.engine
        engine.counters.called(name)
        faults = engine.faults.take(name)
        for fault in faults:
            await fault.before()
        commits = engine.store.commits
        outcome, reason = "ok", "ok"
        exchange = caller.exchange
        uncommitted_around = exchange.uncommitted
        if any(fault.kind == ANSWER_WITHOUT_COMMIT for fault in faults):
            # For the calls inside of a batch too, and for this request alone: between them a batch gives way to others.
            exchange.uncommitted = True
        try:
            if mutates and exchange.uncommitted:
                with engine.store.nothing_kept():
                    answer = await work()
            else:
                answer = await work()
        except Refused as refusal:
            outcome, reason = ("denied" if refusal.denied else "failed"), refusal.cause
            answer = refused(refusal)
        finally:
            exchange.uncommitted = uncommitted_around
        if mutates:
            # What mutates never gives way to other calls, so these commits are its own.
            engine.counters.committed(name, engine.store.commits - commits)
        engine.audit.write(
            service=caller.exchange.service,
            user=caller.account.username,
            token=None if caller.token is None else caller.token.name,
            peer=caller.exchange.peer,
            function=name,
            mutation=mutates,
            outcome=outcome,
            reason=reason,
        )
        for fault in faults:
            caller.exchange.mangle = fault.after() or caller.exchange.mangle
        return answer


def _unknown_uapi(engine: Engine, module: str, function: str) -> Refused:
    if not canned.has_module(engine, module):
        return Refused(f"Failed to load module {quoted(module)}: there is no such module.", cause="unknown module")
    return Refused(
        f"The system could not find the function {quoted(function)} in the module {quoted(module)}.",
        cause="unknown function",
    )


def _unknown_api2(module: str, function: str) -> Refused:
    return Refused(
        f"Could not find function '{function[:_QUOTED]}' in module '{module[:_QUOTED]}'", cause="unknown function"
    )


def _permit(caller: Caller, account: Account, name: str, rule: UapiRule) -> None:
    """Raise ``Refused`` unless the token may change things (if it would) and the account has the feature needed."""
    if (rule.mutates or rule.not_readonly) and caller.readonly:
        raise Refused(
            f"Permission denied: this API token is read-only and may not call {quoted(name)}.",
            cause="readonly token",
            denied=True,
        )
    # An empty list of features means all of them.
    if rule.feature is not None and account.features and rule.feature not in account.features:
        raise Refused(f"You do not have the feature {quoted(rule.feature)}.", cause="missing feature", denied=True)
