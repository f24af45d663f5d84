# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Planted faults: each rule of the map finds what it is for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.sources import Import, Source, circles_of, imports_of, sources_in
from tests.unit.map_rules import (
    MAY_IMPORT,
    MODULE_UTILS,
    PARENTS,
    absolute_inside,
    dynamic,
    files_in,
    impure,
    impure_targets,
    not_allowed,
    quoted,
    rooms_in,
    rows_of,
)


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
