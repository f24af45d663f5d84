# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Blind sinks: modules of others, unchanged, against stand-ins for GitHub, Jenkins and AWX."""

from __future__ import annotations

from pathlib import Path

from tests.support.ci_systems import CiSystems
from tests.support.openbao import OpenBao
from tests.support.rotating import Rotation
from tests.support.server import Server


def token(*sinks: dict, **options: object) -> dict:
    return {"name": "t", "acls": ["list-accts"], "sinks": list(sinks), **options}


def test_one_run_delivers_to_all(server: Server, systems: CiSystems, store: OpenBao, tmp_path: Path) -> None:
    sinks = [
        systems.module_sink(),
        systems.github_sink(repository="r"),
        systems.github_sink(args={"visibility": "private"}),
        systems.jenkins_sink(args={"description": "for deployments"}),
        systems.awx_sink(args={"inputs": {"port": "2087"}}),
        {"type": "hashi_vault", "path": "app", "key": "token"},
    ]
    rotation = Rotation(
        server, tmp_path, [token(*sinks)], {"force": True}, {"module_defaults": systems.module_defaults()}
    )
    environment = {**FOUND, **store.environment}
    delivered = []
    for _time in range(2):
        run = rotation.run(environment=environment)
        assert run.status == 0, run.output
        secret = store.read("app")["token"]
        assert server.whm_accepts(secret)
        assert systems.github == {"o/r/BY_MODULE": secret, "o/r/WHM_TOKEN": secret, "o/WHM_TOKEN": secret}
        assert systems.jenkins["whm"]["secret"] == secret
        assert systems.jenkins["whm"]["description"] == "for deployments"
        inputs = {"api_token": secret, "user": "root", "server": "127.0.0.1", "port": "2087"}
        assert systems.awx["whm"]["inputs"] == inputs
        delivered.append(secret)
    assert delivered[0] != delivered[1]
