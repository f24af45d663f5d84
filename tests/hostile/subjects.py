# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes through a hostile server: every module, the lookup, and every step of a rotation."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError
from ansible_collections.panelops.cpanel.plugins.plugin_utils._ci.order import order_from
from ansible_collections.panelops.cpanel.plugins.plugin_utils._ci.tokens import CiTokens

from tests.hostile.scene import Scene
from tests.support.ci_orders import lookup_params
from tests.support.cores import result_of_core

Environment = Mapping[str, str]
Run = Callable[[Scene, Environment], None]
BOB = {"account": "bob"}
THROUGH_WHM = {"account": "alice"}


@dataclass(frozen=True)
class Subject:
    """One thing to do.

    ``prepare`` creates what it needs, at the server itself, and returns what ``run`` does through the ports. ``batches``: does it call
    the function ``batch``?
    """

    prepare: Callable[[Scene], Run]
    changes: bool = True
    batches: bool = False


def whm_token(*names: str, as_token: bool = False, stored: bool = False, **options: object) -> Subject:
    """The module for one token of WHM; tokens of these names exist before. ``stored``: the secret of the first is in a file."""

    def prepare(scene: Scene) -> Run:
        secrets = [scene.whm(name, whitelist_ip="127.0.0.1", expires_at=scene.server.now() + 86400) for name in names]
        admin = scene.whm("admin", acl="all")
        scene.bystanders |= {admin, scene.whm("another")}
        given = dict(options, **scene.options)
        if stored:
            given["token_file"] = str(scene.folder / "t-secret")
            if secrets:
                (scene.folder / "t-secret").write_text(f"{secrets[0]}\n")
        if as_token:
            given["api_token"] = admin
        return lambda scene, environment: scene.tell(result_of_core("whm_api_token", environment, **given))

    return Subject(prepare)


def cpanel_token(*names: str, stored: bool = False, **options: object) -> Subject:
    """The module for one token of the account alice."""

    def prepare(scene: Scene) -> Run:
        secrets = [scene.uapi(name, expires_at=scene.server.now() + 86400) for name in names]
        scene.bystanders.add(scene.uapi("another"))
        given = dict(options, **scene.options)
        if stored:
            given["token_file"] = str(scene.folder / "t-secret")
            if secrets:
                (scene.folder / "t-secret").write_text(f"{secrets[0]}\n")
        return lambda scene, environment: scene.tell(result_of_core("cpanel_api_token", environment, **given))

    return Subject(prepare)


def many_of_whm(scene: Scene) -> Run:
    scene.whm("c")
    scene.whm("d")
    scene.whm("team-old")
    given = [
        {"name": "a", "acls": ["ssl"]},
        {"name": "b", "acls": ["ssl"], "token_file": str(scene.folder / "b-secret")},
        {"name": "c", "acls": ["stats"]},
        {"name": "d", "state": "absent"},
    ]
    options = dict(tokens=given, prune=True, prune_prefix="team-", **scene.options)
    return lambda scene, environment: scene.tell(result_of_core("whm_api_tokens", environment, **options))


def many_reissued(scene: Scene) -> Run:
    given = [{"name": name, "acls": ["ssl"], "recreate": "always"} for name in ("a", "b") if scene.whm(name)]
    options = dict(tokens=given, **scene.options)
    return lambda scene, environment: scene.tell(result_of_core("whm_api_tokens", environment, **options))


def many_of_cpanel(scene: Scene) -> Run:
    scene.uapi("c", ("bob", "bob-canary-7Yq2mW"))
    scene.uapi("d")
    given = [
        {"name": "a", "account": "alice", "token_file": str(scene.folder / "a-secret")},
        {"name": "a", **BOB},
        {"name": "c2", "rename_from": "c", **BOB},
        {"name": "d", "account": "alice", "state": "absent"},
    ]
    options = dict(tokens=given, **scene.options)
    return lambda scene, environment: scene.tell(result_of_core("cpanel_api_tokens", environment, **options))


def info(module: str, **options: object) -> Subject:
    """A module that only reads."""

    def prepare(scene: Scene) -> Run:
        scene.whm("t")
        scene.uapi("t")
        given = {**options, **scene.options}
        return lambda scene, environment: scene.tell(result_of_core(module, environment, **given))

    return Subject(prepare, changes=False, batches="accounts" in options)


def lookup(**what: object) -> Subject:
    """The lookup ``ci_token``, and the end of its run; without Ansible and the process between."""

    def prepare(scene: Scene) -> Run:
        params = lookup_params(**{**what, **scene.options})

        def run(scene: Scene, environment: Environment) -> None:
            tokens = CiTokens("label")
            try:
                tokens.secret(order_from({"params": params, "environ": environment}))
                told: dict = {}
            except PanelopsError as error:
                told = {"failed": True, "msg": str(error)}
            tokens.end()
            rows = [dict(row) for row in tokens.report()]
            # What could not be revoked is reported, and dies with its time.
            told["problems"] = [f"{row['name']} may live on." for row in rows if not row["revoked"]]
            scene.tell({**told, "rows": rows, "warnings": told["problems"]})

        return run

    return Subject(prepare)


