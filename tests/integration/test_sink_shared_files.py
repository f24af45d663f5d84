# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role with several tokens in one file: an Ansible Vault, and a file with other things. One token of three fails."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support.rotating import Rotation, result_of, sink, variables_in
from tests.support.server import Server

OTHERS = "---\n# theirs\nother: '{{ a }}'\nlist:\n- 1\n"
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
            {"type": "vault", "path": str(vault), "keys": {f"{name}_token": "secret", f"{name}_user": "username"}},
            sink(ini, format="ini", section="cpanel", merge=True, key=f"{name}_token"),
        ]
        return {"name": name, "acls": ["list-accts"], "sinks": sinks, **more}

    first = Rotation(server, tmp_path, [token("a"), token("c")]).run(*options)
    assert len(result_of(first)["rotated"]) == 2, first.output
    old_text, old_ini = view(), ini.read_bytes().decode()
    assert old_text.startswith(OTHERS)
    assert old_ini.startswith(INI)
    # No consumer has the address that may use the third from now on.
    tokens = [token("a"), token("b"), token("c", whitelist_ips=["192.0.2.1"])]
    run = Rotation(server, tmp_path, tokens).run(*options)
    assert [each["name"] for each in result_of(run)["rotated"]] == ["b"], run.output
    assert [each["name"] for each in result_of(run)["failed"]] == ["c"]
    text = view()
    assert text.startswith(old_text)
    read = variables_in(text[len(OTHERS) :])
    assert list(read) == ["a_token", "a_user", "c_token", "c_user", "b_token", "b_user"]
    assert all(server.whm_accepts(read[f"{name}_token"]) for name in "abc")
    assert ini.read_bytes().decode() == f"{old_ini}b_token: {read['b_token']}\r\n"
    # A token of its own for the whole file is refused, and so is one for a key that is taken.
    whole = {"name": "d", "acls": ["list-accts"], "sinks": [sink(ini)]}
    assert "is listed more than once" in Rotation(server, tmp_path, [token("a"), whole]).run(*options).output
