# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Places that lost the live secret, or never had it, get a copy of it; without one that is proven the token rotates."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.playbooks import Run
from tests.support.rotating import Rotation, result_of, sentence_of, sink
from tests.support.server import Server

FORMATS: dict[str, dict] = {
    "raw": {},
    "env": {"key": "TOKEN"},
    "json": {"key": "token"},
    "yaml": {"key": "token"},
    "ini": {"key": "token"},
}
DEAD = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def rotation(server: Server, folder: Path, *sinks: dict, **token: object) -> Rotation:
    named = {"name": "backup", "expires_in": "90d", **({} if "account" in token else {"acls": ["list-accts"]})}
    return Rotation(server, folder, [{**named, **token, "sinks": list(sinks)}])


def holds(result: dict) -> list[str]:
    """What the places of the only token held."""
    return [place["holds"] for place in result["tokens"][0]["places"]]


def ages(server: Server) -> dict[str, int]:
    """When the tokens were created."""
    return {name: token["create_time"] for name, token in server.whm_tokens().items()}


def changes(run: Run) -> list[str]:
    return [task.name for task in run.tasks if task.changed]


@pytest.mark.parametrize("form", FORMATS)
def test_deleted_and_emptied_files_get_the_live_secret(server: Server, tmp_path: Path, form: str) -> None:
    files = [tmp_path / name for name in ("one", "two", "three")]
    play = rotation(server, tmp_path, *(sink(path, format=form, **FORMATS[form]) for path in files))
    play.rotated()
    content, tokens = files[0].read_bytes(), ages(server)
    files[1].unlink()
    files[2].write_bytes(b"")

    run = play.run()

    assert run.status == 0, run.output
    result = result_of(run)
    assert [path.read_bytes() for path in files] == [content] * 3
    told = f"backup: the file sink consumer1:{files[1]}, the file sink consumer1:{files[2]}"
    assert run["panelops.cpanel.rotate : Report which sinks got a copy of the live secret"].msg == [told]
    assert ages(server) == tokens
    (healed,) = result["healed"]
    assert (healed["reason"], healed["state"], holds(result)) == (
        "sink_missing",
        "fine",
        ["live", "missing", "missing"],
    )
    assert healed["healed"] == [f"the file sink consumer1:{path}" for path in files[1:]]
    again = play.run()
    assert (result_of(again)["healed"], changes(again), holds(result_of(again))) == ([], [], ["live"] * 3)


