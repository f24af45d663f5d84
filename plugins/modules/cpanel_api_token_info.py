#!/usr/bin/python
# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cpanel_api_token_info
short_description: List the API tokens of cPanel accounts
version_added: 1.0.0
author:
  - panelops contributors (@panelops)
description:
  - Lists the API tokens of one cPanel account, of several, or of all that the caller may reach, and says which have expired or soon will.
  - Many accounts are asked for 50 at a time.
  - Expired tokens stay in the server's list until somebody revokes them.
  - No API can tell the secret of a token that exists, so neither can this module.
extends_documentation_fragment:
  - panelops.cpanel.cpanel
  - panelops.cpanel.cpanel.account
  - panelops.cpanel.attributes
  - panelops.cpanel.attributes.info
  - panelops.cpanel.attributes.cpanel
options:
  accounts:
    description:
      - The accounts whose tokens to list, asked for through WHM as with O(account). Patterns as in a shell are possible; V(*) is every account
        that the caller may reach.
      - An account that is named in full but cannot be asked makes the task fail. One that a pattern stands for does not hide the others. It is
        listed in RV(unreadable_accounts), and the task fails only if no account could be asked.
    type: list
    elements: str
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
      - A token with this time or less left to live is RV(cpanel_api_tokens[].status=expiring). For example V(30d) or V(12h).
    type: str
    default: 14d
seealso:
  - module: panelops.cpanel.cpanel_api_token
"""

EXAMPLES = r"""
- name: List the tokens of all accounts of a server
  panelops.cpanel.cpanel_api_token_info:
    host: "{{ whm_host }}"
    api_token: "{{ whm_admin_token }}"
    accounts: ["*"]
  register: tokens

- name: Name those that have expired
  ansible.builtin.debug:
    msg: "{{ item.account }} {{ item.name }}"
  loop: "{{ tokens.cpanel_api_tokens | selectattr('status', 'equalto', 'expired') }}"
  loop_control:
    label: "{{ item.name }}"

- name: An account lists its own
  panelops.cpanel.cpanel_api_token_info:
    host: "{{ whm_host }}"
    username: alice
    password: "{{ alice_password }}"
"""

RETURN = r"""
cpanel_api_tokens:
  description: The tokens, sorted by account and name. Without their secrets.
  returned: success
  type: list
  elements: dict
  contains:
    account:
      description: The account that the token belongs to.
      type: str
      returned: success
      sample: alice
    name:
      description: The token's name.
      type: str
      returned: success
      sample: deploy-prod-upload
    expires_at:
      description: When it expires, in Unix seconds. V(null) if it never does.
      type: int
      returned: success
      sample: 1924991999
    readonly:
      description: Whether it may only call functions that change nothing.
      type: bool
      returned: success
      sample: false
    has_full_access:
      description: Whether it can use all features of the account.
      type: bool
      returned: success
      sample: true
    features:
      description: The features that it is limited to. Empty for all.
      type: list
      elements: str
      returned: success
      sample: []
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
        - V(active), V(expiring) (RV(cpanel_api_tokens[].seconds_left) is no more than O(expiring_within)) or V(expired), by the server's clock.
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
accounts_asked:
  description: How many accounts were asked for their tokens.
  returned: success
  type: int
  sample: 120
unreadable_accounts:
  description: The accounts that a pattern of O(accounts) stands for, and whose tokens could not be listed. A warning names them too.
  returned: success
  type: list
  elements: dict
  sample: []
  contains:
    account:
      description: The account.
      type: str
      returned: success
      sample: carol
    msg:
      description: Why its tokens could not be listed.
      type: str
      returned: success
      sample: The server refused uapi_cpanel.
"""

from ansible_collections.panelops.cpanel.plugins.module_utils._argspec import CPANEL_API_TOKEN_INFO
from ansible_collections.panelops.cpanel.plugins.module_utils._modules.cpanel_api_token_info import run
from ansible_collections.panelops.cpanel.plugins.module_utils._task.module import run_module


def main() -> None:
    run_module(CPANEL_API_TOKEN_INFO, run)


if __name__ == "__main__":
    main()
