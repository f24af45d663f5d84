# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for tests: reads a secret of a key-value store that is a file."""

from __future__ import annotations

import json
import os

from ansible.module_utils.basic import AnsibleModule


def main():
    spec = dict(engine_mount_point=dict(type="str", default="secret"), path=dict(type="str", required=True))
    module = AnsibleModule(argument_spec=spec)
    with open(os.environ["KV_STORE"], encoding="utf-8") as stream:
        found = json.load(stream).get(f"{module.params['engine_mount_point']}/{module.params['path']}")
    if found is None:
        module.fail_json(msg="Invalid or missing path")
    module.exit_json(secret=found["data"], metadata=dict(version=found["version"]))


if __name__ == "__main__":
    main()
