# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rotation that is made to fail at one point, a consumer that polls all the while, and what must be true afterwards."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import yaml

from tests.reliability.polling import Consumer, Polling
from tests.reliability.rotation_sinks import GROUPS, Sinks
from tests.support.cores import result_of_core
from tests.support.paths import REPOSITORY
from tests.support.rotating import Rotation, inventory
from tests.support.server import Server

CALLBACKS = Path(__file__).parent / "callback_plugins"
ADDRESS = "127.0.0.2"
OVERLAP = 3600
AGE = 40 * 86400
"""Seconds since which the tokens have lived when the rotation begins."""
KEPT = 130
SERVICES = ("whm", "account", "cpanel")
"""WHM's own tokens, an account's through WHM, an account's by itself."""

_HOOK = (
    "\nimport os\nif 'KILL_ROOT' in os.environ:\n    import sys\n    sys.path.insert(0, os.environ['KILL_ROOT'])\n"
    + ("    from tests.reliability import kill_hook\n    kill_hook.install()\n")
)


AHEAD = 40 * 86400
"""Seconds that the server's clock is ahead of ours in a rotation, unless the conditions say otherwise."""


class Conditions(NamedTuple):
    """What a rotation meets: the server's clock, in seconds ahead of ours, and what it says of a batch that failed in part."""

    ahead: int = AHEAD
    batch: str = "zero"


@dataclass(frozen=True)
class Point:
    """Where a rotation is hit.

    ``kind``: ``task`` (the play is killed before its ``number``-th task), ``call-before`` or ``call-after`` (it is killed at its
    ``number``-th call), or a fault of the reference server at the ``number``-th call of ``function``.
    """

    service: str
    sinks: str
    kind: str
    number: int
    function: str = ""
    conditions: Conditions = Conditions()

    @property
    def name(self) -> str:
        where = filter(None, (self.service, self.sinks, self.kind, self.function, str(self.number)))
        special = () if self.conditions == Conditions() else map(str, self.conditions)
        return "/".join([*where, *special])


