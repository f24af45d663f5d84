# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask a run's agent.

Ansible compiles this, and what it imports, anew in every worker, for every host of every task: it is short and loads little.
What is needed only once in a run stands in ``start``.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from typing import cast

from .channel import AgentFailed, CiTokenReport, Message, connected, receive, send
from .processes import Process

_ATTEMPTS = (1, 2)
"""Twice, because an agent can end, or be killed, between the connection and the answer."""
_ENDED = "the CI token agent ended before it answered. Can this host start processes that live on?"


def absolute_path(path: str) -> str:
    """A path of the connection options for the agent, which has a working directory of its own; empty if it is not given.

    Nothing is taken out of it: behind a link, ``..`` is the folder above what the link leads to.
    """
    given = path.strip()
    return os.path.join(os.getcwd(), os.path.expanduser(given)) if given else ""


def secret_from_agent(run: Process, request: Mapping[str, object], wait: float) -> str:
    """The secret of a CI token, from the agent of a run, which is started if there is none.

    :param request: see ``order_from``. :param wait: seconds that the agent may need for the answer.
    :raises AgentFailed: there is no answer, or no token; the text says why.
    """
    for _attempt in _ATTEMPTS:
        answer = _exchange(connected(run) or _started(run), request, wait)
        if answer is not None:
            if "token" not in answer:
                raise AgentFailed(str(answer["msg"]))
            return str(answer["token"])
    raise AgentFailed(_ENDED)


def end_agent(run: Process, wait: float) -> list[CiTokenReport] | None:
    """Have the agent of a run revoke its tokens and end: what came of each; ``None`` if no agent runs.

    :param wait: seconds that the agent may need for the answer.
    :raises AgentFailed: there is no answer.
    """
    for _attempt in _ATTEMPTS:
        connection = connected(run)
        if connection is None:
            return None
        answer = _exchange(connection, {"ask": "end"}, wait)
        if answer is not None:
            return cast("list[CiTokenReport]", answer.get("tokens") or [])
    raise AgentFailed(_ENDED)


def _started(run: Process) -> socket.socket:
    from .start import started  # Not above: it is needed once in a run, and by no worker that finds an agent.

    return started(run)


def _exchange(connection: socket.socket, request: Mapping[str, object], wait: float) -> Message | None:
    """Send a request and receive its answer; ``None`` if the agent ended without one.

    :raises AgentFailed: it took longer than ``wait`` seconds.
    """
    with connection:
        connection.settimeout(wait)
        try:
            send(connection, request)
            return receive(connection)
        except TimeoutError:
            raise AgentFailed(f"the CI token agent gave no answer within {wait:.0f} seconds.") from None
        except OSError:
            return None
