# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Section C1 of the wire contract: two services, two envelopes, and how one authenticates."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
import requests

from tests.conformance.calls import UAPI_CALLS, WHM_CALLS
from tests.conformance.shell import bash
from tests.conformance.statements import states
from tests.support.server import Server
from tests.support.users import ALICE, BOB, RESELLER, ROOT

DENIED = {
    "cpanelresult": {
        "apiversion": "2",
        "error": "Access denied",
        "data": {"reason": "Access denied", "result": "0"},
        "type": "text",
    }
}
VERSION = "/json-api/version?api.version=1"
POPS = "/execute/Email/list_pops"


@states("C1.01")
def test_services_and_ports(server: Server) -> None:
    for listener, who in (("whm", ROOT), ("whm_plain", ROOT), ("cpanel", ALICE), ("cpanel_plain", ALICE)):
        scheme = "http" if listener.endswith("_plain") else "https"
        assert server.ready[listener].startswith(f"{scheme}://")
        assert server.status(listener, who) == 200
    command = [sys.executable, "-m", "token_server", "serve", "--help"]
    text = " ".join(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    shown = re.findall(r"--((?:whm|cpanel)(?:-plain)?-port) PORT [^()]*\(default: ([0-9]+)\)", text)
    wished = {"whm-port": "2087", "whm-plain-port": "2086", "cpanel-port": "2083", "cpanel-plain-port": "2082"}
    assert dict(shown) == wished


@states("C1.02")
def test_paths(server: Server) -> None:
    assert server.request("whm", VERSION, ROOT, method="GET").json()["metadata"]["result"] == 1
    assert server.request("cpanel", POPS, ALICE, method="GET").json()["status"] == 1
    for listener, path, who in (("whm", "/version", ROOT), ("cpanel", "/Email/list_pops", ALICE)):
        assert server.request(listener, path, who, method="GET").status_code == 404


@states("C1.03")
def test_who_may_use_what(server: Server) -> None:
    assert [server.status("whm", who) for who in (ROOT, RESELLER, ALICE)] == [200, 200, 401]
    assert [server.status("cpanel", who) for who in (ROOT, RESELLER, ALICE)] == [401, 200, 200]


@states("C1.04", "C1.05")
@pytest.mark.parametrize("spelling", [str.lower, str.upper, str.title])
def test_token_headers(server: Server, spelling) -> None:
    whm, cpanel = server.whm_token(), server.uapi_token()
    words = {"whm": f"root:{whm}", "cpanel": f"alice:{cpanel}"}
    for service, pair in words.items():
        assert server.status(service, f"{spelling(service)} {pair}") == 200
        assert server.status("cpanel" if service == "whm" else "whm", f"{spelling(service)} {pair}") == 401
        assert server.status(service, f"{spelling('Bearer')} {pair}") == 401


@states("C1.06")
def test_success(server: Server) -> None:
    whm, uapi = server.whm("api_token_list"), server.uapi("Tokens::list")
    assert (whm["metadata"]["result"], whm["data"]) == (1, {"tokens": {}})
    assert (uapi["status"], uapi["data"]) == (1, [])


@states("C1.07", "C1.08", "C1.09")
def test_failure(server: Server) -> None:
    whm = server.request("whm", "/json-api/api_token_create?api.version=1", ROOT)
    assert whm.status_code == 200
    assert whm.json()["metadata"]["result"] == 0
    assert "token_name" in whm.json()["metadata"]["reason"]
    uapi = server.request("cpanel", "/execute/Tokens/create_full_access", ALICE)
    assert uapi.status_code == 200
    assert uapi.json()["status"] == 0
    assert [type(error) for error in uapi.json()["errors"]] == [str]
    assert "name" in uapi.json()["errors"][0]


@states("C1.10")
def test_reason_on_success(server: Server) -> None:
    assert server.whm("version")["metadata"] == {"command": "version", "reason": "OK", "result": 1, "version": 1}
    created = server.whm("createacct", username="carol", domain="carol.example")
    assert (created["metadata"]["result"], created["metadata"]["reason"]) == (1, "Account Creation Ok")


@states("C1.11")
@pytest.mark.parametrize("query", ["", "?api.version=0", "?api.version=2", "?api.version="])
def test_the_version_is_required(server: Server, query: str) -> None:
    answer = server.request("whm", f"/json-api/api_token_create{query}", ROOT, data={"token_name": "t"}).json()
    assert answer["metadata"]["result"] == 0
    assert "api.version=1" in answer["metadata"]["reason"]
    assert server.whm_tokens() == {}


@states("C1.12")
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_get_and_post(server: Server, method: str) -> None:
    field = "params" if method == "GET" else "data"
    for function, parameters in WHM_CALLS:
        sent = {field: parameters} if method == "POST" else {field: {"api.version": 1, **parameters}}
        path = f"/json-api/{function}" + ("?api.version=1" if method == "POST" else "")
        answer = server.request("whm", path, ROOT, method=method, **sent).json()
        assert answer.get("metadata", {}).get("result") == 1 or "apiversion" in answer, (function, answer)
    for name, parameters in UAPI_CALLS:
        path = f"/execute/{name.replace('::', '/')}"
        answer = server.request("cpanel", path, ALICE, method=method, **{field: parameters}).json()
        assert answer["status"] == 1, (name, answer)
    called = {name for name, _parameters in WHM_CALLS}
    assert called == set(server.whm_ok("applist")["app"]), "every function that there is was called"


@states("C1.13")
@pytest.mark.parametrize("word", ["true", "false", "True", "yes", "2"])
def test_booleans(server: Server, word: str) -> None:
    assert "1 or 0" in server.uapi_refused("Tokens::create_full_access", name="t", readonly=word)
    assert "1 or 0" in server.whm_refused("batch", command="version", abort_on_error=word)
    assert "1 or 0" in server.whm_refused("createacct", username="carol", domain="carol.example", reseller=word)
    for digit in "01":
        assert server.uapi_ok("Tokens::create_full_access", name=f"t{digit}", readonly=digit)["token"]


@states("C1.14", "C1.15")
def test_basic(server: Server) -> None:
    assert server.status("whm", ROOT) == server.status("cpanel", ALICE) == 200
    assert server.status("whm", ("root", ALICE.password)) == server.status("cpanel", ("alice", ROOT.password)) == 401
    whm, cpanel = server.whm_token(), server.uapi_token()
    assert server.status("whm", ("root", whm)) == server.status("cpanel", ("alice", cpanel)) == 200
    assert server.status("whm", ("reseller", whm)) == server.status("cpanel", ("bob", cpanel)) == 401
    assert server.status("cpanel", ("root", whm)) == server.status("whm", ("alice", cpanel)) == 401


@states("C1.16", "C1.17")
@pytest.mark.parametrize("path", ["/login", "/login/"])
@pytest.mark.parametrize(
    ("listener", "who", "call"), [("whm", ROOT, VERSION), ("cpanel", ALICE, POPS)], ids=["whm", "cpanel"]
)
def test_sessions(server: Server, listener: str, who: tuple[str, str], call: str, path: str) -> None:
    answer = server.request(listener, path, data={"user": who[0], "pass": who[1]})
    assert 300 <= answer.status_code < 400
    prefix = re.match(r"/cpsess[0-9]{10}(?=/)", answer.headers["Location"])
    assert prefix
    assert len(answer.cookies) == 1
    # The helper's session would send the cookie by itself; here it is sent or left out on purpose.
    cookies = answer.cookies.get_dict()
    url, ca = server.ready[listener], server.ready["ca_file"]
    with_both = requests.get(url + prefix[0] + call, cookies=cookies, verify=ca, timeout=10)
    assert with_both.status_code == 200
    assert 1 in (with_both.json().get("status"), with_both.json().get("metadata", {}).get("result"))
    other_path = f"/cpsess{(int(prefix[0][-10:]) + 1) % 10**10:010}"
    for wrong, sent in ((prefix[0], {}), ("", cookies), (other_path, cookies)):
        assert requests.get(url + wrong + call, cookies=sent, verify=ca, timeout=10).status_code == 401


@states("C1.18")
@pytest.mark.parametrize(
    "form", [{"user": "root", "pass": "wrong"}, {"user": "nobody", "pass": "x"}, {"user": "root"}, {}]
)
def test_failed_login(server: Server, form: dict[str, str]) -> None:
    answer = server.request("whm", "/login/", data=form)
    assert answer.status_code == 401
    assert not answer.cookies
    assert "Location" not in answer.headers


@states("C1.19")
def test_the_wrong_port(server: Server) -> None:
    whm = server.request("cpanel", "/json-api/api_token_list?api.version=1", ALICE).json()
    assert whm["metadata"]["result"] == 0
    assert "Permission denied" in whm["metadata"]["reason"]
    uapi = server.request("whm", "/execute/Tokens/list", ROOT).json()
    assert uapi["status"] == 0
    assert "Function not found" in uapi["errors"][0]


@states("C1.20")
def test_the_flat_envelope(server: Server) -> None:
    empty = {"errors": None, "messages": None, "warnings": None, "metadata": {}}
    assert server.uapi("Email::list_pops", skip_main=1) == {"status": 1, "data": [], **empty}


@states("C1.21")
def test_the_wrapped_envelope(server: Server) -> None:
    done = bash(server, "uapi --output=json --user=alice Email list_pops")
    flat = server.uapi("Email::list_pops")
    wrapped = json.loads(done.stdout)
    assert wrapped == {"apiversion": 3, "module": "Email", "func": "list_pops", "result": flat}


@states("C1.22")
def test_the_envelope_through_whm(server: Server) -> None:
    call = {"cpanel.user": "alice", "cpanel.module": "Email", "cpanel.function": "list_pops"}
    assert server.whm_ok("uapi_cpanel", **call) == {"uapi": server.uapi("Email::list_pops")}


@states("C1.23")
def test_the_whm_envelope(server: Server) -> None:
    metadata = {"command": "api_token_list", "reason": "OK", "result": 1, "version": 1}
    assert server.whm("api_token_list") == {"metadata": metadata, "data": {"tokens": {}}}


@states("C1.24", "C1.25", "C1.26")
def test_no_oracle(server: Server) -> None:
    limited = server.whm_token("limited", whitelist_ip="127.0.0.9")
    expiring = server.whm_token("expiring", expires_at=server.now() + 60)
    revoked = server.whm_token("revoked")
    sleeping = server.whm_token("sleeping", RESELLER)
    server.whm_ok("api_token_revoke", token_name="revoked")
    server.whm_ok("suspendacct", user="reseller")
    server.advance(60)
    reasons = {
        None: "no credentials",
        "whm root:" + "A" * 32: "unknown or revoked token",
        f"whm root:{revoked}": "unknown or revoked token",
        f"whm root:{expiring}": "expired token",
        f"whm root:{limited}": "address not allowed",
        f"whm rival:{limited}": "token of another user",
        f"whm reseller:{sleeping}": "account suspended",
        ("root", "wrong"): "wrong password",
        ("nobody", "wrong"): "unknown user",
    }
    answers = [server.request("whm", VERSION, who, method="GET") for who in reasons]
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.content for answer in answers} == {answers[0].content}
    assert answers[0].json() == DENIED
    heads = [{key: text for key, text in answer.headers.items() if key.lower() != "date"} for answer in answers]
    assert heads == heads[:1] * len(heads)
    assert [line["reason"] for line in server.audit()[-len(reasons) :]] == list(reasons.values())