def test_a_key_of_a_file_with_other_things(server: Server, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    play = rotation(server, tmp_path, sink(one), sink(two, format="env", key="TOKEN", merge=True))
    two.write_bytes(b"# ours\nOTHER=1\n")
    two.chmod(0o600)
    play.rotated()
    two.write_bytes(b"# theirs\r\nOTHER=2\n")
    result = play.rotated()
    assert two.read_bytes() == b"# theirs\r\nOTHER=2\nTOKEN=" + one.read_bytes()
    assert holds(result) == ["live", "missing"]


def test_a_retired_and_a_dead_copy(server: Server, tmp_path: Path) -> None:
    """As a host has them that was restored from a backup."""
    files = [tmp_path / name for name in ("one", "two", "three")]
    play = rotation(server, tmp_path, *map(sink, files))
    play.rotated()
    old = files[0].read_bytes()
    play.rotated(force=True)
    new = files[0].read_bytes()
    files[0].write_bytes(old)
    files[1].write_text(DEAD + "\n")
    result = play.rotated()
    assert holds(result) == ["retired", "dead", "live"]
    assert result["healed"][0]["reason"] == "sink_stale"
    assert [path.read_bytes() for path in files] == [new] * 3
    assert server.whm_accepts(old.decode().strip()), "its overlap goes on"


def test_check_mode_says_what_a_run_does(server: Server, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    play = rotation(server, tmp_path, sink(one), sink(two))
    play.rotated()
    two.unlink()
    server.forget_counters()
    result = play.rotated("--check")
    (due,) = result["due"]
    assert (due["state"], due["reason"]) == ("healing", "sink_missing")
    assert due["detail"] == (f"the file sink consumer1:{two} holds no secret; the file sink consumer1:{one} has it")
    assert server.commits() == {}
    assert not two.exists()
    one.unlink()
    (due,) = play.rotated("--check")["due"]
    assert (due["state"], due["reason"]) == ("due", "sink_missing")
    assert server.commits() == {}


def test_without_a_place_that_holds_it_the_token_rotates(server: Server, tmp_path: Path) -> None:
    """Somebody who is not listed may hold the old one, so that works for longer. It ends in a failure if a place keeps nothing."""
    one, two = tmp_path / "one", tmp_path / "two"
    play = rotation(server, tmp_path, sink(one), sink(two))
    play.rotated()
    old = one.read_text().strip()
    for _turn in range(2):
        one.unlink()
        two.unlink()
        server.advance(60)
        run = play.run()
        assert run.status == 0, run.output
        assert result_of(run)["rotated"][0]["reason"] == "sink_missing"
        assert "Consumers that are not listed may need what it replaces." in " ".join(run.output.split())
        assert one.read_bytes() == two.read_bytes()
    server.advance(6 * 86400)
    assert server.whm_accepts(old)
    one.unlink()
    two.unlink()
    tokens = ages(server)
    run = play.run()
    assert "still work, for something there may not keep what it is given." in sentence_of(run)
    assert ages(server) == tokens
    assert not one.exists()


def test_the_live_secret_of_another_token_stays(server: Server, tmp_path: Path) -> None:
    """The other place is healed all the same."""
    files = [tmp_path / name for name in ("one", "two", "three")]
    play = rotation(server, tmp_path, *map(sink, files))
    play.rotated()
    other = server.whm_token("another")
    files[1].write_text(other + "\n")
    files[2].unlink()
    run = play.run()
    assert (
        f"the file sink consumer1:{files[1]}: it holds the secret of the token another, which is alive"
        in sentence_of(run)
    )
    assert (files[1].read_text(), files[2].read_bytes()) == (other + "\n", files[0].read_bytes())
    assert holds(result_of(run)) == ["live", "other", "missing"]


def test_a_file_with_other_things_stays(server: Server, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    play = rotation(server, tmp_path, sink(one), sink(two))
    play.rotated()
    two.write_text("a text of several words\n")
    run = play.run()
    assert "holds other things than a secret, which would be lost" in sentence_of(run)
    assert two.read_text() == "a text of several words\n"


def test_a_folder_that_is_gone_is_not_a_place_that_lost_its_secret(server: Server, tmp_path: Path) -> None:
    (tmp_path / "mounted").mkdir()
    files = [tmp_path / "one", tmp_path / "mounted" / "two", tmp_path / "three"]
    play = rotation(server, tmp_path, *map(sink, files))
    play.rotated()
    files[1].unlink()
    files[1].parent.rmdir()
    files[2].unlink()
    tokens = ages(server)
    run = play.run()
    assert f"there is no folder {files[1].parent}" in sentence_of(run)
    assert files[2].read_bytes() == files[0].read_bytes(), "what is certain is healed"
    assert ages(server) == tokens


@pytest.mark.parametrize("check", [(), ("--check",)])
def test_report(server: Server, tmp_path: Path, check: tuple) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    play = rotation(server, tmp_path, sink(one), sink(two))
    play.rotated()
    two.unlink()
    run = play.run(*check, repair="report")
    assert sentence_of(run).endswith(
        f"backup: the file sink consumer1:{two} holds no secret. Nothing was repaired, for rotate_repair is report."
    )
    assert not two.exists()
    assert changes(run) == []


def test_never(server: Server, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    play = rotation(server, tmp_path, sink(one), sink(two))
    play.rotated()
    two.unlink()
    result = play.rotated(repair="never")
    assert (result["healed"], result["due"], "places" in result["tokens"][0]) == ([], [], False)
    assert not two.exists()


def test_new_places_and_hosts(server: Server, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    rotation(server, tmp_path, sink(one)).rotated()
    (tmp_path / "password").write_text("the password\n")
    vault = {"type": "vault", "path": str(tmp_path / "vault.yml"), "key": "t"}
    play = rotation(server, tmp_path, sink(one), vault, sink(two, "consumer2"))
    tokens = ages(server)
    password = ("--vault-password-file", str(tmp_path / "password"))
    result = play.rotated(*password)
    assert holds(result) == ["live", "missing", "missing"]
    assert one.read_bytes() == two.read_bytes()
    assert holds(play.rotated(*password)) == ["live"] * 3
    assert ages(server) == tokens
    (tmp_path / "vault.yml").write_text("")
    assert holds(play.rotated(*password)) == ["live", "missing", "live"]
    assert holds(play.rotated(*password)) == ["live"] * 3


def test_a_token_that_waits_for_its_window_is_healed(server: Server, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    play = rotation(server, tmp_path, sink(one), sink(two), rotate_before="30d")
    play.rotated()
    server.advance(61 * 86400)
    two.unlink()
    now = server.now() % 86400 // 3600
    hours = f"{(now + 5) % 24:02}:00-{(now + 8) % 24:02}:00"
    result = play.rotated(window={"hours": hours})
    assert result["waiting"][0]["healed"] == [f"the file sink consumer1:{two}"]
    assert one.read_bytes() == two.read_bytes()


def test_handlers_of_what_was_healed(server: Server, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    play = rotation(server, tmp_path, sink(one), sink(two, "consumer2"), notify=["Reload"])
    reload = {"name": "Reload", "ansible.builtin.debug": {"msg": "{{ rotate_consumers['Reload'] }}"}}
    play.play["handlers"] = [reload]
    play.rotated()
    two.unlink()
    run = play.run()
    assert run["Reload"].msg == ["consumer2"]


class TestCpanelAccounts:
    """Whose secrets have no names."""

    def play(self, server: Server, folder: Path, count: int = 2) -> tuple[Rotation, list[Path]]:
        files = [folder / f"file{number}" for number in range(count)]
        play = rotation(server, folder, *map(sink, files), account="alice")
        play.rotated()
        return play, files

    def test_the_only_token_is_proven(self, server: Server, tmp_path: Path) -> None:
        play, files = self.play(server, tmp_path)
        tokens = server.uapi_tokens()
        files[1].unlink()
        assert holds(play.rotated()) == ["live", "missing"]
        assert files[0].read_bytes() == files[1].read_bytes()
        assert server.uapi_tokens().keys() == tokens.keys()

    def test_a_planted_secret_is_never_copied(self, server: Server, tmp_path: Path) -> None:
        """Another live token of the account at one place: nobody can say which of the two is the live one's."""
        play, files = self.play(server, tmp_path, 3)
        planted = server.uapi_token("planted")
        files[0].write_text(planted + "\n")
        files[2].unlink()
        result = play.rotated()
        assert (holds(result), result["healed"]) == (["unproven", "unproven", "missing"], [])
        assert result["rotated"][0]["reason"] == "sink_missing"
        contents = {path.read_text() for path in files}
        assert len(contents) == 1
        assert planted not in contents.pop()

    def test_equal_copies_are_fine(self, server: Server, tmp_path: Path) -> None:
        play, _files = self.play(server, tmp_path)
        server.uapi_token("another")
        run = play.run()
        assert (holds(result_of(run)), changes(run)) == (["unproven"] * 2, [])

    def test_a_suspended_account(self, server: Server, tmp_path: Path) -> None:
        play, files = self.play(server, tmp_path)
        server.whm_ok("suspendacct", user="alice")
        tokens = {path: path.read_bytes() for path in files}
        run = play.run()
        assert "the account is suspended, so no secret of it works" in sentence_of(run)
        assert {path: path.read_bytes() for path in files} == tokens

    def test_no_more_than_five_refused_secrets_are_tried(self, server: Server, tmp_path: Path) -> None:
        play, files = self.play(server, tmp_path, 8)
        for number, path in enumerate(files):
            path.write_text(f"{DEAD[:-1]}{number}\n")
        run = play.run()
        assert holds(result_of(run)) == ["dead"] * 5 + ["unknown"] * 3
        assert "5 secrets were refused, and no more are tried in this run" in sentence_of(run)

    def test_the_retired_token_lives_while_a_place_is_unknown(self, server: Server, tmp_path: Path) -> None:
        (tmp_path / "mounted").mkdir()
        files = [tmp_path / "one", tmp_path / "mounted" / "two"]
        play = rotation(server, tmp_path, *map(sink, files), account="alice")
        play.rotated()
        play.rotated(force=True)
        (old,) = server.uapi_tokens().keys() - {"backup"}
        files[1].rename(tmp_path / "kept")
        files[1].parent.rmdir()
        for days, works in ((2, True), (4, True), (2, False)):
            server.advance(days * 86400)
            assert play.run().status != 0
            assert (old in server.uapi_tokens()) is works

    def test_the_retired_token_ends_when_all_places_have_the_live_one(self, server: Server, tmp_path: Path) -> None:
        play, files = self.play(server, tmp_path)
        old = files[0].read_text().strip()
        play.rotated(force=True)
        server.advance(86500)
        result = play.rotated()
        assert not server.uapi_accepts(old)
        assert len(result["tokens"][0]["retired"]) == 1

    def test_the_same_retired_secret_everywhere(self, server: Server, tmp_path: Path) -> None:
        """As after a restore. Nobody's secret ends before there is another one."""
        play, files = self.play(server, tmp_path)
        old = files[0].read_text().strip()
        play.rotated(force=True)
        for path in files:
            path.write_text(old + "\n")
        server.advance(86500)
        result = play.rotated()
        assert (holds(result), result["rotated"][0]["reason"]) == (["retired"] * 2, "sink_stale")
        assert server.uapi_accepts(old), "it goes on for those who hold it"
        assert files[0].read_bytes() == files[1].read_bytes() != f"{old}\n".encode()
