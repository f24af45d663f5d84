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
    exclusive: tuple[str, ...] = ()
    """Options of which only one may be given."""
    named: bool = False
    """Is its path a name, in which slashes have no meaning?"""
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
    shared: bool = False
    """May several tokens have one file, each with keys of its own, without O(merge) too?"""
    verifies: bool = False
    """Do its hosts use the secret, so that they try it before the token is promoted?"""
    compared: bool = False
    """Is it checked before anything is created, and written only if it still holds what was found?"""
    conditional: bool = True
    """Does its store compare and write in one call? If not, it is looked at once more after the promotion: another run may have written."""
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
        both = [option for option in self.exclusive if options[option]]
        if len(both) > 1:
            raise InvalidOption(both[0], f"cannot be given together with {both[1]}.", "Give one of the two.")
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
        if options.get("merge") and self.formats[form] != "key":
            raise InvalidOption("merge", f"cannot be used with format: {form}.", "Remove it.")
        if options.get("section") is not None and form != "ini":
            raise InvalidOption("section", f"cannot be used with format: {form}.", "Remove it.")

    def normalized(self, path: str) -> str:
        """A path as that of the same place is always written: of a file on a host, or in a store."""
        if self.named:
            return path.strip()
        parts = normpath(f"/{path.strip()}").lstrip("/") if path.strip("/. ") else ""
        return f"/{parts}" if self.on_hosts and not path.startswith("~") else parts

    def recognized_as(self, options: Mapping[str, Any]) -> str | None:
        """The format in which the sink's host recognizes a secret; ``None`` if only the controller can."""
        form = self._form(options)
        return form if form in self.recognized else None

    def can_merge(self, options: Mapping[str, Any]) -> bool:
        """Can a sink set its keys in a file that holds other things (O(merge)), with the options that it has besides?"""
        form = self._form(options)
        return form is not None and "merge" in self.allows and self.formats[form] == "key"

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
            allows=("format", "key", "section", "merge", "template", *_PERMISSIONS),
            formats={"raw": None, "env": "key", "json": "key", "yaml": "key", "ini": "key", "template": "template"},
            recognized=("raw", "env", "json", "yaml", "ini"),
            unique="{host}:{path}",
            own="file",
            on_hosts=True,
            bundles=True,
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
            bundles=True,
            shared=True,
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
            "aws_secretsmanager",
            "the aws_secretsmanager sink {path}",
            needs=("path",),
            allows=("key", "connection"),
            named=True,
            unique="{named}the AWS secret {path}{store}",
            own="key",
            in_store=True,
            bundles=True,
            compared=True,
            read_back=True,
            rolled_back=True,
        ),
        Kind(
            "kubernetes_secret",
            "the kubernetes_secret sink {path}",
            needs=("path", "key"),
            allows=("namespace", "connection"),
            defaults={"namespace": "default"},
            named=True,
            unique="the key {key} of the Kubernetes secret {namespace}/{path}{store}",
            own="key",
            in_store=True,
            bundles=True,
            compared=True,
            read_back=True,
            rolled_back=True,
        ),
        Kind(
            "gitlab_variable",
            "the gitlab_variable sink {key}",
            needs=("key",),
            allows=(
                *("project", "group", "environment_scope", "masked", "protected", "raw", "variable_type"),
                "connection",
            ),
            defaults={"environment_scope": "*"},
            exclusive=("project", "group"),
            unique="the variable {key} (scope {environment_scope}) of {owner}{store}",
            own="variable",
            in_store=True,
            compared=True,
            conditional=False,
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

ADDRESS = ("url", "namespace", "endpoint_url", "region", "profile", "host", "kubeconfig", "context", "api_url")
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
        if self.is_shared:
            part = f" of the section {options['section']}" if options.get("section") else ""
            return tuple(f"the key {name}{part} of {self.file}" for name in names_of(options))
        options["store"] = _address(self.options.get("connection") or {})
        options["owner"] = _gitlabs(options)
        names = names_of(options) if "{key}" in self.kind.unique else [options.get("key")]
        return tuple(
            self.kind.unique.format(
                host=self.place.host, **{**options, "key": name, "named": f"the key {name} of " if name else ""}
            )
            for name in names
        )

    @property
    def is_shared(self) -> bool:
        """May other sinks have other keys of its file?"""
        return self.kind.shared or bool(self.options.get("merge"))

    @property
    def file(self) -> str:
        """The file of a sink on a host, however its path is spelled: what it shares with others, if it does."""
        return f"{self.place.host}:{self.kind.normalized(self.options['path'])}"

    def as_work(self) -> dict[str, object]:
        """The sink as plain data for those who fill it. How its store is reached is not part of it, and of a blind one nothing else."""
        options = {
            option: value for option, value in self.options.items() if option != "connection" and not self.kind.is_blind
        }
        return dict(self.place.as_dict(), type=self.kind.name, **options)


def _gitlabs(options: Mapping[str, Any]) -> str:
    """The project or group that a variable of GitLab is in; neither is the whole instance."""
    level = next((level for level in ("project", "group") if options.get(level)), None)
    return "the instance" if level is None else f"the {level} {str(options[level]).strip('/ ').lower()}"


def _address(connection: Mapping[str, Any]) -> str:
    """Where a store is, as far as the sink says it: only one that names its store can be told from one of the same path elsewhere."""
    given = (str(connection[option]).strip().rstrip("/") for option in ADDRESS if connection.get(option))
    return "".join(f" in {part}" for part in given)
