# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameter values that mean something to the server, so that generated requests get past its first checks."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.support.users import ALICE, ROOT
from token_server.privileges import CHART

_NAMES = st.sampled_from(["ci", "deploy", "new", "other", "apitokens"])
_USERS = st.sampled_from(["alice", "bob", "suspended", "reseller", "rival", "reseller", "root", "dave"])
_FLAGS = st.sampled_from(["0", "1"])
_TIMES = st.sampled_from(["0", "1", "4102444800", "253402300799"])
_ACLS = st.lists(st.sampled_from(sorted(CHART)), max_size=4)
_ADDRESSES = st.lists(st.sampled_from(["127.0.0.1", "10.0.0.0/8", "fc00::1", "2620:0:28a4::/48", "any"]), max_size=4)
_MODULES = st.sampled_from(["Tokens", "Email"])
_FUNCTIONS = st.sampled_from(["list", "create_full_access", "list_pops", "listpops"])

_WHM_COMMANDS = [
    "version",
    "loadavg",
    "api_token_create?token_name=new&acl=list-accts",
    "api_token_update?token_name=ci&new_name=renamed",
    "api_token_revoke?token_name=deploy&token_name-1=new",
    "uapi_cpanel?cpanel.user=alice&cpanel.module=Tokens&cpanel.function=list",
    "cpanel?cpanel_jsonapi_user=alice&cpanel_jsonapi_module=Email&cpanel_jsonapi_func=listpops",
    "batch?command=version",
    "createacct?username=dave&domain=dave.example",
    "no_such_function?%zz=%",
]
_UAPI_COMMANDS = [
    '["Tokens","list"]',
    '["Tokens","create_full_access",{"name":"new"}]',
    '["Tokens","rename",{"name":"ci","new_name":"renamed"}]',
    '["Tokens","revoke",{"name":["deploy","ci"]}]',
    '["Batch","strict",{"command":"[\\"Email\\",\\"list_pops\\"]"}]',
    '["Nothing","at_all",{"name":null,"other":true,"more":1e400}]',
    '["Tokens"]',
]

_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "token_name": _NAMES,
    "new_name": _NAMES,
    "name": _NAMES,
    "acl": _ACLS,
    "whitelist_ip": _ADDRESSES,
    "expires_at": _TIMES,
    "readonly": _FLAGS,
    "service": st.sampled_from(["cpaneld", "whostmgrd", "webmaild"]),
    "preferred_domain": st.sampled_from(["panel.example", "127.0.0.1"]),
    "search": st.sampled_from(["a", "^b", "(a|b)+$", "(", "root"]),
    "searchtype": st.sampled_from(["user", "domain", "owner", "ip", "package"]),
    "searchmethod": st.sampled_from(["regex", "exact"]),
    "want": st.sampled_from(["user", "user,domain", "uid,email", "nothing"]),
    "plan": st.sampled_from(["default", "a plan"]),
    "contactemail": st.sampled_from(["a@b.example", ""]),
    "quota": st.sampled_from(["0", "500"]),
    "QUOTA": st.sampled_from(["0", "unlimited"]),
    "owner": st.sampled_from(["root", "reseller"]),
    "showpass": st.sampled_from(["y", "n"]),
    "reason": st.sampled_from(["Nonpayment", ""]),
    "disallowun": _FLAGS,
    "acllist": st.sampled_from(["support", "billing"]),
    "skip_main": _FLAGS,
    "regex": st.sampled_from(["^a", "(", "[a-z]+@"]),
    "email": st.sampled_from(["info", "sales@alice.example", "x@elsewhere.example"]),
    "makeowner": _FLAGS,
    "abort_on_error": _FLAGS,
    "user": _USERS,
    "username": _USERS,
    "newuser": _USERS,
    "pass": st.sampled_from([ROOT.password, ALICE.password, "wrong"]),
    "password": st.sampled_from(["a new password", "p\u00e4ss\u4e16"]),
    "domain": st.sampled_from(["dave.example", "sub.Example.COM"]),
    "cpanel.user": _USERS,
    "cpanel.module": _MODULES,
    "cpanel.function": _FUNCTIONS,
    "cpanel_jsonapi_user": _USERS,
    "cpanel_jsonapi_module": st.just("Email"),
    "cpanel_jsonapi_func": st.sampled_from(["list_pops", "listpops"]),
    "cpanel_jsonapi_apiversion": st.sampled_from(["2", "3"]),
}

_OF_FUNCTIONS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    # Only resellers can lose that status, and each of them once.
    "unsetupreseller": {"user": st.sampled_from(["reseller", "rival"])},
}


def plausible(service: str, path: str, arguments: dict[str, Any], token: str) -> st.SearchStrategy[dict[str, Any]]:
    """Generate better arguments in place of generated ones. ``token`` is a secret that exists.

    Those without which nothing works stay, those for which there is nothing better are left out.
    """
    values = dict(_VALUES, token=st.just(token))
    values["command"] = st.lists(st.sampled_from(_WHM_COMMANDS if service == "whm" else _UAPI_COMMANDS), min_size=1)
    if "pass" in arguments:
        values["user"] = st.sampled_from(["root", "alice"])
    # One word for two things: who it is in one function, whether it is one in another.
    values["reseller"] = _FLAGS if "domain" in arguments else st.sampled_from(["reseller", "alice"])
    values |= _OF_FUNCTIONS.get(path.rpartition("/")[2], {})
    better = {name: values[name] for name in arguments if name in values}
    if "reseller" in arguments and "domain" not in arguments:
        better |= {"acl-list-accts": _FLAGS, "acl-software-shop": _FLAGS}
    kept = {name: arguments[name] for name in ("api.version",) if name in arguments}
    return st.fixed_dictionaries(better).map(lambda chosen: {**kept, **chosen}) if better else st.just(arguments)
