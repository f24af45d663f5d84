# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tokens that an audit may revoke: expired, and with a finding that nobody accepted."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._model.names import sibling_of
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.accounts import matches, patterns_of
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.state import KEPT

from .findings import CPANEL, WHM
from .options import ARGUMENT_SPEC
from .policy import Policy, policy_from
from .server import server_from, server_time

_DEAD = ("expired", "ci_leftover")


def fixable(
    read: Mapping, server: str, accept: Sequence[Mapping], abandoned_after: str = "7d", rotated: Sequence[Mapping] = ()
) -> dict[str, list[dict]]:
    """By service, the option ``tokens`` of the bulk module that revokes the expired tokens.

    :param read: see ``server_from``. :param accept: accepted findings, as the user wrote them.
    :param abandoned_after: how long what has expired is left to its rotation.
    :param rotated: the tokens that rotate: ``name``, and ``account`` or ``accounts`` if they are an account's.
    :raises InvalidOption: they are not valid.
    """
    given = dict(servers={}, dest=".", accept=list(accept), abandoned_after=abandoned_after)
    validation = ArgumentSpecValidator(ARGUMENT_SPEC).validate(given)
    if validation.error_messages:
        raise InvalidOption("accept", validation.errors.msg)
    policy = policy_from(validation.validated_parameters)
    now = int(time.time())
    _server, tokens, found = server_from(server, read, False, policy, now)
    owned = _owned(tokens, rotated, policy, server_time(read, now))
    chosen: dict[str, list[dict]] = {WHM: [], CPANEL: []}
    for each in found:
        if each["kind"] in _DEAD and each["accepted"] is None and _key(each) not in owned:
            whose = {} if each["service"] == WHM else {"account": each["owner"]}
            chosen[each["service"]].append(dict(whose, name=each["name"], state="absent", only_expired=True))
    return chosen


def _owned(tokens: Sequence[Mapping], rotated: Sequence[Mapping], policy: Policy, now: int) -> set[tuple]:
    """The tokens that a rotation still needs, expired or not.

    A retired one, because its name stops calls of other runs that are still under way. A staged one, because a consumer may have its
    secret. A live one, because its successor takes over its limits. What no run has come for within ``abandoned_after`` is nobody's.
    """
    owned = set()
    for each in tokens:
        sibling = sibling_of(each["name"])
        if sibling is not None:
            owned.add((*_key(each)[:2], sibling.of))
            if each["expires_at"] is None or now < each["expires_at"] + max(policy.abandoned_after, KEPT):
                owned.add(_key(each))
        elif any(each["name"] == one.get("name") and _can_own(one, each) for one in rotated):
            owned.add(_key(each))
    return owned


def _can_own(rotated: Mapping, token: Mapping) -> bool:
    """Without an account it is a token of the user that connects, which with ``rotate_service: cpanel`` is an account itself."""
    if patterns_of(rotated) is not None:
        return token["service"] == CPANEL and matches(rotated, token["owner"])
    return rotated.get("account") in (None, "") or (token["service"] == CPANEL and rotated["account"] == token["owner"])


def _key(entry: Mapping) -> tuple:
    return tuple(entry[key] for key in ("service", "owner", "name"))
