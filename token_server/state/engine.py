# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The opened state folder: what the server and the tools whmapi1 and uapi both work on."""

from __future__ import annotations

from token_server.dialects import Dialect
from token_server.refusals import Refused, ServerError
from token_server.state.acl_lists import AclLists
from token_server.state.audit import Audit
from token_server.state.clock import Clock
from token_server.state.counters import Counters
from token_server.state.database import Database
from token_server.state.faults import Faults
from token_server.state.folder import StateFolder
from token_server.state.mailboxes import Mailboxes
from token_server.state.passwords import Passwords
from token_server.state.records import Account
from token_server.state.sessions import Sessions
from token_server.state.store import Store

SERVICES = ("whm", "cpanel")


class Engine:
    """Everything that functions need. Raises ``ServerError`` if the state folder cannot be used."""

    def __init__(self, state: StateFolder, dialect: Dialect | None = None) -> None:
        self.state = state
        self.dialect = dialect or Dialect()
        self.database = Database(state.database)
        self.clock = Clock(self.database)
        self.store = Store(self.database)
        self.passwords = Passwords()
        self.faults = Faults()
        self.counters = Counters()
        self.sessions = Sessions(self.database, self.clock)
        self.acl_lists = AclLists(self.database)
        self.mailboxes = Mailboxes(self.database)
        try:
            self.audit = Audit(state.audit, self.clock)
        except OSError as error:
            raise ServerError(f"The audit log cannot be written: {error}.") from error

    def base_url(self, service: str) -> str | None:
        """Return where a service listens with TLS, for the command-line tools too; None if no server has it."""
        return self.database.setting(f"base_url.{service}")

    def announce(self, base_urls: dict[str, str]) -> None:
        """Say where the services listen, or (with an empty dict) that none does any more."""
        with self.database.transaction():
            for service in SERVICES:
                self.database.remove_setting(f"base_url.{service}")
            for service, url in base_urls.items():
                self.database.set_setting(f"base_url.{service}", url)

    def present_account(self, account_id: int) -> Account:
        """Return an account inside a transaction, right before a change for it.

        Raises ``Refused`` if another process has removed or suspended it since the call was authenticated.
        """
        account = self.store.account_by_id(account_id)
        if account is None or account.suspended:
            raise Refused("The account is suspended or no longer exists.", cause="account gone or suspended")
        return account

    def close(self) -> None:
        """Write what is still in memory and close the files."""
        self.store.flush_use()
        self.audit.close()
        self.database.close()
