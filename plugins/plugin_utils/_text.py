# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A template file as text, in memory: ansible.builtin.template writes what it makes into a file of the controller."""

from __future__ import annotations

from collections.abc import Mapping

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

try:
    from ansible.template import trust_as_template
except ImportError:
    _EVERY_TEXT_IS_A_TEMPLATE = True  # before ansible-core 2.19
else:
    _EVERY_TEXT_IS_A_TEMPLATE = False


def rendered(loader: DataLoader, templar: Templar, path: str, variables: Mapping[str, object]) -> str:
    """The text that a template makes of variables.

    :raises AnsibleError: it cannot be read or templated.
    """
    if _EVERY_TEXT_IS_A_TEMPLATE:
        source = loader._get_file_contents(path)[0].decode("utf-8")
        # In an environment of its own, as with ansible.builtin.template: with ANSIBLE_JINJA2_NATIVE that of the run makes objects.
        copy = templar.copy_with_new_env(available_variables=dict(variables))
        return str(copy.do_template(source, preserve_trailing_newlines=True, escape_backslashes=False))
    source = trust_as_template(loader.get_text_file_contents(path))
    copy = templar.copy_with_new_env(available_variables=dict(variables))
    return str(copy.template(source, escape_backslashes=False))


def text_of(templar: Templar, text: str, more: Mapping[str, object] | None = None) -> str:
    """A text of a playbook with its variables.

    :param more: variables besides those that the templar knows.
    :raises AnsibleError: one of them is undefined.
    """
    if more:
        templar = templar.copy_with_new_env(available_variables={**templar.available_variables, **more})
    return str(templar.template(text if _EVERY_TEXT_IS_A_TEMPLATE else trust_as_template(text)))
