# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server, the ports in front of it, and what one run leaves: whose secrets are held, and what was said."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.hostile.json_answers import ANOTHERS_SECRET
from tests.hostile.relay import Relays
from tests.support.server import Server
from tests.support.users import ALICE, BOB, ROOT, basic

SECRET_KEYS = ("token", "values", "content", "api_token", "previous")
"""Where results may hold secrets: a created token's, and what a rotation hands on, which is marked as secret by the task."""
LONGEST_SENTENCE = 4000
HARMLESS_KINDS = ("Cc", "Cf", "Cs", "Zl", "Zp")
OWN = (ROOT, ALICE, BOB)
POST_ALONE = re.compile(r"POST /(json-api/\w+\?api\.version=1|execute/\w+/\w+)")


DANGERS = (
    "nobody has its secret",
    "may still create it",
    "may or may not have happened",
    "may live on",
    "is left alone",
)
"""What a message says of tokens that somebody must look after."""


@dataclass
class Scene:
    """The tokens that exist before, and what becomes of them. ``held``: secrets that somebody has."""

    server: Server
    relays: Relays
    folder: Path
    options: Mapping[str, object] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    bystanders: set[str] = field(default_factory=set)
    """Those of tokens that no task names: they work whatever happens."""
    outputs: list[dict] = field(default_factory=list)

    def whm(self, name: str, **limits: object) -> str:
        """Create a token of root, whose secret is held."""
        return self._hold(self.server.whm_token(name, **{"acl": "list-accts", **limits}))

    def uapi(self, name: str, whose: tuple[str, str] = ALICE, **limits: object) -> str:
        """Create a token of an account, whose secret is held."""
        return self._hold(self.server.uapi_token(name, whose, **limits))

    def _hold(self, secret: str) -> str:
        self.held.add(secret)
        return secret

    def tell(self, result: Mapping) -> None:
        """Take a result: the secrets in it are held from now on."""
        self.held |= {text.strip() for text in _texts(result, SECRET_KEYS)} - {""}
        self.outputs.append(dict(result))

    @property
    def failed(self) -> bool:
        return any(output.get("failed") for output in self.outputs)

    @property
    def said(self) -> list[str]:
        """Every message and warning."""
        return [text for output in self.outputs for text in _texts(output, ("msg", "warnings", "problem"))]

    def check_words(self, about: str) -> None:
        """No secret outside of the places for secrets, and one sentence for each failure."""
        known = {ANOTHERS_SECRET, *self.relays.now.secrets, *self.held}
        known |= {user.password for user in OWN} | {basic(user).split()[1] for user in OWN}
        text = json.dumps([_without_secrets(output) for output in self.outputs], ensure_ascii=False)
        leaked = [secret for secret in known if secret in text]
        assert not leaked, f"{about}: {leaked} in {text}"
        for output in self.outputs:
            assert not output.get("failed") or str(output.get("msg", "")).strip(), f"{about}: {output}"
        for sentence in self.said:
            assert "A fault in panelops" not in sentence, f"{about}: {sentence}"
            assert "Traceback" not in sentence, f"{about}: {sentence}"
            assert len(sentence) < LONGEST_SENTENCE, f"{about}: {len(sentence)} characters: {sentence[:300]}"
            odd = [each for each in sentence if unicodedata.category(each) in HARMLESS_KINDS]
            assert not odd, f"{about}: {odd} in {sentence!r}"

    def check_holders(self, about: str, blind: bool) -> None:
        """No token without a holder.

        :param blind: no list of tokens could be read, so it is enough that the messages name the danger.
        """
        self.held |= {path.read_text().strip() for path in self.folder.rglob("*secret") if path.is_file()}
        for owner, live, held in self._owners():
            if len(live) > held:
                named = blind and any(each in text for text in self.said for each in DANGERS)
                assert named, f"{about}: {owner} has {sorted(live)}, and {held} secrets are held: {self.outputs}"

    def check_requests(self, about: str) -> None:
        """Every request is a POST with its parameters in the body, so that none of them is in the log of a server or a proxy (C1.31)."""
        odd = [each for each in self.relays.now.requests if not POST_ALONE.fullmatch(each)]
        assert not odd, f"{about}: {odd}"

    def check_bystanders(self, about: str) -> None:
        """What no task names is as it was."""
        for secret in self.bystanders:
            works = self.server.whm_accepts(secret) or self.server.uapi_accepts(secret)
            assert works, f"{about}: a token that no task names is gone: {self.outputs}"

    def _owners(self) -> Iterator[tuple[str, set[str], int]]:
        """Each owner's tokens by name, and how many working secrets of them are held."""
        yield "root", set(self.server.whm_tokens()), sum(map(self.server.whm_accepts, self.held))
        for user in (ALICE, BOB):
            live = set(self.server.uapi_tokens(user))
            yield user.name, live, sum(self.server.uapi_accepts(secret, user.name) for secret in self.held)


def _texts(part: object, keys: Container[str], key: str = "") -> Iterator[str]:
    """The texts under some keys, wherever in a result."""
    if isinstance(part, dict):
        for name, value in part.items():
            yield from _texts(value, keys, name)
    elif isinstance(part, list):
        for value in part:
            yield from _texts(value, keys, key)
    elif isinstance(part, str) and part and key in keys:
        yield part


def _without_secrets(part: object) -> object:
    if isinstance(part, dict):
        return {name: _without_secrets(value) for name, value in part.items() if name not in SECRET_KEYS}
    return [_without_secrets(value) for value in part] if isinstance(part, list) else part
