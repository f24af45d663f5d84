# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIGKILL at random moments under concurrent writes: what was answered is there, nothing is there by half.

``SIGKILLS`` says how often the server is killed (default 8; the full run is 50), ``SIGKILL_SEED`` repeats the choices of a run
(which changes, how long until each kill; what the threads had reached by then, no seed can repeat).
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import ssl
import threading
from pathlib import Path

import pytest

from tests.reliability.writers import TIMEOUT, Choices, Connection, CpanelWriter, WhmWriter, Writer
from tests.support.server import Server, write_fixture
from tests.support.users import basic, user

KILLS = int(os.environ.get("SIGKILLS", "8"))
SEED = int(os.environ.get("SIGKILL_SEED", random.SystemRandom().randrange(10**9)))
LONGEST = 0.06
"""Seconds of writing, at most, between the first answers after a start and the kill."""
WRITERS: list[tuple[type[Writer], str]] = [
    (WhmWriter, "whm-a-"),
    (WhmWriter, "whm-b-"),
    (CpanelWriter, "cpanel-a-"),
    (CpanelWriter, "cpanel-b-"),
]


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path / "state", fixture=write_fixture(tmp_path))


def begin(server: Server, rng: Choices) -> list[Writer]:
    """Return the first writers of a run."""
    trust = ssl.create_default_context(cafile=server.ready["ca_file"])
    writers = []
    for kind, prefix in WRITERS:
        connection = Connection(kind.service, server.ready[kind.service], basic(user(kind.user)), trust)
        writers.append(kind(prefix, Choices(rng.random()), connection))
    return writers


def check_database(state: Path, folder: Path) -> None:
    """Check a copy of what the killed server has left: a look at the files themselves would tidy them up."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in ("token_server.sqlite3", "token_server.sqlite3-wal"):
        if (state / name).exists():
            shutil.copy(state / name, folder)
    with sqlite3.connect(folder / "token_server.sqlite3") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    database.close()


def check_promises(writer: Writer) -> bool:
    """Check that the server has what it acknowledged; tell whether a change without an answer has happened all the same."""
    before = dict(writer.known)
    wrong = writer.settle(writer.rows())
    assert wrong is None, wrong
    for name, secret in writer.secrets.items():
        assert writer.is_live(secret, name), f"the secret of {name} is lost"
    for secret in writer.revoked[-5:]:
        assert not writer.is_live(secret), "a revoked token lives again"
    return writer.known != before


def test_nothing_acknowledged_is_lost_and_nothing_happens_by_half(server: Server, tmp_path: Path):
    rng = Choices(SEED)
    told = f"SIGKILL_SEED={SEED}"
    acknowledged = happened = 0
    with server:
        writers = begin(server, rng)
        for kill in range(1, KILLS + 1):
            for writer in writers:
                writer.start()
            for writer in writers:
                assert writer.acknowledged.wait(TIMEOUT), f"{told}: no answer before kill {kill}: {writer.trouble!r}"
            threading.Event().wait(rng.uniform(0, LONGEST))
            assert server.kill() == -signal.SIGKILL, f"{told}: the server had ended before kill {kill}"
            for writer in writers:
                writer.join(TIMEOUT)
                assert not writer.is_alive(), f"{told}: a request hangs after kill {kill}"
                assert writer.trouble is None, f"{told}: before kill {kill}: {writer.trouble!r}"
            acknowledged += sum(writer.count for writer in writers)
            try:
                check_database(server.state, tmp_path / "copy")
                server.start()
                happened += sum(check_promises(writer) for writer in writers)
            except AssertionError as error:
                raise AssertionError(f"{told}: after kill {kill}: {error}") from error
            writers = [writer.successor() for writer in writers]
    print(f"{told}: {KILLS} kills, {acknowledged} acknowledged changes, {happened} without an answer had happened")
    assert acknowledged >= KILLS * len(WRITERS)
