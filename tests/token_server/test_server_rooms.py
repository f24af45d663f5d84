# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rooms of the server: imports point down, no two modules need each other, and nothing comes from the plugins."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import token_server

PACKAGE = Path(token_server.__file__).parent
ROOMS = ("vocabulary", "state", "functions", "web", "http", "entry")
"""From the lowest to the highest. ``vocabulary`` and ``entry`` are the modules outside of the folders."""

VOCABULARY = {
    "refusals", "rules", "patterns", "account_rules", "privileges", "parameters", "envelopes", "wire", "dialects", "formats",
}  # fmt: skip
ENTRY = {"__main__", "archives", "options", "server", "testing", "tool_options", "tools", "bin.launch"}


def _modules() -> dict[str, Path]:
    paths = (path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")
    return {".".join(path.relative_to(PACKAGE).with_suffix("").parts): path for path in paths}


def _room(module: str) -> str:
    if module in VOCABULARY:
        return "vocabulary"
    return "entry" if module in ENTRY else module.partition(".")[0]


def _imported(path: Path) -> set[str]:
    """Return the full names of everything that a module imports, wherever it does so, for annotations too."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.update({f"{node.module}.{alias.name}" for alias in node.names})
    return names


def _needed(path: Path, modules: dict[str, Path]) -> set[str]:
    """Return the modules of the package that a module imports."""
    own = {name.removeprefix("token_server.") for name in _imported(path) if name.startswith("token_server.")}
    return {name if name in modules else name.rpartition(".")[0] for name in own}


def test_every_module_has_a_room() -> None:
    assert {_room(module) for module in _modules()} == set(ROOMS)
    assert set(_modules()) > VOCABULARY | ENTRY


def test_imports_point_down() -> None:
    modules = _modules()
    wrong = [
        f"{module} imports {needed}"
        for module, path in modules.items()
        for needed in _needed(path, modules)
        if ROOMS.index(_room(needed)) > ROOMS.index(_room(module))
    ]
    assert wrong == []


def test_no_two_modules_need_each_other() -> None:
    modules = _modules()
    needs = {module: _needed(path, modules) for module, path in modules.items()}
    assert any(needs.values())
    # Raises CycleError, which names the circle.
    order = list(TopologicalSorter(needs).static_order())
    assert set(order) == set(modules)


def test_nothing_comes_from_the_plugins() -> None:
    for path in _modules().values():
        for name in _imported(path):
            assert name.partition(".")[0] not in ("ansible", "ansible_collections", "plugins"), path
