# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One place is for one token, over all servers of a run: otherwise the secret of one server replaces that of another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.support.playbooks import Run, run_playbook
from tests.support.rotating import Rotation, inventory, sentence_of, sink
from tests.support.server import Server, serving

ONE = "{{ sinks_folder }}/token"
EACH = "{{ sinks_folder }}/{{ inventory_hostname }}.token"


@pytest.fixture
def second(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Another WHM server."""
    with serving(tmp_path_factory.mktemp("second")) as server:
        yield server


class Fleet:
    """A play over two servers, with one consumer."""

    def __init__(self, folder: Path, first: Server, second: Server) -> None:
        self.folder = folder
        self.servers = {"whm1": first, "whm2": second}
        for name in self.servers:
            self.servers[name].whm_token("t", acl="list-accts")

    def run(self, *sinks: dict, play: dict | None = None, tokens: list[dict] | None = None, **variables: object) -> Run:
        options = ("-i", str(inventory(self.folder, *self.servers)), "-i", str(self._connections()))
        tokens = tokens or [{"name": "t", "acls": ["list-accts"], "expires_in": "90d", "sinks": list(sinks)}]
        named = {"rotate_tokens": tokens, **{f"rotate_{key}": value for key, value in variables.items()}}
        roles = {"roles": [{"role": "panelops.cpanel.rotate", "vars": named}]}
        plays = [{"hosts": "whm1,whm2", "gather_facts": False, **(play or roles)}]
        text = yaml.safe_dump(plays, sort_keys=False)
        return run_playbook(text, self.folder, {"sinks_folder": str(self.folder)}, options)

    def _connections(self) -> Path:
        connections = {
            name: {
                "rotate_host": "127.0.0.1",
                "rotate_port": server.port,
                "rotate_password": server.root_password,
                "rotate_ca_path": server.ready["ca_file"],
            }
            for name, server in self.servers.items()
        }
        shared = {"sinks_folder": str(self.folder)}
        path = self.folder / "servers.yml"
        path.write_text(yaml.safe_dump({"all": {"hosts": connections, "vars": shared}}))
        return path

    def unchanged(self) -> bool:
        """Has neither server a token that was not there before?"""
        return all(list(server.whm_tokens()) == ["t"] for server in self.servers.values())


@pytest.fixture
def fleet(tmp_path: Path, server: Server, second: Server) -> Fleet:
    return Fleet(tmp_path, server, second)


@pytest.mark.parametrize(
    "path", [ONE, "/{{ sinks_folder }}/x/.././{% if inventory_hostname == 'whm1' %}/{% endif %}token"]
)
def test_one_file_for_the_tokens_of_two_servers_is_refused(fleet: Fleet, path: str) -> None:
    run = fleet.run(sink(path))
    # The step fails, and the role says so once more.
    said = {one.msg for one in run.tasks if one.failed}
    assert len(said) == 2, "neither of the two wins"
    for sentence in said:
        assert sentence.startswith(f"sinks: consumer1:{fleet.folder}/token is the place of the token t of ")
        assert all(f"the token t of 127.0.0.1:{one.port}" in sentence for one in fleet.servers.values())
        assert "Give each token a place of its own, for example with the name of its server in the path." in sentence
    assert fleet.unchanged()
    assert not (fleet.folder / "token").exists()


def test_each_server_with_a_file_of_its_own(fleet: Fleet) -> None:
    run = fleet.run(sink(EACH))
    assert run.status == 0, run.output
    for name, server in fleet.servers.items():
        secret = (fleet.folder / f"{name}.token").read_text().strip()
        assert server.whm_accepts(secret, source="127.0.0.2")


def test_a_host_on_which_the_role_is_skipped_claims_nothing(fleet: Fleet) -> None:
    tokens = [{"name": "t", "acls": ["list-accts"], "expires_in": "90d", "sinks": [sink(ONE)]}]
    include = {"name": "Rotate", "ansible.builtin.include_role": {"name": "panelops.cpanel.rotate"}}
    task = {**include, "when": "inventory_hostname == 'whm2'", "vars": {"rotate_tokens": tokens}}
    run = fleet.run(play={"tasks": [task]})
    assert run.status == 0, run.output
    secret = (fleet.folder / "token").read_text().strip()
    assert fleet.servers["whm2"].whm_accepts(secret, source="127.0.0.2")


def test_one_token_may_be_listed_for_two_hosts_of_a_play(server: Server, tmp_path: Path) -> None:
    """Both name the same server, so it is one token and one place."""
    server.whm_token("t", acl="list-accts")
    rotation = Rotation(server, tmp_path, [{"name": "t", "acls": ["list-accts"], "sinks": [sink(tmp_path / "copy")]}])
    run = rotation.run("-e", "x=y", hosts="localhost,consumer2")
    assert run.status == 0, run.output


SAME_KEY = (
    {"type": "hashi_vault", "path": "app/x", "key": "k"},
    {"type": "hashi_vault", "path": "/app//x/", "key": "k", "engine_mount_point": "secret/"},
)
SAME_FILE = (sink(Path("/x")), {**sink(Path("/x")), "path": "//x"})


@pytest.mark.parametrize(
    ("pair", "sentence"),
    [
        (SAME_KEY, "sinks: the key k of secret/app/x is listed more than once. Give each token a key of its own."),
        (SAME_FILE, "sinks: consumer1:/x is listed more than once. Give each token a file of its own."),
    ],
)
def test_one_place_in_other_words_is_refused(server: Server, tmp_path: Path, pair: tuple, sentence: str) -> None:
    tokens = [
        {"name": name, "acls": ["list-accts"], "sinks": [one]} for name, one in zip(("a", "b"), pair, strict=True)
    ]
    run = Rotation(server, tmp_path, tokens).run(environment={"VAULT_ADDR": "http://127.0.0.1:1", "VAULT_TOKEN": "any"})
    assert sentence_of(run) == sentence
    assert server.http_requests() == 0


def test_a_later_batch_is_compared_with_the_earlier_ones(fleet: Fleet) -> None:
    tokens = [{"name": "t", "acls": ["list-accts"], "expires_in": "90d", "sinks": [sink(ONE)]}]
    role = {"role": "panelops.cpanel.rotate", "vars": {"rotate_tokens": tokens}}
    run = fleet.run(play={"serial": 1, "roles": [role]})
    assert "is the place of the token t of 127.0.0.1:" in sentence_of(run)
    assert list(fleet.servers["whm2"].whm_tokens()) == ["t"]
    secret = (fleet.folder / "token").read_text().strip()
    assert fleet.servers["whm1"].whm_accepts(secret, source="127.0.0.2"), "the first server's secret stays"


def test_one_file_for_an_account_of_two_servers_is_refused_once_the_accounts_are_known(fleet: Fleet) -> None:
    path = "{{ sinks_folder }}/{account}.token"
    run = fleet.run(tokens=[{"name": "backup", "accounts": ["ali*"], "expires_in": "90d", "sinks": [sink(path)]}])
    said = {one.msg for one in run.tasks if one.failed}
    assert len(said) == 2, "neither of the two wins"
    for sentence in said:
        assert sentence.startswith(
            f"sinks: consumer1:{fleet.folder}/alice.token is the place of the token alice/backup of "
        )
    for server in fleet.servers.values():
        assert server.uapi_tokens() == {}


@pytest.mark.parametrize("link", [False, True], ids=["the same path", "a path through a link"])
def test_a_file_is_not_shared_with_a_token_of_another_server_that_writes_all_of_it(fleet: Fleet, link: bool) -> None:
    (fleet.folder / "link").symlink_to(fleet.folder)
    part = "{% if inventory_hostname == 'whm2' %}link/{% endif %}" if link else ""
    merge = "{{ inventory_hostname == 'whm1' }}"
    path = f"{{{{ sinks_folder }}}}/{part}app.env"
    run = fleet.run({**sink(path), "format": "env", "key": "{{ inventory_hostname }}", "merge": merge}, force=True)
    said = {task.msg for task in run.tasks if task.failed}
    assert any("the token t of 127.0.0.1:" in one or "tokens that have keys of one file" in one for one in said), said
    rotated = [name for name, server in fleet.servers.items() if list(server.whm_tokens()) != ["t"]]
    # Of two that ask at the same time through different paths the first may win.
    assert len(rotated) <= int(link)
    assert run.status != 0
