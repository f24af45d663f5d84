# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What values the functions on accounts accept. As in ``rules``, each returns the value or raises ``Refused`` with the rule quoted."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable

from token_server import rules
from token_server.patterns import Pattern, PatternRefused
from token_server.refusals import Refused, quoted

MAX_PASSWORD = 1024
_MAX_QUOTA = 999_999
_MAX_UID = 2**31 - 1
_MAX_TEXT = 255

_LOCAL_PART = re.compile(r"[A-Za-z0-9._+-]{1,64}")
_INTEGER = re.compile(r"[0-9]{1,10}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def invalid(parameter: str, rule: str) -> Refused:
    """Return the refusal of a value; ``rule`` says what it must be."""
    return Refused(f"Invalid {quoted(parameter)}: it must be {rule}.", cause=f"invalid {parameter}")


def one_of(text: str, parameter: str, choices: tuple[str, ...]) -> str:
    """Return a value that is one of few."""
    if text not in choices:
        raise invalid(parameter, f"one of {', '.join(choices)}")
    return text


def password(text: str) -> str:
    """Return an acceptable password."""
    if len(text) > MAX_PASSWORD or "\0" in text:
        raise Refused(
            f"Invalid password: it may have at most {MAX_PASSWORD} characters and no NUL.", cause="invalid password"
        )
    return text


def words(text: str, parameter: str) -> str:
    """Return a short text of one line, such as a reason or the name of a plan."""
    if len(text) > _MAX_TEXT or _CONTROL.search(text):
        raise invalid(parameter, f"a text of at most {_MAX_TEXT} characters in one line")
    return text


def email(text: str, parameter: str) -> str:
    """Return an e-mail address, or an empty text for none."""
    if text:
        local, _at, host = text.rpartition("@")
        try:
            rules.domain(host)
        except Refused as refusal:
            raise invalid(parameter, "an e-mail address") from refusal
        local_part(local, parameter)
    return text


def local_part(text: str, parameter: str) -> str:
    """Return what stands before the ``@`` of an address."""
    if _LOCAL_PART.fullmatch(text) is None:
        raise invalid(parameter, "an e-mail address")
    return text


def quota(text: str, parameter: str) -> int:
    """Return a limit of disk space in mebibytes, 0 for none."""
    if text in ("unlimited", "null"):
        return 0
    if _INTEGER.fullmatch(text) is None or int(text) > _MAX_QUOTA:
        raise invalid(parameter, f"a number of megabytes from 0 (none) to {_MAX_QUOTA}")
    return int(text)


def uid(text: str) -> int:
    """Return the number of a user of the system."""
    if _INTEGER.fullmatch(text) is None or not 1 <= int(text) <= _MAX_UID:
        raise invalid("uid", "a positive number")
    return int(text)


def ip(text: str, parameter: str) -> str:
    """Return an IPv4 address."""
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError as error:
        raise invalid(parameter, "an IPv4 address") from error


def host(text: str, parameter: str) -> str:
    """Return a name or an address that can stand in a URL."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return rules.domain(text) if text != "localhost" else text
    return f"[{address}]" if address.version == 6 else str(address)


def search(text: str, parameter: str) -> Callable[[str], bool]:
    """Return a function that tells whether a client's regular expression is found in a text; it raises ``Refused`` as well."""
    try:
        pattern = Pattern(text)
    except PatternRefused as error:
        raise _unmatchable(parameter, error) from error

    def found_in(subject: str) -> bool:
        try:
            return pattern.found_in(subject)
        except PatternRefused as error:
            raise _unmatchable(parameter, error) from error

    return found_in


def _unmatchable(parameter: str, error: PatternRefused) -> Refused:
    return Refused(
        f"Invalid {quoted(parameter)}: this server cannot match the regular expression, because {error}.",
        cause=f"invalid {parameter}",
    )
