#!/usr/bin/python
# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cpanel_api_token
short_description: Manage one API token of a cPanel account
version_added: 1.0.0
author:
  - panelops contributors (@panelops)
description:
  - Creates, renames, re-issues and revokes an API token of a cPanel account, as the account itself or through WHM.
  - A token of an account can do whatever the account can, unless it is O(readonly).
  - The server tells a token's secret once, in the answer to its creation. It is returned as RV(token) by the task that created it,
    and never again, so put C(no_log=true) on the task and store the secret in the next one, or let O(token_file) do that.
extends_documentation_fragment:
  - panelops.cpanel.cpanel
  - panelops.cpanel.cpanel.account
  - panelops.cpanel.token
  - panelops.cpanel.attributes
  - panelops.cpanel.attributes.cpanel
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
  readonly:
    description:
      - Whether the token may only call functions that change nothing. Needs cPanel & WHM 138 or newer.
      - Left out, a token that exists stays as it is, and a new token may change things.
    type: bool
notes:
  - cPanel has no function that changes a token's expiry or what it may do. Such a change needs a new secret, so it is refused unless
    O(recreate=if_changed) or O(recreate=always) allows that. A token that has expired is re-issued unless O(recreate=never).
  - cPanel cannot tell which token a secret belongs to. A secret in O(token_file) is taken for this token's if it authenticates the account
    and the token exists.
seealso:
  - module: panelops.cpanel.cpanel_api_token_info
  - module: panelops.cpanel.whm_api_token
  - name: UAPI function create_full_access of Tokens
    description: The vendor's documentation of the function behind this module.
    link: https://api.docs.cpanel.net/openapi/cpanel/operation/create_full_access/
"""

EXAMPLES = r"""
- name: Create a token for a deployment, through WHM, and store its secret on the host that runs the task
  panelops.cpanel.cpanel_api_token:
    host: "{{ whm_host }}"
    api_token: "{{ whm_admin_token }}"
    account: alice
    name: deploy-prod-upload
    expires_in: 30d
    renew_before: 7d
    recreate: if_changed
    token_file: "{{ secrets_dir }}/alice-deploy-token"

- name: The account renames its token; the secret stays the same
  panelops.cpanel.cpanel_api_token:
    host: "{{ whm_host }}"
    username: alice
    password: "{{ alice_password }}"
    name: deploy-prod-sync
    rename_from: deploy-prod-upload

# The connection of the following tasks comes from module_defaults (group/panelops.cpanel.cpanel) or the environment (WHM_HOST and others).

- name: A token that can only look
  panelops.cpanel.cpanel_api_token:
    account: alice
    name: backup-prod-status
    readonly: true
    expires_at: "2037-12-31"
  no_log: true
  register: status

- name: Revoke both
  panelops.cpanel.cpanel_api_token:
    account: alice
    name: "{{ item }}"
    state: absent
  loop: [deploy-prod-sync, backup-prod-status]
"""

RETURN = r"""
cpanel_api_token:
  description: The token as it is after the task. Without its secret.
  returned: when O(state=present); V(null) when O(state=absent), unless O(only_expired) has left it alone
  type: dict
  contains:
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

from ansible_collections.panelops.cpanel.plugins.module_utils._argspec import CPANEL_API_TOKEN
from ansible_collections.panelops.cpanel.plugins.module_utils._modules.cpanel_api_token import run
from ansible_collections.panelops.cpanel.plugins.module_utils._task.module import run_module


def main() -> None:
    run_module(CPANEL_API_TOKEN, run)


if __name__ == "__main__":
    main()
