# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows out of an archive that anybody may have written: which of them can become an account or an API token here."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from token_server import rules
from token_server.privileges import is_known
from token_server.refusals import Refused, ServerError, quoted
from token_server.state.passwords import is_stored_form

_DIGEST = re.compile(r"[0-9a-f]{64}")
_LONGEST = 100_000
"""Characters of a text."""

Check = Callable[[object], bool]


def check_account(row: object, columns: set[str]) -> dict[str, object]:
    """Return the columns of an account, as the table takes them. Raises ``ServerError``."""
    return _checked(row, columns, _ACCOUNT, "The account")


def check_token(row: object, columns: set[str]) -> dict[str, object]:
    """Return the columns of an API token, as the table takes them. Raises ``ServerError``."""
    values = _checked(row, columns, _TOKEN, "An API token")
    values["digest"] = bytes.fromhex(str(values["digest"]))
    return values


def _checked(row: object, columns: set[str], checks: dict[str, Check], what: str) -> dict[str, object]:
    if not isinstance(row, dict):
        raise _wrong(f"{what} is not an object")
    missing = sorted(set(checks) - set(row))
    if missing:
        raise _wrong(f"{what} lacks {quoted(missing[0])}")
    for name, value in row.items():
        if name not in columns:
            raise _wrong(f"{what} has {quoted(name)}, which this version of the server does not know")
        if not checks.get(name, _scalar)(value):
            raise _wrong(f"{what} has a value of {quoted(name)} that cannot be")
    return dict(row)


def _scalar(value: object) -> bool:
    """Tell whether a database can hold this. For columns of which nothing else is known here."""
    if isinstance(value, str):
        return len(value) <= _LONGEST and _is_text(value)
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63)


def _is_text(value: str) -> bool:
    """Half of a surrogate pair cannot be written."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _allowed(rule: Callable[[str], str]) -> Check:
    """Return a check of a text that a rule leaves as it is."""

    def check(value: object) -> bool:
        try:
            return isinstance(value, str) and rule(value) == value
        except Refused:
            return False

    return check


def _moment(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= rules.LATEST_TIME


def _flag(value: object) -> bool:
    return not isinstance(value, bool) and value in (0, 1)


def _texts(value: object, check: Check) -> bool:
    """Tell whether a text is a JSON list of texts that pass a check."""
    try:
        found = json.loads(value) if isinstance(value, str) and len(value) <= _LONGEST else None
    except (ValueError, RecursionError):
        return False
    return isinstance(found, list) and all(isinstance(text, str) and check(text) for text in found)


def _or_none(check: Check) -> Check:
    return lambda value: value is None or check(value)


_ADDRESS = _allowed(lambda text: rules.address(text, "addresses"))


def _acls(value: object) -> bool:
    return _texts(value, lambda acl: is_known(str(acl)))


_ACCOUNT: dict[str, Check] = {
    "username": _allowed(rules.username),
    "kind": lambda value: value in ("account", "reseller"),
    "domain": _allowed(rules.domain),
    "password_hash": _or_none(lambda value: isinstance(value, str) and is_stored_form(value)),
    "suspended": _flag,
    "acls": _acls,
    "features": lambda value: _texts(value, _scalar),
    "create_time": _moment,
}
_TOKEN: dict[str, Check] = {
    "service": lambda value: value in ("whm", "cpanel"),
    "name": _allowed(lambda name: rules.token_name(name, "name")),
    "digest": lambda value: isinstance(value, str) and _DIGEST.fullmatch(value) is not None,
    "create_time": _moment,
    "expires_at": _or_none(_moment),
    "acls": _acls,
    "addresses": _or_none(lambda value: _texts(value, _ADDRESS)),
    "readonly": _flag,
    "last_used": _or_none(_moment),
}


def _wrong(what: str) -> ServerError:
    return ServerError(f"The archive was refused: {what[0].lower()}{what[1:]}.")
