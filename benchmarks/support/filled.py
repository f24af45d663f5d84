# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""State folders with many accounts and tokens, filled through the server's own store."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from token_server.privileges import INITIAL
from token_server.state.engine import Engine
from token_server.state.fixtures import Fixture
from token_server.state.folder import StateFolder
from token_server.state.records import SECRET_LENGTH, secret_digest

TOKENS_EACH = 10


@dataclass
class Filled:
    """A state folder, and for each service the ``Authorization`` headers of its tokens, account after account."""

    state: Path
    tokens: int
    seconds: float
    authorizations: dict[str, list[str]] = field(default_factory=lambda: {"whm": [], "cpanel": []})

    def first_of_each(self, service: str) -> list[str]:
        """Return the headers of one token for each account."""
        return self.authorizations[service][::TOKENS_EACH]


def fill(path: Path, tokens: int) -> Filled:
    """Make a state folder with so many tokens, ten for each account: half the accounts are resellers with WHM tokens."""
    state = StateFolder(path)
    state.create()
    engine = Engine(state)
    Fixture().apply(engine, state)
    filled = Filled(path, tokens, 0.0)
    start = time.perf_counter()
    now = engine.clock.seconds()
    with engine.store.mutation():
        for number in range(tokens // TOKENS_EACH):
            service, kind = ("whm", "reseller") if number % 2 else ("cpanel", "account")
            username = f"user{number}"
            engine.store.add_account(
                username=username,
                kind=kind,
                owner_id=1,
                domain=f"{username}.example.com",
                password_hash=None,
                create_time=now,
                acls=sorted(INITIAL) if kind == "reseller" else [],
                features=[],
            )
            account = engine.store.account(username)
            if account is None:
                raise RuntimeError("The account that was just added is not there.")
            for serial in range(TOKENS_EACH):
                secret = f"T{number * TOKENS_EACH + serial:0{SECRET_LENGTH - 1}d}"
                engine.store.add_token(
                    account,
                    service,
                    name=f"token-{serial}",
                    digest=secret_digest(secret),
                    create_time=now,
                    expires_at=None,
                    acls=frozenset({"list-pkgs", "manage-api-tokens"}) if service == "whm" else frozenset(),
                )
                filled.authorizations[service].append(f"{service} {username}:{secret}")
    filled.seconds = time.perf_counter() - start
    engine.close()
    return filled
