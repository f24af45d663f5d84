# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role with several tokens in one file: an Ansible Vault, and a file with other things. One token of three fails; two runs at once."""

from __future__ import annotations

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.support.rotating import Rotation, result_of, sink, variables_in
from tests.support.server import Server

OTHERS = "---\n# theirs\nother: '{{ a }}'\nlist:\n- 1\n"
PAIRS = int(os.environ.get("SHARED_FILES_PAIRS", "3"))
"""How many pairs of runs are started at once."""
INI = "; theirs\r\n[db]\r\nhost = db1\r\n\r\n[cpanel]\r\nport: 1\r\n"


def test_tokens_share_a_vault_and_a_file_and_one_that_fails_is_put_back(server: Server, tmp_path: Path) -> None:
    password, vault, ini = tmp_path / "password", tmp_path / "vault.yml", tmp_path / "app.ini"
    password.write_text("the password\n")
    options = ("--vault-password-file", str(password))
    vault.write_text(OTHERS)
    subprocess.run(["ansible-vault", "encrypt", *options, str(vault)], check=True, capture_output=True, timeout=60)
    vault.chmod(0o600)
    ini.write_bytes(INI.encode())
    ini.chmod(0o600)

    def view() -> str:
        command = ["ansible-vault", "view", *options, str(vault)]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout

    def token(name: str, **more: object) -> dict:
        sinks = [
            {"type": "vault", "path": str(vault), "keys": {f"{name}_token": "secret", f"{name}_port": "port"}},
            sink(ini, format="ini", section="cpanel", merge=True, key=f"{name}_token"),
        ]
        return {"name": name, "acls": ["list-accts"], "sinks": sinks, **more}

    # Files in the home folder of the consumer, each with several values of one token.
    keys = {"token": "secret", "user": "username"}
    for form, text in (("json", '{"theirs": [1],\n "token": ""}\n'), ("yaml", "# theirs\nuser: x # who\n")):
        (tmp_path / f"app.{form}").write_text(text)
        (tmp_path / f"app.{form}").chmod(0o600)
    home = [sink(Path(f"~/app.{form}"), format=form, merge=True, keys=keys) for form in ("json", "yaml")]
    b = token("b")
    b["sinks"] += home

    first = Rotation(server, tmp_path, [token("a"), token("c")]).run(*options)
    assert len(result_of(first)["rotated"]) == 2, first.output
    old_text, old_ini = view(), ini.read_bytes().decode()
    assert old_text.startswith(OTHERS)
    assert old_ini.startswith(INI)
    # No consumer has the address that may use the third from now on.
    tokens = [token("a"), b, token("c", whitelist_ips=["192.0.2.1"])]
    run = Rotation(server, tmp_path, tokens).run(*options, environment={"HOME": str(tmp_path)})
    assert [each["name"] for each in result_of(run)["rotated"]] == ["b"], run.output
    assert [each["name"] for each in result_of(run)["failed"]] == ["c"]
    text = view()
    assert text.startswith(old_text)
    read = variables_in(text[len(OTHERS) :])
    assert list(read) == ["a_token", "a_port", "c_token", "c_port", "b_token", "b_port"]
    assert all(server.whm_accepts(read[f"{name}_token"]) for name in "abc")
    assert ini.read_bytes().decode() == f"{old_ini}b_token: {read['b_token']}\r\n"
    secret = read["b_token"]
    assert (tmp_path / "app.json").read_text() == f'{{"theirs": [1],\n "token": "{secret}",\n "user": "root"}}\n'
    assert (tmp_path / "app.yaml").read_text() == f'# theirs\nuser: "root" # who\ntoken: "{secret}"\n'
    # A token of its own for the whole file is refused, and so is one for a key that is taken.
    whole = {"name": "d", "acls": ["list-accts"], "sinks": [sink(ini)]}
    assert "is listed more than once" in Rotation(server, tmp_path, [token("a"), whole]).run(*options).output


def test_two_runs_at_once_both_end_right_in_one_vault_and_one_file(server: Server, tmp_path: Path) -> None:
    """Each has a token of its own. Whichever writes later finds the keys of the other and keeps them."""
    password, vault, ini = tmp_path / "password", tmp_path / "vault.yml", tmp_path / "app.ini"
    password.write_text("the password\n")
    options = ("--vault-password-file", str(password))
    ini.write_bytes(INI.encode())
    ini.chmod(0o600)

    def rotation(name: str) -> Rotation:
        (tmp_path / name).mkdir()
        sinks = [
            {"type": "vault", "path": str(vault), "key": name},
            sink(ini, format="ini", section="cpanel", merge=True, key=name),
        ]
        return Rotation(
            server, tmp_path / name, [{"name": name, "acls": ["list-accts"], "sinks": sinks}], {"force": True}
        )

    rotations = [rotation(name) for name in ("a", "b")]
    seen: set[str] = set()
    for _pair in range(PAIRS):
        with ThreadPoolExecutor(2) as both:
            assert all(len(each["rotated"]) == 1 for each in both.map(lambda one: one.rotated(*options), rotations))
        command = ["ansible-vault", "view", *options, str(vault)]
        text = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
        held = variables_in(text)
        lines = ini.read_bytes().decode().removeprefix(INI).splitlines()
        assert sorted(lines) == [f"{name}: {held[name]}" for name in ("a", "b")]
        assert ini.read_bytes().decode().startswith(INI)
        assert all(server.whm_accepts(secret) for secret in held.values())
        assert not seen & set(held.values())
        seen |= set(held.values())
