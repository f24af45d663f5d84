# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sinks of a rotation that is made to fail: what they hold when it begins, and how a consumer reads them."""

from __future__ import annotations

import json
import os
import tempfile
from base64 import b64encode
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path

from tests.reliability.copies import Copy
from tests.support.aws import CREDENTIALS, Aws, aws
from tests.support.kubernetes import TOKEN, Kubernetes, kubernetes
from tests.support.openbao import ROOT_TOKEN, OpenBao, openbao
from tests.support.rotating import sink

PASSWORD = "vault password"

_OTHERS = {"user": "root", "url": "mysql://root@db", "n": 5}
"""What else is in the secret of a store."""

_MERGED = {
    "merged_yaml": ("yaml", "token", '# theirs\ndb:\n  token: theirs\ntoken: "SECRET" # ours\nlast: [x]\n'),
    "merged_ini": (
        "ini",
        "own",
        "; theirs\r\n[db]\r\nhost = a\r\n\r\n[cpanel]\r\nport: 1\r\nown: SECRET\r\nlast: x\r\n",
    ),
    "merged_env": ("env", "TOKEN", "# theirs\nexport A='b c'\nTOKEN=SECRET\nLAST=x"),
    "merged_json": ("json", "token", '{"theirs": [1, 2],\n  "token": "SECRET",\n\t"last": 1.50}\n'),
}
"""Files that hold other things: their formats, our keys, and their texts."""

_SHARED = {
    "vault_one": "---\n# theirs\nother: '{{ a }}'\n",
    "vault_two": "list:\n- 1\n",
}
"""Variables of one Ansible Vault file, and what stands before each."""

GROUPS = {
    "all": ("raw", "env", "json", "template", "vault", "hashi_vault", "tasks"),
    "shared": (*_MERGED, *_SHARED),
    "stores": ("hashi_vault", "aws_secretsmanager", "kubernetes_secret"),
}
"""A token for each of several sinks: one of each kind on files and tasks, files that hold other things, and the stores."""


@dataclass(frozen=True)
class Stores:
    """The stores of one process."""

    openbao: OpenBao
    aws: Aws
    kubernetes: Kubernetes


def stores() -> Stores:
    """Stores that run as long as this process. One that is forked gets its own, or two rotations would meet in one store."""
    return _stores_of(os.getpid())


@cache
def _stores_of(_process: int) -> Stores:
    kept = ExitStack()
    # Unlike ``atexit``, it ends with the workers of a pool too.
    Finalize(None, kept.close, exitpriority=1)

    def folder() -> Path:
        return Path(kept.enter_context(tempfile.TemporaryDirectory()))

    return Stores(
        kept.enter_context(openbao(folder())),
        kept.enter_context(aws(folder())),
        kept.enter_context(kubernetes()),
    )


@dataclass(frozen=True)
class Sinks:
    """The sinks of these names, one for each token; the files are in a folder."""

    names: tuple[str, ...]
    folder: Path

    def copies(self) -> dict[str, Copy]:
        """How consumers read them."""
        return {name: self._copy(name) for name in self.names}

    def fill(self, secrets: Mapping[str, str]) -> None:
        """Let each of them hold the secret of its token, and what else is there."""
        (self.folder / "password").write_text(PASSWORD)
        for name, secret in secrets.items():
            if name not in _SHARED:
                self._fill(name, secret)
        shared = [f'{before}{name}: !unsafe "{secrets[name]}"\n' for name, before in _SHARED.items() if name in secrets]
        if shared:
            _encrypt(self.folder / "shared", "".join(shared))

    def surroundings(self) -> dict[str, str]:
        """All that is where a secret is delivered beside others: each whole, but for the secrets of ours."""
        whole: dict[str, str] = {}
        for name, copy in self.copies().items():
            if name not in (*_MERGED, *_SHARED, *GROUPS["stores"]):
                continue
            text, secret = copy.text(), copy.secret()
            assert text is not None, name
            assert secret is not None, name
            whole[copy.path] = whole.get(copy.path, text).replace(secret, "SECRET")
        return whole

    @property
    def environment(self) -> dict[str, str]:
        """Of a run that delivers to them."""
        return stores().openbao.environment if "hashi_vault" in self.names else {}

    def options(self, name: str) -> dict:
        """The options of the token that has one of them."""
        path = self.folder / name
        own: dict
        if name in _MERGED:
            form, key, _text = _MERGED[name]
            section = {"section": "cpanel"} if form == "ini" else {}
            return {"sinks": [sink(path, format=form, merge=True, key=key, **section)]}
        if name in _SHARED:
            own = {"type": "vault", "path": str(self.folder / "shared"), "key": name}
        elif name == "vault":
            own = {"type": "vault", "path": str(path), "key": "token"}
        elif name in GROUPS["stores"]:
            own = {"type": name, "path": "app", "key": "token", **self._connection(name)}
        elif name == "tasks":
            own = {"type": "tasks", "tasks": str(self.folder / "own.yml")}
        else:
            options = {"env": {"key": "TOKEN"}, "json": {"key": "token"}, "template": {"template": "own.j2"}}
            return {"sinks": [sink(path, format=name, **options.get(name, {}))]}
        return {"sinks": [own], "verify_from": ["consumer1"]}

    def _connection(self, name: str) -> dict:
        if name == "hashi_vault":
            return {}
        if name == "aws_secretsmanager":
            return {"connection": {**CREDENTIALS, "endpoint_url": stores().aws.url}}
        return {"connection": {"host": stores().kubernetes.url, "api_key": TOKEN}}

    def _copy(self, name: str) -> Copy:
        path = str(self.folder / name)
        if name in _MERGED:
            form, key, _text = _MERGED[name]
            return Copy(path, form, key=key)
        if name in _SHARED:
            return Copy(str(self.folder / "shared"), "vault", PASSWORD, name)
        if name == "hashi_vault":
            return Copy(f"{stores().openbao.url}/v1/secret/data/app", name, ROOT_TOKEN)
        if name == "aws_secretsmanager":
            return Copy(stores().aws.url, "aws")
        if name == "kubernetes_secret":
            return Copy(f"{stores().kubernetes.url}/api/v1/namespaces/default/secrets/app", "kubernetes", TOKEN)
        form = {"env": "env", "json": "json", "template": "last", "vault": "vault"}.get(name, "raw")
        return Copy(path, form, PASSWORD, "TOKEN" if name == "env" else "token")

    def _fill(self, name: str, secret: str) -> None:
        path, others = self.folder / name, {**_OTHERS, "token": secret}
        if name in _MERGED:
            path.write_bytes(_MERGED[name][2].replace("SECRET", secret).encode())
        elif name == "hashi_vault":
            stores().openbao.forget()
            stores().openbao.write("app", others)
        elif name == "aws_secretsmanager":
            stores().aws.forget()
            stores().aws.client.create_secret(Name="app", SecretString=json.dumps(others))
        elif name == "kubernetes_secret":
            data = {key: b64encode(str(value).encode()).decode() for key, value in others.items()}
            stores().kubernetes.put("app", data)
        elif name == "vault":
            _encrypt(path, f"token: {secret}\n")
        else:
            texts = {"env": f"TOKEN={secret}\n", "json": json.dumps({"token": secret})}
            path.write_text(texts.get(name, f"{secret}\n"))


def _encrypt(path: Path, text: str) -> None:
    from ansible.parsing.vault import VaultLib, VaultSecret

    path.write_bytes(VaultLib().encrypt(text, VaultSecret(PASSWORD.encode())))
