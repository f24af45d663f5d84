# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks with the package aiocpanel for the dynamic DNS records of an account, and prints what it returned."""

import asyncio
import json
import ssl
import sys

import aiohttp
from aiocpanel import CpanelApiError, CpanelAuthError, CpanelClient

order = json.load(sys.stdin)


async def ask() -> list[object]:
    """Make the calls, one after the other."""
    results: list[object] = []
    trusted = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=order["trusted"]))
    async with aiohttp.ClientSession(connector=trusted) as session:
        client = CpanelClient(session, order["host"], order["user"], order["token"], order["port"])
        for method, *arguments in order["calls"]:
            try:
                answer = await getattr(client, method)(*arguments)
                results.append([vars(item) if hasattr(item, "__dict__") else str(item) for item in answer or []])
            except (CpanelApiError, CpanelAuthError) as error:
                results.append(type(error).__name__)
    return results


print(json.dumps(asyncio.run(ask())))
