# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a sink holds the live secret of another token: by what the server says of it, or else by the mark of its file."""

from __future__ import annotations

from .._delivery.evidence import Evidence
from .._errors import PanelopsError
from .._model.names import is_sibling
from .._model.stored import StoredSecret
from .places import AllEvidence
from .rotating import RotatingToken
from .server import Holder, Server
from .sinks import TokenSink
from .state import Family

REMEDY = "Give each token a place of its own, or remove what is there if nobody uses it."


def others_live_secret(server: Server, rotating: RotatingToken, evidence: AllEvidence) -> str | None:
    """Why a sink cannot be filled that holds the live secret of another token; ``None`` if none does.

    The secret of a cPanel account's token says only that it is the account's. Without a mark that says more it is taken for this token's.
    """
    for sink in rotating.sinks:
        found = evidence.of(sink)
        if found is None:
            continue
        try:
            refusal = _refusal(server, rotating, sink, found)
        except PanelopsError as error:
            return str(error)
        if refusal is not None:
            return f"{sink.label}: {refusal} {REMEDY}"
    return None


def _refusal(server: Server, rotating: RotatingToken, sink: TokenSink, found: Evidence) -> str | None:
    holder = Holder(None)
    if rotating.owner is None and found.held is not None:
        holder = server.holder(found.held)
    if holder.name is None:
        return refusal_by_mark(server, rotating, found, holder)
    if holder.name == rotating.name or is_sibling(holder.name, (rotating.name,)):
        return None
    return others(holder.name)


def others(name: str) -> str:
    """Why what holds the secret of a token of another name is not to be replaced."""
    return f"it holds the secret of the token {name}, which is alive, and whoever uses it there would lose it."


def refusal_by_mark(server: Server, rotating: RotatingToken, found: Evidence, holder: Holder) -> str | None:
    """Why a file is not to be replaced that says that its secret is another token's, if it may be live; ``None`` if it may be replaced.

    :raises PanelopsError: the tokens could not be read.
    """
    here = server.origin(rotating)
    if found.mark is None or (found.mark.is_of_owner(here) and found.mark.name == here.name):
        return None
    tokens = server.read([rotating])[rotating.owner]
    if isinstance(tokens, PanelopsError):
        raise tokens
    family = Family.of(rotating.name, tokens)
    stored = StoredSecret("", alive=holder.alive, is_there=True, mark=found.mark, here=here)
    other = stored.needed_by(family.live, [each.name for each in family.others()], tokens, server.now())
    if other is None:
        return None
    return (
        f"it holds the secret that was stored for the token {other.name} of {other.user} on {other.server}. It may be live, and whoever "
        "uses it there would lose it."
    )
