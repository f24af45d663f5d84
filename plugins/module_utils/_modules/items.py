# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task says of API tokens: the options of each one, checked, and the file of its secret."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .._api.access import CpanelAccess, WhmAccess
from .._api.connection import checked_username
from .._api.owners import Owner
from .._engine.apply import grouped
from .._engine.entry import Entry
from .._errors import InvalidOption, PanelopsError, refuse_nul
from .._model.bulk_plan import refuse_contradictions
from .._model.expiry import desired_expiry_from
from .._model.plan import Create, DesiredToken, Update, issue_of
from .._model.stored import COMMAND_LINE, Issue, Origin, StoredSecret
from .._model.token import ApiToken, Limits, checked_name, looks_like_vendors_secret
from .._task.regular_file import folder_and_name
from .._task.reservation import STALE, Reservation, forget, unfinished
from .._task.token_file import TokenFile

EVERY_NAME = "*"
"""The ``prune_prefix`` of a task that gives none."""


@dataclass(frozen=True)
class Home:
    """Where an owner is: the server, as the task names it, and the user whose API tokens they are."""

    server: str
    user: str


def home_of(access: WhmAccess | CpanelAccess, username: str | None = None) -> Home:
    """Where the owner is whose API tokens an access is about.

    :param username: the option, for WHM on the command line.
    """
    connection = access.connection
    user = access.owner if isinstance(access, CpanelAccess) else connection.username if connection else username
    return Home(connection.address if connection else _this_server(), (user or "").strip() or "root")


def _this_server() -> str:
    """What the server is called whose commands this host has: a file can be on another one's disk some day, or on a shared folder."""
    host = re.sub(r"[^!-~]", "", os.uname().nodename)
    return f"{COMMAND_LINE}:{host}" if host else COMMAND_LINE


@dataclass
class Item:
    """One API token of a task: its desired state, where its secret is stored, and its entry in the engine."""

    desired: DesiredToken
    token_file: TokenFile | None = None
    entry: Entry = field(default_factory=Entry)
    content: str | None = field(default=None, repr=False)
    """What its file holds, which may be a secret, this token's or another one."""
    home: Home = field(default_factory=lambda: Home("", ""))
    """Where its owner is."""
    reservation: Reservation | None = None
    """The note beside its file while its secret is being issued."""
    attributes_set: bool = False
    """Were owner, group and mode of the file changed?"""

    @property
    def owner(self) -> Owner:
        """Whose API token it is."""
        return self.entry.owner

    @property
    def label(self) -> str:
        """``name`` or ``account/name``, as messages and diffs call it."""
        return label_of(self.owner, self.desired.name)

    @property
    def origin(self) -> Origin:
        """What its secret is issued for: names the API token in the mark of its file and in notes beside it."""
        return Origin(self.home.server, self.home.user, self.desired.kind.RESULT, self.desired.name)

    @property
    def creates(self) -> bool:
        """Does its plan create a secret?"""
        return any(isinstance(step, Create) for step in self.entry.plan.steps)

    def has_changed(self, waited: Collection[str]) -> bool:
        """May another run have had its file in hand since it was looked at?

        :param waited: the paths of files for whose locks other runs had to be waited for.
        """
        return self.token_file is not None and (self.token_file.path in waited or self.token_file.has_changed())

    def begin_issue(self, now: Callable[[], int]) -> None:
        """Note beside its file that its secret is being issued, and let the engine store that.

        :param now: returns the server's time in Unix seconds.
        :raises InvalidOption: nothing can be written there.
        """
        if self.token_file is None:
            return
        note = Reservation(self.token_file.path, str(self.origin), issue_of(self.entry.plan))
        self.reservation = note
        self.entry.sending = lambda: note.sending(now())
        self.entry.keep = self._keep

    def _keep(self, secret: str) -> None:
        """:raises PanelopsError: it could not be stored."""
        if self.token_file is not None:
            created = self.entry.token.create_time if self.entry.token else None
            self.token_file.write(secret, replace(self.origin, create_time=created))

    def look_back(self) -> StoredSecret | None:
        """What its file and the notes beside it say of its secret, before the server is asked; ``None`` if it has no file."""
        file = self.token_file
        if file is None:
            return None
        return StoredSecret(
            file.path,
            is_there=self.content is not None,
            is_strange=self.content is not None and not looks_like_vendors_secret(self.content),
            unfinished=unfinished(file.path, str(self.origin)),
            mark=file.mark,
            here=self.origin,
        )

    def end_issue(self) -> None:
        """Give back the place for its secret. The note beside it stays only if a token may exist whose secret nobody has."""
        if self.token_file is not None:
            self.token_file.give_back()
        if self.reservation is not None:
            if self.entry.lost:
                self.reservation.leave()
            else:
                self.reservation.end()

    def note_new_name(self) -> None:
        """Name the token in the mark of its file as it is called now, if it was renamed and kept its secret."""
        for step in self.entry.done:
            if self.token_file is not None and isinstance(step, Update) and step.name != step.token.name:
                self.token_file.rename_mark(step.name, self.origin)

    def forget_interruptions(self) -> None:
        """Remove the notes of runs that died, as far as no later run needs them."""
        file, stored, plan = self.token_file, self.desired.stored, self.entry.plan
        if file is None or stored is None:
            return
        old = plan.before
        holds = self.content is not None and old is not None and stored.is_of(old) is not False and not plan.leftovers
        settled = self.entry.error is None and (self.creates or holds)

        def is_over(issue: Issue, age: float) -> bool:
            named = {issue.interim, issue.waiting}.intersection(plan.leftovers)
            return settled or (age > STALE and not named and not (old and issue.has_created(old)))

        forget(file.path, str(self.origin), is_over)


