# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role rotate: what is due rotates, on either service, and nothing else happens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.playbooks import run_playbook
from tests.support.rotating import Rotation, inventory, result_of, sink
from tests.support.server import Server

CONSUMER = "127.0.0.2"
OVERLAP = 86400
KEPT = 130


@dataclass
class Service:
    """One of the ways in which a token can be rotated."""

    name: str
    server: Server
    options: dict
    variables: dict

    def make(self, name: str = "t", **params: object) -> str:
        if self.name == "whm":
            return self.server.whm_token(name, acl="list-accts", whitelist_ip=CONSUMER, **params)
        return self.server.uapi_token(name, **params)

    def tokens(self) -> dict[str, dict]:
        return self.server.whm_tokens() if self.name == "whm" else self.server.uapi_tokens()

    def works(self, secret: str) -> bool:
        if self.name == "whm":
            return self.server.whm_accepts(secret, source=CONSUMER)
        return self.server.uapi_accepts(secret)

    def rotation(self, folder: Path, **token: object) -> Rotation:
        wish = {"name": "t", "sinks": [sink(folder / "copy")], **self.options, **token}
        return Rotation(self.server, folder, [wish], self.variables)


@pytest.fixture(params=["whm", "cpanel through whm", "cpanel"])
def service(request: pytest.FixtureRequest, server: Server) -> Service:
    if request.param == "whm":
        return Service(request.param, server, {"acls": ["list-accts"], "whitelist_ips": [CONSUMER]}, {})
    variables = {"cpanel_port": server.cpanel_port}
    if request.param == "cpanel":
        return Service(request.param, server, {}, {"service": "cpanel"})
    return Service(request.param, server, {"account": "alice"}, variables)


def test_the_first_run_creates_and_delivers(service: Service, tmp_path: Path) -> None:
    result = service.rotation(tmp_path, expires_in="90d").rotated()
    assert [(one["name"], one["reason"]) for one in result["rotated"]] == [("t", "missing")]
    assert list(service.tokens()) == ["t"]
    copy = (tmp_path / "copy").read_text().strip()
    assert service.works(copy)
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o600
    expires_at = service.tokens()["t"]["expires_at"]
    assert abs(expires_at - service.tokens()["t"]["create_time"] - 90 * 86400) <= 5
    assert result["next_due"] == expires_at - 30 * 86400


def test_what_is_due_rotates_and_the_old_one_lives_for_the_overlap(service: Service, tmp_path: Path) -> None:
    old = service.make()
    (tmp_path / "copy").write_text(f"{old}\n")
    service.server.advance(31 * 86400)
    rotation = service.rotation(tmp_path, max_age="30d", expires_in="90d")
    before = service.tokens()["t"]["create_time"]
    service.server.forget_counters()
    result = rotation.rotated()
    calls = sum(service.server.calls().values()) - service.server.calls().get("batch", 0)
    assert calls <= (13 if service.name == "cpanel through whm" else 8), service.server.calls()
    (one,) = result["rotated"]
    assert (one["reason"], one["create_time"]) == ("lifetime", before)
    assert one["new_create_time"] > before
    new = (tmp_path / "copy").read_text().strip()
    assert new != old
    assert service.works(new)
    assert service.works(old)
    live, retired = sorted(service.tokens())
    assert live == "t"
    assert retired.startswith("t--prev-")

    service.server.forget_counters()
    assert not any(task.changed for task in rotation.run().tasks)
    assert service.server.commits() == {}, "nothing is due"

    service.server.advance(OVERLAP + KEPT)
    assert rotation.rotated()["tokens"][0]["retired"] == [retired]
    assert list(service.tokens()) == ["t"]
    assert service.works(new)
    assert not service.works(old)


@pytest.mark.parametrize("repair", ["never", "auto"])
def test_nothing_due_is_one_read_and_a_question_for_each_secret(service: Service, tmp_path: Path, repair: str) -> None:
    """A cPanel account's secret is tried, and proven by the account's list."""
    secret = service.make(expires_at=4102444800)
    (tmp_path / "copy").write_text(f"{secret}\n")
    service.server.forget_counters()
    run = service.rotation(tmp_path).run(repair=repair)
    assert run.status == 0, run.output
    assert not any(task.changed for task in run.tasks)
    assert result_of(run)["tokens"][0]["state"] == "fine"
    calls = service.server.calls()
    if repair == "never":
        assert calls.pop("uapi_cpanel", 1) == 1
        assert list(calls.values()) == [1]
    elif service.name == "whm":
        assert calls == {"api_token_list": 1, "api_token_get_details": 1}
    else:
        # Listed, tried by listing, and listed again when it was known to work.
        assert calls.pop("uapi_cpanel", 2) == 2
        assert list(calls.values()) == [3]


