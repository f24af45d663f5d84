#!/usr/bin/python
# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: whm_api_token
short_description: Manage one API token of WHM
version_added: 1.0.0
author:
  - panelops contributors (@panelops)
description:
  - Creates, limits, renames, renews, re-issues and revokes an API token of a WHM user (V(root) or a reseller).
  - The server tells a token's secret once, in the answer to its creation. It is returned as RV(token) by the task that created it,
    and never again, so put C(no_log=true) on the task and store the secret in the next one.
  - The API's own update function resets everything that it is not told. This module always sends the whole state, so a task that
    changes one thing leaves the others as they are.
extends_documentation_fragment:
  - panelops.cpanel.whm
  - panelops.cpanel.token
  - panelops.cpanel.attributes
  - panelops.cpanel.attributes.whm
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - The secret is never part of it.
  idempotent:
    support: partial
    details:
      - With O(recreate=always) every run issues a new secret.
options:
  acls:
    description:
      - The privileges that the token should have, for example V(list-accts). The order is of no importance.
      - Needed to create a token. Left out for a token that exists, its privileges stay as they are.
      - Give V(all) for everything that the owner may do. It is never implied.
      - Be careful with V(all), V(passwd), V(create-user-session) and V(manage-api-tokens). With any of them a token can escape its own limits.
    type: list
    elements: str
  whitelist_ips:
    description:
      - The addresses that the token can be used from. IPv4 or IPv6, single or as a range with a prefix length; at most 100.
      - An empty list allows any address. Left out, the addresses of a token that exists stay as they are.
      - Order and spelling are of no importance. V(2001:db8::1) equals what the server calls V(2001:0db8:0000:0000:0000:0000:0000:0001).
    type: list
    elements: str
    aliases: [allowed_ips]
notes:
  - WHM can change all limits of a token without a new secret, so O(recreate=if_changed) is the same as O(recreate=if_unusable) here. A new
    expiry extends an expired token too.
seealso:
  - module: panelops.cpanel.whm_api_token_info
  - name: WHM API 1 function api_token_create
    description: The vendor's documentation of the function behind this module.
    link: https://api.docs.cpanel.net/openapi/whm/operation/api_token_create/
"""

EXAMPLES = r"""
- name: Create a token that can only list accounts, from one network, for 90 days
  panelops.cpanel.whm_api_token:
    host: "{{ whm_host }}"
    api_token: "{{ whm_admin_token }}"
    name: monitoring-prod-accounts
    acls:
      - list-accts
      - acct-summary
    whitelist_ips:
      - 192.0.2.0/24
      - 2001:db8::/60
    expires_in: 90d
    renew_before: 14d
  no_log: true
  register: monitoring

- name: Keep the secret, which is told only once
  ansible.builtin.copy:
    content: "{{ monitoring.token }}"
    dest: "{{ secrets_dir }}/monitoring-token"
    mode: "0600"
  when: monitoring.token is defined
  no_log: true

# The connection of the following tasks comes from module_defaults (group/panelops.cpanel.whm) or the environment (WHM_HOST and others).

- name: Change nothing but the expiry
  panelops.cpanel.whm_api_token:
    name: monitoring-prod-accounts
    expires_at: "2037-12-31"
    timezone: Europe/Berlin

- name: Give the token another name; the secret stays the same
  panelops.cpanel.whm_api_token:
    name: uptime-prod-accounts
    rename_from: monitoring-prod-accounts

- name: Issue a new secret now
  panelops.cpanel.whm_api_token:
    name: uptime-prod-accounts
    recreate: always
  no_log: true
  register: uptime

- name: Revoke the token
  panelops.cpanel.whm_api_token:
    name: uptime-prod-accounts
    state: absent
"""

RETURN = r"""
whm_api_token:
  description: The token as it is after the task. Without its secret.
  returned: when O(state=present); V(null) when O(state=absent), unless O(only_expired) has left it alone
  type: dict
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
      description: When it was created, in Unix seconds. V(null) in check mode, for a token that is yet to be created.
      type: int
      returned: success
      sample: 1767225600
    last_used:
      description: When it last authenticated a call, in Unix seconds. V(null) if it never has.
      type: int
      returned: on servers that report it
      sample: 1767229200
token:
  description:
    - The secret. No later task can get it again.
    - Also returned when the task failed after it had created the token, unless that was revoked again.
  returned: when a token was created, and there is no O(token_file) or O(return_token=true)
  type: str
  sample: U7HMR63FHY282DQZ4H5BIH16JLYSO01M
"""

from ansible_collections.panelops.cpanel.plugins.module_utils._argspec import WHM_API_TOKEN
from ansible_collections.panelops.cpanel.plugins.module_utils._modules.whm_api_token import run
from ansible_collections.panelops.cpanel.plugins.module_utils._task.module import run_module


def main() -> None:
    run_module(WHM_API_TOKEN, run)


if __name__ == "__main__":
    main()
