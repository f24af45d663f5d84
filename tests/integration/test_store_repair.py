# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a store lacks is put there, and nothing else of the secret changes. A store that does not say what it holds is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.test_store_logins import accessors, approle
from tests.support.openbao import OpenBao
from tests.support.rotating import Rotation, result_of, sentence_of, sink
from tests.support.server import Server

OTHERS = {"db_user": "app", "n": 5}


def play(server: Server, folder: Path, *sinks: dict) -> Rotation:
    return Rotation(server, folder, [{"name": "t", "acls": ["list-accts"], "expires_in": "90d", "sinks": list(sinks)}])


def kv(path: str, **options: object) -> dict:
    return {"type": "hashi_vault", "path": path, "key": "token", **options}


def test_a_key_that_is_gone_and_a_store_that_is_new(server: Server, store: OpenBao, tmp_path: Path) -> None:
    file = tmp_path / "file"
    play(server, tmp_path, kv("app"), sink(file)).rotated(environment=store.environment)
    created = server.whm_tokens()["t"]["create_time"]
    store.write("app", OTHERS)
    both = play(server, tmp_path, kv("app"), sink(file), kv("new"))
    run = both.run(environment=store.environment)
    assert run.status == 0, run.output
    secret = file.read_text().strip()
    assert store.read("app") == {**OTHERS, "token": secret}
    assert store.read("new") == {"token": secret}
    assert server.whm_tokens()["t"]["create_time"] == created
    assert len(result_of(run)["healed"][0]["healed"]) == 2

    file.unlink()
    run = both.run(environment=store.environment)
    assert file.read_text().strip() == secret, "from the store"
    versions = store.version("app"), store.version("new")
    again = both.run(environment=store.environment)
    assert result_of(again)["healed"] == []
    assert (store.version("app"), store.version("new")) == versions


def test_a_mount_that_is_gone(server: Server, store: OpenBao, tmp_path: Path) -> None:
    """It answers like a secret that does not exist."""
    file = tmp_path / "file"
    store.done("POST", "sys/mounts/gone", {"type": "kv", "options": {"version": "2"}})
    run = play(server, tmp_path, kv("app", engine_mount_point="gone"), sink(file))
    run.rotated(environment=store.environment)
    secret, tokens = file.read_text(), server.whm_tokens().keys()
    store.done("DELETE", "sys/mounts/gone")
    failed = run.run(environment=store.environment)
    assert "the hashi_vault sink app: " in sentence_of(failed)
    assert [place["holds"] for place in result_of(failed)["tokens"][0]["places"]] == ["unknown", "live"]
    assert (file.read_text(), server.whm_tokens().keys()) == (secret, tokens)


@pytest.mark.parametrize(("due", "variables"), [(["two"], {}), (["one", "two"], {"stop_after": 1})])
def test_one_login_for_a_whole_run(
    server: Server, store: OpenBao, tmp_path: Path, due: list[str], variables: dict
) -> None:
    """An identifier may be good for one login: to read and to rotate, and for several waves. The session ends with the run."""

    def tokens(connection: dict, due: list[str]) -> list[dict]:
        return [
            {
                "name": name,
                "acls": ["create-acct" if name in due else "list-accts"],
                "sinks": [kv("app", key=name, connection=connection)],
            }
            for name in ("one", "two")
        ]

    Rotation(server, tmp_path, tokens({}, [])).rotated(environment=store.environment)
    login, before = approle(store, secret_id_num_uses=1), accessors(store)
    run = Rotation(server, tmp_path, tokens({"url": store.url, **login}, due), variables).run()
    assert run.status == 0, run.output
    assert [one["name"] for one in result_of(run)["rotated"]] == due
    assert accessors(store) == before
