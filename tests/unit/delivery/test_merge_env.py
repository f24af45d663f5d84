# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which line of an env file is the one that gives a name its value, for every reader; and how long it takes to find it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.merge import merged, restored, values_in
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption

NEW = "NEW1" * 8


def refusal(content: bytes) -> str:
    """Return why the name cannot be set in a text; empty if it can."""
    try:
        merged("env", content, {"KEY": NEW})
    except InvalidOption as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    "behind", ["()", "(a)", "<>", ";", "&", "|", "x;", "x ;", "'x'; ", "x&", "x|y", "x)", "x >y", "x y"]
)
def test_nothing_but_a_comment_stands_behind_the_value(behind: str) -> None:
    assert refusal(f"A=1\nKEY={behind}\n".encode()) == (
        "merge: the file cannot be edited safely: the line with KEY is not KEY=VALUE alone. Write KEY=VALUE on a line of its own."
    )


@pytest.mark.parametrize(
    "before",
    ["(", ">", "<", "&", "|", "A=1 ", "declare ", "readonly ", "export -n ", "export A=1 ", "then ", "export\\\n"],
)
def test_nothing_but_export_stands_before_the_name(before: str) -> None:
    assert refusal(f"A=1\n{before}KEY=x\n".encode()).startswith("merge: the file cannot be edited safely: ")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"; KEY=put-it-here\nA=1\n", "begins with a semicolon"),
        (b"  ;KEY = x\nKEY=y\n", "begins with a semicolon"),
        (b"; set KEY=x below\nKEY=y\n", "begins with a semicolon"),
        (b"cat <<EOF\nKEY=x\nEOF\n", "here-document"),
        (b"KEY=x\ncat >y <<-'EOF'\nKEY=z\nEOF\n", "here-document"),
        (b": <<EOF\nA=1\n", "here-document"),
        (b"(\nKEY=x\n)\n", "inside brackets or a block"),
        (b"A=(\nKEY=x\n)\n", "inside brackets or a block"),
        (b"f() {\nKEY=x\n}\n", "inside brackets or a block"),
        (b"function f {\nKEY=x\n}\n", "inside brackets or a block"),
        (b"if false; then\n  KEY=x\nfi\n", "inside brackets or a block"),
        (b"case $1 in\na)\nKEY=x\n;;\nesac\n", "inside brackets or a block"),
        (b"for a in b; do\nif c; then d; fi\nKEY=x\ndone\n", "inside brackets or a block"),
        (b"A=(\n", "not closed"),
        (b"# a \\\nKEY=x\n", "backslash, after which some readers skip a line"),
        (b"A=1 # a \\\r\nKEY=x\r\n", "backslash, after which some readers skip a line"),
        (b"A=1\n# a \\\n", "last line ends with a backslash"),
        (b"A=1\n# a \\", "last line ends with a backslash"),
        (b"A=$'\\'\nKEY=x\n'\n", "inside a value of several lines"),
        (b"A=1 \\\nKEY=x\n", "inside a value of several lines"),
        (b"A=it\\", "the last line goes on"),
        (b"A=it\\\n", "the last line goes on"),
        ("KEY=a\u00a0b\n".encode(), "alone"),
        (b"KEY=a\x0c\n", "alone"),
    ],
)
def test_what_some_reader_takes_for_no_assignment_is_not_edited(content: bytes, why: str) -> None:
    assert why in refusal(content)


@pytest.mark.parametrize(
    "content",
    [
        b"KEY=x\n",
        b"KEY=",
        b"\t export\t KEY='x' # c\n",
        b'KEY="x"  \r\nA=1\r\n',
        b"KEY= # c\n",
        b"KEY='a''b'\n",
        b"A=(1 2)\nB=$(( 1 + 2 ))\nKEY=x\n",
        b"if true; then A=1; fi\nf() { :; }\ncase a in b) ;; esac\nfor a in b; do :; done\nKEY=x\n",
        b"function g { :\n}\nKEY=x\n",
        b"A='\n(\n'\nKEY=x\nB=\"\n{ if\"\n",
        b"A=$'it\\'s'\nKEY=x\n",
        b"A=1 # ( <<EOF 'tis\n# it's (\nKEY=x\n",
        b"A=done; B='if'\nKEY=x # (\n",
        b'A="x KEY=y"\nKEY=z\n',
        b"# KEY=y\nA=1 # KEY=y\nKEY=x\n",
        b": <<<word\nKEY=x\n",
        b"A=1\n",
        b"",
    ],
)
def test_the_line_of_the_name_is_set_for_a_shell_and_can_be_put_back(content: bytes, tmp_path: Path) -> None:
    after = merged("env", content, {"KEY": NEW})
    assert values_in("env", after, ["KEY"]) == {"KEY": NEW}
    assert restored("env", after, content, ["KEY"]) == content
    path = tmp_path / "file"
    path.write_bytes(after.replace(b"\r\n", b"\n"))
    told = subprocess.run(["bash", "-c", f'. {path}; printf %s "$KEY"'], capture_output=True, text=True, check=True)
    assert (told.stdout, told.stderr) == (NEW, "")


@pytest.mark.parametrize("content", [b"; it's a comment of systemd (\nKEY=x\n", b"A=1\n;KEYS=1\n;\nKEY=x"])
def test_a_comment_of_systemd_without_the_name_does_no_harm(content: bytes) -> None:
    assert merged("env", content, {"KEY": NEW}) == content.replace(b"KEY=x", f"KEY={NEW}".encode())


def seconds(work: Callable[[int], object]) -> float:
    """Return the least processor time of three runs, each told which one it is."""
    times = []
    for number in range(3):
        begun = time.process_time()
        work(number)
        times.append(time.process_time() - begun)
    return min(times)


@pytest.mark.parametrize(
    "line",
    [
        b"# a comment of some forty characters %d",
        b"; a comment of some forty characters %d",
        b"VARIABLE_%d='of some forty characters'",
        b'A=$B_%d; C="a\\" b" # it\'s (',
        b"KEY=(%d)",
        b"",
    ],
)
def test_the_time_grows_with_the_length_of_the_file(line: bytes) -> None:
    """Eight times the length takes less than 24 times as long; it took 64 times."""

    def read(lines: int, number: int) -> object:
        content = b"\n".join((line % each if b"%" in line else line) for each in range(lines)) + b"\nKEY=%d\n" % number
        return refusal(content)

    assert seconds(lambda number: read(8000, number)) < 24 * seconds(lambda number: read(1000, number))


def test_the_file_is_read_once_for_all_names() -> None:
    names = [f"NAME_{number}" for number in range(200)]

    def set_some(some: list[str], number: int) -> bytes:
        content = b"# a comment of some forty characters\n" * 5000 + b"A=%d\n" % number
        after = merged("env", content, dict.fromkeys(some, NEW))
        assert restored("env", after, content, some) == content
        return after

    one, all_of_them = (seconds(lambda number, some=some: set_some(some, number)) for some in (names[:1], names))
    assert all_of_them < 10 * one
