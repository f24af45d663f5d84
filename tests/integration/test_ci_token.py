# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup ci_token: one token per run and set of options, gone when the run is gone."""

from __future__ import annotations

from pathlib import Path

from tests.integration.ci_runs import play, started, until
from tests.integration.server import Server

HOSTS = 50


def test_fifty_hosts_in_fifty_forks_and_ten_tasks_have_one_token(server: Server, tmp_path: Path) -> None:
    """Templated in ``vars``, at least 500 times, by as many processes: the server sees one create, and one revoke."""
    look = {"name": "look", "ansible.builtin.assert": {"that": "token | length == 32", "quiet": True}}
    use = {"name": "use", "panelops.cpanel.whm_api_token_info": {"api_token": "{{ token }}", "name": "none"}}
    note = {"name": "note", "ansible.builtin.set_fact": {"noted": "{{ token }}"}, "no_log": True}
    same = {
        "name": "the same for all",
        "run_once": True,
        "ansible.builtin.assert": {
            "that": [
                f"ansible_play_hosts | length == {HOSTS}",
                "ansible_play_hosts | map('extract', hostvars, 'noted') | unique == [token]",
            ]
        },
        "no_log": True,
    }
    token = "{{ lookup('panelops.cpanel.ci_token', 'deploy', acls=['manage-api-tokens'], ttl='20m') }}"
    plays = [play([look] * 7 + [use, note, same], token)]
    hosts = ",".join(f"host{number}" for number in range(HOSTS))
    with started(server, tmp_path, plays, "--forks", "50", hosts=hosts, CI_JOB_ID="4711") as run:
        (name,) = until(server.tokens)
        assert run.wait() == 0, run.output
        until(lambda: not server.tokens(), 5)
        until(lambda: not run.agents(), 5)
    assert name.startswith("ci-deploy-4711-")
    calls = server.calls()
    assert (calls["api_token_create"], calls["api_token_revoke"]) == (1, 1)
    assert server.commits() == {"api_token_create": 1, "api_token_revoke": 1}
