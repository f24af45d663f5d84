# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-ins for GitHub, Jenkins and AWX: the calls by which modules of others write a secret there, on one port of this machine.

They know what these modules ask for, and nothing else. What they hold is in memory, where tests look at it.
"""

from __future__ import annotations

import base64
import json
import os
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import uvicorn
from nacl.encoding import Base64Encoder
from nacl.public import PrivateKey, SealedBox
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from tests.support.paths import OTHERS

GITHUB_TOKEN = "canary-of-the-credential-for-github"  # noqa: S105 - it opens nothing
JENKINS_TOKEN = "canary-of-the-credential-for-jenkins"  # noqa: S105 - the same
AWX_TOKEN = "canary-of-the-credential-for-awx"  # noqa: S105 - the same

_TYPES = {"Machine": 1, "cPanel": 2}
_ORGANIZATIONS = {"Default": 1}

FOUND = {"ANSIBLE_COLLECTIONS_PATH": f"{os.environ['ANSIBLE_COLLECTIONS_PATH']}:{OTHERS}"}
"""The environment in which Ansible finds the modules of others."""

Handler = Callable[[Request], Awaitable[Response]]


@dataclass
class CiSystems:
    """What the three hold. ``refusing``: the name of one that refuses every write, and repeats what it was sent."""

    url: str = ""
    github: dict[str, str] = field(default_factory=dict)
    """Secrets, decrypted, by the path of the repository, environment or organization, and their name."""
    jenkins: dict[str, dict] = field(default_factory=dict)
    awx: dict[str, dict] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    refusing: str = ""
    refused: str = ""
    """The body of the last write that was refused."""
    _key: PrivateKey = field(default_factory=PrivateKey.generate)

    def forget(self) -> None:
        """Hold nothing, as new."""
        for kept in (self.github, self.jenkins, self.awx, self.calls):
            kept.clear()
        self.refusing = self.refused = ""

    def github_sink(self, **options: object) -> dict:
        """A sink of the role rotate: a secret of the organization ``o``."""
        connection = {"url": f"{self.url}/github", "token": GITHUB_TOKEN}
        return {"type": "github_secret", "organization": "o", "key": "WHM_TOKEN", "connection": connection, **options}

    def jenkins_sink(self, **options: object) -> dict:
        """A sink of the role rotate: the credential ``whm``."""
        connection = {"url": f"{self.url}/jenkins", "username": "admin", "token": JENKINS_TOKEN}
        return {"type": "jenkins_credential", "key": "whm", "connection": connection, **options}

    def awx_sink(self, **options: object) -> dict:
        """A sink of the role rotate: the credential ``whm``, with three inputs."""
        connection = {"url": f"{self.url}/awx", "token": AWX_TOKEN}
        named = {"credential": "whm", "credential_type": "cPanel", "organization": "Default"}
        keys = {"api_token": "secret", "user": "username", "server": "host"}
        return {"type": "awx_credential", **named, "keys": keys, "connection": connection, **options}

    def module_sink(self, **options: object) -> dict:
        """A sink of the role rotate: one more secret of GitHub, by any module with options of its own."""
        args = {"organization": "o", "repository": "r", "key": "BY_MODULE"}
        return {"type": "module", "module": "community.general.github_secrets", "key": "value", "args": args, **options}

    def module_defaults(self) -> dict:
        """What a play gives to that module."""
        return {"community.general.github_secrets": {"token": GITHUB_TOKEN, "api_url": f"{self.url}/github"}}

    def application(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                Mount("/github", routes=list(self._github_routes())),
                Mount("/jenkins", routes=list(self._jenkins_routes())),
                Mount("/awx/api/v2", routes=list(self._awx_routes())),
            ]
        )

    def _guarded(self, authorization: str, handler: Handler) -> Handler:
        async def guarded(request: Request) -> Response:
            self.calls.append(f"{request.method} {request.url.path}")
            if request.headers.get("authorization") != authorization:
                return JSONResponse({"detail": "Who are you?"}, 401)
            system = request.url.path.split("/")[1]
            if self.refusing == system and request.method != "GET":
                self.refused = (await request.body()).decode()
                return JSONResponse({"__all__": [f"It repeats what it was sent: {self.refused}"]}, 400)
            return await handler(request)

        return guarded

    def _github_routes(self) -> Iterator[Route]:
        allowed = f"Bearer {GITHUB_TOKEN}"
        for owner in (
            "repos/{organization}/{repository}/actions",
            "repos/{organization}/{repository}/environments/{environment}",
            "orgs/{organization}/actions",
        ):
            # The key's own path goes before that of a secret.
            yield Route(f"/{owner}/secrets/public-key", self._guarded(allowed, self._github_key))
            yield Route(f"/{owner}/secrets/{{name}}", self._guarded(allowed, self._github_put), methods=["PUT"])

    async def _github_key(self, request: Request) -> Response:
        return JSONResponse({"key_id": "1", "key": self._key.public_key.encode(Base64Encoder).decode("ascii")})

    async def _github_put(self, request: Request) -> Response:
        body = await request.json()
        if body["key_id"] != "1":
            return JSONResponse({"message": "an unknown key"}, 422)
        name = "/".join(value for _parameter, value in sorted(request.path_params.items(), key=_in_order))
        existed = name in self.github
        self.github[name] = SealedBox(self._key).decrypt(base64.b64decode(body["encrypted_value"])).decode()
        return Response(status_code=204) if existed else JSONResponse({}, 201)

    def _jenkins_routes(self) -> Iterator[Route]:
        allowed = "Basic " + base64.b64encode(f"admin:{JENKINS_TOKEN}".encode()).decode("ascii")
        store = "/credentials/store/system/domain/_"
        yield Route("/crumbIssuer/api/json", self._guarded(allowed, self._jenkins_crumb))
        yield Route(f"{store}/createCredentials", self._guarded(allowed, self._jenkins_create), methods=["POST"])
        yield Route(f"{store}/credential/{{id}}/api/json", self._guarded(allowed, self._jenkins_look))
        yield Route(
            f"{store}/credential/{{id}}/doDelete", self._guarded(allowed, self._jenkins_delete), methods=["POST"]
        )

    async def _jenkins_crumb(self, request: Request) -> Response:
        return JSONResponse({"crumbRequestField": "Jenkins-Crumb", "crumb": "crumb"})

    async def _jenkins_look(self, request: Request) -> Response:
        known = self.jenkins.get(request.path_params["id"])
        return JSONResponse({"id": known["id"]} if known else {}, 200 if known else 404)

    async def _jenkins_create(self, request: Request) -> Response:
        form = parse_qs((await request.body()).decode())
        made = json.loads(form["json"][0])["credentials"]
        if request.headers.get("jenkins-crumb") != "crumb" or made["id"] in self.jenkins:
            return PlainTextResponse("no crumb, or it is there already", 403)
        self.jenkins[made["id"]] = made
        return PlainTextResponse("")

    async def _jenkins_delete(self, request: Request) -> Response:
        gone = request.headers.get("jenkins-crumb") == "crumb" and self.jenkins.pop(request.path_params["id"], None)
        return PlainTextResponse("", 200 if gone else 403)

    def _awx_routes(self) -> Iterator[Route]:
        allowed = f"Bearer {AWX_TOKEN}"
        yield Route("/credential_types/", self._guarded(allowed, _listing(_TYPES)))
        yield Route("/organizations/", self._guarded(allowed, _listing(_ORGANIZATIONS)))
        yield Route("/credentials/", self._guarded(allowed, self._awx_credentials), methods=["GET", "POST"])
        yield Route("/credentials/{id}/", self._guarded(allowed, self._awx_change), methods=["PATCH"])

    async def _awx_credentials(self, request: Request) -> Response:
        if request.method == "GET":
            known = self.awx.get(request.query_params["name"])
            return JSONResponse({"count": 1, "results": [_shown(known)]} if known else {"count": 0, "results": []})
        made = await request.json()
        number = len(self.awx) + 1
        self.awx[made["name"]] = {
            **made,
            "id": number,
            "type": "credential",
            "url": f"/awx/api/v2/credentials/{number}/",
        }
        return JSONResponse(_shown(self.awx[made["name"]]), 201)

    async def _awx_change(self, request: Request) -> Response:
        known = next(one for one in self.awx.values() if str(one["id"]) == request.path_params["id"])
        known.update(await request.json())
        return JSONResponse(_shown(known))


def _in_order(parameter: tuple[str, str]) -> int:
    return ("organization", "repository", "environment", "name").index(parameter[0])


def _shown(credential: dict) -> dict:
    """As AWX answers: without the secrets."""
    return {**credential, "inputs": dict.fromkeys(credential["inputs"], "$encrypted$")}


def _listing(known: dict[str, int]) -> Handler:
    async def listing(request: Request) -> Response:
        number = known.get(request.query_params.get("name", ""))
        found = [] if number is None else [{"id": number, "name": request.query_params["name"]}]
        return JSONResponse({"count": len(found), "results": found})

    return listing


@contextmanager
def ci_systems() -> Iterator[CiSystems]:
    """The three, on one port."""
    listener = socket.create_server(("127.0.0.1", 0))
    systems = CiSystems(f"http://127.0.0.1:{listener.getsockname()[1]}")
    server = uvicorn.Server(uvicorn.Config(systems.application(), log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield systems
    finally:
        server.should_exit = True
        thread.join()
