# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connection options: one rule for white space, ``~`` and empty strings, and messages that name where a value came from."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._api.connection import (
    CPANEL,
    WHM,
    Connection,
    Service,
    connection_from,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption

OPTIONS = ("host", "port", "username", "api_token", "password", "validate_certs", "ca_path", "timeout")
ENOUGH = {"WHM_HOST": "whm.example", "WHM_API_TOKEN": "SECRET"}


def connected(options: dict | None = None, environ: dict | None = None, service: Service = WHM) -> Connection | str:
    """The connection, or the sentence that refuses it."""
    params = {**dict.fromkeys(OPTIONS), "timeout": 30, **(options or {})}
    try:
        return connection_from(params, {**ENOUGH, **(environ or {})}, service)
    except InvalidOption as error:
        return str(error)


def part(name: str, options: dict | None = None, environ: dict | None = None) -> object:
    """One value of the connection, or the sentence that refuses it."""
    found = connected(options, environ)
    return found if isinstance(found, str) else getattr(found, name)


@pytest.mark.parametrize("end", ["\n", "\r\n", "  ", "\t"])
@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("host", "other.example", "other.example"),
        ("port", "2088", 2088),
        ("username", "reseller", "reseller"),
        ("api_token", "OTHER", "OTHER"),
        ("validate_certs", "false", False),
    ],
)
def test_white_space_around_a_value_is_no_part_of_it(name: str, value: str, expected: object, end: str) -> None:
    assert part(name, {name: f" {value}{end}"}) == expected
    assert part(name, environ={f"WHM_{name.upper()}": f" {value}{end}"}) == expected


@pytest.mark.parametrize(
    ("given", "meant"), [(" pass word \n", " pass word "), ("p\r\n", "p"), ("p\n\n", "p\n"), ("p ", "p ")]
)
def test_of_a_password_only_a_final_line_end_is_cut(given: str, meant: str) -> None:
    assert part("password", {"password": given}) == meant
    assert part("password", environ={"WHM_API_TOKEN": "", "WHM_PASSWORD": given}) == meant


def test_a_path_may_begin_with_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "ca.pem").write_text("", encoding="ascii")
    expected = str(tmp_path / "ca.pem")
    assert part("ca_path", environ={"WHM_CA_PATH": "~/ca.pem\n"}) == expected
    assert part("ca_path", {"ca_path": " ~/ca.pem"}) == expected


@pytest.mark.parametrize("empty", ["", " ", "\n"])
@pytest.mark.parametrize("name", ["host", "port", "username", "api_token", "validate_certs", "ca_path", "timeout"])
def test_an_empty_option_is_not_given(name: str, empty: str) -> None:
    assert connected({name: empty}) == connected()


@pytest.mark.parametrize("empty", ["", " ", "\n"])
@pytest.mark.parametrize("name", ["PORT", "USERNAME", "PASSWORD", "VALIDATE_CERTS", "CA_PATH"])
def test_an_empty_variable_is_not_given(name: str, empty: str) -> None:
    assert connected(environ={f"WHM_{name}": empty}) == connected()


def test_an_empty_option_lets_the_variable_count() -> None:
    assert part("host", {"host": ""}) == "whm.example"
    assert part("port", {"port": ""}, {"WHM_PORT": "2088"}) == 2088
    assert part("api_token", {"api_token": "", "password": ""}) == "SECRET"


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("WHM_HOST", "a b", "WHM_HOST: 'a b' is not a host name"),
        ("WHM_PORT", "99999", "WHM_PORT: 99999 is not a port"),
        ("WHM_PORT", "whm", "WHM_PORT: 'whm' is not a port"),
        ("WHM_USERNAME", "a b", "WHM_USERNAME: must be an account's name"),
        ("WHM_API_TOKEN", "two words", "WHM_API_TOKEN: holds characters that no API token has"),
        ("WHM_CA_PATH", "/nowhere/ca.pem", "WHM_CA_PATH: there is no file /nowhere/ca.pem"),
        ("WHM_VALIDATE_CERTS", "perhaps", "WHM_VALIDATE_CERTS: 'perhaps' is neither true nor false"),
    ],
)
def test_a_message_names_what_the_value_came_from(variable: str, value: str, sentence: str) -> None:
    option = variable.removeprefix("WHM_").lower()
    said = connected(environ={variable: value})
    assert isinstance(said, str)
    assert said.startswith(sentence)
    said = connected({option: value})
    assert isinstance(said, str)
    assert said.startswith(sentence.replace(variable, option))


def test_an_accounts_variables_have_their_own_names() -> None:
    environ = {"CPANEL_HOST": "cpanel.example", "CPANEL_API_TOKEN": "SECRET", "CPANEL_USERNAME": "a:b"}
    assert connected(environ=environ, service=CPANEL) == (
        "CPANEL_USERNAME: must be an account's name, without spaces, colons or slashes."
    )


@pytest.mark.parametrize("name", ["host", "port", "username", "api_token", "validate_certs", "ca_path", "timeout"])
@pytest.mark.parametrize("value", ["https://root:CANARY@whm.example", "root:CANARY@whm.example:2087"])
def test_what_may_hold_a_credential_is_never_repeated(name: str, value: str) -> None:
    for said in (connected({name: value}), connected(environ={f"WHM_{name.upper()}": value})):
        # There is no variable for a timeout, and a secret may look like this.
        assert isinstance(said, str) or name in ("timeout", "api_token")
        assert "CANARY" not in str(said)
