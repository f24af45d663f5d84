# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines from the notebooks of administrators: what they cut out of the output, and what they change, as on a real server.

Each row is a text for bash, run as root on the server's machine with ``whmapi1`` and ``uapi`` in the PATH, and what it prints. Rows of
``CHANGES`` also say what is there afterwards.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable

import pytest

from tests.conformance.shell import bash
from tests.support.missing import missing
from tests.support.server import Server
from tests.support.users import BOB, RESELLER

SECRET = "<SECRET>"
"""What stands in a row where the output has the secret of a new token."""

ACCOUNTS = "reseller rival alice bob suspended mailonly myuser username nomail"

READS: dict[str, tuple[str, str]] = {
    "users with a look-behind": (r"whmapi1 listaccts | grep -oP '(?<=user: ).*' | xargs", ACCOUNTS),
    "users with awk": ("whmapi1 listaccts | grep user: | awk -F ': ' '{print $2}' | xargs", ACCOUNTS),
    "users with cut": ("whmapi1 listaccts | grep 'user: ' | tr -d ' ' | cut -d: -f2 | xargs", ACCOUNTS),
    "users with sed": (
        r"whmapi1 listaccts --output=yaml | sed -n 's/^[[:space:]]*user:[[:space:]]*//p' | xargs",
        ACCOUNTS,
    ),
    "number of accounts": ("whmapi1 listaccts | grep -c user:", "9"),
    "rows begin with a lone dash": ("whmapi1 listaccts | grep -c '^    -$'", "9"),
    "domains with awk": (
        "whmapi1 listaccts | awk '$1 == \"domain:\" {print $2}' | sort | head -2 | xargs",
        "alice.example bob.example",
    ),
    "users from pretty JSON": (
        r"""whmapi1 listaccts --output=jsonpretty | grep -oP '"user"\s*:\s*"\K[^"]+' | xargs""",
        ACCOUNTS,
    ),
    "is there such a user": (
        """whmapi1 listaccts --output=jsonpretty | grep -q '"user" : "alice"' && echo yes""",
        "yes",
    ),
    "suspended ones from compact JSON": (
        r"""whmapi1 --output=json listaccts | grep -o '"suspended":1' | wc -l""",
        "1",
    ),
    "users with jq": ("whmapi1 listaccts --output=json | jq -r '.data.acct[].user' | xargs", ACCOUNTS),
    "active users with jq": (
        "whmapi1 listaccts --output=json | jq -r '.data.acct[] | select(.suspended == 0) | .user' | xargs",
        "reseller rival alice bob mailonly myuser username nomail",
    ),
    "users with python": (
        """whmapi1 listaccts --output=json | python3 -c 'import json, sys
for row in json.load(sys.stdin)["data"]["acct"]: print(row["user"])' | xargs""",
        ACCOUNTS,
    ),
    "one account, filtered": (
        "whmapi1 listaccts api.filter.enable=1 api.filter.a.field=domain api.filter.a.arg0=bob.example | grep -oP 'user: \\K.*'",
        "bob",
    ),
    "two columns": (
        "whmapi1 listaccts api.columns.enable=1 api.columns.a=user api.columns.b=domain --output=json"
        " | jq -c '.data.acct[2]'",
        '{"user":"alice","domain":"alice.example"}',
    ),
    "the last page": (
        "whmapi1 listaccts api.chunk.enable=1 api.chunk.size=4 api.chunk.start=9 | awk '/user:/ {print $2}' | xargs",
        "nomail",
    ),
    "sorted by the server": (
        "whmapi1 listaccts api.sort.enable=1 api.sort.a.field=user api.sort.a.reverse=1 | awk '/ user:/ {print $2}' | head -2 | xargs",
        "username suspended",
    ),
    "the result of a call": ("whmapi1 version | awk '/^  result:/ {print $2}'", "1"),
    "the reason of a refusal": (
        "whmapi1 nonesuch | grep -oP 'reason: \\K.*'",
        "Unknown app (\u201cnonesuch\u201d) requested for this version (1) of the API.",
    ),
    "a reseller's privileges": (
        "whmapi1 myprivs --user=reseller --output=jsonpretty | grep -c ' : 1,\\?$'",
        "11",
    ),
    "the error of a uapi call": (
        "uapi --user=alice Tokens rename name=x new_name=y | sed -n '/errors:/{n;s/^ *- //p}'",
        "The account does not have an API token named \u201cx\u201d.",
    ),
    "null is a tilde": ("uapi --user=alice Tokens list | grep -c '^  [a-z]*: ~$'", "3"),
    "status of each account": (
        "for user in $(whmapi1 listaccts | awk '/user:/ {print $2}'); do"
        ' uapi --user=$user Tokens list --output=json | jq -r "\\"$user=\\" + (.result.status | tostring)"; done | xargs',
        "reseller=1 rival=1 alice=1 bob=1 suspended=1 mailonly=0 myuser=1 username=1 nomail=1",
    ),
    "help names the options": ("whmapi1 --help | grep -c '^--'", "3"),
    "a mistyped option changes nothing": (
        "(whmapi1 api_token_create token_name=x --acl=list-accts 2>&1 || echo failed) | cut -c1-31",
        '[whmapi1] Unknown option "--acl\nfailed',
    ),
}


