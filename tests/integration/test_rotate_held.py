# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that holds the live secret of another token is not replaced, by whatever name, path or run the tokens met there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.test_rotate_places import Fleet, fleet, second
from tests.support.rotating import Rotation, sentence_of, sink
from tests.support.server import Server
from tests.support.users import ALICE

__all__ = ["fleet", "second"]
"""Fixtures."""

FORMATS: dict[str, dict] = {
    "raw": {},
    "env": {"format": "env", "key": "WHM_TOKEN"},
    "json": {"format": "json", "key": "token"},
    "template": {"format": "template", "template": "app.ini"},
}


def rotation(server: Server, folder: Path, name: str, **options: object) -> Rotation:
    (folder / "templates").mkdir(exist_ok=True)
    (folder / "templates" / "app.ini").write_text("[whm]\ntoken = {{ token }}\n")
    token = {"name": name, "acls": ["list-accts"], "sinks": [sink(folder / "copy", **options)]}
    return Rotation(server, folder, [token], {"force": True})


@pytest.mark.parametrize("form", FORMATS)
def test_a_later_run_does_not_replace_the_secret_of_another_token(server: Server, tmp_path: Path, form: str) -> None:
    """Nor does it say that it would."""
    rotation(server, tmp_path, "first", **FORMATS[form]).rotated()
    there, tokens = (tmp_path / "copy").read_text(), server.whm_tokens()
    for options in (("--check",), ()):
        run = rotation(server, tmp_path, "other", **FORMATS[form]).run(*options)
        assert sentence_of(run) == (
            f"1 of 1 token did not rotate. other: the file sink consumer1:{tmp_path}/copy: it holds the secret of the token first, which "
            "is alive, and whoever uses it there would lose it. Give each token a place of its own, or remove what is there if nobody uses "
            "it. Nothing was changed."
        )
        assert (tmp_path / "copy").read_text() == there
        assert server.whm_tokens() == tokens
        assert there.split()[-1].strip('"}').split("=")[-1] not in run.output
    rotation(server, tmp_path, "first", **FORMATS[form]).rotated()


def test_an_encrypted_secret_of_another_token_is_not_replaced_either(server: Server, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("vault password\n")
    password = ("--vault-password-file", str(tmp_path / "password"))
    vault = {"type": "vault", "path": str(tmp_path / "vault.yml"), "key": "whm_token"}

    def of(name: str) -> Rotation:
        return Rotation(server, tmp_path, [{"name": name, "acls": ["list-accts"], "sinks": [vault]}], {"force": True})

    of("first").rotated(*password)
    there = (tmp_path / "vault.yml").read_text()
    assert "it holds the secret of the token first, which is alive" in sentence_of(of("other").run(*password))
    assert (tmp_path / "vault.yml").read_text() == there
    of("first").rotated(*password)


def test_the_secrets_of_the_tokens_own_family_and_of_dead_tokens_are_replaced(server: Server, tmp_path: Path) -> None:
    """A retired token's, as a restored backup holds it; one that was revoked; and one that has expired."""
    rotation(server, tmp_path, "t").rotated()
    retired = (tmp_path / "copy").read_text()
    rotation(server, tmp_path, "t").rotated()
    revoked, expired = server.whm_token("revoked"), server.whm_token("expired", expires_at=server.now() + 60)
    server.whm_ok("api_token_revoke", token_name="revoked")
    server.advance(61)
    for content in (retired, revoked, expired):
        (tmp_path / "copy").write_text(content)
        rotation(server, tmp_path, "t").rotated()
        assert server.whm_ok("api_token_get_details", token=(tmp_path / "copy").read_text().strip())["name"] == "t"


def test_a_secret_of_the_same_cpanel_account_is_taken_for_the_tokens_own(server: Server, tmp_path: Path) -> None:
    """Nobody can say whose it is."""
    (tmp_path / "copy").write_text(server.uapi_token("first", ALICE))
    token = {"name": "t", "account": "alice", "sinks": [sink(tmp_path / "copy")]}
    Rotation(server, tmp_path, [token]).rotated()
    assert server.uapi_accepts((tmp_path / "copy").read_text().strip())


@pytest.mark.parametrize("link", [False, True])
def test_two_names_of_one_machine_are_one_place(server: Server, tmp_path: Path, link: bool) -> None:
    """Also through a link in the folder of the path."""
    (tmp_path / "link").symlink_to(tmp_path)
    folder = tmp_path / "link" if link else tmp_path
    tokens = [
        {"name": "a", "acls": ["list-accts"], "sinks": [sink(tmp_path / "copy")]},
        {"name": "b", "acls": ["list-accts"], "sinks": [sink(folder / "copy", "consumer2")]},
    ]
    run = Rotation(server, tmp_path, tokens).run()
    said = sentence_of(run)
    assert "2 of 2 tokens did not rotate." in said
    assert f"b: the file sink consumer2:{folder}/copy: it is the same place as one of the token a of " in said
    assert not (tmp_path / "copy").exists()
    assert server.whm_tokens() == {}


def test_the_tokens_of_two_servers_meet_under_two_names_of_one_machine(fleet: Fleet, tmp_path: Path) -> None:
    hosts = ["consumer{{ 1 if inventory_hostname == 'whm1' else 2 }}"]
    run = fleet.run({"type": "file", "hosts": hosts, "path": f"{tmp_path}/token"}, force=True)
    assert "it is the same place as one of the token t of " in sentence_of(run)
    said = [task.msg for task in run.tasks if task.failed]
    assert 1 <= len(said) <= 2, "of two that ask at the same time the first may win"
    rotated = [name for name, server in fleet.servers.items() if list(server.whm_tokens()) != ["t"]]
    assert len(rotated) == 2 - len(said)