class Scene:
    """One service, and a token for each of some sinks. Each is due, for its limits or its age."""

    def __init__(self, server: Server, folder: Path, service: str, sinks: str, ahead: int = AHEAD) -> None:
        self._ahead = ahead
        self.server = server
        self.folder = folder
        self.service = service
        self.sinks = Sinks(GROUPS.get(sinks, (sinks,)), folder)
        self.copies = self.sinks.copies()
        self._surroundings: dict[str, str] = {}

    def prepare(self) -> None:
        """A server as new, the tokens and their copies."""
        self.server.reset()
        self.server.control("POST", "/clock", {"set": int(time.time()) + self._ahead - AGE})
        self.folder.mkdir(exist_ok=True)
        self.sinks.fill({name: self._create(name) for name in self.sinks.names})
        self._surroundings = self.sinks.surroundings()
        self.server.advance(AGE)
        (self.folder / "own.j2").write_text("# {{ name }}\n{{ token }}\n")
        keep = {"content": "{{ rotate_secret }}\n", "dest": str(self.folder / "tasks"), "mode": "0600"}
        own = {"name": "Keep", "ansible.builtin.copy": keep, "no_log": True, "delegate_to": "localhost"}
        (self.folder / "own.yml").write_text(yaml.safe_dump([own]))

    def polling(self) -> Polling:
        """What the consumer does."""
        whm = self.service == "whm"
        base = self.server.ready["whm" if whm else "cpanel"]
        path = "/json-api/listaccts?api.version=1" if whm else "/execute/Email/list_pops"
        user, word = ("root", "whm") if whm else ("alice", "cpanel")
        return Polling(word, user, base + path, self.server.ready["ca_file"], ADDRESS, list(self.copies.values()))

    def start(self, point: Point | None = None) -> subprocess.Popen[bytes]:
        """Start the play, to be hit at a point if one is given."""
        calls = point is not None and point.kind.startswith("call-")
        environment = {
            **os.environ,
            **self.server.environment,
            "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
            "ANSIBLE_CALLBACKS_ENABLED": "kill_at",
            **self.sinks.environment,
            "KILL_ROOT": str(REPOSITORY),
            "KILL_TASKS": str(self.folder / "tasks-begun"),
            "KILL_COUNTER": str(self.folder / "calls-made"),
            "KILL_TASK": str(point.number if point and point.kind == "task" else 0),
            "KILL_CALL": str(point.number if point and calls else 0),
            "KILL_WHEN": point.kind.removeprefix("call-") if point and calls else "",
        }
        (self.folder / "calls-made").unlink(missing_ok=True)
        (self.folder / "play.yml").write_text(self._rotation().text(), encoding="utf-8")
        with (self.folder / "output").open("ab") as output:
            return subprocess.Popen(
                [
                    *("ansible-playbook", "-i", str(inventory(self.folder, at_start=_HOOK))),
                    *("--vault-password-file", str(self.folder / "password"), str(self.folder / "play.yml")),
                ],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def run(self) -> None:
        """Run the play, which must succeed."""
        status = self.start().wait(180)
        assert status == 0, (self.folder / "output").read_text(errors="replace")[-6000:]

    def decide(self) -> None:
        """What the play of a later run begins with, without the play: nothing is due, and what is over ends."""
        result = result_of_core(
            "api_token_rotation", self.server.environment, step="decide", **self._rotation().options()
        )
        assert {one["state"] for one in result["report"]} == {"fine"}, result["report"]

    def counts(self) -> tuple[int, int]:
        """How many tasks the latest play began, and how many calls it made."""
        return int((self.folder / "tasks-begun").read_text()), (self.folder / "calls-made").stat().st_size

    def tokens(self) -> dict[str, dict]:
        """The tokens of the owner, by name."""
        return self.server.whm_tokens() if self.service == "whm" else self.server.uapi_tokens()

    def check_converged(self) -> None:
        """One live token for each sink, and the delivered copy works; what else there is has been retired."""
        assert not [name for name in self.tokens() if "--next-" in name], self.tokens()
        assert {name for name in self.tokens() if "--" not in name} == set(self.sinks.names)
        if self.service == "whm":
            for name, copy in self.copies.items():
                details = self.server.whm("api_token_get_details", token=copy.secret())
                assert details["data"]["name"] == name, "the delivered copy is that of the live token"

    def check_tidy(self) -> None:
        """After the overlap there is one token for each sink, and its copy works."""
        assert set(self.tokens()) == set(self.sinks.names)
        surroundings = self.sinks.surroundings()
        for place, text in self._surroundings.items():
            assert surroundings[place] == text, f"{place}: what else is there is as it was"
        for name, copy in self.copies.items():
            secret = copy.secret()
            assert secret is not None, name
            assert self._accepts(secret), name

    def _accepts(self, secret: str) -> bool:
        if self.service == "whm":
            return self.server.whm_accepts(secret, source=ADDRESS)
        return self.server.uapi_accepts(secret)

    def _create(self, name: str) -> str:
        if self.service == "whm":
            return self.server.whm_token(name, acl="list-accts", whitelist_ip=ADDRESS)
        return self.server.uapi_token(name)

    def _rotation(self) -> Rotation:
        wish: dict = {"whm": {"acls": ["list-accts"], "whitelist_ips": [ADDRESS]}, "account": {"account": "alice"}}.get(
            self.service, {}
        )
        tokens = [{"name": name, "max_age": "30d", **self.sinks.options(name), **wish} for name in self.sinks.names]
        variables = {"overlap": f"{OVERLAP}s", "cpanel_port": self.server.cpanel_port}
        if self.service == "cpanel":
            variables["service"] = "cpanel"
        return Rotation(self.server, self.folder, tokens, variables)


def hit(scene: Scene, point: Point) -> int:
    """Rotate, hit at a point; then let the next runs come. The whole promise is asserted; answers how often a consumer was served."""
    scene.prepare()
    server = scene.server
    consumer = Consumer(scene.polling(), REPOSITORY)
    try:
        fault = point.kind.startswith(("drop_", "kill_"))
        server.forget_counters()
        if fault:
            server.fault(point.function, point.kind, point.number)
        play = scene.start(point)
        if point.kind.startswith("kill_"):
            server.wait()
            server.start()
        status = play.wait(180)
        if fault:
            server.control("DELETE", "/faults")
            died = point.kind.startswith("kill_")
            assert died or server.counters(point.function)[0] >= point.number, "the fault never came"
        else:
            assert status == -9, "the play was not killed"
        scene.run()
        scene.check_converged()
        server.advance(OVERLAP + KEPT)
        scene.decide()
        scene.check_tidy()
    finally:
        served, refused = consumer.end()
    assert refused == [], f"{point.name}: the consumer was refused"
    assert served > 0
    return served
