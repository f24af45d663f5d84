# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CONTRIBUTING.md names every room and every file of the plugins, and they import only what its table allows."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from tests.support.sources import Import, Source, circles_of, imports_of, sources_in

ROOT = Path(__file__).resolve().parents[2]

MODULE_UTILS, PLUGIN_UTILS = "plugins/module_utils/", "plugins/plugin_utils/"
MAY_IMPORT = {
    "plugins/module_utils/_errors.py": "",
    "plugins/module_utils/_argspec.py": "",
    "plugins/module_utils/_model/": "_errors",
    "plugins/module_utils/_api/": "_model _errors requests",
    "plugins/module_utils/_task/": "_model _errors ansible",
    "plugins/module_utils/_engine/": "_api _model _errors",
    "plugins/module_utils/_delivery/": "_task _model _errors",
    "plugins/module_utils/_rotation/": "_delivery _engine _api _model _errors _argspec",
    "plugins/module_utils/_modules/": "_rotation _delivery _engine _task _api _model _argspec _errors",
    "plugins/plugin_utils/_text.py": "ansible",
    "plugins/plugin_utils/_standalone.py": "",
    "plugins/plugin_utils/_in_process.py": "_task ansible requests",
    "plugins/plugin_utils/_ci/": "_engine _api _task _model _errors",
    "plugins/plugin_utils/_audit/": "_ci _model _errors ansible jinja2 markupsafe",
    "plugins/plugin_utils/_sinks/": "_text _rotation _delivery _errors ansible",
    "plugins/modules/": "_modules _task _argspec",
    "plugins/modules/api_token_delivery.py": "_modules _delivery _task _argspec",
    "plugins/action/": "_audit _sinks _in_process _modules _delivery _task _argspec _errors ansible",
    "plugins/lookup/": "_ci _errors ansible",
    "plugins/callback/": "_ci _model ansible",
    "plugins/filter/": "_audit _errors ansible",
    "plugins/doc_fragments/": "",
}
"""By folder or file: the rooms of ours and the libraries that it may import besides the standard library and itself."""

PURE = (
    "plugins/module_utils/_errors.py",
    "plugins/module_utils/_argspec.py",
    "plugins/module_utils/_model/",
    "plugins/module_utils/_delivery/content.py",
    "plugins/module_utils/_delivery/evidence.py",
    "plugins/module_utils/_rotation/state.py",
)
"""What has no file, network, process or clock, so that its tests need none either."""

IMPURE_MODULES = frozenset(
    [
        *(
            "asyncio",
            "fcntl",
            "glob",
            "http",
            "io",
            "logging",
            "multiprocessing",
            "os",
            "pathlib",
            "select",
            "selectors",
        ),
        *("shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "tempfile", "threading", "time", "urllib"),
    ]
)
IMPURE_CALLS = frozenset(("open", "input", "print", "now", "today", "utcnow"))
DYNAMIC = frozenset(("importlib", "__import__", "import_module", "runpy", "pkgutil", "exec", "eval"))

SERVER = "token_server/"
SHARED = (MODULE_UTILS, PLUGIN_UTILS, SERVER)
"""Folders of shared code: CONTRIBUTING.md names every file of them."""
PARENTS = ("", "plugins/", "roles/", "tests/", *SHARED)
"""The folders whose own folders CONTRIBUTING.md names, each in one line."""


def short(path: str) -> str:
    """The name by which a room stands in the table."""
    return path.rstrip("/").rpartition("/")[2].removesuffix(".py")


def row_of(path: str, table: Mapping[str, object]) -> str | None:
    """The row that says what a file may import: its own, else that of its folder."""
    rows = [row for row in table if path == row or (row.endswith("/") and path.startswith(row))]
    return max(rows, key=len, default=None)


def not_allowed(imports: Iterable[Import], table: Mapping[str, str]) -> list[str]:
    """A sentence for each import that the table does not allow."""
    faults = []
    for each in imports:
        row = row_of(each.importer, table)
        if row is None:
            faults.append(f"{each.importer} is in no room")
            continue
        allowed = table[row].split()
        if each.target.startswith("plugins/"):
            target = row_of(each.target, table)
            is_own = target is not None and target.endswith("/") and each.importer.startswith(target)
            if not is_own and (target is None or short(target) not in allowed):
                faults.append(f"{each.where} imports {each.target}, which {row} may not")
        elif each.library not in sys.stdlib_module_names and each.library not in allowed:
            faults.append(f"{each.where} imports {each.library}, which {row} may not")
    return faults


def absolute_inside(imports: Iterable[Import], folder: str) -> list[str]:
    """The imports of a folder's own files by their whole name: a second name for the same code, in some processes."""
    return [
        f"{each.where} names {each.name} in full"
        for each in imports
        if each.importer.startswith(folder) and each.target.startswith(folder) and not each.relative
    ]


def dynamic(sources: Iterable[Source]) -> list[str]:
    """Imports that no reader of a syntax tree can follow, nor AnsiballZ: what it does not see is missing on the target."""
    return [
        f"{source.path}:{node.lineno} uses {name}"
        for source in sources
        for node in ast.walk(source.tree)
        for name in sorted(DYNAMIC & set(_names(node)))
    ]


def impure(sources: Iterable[Source], imports: Iterable[Import]) -> list[str]:
    """What reaches for a file, the network, a process or the clock."""
    faults = [f"{each.where} imports {each.library}" for each in imports if each.library in IMPURE_MODULES]
    for source in sources:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call):
                faults += [
                    f"{source.path}:{node.lineno} calls {name}" for name in IMPURE_CALLS & set(_names(node.func))
                ]
    return faults


