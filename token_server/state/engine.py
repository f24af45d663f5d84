# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The opened state folder: what the server and the tools whmapi1 and uapi both work on."""

from __future__ import annotations

from token_server.dialects import Dialect
from token_server.refusals import Refused, ServerError
from token_server.state import canned_functions
from token_server.state.acl_lists import AclLists
from token_server.state.audit import Audit
from token_server.state.canned_functions import CannedFunctions
from token_server.state.clock import Clock
from token_server.state.counters import Counters
from token_server.state.database import Database
from token_server.state.faults import Faults
from token_server.state.folder import StateFolder
from token_server.state.logs import AccountingLog, ApiTokensLog
from token_server.state.mailboxes import Mailboxes
from token_server.state.passwords import Passwords
from token_server.state.records import Account
from token_server.state.sessions import Sessions
from token_server.state.store import Store

SERVICES = ("whm", "cpanel")


class Engine:
    """Everything that functions need. Raises ``ServerError`` if the state folder cannot be used.

    ``log_size``: bytes after which the server rotates its log files, 0 for a server without any. Without it this is one of the
    commands, which only add to ``accounting.log``.
    """

    def __init__(self, state: StateFolder, dialect: Dialect | None = None, log_size: int | None = None) -> None:
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
        self.canned = canned_functions.stored(self.database)
        try:
            self.audit = Audit(state.audit, self.clock)
        except OSError as error:
            raise ServerError(f"The audit log cannot be written: {error}.") from error
        self.accounting_log = None if log_size == 0 else AccountingLog(state.accounting_log, self.clock, limit=log_size)
        self.api_tokens_log: ApiTokensLog | None = None
        if log_size:
            self.api_tokens_log = ApiTokensLog(
                state.api_tokens_log, self.clock, host=self.dialect.log == "host", limit=log_size
            )

    def replace_canned(self, functions: CannedFunctions) -> None:
        """Have these canned functions and no others, now and after a restart."""
        canned_functions.store(self.database, functions)
        self.canned = functions

    def speak(self, dialect: Dialect) -> None:
        """Answer in another dialect from now on."""
        self.dialect = dialect
        self.store.forget_lists()
        if self.api_tokens_log is not None:
            self.api_tokens_log.host = dialect.log == "host"

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

    def account_for(self, operation: str, account: Account, token: str) -> None:
        """Note in ``accounting.log`` that an account has created, updated or revoked a WHM token (``CREATE``, ...)."""
        if self.accounting_log is not None:
            self.accounting_log.write(operation, account.username, token)

    def close(self) -> None:
        """Write what is still in memory and close the files."""
        self.store.flush_use()
        self.audit.close()
        for log in (self.api_tokens_log, self.accounting_log):
            if log is not None:
                log.close()
        self.database.close()
