# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for the API of Kubernetes: what it says of secrets, resource versions, privileges and namespaces."""

from __future__ import annotations

import copy
import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.support.answering import answering

TOKEN = "kubernetes-credential-4711"


@dataclass
class Kubernetes:
    """A cluster that runs. ``may``: the verbs on secrets that the token has."""

    url: str = ""
    may: set[str] = field(default_factory=lambda: {"get", "create", "update"})
    reviews: bool = True
    secrets: dict[tuple[str, str], dict] = field(default_factory=dict)
    namespaces: set[str] = field(default_factory=lambda: {"default", "prod"})
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(100))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, name: str, data: dict[str, str], namespace: str = "default", **more: object) -> dict:
        """Write a secret, whoever else has."""
        metadata = {"name": name, "namespace": namespace, **more.pop("metadata", {})}  # type: ignore[dict-item]
        made = {"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": metadata, "data": data, **more}
        return self._stored(namespace, name, made)

    def _stored(self, namespace: str, name: str, manifest: dict) -> dict:
        made = copy.deepcopy(manifest)
        made["metadata"]["resourceVersion"] = str(next(self._numbers))
        self.secrets[namespace, name] = made
        return made

    async def secret(self, request: Request) -> JSONResponse:
        """GET and PUT of one secret."""
        namespace, name = request.path_params["namespace"], request.path_params["name"]
        verb = {"GET": "get", "PUT": "update"}[request.method]
        refused = self._refused(request, verb)
        if refused:
            return refused
        body = await request.json() if verb == "update" else {}
        with self._lock:
            found = self.secrets.get((namespace, name))
            if found is None:
                return _status(404, f'secrets "{name}" not found')
            if verb == "get":
                return JSONResponse(found)
            expected = body["metadata"].get("resourceVersion")
            if expected not in (None, found["metadata"]["resourceVersion"]):
                return _status(409, f'Operation cannot be fulfilled on secrets "{name}": the object has been modified')
            if found.get("immutable"):
                return _status(422, f'Secret "{name}" is invalid: data: Forbidden: field is immutable')
            return JSONResponse(self._stored(namespace, name, body))

    async def create(self, request: Request) -> JSONResponse:
        """POST of a secret."""
        refused = self._refused(request, "create")
        if refused:
            return refused
        namespace, body = request.path_params["namespace"], await request.json()
        name = body["metadata"]["name"]
        with self._lock:
            if namespace not in self.namespaces:
                return _status(404, f'namespaces "{namespace}" not found')
            if (namespace, name) in self.secrets:
                return _status(409, f'secrets "{name}" already exists')
            return JSONResponse(self._stored(namespace, name, body), 201)

    async def namespace(self, request: Request) -> JSONResponse:
        """GET of a namespace."""
        name = request.path_params["namespace"]
        return JSONResponse({"metadata": {"name": name}}) if name in self.namespaces else _status(404, "not found")

    async def review(self, request: Request) -> JSONResponse:
        """What the token may do."""
        if not self.reviews:
            return _status(403, "you may not ask")
        asked = (await request.json())["spec"]["resourceAttributes"]
        return JSONResponse({"status": {"allowed": asked["verb"] in self.may}}, 201)

    def _refused(self, request: Request, verb: str) -> JSONResponse | None:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _status(401, "Unauthorized")
        if verb not in self.may:
            return _status(403, f'secrets is forbidden: User "ci" cannot {verb} resource "secrets"')
        return None


def _status(code: int, message: str) -> JSONResponse:
    return JSONResponse({"kind": "Status", "status": "Failure", "message": message, "code": code}, code)


@contextmanager
def kubernetes() -> Iterator[Kubernetes]:
    """A cluster in memory."""
    cluster = Kubernetes()
    one = "/api/v1/namespaces/{namespace}"
    routes = [
        Route(f"{one}/secrets/{{name}}", cluster.secret, methods=["GET", "PUT"]),
        Route(f"{one}/secrets", cluster.create, methods=["POST"]),
        Route(one, cluster.namespace),
        Route("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", cluster.review, methods=["POST"]),
    ]
    with answering(Starlette(routes=routes)) as cluster.url:
        yield cluster
