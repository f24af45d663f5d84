# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a rotation one by one: what two runs and failures between them do to files and tokens."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from tests.support.cores import result_of_core
from tests.support.processes import result_of, run_module, start
from tests.support.server import Server

PLACE = {"name": "t", "sink": 0, "host": "consumer1"}


def deliver(path: Path, step: str, **sink: object) -> dict:
    """A step on the host of a consumer; the entry of its one sink, with the copy that was found."""
    copies = [dict(PLACE, previous=sink.pop("previous"))] if "previous" in sink else []
    if "content" in sink:
        sink["content"] = base64.b64encode(str(sink["content"]).encode()).decode()
    options = dict(PLACE, type="file", path=str(path), **sink)
    result = run_module("api_token_delivery", {}, step=step, sinks=[options], copies=copies)
    found = result["copies"][0]["previous"] if result["copies"] else None
    return dict(result["sinks"][0], previous=found)


@pytest.mark.parametrize("before", ["old\n", None])
def test_a_copy_is_put_back_as_it_was(tmp_path: Path, before: str | None) -> None:
    path = tmp_path / "copy"
    if before is not None:
        path.write_text(before)
        path.chmod(0o640)
    checked = deliver(path, "check")
    assert checked["ok"]
    delivered = deliver(path, "deliver", content="new\n", token="new", before=checked["before"])
    assert (delivered["ok"], delivered["unchanged"], path.read_text()) == (True, False, "new\n")
    more = {} if before is None else {"previous": checked["previous"]}
    restored = deliver(path, "restore", after=delivered["after"], **more)
    assert (restored["ok"], restored["unchanged"]) == (True, True)
    if before is None:
        assert not path.exists()
    else:
        assert (path.read_text(), path.stat().st_mode & 0o777) == (before, 0o640)
    assert [each for each in tmp_path.iterdir() if each != path] == []


def test_only_the_first_of_two_runs_delivers(tmp_path: Path) -> None:
    path = tmp_path / "copy"
    path.write_text("old\n")
    checked = deliver(path, "check")
    first = deliver(path, "deliver", content="one\n", token="one", before=checked["before"])
    second = deliver(path, "deliver", content="two\n", token="two", before=checked["before"])
    assert first["ok"]
    assert (second["ok"], second["unchanged"], second["taken_over"]) == (False, True, True)
    assert path.read_text() == "one\n"


def test_what_another_run_has_replaced_is_not_put_back(tmp_path: Path) -> None:
    """And it is not said to be as it was: the other run may put this one's copy back."""
    path = tmp_path / "copy"
    path.write_text("old\n")
    checked = deliver(path, "check")
    delivered = deliver(path, "deliver", content="one\n", token="one", before=checked["before"])
    path.write_text("of another run\n")
    restored = deliver(path, "restore", after=delivered["after"], previous=checked["previous"])
    assert (restored["ok"], restored["unchanged"], restored["taken_over"]) == (False, False, True)
    assert path.read_text() == "of another run\n"


def test_a_folder_that_has_gone_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "copy"
    restored = deliver(path, "restore", after="0")
    assert (restored["ok"], restored["unchanged"]) == (False, False)
    assert restored["msg"] == f"{path}: No such file or directory."


def test_a_folder_without_locks_is_found_before_anything_is_created(tmp_path: Path) -> None:
    """As it is on network file systems."""
    before = "import fcntl, os\ndef refuse(*_arguments): raise OSError(9, os.strerror(9))\nfcntl.flock = refuse"
    options = {"step": "check", "sinks": [dict(PLACE, type="file", path=str(tmp_path / "copy"))], "copies": []}
    (entry,) = result_of(start("api_token_delivery", {}, options, before))["sinks"]
    assert entry["ok"] is False
    assert entry["msg"] == (
        f"path: the folder {tmp_path} cannot be locked (Bad file descriptor). Use one on a local file system."
    )


