# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of all kinds of sinks, and the sinks of a token. Pure.

What the controller does for a kind stands in ``plugin_utils/_sinks``, in the file of the kind's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from posixpath import normpath
from typing import Any

from .._delivery.evidence import VERIFY_ONLY, Place
from .._errors import InvalidOption
from .values import check_keys, names_of


@dataclass(frozen=True)
class Kind:
    """One kind of sinks: its options and what can be done with it.

    ``called`` and ``unique`` are filled with the options of a sink and its host.
    """

    name: str
    called: str
    """How messages call a sink of this kind."""
    needs: tuple[str, ...] = ()
    """The options that must be given."""
    allows: tuple[str, ...] = ()
    """The options that may be given besides."""
    formats: Mapping[str, str | None] = field(default_factory=dict)
    """The formats, the default first, each with the option that it needs."""
    recognized: tuple[str, ...] = ()
    """The formats in which its host recognizes a secret in a file that is there. Into all other files the controller looks."""
    defaults: Mapping[str, str] = field(default_factory=dict)
    """What options are if they are not given, where that matters to ``unique``."""
    unique: str = ""
    """What no two tokens may have in common; empty if they may share everything."""
    own: str = ""
    """What to give to each token of its own instead."""
    on_hosts: bool = False
    """Is it a file on consumers' hosts, which M(panelops.cpanel.api_token_delivery) writes?"""
    in_store: bool = False
    """Is it in a store that the controller reaches, where M(panelops.cpanel.api_token_store) writes it?"""
    bundles: bool = False
    """Can it take several values in one write (O(keys)), besides the secret?"""
    verifies: bool = False
    """Do its hosts use the secret, so that they try it before the token is promoted?"""
    compared: bool = False
    """Is it checked before anything is created, and written only if it still holds what was found?"""
    read_back: bool = False
    """Is what was written read again?"""
    rolled_back: bool = False
    """Does it get its old content back if the token is not promoted?"""

    @property
    def is_blind(self) -> bool:
        """Can the controller only write it, and not learn what it holds? Then it is written after all others that are compared."""
        return self.in_store and not self.compared

    def check(self, options: Mapping[str, Any]) -> None:
        """:raises InvalidOption: an option is missing, or cannot be used with this kind."""
        keys = options.get("keys")
        for option in self.needs:
            if not options[option] and not (option == "key" and keys):
                raise InvalidOption(option, f"is needed for a sink of type {self.name}.")
        given = {option for option, value in options.items() if value is not None} - {"type"}
        others = sorted(given - {*self.needs, *self.allows, *(("keys",) if self.bundles else ())})
        if others:
            raise InvalidOption(others[0], f"cannot be used with a sink of type {self.name}.", "Remove it.")
        if keys is not None:
            if options["key"] is not None:
                raise InvalidOption("keys", "cannot be given together with key.", "Give one of the two.")
            check_keys(keys)
        if self.on_hosts and not options["path"].startswith(("/", "~")):
            raise InvalidOption(
                "path",
                f"{options['path']} is not absolute.",
                "Begin it with / (or with ~, the home folder on the consumer).",
            )
        form = self._form(options)
        if form is None:
            return
        for option in sorted({needed for needed in self.formats.values() if needed}):
            several = option == "key" and keys is not None
            if (options[option] is not None or several) != (option == self.formats[form]):
                if option == self.formats[form]:
                    raise InvalidOption(option, f"is needed with format: {form}.")
                raise InvalidOption("keys" if several else option, f"cannot be used with format: {form}.", "Remove it.")

    def normalized(self, path: str) -> str:
        """A path as that of the same place is always written: of a file on a host, or in a store."""
        parts = normpath(f"/{path.strip()}").lstrip("/") if path.strip("/. ") else ""
        return f"/{parts}" if self.on_hosts and not path.startswith("~") else parts

    def recognized_as(self, options: Mapping[str, Any]) -> str | None:
        """The format in which the sink's host recognizes a secret; ``None`` if only the controller can."""
        form = self._form(options)
        return form if form in self.recognized else None

    def _form(self, options: Mapping[str, Any]) -> str | None:
        """The format of a sink; ``None`` if the kind has none."""
        return (options.get("format") or next(iter(self.formats))) if self.formats else None


