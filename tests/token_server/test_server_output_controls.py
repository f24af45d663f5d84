# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Output controls: a script that asks for some rows gets those and no others, whatever the function and the way to it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conformance.shell import bash
from tests.support.schema import check_answer
from tests.support.server import Server
from tests.support.users import ALICE, RESELLER, ROOT

EVERYBODY = ["reseller", "rival", "alice", "bob", "suspended", "mailonly"]
"""The accounts of every test server, in the order in which the server lists them."""


def _filter(field: str, term: str | None, kind: str | None = None, letter: str = "a") -> dict[str, str]:
    given = {"field": field, "arg0": term, "type": kind}
    return {"api.filter.enable": "1"} | {
        f"api.filter.{letter}.{part}": text for part, text in given.items() if text is not None
    }


def _users(server: Server, **controls: Any) -> list[str]:
    return [row["user"] for row in server.whm_ok("listaccts", ROOT, **controls)["acct"]]


def _tokens(server: Server, **controls: Any) -> list[str]:
    return [row["name"] for row in server.uapi_ok("Tokens::list", ALICE, **controls)]


@pytest.fixture
def tokens(server: Server) -> Server:
    """A server on which alice and root have the tokens a, B, c10 and c9, of which B and c9 expire."""
    for name, days in (("a", None), ("B", 3), ("c10", None), ("c9", 2)):
        limits = {} if days is None else {"expires_at": server.now() + days * 86400}
        server.uapi_token(name, **limits)
        server.whm_token(name, ROOT, **limits)
    return server


@pytest.mark.parametrize(
    ("controls", "users"),
    [
        (_filter("user", "e"), ["reseller", "alice", "suspended"]),
        (_filter("user", "SE", "contains"), ["reseller"]),
        (_filter("user", "re", "begins"), ["reseller"]),
        (_filter("user", "reseller", "eq"), ["reseller"]),
        (_filter("user", "resell", "eq"), []),
        (_filter("owner", "", "eq"), []),
        (_filter("suspended", "1", "=="), ["suspended"]),
        (_filter("suspended", "0", "gt"), ["suspended"]),
        (_filter("suspended", "0", "gt_equal"), EVERYBODY),
        (_filter("suspended", "1", "lt"), [user for user in EVERYBODY if user != "suspended"]),
        (_filter("suspended", "0.5", "lt_equal"), [user for user in EVERYBODY if user != "suspended"]),
        (_filter("suspended", "unlimited", "lt_handle_unlimited"), EVERYBODY),
        (_filter("*", "alice.example"), ["alice"]),
        (_filter("no_such_field", "x"), []),
        (_filter("user", "b") | _filter("owner", "reseller", "eq", "b"), ["bob"]),
        (_filter("user", "alice") | {"api.filter.enable": "0"}, EVERYBODY),
        ({"api.filter.a.field": "user", "api.filter.a.arg0": "alice"}, EVERYBODY),
    ],
)  # fmt: skip
def test_filters_of_whm(server: Server, controls: dict[str, str], users: list[str]) -> None:
    assert sorted(_users(server, **controls)) == sorted(users)


def test_sorts_of_whm(server: Server) -> None:
    on = {"api.sort.enable": "1", "api.sort.a.field": "user"}
    assert _users(server, **on) == sorted(EVERYBODY)
    assert _users(server, **on, **{"api.sort.a.reverse": "1"}) == sorted(EVERYBODY, reverse=True)
    # First by suspension, the suspended one in front; then by name, backwards.
    both = {
        "api.sort.enable": "1", "api.sort.a.field": "suspended", "api.sort.a.method": "numeric", "api.sort.a.reverse": "1",
        "api.sort.b.field": "user", "api.sort.b.reverse": "1",
    }  # fmt: skip
    assert _users(server, **both) == ["suspended", "rival", "reseller", "mailonly", "bob", "alice"]
    zero = {"api.sort.enable": "1", "api.sort.a.field": "suspended", "api.sort.a.method": "numeric_zero_as_max"}
    assert _users(server, **zero)[0] == "suspended"


