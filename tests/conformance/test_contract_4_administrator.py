# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Section C4 of the wire contract: an administrator calls UAPI, and many calls in one."""

from __future__ import annotations

import json
from urllib.parse import quote, urlencode

import pytest

from tests.conformance.statements import states
from tests.support.server import Server
from tests.support.users import RESELLER, ROOT


def through_whm(account: str, function: str, **parameters: str) -> dict[str, str]:
    """Return the parameters of ``uapi_cpanel`` for a function of the module Tokens."""
    call = {"cpanel.user": account, "cpanel.module": "Tokens", "cpanel.function": function}
    return {**call, **parameters}


@states("C4.01", "C4.02")
def test_uapi_cpanel(server: Server) -> None:
    created = server.whm_ok("uapi_cpanel", **through_whm("alice", "create_full_access", name="t"))["uapi"]
    assert (created["status"], created["errors"]) == (1, None)
    assert server.status("cpanel", f"cpanel alice:{created['data']['token']}") == 200
    assert server.whm_ok("uapi_cpanel", **through_whm("alice", "list"))["uapi"] == server.uapi("Tokens::list")
    for missing in ("cpanel.user", "cpanel.module", "cpanel.function"):
        call = {key: text for key, text in through_whm("alice", "list").items() if key != missing}
        assert missing in server.whm_refused("uapi_cpanel", **call)


@states("C4.03")
def test_two_outcomes(server: Server) -> None:
    answer = server.whm("uapi_cpanel", **through_whm("alice", "create_full_access", name="not a name"))
    assert (answer["metadata"]["result"], answer["data"]["uapi"]["status"]) == (1, 0)
    assert "50 characters" in answer["data"]["uapi"]["errors"][0]
    answer = server.whm("uapi_cpanel", **through_whm("nobody", "list"))
    assert answer["metadata"]["result"] == 0
    assert "data" not in answer


@states("C4.04")
def test_the_privilege(server: Server) -> None:
    without = f"whm root:{server.whm_token('without', acl=['list-accts', 'manage-api-tokens'])}"
    assert "cpanel-api" in server.whm_refused("uapi_cpanel", without, **through_whm("alice", "list"))
    # Root's own accounts are within its reach, whatever else the token may do.
    having = f"whm root:{server.whm_token('with', acl='cpanel-api')}"
    assert server.whm_ok("uapi_cpanel", having, **through_whm("alice", "list"))["uapi"]["status"] == 1


@states("C4.05")
def test_the_reach_of_a_reseller(server: Server) -> None:
    own = server.whm_ok("uapi_cpanel", RESELLER, **through_whm("bob", "create_full_access", name="t"))
    assert own["uapi"]["status"] == 1
    call = through_whm("alice", "create_full_access", name="t")
    foreign = server.whm_refused("uapi_cpanel", RESELLER, **call)
    assert foreign == server.whm_refused("uapi_cpanel", RESELLER, **{**call, "cpanel.user": "nobody"}).replace(
        "nobody", "alice"
    ), "who is refused does not learn whether the account exists"
    assert server.uapi_tokens() == {}


@states("C4.06")
def test_the_older_function(server: Server) -> None:
    call = {"user": "alice", "module": "Tokens", "func": "create_full_access", "apiversion": "3"}
    answer = server.whm("cpanel", **{f"cpanel_jsonapi_{key}": text for key, text in call.items()}, name="t")
    assert {key: answer[key] for key in answer if key != "result"} == {
        "apiversion": 3,
        "module": "Tokens",
        "func": "create_full_access",
    }
    assert answer["result"]["status"] == 1
    assert server.status("cpanel", f"cpanel alice:{answer['result']['data']['token']}") == 200


@states("C4.07", "C4.08", "C4.09")
@pytest.mark.parametrize("first", [None, 0, 1], ids=["repeated", "from 0", "from 1"])
def test_batch(server: Server, first: int | None) -> None:
    inner = urlencode(through_whm("alice", "create_full_access", name="inner"))
    password = quote("a&b=c%20d", safe="")
    commands = [
        "api_token_create?token_name=one&acl-0=list-accts&acl-1=quota",
        f"uapi_cpanel?{inner}",
        "no_such_function",
        f"passwd?user=alice&password={password}",
        *(f"api_token_create?token_name=more{number}" for number in range(8)),
    ]
    numbered = {f"command-{number}": text for number, text in enumerate(commands, start=first or 0)}
    result = server.whm("batch", **({"command": commands} if first is None else numbered))["data"]["result"]
    assert [answer["metadata"]["command"] for answer in result] == [text.partition("?")[0] for text in commands]
    assert [answer["metadata"]["result"] for answer in result] == [1, 1, 0, *[1] * 9]
    assert result[0]["data"]["acls"] == ["list-accts", "quota"]
    assert [answer["data"]["name"] for answer in result[4:]] == [f"more{number}" for number in range(8)]
    assert server.status("cpanel", f"cpanel alice:{result[1]['data']['uapi']['data']['token']}") == 200
    assert server.status("cpanel", ("alice", "a&b=c%20d")) == 200


@states("C4.10")
@pytest.mark.parametrize(
    ("abort", "results"), [({}, [1, 0, 1]), ({"abort_on_error": 0}, [1, 0, 1]), ({"abort_on_error": 1}, [1, 0])]
)
def test_abort_on_error(server: Server, abort: dict[str, int], results: list[int]) -> None:
    commands = ["api_token_create?token_name=a", "api_token_create?token_name=a", "api_token_create?token_name=b"]
    answers = server.whm("batch", command=commands, **abort)["data"]["result"]
    assert [answer["metadata"]["result"] for answer in answers] == results
    assert set(server.whm_tokens()) == ({"a"} if len(results) == 2 else {"a", "b"})


@states("C4.11", "C4.12")
@pytest.mark.parametrize("numbered", [False, True])
def test_strict(server: Server, numbered: bool) -> None:
    create = [["Tokens", "create_full_access", {"name": name}] for name in ("a", "b")]

    def run(*calls: list) -> dict:
        commands = [json.dumps(call) for call in calls]
        named = {f"command-{number}": text for number, text in enumerate(commands)}
        return server.uapi("Batch::strict", **(named if numbered else {"command": commands}))

    done = run(create[0], ["Email", "list_pops"], ["Tokens", "list", {}])
    assert done["status"] == 1
    assert [answer["status"] for answer in done["data"]] == [1, 1, 1]
    assert [token["name"] for token in done["data"][2]["data"]] == ["a"]
    stopped = run(["Tokens", "revoke", {"name": "a"}], ["Tokens", "rename", {"name": "a", "new_name": "c"}], create[1])
    assert stopped["status"] == 0
    assert server.uapi_tokens() == {}


@states("C4.13")
def test_the_batch_itself(server: Server) -> None:
    answer = server.whm("batch", ROOT, command=["no_such_function"])
    assert (answer["metadata"]["result"], answer["metadata"]["reason"]) == (0, "One or more commands failed.")
    assert answer["data"]["result"][0]["metadata"]["result"] == 0
    assert "command" in server.whm_refused("batch")
