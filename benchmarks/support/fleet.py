# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many servers with many accounts each, as processes of this machine, and an inventory of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from token_server.state.engine import Engine
from token_server.state.fixtures import Fixture
from token_server.state.folder import StateFolder
from token_server.state.records import SECRET_LENGTH, secret_digest
from token_server.testing import ReferenceServer

DAY = 86400
_NAMES = ("backup-prod-files", "deploy-prod-upload", "monitoring", "sync-test-dns")
_ENDS = (None, 400 * DAY, 5 * DAY, -DAY, 90 * DAY)


@dataclass
class Fleet:
    """The servers by their names in the inventory."""

    servers: dict[str, ReferenceServer]
    inventory: Path

    def calls(self) -> dict[str, int]:
        """HTTP requests to each server since the last ``forget``."""
        return {name: each.control("GET", "/counters")["http_requests"] for name, each in self.servers.items()}

    def forget(self) -> None:
        """Count from zero again."""
        for server in self.servers.values():
            server.control("DELETE", "/counters")


@contextmanager
def fleet(folder: Path, servers: int, accounts: int, tokens_each: int = 1) -> Iterator[Fleet]:
    """Run so many servers, each with so many accounts and four WHM tokens of root."""
    running: dict[str, ReferenceServer] = {}
    with ExitStack() as stack:
        for number in range(1, servers + 1):
            name = f"web{number:02}"
            _fill(folder / name, number, accounts, tokens_each)
            running[name] = stack.enter_context(ReferenceServer(folder / name))
        inventory = folder / "inventory.yml"
        hosts = {name: _variables(server) for name, server in running.items()}
        inventory.touch(mode=0o600)
        inventory.write_text(yaml.safe_dump({"whm": {"hosts": hosts}}), encoding="utf-8")
        yield Fleet(running, inventory)


def _variables(server: ReferenceServer) -> dict:
    return {
        "ansible_host": "127.0.0.1",
        "audit_port": urlsplit(server.ready["whm"]).port,
        "audit_password": server.root_password,
        "audit_ca_path": server.ready["ca_file"],
    }


def _fill(path: Path, number: int, accounts: int, tokens_each: int) -> None:
    """Through the server's own store; every fifth token or so has another reason to be found."""
    state = StateFolder(path)
    state.create()
    engine = Engine(state)
    Fixture().apply(engine, state)
    now = engine.clock.seconds()
    with engine.store.mutation():
        root = engine.store.account("root")
        if root is None:
            raise LookupError("the fixture has made no root")
        for serial, name in enumerate(_NAMES):
            acls = frozenset({"all"} if serial == number % len(_NAMES) else {"list-accts"})
            _token(engine, root, "whm", name, serial, now, acls)
        for place in range(accounts):
            username = f"acct{number:02}{place:03}"
            engine.store.add_account(
                username=username,
                kind="account",
                owner_id=1,
                domain=f"{username}.example.com",
                password_hash=None,
                create_time=now,
                acls=[],
                features=[],
            )
            account = engine.store.account(username)
            for serial in range(tokens_each):
                _token(engine, account, "cpanel", _NAMES[(place + serial) % len(_NAMES)], place + serial, now)
    engine.close()


def _token(engine: Engine, account: object, service: str, name: str, serial: int, now: int, acls=frozenset()) -> None:
    end = _ENDS[serial % len(_ENDS)]
    secret = f"{service}{account.username}{serial}".upper().ljust(SECRET_LENGTH, "0")
    engine.store.add_token(
        account,
        service,
        name=name,
        digest=secret_digest(secret),
        create_time=now - serial % 200 * DAY,
        expires_at=None if end is None else now + end,
        acls=acls,
    )
