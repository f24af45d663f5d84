# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sample of the tables in real runs of ansible-playbook: the modules, the lookup, and the roles rotate and audit."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.panelops.cpanel.plugins.plugin_utils._ci.names import is_ci_name

from tests.hostile.answers import ANSWERS
from tests.hostile.chance import Chance
from tests.hostile.json_answers import ANOTHERS_SECRET
from tests.hostile.plans import EVERY_CHANGE, PLANS
from tests.hostile.relay import Relay, Relays
from tests.hostile.variants import VARIANTS
from tests.support.playbooks import Run, run_playbook
from tests.support.rotating import Rotation, inventory, sink
from tests.support.server import Server
from tests.support.users import ALICE, ROOT, basic
from tests.support.waiting import until

SAMPLE = 3
CHANCE = Chance("real runs")
HOSTILE = sorted(CHANCE.sample([name for name in ANSWERS if not ANSWERS[name].slow], SAMPLE))
DIALECTS = sorted(CHANCE.sample(list(VARIANTS), SAMPLE))
MODULES = {
    "whm_api_token": {"name": "one", "acls": ["ssl"], "recreate": "never"},
    "whm_api_tokens": {"tokens": [{"name": name, "acls": ["ssl"], "recreate": "never"} for name in ("m1", "m2")]},
    "cpanel_api_token": {"name": "one", "recreate": "never"},
    "cpanel_api_tokens": {"tokens": [{"name": "m", "account": each} for each in ("alice", "bob")]},
    "whm_api_token_info": {},
    "cpanel_api_token_info": {"accounts": ["*"]},
}
LOOKUP = "{{ lookup('panelops.cpanel.ci_token', 'job', acls=['ssl'], ttl='20m') }}"


def everything(server: Server, folder: Path, environment: dict[str, str]) -> tuple[Run, str]:
    """One play with a task of each kind, which fails or not; and the copy that the rotation keeps."""
    copy = folder / "copy"
    old = server.whm_token("t", acl="list-accts", expires_at=server.now() + 86400)
    copy.write_text(f"{old}\n")
    token = {"name": "t", "acls": ["list-accts"], "expires_in": "90d", "sinks": [sink(copy)]}
    tasks = [{"name": name, f"panelops.cpanel.{name}": each, "ignore_errors": True} for name, each in MODULES.items()]
    tasks.append({"name": "lookup", "ansible.builtin.debug": {"msg": LOOKUP}, "ignore_errors": True, "no_log": True})
    plays = [
        {"hosts": "localhost", "gather_facts": False, "tasks": tasks},
        *yaml.safe_load(Rotation(server, folder, [token], {"force": True}).text()),
    ]
    text = yaml.safe_dump(plays, sort_keys=False)
    return run_playbook(text, folder, environment, ("-vv", "--diff", "-i", str(inventory(folder)))), old


def check_output(run: Run) -> None:
    """No traceback, no credential, and nothing that moves the cursor."""
    for text in ("Traceback", "A fault in panelops", "\x07", "\u202e", ANOTHERS_SECRET, ROOT.password, ALICE.password):
        assert text not in run.output, run.output
    assert basic(ROOT).split()[1] not in run.output
    assert not [line for line in run.output.splitlines() if line.startswith("::error")]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_server(server: Server, both: Relays, tmp_path: Path, name: str) -> None:
    """Every change is answered so: the tokens that are left are those whose secrets are told, and the consumer's works."""
    answer = ANSWERS[name]
    when = PLANS[EVERY_CHANGE]()
    both.now = Relay(answer.act, lambda heard: when(heard) and (heard.batch or not answer.batch), answer.forward)
    run, _old = everything(server, tmp_path, both.environment)
    check_output(run)
    assert both.now.acted, run.output
    held = {task.data.get("token") for task in run.tasks} - {None}
    for task in run.tasks:
        for key in ("whm_api_tokens", "cpanel_api_tokens"):
            held |= {each["token"] for each in task.data.get(key, ()) if "token" in each}
    held.add((tmp_path / "copy").read_text().strip())
    assert server.whm_accepts((tmp_path / "copy").read_text().strip()), "the consumer works"
    # The agent of the lookup revokes its token after the run.
    until(lambda: not any(is_ci_name(name) for name in server.whm_tokens()))
    live = {name for name in server.whm_tokens() if "--" not in name}
    assert len(live) <= sum(map(server.whm_accepts, held)), run.output
    assert len(server.uapi_tokens()) <= sum(map(server.uapi_accepts, held)), run.output


@pytest.mark.parametrize("name", DIALECTS)
def test_a_dialect(server: Server, both: Relays, tmp_path: Path, name: str) -> None:
    both.now = Relay(VARIANTS[name].act())
    run, old = everything(server, tmp_path, both.environment)
    check_output(run)
    assert run.status == 0, run.output
    assert not [task for task in run.tasks if task.failed], run.output
    copy = (tmp_path / "copy").read_text().strip()
    assert copy != old
    assert server.whm_accepts(copy)
    assert both.now.acted
