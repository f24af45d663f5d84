# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controller does for each kind of sinks in the table of ``_rotation/sinks.py``: ``SINK`` of the file of the kind's name."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.evidence import VERIFY_ONLY
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.sinks import KINDS
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.values import names_of

from .controller import FileOnController, SealedOnController, SinkOnController
from .store import BlindStore, StoreOnController


def on_controller(kind: str | None) -> SinkOnController | None:
    """What the controller does for a kind, ``None`` if there is no such kind."""
    sink: SinkOnController | None = import_module(f".{kind}", __package__).SINK if kind in KINDS else None
    return sink


def file_on_controller(kind: str) -> FileOnController:
    """What the controller does for a kind on hosts.

    :raises InvalidOption: there is no such kind.
    """
    files = [name for name, row in KINDS.items() if row.on_hosts]
    if kind not in files:
        raise InvalidOption(
            "type", f"{kind} is no kind of sinks on hosts.", f"There are {', '.join([*files, VERIFY_ONLY])}."
        )
    sink: FileOnController = import_module(f".{kind}", __package__).SINK
    return sink


def store_on_controller(kind: str) -> StoreOnController:
    """What the controller does for a kind in stores, which is in the table."""
    sink: StoreOnController = import_module(f".{kind}", __package__).SINK
    return sink


def is_sealed(kind: str) -> bool:
    """Is it a kind of files that several tokens share, and that only the controller can look into?"""
    return kind in KINDS and KINDS[kind].shared


def sealed_on_controller(kind: str) -> SealedOnController:
    """What the controller does for such a kind."""
    sink: SealedOnController = import_module(f".{kind}", __package__).SINK
    return sink


def values_for(options: Mapping) -> dict[str, str]:
    """The values of a sink by name: those that the task gives, or the secret alone."""
    return dict(options.get("values") or dict.fromkeys(names_of(options), options.get("token") or ""))


def blind_on_controller(kind: str) -> BlindStore:
    """What the controller does for a kind that is blind, which is in the table."""
    sink: BlindStore = import_module(f".{kind}", __package__).SINK
    return sink


def recognized_on_host(options: Mapping) -> str | None:
    """The format in which a sink's host recognizes a secret in a file that is there; ``None`` if only the controller can."""
    return KINDS[options["type"]].recognized_as(options)
