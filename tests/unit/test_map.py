# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The map in CONTRIBUTING is the house as it is: who imports whom, which rooms there are, and which files they hold."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.support.sources import Import, circles_of, imports_of, sources_in
from tests.unit.map_rules import (
    MAY_IMPORT,
    MODULE_UTILS,
    PARENTS,
    PLUGIN_UTILS,
    PURE,
    ROOT,
    SHARED,
    absolute_inside,
    dynamic,
    files_in,
    impure,
    impure_targets,
    not_allowed,
    parent_of,
    quoted,
    rooms_in,
    row_of,
    rows_of,
)

SOURCES = sources_in(ROOT, "plugins", "token_server")
IMPORTS = imports_of(SOURCES, ROOT)
DOCUMENT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
ROWS = rows_of(DOCUMENT)


def of_plugins(imports: Iterable[Import]) -> list[Import]:
    return [each for each in imports if each.importer.startswith("plugins/")]


def test_only_what_the_table_allows_is_imported():
    assert not_allowed(of_plugins(IMPORTS), MAY_IMPORT) == []


def test_the_table_in_the_document_is_the_one_that_is_tested():
    told = {path: set(quoted(row["may import"])) for path, row in ROWS.items() if path in MAY_IMPORT}
    assert told == {path: set(allowed.split()) for path, allowed in MAY_IMPORT.items()}


def test_no_two_files_import_each_other():
    assert circles_of(IMPORTS) == []


def test_imports_inside_module_utils_are_relative():
    assert absolute_inside(IMPORTS, MODULE_UTILS) == []


def test_imports_inside_module_utils_are_static():
    assert dynamic(source for source in SOURCES if source.path.startswith(MODULE_UTILS)) == []


def test_what_is_pure_stays_pure():
    sources = [source for source in SOURCES if source.path.startswith(PURE)]
    assert {row_of(source.path, dict.fromkeys(PURE)) for source in sources} == set(PURE)
    imports = [each for each in IMPORTS if each.importer.startswith(PURE)]
    assert impure(sources, imports) + impure_targets(imports) == []


def test_the_document_names_what_is_pure():
    (line,) = [line for line in DOCUMENT.splitlines() if line.startswith("Pure: ")]
    assert {f"{MODULE_UTILS}{path}" for path in quoted(line)} == set(PURE)


def test_server_and_plugins_do_not_import_each_other():
    assert [each.where for each in of_plugins(IMPORTS) if each.package == "token_server"] == []
    of_server = [each for each in IMPORTS if each.importer.startswith("token_server/")]
    assert of_server
    foreign = ("ansible_collections", "plugins", "ansible")
    assert [each.where for each in of_server if each.package in foreign or each.target.startswith("plugins/")] == []


def test_the_document_names_every_room():
    named = {path for path in ROWS if parent_of(path) in PARENTS}
    assert named == rooms_in(ROOT)
    assert [path for path in ROWS if not (ROOT / path).exists()] == []


@pytest.mark.parametrize(
    "room", sorted(path for path in rooms_in(ROOT) if parent_of(path) in SHARED and path.endswith("/"))
)
def test_the_document_names_every_file_of_a_room(room):
    assert set(quoted(ROWS[room]["files"])) == files_in(ROOT, room)


def test_the_document_names_what_test_suites_share():
    told = DOCUMENT.partition("| module of `tests/support` |")[2].partition("\n\n")[0]
    named = [name for line in told.splitlines()[2:] for name in quoted(line.split("|")[1])]
    paths = [path for path in (ROOT / "tests/support").iterdir() if not path.name.startswith("_")]
    assert sorted(named) == sorted(path.stem for path in paths if path.name != "callback_plugins")


def test_every_room_of_shared_code_is_an_empty_package():
    rooms = [path for path in MAY_IMPORT if path.startswith((MODULE_UTILS, PLUGIN_UTILS)) and path.endswith("/")]
    assert {room: (ROOT / room / "__init__.py").read_bytes() for room in rooms} == dict.fromkeys(rooms, b"")