def test_check_mode_tells_and_does_nothing(service: Service, tmp_path: Path) -> None:
    service.make()
    service.server.forget_counters()
    run = service.rotation(tmp_path, expires_in="90d").run("--check", "--diff")
    assert run.status == 0, run.output
    (due,) = result_of(run)["due"]
    assert (due["reason"], due["detail"]) == ("lifetime", "it would live longer than expires_in")
    assert service.server.commits() == {}
    assert not (tmp_path / "copy").exists()


def test_an_emergency_ends_the_old_one_at_once(service: Service, tmp_path: Path) -> None:
    old = service.make()
    (tmp_path / "copy").write_text(f"{old}\n")
    rotation = service.rotation(tmp_path)
    assert rotation.rotated(emergency=True)["rotated"][0]["reason"] == "forced"
    if service.name == "whm":
        service.server.advance(6)
    assert not service.works(old)
    assert service.works((tmp_path / "copy").read_text().strip())


def test_retired_tokens_of_whm_die_by_themselves(server: Server, tmp_path: Path) -> None:
    """No further run comes."""
    old = server.whm_token("t", acl="list-accts")
    wish = {"name": "t", "acls": ["list-accts"], "sinks": [sink(tmp_path / "copy")]}
    Rotation(server, tmp_path, [wish], {"force": True, "overlap": "2h"}).rotated()
    server.advance(7100)
    assert server.whm_accepts(old)
    server.advance(110)
    assert not server.whm_accepts(old)
    assert server.whm_accepts((tmp_path / "copy").read_text().strip())


def test_a_retired_token_never_lives_longer_than_it_would_have(server: Server, tmp_path: Path) -> None:
    old = server.whm_token("t", acl="list-accts", expires_at=server.now() + 600)
    wish = {"name": "t", "sinks": [sink(tmp_path / "copy")], "expires_in": "30d", "rotate_before": "1h"}
    assert Rotation(server, tmp_path, [wish]).rotated()["rotated"][0]["reason"] == "rotate_before"
    server.advance(601)
    assert not server.whm_accepts(old)


def test_an_expired_token_is_replaced(server: Server, tmp_path: Path) -> None:
    now = server.now()
    server.whm_token("t", acl="list-accts", expires_at=now + 50)
    server.uapi_token("t", expires_at=now + 50)
    server.advance(60)
    tokens = [
        {"name": "t", "sinks": [sink(tmp_path / "root")], "expires_in": "30d"},
        {"name": "t", "account": "alice", "sinks": [sink(tmp_path / "alice")], "expires_in": "30d"},
    ]
    rotation = Rotation(server, tmp_path, tokens, {"cpanel_port": server.cpanel_port})
    assert [one["reason"] for one in rotation.rotated()["rotated"]] == ["expired", "expired"]
    assert server.whm_accepts((tmp_path / "root").read_text().strip())
    assert server.uapi_accepts((tmp_path / "alice").read_text().strip())
    server.advance(OVERLAP + KEPT)
    rotation.rotated()
    assert (list(server.whm_tokens()), list(server.uapi_tokens())) == (["t"], ["t"])


def test_limits_that_should_differ_are_verified_before_the_old_ones_end(server: Server, tmp_path: Path) -> None:
    old = server.whm_token("t", acl="list-accts", whitelist_ip=CONSUMER)
    wish = {
        "name": "t",
        "acls": ["ssl", "list-accts"],
        "whitelist_ips": ["127.0.0.0/8"],
        "sinks": [sink(tmp_path / "copy")],
    }
    rotation = Rotation(server, tmp_path, [wish])
    (one,) = rotation.rotated()["rotated"]
    assert (one["reason"], one["detail"]) == ("limits", "acls and whitelist_ips should be other than they are")
    assert server.whm_tokens()["t"]["whitelist_ips"] == ["127.0.0.0/8"]
    assert server.whm_accepts(old, source=CONSUMER)
    assert rotation.rotated()["rotated"] == []


