# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From an AnsibleModule to a core and back."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from collections.abc import Callable, Mapping

from ansible.module_utils.basic import AnsibleModule

from .._errors import PanelopsError
from .outcome import credentials_in, outcome
from .token_file import Attributes, Permissions, TokenFile


class ModuleAttributes:
    """Sets owner, group and mode of open files; they mean what they mean to Ansible's own modules (see ``Attributes``).

    Ansible's own functions take a path, and set each of the three by it. Whoever may rename files in that folder can put a link to another
    file there in between, and root would give away that one.
    """

    def __init__(self, module: AnsibleModule) -> None:
        self._octal = module._symbolic_mode_to_octal

    def set(self, handle: int, permissions: Permissions, only_look: bool) -> bool:
        """Give an open file its permissions, or see whether it has them; whether something differed.

        :raises PanelopsError: that is not possible; the text says why.
        """
        try:
            differs = _set_owners(handle, permissions, only_look)
            # Only now: another owner takes bits from the mode.
            return self._set_mode(handle, permissions.mode, only_look) or differs
        except (OSError, OverflowError, ValueError) as error:
            raise PanelopsError(_why(error)) from None

    def _set_mode(self, handle: int, given: str | int | None, only_look: bool) -> bool:
        """:raises OSError, OverflowError: it cannot be set. :raises PanelopsError: it is no mode."""
        status = os.fstat(handle)
        before = stat.S_IMODE(status.st_mode)
        mode = before if given is None else self._mode(given, status)
        if mode == before or only_look:
            return mode != before
        os.fchmod(handle, mode)
        return stat.S_IMODE(os.fstat(handle).st_mode) != before

    def _mode(self, given: str | int, status: os.stat_result) -> int:
        """The bits of a mode; a symbolic one changes those that the file has.

        :raises PanelopsError: it is no mode.
        """
        if isinstance(given, int):
            return given
        try:
            return int(given, 8)
        except ValueError:
            try:
                return int(self._octal(status, given))
            except (ValueError, KeyError, TypeError):
                raise PanelopsError("mode must be in octal or symbolic form") from None


def _set_owners(handle: int, permissions: Permissions, only_look: bool) -> bool:
    """Give an open file its owner and its group; whether one of them differed.

    :raises PanelopsError: one is not known, or cannot be set. :raises OSError, OverflowError, ValueError: neither is possible.
    """
    status = os.fstat(handle)
    owner, group = status.st_uid, status.st_gid
    if permissions.owner is not None:
        owner = _number(permissions.owner, "user", lambda name: pwd.getpwnam(name).pw_uid)
    if permissions.group is not None:
        group = _number(permissions.group, "group", lambda name: grp.getgrnam(name).gr_gid)
    if (owner, group) == (status.st_uid, status.st_gid):
        return False
    if not only_look:
        try:
            # Of what stays as it is nothing is said to the system, which does not let everybody say it.
            os.fchown(handle, -1 if owner == status.st_uid else owner, -1 if group == status.st_gid else group)
        except OSError as error:
            raise PanelopsError(f"{'chgrp' if owner == status.st_uid else 'chown'} failed ({_why(error)})") from None
    return True


def _number(given: str, kind: str, known: Callable[[str], int]) -> int:
    """The number of a user or a group that an option names or gives.

    :raises PanelopsError: this host knows none of that name.
    """
    try:
        return int(given)
    except ValueError:
        try:
            return known(given)
        except KeyError:
            raise PanelopsError(f"there is no {kind} {given} on this host") from None


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__


def run_module(
    argument_spec: dict, core: Callable[..., dict], files: Callable[[Mapping, Attributes], TokenFile] | None = None
) -> None:
    """Run a core as a module: its result or its sentence, never a traceback.

    :param core: ``run(params, check_mode, environ, ...) -> result``, raising ``PanelopsError``; a core with the option
        ``token_file`` is given the ``TokenFile`` too, one with the option ``tokens[].token_file`` what makes them.
    :param files: makes, of a sink's options, the file that the core needs.
    """
    module = AnsibleModule(argument_spec=argument_spec, supports_check_mode=True)
    module.no_log_values.update(credentials_in(os.environ, module.params))
    attributes = ModuleAttributes(module)
    more: dict = {}
    if files:
        more["files"] = lambda options: files(options, attributes)
    elif "token_file" in argument_spec.get("tokens", {}).get("options", {}):
        more["token_files"] = lambda options: TokenFile(options, attributes)
    elif module.params.get("token_file"):
        more["token_file"] = TokenFile(module.params, attributes)
    result = outcome(core, module.params, module.check_mode, os.environ, **more)
    if not module._diff:
        # Ansible would print it under --diff, also for a task that says diff: false.
        result.pop("diff", None)
    if result.pop("failed", False):
        module.fail_json(**result)
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    module.exit_json(**result)