@dataclass(frozen=True)
class Rotating:
    """A rotation of one token, a step at a time."""

    account: str | None
    given: Mapping[str, object] = field(default_factory=dict)

    def tokens(self) -> list[dict]:
        sinks = [{"type": "file", "hosts": ["consumer1"], "path": "/copy"}]
        of_whm = {"acls": ["list-accts"]} if self.account is None else {"account": self.account}
        return [{"name": "t", "expires_in": "90d", "sinks": sinks, **of_whm}]

    def take(self, environment: Environment, step: str, last: dict | None = None, told: dict | None = None) -> dict:
        """Take one step, after the ``last`` one; ``told`` is what came of the sink."""
        options = dict(step=step, tokens=self.tokens(), **self.given)
        if last is not None:
            options["rotation"] = last["rotation"]
        if told is not None:
            options["sinks"] = [{"name": "t", "account": self.account, "sink": 0, "host": "consumer1", **told}]
        return result_of_core("api_token_rotation", environment, **options)


WRITABLE = {"ok": True, "unchanged": True, "before": "absent"}
DELIVERED = {"ok": True, "before": "absent", "after": "1"}
NOT_DELIVERED = {"ok": False, "unchanged": True, "msg": "It failed."}


def step(name: str, account: str | None) -> Subject:
    """One step of a rotation, after those before it."""

    def prepare(scene: Scene) -> Run:
        scene.uapi("t") if account else scene.whm("t")
        # Of two tokens of one second, nobody can tell which is the younger one.
        scene.server.advance(5)
        honest, rotating = scene.server.environment, Rotating(account, scene.options)
        last: dict | None = None
        told: dict | None = None
        if name != "decide":
            last, told = rotating.take(honest, "decide"), WRITABLE
        if name in ("promote", "withdraw"):
            last, told = rotating.take(honest, "stage", last, WRITABLE), DELIVERED
            scene.tell(last)
        if name == "withdraw":
            last, told = rotating.take(honest, "promote", last, NOT_DELIVERED), NOT_DELIVERED
        return lambda scene, environment: scene.tell(rotating.take(environment, name, last, told))

    return Subject(prepare, changes=name != "decide")


def delivery(service: str) -> Subject:
    """The delivery of a secret, which is tried from the consumer's host."""

    def prepare(scene: Scene) -> Run:
        secret = scene.whm("t") if service == "whm" else scene.uapi("t")
        content = base64.b64encode(f"{secret}\n".encode()).decode()

        def run(scene: Scene, environment: Environment) -> None:
            prefix = service.upper()
            verify = {
                "service": service,
                "host": environment[f"{prefix}_HOST"],
                "port": int(environment[f"{prefix}_PORT"]),
                "username": environment[f"{prefix}_USERNAME"],
                "ca_path": environment[f"{prefix}_CA_PATH"],
                **scene.options,
            }
            place = {"name": "t", "sink": 0, "host": "consumer1", "type": "file", "path": str(scene.folder / "copy")}
            sink = {**place, "content": content, "token": secret, "before": "absent", "verify": verify}
            scene.tell(result_of_core("api_token_delivery", {}, step="deliver", sinks=[sink], copies=[]))

        return run

    return Subject(prepare, changes=False)


LIMITS = {"acls": ["ssl"], "expires_in": "30d", "whitelist_ips": ["127.0.0.1", "2001:db8::/32"]}
SUBJECTS: dict[str, dict[str, Subject]] = {
    "whm_api_token": {
        "create": whm_token(name="t", **LIMITS),
        "create into a file": whm_token(name="t", stored=True, **LIMITS),
        "update": whm_token("t", name="t", as_token=True, **LIMITS),
        "rename": whm_token("u", name="t", rename_from="u", as_token=True),
        "reissue": whm_token("t", name="t", recreate="always"),
        "reissue into a file": whm_token("t", name="t", recreate="always", stored=True),
        "prove": whm_token("t", name="t", recreate="never", stored=True),
        "revoke": whm_token("t", name="t", state="absent", as_token=True),
    },
    "whm_api_tokens": {
        "many": Subject(many_of_whm, batches=True),
        "reissue": Subject(many_reissued, batches=True),
    },
    "whm_api_token_info": {"list": info("whm_api_token_info")},
    "cpanel_api_token": {
        "create": cpanel_token(name="t", expires_in="30d"),
        "create through WHM": cpanel_token(name="t", stored=True, **THROUGH_WHM),
        "rename": cpanel_token("u", name="t", rename_from="u"),
        "reissue": cpanel_token("t", name="t", recreate="always"),
        "reissue through WHM": cpanel_token("t", name="t", recreate="always", stored=True, **THROUGH_WHM),
        "prove": cpanel_token("t", name="t", recreate="never", stored=True, **THROUGH_WHM),
        "revoke": cpanel_token("t", name="t", state="absent"),
        "revoke through WHM": cpanel_token("t", name="t", state="absent", **THROUGH_WHM),
    },
    "cpanel_api_tokens": {"many": Subject(many_of_cpanel, batches=True)},
    "cpanel_api_token_info": {
        "list": info("cpanel_api_token_info"),
        "through WHM": info("cpanel_api_token_info", **THROUGH_WHM),
        "all": info("cpanel_api_token_info", accounts=["*"]),
    },
    "lookup": {
        "whm": lookup(service="whm", acls=["ssl"]),
        "cpanel": lookup(service="cpanel"),
        "through WHM": lookup(service="cpanel", **THROUGH_WHM),
    },
    "delivery": {service: delivery(service) for service in ("whm", "cpanel")},
    **{
        f"step {name}": {"whm": step(name, None), "account": step(name, "alice")}
        for name in ("decide", "stage", "promote", "withdraw")
    },
}
"""By module: what is done with it."""
