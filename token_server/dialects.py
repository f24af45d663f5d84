# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where versions of cPanel & WHM answer differently: which side the server takes. Chosen at its start, or through the control port."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Dialect:
    """One side of each difference. The defaults are what most public clients are written for.

    ``batch``: ``metadata.result`` of a batch in which a command failed. All answers are there either way.
    ``revoke``: whether WHM calls it an error to revoke an unknown name. ``uapi_revoke``: the ``data`` of that on UAPI.
    ``denied``: what a caller gets that is not authenticated: the access-denied JSON with this status, the login page with status
    200, or a redirect to it. ``expires``: how the list of UAPI writes an expiry; the word is that for "never", but ``text``
    writes numbers as text too. ``lists``: ``lean`` ones leave out what older versions do not have, or what says nothing.
    ``log``: whether the lines of ``api_tokens_log`` name the client's address: ``host``, as current versions do, or ``plain``.
    """

    batch: str = "zero"
    revoke: str = "error"
    uapi_revoke: str = "one"
    denied: str = "401"
    expires: str = "null"
    lists: str = "complete"
    log: str = "host"


CHOICES: dict[str, tuple[str, ...]] = {
    "batch": ("zero", "one"),
    "revoke": ("error", "ok"),
    "uapi_revoke": ("one", "zero", "error"),
    "denied": ("401", "403", "page", "redirect"),
    "expires": ("null", "empty", "text"),
    "lists": ("complete", "lean"),
    "log": ("host", "plain"),
}
"""The values that each field of ``Dialect`` can have, the default first."""


def parse(choices: Iterable[str]) -> Dialect:
    """Return the dialect of texts ``NAME=VALUE``; the last one of a name counts. Raises ``ValueError`` with a sentence."""
    dialect = Dialect()
    for text in choices:
        name, _equals, value = text.partition("=")
        try:
            dialect = changed(dialect, {name: value})
        except ValueError as error:
            raise ValueError(f'"{text}": {error}') from error
    return dialect


def changed(dialect: Dialect, values: Mapping[str, object]) -> Dialect:
    """Return the dialect with some values replaced. Raises ``ValueError`` with a sentence."""
    for name, value in values.items():
        if name not in CHOICES:
            raise ValueError(f"The dialects are {', '.join(CHOICES)}.")
        if value not in CHOICES[name]:
            raise ValueError(f'The dialect "{name}" is one of {", ".join(CHOICES[name])}.')
    return replace(dialect, **{name: str(value) for name, value in values.items()})