def impure_targets(imports: Iterable[Import]) -> list[str]:
    """What pure code imports of ours that is not pure itself."""
    return [
        f"{each.where} imports {each.target}"
        for each in imports
        if each.target and row_of(each.target, dict.fromkeys(PURE)) is None
    ]


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        return [node.attr]
    if isinstance(node, ast.Import):
        return [part for alias in node.names for part in alias.name.split(".")]
    if isinstance(node, ast.ImportFrom):
        return [*(node.module or "").split("."), *(alias.name for alias in node.names)]
    return []


def rows_of(document: str) -> dict[str, dict[str, str]]:
    """The rows of the tables whose first cell is a path, by that path: the cells by the heads of their columns."""
    rows: dict[str, dict[str, str]] = {}
    head: list[str] = []
    for line in document.splitlines():
        if not line.startswith("|"):
            head = []
            continue
        cells = [cell.strip() for cell in line.removeprefix("|").removesuffix("|").split("|")]
        head = head or cells
        path = re.fullmatch(r"`([\w./]+(?:/|\.py))`", cells[0])
        if path:
            assert path[1] not in rows, f"CONTRIBUTING.md names {path[1]} twice"
            rows[path[1]] = dict(zip(head, cells, strict=True))
    return rows


def quoted(cell: str) -> list[str]:
    """What stands in code font in a cell."""
    return re.findall(r"`([^`]+)`", cell)


def parent_of(path: str) -> str:
    """The folder that holds a file or folder; empty for the repository itself."""
    parent = path.rstrip("/").rpartition("/")[0]
    return f"{parent}/" if parent else ""


def rooms_in(root: Path) -> set[str]:
    """The folders that need a line in CONTRIBUTING.md, and the files that stand alone beside rooms of shared code."""
    found = set()
    for parent in PARENTS:
        for path in (root / parent).iterdir():
            if path.name.startswith(".") or path.name in ("__pycache__", "__init__.py", "output"):
                continue  # tests/output is ansible-test's own.
            if path.is_dir() and any(path.rglob("*.*")):
                found.add(f"{parent}{path.name}/")
            elif path.suffix == ".py" and parent in SHARED:
                found.add(f"{parent}{path.name}")
    return found


def files_in(root: Path, room: str) -> set[str]:
    """The modules of a room by name, those of a folder in it with that folder."""
    folder = root / room
    paths = (path for path in folder.rglob("*.py") if path.name != "__init__.py")
    return {path.relative_to(folder).as_posix().removesuffix(".py") for path in paths}


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
    assert [each.where for each in of_plugins(IMPORTS) if each.library == "token_server"] == []
    of_server = [each for each in IMPORTS if each.importer.startswith("token_server/")]
    assert of_server
    foreign = ("ansible_collections", "plugins", "ansible")
    assert [each.where for each in of_server if each.library in foreign or each.target.startswith("plugins/")] == []


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


# Planted faults: each check finds what it is for.


