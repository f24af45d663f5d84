# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One API token in its desired state: a bulk of one, reported as the modules for a single token report it."""

from __future__ import annotations

from .._api.owners import Owners
from .._errors import PanelopsError
from .._model.plan import DesiredToken
from .._task.token_file import TokenFile
from .bulk import Bulk, Guard, Match
from .items import Home, Item
from .report import report_of


def ensure(
    owners: Owners,
    home: Home,
    desired: DesiredToken,
    check_mode: bool,
    token_file: TokenFile | None,
    match: Match,
    guard: Guard,
    return_token: bool,
) -> dict[str, object]:
    """Bring one API token into its desired state and return the task's result.

    :raises PanelopsError: with a sentence for the user.
    """
    item = Item(desired, token_file if desired.present else None)
    bulk = Bulk(owners, [item], desired.kind, lambda _owner: home)
    for _item, refusal in bulk.look():
        raise refusal
    bulk.read()
    live = dict(bulk.live(None))
    bulk.prove(match)
    for _item, refusal in bulk.plan():
        raise refusal
    item.entry.warnings += guard(item.entry.plan, live)
    if check_mode:
        bulk.rehearse()
    else:
        bulk.apply(guard)
    report = report_of(item, check_mode, return_token)
    result: dict[str, object] = dict(changed=report.changed)
    if report.secret is not None:
        result["token"] = report.secret
    if report.error is not None:
        if report.changed:
            result[desired.kind.RESULT] = report.token
        raise PanelopsError(str(report.error), **{**report.error.result, **result})
    result[desired.kind.RESULT] = report.token
    return dict(result, diff=report.diff, warnings=report.warnings)
