#!/usr/bin/python
# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: cpanel_api_tokens
short_description: Manage many API tokens of cPanel accounts in one task
version_added: 1.0.0
author:
  - panelops contributors (@panelops)
description:
  - Makes many API tokens of one or many cPanel accounts as wished. Through WHM, 50 accounts are read in one call, and up to 50 changes are
    made in one call; only those that are needed.
  - With O(prune), the list is all there is. Tokens that are not listed are revoked.
  - If something cannot be granted, nothing is changed. If something fails half-way, the others are done all the same, every secret that was
    created is returned or stored, and the task fails and says of each token what came of it.
extends_documentation_fragment:
  - panelops.cpanel.cpanel
  - panelops.cpanel.attributes
  - panelops.cpanel.attributes.cpanel
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Only tokens that change are shown. Secrets are never part of it.
  idempotent:
    support: partial
    details:
      - With O(tokens[].recreate=always) every run issues a new secret.
options:
  tokens:
    description:
      - The tokens, and what each should be.
    type: list
    elements: dict
    required: true
    suboptions:
      account:
        description:
          - The account that the token belongs to, asked for through WHM by V(root) or by the reseller that owns it. The connection is then one to
            WHM, and the environment variables are those that begin with E(WHM_).
          - Give it for all tokens or for none. With none, the account manages its own tokens, with the environment variables that begin with E(CPANEL_).
        type: str
      name:
        description:
          - The token's name, unique for its owner. 1 to 50 letters, digits, dashes and underscores. List each name once.
        type: str
        required: true
      state:
        description:
          - Whether the token should exist. V(absent) revokes it.
        type: str
        choices: [present, absent]
        default: present
      only_expired:
        description:
          - With O(tokens[].state=absent), revoke the token only if it has expired by the server's clock. One that lives is left alone.
        type: bool
        default: false
      readonly:
        description:
          - Whether the token may only call functions that change nothing. Left out, a token that exists stays as it is.
        type: bool
      expires_at:
        description:
          - When the token expires. Unix seconds, a day as V(YYYY-MM-DD) (its last second, 23:59:59), an ISO 8601 time as
            V(YYYY-MM-DDTHH:MM) with optional seconds and V(Z) or an offset such as V(+01:00), or V(never).
          - Left out together with O(tokens[].expires_in), the expiry of a token that exists stays as it is, and a new token never expires.
        type: str
      expires_in:
        description:
          - The longest time that the token may have left to live, for example V(90d) or V(12h), by the server's clock. A unit is needed.
        type: str
      renew_before:
        description:
          - With O(tokens[].expires_in), renew the token when this time or less is left.
        type: str
      timezone:
        description:
          - The time zone of O(tokens[].expires_at) where that has no offset.
        type: str
        default: UTC
      rename_from:
        description:
          - The name that the token has had so far. It must not be listed itself, nor be given twice.
        type: str
      recreate:
        description:
          - When to issue a new secret for a token that exists, as for M(panelops.cpanel.cpanel_api_token).
        type: str
        choices: [never, if_expired, if_unusable, if_changed, always]
        default: if_expired
      token_file:
        description:
          - A file on the host that runs the module, in which to store the secret, as for M(panelops.cpanel.cpanel_api_token).
        type: path
      owner:
        description:
          - The owner of O(tokens[].token_file).
        type: str
      group:
        description:
          - The group of O(tokens[].token_file).
        type: str
      mode:
        description:
          - The mode of O(tokens[].token_file). V(0600) if it is not given.
        type: raw
  prune:
    description:
      - Revoke the tokens that are not listed in O(tokens), of the accounts that it names and of O(accounts).
      - With an empty list, that is all of them. Tokens that a rotation of a listed one has staged or retired are left alone.
    type: bool
    default: false
  prune_prefix:
    description:
      - With O(prune), revoke only tokens whose name begins with this. Left out, its value is V(*), which stands for all names.
      - An empty value is refused, so that a variable without a value does not prune everything.
    type: str
    default: "*"
  accounts:
    description:
      - With O(prune), more accounts to prune, by name or pattern; V(*) is every account that the caller may reach.
    type: list
    elements: str
  return_token:
    description:
      - Return secrets also when they are stored in O(tokens[].token_file).
    type: bool
    default: false
  allow_self:
    description:
      - Allow the task to revoke, re-issue or narrow the very token that it authenticates with. Otherwise that is refused.
    type: bool
    default: false
seealso:
  - module: panelops.cpanel.cpanel_api_token
  - module: panelops.cpanel.cpanel_api_token_info
"""

EXAMPLES = r"""
- name: One token for the backups of each account, stored beside each other, and none that was made otherwise
  panelops.cpanel.cpanel_api_tokens:
    host: "{{ whm_host }}"
    api_token: "{{ whm_admin_token }}"
    tokens:
      - account: alice
        name: backup-prod-files
        expires_in: 30d
        renew_before: 7d
        recreate: if_changed
        token_file: "{{ secrets_dir }}/alice-backup"
      - account: bob
        name: backup-prod-files
        expires_in: 30d
        renew_before: 7d
        recreate: if_changed
        token_file: "{{ secrets_dir }}/bob-backup"
    prune: true

- name: Revoke all tokens of all accounts that begin with ci-
  panelops.cpanel.cpanel_api_tokens:
    host: "{{ whm_host }}"
    api_token: "{{ whm_admin_token }}"
    tokens: []
    accounts: ["*"]
    prune: true
    prune_prefix: ci-
"""

RETURN = r"""
cpanel_api_tokens:
  description: What came of each token, in the order of O(tokens). Also returned when the task failed.
  returned: always, once the options have been checked
  type: list
  elements: dict
  contains:
    account:
      description: The account that it belongs to.
      type: str
      returned: when O(tokens[].account) is given
      sample: alice
    name:
      description: The token's name.
      type: str
      returned: success
      sample: backup-prod-files
    changed:
      description: Whether it was changed (in check mode, would be).
      type: bool
      returned: success
      sample: true
    cpanel_api_token:
      description: The token as M(panelops.cpanel.cpanel_api_token) returns it. V(null) if it is absent.
      type: dict
      returned: success
      sample: {name: backup-prod-files, expires_at: 1924991999, readonly: false, has_full_access: true, features: [], create_time: 1767225600}
    token:
      description: The secret. No later task can get it again.
      type: str
      returned: when it was created, and there is no O(tokens[].token_file), or O(return_token=true), or the token could be neither stored nor revoked
      sample: U7HMR63FHY282DQZ4H5BIH16JLYSO01M
    failed:
      description: V(true) if it is not as wished.
      type: bool
      returned: on failure
      sample: true
    msg:
      description: Why not.
      type: str
      returned: on failure
      sample: The server refused create_full_access of Tokens.
pruned:
  description: The tokens that O(prune) has revoked (in check mode, would).
  returned: always, once the options have been checked
  type: list
  elements: dict
  sample: [{account: alice, name: old}]
"""

from ansible_collections.panelops.cpanel.plugins.module_utils._argspec import CPANEL_API_TOKENS
from ansible_collections.panelops.cpanel.plugins.module_utils._modules.cpanel_api_tokens import run
from ansible_collections.panelops.cpanel.plugins.module_utils._task.module import run_module


def main() -> None:
    run_module(CPANEL_API_TOKENS, run)


if __name__ == "__main__":
    main()
