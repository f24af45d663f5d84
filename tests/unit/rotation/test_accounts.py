# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries for many accounts: which tokens they are about, and the place of each."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._modules.api_token_rotation import ARGUMENT_SPEC
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.accounts import (
    from_rotation,
    is_pattern,
    matching,
    one_by_one,
    suspended,
    with_account,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.options import check_entries, rotating_from
from hypothesis import given
from hypothesis import strategies as st

NAMES = st.text("ab_1", min_size=1, max_size=4)
PATTERNS = st.text("ab*?[]1", min_size=1, max_size=4)
LISTED = st.dictionaries(NAMES, st.booleans(), max_size=12)
FILE = {"type": "file", "hosts": ["c"], "path": "/keys/{account}.token"}


def entry(*accounts: str, **more: object) -> dict:
    """An entry for many accounts."""
    return {"name": "backup", "accounts": list(accounts), "sinks": [FILE], **more}


def checked(*tokens: dict, service: str = "whm") -> dict:
    """The options of a task, with what is not given."""
    options = json.loads(json.dumps({"step": "decide", "tokens": tokens, "service": service}))
    validation = ArgumentSpecValidator(ARGUMENT_SPEC).validate(options)
    assert not validation.error_messages, validation.error_messages
    return validation.validated_parameters


def files(rotating: list) -> dict[str | None, list[str]]:
    """The paths of each account's files."""
    return {each.owner: [sink.options["path"] for sink in each.sinks] for each in rotating}


@given(LISTED, st.lists(st.one_of(NAMES, PATTERNS), min_size=1, max_size=4))
def test_an_entry_is_about_what_its_names_and_patterns_stand_for(listed: dict, given_names: list[str]) -> None:
    wanted = {
        each: {name for name in listed if (fnmatchcase(name, each) if is_pattern(each) else name == each)}
        for each in given_names
    }
    options = {"name": "t", "accounts": given_names}
    if not all(wanted.values()):
        nothing = next(each for each in given_names if not wanted[each])
        with pytest.raises(InvalidOption, match=re.escape(f"accounts: {nothing} ")):
            matching(options, listed)
        return
    found = matching(options, listed)
    assert found == sorted(set().union(*wanted.values()))
    assert [account for account, _name in suspended([options], listed)] == [each for each in found if listed[each]]


@given(LISTED, st.lists(PATTERNS, min_size=1, max_size=3), st.sets(NAMES))
def test_later_steps_take_the_accounts_of_the_first(listed: dict, patterns: list[str], others: set[str]) -> None:
    """Whatever the server has meanwhile, and whatever else rotates."""
    options = {"name": "t", "accounts": patterns, "account": None}
    names = [name for name in listed if any(fnmatchcase(name, each) for each in patterns if is_pattern(each))]
    rotation = [{"account": each, "name": "t"} for each in names]
    rotation += [{"account": each, "name": "other"} for each in others] + [{"account": None, "name": "t"}]
    told = one_by_one(options, from_rotation(rotation))
    assert [each["account"] for each in told] == names
    assert all(each["accounts"] is None for each in told)


@given(st.text("{}account/ ", max_size=30), st.text("ab0_-", min_size=1, max_size=8))
def test_only_the_placeholder_is_replaced(path: str, account: str) -> None:
    filled = with_account(
        {"path": path, "key": "k{account}", "keys": {"{account}_t": "secret", "{x}": "host"}}, account
    )
    assert filled["path"].split(account) == path.replace("{account}", account).split(account)
    assert filled["path"].count("{account}") <= path.replace("{account}", "").count("{acc") + path.count("{")
    assert filled["key"] == f"k{account}"
    assert filled["keys"] == {f"{account}_t": "secret", "{x}": "host"}


@given(st.one_of(st.none(), st.text(min_size=1).filter(lambda name: not re.fullmatch("[a-z0-9_-]+", name))))
def test_what_could_be_more_than_a_name_is_not_put_into_a_path(account: str | None) -> None:
    with pytest.raises(InvalidOption, match=r"path: holds \{account\}"):
        with_account({"path": "/keys/{account}"}, account)
    assert with_account({"path": "/keys/{x}"}, account) == {"path": "/keys/{x}"}


def test_options_of_a_module_name_the_account_at_any_depth() -> None:
    args = {"name": "{account}-whm", "n": 5, "definition": {"labels": ["{account}", "{x}", None]}}
    filled = with_account({"args": args}, "alice")["args"]
    assert filled == {"name": "alice-whm", "n": 5, "definition": {"labels": ["alice", "{x}", None]}}
    with pytest.raises(InvalidOption, match=r"args: holds \{account\}"):
        with_account({"args": args}, "a.b")
    assert args["name"] == "{account}-whm", "the task's own options stay as they are"


def test_each_account_has_its_own_sinks() -> None:
    other = {"type": "file", "hosts": ["c"], "path": "/keys/{account}/{x}.json", "format": "json", "key": "{account}_t"}
    rotating = rotating_from(checked(entry("a*", sinks=[FILE, other])), lambda _options: ["ann", "al_2"])
    assert files(rotating) == {
        "ann": ["/keys/ann.token", "/keys/ann/{x}.json"],
        "al_2": ["/keys/al_2.token", "/keys/al_2/{x}.json"],
    }
    assert [each.sinks[1].options["key"] for each in rotating] == ["ann_t", "al_2_t"]


def test_a_single_account_is_named_in_its_sinks_too() -> None:
    single = {"name": "backup", "account": "ann", "sinks": [FILE]}
    assert files(rotating_from(checked(single))) == {"ann": ["/keys/ann.token"]}


def test_without_their_accounts_entries_for_many_are_left_out() -> None:
    assert rotating_from(checked(entry("*"))) == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (entry(), "accounts: is empty"),
        (entry("*", account="ann"), "accounts: cannot be given with account"),
        (entry("a b"), "accounts: must be an account's name"),
        (entry("*", acls=["list-accts"]), "acls: is an option of WHM's tokens"),
        (entry("*", sinks=[{**FILE, "path": "{account}"}]), "path: {account} is not absolute"),
        (
            entry("*", sinks=[FILE, {**FILE, "path": "/keys/token"}]),
            "sinks[1]: c:/keys/token is the place of all accounts, and each would replace the secret of the other. "
            "Put {account} into its path.",
        ),
        (
            entry("*", sinks=[{**FILE, "path": "/keys/all", "format": "json", "key": "{account}"}]),
            "sinks[0]: c:/keys/all is the place of all accounts, and each would replace the secret of the other. "
            "Put {account} into its path, or into its key with merge: true.",
        ),
        (
            entry("*", sinks=[{**FILE, "path": "/keys/all", "format": "json", "keys": {"k": "secret"}}]),
            "Put {account} into its path, or into each of its keys with merge: true.",
        ),
        (
            entry("*", sinks=[{**FILE, "path": "/keys/all", "format": "json", "key": "k", "merge": True}]),
            "Put {account} into its path or its key.",
        ),
        (
            entry("*", sinks=[{**FILE, "path": "/keys/{account}/../token"}]),
            "c:/keys/token is the place of all accounts",
        ),
        (
            entry("*", sinks=[{"type": "hashi_vault", "path": "x", "key": "k"}]),
            "Put {account} into its path or its key.",
        ),
        (
            entry("*", sinks=[{"type": "hashi_vault", "path": "x", "keys": {"{account}": "secret", "h": "host"}}]),
            "sinks[0]: the key h of secret/x is the place of all accounts, and each would replace the secret of the other. "
            "Put {account} into its path or each of its keys.",
        ),
        ({"name": "t", "sinks": [FILE]}, "path: holds {account}, but the entry names no account"),
    ],
)
def test_what_is_wrong_is_found_before_any_call(wrong: dict, told: str) -> None:
    with pytest.raises(InvalidOption, match=re.escape(told)) as caught:
        check_entries(checked(wrong))
    assert str(caught.value).startswith(f"tokens[0] ({wrong['name']}): ")


