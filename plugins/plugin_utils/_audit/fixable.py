# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tokens that an audit may revoke: expired, and with a finding that nobody accepted."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption

from .findings import CPANEL, WHM
from .options import ARGUMENT_SPEC
from .policy import policy_from
from .server import server_from

_DEAD = ("expired", "ci_leftover")


def fixable(read: Mapping, server: str, accept: Sequence[Mapping]) -> dict[str, list[dict]]:
    """By service, the option ``tokens`` of the bulk module that revokes the expired tokens.

    :param read: see ``server_from``. :param accept: accepted findings, as the user wrote them.
    :raises InvalidOption: they are not valid.
    """
    validation = ArgumentSpecValidator(ARGUMENT_SPEC).validate(dict(servers={}, dest=".", accept=list(accept)))
    if validation.error_messages:
        raise InvalidOption("accept", validation.errors.msg)
    policy = policy_from(validation.validated_parameters)
    chosen: dict[str, list[dict]] = {WHM: [], CPANEL: []}
    for each in server_from(server, read, False, policy, int(time.time()))[2]:
        if each["kind"] in _DEAD and each["accepted"] is None:
            whose = {} if each["service"] == WHM else {"account": each["owner"]}
            chosen[each["service"]].append(dict(whose, name=each["name"], state="absent", only_expired=True))
    return chosen
