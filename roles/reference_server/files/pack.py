# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a folder to standard output as a base64 tar.gz: ``pack.py FOLDER``. The same files are the same text at any time.

What Python has compiled is left out, for it changes by itself.
"""

from __future__ import annotations

import base64
import gzip
import io
import sys
import tarfile
from pathlib import Path


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    if "__pycache__" in member.name:
        return None
    member.mtime = member.uid = member.gid = 0
    member.uname = member.gname = ""
    # Only whether its owner may execute it matters; the rest depends on the umask of whoever installed the collection.
    member.mode = 0o700 if member.isdir() or member.mode & 0o100 else 0o600
    return member


def packed(folder: Path) -> str:
    """Return the folder as text. Raises ``OSError``."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        archive.add(folder, arcname=folder.name, filter=_plain)
    return base64.b64encode(gzip.compress(plain.getvalue(), mtime=0)).decode("ascii")


if __name__ == "__main__":
    sys.stdout.write(packed(Path(sys.argv[1]).resolve()))
