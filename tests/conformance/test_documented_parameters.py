# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every documented parameter is taken, refused, or named in the section "Limits" of docs/reference-server.md."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.conformance.documented import UAPI, WHM
from tests.support.paths import REPOSITORY
from tests.support.schema import FOLDER
from token_server.functions.permissions import UAPI_FUNCTIONS, WHM_FUNCTIONS

PAGE = (REPOSITORY / "docs" / "reference-server.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([A-Za-z_:]+)` \| ((?:`[^`]+` ?)+) \|$", re.MULTILINE)
TABLES = {**WHM, **UAPI}
CODE = "".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "token_server" / "functions").glob("*.py"))


def test_the_page_names_every_ignored_parameter_and_no_other() -> None:
    section = PAGE.partition("## Limits")[2].partition("\n### Parameters that are ignored\n")[2]
    named = {function: set(re.findall(r"`([^`]+)`", row)) for function, row in ROW.findall(section)}
    assert named == {function: set(table.ignored) for function, table in TABLES.items() if table.ignored}


def test_the_tables_are_of_functions_that_exist() -> None:
    assert set(WHM) <= set(WHM_FUNCTIONS)
    assert set(UAPI) == {name for name in UAPI_FUNCTIONS if not name.startswith(("Tokens::", "Batch::"))}
    assert not any(table.taken & table.ignored for table in TABLES.values())


@pytest.mark.parametrize("function", sorted(TABLES))
def test_what_is_taken_is_read_somewhere(function: str) -> None:
    for parameter in TABLES[function].taken:
        assert f'"{parameter.removesuffix("*")}"' in CODE, parameter


@pytest.mark.parametrize("function", sorted(TABLES))
def test_the_openapi_documents_name_what_is_taken_and_nothing_else(function: str) -> None:
    taken = {name for name in TABLES[function].taken if not name.endswith("*")}
    # "username" is a second name for "user" in most functions.
    assert taken <= _arguments(function) <= taken | {"username"}


def _arguments(function: str) -> set[str]:
    """Return the names of the parameters that the OpenAPI documents give for a function."""
    name = "cpanel.yaml" if "::" in function else "whm.yaml"
    path = f"/execute/{function.replace('::', '/')}" if "::" in function else f"/json-api/{function}"
    item, name = _followed(_loaded(name)["paths"][path], name)
    (arguments,) = [given for given in item["get"]["parameters"] if given.get("name") == "arguments"]
    schema, _name = _followed(arguments["schema"], name)
    return set(schema.get("properties", {}))


def _loaded(name: str) -> dict[str, Any]:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


def _followed(value: dict[str, Any], name: str) -> tuple[dict[str, Any], str]:
    """Return what a reference means, and the file in which it is; what is no reference is returned as it is."""
    if "$ref" not in value:
        return value, name
    file, _hash, pointer = value["$ref"].partition("#/")
    found = _loaded(file or name)
    for step in pointer.split("/"):
        found = found[step]
    return found, file or name
