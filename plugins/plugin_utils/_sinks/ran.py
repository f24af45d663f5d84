# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which sinks of a user's own tasks had a task that ran.

Tasks that are skipped end a file of tasks as quietly as tasks that went well. Ansible tells a role nothing of the results of tasks that it
includes, so each task that passes its conditions and has an item to work on leaves a note, in the folder that Ansible keeps for the run.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import multiprocessing
import os
from collections.abc import Mapping
from pathlib import Path

from ansible import constants

NOTHING_RAN = (
    "no task of {file} can have delivered anything: each was skipped, had nothing to loop over, or is one such as debug or assert. "
    "Nothing was changed there."
)

_OF_THE_RUN: str = vars(constants)["DEFAULT_LOCAL_TMP"]
_DELIVERS_NOTHING = (
    *("assert", "debug", "fail", "gather_facts", "group_by", "include_role", "include_tasks", "include_vars", "pause"),
    *("ping", "set_fact", "set_stats", "setup", "validate_argument_spec", "wait_for_connection"),
)
_BUILTIN = ("ansible.builtin.", "ansible.legacy.")


def note(place: Mapping, host: str) -> None:
    """Note that a task of a sink runs: the one of this worker, unless it cannot have delivered anything."""
    if not _delivers_nothing():
        path = _file(place, host)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))


def has_run(place: Mapping, host: str) -> bool:
    """Has a task of a sink run since its notes were forgotten?"""
    return _file(place, host).exists()


def forget(place: Mapping, host: str) -> None:
    """Forget what an earlier use of the role has noted."""
    with contextlib.suppress(FileNotFoundError):
        _file(place, host).unlink()


def _file(place: Mapping, host: str) -> Path:
    named = json.dumps([host, place.get("account"), place["name"], place["sink"]])
    return Path(_OF_THE_RUN) / "panelops-cpanel-ran" / hashlib.sha256(named.encode()).hexdigest()


def _delivers_nothing() -> bool:
    """Is the task of this worker one that talks, includes, or only pretends? What is not known counts as one that delivers."""
    task = getattr(multiprocessing.current_process(), "_task", None)
    action = str(getattr(task, "action", ""))
    short = next((action[len(prefix) :] for prefix in _BUILTIN if action.startswith(prefix)), action)
    return short in _DELIVERS_NOTHING or getattr(task, "check_mode", None) is True