def test_limits_that_are_not_wished_are_taken_over(server: Server, tmp_path: Path) -> None:
    """A successor is never wider than what it replaces."""
    now = server.now()
    server.whm_token("t", acl="list-accts", whitelist_ip="127.0.0.2", expires_at=now + 5000)
    server.uapi_token("t", readonly=1)
    tokens = [
        {"name": "t", "sinks": [sink(tmp_path / "root")]},
        {"name": "t", "account": "alice", "sinks": [sink(tmp_path / "alice")]},
    ]
    Rotation(server, tmp_path, tokens, {"cpanel_port": server.cpanel_port, "force": True}).rotated()
    new = server.whm_tokens()["t"]
    assert new["whitelist_ips"] == ["127.0.0.2"]
    assert [acl for acl, granted in new["acls"].items() if granted] == ["list-accts"]
    assert 4990 <= new["expires_at"] - new["create_time"] <= 5010
    assert server.uapi_tokens()["t"]["readonly"] == 1


@pytest.mark.both_dialects
def test_the_runs_own_credential(server: Server, tmp_path: Path) -> None:
    """It goes on with the new secret where the old one ends during the run."""
    own = server.whm_token("t", acl="all")
    server.uapi_token("backup")
    tokens = [
        {"name": "t", "acls": ["all"], "sinks": [sink(tmp_path / "root")]},
        {"name": "backup", "account": "alice", "sinks": [sink(tmp_path / "alice")]},
    ]
    variables = {"api_token": "{{ lookup('ansible.builtin.env', 'OWN') }}", "cpanel_port": server.cpanel_port}
    rotation = Rotation(server, tmp_path, tokens, variables)
    run = rotation.run(environment={"OWN": own, "WHM_PASSWORD": ""}, emergency=True)
    assert run.status == 0, run.output
    server.advance(6)
    new = (tmp_path / "root").read_text().strip()
    assert not server.whm_accepts(own)
    assert rotation.run(environment={"OWN": new, "WHM_PASSWORD": ""}).status == 0
    assert list(server.uapi_tokens()) == ["backup"]


def test_the_credential_of_an_account_itself(server: Server, tmp_path: Path) -> None:
    own = server.uapi_token("t")
    variables = {"service": "cpanel", "api_token": "{{ lookup('ansible.builtin.env', 'OWN') }}"}
    rotation = Rotation(server, tmp_path, [{"name": "t", "sinks": [sink(tmp_path / "copy")]}], variables)
    run = rotation.run(environment={"OWN": own, "CPANEL_PASSWORD": ""}, emergency=True)
    assert run.status == 0, run.output
    assert list(server.uapi_tokens()) == ["t"]
    assert not server.uapi_accepts(own)
    assert server.uapi_accepts((tmp_path / "copy").read_text().strip())


def test_an_unfinished_rotation_is_done_again(service: Service, tmp_path: Path) -> None:
    """What a dead run has staged is not adopted, for nobody knows its secret; nor does it end before its successor lives."""
    old = service.make(expires_at=4102444800)
    perhaps_delivered = service.make("t--next-abc123", expires_at=4102444800)
    service.server.advance(5)
    rotation = service.rotation(tmp_path)
    assert rotation.rotated()["rotated"][0]["reason"] == "unfinished"
    assert service.works(old)
    assert service.works(perhaps_delivered)
    assert len(service.tokens()) == 3
    service.server.advance(OVERLAP + KEPT)
    rotation.rotated()
    assert list(service.tokens()) == ["t"]
    assert service.works((tmp_path / "copy").read_text().strip())


def test_many_servers_are_hosts_of_the_play(server: Server, tmp_path: Path) -> None:
    """Each with its own tokens, in as many forks; the calls to all of them are made by the controller."""
    names = ["one", "two", "three"]
    hosts = inventory(tmp_path, *names)
    tokens = [{"name": "{{ inventory_hostname }}", "acls": ["list-accts"]}]
    tokens[0]["sinks"] = [sink(tmp_path / "{{ inventory_hostname }}")]
    text = Rotation(server, tmp_path, tokens).text(hosts=",".join(names))
    run = run_playbook(text, tmp_path, server.environment, ("-i", str(hosts), "--forks", "3"))
    assert run.status == 0, run.output
    assert sorted(server.whm_tokens()) == sorted(names)
    for name in names:
        secret = (tmp_path / name).read_text().strip()
        assert server.whm_ok("api_token_get_details", token=secret)["name"] == name
