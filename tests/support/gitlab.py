# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for GitLab: what its API says of CI/CD variables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.support.answering import answering

TOKEN = "gitlab-credential-4711"
_MASKABLE = re.compile(r"[A-Za-z0-9+/=@:.~_-]{8,}")


@dataclass
class Gitlab:
    """A GitLab that runs. ``variables`` are lists by their owner, such as ``projects/team/app``; ``role`` is what the token may."""

    url: str = ""
    scopes: list[str] = field(default_factory=lambda: ["api"])
    maintainer: bool = True
    variables: dict[str, list[dict]] = field(
        default_factory=lambda: {"projects/team/app": [], "groups/team": [], "admin/ci": []}
    )
    calls: list[str] = field(default_factory=list)

    def add(self, owner: str, key: str, value: str, **more: object) -> dict:
        """Create a variable."""
        properties = {"masked": False, "protected": False, "raw": False, "variable_type": "env_var", **more}
        made = {"key": key, "value": value, "environment_scope": "*", **properties}
        self.variables[owner].append(made)
        return made

    async def several(self, request: Request) -> Response:
        """GET of a page, POST of one more."""
        owner = _owner(request)
        refused = self._refused(request, owner)
        if refused:
            return refused
        held = self.variables[owner]
        if request.method == "GET":
            number, size = int(request.query_params.get("page", 1)), int(request.query_params.get("per_page", 20))
            return JSONResponse(held[(number - 1) * size : number * size], headers={"X-Total": str(len(held))})
        body = await request.json()
        scope = body.get("environment_scope", "*")
        if any(one["key"] == body["key"] and one["environment_scope"] == scope for one in held):
            return JSONResponse({"message": {"key": [f"({body['key']}) has already been taken"]}}, 400)
        if body.get("masked") and not _MASKABLE.fullmatch(body["value"]):
            return JSONResponse({"message": {"value": ["is invalid"]}}, 400)
        return JSONResponse(self.add(owner, **body), 201)

    async def single(self, request: Request) -> Response:
        """GET, PUT and DELETE of one."""
        owner, key = _owner(request), request.path_params["key"]
        refused = self._refused(request, owner)
        if refused:
            return refused
        body = await request.json() if request.method == "PUT" else {}
        wanted = request.query_params.get("filter[environment_scope]") or body.get("filter", {}).get(
            "environment_scope"
        )
        found = [
            one for one in self.variables[owner] if one["key"] == key and wanted in (None, one["environment_scope"])
        ]
        if len(found) > 1:
            return JSONResponse({"message": "There are multiple variables with provided parameters"}, 409)
        if not found:
            return JSONResponse({"message": "404 Variable Not Found"}, 404)
        if request.method == "DELETE":
            self.variables[owner].remove(found[0])
            return Response(status_code=204)
        changed = {**found[0], **{name: value for name, value in body.items() if name != "filter"}}
        if changed["masked"] and not changed.get("hidden") and not _MASKABLE.fullmatch(changed["value"]):
            return JSONResponse({"message": {"value": ["is invalid"]}}, 400)
        found[0].update(changed)
        return JSONResponse({**found[0], "value": None} if found[0].get("hidden") else found[0])

    async def token(self, request: Request) -> Response:
        """What the token may."""
        return JSONResponse({"scopes": self.scopes})

    def _refused(self, request: Request, owner: str) -> Response | None:
        self.calls.append(f"{request.method} {owner}")
        if request.headers.get("private-token") != TOKEN:
            return JSONResponse({"message": "401 Unauthorized"}, 401)
        if owner not in self.variables:
            return JSONResponse({"message": f"404 {owner.partition('/')[0].title().rstrip('s')} Not Found"}, 404)
        if not self.maintainer or (request.method != "GET" and "api" not in self.scopes):
            return JSONResponse({"message": "403 Forbidden"}, 403)
        return None


def _owner(request: Request) -> str:
    return str(request.url.path).removeprefix("/api/v4/").partition("/variables")[0].replace("%2F", "/")


@contextmanager
def gitlab() -> Iterator[Gitlab]:
    """A GitLab in memory."""
    made = Gitlab()
    routes = [Route("/api/v4/personal_access_tokens/self", made.token)]
    for owner in ("projects/{owner:path}", "groups/{owner:path}", "admin/ci"):
        routes += [
            Route(f"/api/v4/{owner}/variables/{{key}}", made.single, methods=["GET", "PUT", "DELETE"]),
            Route(f"/api/v4/{owner}/variables", made.several, methods=["GET", "POST"]),
        ]
    with answering(Starlette(routes=routes)) as made.url:
        yield made
