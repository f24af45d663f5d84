# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of the role audit over an inventory of reference servers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import yaml
from ansible_collections.panelops.cpanel.plugins.module_utils._model.names import (
    interim_name,
    retired_name,
    staged_name,
)
from ansible_collections.panelops.cpanel.plugins.plugin_utils._ci.names import ci_name

from tests.support.playbooks import Run, run_playbook
from tests.support.server import Server
from tests.support.users import ROOT, user

DAY = 86400
GOOD = "deploy-prod-upload"
CI = ci_name("deploy-prod", "job-7", "abcd")

EVERY_KIND = {
    ("whm", "root", "deploy-prod-all"): ["all_privileges"],
    ("whm", "root", "deploy-prod-passwd"): ["dangerous_privileges"],
    ("whm", "root", "deploy-prod-endless"): ["no_expiry"],
    ("whm", "root", "deploy-prod-soon"): ["expiring"],
    ("whm", "root", "deploy-prod-anywhere"): ["any_address"],
    ("whm", "root", "deploy-prod-old"): ["expired"],
    ("whm", "root", "deploy-prod-idle"): ["unused"],
    ("whm", "root", "deploy-prod-never"): ["never_used"],
    ("whm", "root", "deploy-prod-future"): ["wrong_clock"],
    ("whm", "root", "misnamed"): ["naming"],
    ("whm", "root", CI): ["ci_leftover"],
    ("whm", "root", f"{GOOD}--next-"): ["abandoned_sibling"],
    ("whm", "root", f"{GOOD}--prev-"): ["abandoned_sibling"],
    ("cpanel", "bob", f"{GOOD}--prev-"): ["abandoned_sibling"],
    ("whm", "root", f"{GOOD}--old-"): ["reissue_leftover"],
    ("cpanel", "alice", "backup-prod-endless"): ["no_expiry"],
    ("cpanel", "alice", "backup-prod-old"): ["expired"],
    ("cpanel", "bob", CI): ["ci_leftover"],
    ("cpanel", "mailonly", None): ["unreadable_account"],
}
"""The tokens that ``fill`` creates with one finding each, by service, owner and name (its beginning, where a stamp follows)."""

CLEAN = {("whm", "root", GOOD), ("cpanel", "alice", GOOD), ("cpanel", "bob", GOOD)}
"""The tokens that it creates without a finding; those that were retired just now have none either."""


def fill(server: Server) -> list[str]:
    """Create tokens for every kind of finding, and some without any; return their secrets. This advances the server's clock."""
    start = server.now()
    limited = {"whitelist_ip": "127.0.0.1", "expires_at": start + 400 * DAY}
    secrets = []

    def whm(name: str, **changes: object) -> None:
        secrets.append(server.whm_token(name, **{"acl": "list-accts", **limited, **changes}))

    def cpanel(account: str, name: str, expires_at: int = start + 400 * DAY) -> None:
        secrets.append(server.uapi_token(name, user(account), expires_at=expires_at))

    server.advance(200 * DAY)
    whm("deploy-prod-future")
    server.advance(-200 * DAY)
    whm("deploy-prod-idle")
    assert server.whm_accepts(secrets[-1])
    whm("deploy-prod-never")
    server.advance(91 * DAY)
    now = start + 91 * DAY
    for name in ("deploy-prod-old", CI):
        whm(name, expires_at=now + DAY)
    cpanel("alice", "backup-prod-old", now + DAY)
    cpanel("bob", CI, now + DAY)
    whm(staged_name(GOOD))
    cpanel("bob", retired_name(GOOD, now + 2, ()), 0)
    server.advance(8 * DAY)
    now += 8 * DAY
    whm(GOOD)
    whm(retired_name(GOOD, start, ()))
    whm(retired_name(GOOD, start + 1, ()), expires_at=now + DAY)
    cpanel("bob", retired_name(GOOD, now, ()), 0)
    whm(interim_name(GOOD, start, []))
    whm("deploy-prod-all", acl="all")
    whm("deploy-prod-passwd", acl="passwd")
    whm("deploy-prod-endless", expires_at=0)
    whm("deploy-prod-soon", expires_at=now + 5 * DAY)
    whm("deploy-prod-anywhere", whitelist_ip=None)
    whm("misnamed")
    cpanel("alice", GOOD)
    cpanel("alice", "backup-prod-endless", 0)
    cpanel("bob", GOOD)
    return secrets


def found_in(report: Mapping) -> dict[tuple, list[str]]:
    """Return the kinds of the findings by service, owner and name."""
    found: dict[tuple, list[str]] = {}
    for each in report["findings"]:
        found.setdefault((each["service"], each["owner"], each["name"]), []).append(each["kind"])
    return found


NOBODY = {"audit_port": 9, "audit_password": "x", "ansible_host": "127.0.0.1"}
"""The variables of a server where nothing listens."""


def host_variables(server: Server) -> dict:
    """Return the variables of a reference server in an inventory."""
    return {
        "ansible_host": "127.0.0.1",
        "audit_port": server.port,
        "audit_username": ROOT.name,
        "audit_password": ROOT.password,
        "audit_ca_path": server.ready["ca_file"],
    }


def audit(
    folder: Path,
    servers: Mapping[str, Server | dict],
    *options: str,
    play: Mapping | None = None,
    plays: list[dict] | None = None,
    **variables: object,
) -> tuple[Run, dict]:
    """Run the role; return the run and the report (empty if there is none).

    :param servers: by the name in the inventory: a server, or the variables of a host.
    :param play: further keywords of the play. :param plays: all plays, instead of one with the role.
    """
    hosts = {name: host_variables(each) if isinstance(each, Server) else each for name, each in servers.items()}
    inventory = folder / "inventory.yml"
    inventory.write_text(yaml.safe_dump({"whm": {"hosts": hosts}}), encoding="utf-8")
    given = {"audit_dir": str(folder / "report"), **{f"audit_{key}": value for key, value in variables.items()}}
    role = {"name": "audit", "ansible.builtin.include_role": {"name": "panelops.cpanel.audit"}}
    text = {"hosts": "whm", "gather_facts": False, "vars": given, "tasks": [role], **(play or {})}
    run = run_playbook(yaml.safe_dump(plays or [text], sort_keys=False), folder, {}, ("-i", str(inventory), *options))
    path = folder / "report" / "api-tokens.json"
    return run, json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
