# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes calls with the package cpanel-api, and prints what it returned."""

import json
import sys

from cpanel_api import CPanelApi, Unauthorized

order = json.load(sys.stdin)
client = CPanelApi(
    order["host"], order["user"], order["token"], order["port"], auth_type="utoken", verify=order["trusted"]
)
results = []
for version, module, function, parameters in order["calls"]:
    try:
        results.append(client.call_api(version, module, function, parameters))
    except Unauthorized:
        results.append("Unauthorized")
print(json.dumps(results))
