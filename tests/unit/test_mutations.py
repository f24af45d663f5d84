# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only the engine can change a token: it alone knows how a lost response is settled, and what would lock somebody out."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.support.sources import Source, sources_in

ROOT = Path(__file__).resolve().parents[2]

API, ENGINE = "plugins/module_utils/_api/", "plugins/module_utils/_engine/"
CHANGES = ("create_token", "update_token", "revoke_tokens")
"""What changes tokens in ``_api``."""
FUNCTIONS = (
    *("api_token_create", "api_token_update", "api_token_revoke", "create_full_access"),
    *("Tokens::create", "Tokens::rename", "Tokens::revoke"),
)
"""The functions of the servers' APIs that change tokens."""
UAPI_CHANGES = ("create_full_access", "create", "rename", "revoke")
"""Those of UAPI as a call names them, besides the module ``Tokens``."""
POSITION_OF_MUTATION = {"whm": 2, "uapi": 3}
"""Where the argument ``mutation`` of a transport's method stands if it is not named."""
DOCUMENTATION = ("DOCUMENTATION", "EXAMPLES", "RETURN")


def ways_to_a_mutation(sources: Iterable[Source]) -> list[str]:
    """A sentence for each place outside the engine that changes tokens, or could."""
    return [fault for source in sources for fault in _ways(source)]


def _ways(source: Source) -> Iterator[str]:
    in_api, in_engine = source.path.startswith(API), source.path.startswith(ENGINE)
    documentation = set(_documentation(source.tree))
    for node in ast.walk(source.tree):
        faults = [] if in_engine else list(_references(node, in_api, documentation))
        if not in_api:
            faults += _calls(node, documentation)
        yield from (f"{source.path}:{getattr(node, 'lineno', 0)} {fault}" for fault in faults)


def _references(node: ast.AST, in_api: bool, documentation: set[int]) -> Iterator[str]:
    """What the engine alone may do: refer to the functions of ``_api`` that change tokens."""
    for name in _names(node):
        if name in CHANGES:
            yield f"refers to {name}"
        elif name == "*":
            yield "imports whatever there is"
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name in CHANGES and not in_api:
        yield f"defines {node.name}"
    if _is_text(node, documentation) and node.value in CHANGES:
        yield f"names {node.value}"


def _calls(node: ast.AST, documentation: set[int]) -> Iterator[str]:
    """What only ``_api`` may do: name the server's functions that change tokens, or tell a transport to send a mutation."""
    if _is_text(node, documentation):
        yield from (f"names {function}" for function in FUNCTIONS if function in node.value)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return
    method = node.func.attr
    if method not in POSITION_OF_MUTATION:
        return
    position = POSITION_OF_MUTATION[method]
    said = [keyword.value for keyword in node.keywords if keyword.arg == "mutation"] + node.args[
        position : position + 1
    ]
    hides = any(keyword.arg is None for keyword in node.keywords) or any(
        isinstance(each, ast.Starred) for each in node.args
    )
    if hides or any(not (isinstance(value, ast.Constant) and value.value is False) for value in said):
        yield f"may send a mutation by .{method}()"
    if method == "uapi":
        values = [*node.args, *(keyword.value for keyword in node.keywords)]
        literals = [value.value for value in values if isinstance(value, ast.Constant)]
        yield from (f"calls {name} by .uapi()" for name in UAPI_CHANGES if name in literals)


def _is_text(node: ast.AST, documentation: set[int]) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        return [node.attr]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [name for alias in node.names for name in (alias.name, alias.asname) if name]
    return []


def _documentation(tree: ast.Module) -> Iterator[int]:
    """The strings that are docstrings, or documentation for ansible-doc."""
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.Expr) or any(
            isinstance(each, ast.Name) and each.id in DOCUMENTATION for each in targets
        ):
            yield id(node.value)


def test_nothing_outside_the_engine_can_change_a_token():
    sources = [each for each in sources_in(ROOT, "plugins") if "/doc_fragments/" not in each.path]
    assert ways_to_a_mutation(sources) == []


def test_the_engine_changes_tokens_by_the_functions_that_are_looked_for():
    sources = sources_in(ROOT, "plugins/module_utils")
    defined = {
        node.name
        for source in sources
        if source.path.startswith(API)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef)
    }
    used = {
        name
        for source in sources
        if source.path.startswith(ENGINE)
        for node in ast.walk(source.tree)
        for name in _names(node)
    }
    assert set(CHANGES) <= defined
    assert set(CHANGES) <= used
    strings = "\n".join(source.text for source in sources if source.path.startswith(API))
    assert [name for name in FUNCTIONS[:4] if name not in strings] == []


@pytest.mark.parametrize(
    "path", ["plugins/module_utils/_modules/bulk.py", "plugins/plugin_utils/_ci/tokens.py", f"{API}access.py"]
)
@pytest.mark.parametrize(
    "code",
    [
        "from .._api.changes import create_token",
        "from .._api.changes import create_token as harmless",
        "from .._api.changes import *",
        "changes.update_token(api, name, token)",
        "change = api.revoke_tokens",
        "getattr(changes, 'revoke_tokens')",
        "vars(changes)['create_token']",
        "def run():\n    def late():\n        return update_token",
    ],
)
def test_a_reference_to_a_change_is_found(path, code):
    assert ways_to_a_mutation([Source(path, code)])
    assert not ways_to_a_mutation([Source(f"{ENGINE}apply.py", code)])


def test_a_definition_outside_the_api_is_found():
    code = "class Api:\n    def revoke_tokens(self, names):\n        return names"
    assert ways_to_a_mutation([Source("plugins/module_utils/_modules/bulk.py", code)])
    assert not ways_to_a_mutation([Source(f"{API}changes.py", code)])


@pytest.mark.parametrize(
    "path", ["plugins/module_utils/_modules/bulk.py", "plugins/lookup/ci_token.py", f"{ENGINE}apply.py"]
)
@pytest.mark.parametrize(
    "code",
    [
        "transport.whm('api_token_create', params)",
        "function = 'api_token_revoke'",
        "command = f'api_token_update?{query}'",
        "call('Tokens', 'create_full_access')",
        "call('Tokens::rename')",
        "transport.uapi('Tokens', 'revoke', [])",
        "transport.uapi('Tokens', function='rename')",
        "transport.whm(function, params, True)",
        "transport.whm(function, params, mutation=True)",
        "transport.whm(function, params, mutation)",
        "transport.whm(function, **options)",
        "transport.whm(*arguments)",
        "transport.uapi(module, function, params, True)",
        "self.transport.uapi(module, function, mutation=not checks)",
    ],
)
def test_a_mutation_past_the_api_is_found(path, code):
    assert ways_to_a_mutation([Source(path, code)])
    assert not ways_to_a_mutation([Source(f"{API}changes.py", code)])


@pytest.mark.parametrize(
    "code",
    [
        "transport.whm('api_token_list')",
        "transport.whm('api_token_list', [], False)",
        "transport.uapi('Tokens', 'list', mutation=False)",
        '"""Why api_token_update is sent the whole state."""',
        'DOCUMENTATION = r"""\\ndescription: What create_full_access makes.\\n"""',
        "plan = Plan(before, after, (Create(token),))",
    ],
)
def test_reads_plans_and_documentation_are_none(code):
    assert ways_to_a_mutation([Source("plugins/module_utils/_modules/bulk.py", code)]) == []