def test_pages_of_whm(server: Server) -> None:
    everybody = _users(server)
    on = {"api.chunk.enable": "1"}
    assert _users(server, **on, **{"api.chunk.size": "2"}) == everybody[:2]
    assert _users(server, **on, **{"api.chunk.size": "2", "api.chunk.start": "5"}) == everybody[4:]
    assert _users(server, **on, **{"api.chunk.size": "4", "api.chunk.start": "5"}) == everybody[4:]
    assert _users(server, **on, **{"api.chunk.start": "3"}) == everybody[2:]
    assert _users(server, **on, **{"api.chunk.size": "2", "api.chunk.start": "7"}) == []
    # The vendor's own client asks for all rows like this.
    assert _users(server, **on, **{"api.chunk.verbose": "1", "api.chunk.start": "-1"}) == everybody
    seen: list[str] = []
    for start in range(1, 7, 4):
        seen += _users(server, **on, **{"api.chunk.size": "4", "api.chunk.start": start})
    assert seen == everybody


def test_columns_of_whm(server: Server) -> None:
    controls = {
        "api.columns.enable": "1",
        "api.columns.a": "domain",
        "api.columns.b": "user",
        "api.columns.c": "no_such",
    }
    rows = server.whm_ok("listaccts", ROOT, **controls, **_filter("owner", "reseller", "eq"))["acct"]
    assert {"domain": "bob.example", "user": "bob"} in rows
    assert all(set(row) == {"domain", "user"} for row in rows)


def test_metadata_of_whm_is_told_if_asked_for(server: Server) -> None:
    controls = {
        **_filter("suspended", "0", "=="),
        "api.chunk.enable": "1",
        "api.chunk.size": "2",
        "api.chunk.start": "3",
    }
    plain = {"command": "listaccts", "reason": "OK", "result": 1, "version": 1}
    assert server.whm("listaccts", ROOT, **controls)["metadata"] == plain
    controls |= {"api.filter.verbose": "1", "api.chunk.verbose": "1"}
    response = server.request("whm", "/json-api/listaccts?api.version=1", ROOT, data=controls)
    check_answer("whm", response)
    assert response.json()["metadata"] == {
        **plain, "filter": {"filtered": 1}, "chunk": {"start": 3, "size": 2, "records": 5, "chunks": 3, "current": 2},
    }  # fmt: skip


def test_tokens_are_an_object_before_and_after(tokens: Server) -> None:
    whole = tokens.whm_tokens()
    listed = tokens.whm_ok("api_token_list", ROOT, **_filter("name", "c"))["tokens"]
    assert listed == {name: whole[name] for name in ("c10", "c9")}
    controls = {
        "api.sort.enable": "1", "api.sort.a.field": "expires_at", "api.sort.a.method": "numeric_zero_as_max",
        "api.chunk.enable": "1", "api.chunk.size": "2", "api.columns.enable": "1", "api.columns.a": "expires_at",
    }  # fmt: skip
    listed = tokens.whm_ok("api_token_list", ROOT, **controls)["tokens"]
    assert list(listed.items()) == [(name, {"expires_at": whole[name]["expires_at"]}) for name in ("c9", "B")]
    assert tokens.whm_tokens() == whole


def test_rows_that_are_single_values(server: Server) -> None:
    everything = server.whm_ok("applist")["app"]
    page = {"api.chunk.enable": "1", "api.chunk.size": "2", "api.chunk.start": "3"}
    assert server.whm_ok("applist", ROOT, **page) == {"app": everything[2:4]}
    backwards = server.whm_ok(
        "applist", ROOT, **{"api.sort.enable": "1", "api.sort.a.field": "app", "api.sort.a.reverse": "1"}
    )["app"]
    assert backwards == sorted(backwards, reverse=True)
    for field in ("app", "*"):
        assert server.whm_ok("applist", ROOT, **_filter(field, "vers", "begins")) == {"app": ["version"]}
    columns = {"api.columns.enable": "1", "api.columns.a": "app"}
    assert "single values" in server.whm_refused("applist", ROOT, **columns)


@pytest.mark.parametrize("function", ["version", "myprivs", "loadavg", "accountsummary", "gethostname"])
def test_what_has_no_rows_stays_as_it_is(server: Server, function: str) -> None:
    controls = {"api.chunk.enable": "1", "api.chunk.size": "1", "user": "alice"}
    answer = server.whm(function, ROOT, user="alice")
    assert answer["metadata"]["result"] == 1
    with_controls = server.whm(function, ROOT, **controls)
    assert with_controls.keys() == answer.keys()
    assert with_controls.get("data") == answer.get("data")


