# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which token of a run of Ansible claims which place: on one consumer, the secret of one server must not replace that of another.

A task knows the tokens of its own host only. So each notes its claims in the folder that Ansible keeps for the run, where the tasks of all
other hosts find them: at the step that decides, and again before anything is created, when all hosts of the play have decided.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from ansible import constants
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.evidence import Place
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.accounts import from_rotation
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.options import rotating_from
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.rotating import RotatingToken
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.server import server_named

_WHY = "and each would replace the secret of the other."
_SHARING = "tokens that have keys of one file"
"""Claims a file for all sinks that leave the rest of it alone. Their keys are claimed for each of them."""
_REMEDY = "Give each token a place of its own, for example with the name of its server in the path."
# Made when Ansible started, and the same in all its workers. Asking the configuration for it makes another one.
_OF_THE_RUN: str = vars(constants)["DEFAULT_LOCAL_TMP"]


def claim_places(params: Mapping, environ: Mapping[str, str], host: str) -> None:
    """Claim the places of all tokens of a task.

    :param params: the options of the task, checked. Of entries for many accounts, those are claimed that its O(rotation) names.
    :param environ: the environment of the task, which may name the server.
    :param host: the host of the play, which tells servers apart where nothing else does.
    :raises InvalidOption: an option is wrong, or another token of this run has one of the places.
    """
    server = server_named(params, environ) or host
    folder = _folder()
    claims = [
        (claim, _claimant(each, server)) for each in _rotating(params) for sink in each.sinks for claim in sink.claims
    ]
    claims += [(sink.file, _SHARING) for each in _rotating(params) for sink in each.sinks if sink.is_shared]
    claims = list(dict.fromkeys(claims))
    for place, claimant in claims:
        _note(folder, place, claimant)
    for place, claimant in claims:
        others = _others(folder, place, claimant)
        if others:
            raise InvalidOption("sinks", f"{place} is the place of {claimant} and of {others[0]}, {_WHY}", _REMEDY)


def claim_identities(
    params: Mapping, environ: Mapping[str, str], host: str, identities: Mapping[Place, str]
) -> Mapping[Place, str]:
    """Claim places by what their hosts and stores say they are, for a file or a store can have several names and paths.

    :param identities: what they say, by place: a word for each thing that is one token's alone, and one with a C(+) at its end for a file
        of which it has a part.
    :returns: a sentence for each place that another token of this run has.
    """
    server = server_named(params, environ) or host
    folder = _folder()
    claims = [
        (sink.place, identity.rstrip("+"), _SHARING if identity.endswith("+") else _claimant(each, server))
        for each in _rotating(params)
        for sink in each.sinks
        for identity in identities.get(sink.place, "").split()
    ]
    for _place, identity, claimant in claims:
        _note(folder, identity, claimant)
    found = {}
    for place, identity, claimant in claims:
        others = _others(folder, identity, claimant)
        if others:
            found[place] = f"it is the same place as one of {others[0]}, {_WHY} {_REMEDY}"
    return found


def _rotating(params: Mapping) -> list[RotatingToken]:
    return rotating_from(params, from_rotation(params.get("rotation") or ()))


def _folder() -> Path:
    folder = Path(_OF_THE_RUN) / "panelops-cpanel-places"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _others(folder: Path, place: str, claimant: str) -> list[str]:
    return [one for one in _noted(folder, place) if one != claimant]


def _claimant(rotating: RotatingToken, server: str) -> str:
    return f"the token {rotating.label} of {server}"


def _file(folder: Path, place: str) -> Path:
    return folder / hashlib.sha256(place.encode()).hexdigest()


def _note(folder: Path, place: str, claimant: str) -> None:
    """Add a line. One call writes it as a whole, at the end of the file, whoever else does the same."""
    handle = os.open(_file(folder, place), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, f"{json.dumps(claimant)}\n".encode())
    finally:
        os.close(handle)


def _noted(folder: Path, place: str) -> Sequence[str]:
    lines = _file(folder, place).read_text(encoding="ascii").splitlines()
    return list(dict.fromkeys(map(json.loads, lines)))
