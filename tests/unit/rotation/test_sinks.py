# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of sinks is the only one: argument specifications, documentation and the controller's half know the same kinds."""

from __future__ import annotations

import re

import pytest
import yaml
from ansible_collections.panelops.cpanel.plugins.module_utils._argspec import API_TOKEN_DELIVERY
from ansible_collections.panelops.cpanel.plugins.module_utils._modules.api_token_rotation import ARGUMENT_SPEC
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.sinks import FORMATS, KINDS, Kind
from ansible_collections.panelops.cpanel.plugins.modules import api_token_delivery, api_token_rotation
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.controller import (
    FileOnController,
    SinkOnController,
)
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.kinds import on_controller
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.module_sink import ModuleSink
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.store import BlindStore, StoreOnController

from tests.support.paths import REPOSITORY

ON_HOSTS = [kind for kind in KINDS.values() if kind.on_hosts]
SINK = ARGUMENT_SPEC["tokens"]["options"]["sinks"]["options"]
TASKS = REPOSITORY / "roles/rotate/tasks"


def documented(option: dict, *names: str) -> dict:
    """The documentation of an option inside options."""
    for name in names:
        option = (option.get("suboptions") or option["options"])[name]
    return option


_MODULE_TOKEN = documented(yaml.safe_load(api_token_rotation.DOCUMENTATION), "tokens")
_ROLE_TOKEN = documented(
    yaml.safe_load((REPOSITORY / "roles/rotate/meta/argument_specs.yml").read_text())["argument_specs"]["main"],
    "rotate_tokens",
)
MODULE, ROLE = (documented(token, "sinks") for token in (_MODULE_TOKEN, _ROLE_TOKEN))
DELIVERY = documented(yaml.safe_load(api_token_delivery.DOCUMENTATION), "sinks")


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_the_controller_knows_every_kind(kind: Kind) -> None:
    sink = on_controller(kind.name)
    assert isinstance(sink, SinkOnController)
    assert isinstance(sink, FileOnController) == kind.on_hosts
    assert isinstance(sink, StoreOnController) == (kind.in_store and not kind.is_blind)
    assert isinstance(sink, BlindStore) == kind.is_blind


def test_blind_sinks_are_filled_after_all_that_are_compared() -> None:
    """So nothing that cannot be put back gets a secret that another place has refused."""
    in_turn = [kind for kind in KINDS.values() if kind.in_store]
    assert in_turn == sorted(in_turn, key=lambda kind: kind.is_blind)
    assert not any(kind.read_back or kind.rolled_back or kind.verifies for kind in in_turn if kind.is_blind)


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.is_blind], ids=lambda kind: kind.name)
def test_what_is_data_over_a_module_is_documented_as_that(kind: Kind) -> None:
    sink = on_controller(kind.name)
    assert isinstance(sink, ModuleSink)
    row = next(line for line in _guide().splitlines() if line.startswith(f"| `{kind.name}` |"))
    assert "blind" in row
    assert sink.module in row
    assert set(sink.options) | {"args"} <= {*kind.needs, *kind.allows}
    assert ("connection" in kind.allows) == bool(sink.connection)
    settings = documented(ROLE, "connection")["options"]
    assert set(sink.connection) <= settings.keys()
    for documentation in (MODULE, ROLE):
        text = " ".join(documented(documentation, "type")["description"])
        assert not sink.module or f"M({sink.module})" in text
        assert "blind" in text


def test_the_role_has_the_tasks_of_every_kind_that_is_filled_by_tasks() -> None:
    for kind in KINDS.values():
        there = (TASKS / f"sink_{kind.name}.yml").exists()
        assert there == (not kind.on_hosts and not kind.in_store), kind.name


def test_every_kind_can_be_given_and_is_documented() -> None:
    assert SINK["type"]["choices"] == list(KINDS)
    for sink in (MODULE, ROLE):
        assert documented(sink, "type")["choices"] == list(KINDS)
        text = " ".join(documented(sink, "type")["description"])
        assert [name for name in KINDS if f"V({name}) is" not in text] == []


def test_a_host_can_be_sent_every_option_of_a_file() -> None:
    options = API_TOKEN_DELIVERY["sinks"]["options"]
    assert {name for kind in ON_HOSTS for name in (*kind.needs, *kind.allows)} - {"hosts"} < options.keys()
    assert options["format"]["choices"] == documented(DELIVERY, "format")["choices"] == list(FORMATS)
    for kind in KINDS.values():
        assert set(kind.recognized) <= set(options["recognize"]["choices"]) & set(kind.formats)


@pytest.mark.parametrize("sink", [MODULE, ROLE], ids=["module", "role"])
def test_no_option_of_a_sink_is_without_a_kind_or_documentation(sink: dict) -> None:
    options = {
        name for kind in KINDS.values() for name in (*kind.needs, *kind.allows, *(("keys",) if kind.bundles else ()))
    }
    assert options == SINK.keys() - {"type"} == (sink.get("suboptions") or sink["options"]).keys() - {"type"}
    assert SINK["format"]["choices"] == list(FORMATS) == documented(sink, "format")["choices"]
    defaults = [(option, value) for kind in KINDS.values() for option, value in kind.defaults.items()]
    assert defaults
    for option, value in defaults:
        assert f"V({value}) if it is not given" in " ".join(documented(sink, option)["description"])


def test_the_guide_says_what_each_kind_can_do() -> None:
    """Its table has a row for each kind: checked before anything is created, conditional, read back, verified there, rolled back."""
    row = r"^\| `(\w+)` \|.*?" + r"\| (yes|no) " * 5 + r"\|[^|]*\|[^|]*\|$"
    rows = re.findall(row, _guide(), re.MULTILINE)
    said = {name: tuple(word == "yes" for word in words) for name, *words in rows}
    assert said == {
        kind.name: (
            kind.compared,
            kind.compared and kind.conditional,
            kind.read_back,
            kind.verifies,
            kind.rolled_back,
        )
        for kind in KINDS.values()
    }


def test_what_verifies_is_named_where_further_hosts_can_be() -> None:
    verifying = [f"V({kind.name})" for kind in KINDS.values() if kind.verifies]
    for token in (_MODULE_TOKEN, _ROLE_TOKEN):
        text = " ".join(documented(token, "verify_from")["description"])
        assert f"besides those with a sink of type {' or '.join(verifying)}" in text


def _guide() -> str:
    return (REPOSITORY / "docs/sinks.md").read_text(encoding="utf-8")
