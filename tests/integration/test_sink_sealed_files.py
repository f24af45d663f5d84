# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Vault files that several tokens share: the controller merges, and the host, a process of its own, writes what nobody else has changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultSecret
from ansible.playbook.task import Task
from ansible.template import Templar
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.evidence import Place
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks import sealed_files
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.controller import Controller
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.vault import SINK

from tests.support.delivering import NEW, OLD, step_of
from tests.support.rotating import variables_in

OPTIONS = {"path": "~/vault.yml"}
"""In the home folder of the consumer."""
THEIRS = "THEI" * 8
MANY = 300


class Vault:
    """A vault file on a host, and the controller's way to it. ``before_write`` is called before each write."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "vault.yml"
        loader = DataLoader()
        loader.set_vault_secrets([("default", VaultSecret(b"the password"))])
        self.controller = Controller(loader, Templar(loader), lambda folder, name: name, {}, Task(), {})
        self.before_write: Callable[[], None] = lambda: None
        self.sent: list[tuple[str, int]] = []
        self.files = sealed_files.SealedFiles(lambda _type: SINK, self.controller, self._execute)

    def _execute(self, step: str, sinks: list, copies: list) -> dict:
        if step != "check":
            self.before_write()
        self.sent.append((step, len(sinks)))
        return step_of(step, *sinks, copies=copies, environment={"HOME": str(self.folder)})

    def write(self, **variables: str) -> bytes:
        """What somebody else writes: some variables, beside those that are there."""
        before = SINK.opened(OPTIONS, self.path.read_bytes() if self.path.exists() else None, self.controller)
        options = {**OPTIONS, "values": variables}
        content = SINK.sealed(options, SINK.with_values(options, before, self.controller), None, self.controller)
        self.path.write_bytes(content)
        self.path.chmod(0o600)
        return content

    def held(self) -> dict:
        return variables_in(SINK.opened(OPTIONS, self.path.read_bytes(), self.controller))

    def sink(self, name: str, secret: str) -> dict:
        """A sink as it is before the delivery: its values are those that the file has now."""
        place = {"account": None, "name": f"t-{name}", "sink": 0, "host": "consumer1"}
        sink = {
            **place,
            "type": "vault",
            **OPTIONS,
            "key": name,
            "values": {name: secret},
            "token": secret,
        }
        content = self.path.read_bytes() if self.path.exists() else None
        return {**sink, "before": SINK.state(sink, SINK.opened(sink, content, self.controller))}


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path)


def once(action: Callable[[], object]) -> Callable[[], None]:
    """An action that is taken at the first call only."""
    left = [action]

    def take() -> None:
        if left:
            left.pop()()

    return take


def test_what_another_writer_adds_in_between_is_kept(vault: Vault) -> None:
    vault.write(a=OLD, other="x")
    sinks = [vault.sink("a", NEW), vault.sink("b", NEW[::-1])]
    vault.before_write = once(lambda: vault.write(other="y", more="z"))
    assert [each["ok"] for each in vault.files.deliver(sinks)] == [True, True]
    assert vault.held() == {"a": NEW, "other": "y", "more": "z", "b": NEW[::-1]}
    assert vault.sent == [("check", 1), ("deliver", 1)] * 2


@pytest.mark.parametrize(
    "other",
    [
        "x: .nan",
        "x: {y: [1, .NaN], .nan: z}",
        "x: !!set {.nan, y}",
        "x: &x [.inf, 2026-11-28, ~]\ny: *x",
        "x: !unsafe '{{ y }}'",
    ],
)
def test_a_file_is_a_sink_whatever_its_other_variables_are(vault: Vault, other: str) -> None:
    text = f"---\n{other}\na: {OLD}\n".encode()
    content = SINK.sealed(OPTIONS, text, None, vault.controller)
    vault.path.write_bytes(content)
    vault.path.chmod(0o600)
    try:
        SINK.refuse_other_content({**OPTIONS, "key": "a"}, content, vault.controller)
    except InvalidOption as error:
        pytest.fail(str(error))
    assert [each["ok"] for each in vault.files.deliver([vault.sink("a", NEW)])] == [True]
    held = SINK.opened(OPTIONS, vault.path.read_bytes(), vault.controller)
    assert held == text.replace(f"a: {OLD}".encode(), f'a: !unsafe "{NEW}"'.encode())


def test_our_own_variable_that_another_writer_sets_in_between_is_left_to_them(vault: Vault) -> None:
    """The other sink of the file gets its values all the same."""
    vault.write(a=OLD)
    sinks = [vault.sink("a", NEW), vault.sink("b", NEW[::-1])]
    vault.before_write = once(lambda: vault.write(a=THEIRS))
    first, second = vault.files.deliver(sinks)
    assert (first["ok"], first["taken_over"], first["unchanged"]) == (False, True, True)
    assert (second["ok"], second["after"]) == (True, SINK.wanted(sinks[1]))
    assert vault.held() == {"a": THEIRS, "b": NEW[::-1]}


def test_who_always_writes_in_between_stops_the_run_with_a_sentence(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed_files, "TRIES", 2)
    vault.write(a=OLD)
    sinks = [vault.sink("a", NEW)]
    numbers = iter(range(9))
    vault.before_write = lambda: vault.write(other=f"n{next(numbers)}") and None
    (told,) = vault.files.deliver(sinks)
    assert (told["ok"], told["unchanged"], vault.held()["a"]) == (False, True, OLD)
    assert told["msg"] == "path: others have written ~/vault.yml again and again, so it was left alone. Run again."


def test_what_another_writer_adds_before_a_rollback_is_kept(vault: Vault) -> None:
    before = vault.write(a=OLD)
    sinks = [vault.sink("a", NEW), vault.sink("b", NEW[::-1])]
    told = vault.files.deliver(sinks)
    sinks = [dict(sink, after=each["after"]) for sink, each in zip(sinks, told, strict=True)]
    vault.before_write = once(lambda: vault.write(more="z"))
    back = vault.files.restore(sinks, {Place.of(sink): before for sink in sinks})
    assert [each["restored"] for each in back] == [True, True]
    assert vault.held() == {"a": OLD, "more": "z"}


def test_the_sinks_of_many_accounts_are_encrypted_and_sent_once(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    encrypted = []
    sealed = SINK.sealed
    monkeypatch.setattr(SINK, "sealed", lambda *given: encrypted.append(1) or sealed(*given))
    sinks = [vault.sink(f"account{number}", f"{number:04}" * 8) for number in range(MANY)]
    told = vault.files.deliver(sinks)
    assert [each["name"] for each in told] == [sink["name"] for sink in sinks]
    assert [each.get("msg") for each in told if not each["ok"]] == []
    assert [each["after"] for each in told] == [SINK.wanted(sink) for sink in sinks]
    assert vault.held() == {name: value for sink in sinks for name, value in sink["values"].items()}
    assert (vault.sent, encrypted) == ([("check", 1), ("deliver", 1)], [1])
