# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kills the play that it watches before a task, or at a call (see ``tests.reliability.kill_hook``)."""

from __future__ import annotations

import os
import signal

from ansible.plugins.callback import CallbackBase

from tests.reliability import kill_hook

DOCUMENTATION = """
name: kill_at
type: aggregate
short_description: Kills the play, for tests
description: [Kills the play before the task of the number in KILL_TASK, and keeps count of the tasks in the file KILL_TASKS.]
"""


class CallbackModule(CallbackBase):
    """Counts what begins."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "kill_at"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._tasks = 0
        os.environ["KILL_PLAY"] = str(os.getpid())
        kill_hook.install()

    def v2_playbook_on_task_start(self, task, is_conditional):
        self._begins()

    def v2_playbook_on_handler_task_start(self, task):
        self._begins()

    def v2_playbook_on_stats(self, stats):
        self._begins()

    def _begins(self):
        self._tasks += 1
        with open(os.environ["KILL_TASKS"], "w", encoding="utf-8") as stream:
            stream.write(str(self._tasks))
        if self._tasks == int(os.environ["KILL_TASK"]):
            os.kill(os.getpid(), signal.SIGKILL)
