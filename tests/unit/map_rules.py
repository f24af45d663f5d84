# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of the map: what may import what, what is pure, and how the tables of CONTRIBUTING.md are read."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.support.paths import REPOSITORY
from tests.support.sources import Import, Source

ROOT = REPOSITORY

MODULE_UTILS = "plugins/module_utils/"
PLUGIN_UTILS = "plugins/plugin_utils/"
MAY_IMPORT = {
    "plugins/module_utils/_errors.py": "",
    "plugins/module_utils/_argspec.py": "",
    "plugins/module_utils/_model/": "_errors",
    "plugins/module_utils/_api/": "_model _errors requests urllib3",
    "plugins/module_utils/_task/": "_model _errors ansible",
    "plugins/module_utils/_engine/": "_api _model _errors",
    "plugins/module_utils/_delivery/": "_task _model _errors",
    "plugins/module_utils/_rotation/": "_delivery _engine _api _model _errors _argspec",
    "plugins/module_utils/_modules/": "_rotation _delivery _engine _task _api _model _argspec _errors",
    "plugins/plugin_utils/_text.py": "ansible",
    "plugins/plugin_utils/_standalone.py": "",
    "plugins/plugin_utils/_target_python.py": "ansible",
    "plugins/plugin_utils/_consumer.py": "ansible",
    "plugins/plugin_utils/_target_environment.py": "_task ansible",
    "plugins/plugin_utils/_in_process.py": "_target_environment _target_python _task ansible requests",
    "plugins/plugin_utils/_ci/": "_engine _api _task _model _errors",
    "plugins/plugin_utils/_audit/": "_ci _rotation _model _errors ansible jinja2 markupsafe",
    "plugins/plugin_utils/_sinks/": "_text _rotation _delivery _task _api _errors ansible requests urllib3",
    "plugins/modules/": "_modules _task _argspec",
    "plugins/modules/api_token_delivery.py": "_modules _delivery _task _argspec",
    "plugins/action/": (
        "_audit _sinks _consumer _in_process _target_environment _target_python _modules _delivery _task _argspec _errors ansible"
    ),
    "plugins/lookup/": "_ci _errors ansible",
    "plugins/callback/": "_ci _model ansible",
    "plugins/filter/": "_audit _sinks _errors ansible",
    "plugins/doc_fragments/": "",
}
"""By folder or file: the rooms of ours and the libraries that it may import besides the standard library and itself."""

PURE = (
    "plugins/module_utils/_errors.py",
    "plugins/module_utils/_argspec.py",
    "plugins/module_utils/_model/",
    "plugins/module_utils/_delivery/content.py",
    "plugins/module_utils/_delivery/part.py",
    "plugins/module_utils/_delivery/evidence.py",
    "plugins/module_utils/_delivery/merge.py",
    "plugins/module_utils/_delivery/merge_text.py",
    "plugins/module_utils/_delivery/merge_env.py",
    "plugins/module_utils/_delivery/merge_json.py",
    "plugins/module_utils/_delivery/merge_yaml.py",
    "plugins/module_utils/_delivery/merge_ini.py",
    "plugins/module_utils/_rotation/state.py",
    "plugins/module_utils/_rotation/grace.py",
    "plugins/module_utils/_rotation/entries.py",
    "plugins/module_utils/_rotation/values.py",
    "plugins/module_utils/_rotation/sinks.py",
    "plugins/module_utils/_rotation/rotating.py",
    "plugins/module_utils/_rotation/places.py",
    "plugins/module_utils/_rotation/accounts.py",
    "plugins/module_utils/_rotation/only.py",
    "plugins/module_utils/_rotation/spread.py",
    "plugins/module_utils/_rotation/window.py",
    "plugins/module_utils/_rotation/repair.py",
    "plugins/module_utils/_rotation/urgency.py",
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
        elif each.package not in sys.stdlib_module_names and each.package not in allowed:
            faults.append(f"{each.where} imports {each.package}, which {row} may not")
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
    faults = [f"{each.where} imports {each.package}" for each in imports if each.package in IMPURE_MODULES]
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
