#!/usr/bin/python
# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: whm_api_token_info
short_description: List the API tokens of a WHM user
version_added: 1.0.0
author:
  - panelops contributors (@panelops)
description:
  - Lists the API tokens of a WHM user (V(root) or a reseller) with their limits, and says which have expired or soon will.
  - Expired tokens stay in the server's list until somebody revokes them.
  - No API can tell the secret of a token that exists, so neither can this module.
extends_documentation_fragment:
  - panelops.cpanel.whm
  - panelops.cpanel.attributes
  - panelops.cpanel.attributes.info
  - panelops.cpanel.attributes.whm
options:
  name:
    description:
      - Only the token of this name. The list is empty if there is none.
    type: str
  pattern:
    description:
      - Only tokens whose name matches this pattern, as in a shell. V(*) is any text, V(?) any character, V([abc]) one of these.
    type: str
    default: "*"
  expiring_within:
    description:
      - A token with this time or less left to live is RV(whm_api_tokens[].status=expiring). For example V(30d) or V(12h).
    type: str
    default: 14d
seealso:
  - module: panelops.cpanel.whm_api_token
"""

EXAMPLES = r"""
- name: List all tokens
  panelops.cpanel.whm_api_token_info:
    host: "{{ whm_host }}"
    api_token: "{{ whm_admin_token }}"
  register: tokens

- name: Show those that have expired or will within a month
  panelops.cpanel.whm_api_token_info:
    host: "{{ whm_host }}"
    api_token: "{{ whm_admin_token }}"
    pattern: "*-prod-*"
    expiring_within: 30d
  register: production

- name: Name them
  ansible.builtin.debug:
    msg: "{{ production.whm_api_tokens | rejectattr('status', 'equalto', 'active') | map(attribute='name') }}"
"""

RETURN = r"""
whm_api_tokens:
  description: The tokens, sorted by name. Without their secrets.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The token's name.
      type: str
      returned: success
      sample: monitoring-prod-accounts
    acls:
      description: Its privileges, sorted. V(all) stands alone, because it holds every other one.
      type: list
      elements: str
      returned: success
      sample: [acct-summary, list-accts]
    expires_at:
      description: When it expires, in Unix seconds. V(null) if it never does.
      type: int
      returned: success
      sample: 1924991999
    whitelist_ips:
      description: The addresses that it can be used from, sorted, in their short spelling. Empty for any address.
      type: list
      elements: str
      returned: success
      sample: [192.0.2.0/24, "2001:db8::/60"]
    create_time:
      description: When it was created, in Unix seconds.
      type: int
      returned: success
      sample: 1767225600
    last_used:
      description: When it last authenticated a call, in Unix seconds. V(null) if it never has.
      type: int
      returned: on servers that report it
      sample: 1767229200
    status:
      description:
        - V(active), V(expiring) (RV(whm_api_tokens[].seconds_left) is no more than O(expiring_within)) or V(expired), by the server's clock.
      type: str
      returned: success
      sample: active
    seconds_left:
      description: How many seconds are left until it expires; 0 if it has, V(null) if it never does.
      type: int
      returned: success
      sample: 7776000
server_time:
  description: The server's time when it answered, in Unix seconds. The status of the tokens is by this clock.
  returned: success
  type: int
  sample: 1767225600
"""

from ansible_collections.panelops.cpanel.plugins.module_utils._argspec import WHM_API_TOKEN_INFO
from ansible_collections.panelops.cpanel.plugins.module_utils._modules.whm_api_token_info import run
from ansible_collections.panelops.cpanel.plugins.module_utils._task.module import run_module


def main() -> None:
    run_module(WHM_API_TOKEN_INFO, run)


if __name__ == "__main__":
    main()