_PERMISSIONS = ("owner", "group", "mode")

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "file",
            "the file sink {host}:{path}",
            needs=("hosts", "path"),
            allows=("format", "key", "template", *_PERMISSIONS),
            formats={"raw": None, "env": "key", "json": "key", "template": "template"},
            recognized=("raw", "env", "json"),
            unique="{host}:{path}",
            own="file",
            on_hosts=True,
            verifies=True,
            compared=True,
            read_back=True,
            rolled_back=True,
        ),
        Kind(
            "vault",
            "the vault sink {host}:{path}",
            needs=("path", "key"),
            allows=("hosts", "vault_id", *_PERMISSIONS),
            unique="{host}:{path}",
            own="file",
            on_hosts=True,
            compared=True,
            read_back=True,
            rolled_back=True,
        ),
        Kind(
            "hashi_vault",
            "the hashi_vault sink {path}",
            needs=("path", "key"),
            allows=("engine_mount_point", "connection"),
            defaults={"engine_mount_point": "secret"},
            unique="the key {key} of {engine_mount_point}/{path}{store}",
            own="key",
            in_store=True,
            bundles=True,
            compared=True,
            read_back=True,
            rolled_back=True,
        ),
        Kind(
            "awx_credential",
            "the awx_credential sink {credential}",
            needs=("credential", "credential_type", "key"),
            allows=("organization", "connection", "args"),
            unique="the credential {credential} ({credential_type}, {organization}) of AWX{store}",
            own="credential",
            in_store=True,
            bundles=True,
        ),
        Kind(
            "github_secret",
            "the github_secret sink {organization}/{key}",
            needs=("organization", "key"),
            allows=("repository", "environment", "connection", "args"),
            unique="the secret {key} of {organization}/{repository} {environment}{store}",
            own="secret",
            in_store=True,
        ),
        Kind(
            "jenkins_credential",
            "the jenkins_credential sink {key}",
            needs=("key",),
            allows=("connection", "args"),
            unique="the credential {key} of Jenkins{store}",
            own="credential",
            in_store=True,
        ),
        Kind(
            "module",
            "the module sink {module}",
            needs=("module", "key"),
            allows=("args",),
            in_store=True,
            bundles=True,
        ),
        Kind("tasks", "the tasks sink {tasks}", needs=("tasks",)),
    )
}
"""In the order in which the sinks of a task are filled: those that are blind after all that are compared, and a user's own tasks last, for
they may reload a consumer."""

ADDRESS = ("url", "namespace")
"""The options of ``connection`` that say where a store is. No other option of it is told to the steps of a rotation."""

FORMATS = tuple(dict.fromkeys(form for kind in KINDS.values() for form in kind.formats))
"""The formats of all kinds."""

VERIFYING = Kind(VERIFY_ONLY, "verifying from {host}", on_hosts=True, verifies=True)
"""Of a host that tries the secret and has no file of its own. No task can give it as a type."""


@dataclass(frozen=True)
class TokenSink:
    """One sink of a token, for each of its hosts where the kind is on hosts. ``options`` are those that the task gives for it.

    ``implied``: it is on the controller because the task names no host.
    """

    place: Place
    kind: Kind
    options: Mapping[str, Any] = field(default_factory=dict)
    verifies: bool = False
    implied: bool = False

    @property
    def label(self) -> str:
        """The sink as messages call it."""
        return self.kind.called.format(host=self.place.host, **self.options)

    @property
    def is_filled(self) -> bool:
        """Is there anything that a secret is written to?"""
        return self.kind is not VERIFYING

    @property
    def is_checked(self) -> bool:
        """Is its host, or its store, looked at before anything is created? One that only verifies has to be able to."""
        return self.kind.compared or self.kind is VERIFYING

    @property
    def claims(self) -> tuple[str, ...]:
        """What no sink of another token may have too, however its path is spelled."""
        if not self.kind.unique:
            return ()
        options = {**dict.fromkeys(self.kind.allows, ""), **self.options}
        options |= {key: self.options.get(key) or value for key, value in self.kind.defaults.items()}
        for option in ("path", "engine_mount_point"):
            if options.get(option) is not None:
                options[option] = self.kind.normalized(options[option])
        options["store"] = _address(self.options.get("connection") or {})
        names = names_of(options) if "{key}" in self.kind.unique else [options.get("key")]
        return tuple(self.kind.unique.format(host=self.place.host, **{**options, "key": name}) for name in names)

    def as_work(self) -> dict[str, object]:
        """The sink as plain data for those who fill it. How its store is reached is not part of it, and of a blind one nothing else."""
        options = {
            option: value for option, value in self.options.items() if option != "connection" and not self.kind.is_blind
        }
        return dict(self.place.as_dict(), type=self.kind.name, **options)


def _address(connection: Mapping[str, Any]) -> str:
    """Where a store is, as far as the sink says it: only one that names its store can be told from one of the same path elsewhere."""
    given = (str(connection[option]).strip().rstrip("/") for option in ADDRESS if connection.get(option))
    return "".join(f" in {part}" for part in given)