def test_what_changes_something_is_not_cut(server: Server) -> None:
    created = server.whm_ok("api_token_create", ROOT, token_name="t", **_filter("name", "nobody", "eq"))
    assert created["name"] == "t"


@pytest.mark.parametrize(
    ("controls", "words"),
    [
        ({"api.filter.enable": "yes"}, "api.filter.enable"),
        ({"api.filter.enable": "1"}, "api.filter.a.field"),
        (_filter("user", None), "api.filter.a.arg0"),
        ({"api.filter.enable": "1", "api.filter.a.arg0": "x"}, "api.filter.a.field"),
        (_filter("user", "x", "like"), "lt_handle_unlimited"),
        (_filter("user", "x", "ends"), "one of"),
        (_filter("user", ""), "must not be empty"),
        (_filter("user", "x", "=="), "compares numbers"),
        (_filter("user", "unlimited", "lt"), "compares numbers"),
        ({**_filter("user", "x"), "api.filter.field": "user"}, "api.filter.field"),
        ({**_filter("user", "x"), "api.filter.a.arg1": "y"}, "api.filter.a.arg1"),
        ({**_filter("user", "x"), "api.filter.1.field": "user"}, "api.filter.1.field"),
        ({"api.sort.enable": "1"}, "api.sort.a.field"),
        ({"api.sort.enable": "1", "api.sort.field": "user"}, "api.sort.field"),
        ({"api.sort.enable": "1", "api.sort.a.field": "user", "api.sort.a.method": "alphabet"}, "lexicographic"),
        ({"api.sort.enable": "1", "api.sort.a.field": "user", "api.sort.a.reverse": "desc"}, "must be 1 or 0"),
        ({"api.sort.enable": "1", "api.sort.a.field": "suspended"}, "are numbers"),
        ({"api.sort.enable": "1", "api.sort.a.field": "no_such"}, "no_such"),
        ({"api.chunk.enable": "1", "api.chunk.size": "0"}, "from 1 on"),
        ({"api.chunk.enable": "1", "api.chunk.size": "-1"}, "from 1 on"),
        ({"api.chunk.enable": "1", "api.chunk.size": "2", "api.chunk.start": "0"}, "from 1 on"),
        ({"api.chunk.enable": "1", "api.chunk.page": "2"}, "api.chunk.page"),
        ({"api.columns.enable": "1"}, "api.columns.a"),
        ({"api.columns.enable": "1", "api.columns.a": "no_such"}, "no_such"),
        (
            {"api.columns.enable": "1", "api.columns.a": "user", "api.sort.enable": "1", "api.sort.a.field": "domain"},
            "displayed column",
        ),
    ],
)  # fmt: skip
def test_mistakes_are_refused(server: Server, controls: dict[str, str], words: str) -> None:
    assert words in server.whm_refused("listaccts", ROOT, **controls)
    assert server.audit()[-1]["outcome"] == "failed"


def test_a_mistake_is_found_before_anything_changes(server: Server) -> None:
    server.whm_refused("api_token_create", ROOT, token_name="t", **{"api.filter.enable": "1"})
    server.uapi_refused("Tokens::create_full_access", ALICE, name="t", **{"api.filter_column": "x"})
    assert (server.whm_tokens(), server.uapi_tokens()) == ({}, {})


def test_the_privilege_comes_first(server: Server) -> None:
    assert "needs the privilege" in server.whm_refused("listacls", RESELLER, **{"api.filter.enable": "1"})


