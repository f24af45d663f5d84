# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter P(panelops.cpanel.audit_fixable#filter)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

DOCUMENTATION = r"""
name: audit_fixable
short_description: Choose the expired API tokens that an audit may revoke
version_added: 1.0.0
author:
  - panelops contributors (@panelops)
description:
  - Takes what the role C(audit) has read of a server, and lists the tokens that have expired and whose finding nobody has accepted.
  - Tokens that a rotation still needs are left out. These are staged and retired tokens until they have been expired for O(abandoned_after),
    live tokens that have such siblings, and those in O(rotated).
  - The lists are the option O(panelops.cpanel.whm_api_tokens#module:tokens) of M(panelops.cpanel.whm_api_tokens) and of
    M(panelops.cpanel.cpanel_api_tokens). They say C(only_expired), so that a token that was renewed meanwhile is left alone.
positional: server, accept, abandoned_after, rotated
options:
  _input:
    description:
      - A dictionary with the results of M(panelops.cpanel.whm_api_token_info) (C(whm)) and M(panelops.cpanel.cpanel_api_token_info)
        (C(cpanel)); either can be left out.
    type: dict
    required: true
  server:
    description:
      - The server's name, for O(accept).
    type: str
    required: true
  accept:
    description:
      - Accepted findings, as for M(panelops.cpanel.audit_report).
    type: list
    elements: dict
    default: []
  abandoned_after:
    description:
      - How long the staged and retired tokens of a rotation are left to it after they have expired. The two minutes for which a rotation keeps
        what it has retired are the least.
    type: str
    default: 7d
  rotated:
    description:
      - The tokens that the role C(rotate) manages, as its variable C(rotate_tokens). Only C(name), C(account) and C(accounts) are looked at.
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
- name: What of this server is expired
  ansible.builtin.debug:
    msg: "{{ {'whm': listed} | panelops.cpanel.audit_fixable('web1') }}"
  vars:
    listed:
      server_time: 1767225600
      whm_api_tokens:
        - {name: old, acls: [list-accts], whitelist_ips: [], create_time: 1, expires_at: 1767225599}
"""

RETURN = r"""
_value:
  description: The tokens to revoke, by service.
  type: dict
  contains:
    whm:
      description: Tokens for M(panelops.cpanel.whm_api_tokens).
      type: list
      elements: dict
      sample: [{name: old, state: absent, only_expired: true}]
    cpanel:
      description: Tokens for M(panelops.cpanel.cpanel_api_tokens).
      type: list
      elements: dict
      sample: [{account: alice, name: old, state: absent, only_expired: true}]
"""

from ansible.errors import AnsibleFilterError
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError
from ansible_collections.panelops.cpanel.plugins.plugin_utils._audit.fixable import fixable


def audit_fixable(
    read: Mapping,
    server: str,
    accept: Sequence[Mapping] = (),
    abandoned_after: str = "7d",
    rotated: Sequence[Mapping] = (),
) -> dict:
    """See the documentation."""
    try:
        return fixable(read, server, accept, abandoned_after, rotated)
    except PanelopsError as error:
        raise AnsibleFilterError(str(error)) from None


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable]:
        """The filters by name."""
        return {"audit_fixable": audit_fixable}
