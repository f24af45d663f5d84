# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind C(hashi_vault): keys of a secret in a key-value store, version 2, of HashiCorp Vault or OpenBao, by the library hvac.

The settings, the environment and the variables have the names that the collection community.hashi_vault gives them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from json import dumps, loads
from pathlib import Path
from time import time
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption, PanelopsError
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.sinks import KINDS

from .controller import Controller
from .libraries import library, why_missing
from .reasons import seconds, verify
from .scrubbing import Hidden
from .settings import Setting, Settings
from .store import Changed, NotAnswered, Seen, Session, StoreOnController

if TYPE_CHECKING:
    from .store_http import StoreSession

_LIBRARY = "hvac"
_CAS = "check-and-set"

_NEARLY_OVER = 60
"""Seconds before the end of our own login in which a step logs in again."""

_REDIRECTS = 3
"""How many redirects are followed for one call: a standby node sends its callers to the active one."""

_CREDENTIALS = ("token", "secret_id", "password", "jwt")
"""Settings that no message repeats, whatever a store says."""


def _setting(name: str, *environment: str, default: str = "", contrary: str = "") -> Setting:
    own = f"ANSIBLE_HASHI_VAULT_{name.upper()}"
    return Setting(name, (own, *environment), (f"ansible_hashi_vault_{name}",), default, contrary)


SETTINGS = Settings(
    (
        Setting(
            "url", ("ANSIBLE_HASHI_VAULT_ADDR", "VAULT_ADDR"), ("ansible_hashi_vault_url", "ansible_hashi_vault_addr")
        ),
        _setting("namespace", "VAULT_NAMESPACE"),
        _setting("validate_certs", contrary="VAULT_SKIP_VERIFY"),
        _setting("ca_cert", "VAULT_CACERT"),
        _setting("timeout", default="30"),
        _setting("auth_method", default="token"),
        _setting("mount_point"),
        _setting("token", "VAULT_TOKEN"),
        Setting("token_path", ("ANSIBLE_HASHI_VAULT_TOKEN_PATH", "HOME"), ("ansible_hashi_vault_token_path",)),
        _setting("token_file", default=".vault-token"),
        _setting("role_id"),
        _setting("secret_id"),
        _setting("username"),
        _setting("password"),
        _setting("jwt"),
    ),
    ("community.hashi_vault.vault_kv2_write", "group/community.hashi_vault.vault"),
)

_LOGINS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "token": ((), ()),
    "approle": (("role_id",), ("secret_id",)),
    "userpass": (("username", "password"), ()),
    "ldap": (("username", "password"), ()),
    "jwt": (("role_id", "jwt"), ()),
}
"""The methods of authentication: which settings each needs, and which it takes besides."""


class HashiVaultSink:
    """See ``StoreOnController``."""

    settings = SETTINGS

    def missing(self, options: Mapping, controller: Controller) -> str:
        """The library, or what the settings lack."""
        missing = why_missing(_LIBRARY, "hvac")
        if missing:
            return missing
        try:
            _check(self.settings.read(options.get("connection"), controller))
        except PanelopsError as error:
            return f"cannot reach its store: {error}"
        return ""

    def opened(self, given: Mapping[str, str], ticket: str | None) -> Session:
        """The store, logged in.

        :raises PanelopsError: naming the setting, the rule and the remedy, or what the store said.
        """
        _check(given)
        hvac = library(_LIBRARY)
        # Imported here, for without the library that both need there would be no sentence on it.
        from .store_http import StoreSession

        url, trusted, timeout = given["url"].rstrip("/"), verify(given, "ca_cert"), seconds(given["timeout"])
        http = StoreSession(url, trusted, timeout, _REDIRECTS)
        # The token is empty, or the library would look for one in the environment of this process.
        client = hvac.Client(
            url=url,
            namespace=given.get("namespace"),
            verify=trusted,
            timeout=timeout,
            strict_http=True,
            token="",
            session=http,
        )
        hidden = Hidden({given[name] for name in _CREDENTIALS if name in given})
        session = VaultSession(hvac, client, http, timeout, hidden, url, given.get("namespace", ""))
        if given["auth_method"] == "token":
            client.token = _token(given)
        else:
            session.log_in(given, ticket)
        return session


def _check(given: Mapping[str, str]) -> None:
    """Find what the settings lack, before the first call.

    :raises InvalidOption: naming the setting, the rule and the remedy.
    """
    if "url" not in given:
        raise InvalidOption(
            "connection.url", "is not given.", "Name the store there, or in the environment variable VAULT_ADDR."
        )
    if urlsplit(given["url"]).scheme not in ("http", "https") or not urlsplit(given["url"]).hostname:
        raise InvalidOption(
            "connection.url", f"{given['url']} is no address.", "It is one such as https://vault.example.com:8200."
        )
    for name in ("token", "namespace"):
        # They are headers of each call.
        if not (given.get(name, "").isascii() and given.get(name, "").isprintable()):
            raise InvalidOption(f"connection.{name}", "has characters that are not printable ASCII.")
    method = given["auth_method"]
    if method not in _LOGINS:
        raise InvalidOption("connection.auth_method", f"{method} is not supported.", f"There are {', '.join(_LOGINS)}.")
    missing = [each for each in _LOGINS[method][0] if each not in given]
    if missing:
        raise InvalidOption(f"connection.{missing[0]}", f"is needed with auth_method: {method}.")
    verify(given, "ca_cert")
    seconds(given["timeout"])
    if method == "token":
        _token(given)