@pytest.mark.parametrize(
    ("controls", "names"),
    [
        ({"api.filter": "1", "api.filter_column": "name", "api.filter_term": "C"}, ["c10", "c9"]),
        ({"api.filter_column": "name", "api.filter_term": "c"}, ["c10", "c9"]),
        ({"api.filter": "0", "api.filter_column": "name", "api.filter_term": "c"}, ["a", "B", "c10", "c9"]),
        ({"api.filter_column": "name", "api.filter_term": "9", "api.filter_type": "ends"}, ["c9"]),
        ({"api.filter_column": "name", "api.filter_term": "b", "api.filter_type": "begins"}, ["B"]),
        ({"api.filter_column": "name", "api.filter_term": "b", "api.filter_type": "eq"}, []),
        ({"api.filter_column": "name", "api.filter_term": "B", "api.filter_type": "eq"}, ["B"]),
        ({"api.filter_column": "name", "api.filter_term": "B", "api.filter_type": "ne"}, ["a", "c10", "c9"]),
        ({"api.filter_column": "name", "api.filter_term": "^c[0-9]$", "api.filter_type": "matches"}, ["c9"]),
        ({"api.filter_column": "has_full_access", "api.filter_term": "1.0", "api.filter_type": "eq"}, ["a", "B", "c10", "c9"]),
        ({"api.filter_column": "expires_at", "api.filter_type": "defined"}, ["B", "c9"]),
        ({"api.filter_column": "expires_at", "api.filter_type": "undefined"}, ["a", "c10"]),
        ({"api.filter_column": "*", "api.filter_term": "c1"}, ["c10"]),
        (
            {
                "api.filter_column_0": "name", "api.filter_term_0": "c", "api.filter_type_0": "contains",
                "api.filter_column_1": "expires_at", "api.filter_term_1": "0", "api.filter_type_1": "gt",
            },
            ["c9"],
        ),
        (
            {
                "api.filter_column_0": "name", "api.filter_term_0": "c", "api.filter_1": "0",
                "api.filter_column_1": "expires_at", "api.filter_term_1": "0", "api.filter_type_1": "gt",
            },
            ["c10", "c9"],
        ),
        ({"api.sort": "1", "api.sort_column": "name"}, ["a", "B", "c10", "c9"]),
        ({"api.sort": "1", "api.sort_column": "name", "api.sort_reverse": "1"}, ["c9", "c10", "B", "a"]),
        (
            {"api.sort": "1", "api.sort_column_0": "expires_at", "api.sort_method_0": "numeric", "api.sort_column_1": "name"},
            ["a", "c10", "c9", "B"],
        ),
        ({"api.paginate": "1", "api.paginate_start": "2", "api.paginate_size": "2"}, ["B", "c10"]),
        ({"api.paginate_start": "0", "api.paginate_size": "1"}, ["a"]),
        ({"api.paginate": "0", "api.paginate_size": "1"}, ["a", "B", "c10", "c9"]),
        ({"api.paginate": "1", "api.paginate_page": "2", "api.paginate_size": "3"}, ["c9"]),
        ({"api.paginate": "1", "api.paginate_start": "2", "api.paginate_page": "2", "api.paginate_size": "2"}, ["c9"]),
        ({"api.paginate": "1", "api.paginate_start": "3", "api.paginate_page": "2", "api.paginate_size": "2"}, ["c10", "c9"]),
        ({"api.paginate": "1", "api.paginate_start": "-1"}, ["a", "B", "c10", "c9"]),
        ({"api.chunk.enable": "1", "api.chunk.size": "1", "api.analytics": "1"}, ["a", "B", "c10", "c9"]),
    ],
)  # fmt: skip
def test_controls_of_uapi(tokens: Server, controls: dict[str, str], names: list[str]) -> None:
    assert _tokens(tokens, **controls) == names


def test_columns_of_uapi(tokens: Server) -> None:
    expected = [{"name": name, "has_full_access": 1} for name in ("a", "B", "c10", "c9")]
    for switch in ({}, {"api.columns": "1"}):
        columns = {"api.columns_0": "name", "api.columns_1": "has_full_access", **switch}
        assert tokens.uapi_ok("Tokens::list", ALICE, **columns) == expected
    assert _tokens(tokens, **{"api.columns": "0", "api.columns_0": "features"}) == ["a", "B", "c10", "c9"]


def test_metadata_of_uapi(tokens: Server) -> None:
    assert tokens.uapi("Tokens::list")["metadata"] == {}
    controls = {"api.filter_column": "name", "api.filter_term": "c", "api.paginate": "1", "api.paginate_size": "1"}
    response = tokens.request("cpanel", "/execute/Tokens/list", ALICE, data={**controls, "api.paginate_page": "2"})
    check_answer("cpanel", response)
    answer = response.json()
    assert [row["name"] for row in answer["data"]] == ["c9"]
    assert answer["metadata"] == {
        "transformed": 1,
        "filter": {"records_before_filter": 4},
        "paginate": {"start_result": 2, "results_per_page": 1, "total_results": 2, "total_pages": 2, "current_page": 2},
    }