class Steps:
    """The steps at the server, with what the hosts of the sinks would have told."""

    def __init__(self, server: Server, expires_in: str = "90d") -> None:
        self._server = server
        sinks = [{"type": "file", "hosts": ["consumer1"], "path": "/copy"}]
        self._tokens = [{"name": "t", "acls": ["list-accts"], "expires_in": expires_in, "sinks": sinks}]

    def take(self, step: str, before: dict | None = None, evidence: dict | None = None, **more: object) -> dict:
        options = dict(step=step, tokens=self._tokens, **more)
        if before is not None:
            options["rotation"] = before["rotation"]
        if evidence is not None:
            options["sinks"] = [dict(PLACE, account=None, **evidence)]
        result = result_of_core("api_token_rotation", self._server.environment, **options)
        assert "failed" not in result, result
        return result

    def staged(self, **more: object) -> dict:
        decided = self.take("decide", **more)
        return self.take("stage", decided, {"ok": True, "unchanged": True, "before": "absent"}, **more)


@pytest.mark.parametrize(("told", "revoked"), [({"unchanged": True}, True), ({"unchanged": False}, False)])
def test_a_staged_token_is_withdrawn_only_if_nobody_can_have_it(server: Server, told: dict, revoked: bool) -> None:
    server.whm_token("t", acl="list-accts")
    steps = Steps(server)
    promoted = steps.take("promote", steps.staged(), {"ok": False, "msg": "it failed", **told})
    assert promoted["report"][0]["state"] == "failed"
    assert promoted["withdrawing"]
    steps.take("withdraw", promoted, {"ok": False, "msg": "it failed", **told})
    assert (list(server.whm_tokens()) == ["t"]) is revoked


def test_a_staged_token_of_which_nothing_is_known_is_left_alone(server: Server) -> None:
    server.whm_token("t", acl="list-accts")
    steps = Steps(server)
    promoted = steps.take("promote", steps.staged())
    assert "nothing came back from the host" in promoted["report"][0]["msg"]
    steps.take("withdraw", promoted)
    assert len(server.whm_tokens()) == 2


def test_a_life_other_than_asked_is_not_promoted(server: Server) -> None:
    """The token would be due at once, and be rotated at every run."""
    server.whm_token("t", acl="list-accts")
    before = server.whm_tokens()["t"]
    steps = Steps(server)
    staged = steps.staged()
    name = staged["rotation"][0]["staged"]
    server.whm_ok("api_token_update", token_name=name, acl="list-accts")
    promoted = steps.take("promote", staged, {"ok": True, "before": "absent", "after": "1"})
    assert "The server made the new token with expires_at None instead of" in promoted["report"][0]["msg"]
    assert [group["host"] for group in promoted["hosts"]] == ["consumer1"], "it is rolled back"
    steps.take("withdraw", promoted, {"ok": True, "unchanged": True})
    assert server.whm_tokens() == {"t": before | {"last_used": server.whm_tokens()["t"]["last_used"]}}


def test_a_younger_token_is_left_alone(server: Server) -> None:
    """Another run was faster: this one stops, and touches nothing."""
    server.whm_token("t", acl="list-accts")
    steps = Steps(server)
    server.advance(10)
    staged = steps.staged()
    server.advance(10)
    server.whm_ok("api_token_revoke", token_name="t")
    server.whm_token("t", acl="list-accts")
    before = server.whm_tokens()
    promoted = steps.take("promote", staged, {"ok": True, "before": "absent", "after": "1"})
    assert promoted["report"][0]["state"] == "taken_over"
    assert promoted["hosts"] == []
    assert server.whm_tokens().keys() == before.keys()


AGAIN = (
    "The leaked token may still work, because the other run gave it an overlap. Run again with rotate_emergency: true."
)


