# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that are held just before or after the create of their token, so that a test can do something meanwhile."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.support.processes import start
from tests.support.proxy import Forward, speaking
from tests.support.stored import Case
from tests.support.waiting import until


@contextmanager
def held_after_its_create(case: Case, before: str = "", **options: object) -> Iterator[subprocess.Popen[str]]:
    """A run whose token has been created, and that hears of it when the block ends: its secret is stored after that."""
    made, go_on = threading.Event(), threading.Event()
    case.server.forget_counters()

    def around(_path: str, forward: Forward) -> requests.Response:
        answer = forward()
        if case.server.commits().get(case.create) and not made.is_set():
            made.set()
            assert go_on.wait(60)
        return answer

    with speaking(case.server, around=around) as environment:
        process = start(case.module, environment, {**case.wish, **options}, before)
        try:
            assert made.wait(60)
            yield process
            go_on.set()
            # The server of this environment must answer to the end.
            process.wait(60)
        finally:
            go_on.set()
            if process.poll() is None:
                process.kill()


HELD = """
import os, time
from ansible_collections.panelops.cpanel.plugins.module_utils._engine import apply
def held(engine, entries, real=apply.Engine.apply):
    open({folder!r} + "/begun", "w").close()
    while not os.path.exists({folder!r} + "/go"):
        time.sleep(0.01)
    return real(engine, entries)
apply.Engine.apply = held
"""
"""Python that makes a run wait for a file before it changes anything on the server."""


@contextmanager
def held_before_its_create(case: Case, folder: Path, **options: object) -> Iterator[subprocess.Popen[str]]:
    """A run that is about to create its token, and does when the block ends."""
    process = start(case.module, case.server.environment, {**case.wish, **options}, HELD.format(folder=str(folder)))
    try:
        until((folder / "begun").exists)
        yield process
    finally:
        (folder / "go").touch()
