# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which vault password a sink of the type vault is encrypted with: whoever holds that password alone can read the only copy."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.playbooks import Run
from tests.support.rotating import Rotation, result_of, sentence_of, variables_in
from tests.support.server import Server

PROD = {"ANSIBLE_VAULT_ENCRYPT_IDENTITY": "prod"}
MATCH = {"ANSIBLE_VAULT_ID_MATCH": "1"}


def ids(folder: Path, *names: str) -> tuple[str, ...]:
    """The options that give a run these vault ids, each with a password of its own."""
    options = []
    for name in names:
        (folder / f"password-{name}").write_text(f"the password {name}\n")
        options += ["--vault-id", f"{name}@{folder}/password-{name}"]
    return tuple(options)


def rotate(server: Server, folder: Path, *options: str, environment: dict | None = None, **sink: str) -> Run:
    vault = {"type": "vault", "path": str(folder / "vault.yml"), "key": "whm_token", **sink}
    token = {"name": "t", "acls": ["list-accts"], "sinks": [vault]}
    return Rotation(server, folder, [token], {"force": True}).run(*options, environment=environment)


def secret_in(folder: Path, name: str) -> str:
    """What a holder of that password alone can read."""
    command = ["ansible-vault", "view", *ids(folder, name), str(folder / "vault.yml")]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert shown.returncode == 0, shown.stderr
    return variables_in(shown.stdout)["whm_token"]


@pytest.mark.parametrize(
    ("names", "environment", "sink", "encrypts"),
    [
        (("dev", "prod"), PROD, {}, "prod"),
        (("dev", "prod"), PROD, {"vault_id": "dev"}, "dev"),
        (("dev", "prod"), MATCH, {"vault_id": "prod"}, "prod"),
        (("prod",), {}, {}, "prod"),
        (("prod",), MATCH, {}, "prod"),
    ],
)
def test_it_is_encrypted_with_the_id_that_is_meant_and_says_so(
    server: Server, tmp_path: Path, names: tuple, environment: dict, sink: dict, encrypts: str
) -> None:
    for _turn in range(2):
        run = rotate(server, tmp_path, *ids(tmp_path, *names), environment=environment, **sink)
        assert run.status == 0, run.output
        assert len(result_of(run)["rotated"]) == 1
        head = (tmp_path / "vault.yml").read_text().splitlines()[0]
        assert head == f"$ANSIBLE_VAULT;1.2;AES256;{encrypts}"
        assert server.whm_accepts(secret_in(tmp_path, encrypts))


REFUSED = {
    "two ids and no choice": (
        ("dev", "prod"),
        {},
        {},
        "vault_id: is not given, and the run has several vault IDs: dev, prod. "
        "Name the one whose password the file's readers have, or set ANSIBLE_VAULT_ENCRYPT_IDENTITY.",
    ),
    "an id that the run does not have": (
        ("dev",),
        {},
        {"vault_id": "prod"},
        "vault_id: the run has no password for the vault ID prod, only for dev. Give it one with --vault-id prod@FILE.",
    ),
    "an encrypt identity that the run does not have": (
        ("dev",),
        PROD,
        {},
        "ANSIBLE_VAULT_ENCRYPT_IDENTITY: the run has no password for the vault ID prod, only for dev. "
        "Give it one with --vault-id prod@FILE.",
    ),
    "no password": (
        (),
        {},
        {},
        "type: vault needs a vault password. Give the run one, with --vault-password-file or --vault-id.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_clear_is_refused_before_anything_is_created(server: Server, tmp_path: Path, case: str) -> None:
    names, environment, sink, sentence = REFUSED[case]
    run = rotate(server, tmp_path, *ids(tmp_path, *names), environment=environment, **sink)
    assert sentence in sentence_of(run)
    assert server.commits() == {}
    assert not (tmp_path / "vault.yml").exists()


def test_what_the_run_itself_cannot_decrypt_is_not_put_in_place(server: Server, tmp_path: Path) -> None:
    """A label with a semicolon is no label when it is read: with ANSIBLE_VAULT_ID_MATCH nothing decrypts the file."""
    environment = {**MATCH, "ANSIBLE_VAULT_ENCRYPT_IDENTITY": "a;b"}
    run = rotate(server, tmp_path, *ids(tmp_path, "a;b"), environment=environment)
    assert "the run cannot decrypt what it has encrypted with the vault ID a;b" in sentence_of(run)
    assert server.commits() == {}
    assert not (tmp_path / "vault.yml").exists()
