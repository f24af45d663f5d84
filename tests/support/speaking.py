# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests under chosen dialects of the reference server itself (``dialects`` has those that a proxy makes of its answers).

A dialect is a text such as ``denied=403,lists=lean``, and the empty text is the server's own.
"""

from __future__ import annotations

import pytest

from token_server.dialects import CHOICES

ALONE = tuple(f"{name}={value}" for name, values in CHOICES.items() for value in values[1:])
"""Each value that is no default, alone."""

OTHERWISE = ",".join(f"{name}={values[-1]}" for name, values in CHOICES.items())
"""All differences at once."""


def dialects(*chosen: str) -> pytest.MarkDecorator:
    """Run tests once in each of these dialects: all values of a name such as ``denied``, or a dialect.

    The tests use a fixture ``server`` that speaks what the fixture ``spoken`` says.
    """
    each = [one for word in chosen for one in (_values(word) if word in CHOICES else [word])]
    return pytest.mark.parametrize("spoken", each, indirect=True, ids=lambda text: text or "own")


def _values(name: str) -> list[str]:
    return [f"{name}={value}" for value in CHOICES[name]]
