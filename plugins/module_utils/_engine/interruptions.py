# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interruptions of a process that is changing something: Ctrl-C, and Ansible's time limit of a task (``ANSIBLE_TASK_TIMEOUT``)."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_INTERRUPTING = (signal.SIGALRM, signal.SIGINT)


@contextmanager
def held_back() -> Iterator[None]:
    """Let interruptions wait for the end of the block.

    A change that is given up halfway may still be made by the server, later than anybody looks. Its answer comes in a limited time, and
    says what was made.

    :raises BaseException: at the end, what the interruption would have raised at once.
    """
    if threading.current_thread() is not threading.main_thread():
        # Python handles signals in its main thread only.
        yield
        return
    came: list[int] = []
    handlers = {}
    for number in _INTERRUPTING:
        handler = signal.getsignal(number)
        if callable(handler):
            handlers[number] = handler
            signal.signal(number, lambda number, _frame: came.append(number))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for interruption in came:
            handlers[signal.Signals(interruption)](interruption, None)
