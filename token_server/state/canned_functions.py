# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Functions that only have an answer, which the fixture gives: parsed from it, and kept for the command-line tools.

They stand in for functions of the real system that a consumer of a token calls, such as a DNS hook or a backup tool.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from token_server.envelopes import Rendered, encode
from token_server.privileges import is_known
from token_server.refusals import quoted
from token_server.state.database import Database
from token_server.state.fixture_values import flag, mapping, text

_SETTING = "functions"

_WHM_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_CPANEL_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,49}::[A-Za-z][A-Za-z0-9_]{0,49}")


@dataclass(frozen=True, slots=True)
class CannedFunction:
    """What a function answers: ``data``, or a ``reason`` why it does not do what was asked.

    ``needs`` is the privilege (of WHM) or the feature (of UAPI and API 2) that a caller needs, None if everybody may call.
    """

    needs: str | None
    mutates: bool
    data: Rendered | None = None
    reason: str | None = None


@dataclass(slots=True)
class CannedFunctions:
    """All of them by name, for each API. ``source`` is what they were parsed from."""

    whm: dict[str, CannedFunction] = field(default_factory=dict)
    uapi: dict[str, CannedFunction] = field(default_factory=dict)
    api2: dict[str, CannedFunction] = field(default_factory=dict)
    source: object = field(default_factory=dict)


def parse(content: object) -> CannedFunctions:
    """Return the functions that the fixture's key ``functions`` describes. Raises ``ValueError`` with a sentence."""
    top = mapping(content, quoted(_SETTING), {"whm", "uapi", "api2"})
    functions = CannedFunctions(source=content)
    for api, found in (("whm", functions.whm), ("uapi", functions.uapi), ("api2", functions.api2)):
        entries = top.get(api) or {}
        if not isinstance(entries, dict):
            raise ValueError(f"{quoted(api)} in {quoted(_SETTING)} must be a mapping of names to answers.")
        for name, entry in entries.items():
            found[name] = _function(api, name, entry)
    return functions


def _function(api: str, name: object, entry: object) -> CannedFunction:
    where = f"The function {quoted(str(name))} of {quoted(api)}"
    form, words = (_WHM_NAME, "lower_case_name") if api == "whm" else (_CPANEL_NAME, "Module::function")
    if not isinstance(name, str) or not form.fullmatch(name):
        raise ValueError(f"{where} must be named like {quoted(words)}.")
    needed = "privilege" if api == "whm" else "feature"
    values = mapping(entry, where, {needed, "mutates", "data", "reason"})
    needs = text(values, where, needed)
    if api == "whm" and needs is not None and not is_known(needs):
        raise ValueError(f"{where} has the unknown privilege {quoted(needs)}.")
    if ("data" in values) == ("reason" in values):
        raise ValueError(f'{where} must have either "data", which it answers, or "reason", with which it fails.')
    reason = text(values, where, "reason")
    if "reason" in values and reason is None:
        raise ValueError(f'{where}: "reason" must be a text.')
    return CannedFunction(needs, flag(values, where, "mutates"), _data(api, where, values), reason)


def _data(api: str, where: str, values: dict[str, object]) -> Rendered | None:
    """Return ``data`` as it will be sent; None if there is nothing to send."""
    data = values.get("data")
    if "data" in values and api == "api2" and not isinstance(data, list):
        raise ValueError(f'{where}: "data" must be a list, as that of every API 2 function is.')
    if data is None:
        return None
    try:
        rendered = Rendered(json.dumps(data, separators=(",", ":"), allow_nan=False))
        same = rendered.value == data
    except (TypeError, ValueError, RecursionError):
        same = False
    if not same:
        raise ValueError(
            f'{where}: "data" must be what JSON can hold (put dates, and numbers that are keys, in quotes).'
        )
    return rendered


def stored(database: Database) -> CannedFunctions:
    """Return the functions that a state folder keeps."""
    kept = database.setting(_SETTING)
    return CannedFunctions() if kept is None else parse(json.loads(kept))


def store(database: Database, functions: CannedFunctions) -> None:
    """Keep functions in the place of those that were kept."""
    rendered = encode(functions.source)
    if rendered != (database.setting(_SETTING) or "{}"):
        with database.transaction():
            database.set_setting(_SETTING, rendered)
