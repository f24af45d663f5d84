# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a store is reached: which of several places that say it counts."""

from __future__ import annotations

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.hashi_vault import SETTINGS

from tests.support.controllers import controller

GROUP, MODULE = "group/community.hashi_vault.vault", "community.hashi_vault.vault_kv2_write"


def read(connection: dict | None = None, **more: object) -> dict[str, str]:
    return SETTINGS.read(connection, controller(**more))


def test_the_module_goes_before_its_group() -> None:
    assert read(module_defaults=[{GROUP: {"url": "group"}, MODULE: {"url": "module"}}])["url"] == "module"


def test_each_source_goes_before_the_next() -> None:
    """All at once, and the first is taken away each time."""
    connection = {"url": "1"}
    blocks = [{GROUP: {"url": "3"}}, {GROUP: {"url": "2"}}]
    variables = {"ansible_hashi_vault_url": "4", "ansible_hashi_vault_addr": "5"}
    environ = {"ANSIBLE_HASHI_VAULT_ADDR": "6", "VAULT_ADDR": "7"}
    found = []
    for take in (connection, blocks[1][GROUP], blocks[0][GROUP]):
        found.append(read(connection, module_defaults=blocks, variables=variables, environ=environ)["url"])
        # Empty values count as none, whatever white space is in them.
        take["url"] = " \n"
    for taken in (*variables, *environ):
        found.append(read(connection, module_defaults=blocks, variables=variables, environ=environ)["url"])
        (variables if taken in variables else environ)[taken] = ""
    assert found == list("1234567")
    assert "url" not in read(connection, module_defaults=blocks, variables=variables, environ=environ)


def test_templates() -> None:
    known = {"ansible_hashi_vault_url": "{{ where }}/", "where": "https://vault"}
    assert read(variables=known)["url"] == "https://vault/"


def test_defaults_and_types() -> None:
    assert read() == {"timeout": "30", "auth_method": "token", "token_file": ".vault-token"}
    assert read({"validate_certs": False, "timeout": 5})["validate_certs"] == "False"
    assert read({"timeout": 5})["timeout"] == "5"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"VAULT_SKIP_VERIFY": "true"}, "false"),
        ({"VAULT_SKIP_VERIFY": "0"}, "true"),
        ({"VAULT_SKIP_VERIFY": "1", "ANSIBLE_HASHI_VAULT_VALIDATE_CERTS": "yes"}, "yes"),
        ({"VAULT_SKIP_VERIFY": ""}, None),
    ],
)
def test_skip_verify_says_the_contrary(environ: dict, expected: str | None) -> None:
    assert read(environ=environ).get("validate_certs") == expected


def test_what_is_no_switch_is_refused() -> None:
    with pytest.raises(InvalidOption, match="VAULT_SKIP_VERIFY: 'perhaps' is neither true nor false"):
        read(environ={"VAULT_SKIP_VERIFY": "perhaps"})


def test_an_option_that_does_not_exist_is_refused_without_its_value() -> None:
    with pytest.raises(
        InvalidOption, match=r"connection\.tokn: is not an option of this store\. There are url, "
    ) as told:
        read({"tokn": "canary"})
    assert "canary" not in str(told.value)
