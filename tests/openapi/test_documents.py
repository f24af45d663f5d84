# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documents name exactly what the server has, and the checks against them have teeth."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from tests.openapi.peer import OWNERS, TIMEOUT, Peer
from tests.support.schema import FOLDER, Undocumented, check_answer, document
from token_server.functions.permissions import API2_FUNCTIONS, UAPI_FUNCTIONS, WHM_FUNCTIONS
from token_server.http.protocol import MAX_HEAD
from token_server.parameters import MAX_FIELDS
from token_server.privileges import CHART
from token_server.wire import MAX_BODY

LIST = {"whm": "/json-api/api_token_list", "cpanel": "/execute/Tokens/list"}
QUERY = {"whm": "?api.version=1", "cpanel": ""}


def test_the_documents_name_every_function_of_the_server_and_no_other():
    whm = [path for path in document("whm").paths if path.startswith("/json-api/") and "{" not in path]
    assert sorted(whm) == sorted(f"/json-api/{name}" for name in WHM_FUNCTIONS)
    uapi = [path for path in document("cpanel").paths if path.startswith("/execute/") and "{" not in path]
    assert sorted(uapi) == sorted("/execute/" + name.replace("::", "/") for name in UAPI_FUNCTIONS)


def test_every_function_can_be_called_by_query_and_by_form():
    for service in ("whm", "cpanel"):
        operations = set(document(service).operations())
        for path in document(service).paths:
            assert {("GET", path), ("POST", path)} <= operations


def test_no_file_of_the_documents_is_left_over():
    used = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.yaml"))
    for path in FOLDER.glob("*.yaml"):
        assert path.stem in ("whm", "cpanel") or f"'{path.name}#" in used


def test_the_api2_functions_are_those_of_the_server(peer: Peer):
    for name in API2_FUNCTIONS:
        module, _colons, function = name.partition("::")
        form = {"cpanel_jsonapi_module": module, "cpanel_jsonapi_func": function}
        assert peer.call("cpanel", "/json-api/cpanel", form).json()["cpanelresult"]["event"] == {"result": 1}


def test_the_list_shows_every_privilege(peer: Peer):
    row = peer.call("whm", LIST["whm"] + QUERY["whm"]).json()["data"]["tokens"]["ci"]
    assert set(row["acls"]) == CHART


def _spoilt(answer: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield variants of a good answer that no client could rely on, each with what was changed."""

    def visit(value: Any, steps: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
        where = "/".join(map(str, steps))
        if isinstance(value, dict):
            for key in value:
                yield from visit(value[key], (*steps, key))
                yield f"{where} without {key}", _changed(answer, steps, lambda here, key=key: here.pop(key))
            yield f"{where} with more", _changed(answer, steps, lambda here: here.update({"sur plus": [1]}))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from visit(item, (*steps, index))
        if steps:
            wrong = _changed(answer, steps[:-1], lambda here: here.__setitem__(steps[-1], {"wrong": "type"}))
            yield f"{where} of a wrong type", wrong

    return visit(answer, ())


def _changed(answer: dict[str, Any], steps: tuple[Any, ...], change: Callable[[Any], object]) -> Any:
    altered = copy.deepcopy(answer)
    here: Any = altered
    for step in steps:
        here = here[step]
    change(here)
    return altered


def _passes(service: str, answer: Any) -> bool:
    try:
        document(service).check("POST", LIST[service], 200, "application/json", json.dumps(answer).encode())
    except Undocumented:
        return False
    return True


@pytest.mark.parametrize("service", ["whm", "cpanel"])
def test_a_good_answer_passes_and_every_spoilt_one_is_noticed(peer: Peer, service: str):
    good = peer.call(service, LIST[service] + QUERY[service]).json()
    assert _passes(service, good)
    spoilt = dict(_spoilt(good))
    assert len(spoilt) > 50
    # A token may be missing, one privilege of a server's own too, and the mark of a read-only token.
    tolerated = re.compile(
        r"data/tokens without [a-z-]+|data/tokens/[a-z-]+/acls without [a-z-]+|data/1 without readonly"
    )
    missed = [what for what, answer in spoilt.items() if _passes(service, answer)]
    assert [what for what in missed if not tolerated.fullmatch(what)] == []


def test_a_wrong_status_type_or_method_is_noticed():
    cases = [
        ("POST", LIST["whm"], 500, "application/json", b"{}"),
        ("POST", LIST["whm"], 200, "text/html", b"<html>"),
        ("POST", LIST["whm"], 200, "application/json", b'{"metadata":'),
        ("DELETE", LIST["whm"], 200, "application/json", b"{}"),
        ("POST", "/login", 302, "text/plain", b"with a body"),
    ]
    for case in cases:
        with pytest.raises(Undocumented):
            document("whm").check(*case)


@pytest.mark.parametrize("service", ["whm", "cpanel"])
def test_requests_that_are_no_calls_are_answered_as_documented(peer: Peer, service: str):
    url, authorized = (
        peer.ready[service] + LIST[service] + QUERY[service],
        {"Authorization": peer.authorization(service)},
    )
    json_body = {**authorized, "Content-Type": "application/json"}
    cases: list[tuple[int, str, str, dict[str, str], bytes]] = [
        (400, "POST", url, authorized, b"a=1&" * MAX_FIELDS),
        (401, "GET", url, {}, b""),
        (401, "POST", url, {"Authorization": f"{service} root:WRONG"}, b"a=1"),
        (404, "GET", peer.ready[service] + "/elsewhere/entirely", authorized, b""),
        (404, "GET", peer.ready[service] + "/", authorized, b""),
        (405, "PUT", url, authorized, b""),
        (405, "DELETE", peer.ready[service] + "/", authorized, b""),
        (405, "OPTIONS", peer.ready[service] + "/login", {}, b""),
        (413, "POST", url, authorized, b"a" * (MAX_BODY + 1)),
        (431, "POST", url, {**authorized, "X-Long": "a" * MAX_HEAD}, b""),
        (400, "POST", url, json_body, b"{"),
        (400, "POST", peer.ready[service] + "/login", {"Content-Type": "multipart/form-data"}, b"{}"),
        (403, "POST", url, {**authorized, "Origin": "https://other.example"}, b""),
    ]
    for status, method, address, headers, body in cases:
        headers = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        answer = peer.session.request(method, address, headers=headers, data=body, timeout=TIMEOUT)
        assert (answer.status_code, method, address) == (status, method, address)
        check_answer(service, answer)


@pytest.mark.parametrize("service", ["whm", "cpanel"])
def test_a_session_is_answered_as_documented(peer: Peer, service: str):
    with requests.Session() as browser:
        browser.verify = peer.ready["ca_file"]
        base = peer.ready[service]
        check_answer(service, browser.get(f"{base}/login", timeout=TIMEOUT))
        user, password = OWNERS[service]
        form = {"user": user, "pass": password}
        begun = browser.post(f"{base}/login", data=form, timeout=TIMEOUT, allow_redirects=False)
        assert begun.status_code == 302
        check_answer(service, begun)
        for tried, status in ((password, 200), ("wrong", 401)):
            form = {"user": user, "pass": tried, "login_only": "1"}
            answered = requests.post(f"{base}/login", data=form, timeout=TIMEOUT, verify=browser.verify)
            assert answered.status_code == status
            check_answer(service, answered)
        inside = base + begun.headers["Location"].rstrip("/")
        listed = check_answer(service, browser.get(inside + LIST[service] + QUERY[service], timeout=TIMEOUT))
        assert "deploy" in listed.text