def _log_in(client: Any, method: str, given: Mapping[str, str]) -> dict[str, Any]:
    """What the store says of the new login."""
    mount = {"mount_point": given["mount_point"]} if "mount_point" in given else {}
    if method == "approle":
        answer = client.auth.approle.login(role_id=given["role_id"], secret_id=given.get("secret_id"), **mount)
    elif method == "jwt":
        path = {"path": given["mount_point"]} if mount else {}
        answer = client.auth.jwt.jwt_login(role=given["role_id"], jwt=given["jwt"], **path)
    else:
        answer = getattr(client.auth, method).login(username=given["username"], password=given["password"], **mount)
    told: dict[str, Any] = answer["auth"]
    return told


def _token(given: Mapping[str, str]) -> str:
    """The token that is given, or that ``vault login`` has left in its file.

    :raises InvalidOption: there is none.
    """
    if "token" in given:
        return given["token"]
    path = Path(os.path.expanduser(given.get("token_path", "~"))) / given["token_file"]
    try:
        found = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        found = ""
    if not found:
        raise InvalidOption(
            "connection.token",
            f"is not given, and there is no token in {path}.",
            "Give it there or in the environment variable VAULT_TOKEN, or log in by another auth_method.",
        )
    return found


@dataclass
class VaultSession:
    """See ``Session``."""

    hvac: ModuleType
    client: Any = field(repr=False)
    http: StoreSession = field(repr=False)
    timeout: float
    hidden: Hidden
    url: str = ""
    namespace: str = ""
    ticket: str | None = field(default=None, repr=False)
    seen_mounts: dict[str, str] = field(default_factory=dict)
    """What is known of mounts, by what was asked for."""

    def log_in(self, given: Mapping[str, str], ticket: str | None) -> None:
        """Go on with the login of an earlier step, or log in if there is none, or it is nearly over.

        :raises PanelopsError: the store refuses the login.
        """
        known = {} if ticket is None else loads(ticket)
        left = known.get("until", 0) - time() if known.get("until") else None
        if known:
            self.client.token, self.ticket = known["token"], ticket
        if known and (left is None or left > _NEARLY_OVER):
            return
        try:
            with self.telling(f"The store at {self.url} refuses the login by {given['auth_method']}"):
                answer = _log_in(self.client, given["auth_method"], given)
                lasts = int(answer.get("lease_duration") or 0)
                self.client.token = answer["client_token"]
        except PanelopsError:
            if left is None or left <= 0:
                raise
            # The earlier one may last long enough: an identifier of AppRole can be good for one login only.
            self.client.token = known["token"]
            return
        until = time() + lasts if lasts else None
        self.ticket = dumps(dict(token=self.client.token, until=until))

    def secret(self, options: Mapping) -> VaultSecret:
        """The secret at the sink's path."""
        kind = KINDS["hashi_vault"]
        mount = kind.normalized(options.get("engine_mount_point") or kind.defaults["engine_mount_point"])
        return VaultSecret(self, mount, kind.normalized(options["path"]))

    def close(self) -> None:
        """Revoke the token of our own login; one that was given is its owner's."""
        if self.ticket is not None:
            with suppress(Exception):
                self.client.auth.token.revoke_self()

    @contextmanager
    def telling(self, what: str) -> Iterator[None]:
        """Turn what goes wrong into a sentence.

        :raises NotReached: nothing was sent. :raises NotAnswered: there was no answer, or one that does not say what was done.
        :raises PanelopsError: the store refused.
        """
        import requests

        from .store_http import unanswered

        try:
            yield
        except self.hvac.exceptions.VaultError as error:
            text = f"{what}: {self.reason(error)}."
            # A gateway may speak for a store that has done what it was asked for. A store that is sealed has not.
            refused = 400 <= self.http.status < 500 or (self.http.status == 503 and getattr(error, "errors", None))
            raise (PanelopsError(text) if refused else NotAnswered(text)) from None
        except requests.exceptions.RequestException as error:
            told = unanswered(self.http, self.url, error, self.hidden)
            if isinstance(error, requests.exceptions.SSLError):
                hint = "Does connection.ca_cert, or the environment variable VAULT_CACERT, name the authority of its certificate?"
                raise type(told)(f"{told} {hint}") from None
            raise told from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise NotAnswered(f"{what}: the answer of {self.url} is not one of a secrets store.") from None

    def reason(self, error: Exception) -> str:
        """What the store said, in one line, without a credential."""
        self.hidden.add(self.client.token)
        return self.hidden.line(_said(error) or f"HTTP {self.http.status}")


