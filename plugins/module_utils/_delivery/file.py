# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of a sink: like that of one token, but one that fails does not end the module, for there are others."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping

from .._errors import InvalidOption
from .._task.token_file import TokenFile


class DeliveryFile(TokenFile):
    """Owner, group and mode that the options do not give stay as they are: whoever reads the file must go on reading it."""

    def __init__(self, options: Mapping, module) -> None:
        super().__init__(dict(options, **_as_it_is(options)), module, "path")

    def _set_attributes(self, path: str, check: bool) -> bool:
        def refuse(msg: str, **_details: object) -> None:
            raise InvalidOption("owner, group or mode", f"of {self.path} cannot be set: {msg}.")

        self._module.fail_json = refuse
        try:
            return super()._set_attributes(path, check)
        finally:
            del self._module.fail_json


def _as_it_is(options: Mapping) -> dict:
    try:
        status = os.stat(options["path"])
    except OSError:
        return {}
    present = dict(owner=str(status.st_uid), group=str(status.st_gid), mode=f"0{stat.S_IMODE(status.st_mode):o}")
    return {key: value for key, value in present.items() if options[key] is None}
