# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of CI tokens: ``ci-PURPOSE-RUN-xxxxyyyy``, pure.

``RUN`` names the job, for people. ``xxxx`` is random, so that two tokens of one job differ. ``yyyy`` is a checksum of what stands before
it. It proves that we made the name: a token that somebody else named ``ci-...`` is never revoked as a leftover.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
from collections.abc import Collection, Mapping

from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._model.names import stamp
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import LONGEST_NAME

LONGEST_PURPOSE = 24
"""Leaves room for the 13 characters of a run of GitHub Actions (number and attempt)."""

_PURPOSE = re.compile(rf"[A-Za-z0-9][A-Za-z0-9_-]{{0,{LONGEST_PURPOSE - 1}}}")
_OURS = re.compile(r"(ci-[A-Za-z0-9][A-Za-z0-9_-]*-[0-9a-z]{4})([0-9a-z]{4})")
_DIGITS = string.digits + string.ascii_lowercase
_PIECE = 4


def checked_purpose(purpose: str) -> str:
    """:raises InvalidOption: it cannot be part of a token's name."""
    if not _PURPOSE.fullmatch(purpose):
        raise InvalidOption(
            "purpose",
            f"{purpose!r} cannot be part of a token's name.",
            f"Give 1 to {LONGEST_PURPOSE} letters, digits, dashes and underscores, a letter or digit first.",
        )
    return purpose


def run_label(environ: Mapping[str, str], host: str, now: int) -> str:
    """A label by which a person recognizes the run: the number of the CI job, or else the host and the time (``now``, Unix seconds)."""
    if environ.get("CI_JOB_ID"):  # GitLab
        return environ["CI_JOB_ID"]
    if environ.get("GITHUB_RUN_ID"):
        return f"{environ['GITHUB_RUN_ID']}-{environ.get('GITHUB_RUN_ATTEMPT') or 1}"
    for name in ("BUILD_TAG", "BUILD_NUMBER"):  # Jenkins
        if environ.get(name):
            return environ[name]
    if environ.get("AWX_HOST") and environ.get("JOB_ID"):
        return environ["JOB_ID"]
    return f"{host.partition('.')[0]}-{stamp(now)}"


def ci_name(purpose: str, label: str, piece: str) -> str:
    """The name of a token, at most 50 characters. A long label is cut at its beginning, because numbers stand at the end.

    :param purpose: checked. :param piece: four random digits or small letters.
    """
    room = LONGEST_NAME - len(f"ci-{purpose}--") - 2 * _PIECE
    label = re.sub(r"[^A-Za-z0-9_-]+", "-", label)[-room:].strip("-_") or "run"
    begin = f"ci-{purpose}-{label}-{piece}"
    return begin + _check(begin)


def free_ci_name(purpose: str, label: str, taken: Collection[str]) -> str:
    """A name that no token has yet."""
    while True:
        name = ci_name(purpose, label, "".join(secrets.choice(_DIGITS) for _position in range(_PIECE)))
        if name not in taken:
            return name


def is_ci_name(name: str) -> bool:
    """Is it a name that ``ci_name`` made?"""
    match = _OURS.fullmatch(name)
    return match is not None and len(name) <= LONGEST_NAME and _check(match[1]) == match[2]


def _check(begin: str) -> str:
    number = int.from_bytes(hashlib.sha256(f"panelops.cpanel.ci_token {begin}".encode()).digest()[:8], "big")
    return "".join(_DIGITS[number // 36**power % 36] for power in range(_PIECE))
