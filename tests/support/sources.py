# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection's sources import, read from their syntax trees: nothing is run, so what is imported late counts too."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

OUR_COLLECTION = "ansible_collections.panelops.cpanel."


@dataclass(frozen=True)
class Source:
    """One Python file. ``path`` is relative to the repository, with slashes."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return ast.parse(self.text, self.path)


@dataclass(frozen=True)
class Import:
    """One imported module.

    ``name`` is absolute, without the collection's prefix. ``target`` is the file or folder (with a slash at its end) of ours that it
    means, relative to the repository; empty if it is none of ours.
    """

    importer: str
    line: int
    name: str
    target: str
    relative: bool

    @property
    def where(self) -> str:
        """``path:line``, for messages."""
        return f"{self.importer}:{self.line}"

    @property
    def package(self) -> str:
        """The first part of the name."""
        return self.name.partition(".")[0]


def sources_in(root: Path, *folders: str) -> list[Source]:
    """The Python files of some folders of a repository, in the order of their paths."""
    files = sorted(path for folder in folders for path in (root / folder).rglob("*.py"))
    return [Source(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")) for path in files]


def imports_of(sources: Iterable[Source], root: Path) -> list[Import]:
    """Every import statement, wherever it stands: in a function, in a ``try``, under ``TYPE_CHECKING``."""
    return [found for source in sources for found in _imports_of(source, root)]


def _imports_of(source: Source, root: Path) -> Iterator[Import]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            names, relative = [alias.name for alias in node.names], False
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(source.path, node)
            # What is imported from a package can be a module of it.
            names, relative = [f"{base}.{alias.name}" for alias in node.names], node.level > 0
        else:
            continue
        targets = [(name.removeprefix(OUR_COLLECTION), _target(name, root)) for name in names]
        for name, target in dict.fromkeys(targets):
            yield Import(source.path, node.lineno, name, target, relative)


def _absolute(importer: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = importer.split("/")[: -node.level]
    return OUR_COLLECTION + ".".join([*package, *([node.module] if node.module else [])])


def _target(name: str, root: Path) -> str:
    """The file that a dotted name means, the name of something in that file included; else the folder."""
    if name.startswith(OUR_COLLECTION):
        parts = name.removeprefix(OUR_COLLECTION).split(".")
    elif name.partition(".")[0] in ("plugins", "token_server"):
        parts = name.split(".")
    else:
        return ""
    for length in (len(parts), len(parts) - 1):
        path = "/".join(parts[:length])
        if path and (root / f"{path}.py").is_file():
            return f"{path}.py"
        if path and (root / path).is_dir():
            return f"{path}/"
    return "/".join(parts)


def circles_of(imports: Iterable[Import]) -> list[list[str]]:
    """The files that import each other, whether directly or through others; each group in the order of the alphabet."""
    graph: dict[str, set[str]] = {}
    for each in imports:
        if each.target:
            graph.setdefault(each.importer, set()).add(each.target)
    reached = {start: _reached(graph, start) for start in graph}
    groups = {
        tuple(sorted(other for other in reached[start] if start in reached.get(other, ())))
        for start in graph
        if start in reached[start]
    }
    return [list(group) for group in sorted(groups)]


def _reached(graph: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    todo = list(graph[start])
    while todo:
        each = todo.pop()
        if each not in seen:
            seen.add(each)
            todo += graph.get(each, ())
    return seen
