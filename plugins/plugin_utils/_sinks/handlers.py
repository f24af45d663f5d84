# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The handlers that tokens notify, looked for before anything is created: Ansible ends the whole run where one is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ansible.errors import AnsibleError
from ansible.playbook.handler import Handler
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.sinks import KINDS

from .controller import Controller


def refusal(tokens: Sequence[Mapping], controller: Controller) -> str:
    """A sentence on the first handler that is not there; empty if all are."""
    known: set[str] = set()
    for handler in _handlers(controller):
        try:
            known |= _names(handler, controller)
        except AnsibleError:
            return ""  # Its name is known only later, and may be the one that is looked for.
    for token in tokens:
        for name in token.get("notify") or ():
            if name not in known:
                return (
                    f"notify of {token.get('name')}: there is no handler {name!r} in the play. "
                    "Give it one of that name, or one that listens to it."
                )
    return ""


def warnings(tokens: Sequence[Mapping], controller: Controller) -> list[str]:
    """Sentences on handlers that will run on no consumer of the token: on the host of the play, or nowhere."""
    here = str(controller.variables.get("inventory_hostname"))
    found = []
    for token in tokens:
        hosts = list(_hosts(token))
        for handler in _handlers(controller):
            try:
                names = _names(handler, controller) & set(token.get("notify") or ())
            except AnsibleError:
                continue
            if not names or "include" in str(handler.action):
                continue
            name, label = min(names), token.get("name")
            if not hosts and "rotate_consumers" in str(handler.loop):
                found.append(
                    f"The handler {name!r} loops over rotate_consumers, which names hosts with a file, and no sink of {label} is one. "
                    "Give it delegate_to: the host that uses the secret, without the loop."
                )
            elif not hosts and handler.delegate_to is None and here != "localhost":
                found.append(
                    f"The handler {name!r} runs on {here}, and no sink of {label} says where its consumer is. Give it delegate_to: the "
                    "host that uses the secret."
                )
            elif hosts and here not in hosts and handler.delegate_to is None:
                found.append(
                    f"The handler {name!r} runs on {here}, where no consumer of {label} is. Give it "
                    f'loop: "{{{{ rotate_consumers[\'{name}\'] }}}}" and delegate_to: "{{{{ item }}}}".'
                )
    return list(dict.fromkeys(found))


def _hosts(token: Mapping) -> Iterator[str]:
    """The hosts with a file of a token; for a kind that has none if it is not given, the controller."""
    for sink in token.get("sinks") or ():
        kind = KINDS.get(sink.get("type"))
        if kind is not None and kind.on_hosts:
            yield from sink.get("hosts") or ("localhost",)


def _handlers(controller: Controller) -> Iterator[Handler]:
    """The handlers of the play. A task inside roles and blocks knows several copies of the play, not all with all handlers."""
    plays: list = []
    parent: object = controller.task
    while parent is not None:
        play = getattr(parent, "_play", None)
        if play is not None and not any(play is each for each in plays):
            plays.append(play)
        parent = getattr(parent, "_parent", None)
    for play in plays:
        for block in [*play.handlers, *play.compile_roles_handlers()]:
            yield from (each for each in block.block if isinstance(each, Handler))


def _names(handler: Handler, controller: Controller) -> set[str]:
    """What a handler is called, and the topics that it listens to.

    :raises AnsibleError: its name cannot be templated.
    """
    names = {handler.name, handler.get_name(include_role_fqcn=False), handler.get_name(include_role_fqcn=True)}
    return {controller.text_of(name) for name in names if name} | {str(topic) for topic in handler.listen or ()}
