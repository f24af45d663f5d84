# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No reader of what is delivered executes it, even if a secret were text that somebody else chose: a second line of defense."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultSecret
from ansible.playbook.task import Task
from ansible.template import Templar
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.content import content_of
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.merge import VAULT, merged
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.controller import Controller
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.vault import SINK

from tests.support.blocks import all_blocks
from tests.support.paths import REPOSITORY
from tests.support.playbooks import run_playbook
from tests.support.server import Server

PASSWORD = "vault password"


def test_a_variables_file_holds_text_and_no_template(tmp_path: Path) -> None:
    secret = "{{ lookup('ansible.builtin.pipe', 'touch " + str(tmp_path / "executed") + "') }}"
    loader = DataLoader()
    loader.set_vault_secrets([("default", VaultSecret(PASSWORD.encode()))])
    controller = Controller(loader, Templar(loader), lambda folder, name: name, {}, Task(), {})
    (tmp_path / "password").write_text(PASSWORD)
    (tmp_path / "token.yml").write_bytes(SINK.content({"key": "whm_token", "path": "~/token.yml"}, secret, controller))
    play = {
        "vars_files": ["token.yml"],
        "tasks": [{"name": "Use", "ansible.builtin.debug": {"msg": "{{ whm_token }}"}}],
    }
    run = run_playbook(play, tmp_path, {}, ("--vault-password-file", str(tmp_path / "password")))
    assert run["Use"].msg == secret
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    "value",
    [
        *(
            "2087",
            "0777",
            "1_000",
            "-1.5",
            "1e+5",
            ".inf",
            "-.INF",
            ".NaN",
            "0x1F",
            "0b11",
            "12:30:45",
            "",
            "~",
            "=",
            "<<",
        )
    ]
    + [
        *(
            "2026-01-01",
            "2026-01-01T00:00:00Z",
            "2026-01-01 0:00:00.1 +02:00",
            "true",
            "No",
            "y",
            "null",
            "{{ 1 }}",
            "root",
        )
    ],
)
def test_a_variables_file_holds_text_whatever_it_looks_like(value: str) -> None:
    """Such as a port or an expiry beside the secret. Ansible guesses what a tagged value is."""
    read = DataLoader().load(merged(VAULT, b"", {"value": value}).decode(), file_name="/vault.yml")
    assert (read, isinstance(read["value"], str)) == ({"value": value}, True)


@pytest.mark.parametrize("secret", ["$(touch executed)", "`touch executed`", "a;touch executed", "it's", "a b"])
def test_a_shell_that_reads_an_env_file_executes_nothing(tmp_path: Path, secret: str) -> None:
    (tmp_path / "env").write_bytes(content_of("env", {"TOKEN": secret}))
    shell = subprocess.run(
        ["sh", "-c", '. ./env; printf %s "$TOKEN"'], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert not (tmp_path / "executed").exists()
    assert (shell.stdout, shell.stderr) == (secret, "")


def test_no_value_begins_another_line_of_an_env_file() -> None:
    with pytest.raises(InvalidOption, match=r"the value of TOKEN has characters that cannot be printed"):
        content_of("env", {"TOKEN": "A\nB=1"})


def test_a_secret_of_the_usual_form_stands_in_an_env_file_without_quotes() -> None:
    """Not every reader of such files takes quotes off: ``docker run --env-file`` does not."""
    assert content_of("env", {"TOKEN": "ABC-123_xyz"}) == b"TOKEN=ABC-123_xyz\n"


def recipe() -> str:
    """The script of docs/ci.md that calls the API with curl."""
    page = (REPOSITORY / "docs/ci.md").read_text(encoding="utf-8")
    (script,) = [block.text for block in all_blocks(page) if block.file == "deploy.sh"]
    return script


def called(server: Server, folder: Path, secret: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, **server.environment, "WHM_API_TOKEN": secret}
    return subprocess.run(
        ["sh", "-c", recipe()], cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_recipe_for_curl_calls_the_api(server: Server, tmp_path: Path) -> None:
    done = called(server, tmp_path, server.whm_token("t", acl="list-accts"))
    assert '"acct"' in done.stdout, done


def test_the_recipe_for_curl_gives_curl_no_options_from_the_secret(server: Server, tmp_path: Path) -> None:
    secret = f'x"\nurl = "https://127.0.0.1:{server.port}/"\ntrace-ascii = "{tmp_path}/executed'
    server.forget_counters()
    called(server, tmp_path, secret)
    assert not (tmp_path / "executed").exists()
    assert server.http_requests() <= 1