@pytest.mark.parametrize("recipe", READS)
def test_reading(server: Server, recipe: str) -> None:
    lines, printed = READS[recipe]
    _need_jq(lines)
    done = bash(server, f"set -o pipefail\n{lines}")
    assert (done.stdout.rstrip("\n"), done.stderr, done.returncode) == (printed, "", 0)
    assert (server.whm_tokens(), server.uapi_tokens()) == ({}, {})


State = Callable[[Server], object]


def _roots(server: Server) -> object:
    return {
        name: sorted(acl for acl, flag in token["acls"].items() if flag) for name, token in server.whm_tokens().items()
    }


def _names(server: Server) -> object:
    return sorted(server.whm_tokens())


def _resellers(server: Server) -> object:
    return {"root": sorted(server.whm_tokens()), "reseller": sorted(server.whm_tokens(RESELLER))}


def _accounts(server: Server) -> object:
    return sorted(server.uapi_tokens()), sorted(server.uapi_tokens(BOB))


def _suspended(server: Server) -> object:
    return [row["user"] for row in server.whm_ok("listaccts")["acct"] if row["suspended"]]


CHANGES: dict[str, tuple[str, str, State, object]] = {
    "a secret with grep and awk": (
        "whmapi1 api_token_create token_name=deploy acl-1=list-accts | grep token: | awk '{print $2}'",
        SECRET, _roots, {"deploy": ["list-accts"]},
    ),
    "a secret with a look-behind": (
        r"whmapi1 api_token_create token_name=bot 2>/dev/null | grep -oP 'token:\s*\K\S+'",
        SECRET, _names, ["bot"],
    ),
    "a secret from compact JSON": (
        r"""whmapi1 --output=json api_token_create token_name=ci acl=list-accts | grep -o '"token":"[^"]*"' | cut -d'"' -f4""",
        SECRET, _roots, {"ci": ["list-accts"]},
    ),
    "a secret from pretty JSON": (
        """whmapi1 api_token_create --output=jsonpretty token_name=ci | sed -n 's/.*"token" : "\\([A-Z0-9]*\\)".*/\\1/p'""",
        SECRET, _names, ["ci"],
    ),
    "a secret with jq": (
        "whmapi1 api_token_create token_name=ci --output=json | jq -r .data.token",
        SECRET, _names, ["ci"],
    ),
    "a secret with python": (
        "whmapi1 api_token_create token_name=ci --output=json |"
        """ python3 -c 'import json,sys; print(json.load(sys.stdin)["data"]["token"])'""",
        SECRET, _names, ["ci"],
    ),
    "result and secret in one": (
        "whmapi1 api_token_create token_name=filter acl-1=list-accts | grep -E 'result: 1|token:' | awk '{print $1}' | xargs",
        "token: result:", _names, ["filter"],
    ),
    "two refusals that an if can see": (
        "for name in one one; do whmapi1 api_token_create token_name=$name | grep -q 'result: 1' && echo made || echo refused; done",
        "made\nrefused", _names, ["one"],
    ),
    "the token of a reseller": (
        "whmapi1 api_token_create token_name=shop --user=reseller --output=json | jq .metadata.result",
        "1", _resellers, {"root": [], "reseller": ["shop"]},
    ),
    "the token of a reseller, option in front": (
        "whmapi1 --user=reseller --output=json api_token_create token_name=shop | jq -r '.data.acls | length'",
        "9", _resellers, {"root": [], "reseller": ["shop"]},
    ),
    "revoke all that begin so": (
        "for name in ci-1 ci-2 keep; do whmapi1 api_token_create token_name=$name >/dev/null; done\n"
        "whmapi1 api_token_list --output=json | jq -r '.data.tokens | keys[] | select(startswith(\"ci-\"))'"
        " | while read -r name; do whmapi1 api_token_revoke token_name=\"$name\" | grep -oP 'reason: \\K.*'; done",
        "OK\nOK", _names, ["keep"],
    ),
    "revoke those that the server filters": (
        "for name in ci-1 ci-2 keep; do whmapi1 api_token_create token_name=$name >/dev/null; done\n"
        "whmapi1 api_token_list api.filter.enable=1 api.filter.a.field=name api.filter.a.type=begins api.filter.a.arg0=ci-"
        " | awk '$1 == \"name:\" {print $2}' | xargs -I{} whmapi1 api_token_revoke token_name={} | grep -c 'result: 1'",
        "2", _names, ["keep"],
    ),
    "a filter whose variable is empty revokes nothing": (
        "whmapi1 api_token_create token_name=keep >/dev/null; unset prefix\n"
        "whmapi1 api_token_list api.filter.enable=1 api.filter.a.field=name api.filter.a.arg0=$prefix"
        " | awk '$1 == \"name:\" {print $2}' | xargs -r -I{} whmapi1 api_token_revoke token_name={}",
        "", _names, ["keep"],
    ),
    "an empty user is nobody": (
        "whmapi1 api_token_create token_name=x --user=$nobody 2>/dev/null; echo $?",
        "1", _names, [],
    ),
    "a token for every account": (
        "whmapi1 listaccts --output=json | jq -r '.data.acct[].user' | grep -E '^(alice|bob)$' | while read -r user; do"
        " uapi --user=$user Tokens create_full_access name=backup --output=json </dev/null | jq .result.status; done",
        "1\n1", _accounts, (["backup"], ["backup"]),
    ),
    "rename and revoke an account's token": (
        "uapi Tokens create_full_access name=a --user=alice >/dev/null\n"
        "uapi --user=alice Tokens rename name=a new_name=b | awk '/^  status:/ {print $2}'\n"
        "uapi --user=bob Tokens create_full_access name=a | grep -c token:\n"
        "uapi --user=bob --output=json Tokens revoke name=a | jq .result.data",
        "1\n1\n1", _accounts, (["b"], []),
    ),
    "suspend and see": (
        "whmapi1 suspendacct user=alice reason=Nonpayment | grep -oP '^  result: \\K.*'\n"
        "whmapi1 unsuspendacct user=suspended --output=json | jq .metadata.result",
        "1\n1", _suspended, ["alice"],
    ),
    "fewer privileges": (
        "whmapi1 api_token_create token_name=t acl-1=list-accts acl-2=quota >/dev/null\n"
        "whmapi1 api_token_update token_name=t acl=quota --output=jsonpretty | tr -d ' \\n' | grep -o '\"acls\":\\[[^]]*\\]'",
        '"acls":["quota"]', _roots, {"t": ["quota"]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("recipe", CHANGES)
def test_changing(server: Server, recipe: str) -> None:
    lines, printed, state, after = CHANGES[recipe]
    _need_jq(lines)
    done = bash(server, lines)
    assert done.stderr == ""
    if printed == SECRET:
        secret = done.stdout.rstrip("\n")
        assert re.fullmatch("[A-Z0-9]{32}", secret)
        assert server.whm_accepts(secret)
    else:
        assert done.stdout.rstrip("\n") == printed
    assert state(server) == after


def _need_jq(lines: str) -> None:
    if "jq" in lines and shutil.which("jq") is None:
        missing("jq is not installed")
