# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two runs whose sinks are the user's own tasks, which nothing compares: the run that is overtaken says so, and the next one repairs it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.support.playbooks import Run
from tests.support.rotating import CONSUMERS, Rotation, consumer_python, result_of, sentence_of, sink
from tests.support.server import Server
from tests.support.waiting import until

OVERLAP = 3600


@dataclass
class Held:
    """A run that waits in the middle of its tasks."""

    go_on: Path
    run: Future[Run]

    def finish(self) -> Run:
        """Let it go on to its end."""
        self.go_on.touch()
        return self.run.result()


class Consumer:
    """A consumer that only the user's own tasks can reach."""

    def __init__(self, server: Server, folder: Path, service: str, *sinks: dict) -> None:
        self.server, self.service, self.folder = server, service, folder
        self.copy = folder / "consumer"
        self.copy.write_text(server.whm_token("t", acl="list-accts") if service == "whm" else server.uapi_token("t"))
        self.sinks = list(sinks)
        self.environment: dict[str, str] = {}
        server.advance(10)

    def rotation(self, name: str, *commands: str) -> Rotation:
        """Return a rotation whose tasks run commands; the secret is in ``$SECRET``."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        run = {
            "name": "Deliver",
            "ansible.builtin.shell": "set -e\n" + "\n".join(commands),
            "environment": {"SECRET": "{{ rotate_secret }}"},
        }
        (folder / "own.yml").write_text(yaml.safe_dump([run]))
        limits = {"acls": ["list-accts"]} if self.service == "whm" else {}
        own = {"type": "tasks", "tasks": str(folder / "own.yml")}
        token = {"name": "t", **limits, "sinks": [*self.sinks, own]}
        return Rotation(self.server, folder, [token], {"service": self.service, "overlap": f"{OVERLAP}s"})

    def run(self, name: str, *more: str, **variables: object) -> Run:
        """Run a rotation whose tasks take no time."""
        return self.rotation(name, self.deliver, *more).run(environment=self.environment, **variables)

    @property
    def deliver(self) -> str:
        return f"printf %s \"$SECRET\" >'{self.copy}'"

    @contextmanager
    def held(self, name: str, before: Sequence[str] = (), after: Sequence[str] = ()) -> Iterator[Held]:
        """A run that has begun its tasks: it has run the commands ``before``, and runs those ``after`` when it is let go on."""
        begun, go_on = self.folder / f"{name}-has-begun", self.folder / f"{name}-may-go-on"
        wait = f"touch '{begun}'; until test -e '{go_on}'; do sleep 0.05; done"
        rotation = self.rotation(name, *before, wait, *after)
        with ThreadPoolExecutor(1) as pool:
            run = pool.submit(rotation.run, environment=self.environment, force=True)
            try:
                until(lambda: begun.exists() or run.done())
                assert not run.done(), run.result().output
                self.server.advance(10)
                yield Held(go_on, run)
            finally:
                go_on.touch()

    def works(self) -> bool:
        accepts = self.server.whm_accepts if self.service == "whm" else self.server.uapi_accepts
        return accepts(self.copy.read_text().strip())

    def tokens(self) -> list[str]:
        return sorted(self.server.whm_tokens() if self.service == "whm" else self.server.uapi_tokens())

    def is_healed_by_the_next_run(self) -> None:
        """The next run has the reason "unfinished"; afterwards the consumer is served for ever."""
        assert self.works()
        result = result_of(self.run("next"))
        assert [(one["state"], one["reason"]) for one in result["tokens"]] == [("promoted", "unfinished")]
        self.server.advance(OVERLAP + 200)
        assert result_of(self.run("last"))["rotated"] == []
        assert self.tokens() == ["t"]
        assert self.works()


@pytest.fixture(params=["whm", "cpanel"])
def consumer(request: pytest.FixtureRequest, server: Server, tmp_path: Path) -> Consumer:
    return Consumer(server, tmp_path, request.param)


OVERTAKEN = "Another run has rotated the token while this one delivered it"


def test_tasks_that_end_after_another_run_has_promoted(consumer: Consumer) -> None:
    with consumer.held("slow", after=[consumer.deliver]) as slow:
        assert len(result_of(consumer.run("fast", force=True))["rotated"]) == 1
        run = slow.finish()
    said = sentence_of(run)
    assert f"1 of 1 token did not rotate. t: {OVERTAKEN}" in said
    assert "The consumer may hold the secret of this run" in said
    assert "Run again" in said
    assert ("stops working at 20" in said) is (consumer.service == "whm")
    assert [one["name"] for one in result_of(run)["failed"]] == ["t"]
    assert result_of(run)["taken_over"] == []
    consumer.is_healed_by_the_next_run()


def test_tasks_that_fail_after_another_run_has_promoted(consumer: Consumer) -> None:
    """They may have delivered before."""
    with consumer.held("slow", after=[consumer.deliver, "false"]) as slow:
        assert len(result_of(consumer.run("fast", force=True))["rotated"]) == 1
        run = slow.finish()
    assert "own.yml: the task Deliver failed." in sentence_of(run)
    consumer.is_healed_by_the_next_run()


def test_an_older_run_that_delivers_after_a_younger_one_and_is_promoted_before(consumer: Consumer) -> None:
    """The younger one must not retire what the consumer holds and say that all is well."""
    with (
        consumer.held("older", after=[consumer.deliver]) as older,
        consumer.held("younger", before=[consumer.deliver]) as younger,
    ):
        assert len(result_of(older.finish())["rotated"]) == 1
        run = younger.finish()
    assert OVERTAKEN in sentence_of(run)
    consumer.is_healed_by_the_next_run()


def test_an_emergency_that_overtakes(consumer: Consumer) -> None:
    """The secret that the consumer may hold is dead already, and the sentence does not say otherwise."""
    with consumer.held("slow", after=[consumer.deliver]) as slow:
        assert len(result_of(consumer.run("fast", emergency=True))["rotated"]) == 1
        consumer.server.advance(10)
        said = sentence_of(slow.finish())
    assert f"{OVERTAKEN}. The consumer may hold the secret of this run, which does not work any more. " in said
    assert "Run again with rotate_force: true." in said
    assert not consumer.works()
    again = consumer.run("next", force=True)
    assert len(result_of(again)["rotated"]) == 1
    assert consumer.works()


def test_a_file_beside_the_tasks_keeps_the_copy_of_the_faster_run(server: Server, tmp_path: Path) -> None:
    """It is compared, so nothing older can be there."""
    consumer = Consumer(server, tmp_path, "whm", sink(tmp_path / "copy"))
    with consumer.held("slow", after=[consumer.deliver]) as slow:
        assert len(result_of(consumer.run("fast", force=True))["rotated"]) == 1
        delivered = (tmp_path / "copy").read_text()
        assert OVERTAKEN in sentence_of(slow.finish())
    assert (tmp_path / "copy").read_text() == delivered
    consumer.is_healed_by_the_next_run()


def test_an_emergency_whose_file_another_run_has_replaced_fails(server: Server, tmp_path: Path) -> None:
    """The consumer's Python starts once for the check and for the delivery: another run is in between, at the last start of a run."""
    copy, starts = tmp_path / "copy", tmp_path / "starts"
    last = tmp_path / "last"
    trap = f"""
import os
with open({str(starts)!r}, "a") as file:
    file.write("x")
if os.path.exists({str(last)!r}) and os.path.getsize({str(starts)!r}) == int(open({str(last)!r}).read()):
    open({str(copy)!r}, "w").write("of another run")
"""
    consumer_python(tmp_path, CONSUMERS["consumer1"], trap)
    rotation = Rotation(server, tmp_path, [{"name": "t", "acls": ["list-accts"], "sinks": [sink(copy)]}])
    rotation.rotated()
    server.advance(10)
    last.write_text(str(starts.stat().st_size))
    starts.write_text("")
    run = rotation.run(emergency=True)
    assert "The leaked token may still work" in sentence_of(run)
    result = result_of(run)
    assert ([one["state"] for one in result["failed"]], result["taken_over"]) == (["taken_over"], [])
