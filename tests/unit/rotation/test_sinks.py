# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of sinks is the only one: argument specifications, documentation and the controller's half know the same kinds."""

from __future__ import annotations

import re

import pytest
import yaml
from ansible_collections.panelops.cpanel.plugins.module_utils._argspec import (
    API_TOKEN_DELIVERY,
    API_TOKEN_ROTATION,
    ROTATION_SINK,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.sinks import KINDS, VERIFYING
from ansible_collections.panelops.cpanel.plugins.modules import api_token_delivery, api_token_rotation
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.kinds import FILES, SINKS

from tests.support.paths import REPOSITORY

ON_HOSTS = [kind.name for kind in KINDS.values() if kind.on_hosts]


def documented(option: dict, *names: str) -> dict:
    """The documentation of an option inside options."""
    for name in names:
        option = (option.get("suboptions") or option["options"])[name]
    return option


MODULE = documented(yaml.safe_load(api_token_rotation.DOCUMENTATION), "tokens", "sinks")
ROLE = documented(
    yaml.safe_load((REPOSITORY / "roles/rotate/meta/argument_specs.yml").read_text())["argument_specs"]["main"],
    "rotate_tokens",
    "sinks",
)
DELIVERY = documented(yaml.safe_load(api_token_delivery.DOCUMENTATION), "sinks")


def test_the_controller_knows_every_kind() -> None:
    assert SINKS.keys() == KINDS.keys()
    assert list(FILES) == ON_HOSTS


def test_every_kind_can_be_given_and_is_documented() -> None:
    assert ROTATION_SINK["type"]["choices"] == list(KINDS)
    assert API_TOKEN_ROTATION["tokens"]["options"]["sinks"]["options"] is ROTATION_SINK
    for sink in (MODULE, ROLE):
        assert documented(sink, "type")["choices"] == list(KINDS)
        text = " ".join(documented(sink, "type")["description"])
        assert [name for name in KINDS if f"V({name}) is" not in text] == []


def test_a_host_is_sent_the_kinds_with_files_and_the_one_that_only_verifies() -> None:
    types = [*ON_HOSTS, VERIFYING.name]
    assert API_TOKEN_DELIVERY["sinks"]["options"]["type"]["choices"] == types
    assert documented(DELIVERY, "type")["choices"] == types
    files = {name for kind in KINDS.values() if kind.on_hosts for name in (*kind.needs, *kind.allows)} - {"hosts"}
    assert files < API_TOKEN_DELIVERY["sinks"]["options"].keys()


@pytest.mark.parametrize("sink", [MODULE, ROLE], ids=["module", "role"])
def test_no_option_of_a_sink_is_without_a_kind_or_documentation(sink: dict) -> None:
    options = {name for kind in KINDS.values() for name in (*kind.needs, *kind.allows)}
    assert options == ROTATION_SINK.keys() - {"type"} == (sink.get("suboptions") or sink["options"]).keys() - {"type"}
    formats = {name for kind in KINDS.values() for name in kind.formats}
    assert set(ROTATION_SINK["format"]["choices"]) == formats == set(documented(sink, "format")["choices"])
    defaults = [(option, value) for kind in KINDS.values() for option, value in kind.defaults.items()]
    assert defaults
    for option, value in defaults:
        assert f"V({value}) if it is not given" in " ".join(documented(sink, option)["description"])


def test_the_guide_says_what_each_kind_can_do() -> None:
    """Its table has a row for each kind: checked before anything is created, read back, verified from there, rolled back."""
    rows = re.findall(r"^\| `(\w+)` \|.*?\| (yes|no) \| (yes|no) \| (yes|no) \| (yes|no) \|$", _guide(), re.MULTILINE)
    said = {name: tuple(word == "yes" for word in words) for name, *words in rows}
    assert said == {
        kind.name: (kind.compared, kind.read_back, kind.verifies, kind.rolled_back) for kind in KINDS.values()
    }


def _guide() -> str:
    return (REPOSITORY / "docs/rotation.md").read_text(encoding="utf-8")
