# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of sinks that are data over a module of some collection: which one it is, and which of its options get what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible.errors import AnsibleError
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.values import names_of, secrets_name

from . import traceless
from .controller import Controller
from .libraries import why_missing
from .settings import Setting, Settings
from .store import NotBegun
from .unfit import why_unfit


@dataclass(frozen=True)
class ModuleSink:
    """See ``BlindStore``.

    ``module`` is its full name; empty if the sink names it. A dot in the name of an option leads into an option that is a mapping.
    """

    module: str = ""
    into: str = "{name}"
    """The option that gets a value, by the name that the sink gives to it."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Options of the sink, and those of the module that get them."""
    connection: Mapping[str, str] = field(default_factory=dict)
    """The same for the settings of ``connection``."""
    fixed: Mapping[str, object] = field(default_factory=dict)
    libraries: Mapping[str, str] = field(default_factory=dict)
    """What the module imports, and the packages to install for it."""

    def missing(self, options: Mapping, controller: Controller) -> str:
        """The module, a library, or what would keep it from getting the secret."""
        name = options.get("module") if not self.module else self.module
        if not name:
            return ""  # Refused with all other options.
        if len(str(name).split(".")) < 3:
            return f"cannot run {name}: give the module's full name, NAMESPACE.COLLECTION.MODULE."
        found = traceless.find(str(name))
        if found is None:
            collection = ".".join(str(name).split(".")[:2])
            return (
                f"needs the module {name}, which is not installed on the controller. Install its collection, or a newer version of it: "
                f"ansible-galaxy collection install --upgrade {collection}"
            )
        try:
            args = self._args(options, found, controller)
            _filled(args, {self._option(name): "" for name in names_of(options)})
        except (PanelopsError, AnsibleError) as error:
            return f"cannot run {found.name}: {error}"
        unfit = why_unfit(found.name, args)
        if unfit:
            return f"cannot run {found.name}: {unfit}"
        for library, package in self.libraries.items():
            missing = why_missing(library, package)
            if missing:
                return missing
        trace = traceless.why_not(found)
        return f"cannot run {found.name}: it {trace}" if trace else ""

    def deliver(self, options: Mapping, values: Mapping[str, str], controller: Controller) -> None:
        """Run the module.

        :raises NotBegun: it was not started. :raises PanelopsError: it failed; the message holds no secret.
        """
        missing = self.missing(options, controller)
        found = traceless.find(str(self.module or options.get("module")))
        if missing or found is None:
            raise NotBegun(f"it {missing}")
        try:
            args = self._args(options, found, controller)
        except (PanelopsError, AnsibleError) as error:
            raise NotBegun(str(error)) from None
        filled = _filled(args, {self._option(name): value for name, value in values.items()})
        traceless.run(found, filled, values[secrets_name(options)], controller)

    def _option(self, name: str) -> str:
        return self.into.format(name=name)

    def _args(self, options: Mapping, found: traceless.Found, controller: Controller) -> dict[str, Any]:
        """All options of the module but those that get values.

        :raises PanelopsError, AnsibleError: an option cannot be used.
        """
        own = options.get("args")
        if own is not None and not isinstance(own, Mapping):
            raise PanelopsError("args is not a mapping of the module's options.")
        settings = Settings(tuple(map(Setting, self.connection))).read(options.get("connection"), controller)
        given = {option: options[name] for name, option in self.options.items() if options.get(name) is not None}
        given |= {self.connection[name]: value for name, value in settings.items()}
        given |= self.fixed
        twice = sorted(given.keys() & (own or {}).keys())
        if twice:
            raise PanelopsError(f"args gives {twice[0]}, which this type sets itself. Remove it there.")
        # Through JSON, which leaves plain data of its own.
        plain: dict[str, object] = json.loads(json.dumps({**(own or {}), **given}, default=str))
        return traceless.with_defaults(found, plain, controller)


def _filled(args: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """Options with values under names that may have dots.

    :raises PanelopsError: one of them is given already, or leads into something that is no mapping.
    """
    filled: dict[str, Any] = json.loads(json.dumps(dict(args), default=str))
    for name, value in values.items():
        inner, (*folders, last) = filled, name.split(".")
        for folder in folders:
            inner = inner.setdefault(folder, {})
            if not isinstance(inner, dict):
                raise PanelopsError(f"{name} gets a value, and {folder} of it is not a mapping.")
        if last in inner:
            raise PanelopsError(f"{name} gets a value, and is given besides. Remove it from args or module_defaults.")
        inner[last] = value
    return filled
