# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where versions of cPanel & WHM answer differently: which side the server takes, chosen when it starts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """One side of each difference. The defaults are what most public clients are written for.

    ``batch``: ``metadata.result`` of a batch in which a command failed, ``zero`` or ``one``. All answers are there either way.
    ``log``: whether the lines of ``api_tokens_log`` name the client's address: ``host``, as current versions do, or ``plain``.
    """

    batch: str = "zero"
    log: str = "host"


CHOICES: dict[str, tuple[str, ...]] = {"batch": ("zero", "one"), "log": ("host", "plain")}
"""The values that each field of ``Dialect`` can have."""


def parse(choices: Iterable[str]) -> Dialect:
    """Return the dialect of texts ``NAME=VALUE``; the last one of a name counts. Raises ``ValueError`` with a sentence."""
    chosen: dict[str, str] = {}
    for text in choices:
        name, _equals, value = text.partition("=")
        if name not in CHOICES:
            raise ValueError(f'"{text}": the dialects are {", ".join(CHOICES)}')
        if value not in CHOICES[name]:
            raise ValueError(f'"{text}": {name} is one of {", ".join(CHOICES[name])}')
        chosen[name] = value
    return Dialect(**chosen)
