#!/usr/bin/env python3
# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has the plugin certbot-dns-cpanel publish and remove the record of a DNS-01 challenge, without a certificate authority.

Usage: ``certbot_dns.py CREDENTIALS NAME``, with the Python that certbot is installed in. The plugin is loaded as certbot loads it,
and reads the file.
"""

from __future__ import annotations

import sys
import tempfile
from argparse import Namespace
from importlib.metadata import entry_points
from pathlib import Path


def main(credentials: str, name: str) -> None:
    """Publish and remove the record."""
    with tempfile.TemporaryDirectory() as folder:
        (plugin,) = entry_points(group="certbot.plugins", name="cpanel")
        settings = {"cpanel_credentials": credentials, "cpanel_propagation_seconds": 0}
        folders = dict.fromkeys(("config_dir", "work_dir", "logs_dir", "backup_dir"), folder)
        places = {"temp_checkpoint_dir": str(Path(folder) / "t"), "in_progress_dir": str(Path(folder) / "p")}
        config = Namespace(**settings, **folders, **places, strict_permissions=False)
        loaded = plugin.load()(config, plugin.name)
        # What perform() and cleanup() of certbot's DNSAuthenticator call, which need an account of a certificate authority.
        loaded._setup_credentials()
        record = f"_acme-challenge.{name}"
        loaded._perform(name, record, "trial")
        loaded._cleanup(name, record, "trial")
    print(f"added and removed {record}")


if __name__ == "__main__":
    main(*sys.argv[1:])