@pytest.mark.parametrize("where", ["sink", "server"])
def test_an_emergency_that_is_overtaken_says_that_the_old_token_may_work_on(server: Server, where: str) -> None:
    """The other run was none, and keeps the leaked token for its overlap."""
    server.whm_token("t", acl="list-accts")
    steps = Steps(server)
    server.advance(10)
    staged = steps.staged(emergency=True)
    if where == "server":
        server.advance(10)
        server.whm_ok("api_token_update", token_name="t", new_name="t--prev-1")
        server.whm_token("t", acl="list-accts")
        told = {"ok": True, "before": "absent", "after": "1"}
    else:
        told = {"ok": False, "unchanged": True, "taken_over": True, "msg": "Another run has delivered meanwhile."}
    promoted = steps.take("promote", staged, told, emergency=True)
    (one,) = promoted["report"]
    assert one["state"] == "taken_over"
    assert one["msg"].endswith(AGAIN)
    assert AGAIN not in steps.take("promote", staged, told)["report"][0]["msg"]


@pytest.mark.parametrize("kind", ["drop_before_commit", "drop_after_commit"])
@pytest.mark.parametrize("call", [1, 2])
def test_a_lost_response_to_a_promotion_is_settled(server: Server, kind: str, call: int) -> None:
    """The first call retires the live token, the second gives the staged one its name."""
    server.whm_token("t", acl="list-accts")
    steps = Steps(server)
    server.advance(10)
    staged = steps.staged()
    server.fault("api_token_update", kind, call=call)
    promoted = steps.take("promote", staged, {"ok": True, "before": "absent", "after": "1"})
    assert json.loads(json.dumps(promoted)) == promoted, "the result is plain data"
    (one,) = promoted["report"]
    assert one["state"] == "promoted"
    assert not promoted["withdrawing"]
    live, retired = sorted(server.whm_tokens())
    assert (live, retired.startswith("t--prev-")) == ("t", True)
    assert (
        server.whm_tokens()["t"]["create_time"] == one["new_create_time"] > server.whm_tokens()[retired]["create_time"]
    )
    assert server.commits()["api_token_update"] == 2


@pytest.mark.parametrize("how", ["revoked", "renamed"])
def test_a_staged_token_that_vanishes_is_a_failure(server: Server, how: str) -> None:
    """Consumers hold its secret already: what they held before comes back, and nobody is told that all is well."""
    server.whm_token("t", acl="list-accts")
    steps = Steps(server)
    server.advance(10)
    staged = steps.staged()
    name = staged["rotation"][0]["staged"]
    if how == "revoked":
        server.whm_ok("api_token_revoke", token_name=name)
    else:
        server.whm_ok("api_token_update", token_name=name, new_name="renamed", acl="list-accts")
    promoted = steps.take("promote", staged, {"ok": True, "before": "absent", "after": "1"})
    (one,) = promoted["report"]
    assert one["state"] == "failed"
    assert f"The staged token {name} is not there any more" in one["msg"]
    assert promoted["withdrawing"]
    assert [group["host"] for group in promoted["hosts"]] == ["consumer1"], "it is rolled back"
    steps.take("withdraw", promoted, {"ok": True, "unchanged": True})
    assert sorted(server.whm_tokens()) == (["t"] if how == "revoked" else ["renamed", "t"])


@pytest.mark.parametrize("sinks", [None, []])
def test_a_token_without_a_sink_is_refused(server: Server, sinks: list | None) -> None:
    """Its new secret would go nowhere, and its old one die."""
    server.whm_token("t", acl="list-accts")
    server.forget_counters()
    tokens = [{"name": "t", "acls": ["list-accts"], "sinks": sinks, "verify_from": ["consumer1"]}]
    result = result_of_core("api_token_rotation", server.environment, step="decide", force=True, tokens=tokens)
    assert result.get("failed"), result
    assert "tokens[0] (t): sinks: is empty" in result["msg"]
    assert server.calls() == {}


