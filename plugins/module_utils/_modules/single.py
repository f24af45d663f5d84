# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One API token in its desired state: a bulk of one, reported as the modules for a single token report it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .._api.owners import Owners, Tokens
from .._errors import PanelopsError
from .._model.plan import Plan, Wish
from .._task.token_file import TokenFile
from .bulk import Bulk, Item, Match, report_of

Guard = Callable[[Plan, Tokens], Sequence[str]]
"""Refuses a plan that would lock us out (given the owner's API tokens as they are), and returns warnings."""


def ensure(
    owners: Owners,
    wish: Wish,
    check_mode: bool,
    token_file: TokenFile | None,
    match: Match,
    guard: Guard,
    return_token: bool,
) -> dict[str, object]:
    """Bring one API token into its desired state and return the task's result.

    :raises PanelopsError: with a sentence for the user.
    """
    item = Item(wish, token_file if wish.present else None)
    bulk = Bulk(owners, [item], wish.kind)
    bulk.read()
    live = dict(bulk.live(None))
    bulk.prove(match)
    for _item, refusal in bulk.plan():
        raise refusal
    item.entry.warnings += guard(item.entry.plan, live)
    if not check_mode:
        bulk.apply()
    report = report_of(item, check_mode, return_token)
    result: dict[str, object] = dict(changed=report.changed)
    if report.secret is not None:
        result["token"] = report.secret
    if report.error is not None:
        if report.changed:
            result[wish.kind.RESULT] = report.token
        raise PanelopsError(str(report.error), **{**report.error.result, **result})
    result[wish.kind.RESULT] = report.token
    return dict(result, diff=report.diff, warnings=report.warnings)
