# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders of the controller that do not outlive a run: a secret that is delivered there is gone, and the next run finds nothing to do."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.accounts import from_rotation
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.options import rotating_from

_CONTAINER = "/runner"
"""Where AWX and ansible-runner have the folder of a job inside an execution environment."""


def warnings_of(params: Mapping[str, Any], environ: Mapping[str, str], variables: Mapping[str, Any]) -> list[str]:
    """A sentence for each sink of a task that is on this machine, in a folder that does not outlive the run.

    An entry for many accounts has one sentence for all of them.

    :param params: the options of the task, checked, with the O(rotation) that names the accounts of its entries.
    :param variables: those of the task.
    """
    folders = list(_folders(environ, variables))
    found: dict[tuple[str, int, str, str], list[tuple[str, str]]] = {}
    for each in rotating_from(params, from_rotation(params.get("rotation") or ())):
        for sink in each.sinks:
            if sink.is_filled and sink.kind.on_hosts and _is_local(sink.place.host, variables):
                path = os.path.realpath(os.path.expanduser(str(sink.options["path"])))
                why = next((why for folder, why in folders if _is_in(path, folder)), None)
                if why is not None:
                    same = (each.name, sink.place.sink, sink.place.host, why)
                    found.setdefault(same, []).append((sink.label, each.label))
    return [_sentence(theirs, why) for (_name, _sink, _host, why), theirs in found.items()]


def _sentence(sinks: list[tuple[str, str]], why: str) -> str:
    (sink, token), others = sinks[0], len(sinks) - 1
    more = (
        f", and those of {others} other accounts" if others > 1 else ", and that of another account" if others else ""
    )
    return (
        f"{sink} of {token}{more} is in {why}, so the secret may be gone after the run, and each run would rotate the token for that. "
        "Deliver it to the host that uses it, or to a store."
    )


def _folders(environ: Mapping[str, str], variables: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Folders that do not outlive the run, and what they are."""
    yield _CONTAINER, "the folder of the job (/runner)"
    artifacts = environ.get("AWX_ISOLATED_DATA_DIR", "")
    if artifacts:  # Those of one job are in PRIVATE_DATA_DIR/artifacts/JOB.
        private = os.path.dirname(os.path.dirname(os.path.abspath(artifacts)))
        yield private, "the folder of the job"
        if _is_in(private, _CONTAINER):
            yield os.path.expanduser("~"), "the home folder of an execution environment"
    if artifacts or "awx_job_id" in variables or "tower_job_id" in variables:
        yield str(variables.get("playbook_dir") or _CONTAINER), "the folder of the job's playbook"
    for folder in dict.fromkeys((tempfile.gettempdir(), "/tmp")):  # noqa: S108 - nothing is written there
        yield folder, f"a temporary folder ({folder})"


def _is_local(host: str, variables: Mapping[str, Any]) -> bool:
    """Is it this machine, as far as its connection says?"""
    hostvars = variables.get("hostvars") or {}
    connection = hostvars[host].get("ansible_connection") if host in hostvars else None
    return host == "localhost" if connection is None else connection in ("local", "ansible.builtin.local")


def _is_in(path: str, folder: str) -> bool:
    real = os.path.realpath(folder)
    return path == real or path.startswith(real.rstrip("/") + "/")
