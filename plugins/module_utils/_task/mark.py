# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mark of a file that says for which API token its secret was issued: no server can say that of another server's, or cPanel at all.

It is an extended attribute of the file itself, so there is no second file that could be lost. It holds no secret, and counts only for
the content that it was written with. Not every system and file system has such attributes.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from dataclasses import asdict
from typing import Any

from .._model.stored import Origin

_NAME = "user.panelops.cpanel"
_WORD = re.compile(r"[\x21-\x7e]{1,300}")


def give_mark(handle: int, origin: Origin) -> None:
    """Mark a file whose content is written, as far as its file system can."""
    with contextlib.suppress(OSError, AttributeError):
        text = json.dumps(dict(asdict(origin), written=os.fstat(handle).st_mtime_ns))
        os.setxattr(handle, _NAME, text.encode())


def mark_of(handle: int) -> Origin | None:
    """The mark of an open file; ``None`` if it has none, or has another content since."""
    try:
        content: Any = json.loads(os.getxattr(handle, _NAME))
        if content.pop("written") != os.fstat(handle).st_mtime_ns:
            return None
        origin = Origin(**content)
        words = (origin.server, origin.user, origin.kind, origin.name)
        plain = all(_WORD.fullmatch(word) for word in words) and isinstance(origin.create_time, (int, type(None)))
        return origin if plain else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
