# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every module of an action group takes every option of that group by ``module_defaults``, the modules behind the roles too."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.panelops.cpanel.plugins.doc_fragments import cpanel, whm

from tests.support.paths import REPOSITORY
from tests.support.playbooks import run_playbook, task
from tests.support.rotating import Rotation, sentence_of, sink
from tests.support.server import Server
from tests.support.users import ALICE

GROUPS = yaml.safe_load((REPOSITORY / "meta/runtime.yml").read_text(encoding="utf-8"))["action_groups"]
OPTIONS = {
    group: sorted(yaml.safe_load(fragment.ModuleDocFragment.DOCUMENTATION)["options"])
    for group, fragment in (("whm", whm), ("cpanel", cpanel))
}
"""Those that all modules of a group have in common: the connection."""


def values(server: Server, group: str) -> dict[str, object]:
    """A right value of each option, for the server of these tests."""
    of_whm = group == "whm"
    return {
        "host": "127.0.0.1",
        "port": server.port if of_whm else server.cpanel_port,
        "cpanel_port": server.cpanel_port,
        "username": "root" if of_whm else ALICE.name,
        "api_token": server.whm_token("own") if of_whm else server.uapi_token("own"),
        "password": server.root_password if of_whm else ALICE.password,
        "validate_certs": True,
        "ca_path": server.ready["ca_file"],
        "timeout": 17,
        "transport": "https",
    }


def options_of(module: str, group: str) -> dict:
    """What a task of a module needs besides the connection."""
    acls = {"acls": ["list-accts"]} if group == "whm" else {}
    sinks = [{"type": "file", "hosts": ["localhost"], "path": "/x"}]
    return {
        "api_token_rotation": {"step": "decide", "service": group, "tokens": [{"name": "r", "sinks": sinks, **acls}]},
        f"{group}_api_token": {"name": "t", **acls},
        f"{group}_api_tokens": {"tokens": []},
        f"{group}_api_token_info": {},
    }[module]


def test_each_group_has_its_options() -> None:
    assert GROUPS.keys() == OPTIONS.keys()
    assert all({"host", "api_token", "transport"} < set(options) for options in OPTIONS.values())


@pytest.mark.parametrize("group", OPTIONS)
def test_every_module_takes_every_option(server: Server, tmp_path: Path, group: str) -> None:
    right = values(server, group)
    plays = [
        {
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "module_defaults": {f"group/panelops.cpanel.{group}": {option: right[option]}},
            "tasks": [
                task(f"{option} of {module}", module, _ignore_errors=True, **options_of(module, group))
                for module in GROUPS[group]
            ],
        }
        for option in OPTIONS[group]
    ]
    run = run_playbook(yaml.safe_dump(plays), tmp_path, server.environment, timeout=300)
    assert len(run.tasks) == len(OPTIONS[group]) * len(GROUPS[group]), run.output
    assert {one.name: one.msg for one in run.tasks if one.failed} == {}


def test_the_role_rotate_runs_whatever_its_group_sets(server: Server, tmp_path: Path) -> None:
    """Its own variables, and the environment where they are not given, say how to connect: Ansible has no default for what is omitted."""
    right = values(server, "whm")
    rotation = Rotation(server, tmp_path, [{"name": "t", "acls": ["list-accts"], "sinks": [sink(tmp_path / "t")]}])
    rotation.play = {"module_defaults": {"group/panelops.cpanel.whm": {name: right[name] for name in OPTIONS["whm"]}}}
    rotation.rotated()
    assert server.whm_accepts((tmp_path / "t").read_text().strip(), source="127.0.0.2")


def test_a_group_that_asks_for_the_command_line_is_a_sentence(server: Server, tmp_path: Path) -> None:
    play = {"module_defaults": {"group/panelops.cpanel.whm": {"transport": "cli"}}}
    rotation = Rotation(server, tmp_path, [{"name": "t", "acls": ["list-accts"], "sinks": [sink(tmp_path / "t")]}])
    rotation.play = play
    assert sentence_of(rotation.run()) == (
        "transport: cli is not possible for a rotation, whose consumers reach the server over https. If module_defaults sets it for the "
        "group, set transport: https there for panelops.cpanel.api_token_rotation."
    )
    assert server.http_requests() == 0
    play["module_defaults"]["panelops.cpanel.api_token_rotation"] = {"transport": "https"}
    run = rotation.run()
    assert run.status == 0, run.output


def test_an_empty_variable_of_the_connection_counts_as_not_given(server: Server, tmp_path: Path) -> None:
    names = ("host", "port", "cpanel_port", "username", "api_token", "password", "validate_certs", "ca_path", "timeout")
    sinks = [sink(tmp_path / "t")]
    tokens = [{"name": "t", "account": "alice", "sinks": sinks, "verify_from": ["consumer1"]}]
    Rotation(server, tmp_path, tokens, dict.fromkeys(names, "")).rotated()
    assert server.uapi_accepts((tmp_path / "t").read_text().strip())
