#!/usr/bin/python
# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: whm_api_tokens
short_description: Manage many API tokens of WHM in one task
version_added: 1.0.0
author:
  - panelops contributors (@panelops)
description:
  - Makes many API tokens of a WHM user as wished, with one read and only the changes that are needed, up to 50 of them in one call.
    After revocations the list is read once more, because an answer alone does not show that a token is gone.
  - With O(prune), the list is all there is. Tokens that are not listed are revoked.
  - If something cannot be granted, nothing is changed. If something fails half-way, the others are done all the same, every secret that was
    created is returned or stored, and the task fails and says of each token what came of it.
extends_documentation_fragment:
  - panelops.cpanel.whm
  - panelops.cpanel.attributes
  - panelops.cpanel.attributes.whm
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
      acls:
        description:
          - The privileges that the token should have. Needed to create a token; left out for one that exists, its privileges stay as they are.
        type: list
        elements: str
      whitelist_ips:
        description:
          - The addresses that the token can be used from; at most 100. An empty list allows any. Left out, they stay as they are.
        type: list
        elements: str
        aliases: [allowed_ips]
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
          - With O(tokens[].expires_in), renew the token when this time or less is left. A third of it if not given.
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
          - When to issue a new secret for a token that exists, as for M(panelops.cpanel.whm_api_token).
        type: str
        choices: [never, if_expired, if_unusable, if_changed, always]
        default: if_expired
      token_file:
        description:
          - A file on the host that runs the module, in which to store the secret, as for M(panelops.cpanel.whm_api_token).
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
      - Revoke the tokens that are not listed in O(tokens).
      - With an empty list, that is all of them. Tokens that a rotation of a listed one has staged or retired are left alone; so is the token
        that the task authenticates with, unless O(allow_self=true).
    type: bool
    default: false
  prune_prefix:
    description:
      - With O(prune), revoke only tokens whose name begins with this. Left out, its value is V(*), which stands for all names.
      - An empty value is refused, so that a variable without a value does not prune everything.
    type: str
    default: "*"
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
  - module: panelops.cpanel.whm_api_token
  - module: panelops.cpanel.whm_api_token_info
"""

EXAMPLES = r"""
- name: The tokens of the monitoring and of the deployments, and no other that begins with prod-
  panelops.cpanel.whm_api_tokens:
    host: "{{ whm_host }}"
    api_token: "{{ whm_admin_token }}"
    tokens:
      - name: prod-monitoring
        acls: [list-accts, acct-summary]
        whitelist_ips: [192.0.2.0/24]
        expires_in: 90d
        renew_before: 14d
        token_file: "{{ secrets_dir }}/prod-monitoring"
      - name: prod-deploy
        acls: [create-acct]
        expires_in: 30d
        renew_before: 7d
        token_file: "{{ secrets_dir }}/prod-deploy"
    prune: true
    prune_prefix: prod-

- name: Revoke every token of the user, except the one that the task authenticates with
  panelops.cpanel.whm_api_tokens:
    host: "{{ whm_host }}"
    api_token: "{{ whm_admin_token }}"
    tokens: []
    prune: true
"""

RETURN = r"""
whm_api_tokens:
  description: What came of each token, in the order of O(tokens). Also returned when the task failed.
  returned: always, once the options have been checked
  type: list
  elements: dict
  contains:
    name:
      description: The token's name.
      type: str
      returned: success
      sample: prod-monitoring
    changed:
      description: Whether it was changed (in check mode, would be).
      type: bool
      returned: success
      sample: true
    whm_api_token:
      description: The token as M(panelops.cpanel.whm_api_token) returns it. V(null) if it is absent.
      type: dict
      returned: success
      sample: {name: prod-monitoring, acls: [acct-summary, list-accts], expires_at: 1924991999, whitelist_ips: [192.0.2.0/24], create_time: 1767225600}
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
      sample: The server refused api_token_create.
pruned:
  description: The tokens that O(prune) has revoked (in check mode, would).
  returned: always, once the options have been checked
  type: list
  elements: dict
  sample: [{name: prod-old}]
"""

from ansible_collections.panelops.cpanel.plugins.module_utils._argspec import WHM_API_TOKENS
from ansible_collections.panelops.cpanel.plugins.module_utils._modules.whm_api_tokens import run
from ansible_collections.panelops.cpanel.plugins.module_utils._task.module import run_module


def main() -> None:
    run_module(WHM_API_TOKENS, run)


if __name__ == "__main__":
    main()
