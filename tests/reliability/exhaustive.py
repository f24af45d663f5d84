# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hits rotations at every point there is, and writes what came of it into ``docs/reliability.md``: ``make reliability``.

``python -m tests.reliability.exhaustive [--seconds N] [--workers N] [--only NAME]``. What has been done is kept in
``.cache/reliability``, with a fingerprint of the code; the next call goes on from there.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

from tests.reliability.page import write_page
from tests.reliability.rotation_points import CASES, points_of
from tests.reliability.rotation_races import RACES, race
from tests.reliability.rotation_sample import sampled
from tests.reliability.rotation_scene import Conditions, Point, Scene, hit
from tests.support.paths import REPOSITORY
from tests.support.server import Server, write_fixture

KEPT = REPOSITORY / ".cache" / "reliability"
_CODE = ("plugins", "roles/rotate", "token_server")


def main() -> int:
    """Do what is left to do, as long as there is time; the exit status is 1 if something was found."""
    parser = argparse.ArgumentParser(prog="make reliability")
    parser.add_argument("--seconds", type=float, default=86400)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", default="", help="only what has a name that begins so, such as whm/stores")
    options = parser.parse_args()
    end = time.monotonic() + options.seconds
    KEPT.mkdir(parents=True, exist_ok=True)
    journal = KEPT / f"{fingerprint()}.jsonl"
    done = {entry["name"]: entry for entry in _entries(journal)}
    plan = _plan(end, journal.with_suffix(".plan"))
    todo = [each for each in plan if each[0] not in done and each[0].startswith(options.only)]
    print(f"{len(done)} of {len(plan or ())} points are done.", flush=True)
    with ProcessPoolExecutor(options.workers) as pool:
        waiting = {pool.submit(_work, each, end) for each in todo}
        for future in as_completed(waiting):
            entry = future.result()
            if entry is None:
                continue
            done[entry["name"]] = entry
            with journal.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(entry) + "\n")
            print(f"{len(done)}/{len(plan)} {entry['name']}: {entry['trouble'] or 'well'}", flush=True)
        for _worker in range(options.workers):
            pool.submit(_finish)
    troubled = [entry for entry in done.values() if entry["trouble"]]
    for entry in troubled:
        print(f"{entry['name']}: {entry['trouble']}", file=sys.stderr)
    if not plan or len(done) < len(plan):
        print("Run it again to go on.")
        return 1 if troubled else 0
    write_page(done.values())
    print("Written to docs/reliability.md.")
    return 1 if troubled else 0


def fingerprint() -> str:
    """A fingerprint of the code that the points are about."""
    digest = hashlib.sha256()
    for folder in _CODE:
        for path in sorted((REPOSITORY / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(REPOSITORY)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _entries(journal: Path) -> Iterable[dict]:
    return [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()] if journal.exists() else []


def _plan(end: float, kept: Path) -> list[tuple[str, dict]]:
    """All points and races, by name. Those that are found by an undisturbed run are kept."""
    if kept.exists():
        points: list[tuple[str, dict]] = json.loads(kept.read_text(encoding="utf-8"))
        return points
    plan: list[tuple[str, dict]] = []
    for service, sinks in CASES:
        if time.monotonic() > end:
            return []
        scene = Scene(_server(), KEPT / "plan", service, sinks)
        plan += [(point.name, asdict(point)) for point in points_of(scene, sinks)]
    plan += [(point.name, asdict(point)) for point in sampled(lambda *what: Scene(_server(), KEPT / "plan", *what))]
    plan += [
        (f"race/{service}/{sinks}/{number}", {"service": service, "sinks": sinks})
        for service, sinks in RACES
        for number in range(1, 21)
    ]
    _finish()
    kept.write_text(json.dumps(plan), encoding="utf-8")
    return plan


_running: dict[str, Server] = {}


def _server(batch: str = "zero") -> Server:
    """This process's server that answers batches so."""
    if batch not in _running:
        folder = KEPT / f"server-{time.monotonic_ns()}"
        folder.mkdir(parents=True)
        server = Server(folder / "state", fixture=write_fixture(folder), dialect={"batch": batch})
        server.start()
        _running[batch] = server
    return _running[batch]


def _finish() -> None:
    while _running:
        _running.popitem()[1].stop()


def _work(each: tuple[str, dict], end: float) -> dict | None:
    """Hit one point, or run one race; ``None`` if there is no time left."""
    if time.monotonic() > end:
        return None
    name, what = each
    begin, trouble, served = time.monotonic(), "", 0
    conditions = Conditions(*what.get("conditions", ()))
    server = _server(conditions.batch)
    folder = server.state.parent / "scene"
    try:
        if name.startswith("race/"):
            served = race(server, folder, what["service"], what["sinks"])
        else:
            point = Point(**{**what, "conditions": conditions})
            served = hit(Scene(server, folder, point.service, point.sinks, conditions.ahead), point)
    except Exception as error:
        trouble = f"{type(error).__name__}: {error}"[-2000:]
        if server.process is None or server.process.poll() is not None:
            server.start()
    return dict(what, name=name, trouble=trouble, served=served, seconds=round(time.monotonic() - begin, 1))


if __name__ == "__main__":
    sys.exit(main())