@states("C1.27")
def test_other_ways_to_say_denied(server: Server) -> None:
    for number, kind in enumerate(("status:403", "html", "login_redirect"), start=1):
        server.fault("version", kind, call=number)
    forbidden, page, redirect = (server.request("whm", VERSION, ROOT) for _number in range(3))
    assert forbidden.status_code == 403
    assert (page.status_code, page.headers["Content-Type"].partition(";")[0]) == (200, "text/html")
    assert 'action="/login/"' in page.text
    assert (redirect.status_code, redirect.headers["Location"]) == (302, "/login")


@states("C1.28")
def test_no_helpful_headers(server: Server) -> None:
    path = "/json-api/api_token_create?api.version=1"
    keys = {"Idempotency-Key": "one", "X-Request-Id": "one"}
    answers = [server.request("whm", path, ROOT, data={"token_name": "t"}, headers=keys) for _number in range(2)]
    assert [answer.json()["metadata"]["result"] for answer in answers] == [1, 0]
    for answer in answers:
        names = {name.lower() for name in answer.headers}
        assert names == {"date", "server", "content-type", "content-length", "cache-control"}


@states("C1.29")
@pytest.mark.parametrize(("kind", "there"), [("drop_after_commit", True), ("drop_before_commit", False)])
def test_a_lost_answer(server: Server, kind: str, there: bool) -> None:
    server.fault("Tokens::create_full_access", kind)
    with pytest.raises(requests.ConnectionError):
        server.uapi_token("t", BOB)
    assert ("t" in server.uapi_tokens(BOB)) is there
