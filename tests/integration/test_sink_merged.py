# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sinks that set keys of a file that holds other things: steps on the consumer's host as processes of their own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.delivering import NEW, OLD, PLACE, step_of
from tests.support.processes import result_of, start

BEFORE = f"# ours\r\nA='x'\r\nexport KEY='{OLD}' # c\r\nB=2".encode()
AFTER = BEFORE.replace(OLD.encode(), NEW.encode())


def sink_of(path: Path, key: str = "KEY", secret: str = NEW, **more: Any) -> dict:
    """A merged sink of an env file."""
    values = {"values": {key: secret}, "token": secret} if secret else {}
    named = {**PLACE, "type": "file", "path": str(path), "format": "env", "recognize": "env", "merge": True, "key": key}
    return {**named, "name": f"t-{key}", **values, **more}


def both(name: str, *sinks: dict, previous: list | None = None) -> dict:
    return step_of(name, *sinks, copies=previous or [])


def make(path: Path, content: bytes = BEFORE) -> Path:
    path.write_bytes(content)
    path.chmod(0o600)
    return path


def test_two_sinks_of_a_run_set_their_keys_in_one_file_and_put_them_back(tmp_path: Path) -> None:
    path = make(tmp_path / ".env")
    sinks = [sink_of(path), sink_of(tmp_path / "." / ".env", "OTHER", "OTHE" * 8)]
    checked = both("check", *sinks)
    assert [each["ok"] for each in checked["sinks"]] == [True, True], checked
    sinks = [dict(sink, before=seen["before"]) for sink, seen in zip(sinks, checked["sinks"], strict=True)]
    delivered = both("deliver", *sinks)
    assert [each["ok"] for each in delivered["sinks"]] == [True, True], delivered
    assert path.read_bytes() == AFTER + b"\r\nOTHER=" + b"OTHE" * 8
    # The same again under another name of this host: delivered already.
    assert [each["ok"] for each in both("deliver", *sinks)["sinks"]] == [True, True]
    sinks = [dict(sink, after=told["after"]) for sink, told in zip(sinks, delivered["sinks"], strict=True)]
    path.write_bytes(b"# new\r\n" + path.read_bytes())
    restored = both("restore", *sinks, previous=checked["copies"])
    assert [each["restored"] for each in restored["sinks"]] == [True, True]
    assert path.read_bytes() == b"# new\r\n" + BEFORE
    assert path.stat().st_mode & 0o777 == 0o600


def test_another_key_may_change_between_check_and_deliver_and_our_own_may_not(tmp_path: Path) -> None:
    path = make(tmp_path / ".env")
    before = both("check", sink_of(path))["sinks"][0]["before"]
    make(path, BEFORE.replace(b"B=2", b"B=3\r\nC=4\r\n"))
    assert both("deliver", sink_of(path, before=before))["sinks"][0]["ok"]
    assert path.read_bytes() == AFTER.replace(b"B=2", b"B=3\r\nC=4\r\n")
    make(path, BEFORE.replace(OLD.encode(), b"THEI" * 8))
    told = both("deliver", sink_of(path, before=before))["sinks"][0]
    assert (told["ok"], told["taken_over"], told["unchanged"]) == (False, True, True)
    assert path.read_bytes() == BEFORE.replace(OLD.encode(), b"THEI" * 8)


def test_other_values_than_the_secret_do_not_hide_what_a_result_says(tmp_path: Path) -> None:
    """The user of the token is also its account, by which the result names the sink, and stands in its path."""
    path = make(tmp_path / "alice.env")
    sink = dict(sink_of(path), account="alice", keys={"KEY": "secret", "USER": "username"})
    before = both("check", sink)["sinks"][0]["before"]
    delivered = both("deliver", dict(sink, before=before, values={"KEY": NEW, "USER": "alice"}))
    (told,) = delivered["sinks"]
    assert (told["ok"], told["account"]) == (True, "alice"), told
    assert delivered["invocation"]["module_args"]["sinks"][0]["path"] == str(path)
    assert NEW not in str(delivered)
    assert path.read_bytes() == AFTER + b"\r\nUSER=alice"


