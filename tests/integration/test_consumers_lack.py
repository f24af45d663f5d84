# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a consumer's host does not have: it needs no library, and what it does need is found before anything is staged."""

from __future__ import annotations

from pathlib import Path

import pytest
from requests.certs import where

from tests.support.pythons import TARGETS, interpreter
from tests.support.rotating import Rotation, inventory, result_of, sentence_of, sink
from tests.support.server import Server

WITHOUT_REQUESTS = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("requests", "urllib3"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Refuse())
"""


def token(*sinks: dict, **options: object) -> dict:
    return {"name": "t", "acls": ["list-accts"], "sinks": list(sinks), **options}


def test_a_consumer_without_requests(server: Server, tmp_path: Path) -> None:
    """Its address decides, as that of any consumer."""
    inventory(tmp_path, at_start=WITHOUT_REQUESTS)
    wish = token(sink(tmp_path / "copy"), verify_from=["consumer2"], whitelist_ips=["127.0.0.1", "127.0.0.2"])
    said = sentence_of(Rotation(server, tmp_path, [wish]).run())
    assert "does not accept the new token from consumer2. Is the address" in said
    wish["whitelist_ips"].append("127.0.0.3")
    result = Rotation(server, tmp_path, [wish]).rotated()
    assert [each["name"] for each in result["rotated"]] == ["t"]
    assert server.whm_accepts((tmp_path / "copy").read_text().strip(), source="127.0.0.2")


@pytest.mark.parametrize("version", [TARGETS[0], TARGETS[-1]])
def test_a_consumer_with_nothing_but_a_python(server: Server, tmp_path: Path, version: str) -> None:
    """The oldest and the newest that the modules run on, with their own certificates and sockets."""
    python = interpreter(version)
    if python is None:
        pytest.skip(f"there is no Python {version} on this machine")
    hosts = tmp_path / "plain.ini"
    hosts.write_text(f"plain ansible_connection=local ansible_python_interpreter={python}\n")
    wish = token(sink(tmp_path / "copy", host="plain"))
    run = Rotation(server, tmp_path, [wish]).run("-i", str(hosts))
    assert run.status == 0, run.output
    assert server.whm_accepts((tmp_path / "copy").read_text().strip())
    # The authorities of the public web.
    untrusted = Rotation(server, tmp_path, [wish], {"verify": {"ca_path": where()}, "force": True})
    said = sentence_of(untrusted.run("-i", str(hosts)))
    assert (
        f"The new token could not be tried from plain: The TLS certificate of 127.0.0.1:{server.port} is not trusted"
        in said
    )


def lacking(folder: Path) -> dict[str, tuple[dict, dict, str]]:
    """The options of the token, of the role, and the sentence."""
    file = sink(folder / "copy")
    no_pem, missing = folder / "no.pem", folder / "missing.pem"
    no_pem.write_text("This is no certificate.\n")
    return {
        "missing": (
            token(file),
            {"verify": {"ca_path": str(missing)}},
            f"ca_path: there is no file {missing} on the host that connects to the server.",
        ),
        "no PEM file": (
            token(file),
            {"verify": {"ca_path": str(no_pem)}},
            f"ca_path: {no_pem} is not a PEM file that can be read. Give a file with the certificate authorities to trust.",
        ),
        "missing where it is only tried": (
            token({"type": "tasks", "tasks": "own.yml"}, verify_from=["consumer2"]),
            {"verify": {"ca_path": str(missing)}},
            f"verifying from consumer2: ca_path: there is no file {missing} on the host that connects to the server.",
        ),
        "owner": (
            token(sink(folder / "copy", owner="nosuch")),
            {},
            "cannot be set: there is no user nosuch on this host, which owner names. Create it, or name another one.",
        ),
        "group": (
            token(sink(folder / "copy", group="nosuch")),
            {},
            "cannot be set: there is no group nosuch on this host, which group names. Create it, or name another one.",
        ),
    }


@pytest.mark.parametrize("case", ["missing", "no PEM file", "missing where it is only tried", "owner", "group"])
def test_it_is_found_before_anything_is_staged(server: Server, tmp_path: Path, case: str) -> None:
    (tmp_path / "own.yml").write_text("- name: Nothing\n  ansible.builtin.meta: noop\n")
    wish, variables, sentence = lacking(tmp_path)[case]
    made = Rotation(server, tmp_path, [wish], variables).run()
    said = sentence_of(made)
    assert sentence in said
    assert "Nothing was changed." in said
    assert server.commits() == {}
    assert result_of(made)["failed"]


@pytest.mark.parametrize("kind", ["file", "vault"])
@pytest.mark.parametrize("path", ["copy", "$HOME/copy", "./copy"])
def test_a_relative_path_is_refused_before_the_first_call(server: Server, tmp_path: Path, kind: str, path: str) -> None:
    place = {"type": kind, "hosts": ["consumer1"], "path": path} | ({"key": "k"} if kind == "vault" else {})
    said = sentence_of(Rotation(server, tmp_path, [token(place)]).run())
    assert said == (
        f"tokens[0] (t): sinks[0]: path: {path} is not absolute. "
        "Begin it with / (or with ~, the home folder on the consumer)."
    )
    assert server.http_requests() == 0


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"path": "mm"}, {"path": "/mm"}),
        ({"path": "mm/a"}, {"path": "mm//a/"}),
        ({"path": "mm", "engine_mount_point": "secret"}, {"path": "mm", "engine_mount_point": "/secret/"}),
    ],
)
def test_one_place_of_hashi_vault_in_two_spellings(server: Server, tmp_path: Path, first: dict, second: dict) -> None:
    tokens = [
        token({"type": "hashi_vault", "key": "k", **one}, name=name) for name, one in (("a", first), ("b", second))
    ]
    environment = {"VAULT_ADDR": "http://127.0.0.1:1", "VAULT_TOKEN": "any"}
    said = sentence_of(Rotation(server, tmp_path, tokens).run(environment=environment))
    assert (
        said
        == f"sinks: the key k of secret/{first['path']} is listed more than once. Give each token a key of its own."
    )
    assert server.http_requests() == 0


def test_one_file_in_two_spellings(server: Server, tmp_path: Path) -> None:
    tokens = [token(sink(Path("/x/y")), name="a"), token({**sink(Path("/x/y")), "path": "//x/./y"}, name="b")]
    said = sentence_of(Rotation(server, tmp_path, tokens).run())
    assert said == "sinks: consumer1:/x/y is listed more than once. Give each token a file of its own."
    assert server.http_requests() == 0
