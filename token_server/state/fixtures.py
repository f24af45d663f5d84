# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts that a server starts with: a YAML file, checked, and applied to the database."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from token_server import rules
from token_server.privileges import ALL, INITIAL, is_known
from token_server.refusals import Refused, ServerError, quoted
from token_server.state import canned_functions
from token_server.state.canned_functions import CannedFunctions
from token_server.state.engine import Engine
from token_server.state.files import read_text, write_private
from token_server.state.fixture_values import flag, mapping, text
from token_server.state.folder import StateFolder


@dataclass(slots=True)
class Entry:
    """One account of a fixture. Without a password nobody can log in to it with one."""

    username: str
    kind: str
    domain: str
    password: str | None = None
    owner: str = "root"
    suspended: bool = False
    acls: list[str] = field(default_factory=list)
    features: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Fixture:
    """What a fixture file says."""

    root_password: str | None = None
    entries: list[Entry] = field(default_factory=list)
    functions: CannedFunctions | None = None
    """Its canned functions. None, where there is no fixture file, leaves those of an earlier start."""

    def apply(self, engine: Engine, state: StateFolder) -> None:
        """Create the accounts that are missing, and leave the others as they are, with all their tokens.

        The canned functions are those of this fixture and no others.
        """
        if self.functions is not None:
            engine.replace_canned(self.functions)
        existing = {account.username for account in engine.store.accounts()}
        missing = [entry for entry in self.entries if entry.username not in existing]
        if "root" not in existing:
            stored = None if self.root_password else read_text(state.root_password)
            password = self.root_password or stored or secrets.token_urlsafe(24)
            write_private(state.root_password, password + "\n")
            missing.insert(0, Entry("root", "root", "", password, acls=[ALL]))
        if not missing:
            return
        # scrypt lets go of the interpreter lock, so threads help.
        with ThreadPoolExecutor() as pool:
            hashes = list(pool.map(lambda entry: _hash(engine, entry), missing))
        now = engine.clock.seconds()
        with engine.store.mutation():
            for entry, password_hash in zip(missing, hashes, strict=True):
                owner = None if entry.kind == "root" else engine.store.account(entry.owner)
                engine.store.add_account(
                    username=entry.username,
                    kind=entry.kind,
                    owner_id=None if owner is None else owner.id,
                    domain=entry.domain,
                    password_hash=password_hash,
                    create_time=now,
                    acls=entry.acls,
                    features=entry.features,
                    suspended=entry.suspended,
                )


def _hash(engine: Engine, entry: Entry) -> str | None:
    return None if entry.password is None else engine.passwords.hash(entry.username, entry.password)


def load(path: Path) -> Fixture:
    """Read a fixture file. Raises ``ServerError`` with one sentence on what is wrong with it."""
    # Imported here because a server without a fixture starts faster without it.
    import yaml

    try:
        # The loader in C, where there is one, is ten times as fast.
        content = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(path.read_bytes()).get_single_data()
    except OSError as error:
        raise ServerError(f"The fixture {path} cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = "" if mark is None else f" (line {mark.line + 1}, column {mark.column + 1})"
        raise ServerError(f"The fixture {path} is not valid YAML{where}.") from error
    try:
        return _fixture({} if content is None else content)
    except (ValueError, Refused) as error:
        raise ServerError(f"The fixture {path} is not valid: {error}") from error


def _fixture(content: object) -> Fixture:
    top = mapping(content, "The fixture", {"root", "resellers", "accounts", "functions"})
    root = mapping(top.get("root") or {}, '"root"', {"password"})
    functions = canned_functions.parse(top.get("functions") or {})
    fixture = Fixture(root_password=text(root, "root", "password"), functions=functions)
    owners = {"root"}
    for where, entry in _list(top, "resellers"):
        values = mapping(entry, where, {"username", "password", "domain", "acls"})
        acls = sorted(INITIAL) if values.get("acls") is None else _texts(values, where, "acls")
        for acl in acls:
            if not is_known(acl):
                raise ValueError(f"{where} has the unknown privilege {quoted(acl)}.")
        fixture.entries.append(_entry(values, where, "reseller", acls=acls))
        owners.add(fixture.entries[-1].username)
    for where, entry in _list(top, "accounts"):
        values = mapping(entry, where, {"username", "password", "domain", "owner", "suspended", "features"})
        owner = text(values, where, "owner") or "root"
        if owner not in owners:
            raise ValueError(
                f"{where} has the owner {quoted(owner)}, which is neither root nor a reseller of the fixture."
            )
        suspended = flag(values, where, "suspended")
        features = _texts(values, where, "features")
        fixture.entries.append(_entry(values, where, "account", owner=owner, suspended=suspended, features=features))
    names = [entry.username for entry in fixture.entries]
    for name in names:
        if names.count(name) > 1 or name == "root":
            raise ValueError(f"The username {quoted(name)} is given twice.")
    return fixture


def _entry(
    values: dict[str, object],
    where: str,
    kind: str,
    *,
    owner: str = "root",
    suspended: bool = False,
    acls: Sequence[str] = (),
    features: Sequence[str] = (),
) -> Entry:
    username = text(values, where, "username")
    if username is None:
        raise ValueError(f'{where} has no "username".')
    rules.username(username)
    domain = rules.domain(text(values, where, "domain") or f"{username}.example.com")
    password = text(values, where, "password")
    return Entry(username, kind, domain, password, owner, suspended, list(acls), list(features))


def _list(top: dict[str, object], key: str) -> list[tuple[str, object]]:
    entries = top.get(key) or []
    if not isinstance(entries, list):
        raise ValueError(f"{quoted(key)} must be a list.")
    return [(f"Entry {number} of {quoted(key)}", entry) for number, entry in enumerate(entries, start=1)]


def _texts(values: dict[str, object], where: str, key: str) -> list[str]:
    value = values.get(key) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"{where}: {quoted(key)} must be a list of texts.")
    return value