def test_an_account_has_no_others() -> None:
    with pytest.raises(InvalidOption, match="with service: cpanel an account rotates its own tokens"):
        check_entries(checked(entry("*"), service="cpanel"))


@pytest.mark.parametrize(
    "sink",
    [
        {"type": "hashi_vault", "path": "x", "key": "{account}"},
        {"type": "hashi_vault", "path": "{account}", "key": "k"},
        {"type": "hashi_vault", "path": "x", "keys": {"{account}_t": "secret", "{account}_h": "host"}},
        {"type": "tasks", "tasks": "deliver.yml"},
    ],
)
def test_places_that_differ_by_account_are_allowed(sink: dict) -> None:
    check_entries(checked(entry("*", sinks=[sink])))


def test_an_account_of_two_entries_is_refused_by_name() -> None:
    params = checked(entry("a*"), entry("*n", sinks=[{**FILE, "path": "/other/{account}"}]))
    check_entries(params)
    with pytest.raises(
        InvalidOption, match=r"tokens: ann/backup is listed more than once. .* accounts of two entries overlap"
    ):
        rotating_from(params, lambda options: ["ann", "al"] if options["accounts"] == ["a*"] else ["ann", "jon"])


def test_many_that_are_listed_twice_do_not_fill_the_screen() -> None:
    params = checked(entry("*"), entry("*"))
    with pytest.raises(InvalidOption, match="a0/backup, .* and 295 more is listed more than once"):
        rotating_from(params, lambda _options: [f"a{number}" for number in range(300)])
