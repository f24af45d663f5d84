# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes every task's result as a line of JSON, so that tests read results and not a screen."""

from __future__ import annotations

import json
import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: task_results
type: aggregate
short_description: Task results as JSON lines, for tests
description: [Writes every task's result as a line of JSON to the file that the environment variable TASK_RESULTS names.]
"""


class CallbackModule(CallbackBase):
    """One line for each result, loop items apart."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "task_results"

    def _write(self, result, outcome: str) -> None:
        data = json.loads(self._dump_results(result._result, indent=None))
        # What goes to the screen comes without it.
        data["diff"] = result._result.get("diff", {})
        with open(os.environ["TASK_RESULTS"], "a", encoding="utf-8") as stream:
            stream.write(json.dumps({"task": result._task.get_name(), "outcome": outcome, "result": data}) + "\n")

    def v2_runner_on_ok(self, result):
        self._write(result, "ok")

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._write(result, "failed")

    def v2_runner_on_skipped(self, result):
        self._write(result, "skipped")

    def v2_runner_on_unreachable(self, result):
        self._write(result, "unreachable")
