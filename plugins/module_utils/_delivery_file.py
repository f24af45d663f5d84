# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of a sink: like that of one token, but one that fails does not end the module, for there are others."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import time
from collections.abc import Mapping

from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._token_file import TokenFile

LEFT = 3600
"""Seconds after which a file that was written beside a sink, and never took its place, was left by a run that died."""


class DeliveryFile(TokenFile):
    """Owner, group and mode that the options do not give stay as they are: whoever reads the file must go on reading it."""

    def __init__(self, options: Mapping, module) -> None:
        super().__init__(dict(options, **_as_it_is(options)), module, "path")

    def sweep(self) -> None:
        """Remove what runs that died have left beside the file, as far as we may: it holds secrets."""
        folder, name = os.path.split(os.path.abspath(self.path))
        ours = re.compile(re.escape(f".{name}.") + "[a-z0-9_]{8}")
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if ours.fullmatch(entry.name) and entry.stat(follow_symlinks=False).st_mtime < time.time() - LEFT:
                    os.unlink(entry.path)

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
