# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Thousands of generated requests, good ones and bad ones: no 5xx, no hang, no answer outside the documents.

``OPENAPI_REQUESTS`` says how many requests each service gets at least (default 300; the full run is 2000). The
requests of each operation meet a server that is as new, so that a failure can be repeated by itself.
"""

from __future__ import annotations

import math
import os
from collections import Counter
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.openapi.peer import TIMEOUT, Peer
from tests.openapi.wishes import plausible
from tests.support.schema import document

REQUESTS = int(os.environ.get("OPENAPI_REQUESTS", "300"))
ENOUGH = 25
"""So many generated requests to an operation hold at least one that succeeds."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SCHEMAS = {service: schemathesis.openapi.from_path(document(service).path) for service in ("whm", "cpanel")}
OPERATIONS = [
    pytest.param(service, method, path, id=f"{service}-{method}-{path}")
    for service in SCHEMAS
    for method, path in document(service).operations()
]
SENDERS = ["authorized", "authorized", "authorized", "authorized", "authorized", "anonymous", "garbled", "stranger"]


@st.composite
def requests_of(draw: st.DrawFn, service: str, method: str, path: str, token: str) -> tuple[Case, str]:
    """Generate a request for an operation, and who sends it; ``token`` is a secret that it may ask about."""
    kind = draw(st.sampled_from(["wrong", "right", "likely", "likely"]))
    mode = GenerationMode.NEGATIVE if kind == "wrong" else GenerationMode.POSITIVE
    case: Case = draw(SCHEMAS[service][path][method].as_strategy(generation_mode=mode))
    if kind == "likely":
        case.query = draw(plausible(service, path, dict(case.query), token))
        if isinstance(case.body, dict):
            case.body = draw(plausible(service, path, case.body, token))
    # Every operation has something to vary, also one without parameters, so that no run ends before its number.
    case.headers["User-Agent"] = draw(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)).strip()
    return case, draw(st.sampled_from(SENDERS))


def send(peer: Peer, service: str, case: Case, sender: str) -> str:
    """Send a generated request, check the answer, and tell whether it was a ``success`` or a ``refusal``."""
    case.headers.pop("Authorization", None)
    if sender == "authorized":
        case.headers["Authorization"] = peer.authorization(service)
    elif sender == "garbled":
        case.headers["Authorization"] = f"{service} {case.headers['User-Agent']}"
    elif sender == "stranger":
        case.headers["Authorization"] = f"{service} reseller:{'A' * 32}"
    options = {"timeout": TIMEOUT, "verify": peer.session.verify, "allow_redirects": False}
    answer = case.call(base_url=peer.ready[service], session=peer.session, **options)
    case.validate_response(answer, checks=CHECKS)
    if answer.headers["content-type"][0].startswith("application/json"):
        done = any(mark in answer.content for mark in (b'"result":1', b'"status":1'))
    else:
        done = answer.status_code < 400
    return "success" if done else "refusal"


@pytest.mark.parametrize(("service", "method", "path"), OPERATIONS)
def test_generated_requests(peer: Peer, service: str, method: str, path: str):
    wanted = math.ceil(REQUESTS / sum(1 for _operation in document(service).operations()))
    answers: Counter[str] = Counter()

    # Nothing is minimized or repeated: the state of the server moves on with every request.
    @seed(2087)
    @settings(
        max_examples=wanted,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(request=requests_of(service, method, path, peer.tokens["whm ci"]))
    def run(request: tuple[Any, str]) -> None:
        answers[send(peer, service, *request)] += 1

    run()
    assert answers.total() == wanted
    assert peer.http_requests() == wanted
    # Where there is something to be done, enough requests get to do it; a few may all be refused.
    assert answers["success"] or wanted < ENOUGH or "{" in path, answers
    # Whatever has happened, the tokens and the accounts that are left can still be listed, and as documented.
    for service, listing in (("whm", "api_token_list"), ("whm", "listaccts"), ("whm", "listacls")):
        assert peer.call(service, f"/json-api/{listing}?api.version=1").json()["metadata"]["result"] == 1
