# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One desired state through the single module or the bulk module of each service, with results of one shape to compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.panelops.cpanel.plugins.module_utils._model.names import interim_name

from tests.support.cores import result_of_core
from tests.support.server import Server


@dataclass(frozen=True)
class Service:
    """The tokens of one owner, reached in one way.

    ``module`` is the single module; ``whose`` are the options that choose the owner; ``needed`` are those without which no token
    is created.
    """

    module: str
    create: str
    update: str
    revoke: str
    list: str
    whose: Mapping[str, object]
    needed: Mapping[str, object]

    @property
    def is_whm(self) -> bool:
        return self.module == "whm_api_token"

    def make(self, server: Server, name: str, **params: object) -> str:
        """Create a token without any module; its secret."""
        return (
            server.whm_token(name, **{"acl": "list-accts", **params})
            if self.is_whm
            else server.uapi_token(name, **params)
        )

    def remove(self, server: Server, name: str) -> None:
        """Revoke a token without any module."""
        if self.is_whm:
            server.whm_ok("api_token_revoke", token_name=name)
        else:
            server.uapi_ok("Tokens::revoke", name=name)

    def put_aside(self, server: Server, name: str) -> str:
        """Rename a token as a reissue does, and return its name then; this is what a run that is killed leaves."""
        aside = interim_name(name, self.tokens(server)[name]["create_time"], ())
        if self.is_whm:
            server.whm_ok("api_token_update", token_name=name, new_name=aside)
        else:
            server.uapi_ok("Tokens::rename", name=name, new_name=aside)
        return aside

    def tokens(self, server: Server) -> dict[str, dict]:
        """The owner's tokens by name, as the server lists them."""
        return server.whm_tokens() if self.is_whm else server.uapi_tokens()

    def authenticates(self, server: Server, secret: str) -> bool:
        return server.whm_accepts(secret) if self.is_whm else server.uapi_accepts(secret)

    def is_secret_of(self, server: Server, secret: str, name: str) -> bool:
        """Does the secret authenticate, and as far as the service can tell, is it that of the token of this name?"""
        if not self.authenticates(server, secret):
            return False
        if not self.is_whm:
            return name in self.tokens(server)
        details = server.whm("api_token_get_details", token=secret)
        return details["data"]["name"] == name

    def run(
        self, server: Server, *tokens: Mapping, many: bool, environment: Mapping | None = None, **options: object
    ) -> Outcome:
        """Run the core of the single module, or, with ``many``, that of the bulk module.

        :param tokens: the options of each token, without those that choose the owner or are needed to create one.
        :param environment: of the connection, where it is not that of the server itself.
        :param options: of the task as a whole; ``check_mode`` too.
        """
        environment = server.environment if environment is None else environment
        entries = [self.options(token) for token in tokens]
        if many:
            return Outcome(
                self, result_of_core(f"{self.module}s", environment, tokens=entries, **options), names_of(tokens), True
            )
        (entry,) = entries
        return Outcome(self, result_of_core(self.module, environment, **entry, **options), names_of(tokens), False)

    def options(self, token: Mapping) -> dict:
        """All options of one token."""
        needed = {} if token.get("state") == "absent" else self.needed
        return {**self.whose, **needed, **token}


def names_of(tokens: tuple[Mapping, ...]) -> list[str]:
    return [str(token["name"]) for token in tokens]


@dataclass(frozen=True)
class Outcome:
    """The result of a task. ``entries`` has one entry a token in the shape of the bulk modules, whichever module ran."""

    service: Service
    result: dict
    names: list[str]
    many: bool

    @property
    def entries(self) -> list[dict]:
        if self.many:
            entries = self.result.get(f"{self.service.module}s")
            assert entries is not None, self.result
            return entries
        return [{"changed": False, **self.result, "name": self.names[0]}]

    @property
    def failed(self) -> bool:
        return bool(self.result.get("failed"))

    @property
    def secrets(self) -> dict[str, str]:
        """The secrets in the result, by the name of their token."""
        return {entry["name"]: entry["token"] for entry in self.entries if "token" in entry}

    def assert_every_token_has_a_holder(self, server: Server, held: Mapping[str, str]) -> None:
        """There are the tokens that the result tells of and those of ``held`` (secrets by name), and no others; each secret works."""
        failed = {entry["name"] for entry in self.entries if entry.get("failed")}
        live = set(self.service.tokens(server))
        assert live == {*held, *self.names} - (failed - held.keys()), self.result
        for name, secret in {**held, **self.secrets}.items():
            assert self.service.is_secret_of(server, secret, name), f"{name}: {self.result}"
        assert live <= {*held, *self.secrets}, self.result


_UAPI = ("Tokens::create_full_access", "Tokens::rename", "Tokens::revoke", "Tokens::list")
SERVICES = {
    "whm": Service(
        "whm_api_token",
        "api_token_create",
        "api_token_update",
        "api_token_revoke",
        "api_token_list",
        {},
        {"acls": ["list-accts"]},
    ),
    "cpanel as the account": Service("cpanel_api_token", *_UAPI, {}, {}),
    "cpanel through WHM": Service("cpanel_api_token", *_UAPI, {"account": "alice"}, {}),
}
