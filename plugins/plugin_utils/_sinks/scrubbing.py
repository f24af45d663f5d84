# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes secrets out of what a module says: a user reads its message, and ansible-core prints it in spite of ``no_log``. Pure."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus

LONGEST = 500
"""How many characters of a message are kept."""

_MASK = "********"
_SECRET_NAME = re.compile(r"pass|token|secret|key|auth|credential|private|cookie", re.IGNORECASE)
_HEADER = re.compile(r"(?i)\b(basic|bearer|token|splunk|authorization['\"]?\s*[:=])(\s*['\"]?)[A-Za-z0-9+/=_.~-]{8,}")
_VENDORS = re.compile(r"\b[A-Z0-9]{32}\b")
_SHORTEST = 4
"""What is shorter would take pieces out of ordinary words."""


@dataclass
class Hidden:
    """What no message about a store repeats: credentials, and all that is read there and written."""

    texts: set[str] = field(default_factory=set, repr=False)

    def add(self, *values: object) -> None:
        """Hide what is in these values from now on."""
        for value in values:
            self.texts.update(secrets_in(value, named=True))

    def line(self, text: object) -> str:
        """What somebody else said, as the end of a sentence. It is cut after it was scrubbed, or a part of a secret would be left."""
        return scrubbed(text, self.texts, headers=False).rstrip(". ")


def scrubbed(text: object, secrets: Iterable[str], headers: bool = True) -> str:
    """A message in one line of at most ``LONGEST`` characters, without these secrets in any form, or anything else that looks like one.

    :param headers: take out what follows a word such as "token" too.
    """
    found = {form for secret in secrets if len(secret) >= _SHORTEST for form in _forms(secret)}
    said = str(text)
    for form in sorted(found, key=len, reverse=True):
        said = said.replace(form, _MASK)
    if headers:
        said = _HEADER.sub(rf"\1\2{_MASK}", said)
    said = _VENDORS.sub(_MASK, said)
    said = " ".join(said.split())
    return said if len(said) <= LONGEST else f"{said[:LONGEST]} ..."


def secrets_in(args: object, named: bool = False) -> Iterator[str]:
    """The texts in options of a module that stand under a name of something secret.

    :param named: does the name of what holds these options say so?
    """
    if isinstance(args, Mapping):
        for name, value in args.items():
            yield from secrets_in(value, named or bool(_SECRET_NAME.search(str(name))))
    elif isinstance(args, list | tuple):
        for value in args:
            yield from secrets_in(value, named)
    elif named and args is not None and not isinstance(args, bool):
        yield str(args)


def _forms(secret: str) -> Iterator[str]:
    """A text as it may stand in requests, answers and representations of Python."""
    yield from (secret, quote(secret), quote(secret, safe=""), quote_plus(secret))
    yield from (json.dumps(secret)[1:-1], repr(secret)[1:-1], repr(secret.encode())[2:-1])
    for offset in range(3):
        # What stands before it decides how its bytes are cut into groups of six bits; those at the ends are not its alone.
        bits = offset * 8, (offset + len(secret.encode())) * 8
        coded = base64.b64encode(b"\0" * offset + secret.encode()).decode("ascii")[-(-bits[0] // 6) : bits[1] // 6]
        if len(coded) >= _SHORTEST:
            yield from (coded, coded.translate(str.maketrans("+/", "-_")))
