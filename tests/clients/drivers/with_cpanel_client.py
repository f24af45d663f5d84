# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes calls with the package cpanel-client, and prints what it returned."""

import json
import sys

from cpanel import ServerAPI

order = json.load(sys.stdin)
client = ServerAPI(order["user"], order["password"], f"https://{order['host']}", order["port"])
print(json.dumps([getattr(client, method)(*arguments) for method, *arguments in order["calls"]]))
