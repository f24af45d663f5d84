# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests that would keep the server busy, or fill its memory, for everybody else: each is answered, or refused, soon."""

from __future__ import annotations

import itertools
import json
import string
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.limits import patience
from tests.support.server import Server
from tests.support.users import ALICE, ROOT
from token_server.http.bodies import BadBody, parameters

QUOTES = 'form-data; name=a; b="' + ";" * 3900
PARTS = f"--x\r\nContent-Disposition: {QUOTES}\r\n\r\na\r\n" * 250 + "--x--\r\n"


@contextmanager
def soon() -> Iterator[None]:
    """Fail if the server takes long to answer. Each of these took ten seconds and more, or never ended."""
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < patience(3)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ('multipart/form-data; a="' + ";" * 60_000, "--x--"),
        ('multipart/form-data; boundary=x; a="' + '\\"; a="' * 8_000, "--x--"),
        ("multipart/form-data; boundary" + " " * 60_000, "--x--"),
        ("multipart/form-data" + ";" * 60_000, "--x--"),
        ("multipart/form-data; boundary*=punycode''" + "a" * 60_000, "--x--"),
        ('application/json; a="' + ";" * 60_000, "[]"),
        ("multipart/form-data; boundary=x", PARTS),
    ],
    ids=[
        "a quote that does not end",
        "quotes in quotes",
        "blanks",
        "semicolons",
        "a slow character set",
        "JSON",
        "parts",
    ],
)
def test_no_header_of_a_body_holds_up_the_server(content_type: str, body: str) -> None:
    """Processor time, which others on the machine do not lengthen: a quote that does not end, and parts, took 3 seconds and more of it."""
    begun = time.process_time()
    with pytest.raises(BadBody):
        parameters(b"", body.encode(), content_type.encode())
    assert time.process_time() - begun < 1


def test_many_unknown_names_do_not_hold_up_the_server(server: Server) -> None:
    names = [
        "".join(letters) for letters in itertools.islice(itertools.product(string.ascii_letters, repeat=4), 30_000)
    ]
    with soon():
        assert "You do not have" in server.whm_refused("api_token_revoke", ROOT, token_name=names)


@pytest.mark.parametrize("kind", ["filter_column", "sort_column"])
def test_many_controls_of_uapi_are_refused(server: Server, kind: str) -> None:
    server.uapi_token("a")
    controls = {f"api.{kind}_{number}": "name" for number in range(20)}
    controls |= {f"api.filter_term_{number}": "a" for number in range(20) if kind == "filter_column"}
    assert [row["name"] for row in server.uapi_ok("Tokens::list", ALICE, **controls)] == ["a"]
    controls[f"api.{kind}_20"] = "name"
    if kind == "filter_column":
        controls["api.filter_term_20"] = "a"
    assert "at most 20" in server.uapi_refused("Tokens::list", ALICE, **controls)


@pytest.mark.parametrize("kind", ["filter", "sort", "columns"])
def test_many_controls_of_whm_are_refused(server: Server, kind: str) -> None:
    letters = ["".join(pair) for pair in itertools.product("abcdefghijk", repeat=2)]
    controls: dict[str, str] = {f"api.{kind}.enable": "1"}
    for letter in letters:
        end = {"filter": f"{letter}.field", "sort": f"{letter}.field", "columns": letter}[kind]
        controls[f"api.{kind}.{end}"] = "user"
        if kind == "filter":
            controls[f"api.filter.{letter}.arg0"] = "a"
    assert "at most" in server.whm_refused("listaccts", ROOT, **controls)


def test_no_expression_of_a_filter_holds_up_the_server(server: Server) -> None:
    server.uapi_token("a" * 50)
    controls = {"api.filter_column": "name", "api.filter_type": "matches"}
    with soon():
        for pattern, found in {f"({'.?' * 26})x$": 0, ".*.*.*.*x": 0, "(a+)+$": 1, "^(a|b)*$": 1}.items():
            controls["api.filter_term"] = pattern
            assert len(server.uapi_ok("Tokens::list", ALICE, **controls)) == found, pattern


def test_a_batch_ends_when_its_answers_are_long(server: Server) -> None:
    """Each command can ask for a long list; the answers that were given stay, for they may hold secrets."""
    named = [json.dumps(["Tokens", "create_full_access", {"name": f"{number:050}"}]) for number in range(1000)]
    server.uapi_ok("Batch::strict", ALICE, command=named)
    listed = json.dumps(["Tokens", "list"])
    # Some 160,000 bytes each.
    answer = server.uapi("Batch::strict", ALICE, command=[listed] * 600)
    assert answer["status"] == 0
    assert "too long" in answer["errors"][1]
    assert 300 < len(answer["data"]) < 600
    assert len(answer["data"][0]["data"]) == 1000


def test_a_batch_of_whm_ends_when_its_answers_are_long(server: Server) -> None:
    for number in range(300):
        server.whm_token(f"{number:050}", acl="list-accts")
    commands = ["api_token_create?token_name=first", *["api_token_list"] * 300, "api_token_create?token_name=last"]
    result = server.whm("batch", ROOT, command=commands)["data"]["result"]
    assert len(result) == len(commands)
    assert result[0]["data"]["token"]
    assert "too long" in result[-1]["metadata"]["reason"]
    assert "last" not in server.whm_tokens()
