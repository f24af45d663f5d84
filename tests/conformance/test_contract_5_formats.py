# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The formats of the command line, as scripts match them."""

from __future__ import annotations

import re

import pytest

from tests.conformance.shell import bash
from tests.conformance.statements import states
from tests.support.server import Server


@states("C5.10")
@pytest.mark.parametrize(
    "words", ["api_token_list --output=json --user=reseller", "--user=reseller api_token_list --output=json"]
)
def test_options_may_follow_the_function(server: Server, words: str) -> None:
    server.whm_token("of-root")
    done = bash(server, f"whmapi1 {words}")
    assert done.returncode == 0, done.stderr
    assert '"tokens"' in done.stdout
    assert "of-root" not in done.stdout


@states("C5.11")
def test_json_is_compact(server: Server) -> None:
    printed = bash(server, "whmapi1 --output=json api_token_create token_name=t").stdout
    assert re.search('"token":"[A-Z0-9]{32}"', printed), printed


@states("C5.12")
def test_jsonpretty_is_perl_s(server: Server) -> None:
    printed = bash(server, "whmapi1 --output=jsonpretty version").stdout
    assert '"command" : "version"' in printed


@states("C5.13")
def test_yaml_is_that_of_syck(server: Server) -> None:
    server.uapi_token("t")
    lines = bash(server, "uapi --user=alice Tokens list").stdout.splitlines()
    place = next(number for number, line in enumerate(lines) if line.strip() == "data:")
    indent = lines[place].partition("data")[0]
    assert lines[place + 1].rstrip() == f"{indent}  -"
    assert lines[place + 2].startswith(f"{indent}    create_time: ")
    assert f"{indent}    expires_at: ~" in lines


@states("C5.14")
@pytest.mark.parametrize("words", ["whmapi1 --help", "whmapi1 api_token_list --help", "uapi --help"])
def test_help_is_printed_and_nothing_is_called(server: Server, words: str) -> None:
    done = bash(server, words)
    assert done.returncode == 0, done.stderr
    assert f"{words.partition(' ')[0]} [options] " in done.stdout
    assert "--output=" in done.stdout
    assert "metadata" not in done.stdout
