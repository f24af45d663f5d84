# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a consumer's host is sent: the delivery, and nothing of the rotation."""

from __future__ import annotations

import json
import os
import subprocess
import sys

UTILS = "ansible_collections.panelops.cpanel.plugins.module_utils."
_LOADED = """
import json, sys
import ansible_collections.panelops.cpanel.plugins.modules.api_token_delivery
print(json.dumps(sorted(name for name in sys.modules if name.startswith({utils!r}))))
"""


def test_a_delivery_loads_nothing_of_the_rotation() -> None:
    """What a module imports is what Ansible sends to each host."""
    code = _LOADED.format(utils=UTILS)
    environment = {**os.environ, "PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"]}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    rooms = {name.removeprefix(UTILS).partition(".")[0] for name in json.loads(done.stdout)}
    assert rooms >= {"_delivery", "_task"}
    assert rooms <= {"_argspec", "_errors", "_model", "_api", "_task", "_delivery", "_modules"}
