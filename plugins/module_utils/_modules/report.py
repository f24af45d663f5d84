# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task says of each API token when it is done; one token is reported like one of many."""

from __future__ import annotations

from dataclasses import dataclass, field

from .._api.owners import Owner
from .._engine.entry import Entry
from .._errors import PanelopsError
from .._model.plan import Revoke
from .items import Item


@dataclass(frozen=True)
class Report:
    """What a task says of one API token, whether it is the only one or one of many.

    ``planned``: something was to change; ``changed``: something did, or would have outside check mode.
    """

    item: Item
    planned: bool
    changed: bool
    diff: dict[str, dict[str, object]]
    warnings: list[str]
    token: dict[str, object] | None
    secret: str | None = field(repr=False)
    error: PanelopsError | None

    def as_entry(self) -> dict[str, object]:
        """The entry in the list of a module for many tokens."""
        kind = self.item.desired.kind
        entry: dict[str, object] = dict(owner_in(self.item.owner), name=self.item.desired.name, changed=self.changed)
        entry[kind.RESULT] = self.token
        if self.secret is not None:
            entry["token"] = self.secret
        if self.error is not None:
            entry.update(failed=True, msg=str(self.error))
        return entry


def report_of(item: Item, check_mode: bool, return_token: bool) -> Report:
    """What came of an item; in check mode, what would."""
    entry, file = item.entry, item.token_file
    differ = check_mode and entry.error is None and file is not None and not item.creates and file.attributes_differ()
    file_changes = differ or item.attributes_set
    error, shown = entry.error, entry.token
    if error is not None and not entry.changed:
        shown = entry.plan.before
    if error is not None and entry.secret is not None:
        error = PanelopsError(f"{error} The token was created before that: it works, and its secret is in token.")
    returned = return_token or file is None or error is not None
    return Report(
        item,
        planned=entry.plan.changed or file_changes,
        changed=(entry.plan.changed if check_mode else entry.changed) or file_changes,
        diff=_diff_of(item, file_changes),
        warnings=entry.warnings,
        token=shown.as_result() if shown else None,
        secret=entry.secret if returned else None,
        error=error,
    )


def _diff_of(item: Item, file_changes: bool) -> dict[str, dict[str, object]]:
    diff = item.entry.plan.diff
    if item.token_file is not None and (item.creates or file_changes):
        what, states = "attributes", ("different", "as given")
        if item.creates:
            what, states = "secret", ("another one" if item.content is not None else "absent", "present")
        for side, state in zip(("before", "after"), states):
            diff[side]["token_file"] = {"path": item.token_file.path, what: state}
    return diff


def revoked_by(entry: Entry) -> list[str]:
    """What pruning revokes, or has revoked as far as nothing went wrong."""
    return [name for step in entry.steps(Revoke) for name in step.names] if entry.error is None else entry.revoked


def owner_in(owner: Owner) -> dict[str, object]:
    """The part of an entry that says whose token it is."""
    return {} if owner is None else dict(account=owner)
