# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a store is reached: by the options of a sink, by what the play gives to its collection, by variables, by the environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption

from .controller import Controller


@dataclass(frozen=True)
class Setting:
    """One setting. What stands first in ``variables`` and ``environment`` goes before the rest."""

    name: str
    environment: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    default: str = ""
    contrary: str = ""
    """An environment variable that says the contrary of a switch."""


@dataclass(frozen=True)
class Settings:
    """All settings of a kind of stores. ``defaults_of`` names the groups and modules whose ``module_defaults`` they are taken from."""

    options: tuple[Setting, ...]
    defaults_of: tuple[str, ...] = ()

    def read(self, connection: Mapping | None, controller: Controller) -> dict[str, str]:
        """The settings of a sink as text; what is given nowhere is left out.

        White space around a value is ignored, and an empty one counts as one that is not given.

        :raises InvalidOption: the sink gives a setting that the kind does not have.
        """
        own = connection or {}
        unknown = sorted(set(own) - {each.name for each in self.options})
        if unknown:
            known = ", ".join(each.name for each in self.options)
            raise InvalidOption(f"connection.{unknown[0]}", "is not an option of this store.", f"There are {known}.")
        found = {}
        for each in self.options:
            value = next((text for text in self._given(each, own, controller) if text), each.default)
            if value:
                found[each.name] = value
        return found

    def _given(self, setting: Setting, own: Mapping, controller: Controller) -> Iterator[str]:
        yield _text(own.get(setting.name))
        for defaults in _defaults(controller, self.defaults_of):
            yield _text(_templated(defaults.get(setting.name), controller))
        for name in setting.variables:
            yield _text(_templated(controller.variables.get(name), controller))
        for name in setting.environment:
            yield _text(controller.environ.get(name))
        contrary = _text(controller.environ.get(setting.contrary))
        if contrary:
            yield "false" if is_true(contrary, setting.contrary) else "true"


def _defaults(controller: Controller, names: tuple[str, ...]) -> Iterator[Mapping]:
    """What the play gives to modules of these names, the innermost block first."""
    for block in reversed(getattr(controller.task, "module_defaults", None) or []):
        for name in names:
            given = block.get(name) if isinstance(block, Mapping) else None
            if isinstance(given, Mapping):
                yield given


def _templated(value: object, controller: Controller) -> Any:
    return controller.templar.template(value) if isinstance(value, str) else value


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def is_true(text: str, option: str) -> bool:
    """A text as a switch.

    :raises InvalidOption: it is none.
    """
    if text.lower() in ("true", "yes", "on", "1", "y", "t"):
        return True
    if text.lower() in ("false", "no", "off", "0", "n", "f"):
        return False
    raise InvalidOption(option, f"{text!r} is neither true nor false.")