def test_nothing_is_changed_in_check_mode(server: Server) -> None:
    server.whm_token("t", acl="list-accts")
    steps = Steps(server)
    decided = steps.take("decide", check_mode=True)
    assert decided["changed"]
    for step in ("stage", "promote", "withdraw"):
        assert steps.take(step, decided, check_mode=True)["changed"] is False
    assert server.commits() == {"api_token_create": 1}


@pytest.mark.parametrize("step", ["stage", "promote", "withdraw"])
def test_a_step_that_is_not_told_of_a_token_is_a_sentence(server: Server, step: str) -> None:
    told = [{"name": "other", "state": "due"}]
    result = steps_result(server, step, told)
    assert result["msg"] == ("rotation: t is missing. Give what the step before returned, for the same tokens.")
    assert server.commits() == {}


@pytest.mark.parametrize(
    "successor",
    [
        {},
        {"limits": {}},
        {"lifetime": 5},
        {"limits": {}, "lifetime": 5},
        {"limits": {"acls": ["ssl"], "x": 1}, "lifetime": 5},
    ]
    + [
        {"limits": {"acls": ["ssl"]}, "lifetime": "soon"},
        {"limits": {"acls": 5}, "lifetime": 5},
        {"limits": 5, "lifetime": 5},
    ],
)
def test_a_successor_that_no_step_has_returned_is_a_sentence(server: Server, successor: dict) -> None:
    told = [{"name": "t", "state": "due", "successor": successor}]
    evidence = [dict(PLACE, account=None, ok=True, unchanged=True, before="absent")]
    result = steps_result(server, "stage", told, sinks=evidence)
    assert result["msg"] == "rotation: successor of t is not what a step returns. Give what step: decide returned."
    assert server.commits() == {}


def steps_result(server: Server, step: str, rotation: list, **more: object) -> dict:
    sinks = [{"type": "file", "hosts": ["consumer1"], "path": "/copy"}]
    tokens = [{"name": "t", "acls": ["list-accts"], "sinks": sinks}]
    environ = server.environment
    result = result_of_core("api_token_rotation", environ, step=step, tokens=tokens, rotation=rotation, **more)
    assert result["failed"]
    return result


ODD_PORTS = {
    "of the task": ({"cpanel_port": "70000"}, {}, "cpanel_port: 70000 is not a port; give a number from 1 to 65535."),
    "of the environment": ({}, {"CPANEL_PORT": "x"}, "CPANEL_PORT: 'x' is not a port; give a number from 1 to 65535."),
    "of consumers": (
        {"verify": {"cpanel_port": 70000}},
        {},
        "verify.cpanel_port: 70000 is not a port; give a number from 1 to 65535.",
    ),
    "of consumers, of WHM": (
        {"verify": {"port": 0}},
        {},
        "verify.port: 0 is not a port; give a number from 1 to 65535.",
    ),
}


@pytest.mark.parametrize("case", ODD_PORTS)
def test_every_port_is_checked_and_named_before_the_first_call(server: Server, case: str) -> None:
    options, environment, sentence = ODD_PORTS[case]
    result = decided(server, environment, **options)
    assert result.get("msg") == sentence
    assert server.http_requests() == 0


@pytest.mark.parametrize("text", ["{0}\n", "  {0} ", "{0}\r\n"])
@pytest.mark.parametrize("of_the_task", [True, False])
def test_white_space_around_a_port_does_not_matter(server: Server, text: str, of_the_task: bool) -> None:
    port = text.format(server.cpanel_port)
    options, environment = ({"cpanel_port": port}, {}) if of_the_task else ({"cpanel_port": ""}, {"CPANEL_PORT": port})
    assert "failed" not in decided(server, environment, **options)


def decided(server: Server, environment: dict, **options: object) -> dict:
    sinks = [{"type": "file", "hosts": ["consumer1"], "path": "/copy"}]
    tokens = [{"name": "t", "account": "alice", "sinks": sinks}]
    environ = {**server.environment, **environment}
    return result_of_core("api_token_rotation", environ, step="decide", tokens=tokens, **options)
