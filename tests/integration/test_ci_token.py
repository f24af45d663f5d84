# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup ci_token: one token per run and set of options, gone when the run is gone."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.support.ci_runs import play, started, tell, waiting
from tests.support.server import Server
from tests.support.users import BOB, RESELLER
from tests.support.waiting import until

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
        (name,) = until(server.whm_tokens)
        assert run.wait() == 0, run.output
        until(lambda: not server.whm_tokens(), 5)
        until(lambda: not run.agents(), 5)
    assert name.startswith("ci-deploy-4711-")
    calls = server.calls()
    assert (calls["api_token_create"], calls["api_token_revoke"]) == (1, 1)
    assert server.commits() == {"api_token_create": 1, "api_token_revoke": 1}


def test_other_options_or_another_server_mean_another_token_and_the_same_in_other_words_do_not(
    server: Server, tmp_path: Path
) -> None:
    lookup = "lookup('panelops.cpanel.ci_token', {0})"
    same = ["'a', acls=['ssl', 'list-accts']", "'a', acls=['list-accts', 'ssl', 'ssl'], ttl='60m'"]
    others = [
        "'b', acls=['ssl', 'list-accts']",
        "'a', acls=['ssl']",
        "'a', acls=['ssl', 'list-accts'], ttl='59m'",
        "'a', acls=['ssl', 'list-accts'], whitelist_ips=['127.0.0.0/8']",
        "'a', acls=['ssl', 'list-accts'], username='reseller', password=resellers",
        "'a', acls=['ssl', 'list-accts'], host='localhost'",
        "'a', service='cpanel', account='alice'",
        "'a', service='cpanel', account='bob'",
        "'a', service='cpanel', account='alice', readonly=true",
        "'a', service='cpanel'",
    ]
    orders = [*same, *others]
    variables = {
        "all": "{{ [" + ", ".join(lookup.format(order) for order in orders) + "] }}",
        "resellers": RESELLER.password,
    }
    server.whm_ok(
        "setacls", reseller="reseller", **{f"acl-{acl}": 1 for acl in ("ssl", "list-accts", "manage-api-tokens")}
    )
    plays = [play([tell(what="{{ all }}"), tell("again", what="{{ all }}")], vars=variables)]
    with started(server, tmp_path, plays) as run:
        assert run.wait() == 0, run.output
        until(lambda: not run.agents())
    first, second, *rest = run.told()
    assert run.told("again") == run.told()
    assert first == second
    assert len({first, *rest}) == 1 + len(others)
    assert server.commits()["api_token_create"] == 7
    assert server.commits()["Tokens::create_full_access"] == 4
    assert server.whm_tokens() == server.uapi_tokens() == server.uapi_tokens(BOB) == {}


def test_the_connection_comes_from_options_variables_environment_and_configuration_in_this_order(
    server: Server, tmp_path: Path
) -> None:
    """Each source names another user; who was asked for the token owns it."""
    configuration = tmp_path / "ansible.cfg"
    configuration.write_text("[panelops_cpanel]\nusername = from-configuration\nhost = 127.0.0.1\n", encoding="utf-8")
    environment = {"ANSIBLE_CONFIG": str(configuration), "WHM_USERNAME": "", "WHM_HOST": "127.0.0.1"}
    lookup = "{{{{ lookup('panelops.cpanel.ci_token', 'x', acls=['ssl'], port=1{0}) }}}}"
    show = {"ansible.builtin.debug": {"msg": lookup.format("")}, "ignore_errors": True}
    variable = {"vars": {"panelops_cpanel_username": "from-variable"}}
    option = {"ansible.builtin.debug": {"msg": lookup.format(", username='from option'")}, "ignore_errors": True}
    with started(server, tmp_path, [play([show])], **environment) as run:
        run.wait()
        assert "127.0.0.1:1" in run.output
    bad = environment | {"WHM_USERNAME": "from environment"}
    with started(server, tmp_path, [play([show, {**show, **variable}, {**option, **variable}])], **bad) as run:
        run.wait()
        said = [line for line in run.output.splitlines() if line.startswith("fatal: ")]
    # A name with a space is refused; so one sees which was taken.
    assert "must be an account's name" in said[0]
    assert "127.0.0.1:1" in said[1]
    assert "must be an account's name" in said[2]


def test_two_runs_at_once_do_not_disturb_each_other(server: Server, tmp_path: Path) -> None:
    """Of the same job, even: each has its own token, and the end of one is not the end of the other."""
    job = {"CI_JOB_ID": "4711"}
    one, two = tmp_path / "one", tmp_path / "two"
    with (
        started(server, one, [play(waiting(one))], **job) as first,
        started(server, two, [play(waiting(two))], **job) as second,
    ):
        secrets = first.told(), second.told()
        assert secrets[0] != secrets[1]
        assert len(server.whm_tokens()) == 2
        (one / "go").touch()
        assert first.wait() == 0, first.output
        until(lambda: not server.whm_accepts(secrets[0]), 5)
        assert server.whm_accepts(secrets[1])
        (two / "go").touch()
        assert second.wait() == 0, second.output
        until(lambda: not server.whm_tokens(), 5)
    assert server.commits() == {"api_token_create": 2, "api_token_revoke": 2}


def test_an_agent_that_is_killed_is_replaced(server: Server, tmp_path: Path) -> None:
    with started(server, tmp_path, [play([*waiting(tmp_path), tell("again")])]) as run:
        first = run.told()
        os.kill(run.agent(), signal.SIGKILL)
        (tmp_path / "go").touch()
        second = run.told("again")
        assert first != second
        assert run.wait() == 0, run.output
        until(lambda: not server.whm_accepts(second), 5)
    assert len(server.whm_tokens()) == 1, "nobody is left who knows the first: it expires"
