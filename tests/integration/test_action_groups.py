# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every module of an action group takes every option of that group by ``module_defaults``; those behind the roles are in none."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.panelops.cpanel.plugins.doc_fragments import cpanel, whm

from tests.support.paths import REPOSITORY
from tests.support.playbooks import run_playbook, task
from tests.support.rotating import Rotation, sink
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
    return {
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


def test_the_role_rotate_takes_nothing_from_a_group(server: Server, tmp_path: Path) -> None:
    """With both groups set, its step would get root's token from one and the server from the other."""
    token = {"name": "t", "acls": ["list-accts"], "sinks": [sink(tmp_path / "t")]}
    right, wrong = values(server, "whm"), {"host": "192.0.2.1", "api_token": "of-another-server", "transport": "cli"}
    rotation = Rotation(server, tmp_path, [token], {name: right[name] for name in ("host", "port", "ca_path")})
    groups = {f"group/panelops.cpanel.{group}": wrong for group in OPTIONS}
    rotation.play = {"module_defaults": groups}
    rotation.rotated()
    assert server.whm_accepts((tmp_path / "t").read_text().strip(), source="127.0.0.2")
    # As a task of a play too.
    step = {"step": "decide", "tokens": [token], **{name: right[name] for name in ("host", "port", "ca_path")}}
    play = {"module_defaults": groups, "tasks": [task("decide", "api_token_rotation", **step)]}
    run = run_playbook(play, tmp_path, server.environment)
    assert run.status == 0, run.output


def test_an_empty_variable_of_the_connection_counts_as_not_given(server: Server, tmp_path: Path) -> None:
    names = ("host", "port", "cpanel_port", "username", "api_token", "password", "validate_certs", "ca_path", "timeout")
    sinks = [sink(tmp_path / "t")]
    tokens = [{"name": "t", "account": "alice", "sinks": sinks, "verify_from": ["consumer1"]}]
    Rotation(server, tmp_path, tokens, dict.fromkeys(names, "")).rotated()
    assert server.uapi_accepts((tmp_path / "t").read_text().strip())