def planted(root: Path, **files: str) -> tuple[list[Source], list[Import]]:
    """A small collection: its files by their names in ``PATHS``."""
    for name, text in files.items():
        path = root / PATHS[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    sources = sources_in(root, "plugins")
    return sources, imports_of(sources, root)


PATHS = {
    "errors": "plugins/module_utils/_errors.py",
    "token": "plugins/module_utils/_model/token.py",
    "plan": "plugins/module_utils/_model/plan.py",
    "whm": "plugins/module_utils/_api/whm.py",
    "stray": "plugins/module_utils/_other/stray.py",
    "client": "plugins/plugin_utils/_ci/client.py",
    "module": "plugins/modules/whm_api_token.py",
    "server": "token_server/app.py",
}


@pytest.mark.parametrize(
    "statement",
    [
        "from .._api.whm import WhmApi",
        "from .._api import whm",
        "from .. import _api",
        "import ansible_collections.panelops.cpanel.plugins.module_utils._api.whm",
        "from ansible_collections.panelops.cpanel.plugins.module_utils._api.whm import WhmApi",
        "from ansible_collections.panelops.cpanel.plugins.plugin_utils._ci import client",
        "def late():\n    from .._api.whm import WhmApi",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .._api.whm import WhmApi",
        "try:\n    import requests\nexcept ImportError:\n    requests = None",
        "from .._missing import anything",
    ],
)
def test_an_upward_import_is_found(tmp_path, statement):
    _sources, imports = planted(tmp_path, token=statement, whm="", client="", errors="")
    assert len(not_allowed(imports, MAY_IMPORT)) == 1


def test_a_downward_import_and_one_of_the_same_room_are_none(tmp_path):
    text = "import json\nfrom .._errors import InvalidOption\nfrom .plan import Plan\n"
    _sources, imports = planted(tmp_path, token=text, plan="", errors="")
    assert not_allowed(imports, MAY_IMPORT) == []
    assert {each.target for each in imports} == {"", PATHS["errors"], PATHS["plan"]}


def test_a_module_that_goes_past_its_core_is_found(tmp_path):
    text = "from ansible_collections.panelops.cpanel.plugins.module_utils._api.whm import WhmApi"
    _sources, imports = planted(tmp_path, module=text, whm="")
    assert not_allowed(imports, MAY_IMPORT) == [
        f"{PATHS['module']}:1 imports {PATHS['whm']}, which plugins/modules/ may not"
    ]


def test_an_import_of_the_server_is_found(tmp_path):
    _sources, imports = planted(tmp_path, whm="from token_server.app import serve", server="")
    assert not_allowed(imports, MAY_IMPORT) == [
        f"{PATHS['whm']}:1 imports token_server, which plugins/module_utils/_api/ may not"
    ]


def test_a_file_in_no_room_is_found(tmp_path):
    _sources, imports = planted(tmp_path, stray="import json")
    assert not_allowed(imports, MAY_IMPORT) == [f"{PATHS['stray']} is in no room"]


@pytest.mark.parametrize(
    "there_and_back",
    [
        ("from .plan import Plan", "from .token import ApiToken"),
        ("from . import plan", "def late():\n    from . import token"),
    ],
)
def test_a_circle_is_found(tmp_path, there_and_back):
    token, plan = there_and_back
    _sources, imports = planted(tmp_path, token=token, plan=plan, whm="from .._model.token import ApiToken")
    assert circles_of(imports) == [[PATHS["plan"], PATHS["token"]]]


def test_a_circle_through_others_is_found(tmp_path):
    _sources, imports = planted(
        tmp_path, token="from .._api import whm", whm="from .._model import plan", plan="from . import token"
    )
    assert circles_of(imports) == [[PATHS["whm"], PATHS["plan"], PATHS["token"]]]


@pytest.mark.parametrize(
    "statement",
    [
        "import importlib",
        "from importlib import import_module",
        "__import__('json')",
        "def late():\n    import importlib.util as u",
    ],
)
def test_a_dynamic_import_is_found(tmp_path, statement):
    sources, _imports = planted(tmp_path, token=statement)
    assert dynamic(sources)


def test_an_absolute_import_is_found(tmp_path):
    text = "from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption"
    _sources, imports = planted(tmp_path, token=text, errors="")
    assert absolute_inside(imports, MODULE_UTILS) == [
        f"{PATHS['token']}:1 names plugins.module_utils._errors.InvalidOption in full"
    ]


@pytest.mark.parametrize(
    "text", ["import os", "from time import time", "open('x')", "from datetime import datetime\ndatetime.now()"]
)
def test_what_is_not_pure_is_found(tmp_path, text):
    assert impure(*planted(tmp_path, token=text))


def test_a_way_from_pure_code_to_what_is_not_is_found(tmp_path):
    _sources, imports = planted(tmp_path, token="from .._api import whm\nfrom .plan import Plan", whm="", plan="")
    assert impure_targets(imports) == [f"{PATHS['token']}:1 imports {PATHS['whm']}"]


def test_a_room_and_a_file_that_nobody_names_are_found(tmp_path):
    for parent in PARENTS:
        (tmp_path / parent).mkdir(parents=True, exist_ok=True)
    planted(tmp_path, stray="", errors="")
    assert {PATHS["errors"], "plugins/module_utils/_other/"} <= rooms_in(tmp_path)
    assert files_in(tmp_path, "plugins/module_utils/_other/") == {"stray"}


def test_rows_are_read():
    document = "| room | files | may import |\n|---|---|---|\n| `a/_b/` | `c` `d` | `_e`, `f` |\n| `make` | all | - |\n"
    assert rows_of(document) == {"a/_b/": {"room": "`a/_b/`", "files": "`c` `d`", "may import": "`_e`, `f`"}}
    assert quoted("`_e`, `f`") == ["_e", "f"]
