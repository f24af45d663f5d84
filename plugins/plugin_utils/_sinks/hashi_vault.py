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
from pathlib import Path
from types import ModuleType
from typing import Any

from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption, PanelopsError
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.sinks import KINDS

from .controller import Controller
from .libraries import library, why_missing
from .reasons import cause, one_line, seconds, verify
from .settings import Setting, Settings
from .store import Changed, NotAnswered, Seen, Session, StoreOnController

_LIBRARY = "hvac"
_CAS = "check-and-set"


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
        hvac = library(_LIBRARY)
        method = given["auth_method"]
        client = hvac.Client(
            url=given["url"],
            namespace=given.get("namespace"),
            verify=verify(given, "ca_cert"),
            timeout=seconds(given["timeout"]),
            strict_http=True,
            token="",
        )
        session = VaultSession(hvac, client, given["url"].rstrip("/"), given.get("namespace", ""))
        if ticket is not None:
            client.token, session.ticket = ticket, ticket
        elif method == "token":
            client.token = _token(given)
        else:
            with session.telling(f"The store at {session.url} refuses the login by {method}"):
                _log_in(client, method, given)
            session.ticket = client.token
        return session


def _check(given: Mapping[str, str]) -> None:
    """Find what the settings lack, before the first call.

    :raises InvalidOption: naming the setting, the rule and the remedy.
    """
    if "url" not in given:
        raise InvalidOption(
            "connection.url", "is not given.", "Name the store there, or in the environment variable VAULT_ADDR."
        )
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


def _log_in(client: Any, method: str, given: Mapping[str, str]) -> None:
    mount = {"mount_point": given["mount_point"]} if "mount_point" in given else {}
    if method == "approle":
        client.auth.approle.login(role_id=given["role_id"], secret_id=given.get("secret_id"), **mount)
    elif method == "jwt":
        path = {"path": given["mount_point"]} if mount else {}
        answer = client.auth.jwt.jwt_login(role=given["role_id"], jwt=given["jwt"], **path)
        client.token = answer["auth"]["client_token"]
    else:
        getattr(client.auth, method).login(username=given["username"], password=given["password"], **mount)


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
    url: str = ""
    namespace: str = ""
    ticket: str | None = field(default=None, repr=False)

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

        :raises NotAnswered: there was no answer, or one that does not say what was done. :raises PanelopsError: the store refused.
        """
        import requests

        errors = self.hvac.exceptions
        try:
            yield
        except (errors.InternalServerError, errors.BadGateway, errors.UnexpectedError) as error:
            raise NotAnswered(f"{what}: {_reason(error)}.") from None
        except errors.VaultError as error:
            raise PanelopsError(f"{what}: {_reason(error)}.") from None
        except requests.exceptions.RequestException as error:
            raise NotAnswered(f"{self.url} does not answer ({cause(error)}).") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise NotAnswered(f"{what}: the answer of {self.url} is not one of a secrets store.") from None


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

    def check(self) -> None:
        """Find a mount that is missing or of another kind, and privileges that are missing.

        :raises PanelopsError: it cannot be written.
        """
        version = self._version_of_mount()
        if version != "2":
            raise PanelopsError(
                f"the mount {self.mount} is not a key-value store of version 2 ({version}), so a write could not be made conditional. "
                "Give engine_mount_point one that is."
            )
        may = self._capabilities()
        if may is not None and not may & {"root", "sudo"} and not {"read", "create", "update"} <= may:
            lacking = ", ".join(sorted({"read", "create", "update"} - may))
            raise PanelopsError(
                f"the token of the store lacks {lacking} on {self.mount}/data/{self.path}. Add that to its policy."
            )

    def _version_of_mount(self) -> str:
        """The version of the key-value store, or what the mount is instead.

        :raises PanelopsError: there is no such mount, or nobody answers.
        """
        errors = self.session.hvac.exceptions
        with self.session.telling(f"the mount {self.mount} cannot be looked at"):
            try:
                mounted = self.session.client.adapter.get(f"/v1/sys/internal/ui/mounts/{self.mount}/{self.path}")[
                    "data"
                ]
            except (errors.Forbidden, errors.InvalidPath) as error:
                raise PanelopsError(
                    f"there is no mount {self.mount}, or the token may not see {self.mount}/{self.path} ({_reason(error)}). "
                    "Check engine_mount_point and the token's policy."
                ) from None
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
                    path=self.path, mount_point=self.mount, raise_on_deleted_version=False
                )
            except missing:
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
                if _CAS in _reason(error):
                    raise Changed(f"others kept writing to {self.label}.") from None
                raise


def _reason(error: Exception) -> str:
    """What the store said, in one line."""
    told = getattr(error, "errors", None)
    text = "; ".join(map(str, told)) if isinstance(told, list) and told else str(error) or type(error).__name__
    return one_line(text)


SINK: StoreOnController = HashiVaultSink()
