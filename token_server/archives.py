# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``python -m token_server pack`` and ``restore`` do. They work on the state folder, whether a server runs on it or not."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from token_server.options import PackOptions, RestoreOptions
from token_server.refusals import ServerError
from token_server.state import archive_file, moving
from token_server.state.engine import Engine
from token_server.state.folder import StateFolder


def pack(options: PackOptions) -> str:
    """Write an account with its API tokens to a file and return a sentence. Raises ``ServerError``."""
    with _opened(options.state) as engine:
        content = moving.packed(engine, options.user)
        archive_file.write(options.file, content, engine.clock.seconds())
    tokens = content["tokens"]
    return f"Packed the account {options.user} with {_tokens(len(tokens) if isinstance(tokens, list) else 0)}."


def restore(options: RestoreOptions) -> str:
    """Restore an account out of a file and return a sentence. Raises ``ServerError``, and changes nothing then."""
    content = archive_file.read(options.file)
    with _opened(options.state) as engine:
        done = moving.restored(engine, content, with_tokens=not options.skip_api_tokens)
    tokens = "without API tokens" if done.tokens is None else f"with {_tokens(done.tokens)}"
    how = "Created" if done.created else "Restored"
    return f"{how} the account {done.username}, which {done.owner} owns, {tokens}."


def _tokens(number: int) -> str:
    return "1 API token" if number == 1 else f"{number} API tokens"


@contextmanager
def _opened(path: Path) -> Iterator[Engine]:
    """Open the state folder of a server that was started once. Raises ``ServerError``."""
    os.umask(0o077)
    state = StateFolder(path)
    try:
        started = state.database.is_file()
    except OSError as error:
        raise ServerError(f"The state folder {state.path} cannot be read: {error.strerror}.") from error
    if not started:
        raise ServerError(f"There is no state of a token server in {state.path}: start the server once.")
    engine = Engine(state)
    try:
        yield engine
    except sqlite3.Error as error:
        raise ServerError(f"The database cannot be used: {error}.") from error
    finally:
        engine.close()
