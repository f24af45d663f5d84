# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference server as these tests use it: root and one account with a token each, and a few things to act on."""

from __future__ import annotations

from pathlib import Path

import requests

from tests.support.schema import check_answer
from tests.support.server import Server, write_fixture
from tests.support.users import ALICE, ROOT

TIMEOUT = 10.0
"""Seconds after which a request counts as hanging."""

OWNERS = {"whm": ROOT, "cpanel": ALICE}
DRIVER = "the-token-of-these-tests"
"""Its name: no generated request hits it by chance, so that a run keeps its authentication."""


class Peer(Server):
    """A running reference server with one connection to each service, kept open."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "state", fixture=write_fixture(folder))
        self.session = requests.Session()
        self.session.trust_env = False
        self.tokens: dict[str, str] = {}

    def begin_anew(self) -> None:
        """Put the server back to its first start, then make the tokens that the tests use and act on."""
        self.reset()
        self.session.verify = self.ready["ca_file"]
        self.session.cookies.clear()
        for name in (DRIVER, "ci", "deploy"):
            whm = {"token_name": name, "acl": "all", "whitelist_ip": ["127.0.0.0/8", "2620:0:28a4::/48"]}
            answer = self.call("whm", "/json-api/api_token_create?api.version=1", whm, ROOT)
            self.tokens[f"whm {name}"] = answer.json()["data"]["token"]
            uapi = {"name": name, "readonly": int(name == "ci")}
            path = "/execute/Tokens/create_full_access"
            answer = self.call("cpanel", path, uapi, ALICE)
            self.tokens[f"cpanel {name}"] = answer.json()["data"]["token"]
        self.forget_counters()

    def authorization(self, service: str) -> str:
        """Return the header of root on WHM, of the account on cPanel."""
        return f"{service} {OWNERS[service].name}:{self.tokens[f'{service} {DRIVER}']}"

    def call(
        self, service: str, path: str, form: dict[str, object] | None = None, auth: tuple[str, str] | None = None
    ) -> requests.Response:
        """POST a form as root or the account, and check the answer against the document."""
        headers = {} if auth else {"Authorization": self.authorization(service)}
        url = self.ready[service] + path
        return check_answer(
            service, self.session.post(url, data=form or {}, auth=auth, headers=headers, timeout=TIMEOUT)
        )