@dataclass(frozen=True)
class Stored:
    """What an item's file holds, and may be a secret."""

    item: Item
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Proof:
    """What the server says of a stored secret: see ``StoredSecret``."""

    alive: bool | None
    holder: str | None = None
    warning: str = ""
    """Why that cannot be known, where the user should be told."""


_NOT_EMPTY = {
    "token_file": "Give the path of a file, or leave it out to have the secret returned.",
    "owner": "Name a user, or leave it out.",
    "group": "Name a group, or leave it out.",
    "mode": "Give a mode such as '0600', or leave it out.",
    "rename_from": "Give the name that the token has had so far, or leave it out.",
}
"""Options whose value is often a variable. An empty one must not pass for one that is left out; with what to do about it."""


def desired_from(params: Mapping[str, Any], kind: type[ApiToken], limits: Limits) -> DesiredToken:
    """Check the options that say what one API token should be.

    :param limits: the limits that the task gives, already checked.
    :raises InvalidOption: naming the option and the rule.
    """
    name = checked_name(params["name"])
    if params.get("account") is not None:
        checked_username(params["account"], "account")
    for option, remedy in _NOT_EMPTY.items():
        if params[option] is not None and not str(params[option]).strip():
            raise InvalidOption(option, "is empty.", remedy)
        refuse_nul(option, params[option])
    only_expired = params["only_expired"]
    if params["state"] == "absent":
        return DesiredToken(name, kind, present=False, only_expired=only_expired)
    for option in ("owner", "group", "mode"):
        if params[option] is not None and params["token_file"] is None:
            raise InvalidOption(
                option, "means something only with token_file.", f"Give token_file too, or leave {option} out."
            )
    if only_expired:
        raise InvalidOption("only_expired", "means something only with state: absent.")
    rename_from = params["rename_from"]
    if rename_from is not None and checked_name(rename_from, "rename_from") == name:
        raise InvalidOption("rename_from", "is the same as name.", "Give the name that the token has had so far.")
    expiry = desired_expiry_from(params, kind.IN_PLACE)
    recreate = params["recreate"]
    if expiry.renew_before and not kind.IN_PLACE and recreate not in ("if_changed", "always"):
        raise InvalidOption(
            "renew_before",
            "cPanel cannot prolong a token's life without a new secret.",
            "Give recreate: if_changed with it.",
        )
    return DesiredToken(name, kind, limits=limits, expiry=expiry, rename_from=rename_from, recreate=recreate)


def items_from(
    params: Mapping[str, Any],
    kind: type[ApiToken],
    limits_from: Callable[[Mapping[str, Any]], Limits],
    token_files: Callable[[Mapping[str, Any]], TokenFile],
) -> list[Item]:
    """Check all that a task says of many API tokens.

    :param limits_from: reads the limits from the options of one token.
    :param token_files: makes the ``TokenFile`` of one token's options.
    :raises InvalidOption: naming the token, the option and the rule.
    """
    _check_prefix(params)
    items = []
    for number, options in enumerate(params["tokens"]):
        try:
            desired = desired_from(options, kind, limits_from(options))
        except InvalidOption as error:
            raise InvalidOption(f"tokens[{number}] ({options['name']})", str(error)) from None
        token_file = token_files(options) if options["token_file"] and desired.present else None
        items.append(Item(desired, token_file, Entry(owner=options.get("account"))))
    for theirs in grouped(items, lambda item: item.owner).values():
        refuse_contradictions([item.desired for item in theirs])
    _refuse_shared_files(items)
    return items


def _refuse_shared_files(items: Sequence[Item]) -> None:
    """:raises InvalidOption: two API tokens would be stored in one file, and only the second secret would be left."""
    for sharing in grouped([item for item in items if item.token_file], _place).values():
        if len(sharing) > 1:
            path = _path(sharing[0])
            labels = " and ".join(item.label for item in sharing)
            raise InvalidOption("token_file", f"{path} is that of {labels}.", "Give each token a file of its own.")


def _path(item: Item) -> str:
    return item.token_file.path if item.token_file else ""


def _place(item: Item) -> tuple[object, ...]:
    """What the path of its file is, whatever it is called: one folder may have several names."""
    folder, name = folder_and_name(_path(item))
    try:
        status = os.stat(folder)
    except (OSError, ValueError):
        return os.path.realpath(folder), name
    return status.st_dev, status.st_ino, name


def _check_prefix(params: Mapping[str, Any]) -> None:
    """:raises InvalidOption: the prefix is not one, so that too much would be pruned, or nothing."""
    prefix = params["prune_prefix"]
    if prefix == EVERY_NAME:
        return
    if not prefix.strip():
        raise InvalidOption("prune_prefix", "is empty.", "Leave it out if all tokens that are not listed should go.")
    checked_name(prefix, "prune_prefix")
    if not params["prune"]:
        raise InvalidOption("prune_prefix", "means something only with prune: true.")


def refuse(refused: Sequence[tuple[Item, InvalidOption]]) -> None:
    """:raises PanelopsError: some desired states cannot be reached, so none is tried."""
    if refused:
        sentences = " ".join(f"{item.label}: {error}" for item, error in refused[:5])
        raise PanelopsError(f"Nothing was changed, because of {len(refused)} of the tokens. {sentences}")


def label_of(owner: Owner, name: str) -> str:
    """``name`` or ``account/name``."""
    return "/".join(filter(None, (owner, name)))
