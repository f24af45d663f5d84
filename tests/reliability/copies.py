# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of secrets, as a consumer reads them: in files of all formats, and in the stores."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.support.limits import patience
from tests.support.rotating import variables_in

_AWS = {
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": "secretsmanager.GetSecretValue",
    "Authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/eu-central-1/secretsmanager/aws4_request",
}
"""What moto needs to know which service is asked; it looks at no signature."""


@dataclass
class Copy:
    """A copy of a secret.

    ``path`` is the file that holds it, or the address of a secret in a store. ``form`` is how to read it there: ``raw``, ``env``,
    ``json``, ``yaml``, ``ini``, ``last`` (its last line), ``vault``, or the store: ``hashi_vault``, ``aws``, ``kubernetes``.
    ``key`` is its name there, where it has one. ``password`` opens a vault or a store.
    """

    path: str
    form: str = "raw"
    password: str = ""
    key: str = "token"

    def text(self) -> str | None:
        """All that is there, decrypted; ``None`` while there is nothing."""
        if self.form in ("hashi_vault", "aws", "kubernetes"):
            return self._in_store()
        try:
            content = Path(self.path).read_bytes()
        except FileNotFoundError:
            return None
        if self.form == "vault":
            from ansible.parsing.vault import VaultLib, VaultSecret

            content = VaultLib([("default", VaultSecret(self.password.encode()))]).decrypt(content)
        return content.decode()

    def secret(self) -> str | None:
        """The secret that is there now; ``None`` while there is none."""
        text = self.text()
        if text is None or self.form in ("raw", "last"):
            return text and text.strip().rpartition("\n")[2]
        if self.form in ("env", "ini"):
            found = re.search(rf"^{self.key}\s*[=:]\s*(\S+)", text, re.MULTILINE)
            return found and found[1]
        values = variables_in(text) if self.form in ("yaml", "vault") else json.loads(text)
        secret: str | None = values.get(self.key)
        return secret

    def _in_store(self) -> str | None:
        limit = patience(10)
        if self.form == "aws":
            asked = {"SecretId": "app", "VersionStage": "AWSCURRENT"}
            answer = requests.post(self.path, json=asked, headers=_AWS, timeout=limit)
            return str(answer.json()["SecretString"]) if answer.ok else None
        if self.form == "kubernetes":
            answer = requests.get(self.path, headers={"Authorization": f"Bearer {self.password}"}, timeout=limit)
            data = answer.json()["data"] if answer.ok else {}
            return json.dumps({name: b64decode(value).decode() for name, value in data.items()}) if data else None
        answer = requests.get(self.path, headers={"X-Vault-Token": self.password}, timeout=limit)
        return json.dumps(answer.json()["data"]["data"]) if answer.ok else None
