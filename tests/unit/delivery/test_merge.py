# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values set in a file that holds other things, read by the real readers of each format. Texts are made of pieces that mislead."""

from __future__ import annotations

import configparser
import contextlib
import json
import subprocess
from collections.abc import Callable, Iterator, Mapping

import pytest
import yaml
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.merge import (
    holds_only,
    merged,
    restored,
    values_in,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

NAMES = ("KEY", "HOST")
SECRETS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabc0123456789_-", min_size=1, max_size=40)
VALUES = st.fixed_dictionaries({"KEY": SECRETS}, optional={"HOST": SECRETS})

PIECES = {
    "env": [
        *(
            "KEY=old",
            "export KEY='old'",
            'HOST="h"',
            "A=1 # KEY=no",
            "# KEY=no",
            "",
            "  B=2",
            "C='x",
            "y'",
            "KEY=",
            "A=it\\",
        ),
        *(
            'D="a b',
            'KEY=x"',
            "A=1; KEY=2",
            "KEY=a b",
            "HOST=$(pwd)",
            "KEY+=x",
            "KEY = x",
            "E=a#b",
            "HOSTS=h",
            "if [ 1 ]; then KEY=y; fi",
            *(
                "; KEY=no",
                "(KEY=x)",
                "KEY=()",
                "KEY=;",
                "(",
                ")",
                "if false; then",
                "fi",
                ": <<E",
                "E",
                "# c \\",
                "D=$'\\'",
            ),
        ),
    ],
    "json": [
        *(
            "{",
            "}",
            '"KEY": "old"',
            ",",
            '"A": {"KEY": 1}',
            '"B": [1, "}"]',
            '"HOST": 5',
            '"KEY"',
            ": ",
            "[",
            "]",
            '"C": "\\""',
        ),
        *('{"A": 1, "HOST": "h"}', "\n", "  ", '{\n\t"A" : null,\n\t"KEY" : "x"\n}', "{}", "{ }"),
    ],
    "yaml": [
        *(
            "---",
            "KEY: old",
            "HOST: 'h'",
            "a: |",
            "  KEY: x",
            "b:",
            "- KEY: y",
            "  - z",
            "# KEY: c",
            "",
            'c: "x',
            'KEY: z"',
            "KEY:",
            "...",
        ),
        *(
            "'KEY': 1",
            '"HOST": h # c',
            "d: [a,",
            "KEY: b]",
            "<<: {KEY: 1}",
            "e: &x y",
            "KEY: *x",
            "? KEY",
            ": v",
            "HOST: >-",
            "    f: 'it''s'",
        ),
        *(
            "\tg: 1",
            "KEY: a: b",
            "HOST: null",
            "h: {i: 1}",
            "KEY : o",
            "j: k # 'l",
            "m: 'n",
            "  - |",
            "{}",
            "KEYS: 1",
            "o: x #y",
            "-",
            "KEY: !t x",
        ),
    ],
    "ini": [
        *(
            "[s]",
            "[t]",
            "KEY=old",
            "KEY = old",
            "host: h",
            "HOST: h",
            "  KEY = x",
            "# KEY=1",
            "; c",
            "",
            "a = 1",
            " b",
            "KEY",
            "key=1",
            "[s] ; c",
        ),
        *("KEY=%(a)s", "HOST = 'h'", "[DEFAULT]", "c==d", "KEY = a ; b", "\tHOST = 2", "[s", "d = [s]"),
    ],
}


class _Loader(yaml.SafeLoader):
    """Refuses what YAML forbids and PyYAML takes: a name twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        names = [key.value for key, _value in node.value]
        if len(set(names)) < len(names):
            raise yaml.YAMLError("twice")
        return super().construct_mapping(node, deep)


_Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


class Unreadable(Exception):
    """The reader of the format does not take the text."""


def read_json(content: bytes) -> dict:
    def pairs(found: list) -> dict:
        if len({name for name, _value in found}) < len(found):
            raise ValueError("twice")
        return dict(found)

    if not content.strip():
        return {}
    try:
        found = json.loads(content, object_pairs_hook=pairs)
    except ValueError:
        raise Unreadable from None
    if not isinstance(found, dict):
        raise Unreadable
    return found


def read_yaml(content: bytes) -> dict:
    try:
        found = _Loader(content).get_single_data()
    except (yaml.YAMLError, ValueError, TypeError):
        raise Unreadable from None
    if not isinstance(found, (dict, type(None))):
        raise Unreadable
    return found or {}


def read_ini(content: bytes) -> dict:
    """The options of all sections. Quotes are taken off, as PHP and others do: they stay if they were there."""
    parser = configparser.ConfigParser(allow_no_value=True, default_section="-")
    try:
        parser.read_string(content.decode())
        found = {name: dict(parser.items(name, raw=True)) for name in parser.sections()}
    except (configparser.Error, AttributeError):  # The latter where a name without a value goes on on the next line.
        raise Unreadable from None
    return {name: {key: value and value.strip("'") for key, value in each.items()} for name, each in found.items()}


def texts(form: str) -> st.SearchStrategy[bytes]:
    """Texts of some pieces, with either line end, with and without one at the end."""
    joint = "" if form == "json" else "\n"
    lines = st.lists(st.sampled_from(PIECES[form]), max_size=7).map(joint.join)
    return st.builds(
        lambda text, last, end, mark: (("\ufeff" if mark else "") + text + last).replace("\n", end).encode(),
        lines,
        st.sampled_from(["", "\n"]),
        st.sampled_from(["\n", "\r\n"]),
        st.booleans() if form in ("yaml",) else st.just(False),
    )


def check_edit(
    form: str, content: bytes, values: Mapping[str, str], read: Callable[[bytes], dict], section: str | None = None
) -> bytes | None:
    """Set values. What is not refused is set for the reader, changes nothing else, and can be undone."""
    try:
        after = merged(form, content, values, section)
    except InvalidOption as error:
        assert str(error).partition(": ")[0] in ("merge", "key")
        return None
    assert values_in(form, after, values, section) == values, (content, after)
    assert merged(form, after, values, section) == after
    assert restored(form, after, content, values, section) == content
    present = values_in(form, content, values, section)
    new = [name for name in values if name not in present]
    if form != "ini" and content.strip():
        assert merged(form, merged(form, content, {name: values[name] for name in new}), dict.fromkeys(new)) == content
    kept, there = content.splitlines(keepends=True), after.splitlines(keepends=True)
    if form != "json":
        changed = [line for line in kept if line not in there and line.rstrip(b"\r\n") not in there]
        assert len(changed) <= len(values)
        assert all(any(name.encode() in line for name in values) for line in changed if line != kept[-1])
    with contextlib.suppress(Unreadable):
        before = read(content)
        expected = {**before, **values}
        if form == "ini":
            lower = {name.lower(): value for name, value in values.items()}
            expected = {**before, "s": {**before.get("s", {}), **lower}}
        assert read(after) == expected
    return after


@settings(max_examples=200, deadline=None)
@given(texts("json"), VALUES)
def test_json(content: bytes, values: dict) -> None:
    check_edit("json", content, values, read_json)


@settings(max_examples=600, deadline=None)
@given(texts("yaml"), VALUES, st.sampled_from(["yaml", "vault"]))
def test_yaml(content: bytes, values: dict, form: str) -> None:
    check_edit(form, content, values, read_yaml)


@settings(max_examples=400, deadline=None)
@given(texts("ini"), VALUES)
def test_ini(content: bytes, values: dict) -> None:
    check_edit("ini", content, values, read_ini, "s")


@settings(max_examples=300, deadline=None)
@given(texts("ini"), VALUES)
def test_ini_before_the_first_section(content: bytes, values: dict) -> None:
    check_edit("ini", content, values, lambda text: {"s": read_ini(b"[top]\n" + text)["top"]})


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[bytes], dict]]:
    """Reads an env file by sourcing it, in a subshell of one process."""
    path = tmp_path_factory.mktemp("env") / "file"
    with subprocess.Popen(["sh"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdin
        assert process.stdout

        def read(content: bytes) -> dict:
            path.write_bytes(content.replace(b"\r\n", b"\n"))
            shown = "".join(
                rf'printf "%s\0" "{name}=${{{name}-(unset)}}"; ' for name in (*NAMES, "A", "B", "C", "D", "E")
            )
            process.stdin.write(f"( . {path} || exit; {shown} ) </dev/null; printf '\\0\\0'\n".encode())
            process.stdin.flush()
            told = b""
            while not told.endswith(b"\0\0"):
                told += process.stdout.read(1)
            pairs = [part.partition("=") for part in told.decode().split("\0") if part]
            if not pairs:
                raise Unreadable
            return {name: value for name, _sign, value in pairs}

        yield read


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=texts("env"), values=VALUES)
def test_env(shell: Callable[[bytes], dict], content: bytes, values: dict) -> None:
    check_edit("env", content, values, shell)


NEW = "NEW1" * 8


@pytest.mark.parametrize(
    ("form", "section", "content", "after"),
    [
        (
            "env",
            None,
            b"# a\r\nA='x\r\ny'\r\nexport KEY=\"old\" # b\r\n",
            b"# a\r\nA='x\r\ny'\r\nexport KEY=\"%s\" # b\r\n",
        ),
        ("env", None, b"# \xe4\nA=1", b"# \xe4\nA=1\nKEY=%s"),
        ("env", None, b"", b"KEY=%s\n"),
        ("json", None, b'{\n\t"A": [1],\n\t"B": {}\n}\n', b'{\n\t"A": [1],\n\t"B": {},\n\t"KEY": "%s"\n}\n'),
        ("json", None, b'{"A":1}', b'{"A":1,"KEY":"%s"}'),
        ("json", None, b"", b'{"KEY": "%s"}\n'),
        (
            "yaml",
            None,
            b"\xef\xbb\xbf---\na: |\n  KEY: 1\nKEY:   old   # c\n",
            b'\xef\xbb\xbf---\na: |\n  KEY: 1\nKEY:   "%s"   # c\n',
        ),
        ("yaml", None, b"a:\n- b\nc: d", b'a:\n- b\nc: d\nKEY: "%s"'),
        ("vault", None, b"a: {{ b }}\n", b'a: {{ b }}\nKEY: !unsafe "%s"\n'),
        ("ini", "s", b"[s]\na: 1\n\n; c\n[t]\nKEY=2\n", b"[s]\na: 1\nKEY: %s\n\n; c\n[t]\nKEY=2\n"),
        ("ini", "s", b"[t]\nKEY=2", b"[t]\nKEY=2\n[s]\nKEY = %s"),
        ("ini", None, b"a=1\n[t]\nKEY=2\n", b"a=1\nKEY=%s\n[t]\nKEY=2\n"),
    ],
)
def test_all_other_bytes_stay(form: str, section: str | None, content: bytes, after: bytes) -> None:
    set_now = merged(form, content, {"KEY": NEW}, section)
    assert set_now == after.replace(b"%s", NEW.encode())
    assert restored(form, set_now, content, ["KEY"], section) == content


@pytest.mark.parametrize(
    ("form", "content", "why"),
    [
        ("env", b"KEY=a\nKEY=b\n", "more than once"),
        ("env", b"A='\nKEY=x\n'\n", "inside a value"),
        ("env", b"KEY=$A\n", "computed"),
        ("env", b"A=1; KEY=2\n", "alone"),
        ("env", b"A='open\n", "quote is not closed"),
        ("env", b"A=1\rB=2\n", "carriage returns"),
        ("json", b'{"KEY": "a", "KEY": "b"}', "more than once"),
        ("json", b"[]", "no object"),
        ("json", b'{"KEY": ["a"]}', "no text"),
        ("json", b"// c\n{}", "no JSON"),
        ("json", b"\xff", "UTF-8"),
        ("yaml", b"- a\n", "no mapping"),
        ("yaml", b"{a: 1}\n", "not NAME: VALUE"),
        ("yaml", b"KEY: |\n  x\n", "one line"),
        ("yaml", b"KEY: *a\n", "no plain text"),
        ("yaml", b"KEY: a\nKEY: b\n", "more than once"),
        ("yaml", b"<<: *a\n", "merges"),
        ("yaml", b"a: 1\n---\nb: 1\n", "not NAME: VALUE"),
        ("yaml", b"a:\n\tb: 1\n", "tab"),
        ("yaml", b'a: "x\nKEY: y"\n', "quotes goes on"),
        ("yaml", b"a: [x,\nKEY: y]\n", "brackets goes on"),
        ("yaml", b"a: |\n  x", "no end"),
        ("ini", b"[s]\nKEY=a\nKEY=b\n", "more than once"),
        ("ini", b"[s]\nkey=a\n", "some readers take for"),
        ("ini", b"[s]\n[s]\n", "more than once"),
        ("ini", b"[s]\nKEY=%(a)s\n", "compute"),
        ("ini", b"[s]\nKEY=a\n b\n", "several lines"),
        ("ini", b"[s]\nKEY\n", "no value"),
    ],
)
def test_what_cannot_be_edited_safely_is_refused(form: str, content: bytes, why: str) -> None:
    with pytest.raises(InvalidOption, match=why) as refused:
        merged(form, content, {"KEY": NEW}, "s" if form == "ini" else None)
    assert str(refused.value).startswith("merge: the file cannot be edited safely: ")


@pytest.mark.parametrize(
    ("form", "name"), [("env", "A B"), ("yaml", "yes"), ("yaml", "a: b"), ("ini", "a=b"), ("ini", "[s]")]
)
def test_names_that_readers_take_for_something_else_are_refused(form: str, name: str) -> None:
    with pytest.raises(InvalidOption, match="^key: "):
        merged(form, b"", {name: NEW})


def test_values_that_readers_compute_with_are_quoted_or_refused() -> None:
    assert merged("env", b"", {"KEY": "$(id) 'x'"}) == b"KEY='$(id) '\"'\"'x'\"'\"''\n"
    assert read_yaml(merged("yaml", b"", {"KEY": '{{ x }} # " yes'})) == {"KEY": '{{ x }} # " yes'}
    for value in ("a%b", "a;b", "${x}", " a"):
        with pytest.raises(InvalidOption, match="meaning"):
            merged("ini", b"", {"KEY": value}, "s")
    for form in PIECES:
        with pytest.raises(InvalidOption, match="printed"):
            merged(form, b"", {"KEY": "a\nb"}, "s")


@pytest.mark.parametrize(
    ("form", "ours", "more"),
    [
        ("env", b"KEY=x\n", b"A=1\n"),
        ("env", b"KEY=x\n", b"# c\n"),
        ("json", b'{"KEY": "x"}', None),
        ("yaml", b"---\nKEY: x\n", b"A: 1\n"),
        ("yaml", b"---\nKEY: x\n", b"# c\n"),
        ("ini", b"[s]\nKEY=x\n", b"A=1\n"),
        ("ini", b"[s]\nKEY=x\n", b"; c\n"),
    ],
)
def test_a_file_that_holds_nothing_else_is_known(form: str, ours: bytes, more: bytes | None) -> None:
    assert holds_only(form, ours, ["KEY", "HOST"], "s")
    other = b'{"KEY": "x", "A": 1}' if more is None else ours + more
    assert not holds_only(form, other, ["KEY", "HOST"], "s")