def test_a_file_that_a_run_makes_goes_again_with_its_last_key(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    sinks = [sink_of(path), sink_of(path, "OTHER", "OTHE" * 8)]
    checked = both("check", *sinks)["sinks"]
    delivered = both(
        "deliver", *(dict(sink, before=seen["before"]) for sink, seen in zip(sinks, checked, strict=True))
    )["sinks"]
    assert path.read_bytes() == f"KEY={NEW}\nOTHER={'OTHE' * 8}\n".encode()
    sinks = [dict(sink, after=told["after"]) for sink, told in zip(sinks, delivered, strict=True)]
    both("restore", sinks[0])
    assert path.read_bytes() == f"OTHER={'OTHE' * 8}\n".encode()
    both("restore", sinks[1])
    assert not path.exists()


@pytest.mark.parametrize(
    ("content", "more", "why"),
    [
        (b"KEY='two words'\n", {}, "no secret, and would be lost"),
        (b"KEY=a\nKEY=b\n", {}, "more than once"),
        (b"A='open\n", {}, "quote is not closed"),
        (b"KEY=()\n", {}, "Write KEY=VALUE on a line of its own."),
        (b"; KEY=put-it-here\n", {}, "Remove that line, or begin it with #."),
        (b"cat <<EOF\nKEY=x\nEOF\n", {}, "here-document"),
        (b"KEY=x; DB_PASSWORD=only-copy\n", {"merge": False}, "use merge: true to set keys of this one"),
        (b"KEY=x\n# a note\n", {"merge": False}, "holds other things than KEY, which would be lost"),
    ],
)
def test_what_would_be_lost_or_cannot_be_edited_is_refused_at_the_check(
    tmp_path: Path, content: bytes, more: dict, why: str
) -> None:
    path = make(tmp_path / ".env", content)
    told = both("check", sink_of(path, **more))["sinks"][0]
    assert not told["ok"]
    assert why in told["msg"]
    assert path.read_bytes() == content


def test_a_large_file_is_checked_whose_result_is_longer_than_a_pipe(tmp_path: Path) -> None:
    """The result has the file as it was, for a rollback."""
    path = make(tmp_path / ".env", b"# a comment line of some forty characters\n" * 20000 + b"KEY=\n")
    checked = both("check", sink_of(path))
    assert checked["sinks"][0]["ok"], checked["sinks"]
    assert len(checked["copies"][0]["previous"]) > path.stat().st_size


def test_a_file_is_not_shared_by_sinks_with_one_key_or_with_one_that_writes_all_of_it(tmp_path: Path) -> None:
    path = make(tmp_path / ".env")
    whole = {**PLACE, "type": "file", "path": str(path), "format": "env", "recognize": "env", "key": "OTHER"}
    for other, why in ((sink_of(path, name="u"), "keys of its own"), (whole, "a file of its own")):
        told = both("check", sink_of(path), other)["sinks"]
        assert [each["ok"] for each in told] == [False, False]
        assert all(why in each["msg"] for each in told)


def test_others_that_could_read_a_file_do_not_get_the_first_secret(tmp_path: Path) -> None:
    path = make(tmp_path / ".env", b"A=1\n")
    path.chmod(0o644)
    assert "holds no secret yet" in both("check", sink_of(path))["sinks"][0]["msg"]
    assert both("check", sink_of(path, mode="0640"))["sinks"][0]["ok"]


def test_two_runs_at_once_both_end_right(tmp_path: Path) -> None:
    """Each has a key of its own; ten times, both begun before either is waited for."""
    path = make(tmp_path / ".env")
    sinks = [sink_of(path), sink_of(path, "OTHER", "OTHE" * 8)]
    checked = both("check", *sinks)["sinks"]
    orders = [dict(sink, before=seen["before"]) for sink, seen in zip(sinks, checked, strict=True)]
    for _number in range(10):
        make(path)
        runs = [start("api_token_delivery", {}, {"step": "deliver", "sinks": [order]}, "", ()) for order in orders]
        assert [result_of(run)["sinks"][0]["ok"] for run in runs] == [True, True]
        assert path.read_bytes() == AFTER + b"\r\nOTHER=" + b"OTHE" * 8
        assert os.listdir(tmp_path) == [path.name]
