# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the quickstart against a reference server of its own, and show what the server saw.

``make demo`` runs this (``python -m examples.demo``). The server listens on free ports of 127.0.0.1 and keeps its state in a
temporary folder; both are gone afterwards. The exit status is 0 only if the playbook passed and the server's audit log
agrees with it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from token_server.testing import ReferenceServer

QUICKSTART = Path(__file__).with_name("quickstart.yml")
READ = "api_token_list"
EXPECTED = [
    *(READ, "api_token_create", READ),
    *(READ, "api_token_update", READ),
    READ,
    # A revocation is looked at: its answer alone does not show that the server could write it.
    *(READ, "api_token_revoke", READ, READ),
]
"""The administrator's calls: each managing task reads and changes once, and at its second run only reads."""


def main() -> int:
    """:returns: the exit status."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="panelops-demo-") as folder:
        state = Path(folder, "state")
        with ReferenceServer(state) as server:
            print(f"reference server: {server.ready['whm']} (TLS, certificate authority of its own)", flush=True)
            status = subprocess.run(
                ["ansible-playbook", str(QUICKSTART)], env=_environment(server.ready), check=False
            ).returncode
        audit = [json.loads(line) for line in (state / "audit.jsonl").read_text(encoding="utf-8").splitlines()]
    if status == 0:
        status = _report(audit)
    print(f"\n{'done' if status == 0 else 'FAILED'} in {time.monotonic() - started:.1f} s")
    return status


def _environment(ready: dict) -> dict[str, str]:
    url = urlsplit(ready["whm"])
    return {
        **os.environ,
        "WHM_HOST": str(url.hostname),
        "WHM_PORT": str(url.port),
        "WHM_USERNAME": "root",
        "WHM_PASSWORD": Path(ready["root_password_file"]).read_text(encoding="utf-8").strip(),
        "WHM_CA_PATH": ready["ca_file"],
    }


def _report(audit: list[dict]) -> int:
    print("What the server saw (its audit log, without any secret):")
    for line in audit:
        who = f"token {line['token']}" if line["token"] else line["user"]
        print(f"  {who or 'nobody':32} {line['function'] or '-':18} {line['outcome']:7} {line['reason']}")
    administrator = [line["function"] for line in audit if line["outcome"] == "ok" and not line["token"]]
    if administrator != EXPECTED:
        print(f"The administrator's calls should have been {EXPECTED},\nbut were {administrator}.", file=sys.stderr)
        return 1
    print("Every second run of a managing task only read.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