@pytest.mark.parametrize(
    ("controls", "words"),
    [
        ({"api.filter": "1"}, "api.filter_column"),
        ({"api.filter_column": "name"}, "api.filter_term"),
        ({"api.filter_column": "name", "api.filter_term": ""}, "must not be empty"),
        ({"api.filter_column": "name", "api.filter_term": "c", "api.filter_type": "=="}, "undefined"),
        ({"api.filter_column": "name", "api.filter_term": "c", "api.filter_type": "gt"}, "compares numbers"),
        ({"api.filter_column": "name", "api.filter_term": "(", "api.filter_type": "matches"}, "regular expression"),
        (
            {"api.filter_column": "name", "api.filter_term": r"(a)\1", "api.filter_type": "matches"},
            "regular expression",
        ),
        ({"api.filter_field": "name", "api.filter_term": "c"}, "api.filter_field"),
        ({"api.sort": "1"}, "api.sort_column"),
        ({"api.sort": "1", "api.sort_column": "create_time"}, "api.sort_method"),
        ({"api.sort_column": "name", "api.sort_by": "name"}, "api.sort_by"),
        ({"api.paginate": "1", "api.paginate_size": "0"}, "from 1 on"),
        ({"api.paginate": "on"}, "must be 1 or 0"),
        ({"api.paginate": "1", "api.paginate_count": "2"}, "api.paginate_count"),
        ({"api.columns": "name"}, "must be 1 or 0"),
        ({"api.columns": "1"}, "api.columns_0"),
        ({"api.columns_0": "name", "api.sort_column": "expires_at", "api.sort_method": "numeric"}, "displayed column"),
    ],
)
def test_mistakes_in_uapi_are_refused(tokens: Server, controls: dict[str, str], words: str) -> None:
    assert words in tokens.uapi_refused("Tokens::list", ALICE, **controls)


UAPI_CONTROLS = {"api.filter_column": "name", "api.filter_term": "c9", "api.filter_type": "eq"}


def test_every_way_to_uapi(tokens: Server) -> None:
    flat = tokens.uapi("Tokens::list", ALICE, **UAPI_CONTROLS)
    assert [row["name"] for row in flat["data"]] == ["c9"]
    through = {"cpanel.user": "alice", "cpanel.module": "Tokens", "cpanel.function": "list"}
    assert tokens.whm_ok("uapi_cpanel", ROOT, **through, **UAPI_CONTROLS) == {"uapi": flat}
    older = {
        "cpanel_jsonapi_user": "alice", "cpanel_jsonapi_module": "Tokens", "cpanel_jsonapi_func": "list",
        "cpanel_jsonapi_apiversion": "3",
    }  # fmt: skip
    assert tokens.whm("cpanel", ROOT, **older, **UAPI_CONTROLS)["result"] == flat
    command = json.dumps(["Tokens", "list", UAPI_CONTROLS])
    assert tokens.uapi_ok("Batch::strict", ALICE, command=command) == [flat]
    line = "uapi --user=alice Tokens list --output=json " + " ".join(
        f"{name}={text}" for name, text in UAPI_CONTROLS.items()
    )
    assert json.loads(bash(tokens, line).stdout)["result"] == flat


def test_every_way_to_whm(server: Server) -> None:
    controls = _filter("user", "alice", "eq") | {"api.filter.verbose": "1"}
    whole = server.whm("listaccts", ROOT, **controls)
    assert [row["user"] for row in whole["data"]["acct"]] == ["alice"]
    query = "&".join(f"{name}={text}" for name, text in controls.items())
    assert server.whm_ok("batch", ROOT, command=f"listaccts?{query}") == {"result": [whole]}
    assert json.loads(bash(server, f"whmapi1 --output=json listaccts {query.replace('&', ' ')}").stdout) == whole
    assert server.request("whm", f"/json-api/listaccts?api.version=1&{query}", ROOT, method="GET").json() == whole


def test_columns_that_only_some_rows_have(server: Server) -> None:
    """Only read-only tokens have the column ``readonly``; the other rows come without it."""
    server.uapi_token("reader", ALICE, readonly=1)
    server.uapi_token("writer", ALICE)
    assert server.uapi_ok("Tokens::list", ALICE, **{"api.columns_0": "readonly"}) == [{"readonly": 1}, {}]
    page = {"api.columns_0": "readonly", "api.paginate_start": "2", "api.paginate_size": "1"}
    assert server.uapi_ok("Tokens::list", ALICE, **page) == [{}]
    nothing = {"api.columns_0": "readable", "api.filter_column": "name", "api.filter_term": "none"}
    assert "readable" in server.uapi_refused("Tokens::list", ALICE, **nothing)
