# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does the role run for each host of the play? With ``run_once`` it runs for the first one, and Ansible says nothing of the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ansible.errors import AnsibleError

from .controller import Controller

_SERVER = "{{ [rotate_host | default('', true), rotate_port | default('', true), rotate_username | default('', true)] | to_json }}"
_TOKENS = "{{ rotate_tokens | default([], true) | to_json }}"


def refusal(controller: Controller) -> str:
    """A sentence on hosts whose tokens would not be looked at; empty if there are none."""
    if not _runs_once(controller):
        return ""
    here = str(controller.variables.get("inventory_hostname"))
    ours = _asked(controller, {})
    left_out = []
    for host in controller.variables.get("ansible_play_batch") or ():
        theirs = ours if host == here else _asked(controller, _of_another(controller, here, str(host)))
        if theirs is not None and theirs != ours:
            left_out.append(str(host))
    if not left_out:
        return ""
    return (
        f"The role runs with run_once, for {here} alone, but {', '.join(left_out)} of the play also "
        f"{'has' if len(left_out) == 1 else 'have'} tokens to rotate, which would be left out. Remove run_once."
    )


def _runs_once(controller: Controller) -> bool:
    return any(_is_true(value, controller) for value in _run_once_of(controller.task))


def _run_once_of(task: object) -> Iterator[object]:
    """What the task and everything around it says. A task that includes the role hands its own keyword on to nothing."""
    while task is not None:
        yield getattr(task, "run_once", None)
        task = getattr(task, "_parent", None)


def _is_true(value: object, controller: Controller) -> bool:
    if isinstance(value, str):
        try:
            value = controller.text_of(value)
        except AnsibleError:
            return False
    return str(value).lower() in ("true", "yes", "1", "on")


def _asked(controller: Controller, more: Mapping[str, object]) -> tuple[str, str] | None:
    """The server and the tokens of a host as text; ``None`` if it has no tokens, or what it has depends on what only its own tasks know."""
    try:
        tokens = controller.text_of(_TOKENS, more)
        return None if tokens == "[]" else (controller.text_of(_SERVER, more), tokens)
    except AnsibleError:
        return None


def _of_another(controller: Controller, here: str, host: str) -> dict[str, object]:
    """Variables as they are for another host of the play: those of the inventory are its own, all others are the play's."""
    hostvars = controller.variables["hostvars"]
    ours, theirs = hostvars.raw_get(here), hostvars.raw_get(host)
    more: dict[str, object] = {"inventory_hostname": host, "inventory_hostname_short": host.split(".")[0]}
    known = controller.variables
    # What only our host's inventory says does not hold for the other one.
    more |= {
        key: None for key in ours if key.startswith("rotate_") and key not in theirs and known.get(key) == ours[key]
    }
    more |= {key: value for key, value in theirs.items() if key not in known or known[key] == ours.get(key)}
    return more