def _said(error: Exception) -> str:
    """What the store said, as it said it."""
    told = getattr(error, "errors", None)
    return "; ".join(map(str, told)) if isinstance(told, list) else ""


@dataclass(frozen=True)
class VaultSecret:
    """See ``StoredSecret``."""

    session: VaultSession
    mount: str
    path: str

    @property
    def label(self) -> str:
        """Mount and path, as messages call them."""
        return f"{self.mount}/{self.path}"

    @property
    def identity(self) -> str:
        """Address, namespace, mount and path."""
        return "\n".join((self.session.url.lower(), self.session.namespace.strip("/"), self.mount, self.path))

    def check(self) -> Seen:
        """Find a mount that is missing or of another kind, and privileges that are missing; what the secret holds.

        :raises PanelopsError: it cannot be written.
        """
        mounts = self.session.seen_mounts
        if self.mount not in mounts:
            mounts[self.mount] = self._version_of_mount()
        if mounts[self.mount] != "2":
            raise PanelopsError(
                f"the mount {self.mount} is not a key-value store of version 2 ({mounts[self.mount]}), so a write could not be made "
                "conditional. Give engine_mount_point one that is."
            )
        may = self._capabilities()
        self._refuse_lacking(may, "read")
        seen = self.look()
        # Rolling back what was created takes an update too.
        for needed in ("update",) if seen.version else ("create", "update"):
            self._refuse_lacking(may, needed)
        return seen

    def _refuse_lacking(self, may: frozenset[str] | None, needed: str) -> None:
        """:raises PanelopsError: the token may not do it, as far as is known."""
        if may is not None and not may & {"root", needed}:
            raise PanelopsError(
                f"the token of the store lacks {needed} on {self.mount}/data/{self.path}. Add that to its policy."
            )

    def _version_of_mount(self) -> str:
        """The version of the key-value store, or what the mount is instead.

        :raises PanelopsError: there is no such mount, or nobody answers.
        """
        errors = self.session.hvac.exceptions
        with self.session.telling(f"the mount {self.mount} cannot be looked at"):
            try:
                mounted = self.session.client.adapter.get(
                    f"/v1/sys/internal/ui/mounts/{quote(f'{self.mount}/{self.path}')}"
                )["data"]
            except (errors.Forbidden, errors.InvalidPath) as error:
                raise PanelopsError(
                    f"there is no mount {self.mount}, or the token may not see {self.mount}/{self.path} ({self.session.reason(error)}). "
                    "Check engine_mount_point and the token's policy."
                ) from None
            if str(mounted["path"]).strip("/") != self.mount:
                return f"its mount is {str(mounted['path']).strip('/')}"
            if mounted["type"] != "kv":
                return f"its type is {mounted['type']}"
            version = str((mounted.get("options") or {}).get("version", "1"))
        return version if version == "2" else f"its version is {version}"

    def _capabilities(self) -> frozenset[str] | None:
        """What the token may do with the secret; ``None`` if it may not ask."""
        path = f"{self.mount}/data/{self.path}"
        try:
            with self.session.telling("capabilities"):
                answer = self.session.client.adapter.post("/v1/sys/capabilities-self", json={"paths": [path]})
                listed = answer.get("capabilities", answer.get("data", {}).get(path))
                return None if listed is None else frozenset(listed)
        except PanelopsError:
            return None

    def look(self) -> Seen:
        """What the newest version holds; nothing, with version 0, if there never was one.

        :raises PanelopsError: it cannot be read, or its newest version is deleted.
        """
        missing = self.session.hvac.exceptions.InvalidPath
        with self.session.telling(f"{self.label} cannot be read"):
            try:
                answer = self.session.client.secrets.kv.v2.read_secret_version(
                    path=self.path, mount_point=self.mount, raise_on_deleted_version=True
                )
            except missing as error:
                # There was none, or its newest version is deleted or destroyed: then its metadata come with the same status.
                answer = error.json
                if answer is not None and not answer.get("data"):
                    return Seen({}, 0)
            data, metadata = answer["data"]["data"], answer["data"]["metadata"]
            version = int(metadata["version"])
        if data is None:
            how = "destroyed" if metadata.get("destroyed") else "deleted"
            raise PanelopsError(
                f"version {version} of {self.label}, the newest, was {how}. Undelete it, or delete the secret with all its versions, so "
                "that it is clear what else belongs there."
            )
        return Seen(data, version)

    def write(self, content: Mapping[str, object], seen: Seen) -> None:
        """Write the next version, if none was written since.

        :raises Changed: one was. :raises NotAnswered: nobody knows. :raises PanelopsError: the store refused.
        """
        refused = self.session.hvac.exceptions.InvalidRequest
        with self.session.telling(f"{self.label} cannot be written"):
            try:
                self.session.client.secrets.kv.v2.create_or_update_secret(
                    path=self.path, secret=dict(content), cas=seen.version, mount_point=self.mount
                )
            except refused as error:
                if _CAS in _said(error):
                    raise Changed(f"others kept writing to {self.label}.") from None
                raise


SINK: StoreOnController = HashiVaultSink()
