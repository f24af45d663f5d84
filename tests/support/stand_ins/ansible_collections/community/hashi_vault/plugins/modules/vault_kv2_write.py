# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for tests: writes a secret of a key-value store that is a file, if its version is the one expected."""

from __future__ import annotations

import json
import os

from ansible.module_utils.basic import AnsibleModule


def main():
    spec = dict(
        engine_mount_point=dict(type="str", default="secret"),
        path=dict(type="str", required=True),
        data=dict(type="dict", required=True),
        cas=dict(type="int"),
    )
    module = AnsibleModule(argument_spec=spec)
    name = f"{module.params['engine_mount_point']}/{module.params['path']}"
    with open(os.environ["KV_STORE"], encoding="utf-8") as stream:
        store = json.load(stream)
    version = store.get(name, {}).get("version", 0)
    if module.params["cas"] not in (None, version):
        module.fail_json(msg="check-and-set parameter did not match the current version")
    store[name] = dict(version=version + 1, data=module.params["data"])
    with open(f"{os.environ['KV_STORE']}.new", "w", encoding="utf-8") as stream:
        json.dump(store, stream)
    os.replace(f"{os.environ['KV_STORE']}.new", os.environ["KV_STORE"])
    module.exit_json(changed=True, raw=dict(data=dict(version=version + 1)))


if __name__ == "__main__":
    main()
