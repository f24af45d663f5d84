# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two runs at once that have sinks in one secret of a real store."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from tests.support.openbao import OpenBao
from tests.support.rotating import Rotation, result_of
from tests.support.server import Server
from tests.support.storing import Storing

OTHERS = {"user": "root", "n": 5, "nested": {"a": [1, None]}}
PAIRS = int(os.environ.get("STORE_PAIRS", "3"))
"""How many pairs of plays race: more by ``STORE_PAIRS=20``."""


def kv(key: str) -> dict:
    return {"type": "hashi_vault", "path": "app", "key": key}


def test_two_keys_of_one_secret(store: OpenBao) -> None:
    """In one process, 20 times, with up to four runs: each run delivers its own, and nothing else is lost."""
    for number in range(20):
        store.write("app", OTHERS)
        keys = ["one", "two", "three", "four"][: 2 + number % 3]
        runs = [Storing([kv(key)], store.environment, new=key[0].upper() * 31) for key in keys]
        together = Barrier(len(runs))

        def whole(run: Storing, together: Barrier = together) -> bool:
            checked = run.check()[0].ok
            together.wait()
            return checked and run.deliver()[0].ok

        with ThreadPoolExecutor(len(runs)) as pool:
            assert all(pool.map(whole, runs)), [run.delivered for run in runs]
        assert store.read("app") == {**OTHERS, **{key: run.secret(0) for key, run in zip(keys, runs, strict=True)}}
        store.done("DELETE", "secret/metadata/app")


def test_one_key_of_one_secret(store: OpenBao) -> None:
    """One delivers, and the other gives way without having written anything."""
    for _number in range(20):
        store.write("app", {**OTHERS, "token": "O" * 32})
        runs = [Storing([kv("token")], store.environment, new=letter * 31) for letter in "AB"]
        together = Barrier(2)

        def whole(run: Storing, together: Barrier = together) -> str:
            assert run.check()[0].ok
            together.wait()
            (told,) = run.deliver()
            assert told.ok or (told.taken_over and told.unchanged), told
            return run.secret(0) if told.ok else ""

        with ThreadPoolExecutor(2) as pool:
            delivered = [secret for secret in pool.map(whole, runs) if secret]
        assert len(delivered) == 1
        assert store.read("app") == {**OTHERS, "token": delivered[0]}
        store.done("DELETE", "secret/metadata/app")


@pytest.mark.parametrize("number", range(PAIRS))
def test_two_plays(server: Server, store: OpenBao, tmp_path: Path, number: int) -> None:
    """Two tokens and one secret, and a third token that both plays rotate: that one lives once, and its copy works."""
    store.write("app", OTHERS)
    server.whm_token("both", acl="list-accts")

    def play(own: str) -> dict:
        tokens = [
            {"name": name, "acls": ["list-accts"], "sinks": [kv(name)]}
            for name in ((own, "both") if number % 2 else ("both", own))
        ]
        folder = tmp_path / own
        folder.mkdir()
        run = Rotation(server, folder, tokens, {"force": True}).run(environment=store.environment)
        assert run.status == 0, run.output
        return result_of(run)

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(play, ("one", "two")))
    assert [
        any(token["name"] == own for token in result["rotated"])
        for own, result in zip(("one", "two"), results, strict=True)
    ] == [True, True]
    held = store.read("app")
    for name in ("one", "two", "both"):
        details = server.whm("api_token_get_details", token=held.pop(name))
        assert details["data"]["name"] == name
    assert held == OTHERS
    assert {name for name in server.whm_tokens() if "--prev-" not in name} == {"one", "two", "both"}
