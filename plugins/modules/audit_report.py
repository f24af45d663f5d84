#!/usr/bin/python
# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: audit_report
short_description: Write the report of an audit of API tokens
version_added: 1.0.0
author:
  - panelops contributors (@panelops)
description:
  - Says what is wrong with the API tokens that the info modules have listed, on any number of servers, and writes one report as HTML,
    JSON and CSV.
  - The role P(panelops.cpanel.audit#role) reads the servers and uses this module. It runs on the controller and connects nowhere.
  - No secret can be in a report, because no API can tell that of a token that exists.
extends_documentation_fragment:
  - panelops.cpanel.attributes
attributes:
  action:
    support: full
    details:
      - All of it happens on the controller, whatever the host of the task.
  check_mode:
    support: full
    details:
      - Nothing is written, but everything is found and returned.
  diff_mode:
    support: full
    details:
      - The findings are compared with those of the JSON report that is there.
  idempotent:
    support: full
    details:
      - The files are written at each run and hold its time. The task is changed only if something else differs than that, the times at
        which tokens were last used, and what follows from nothing but these.
options:
  servers:
    description:
      - By name, what was read of each server. A dictionary with the results of M(panelops.cpanel.whm_api_token_info) (C(whm)) and
        M(panelops.cpanel.cpanel_api_token_info) (C(cpanel)), those of M(panelops.cpanel.whm_api_tokens) (C(fixed_whm)) and
        M(panelops.cpanel.cpanel_api_tokens) (C(fixed_cpanel)) if expired tokens were revoked, and C(host) and C(username) of the connection.
      - A result may be that of a task which failed. The report then says so. V(null) stands for a server that was not read at all.
      - If it is not given, what the role C(audit) has read of the hosts of the play. One of the hosts then writes the report for all.
    type: dict
  pending:
    description:
      - The names of servers that are still to be read in this run. The report shows them as such, and RV(gate) stays empty.
    type: list
    elements: str
    default: []
  dest:
    description:
      - The folder of the report on the controller, relative to the playbook. It is made if it is missing, with the mode V(0750).
      - In it are written C(api-tokens.html), C(api-tokens.json) and C(api-tokens.csv).
    type: path
    required: true
  formats:
    description:
      - Which of the files to write.
    type: list
    elements: str
    choices: [html, json, csv]
    default: [html, json, csv]
  mode:
    description:
      - The mode of the files, as a quoted octal number.
    type: str
    default: "0640"
  title:
    description:
      - The title of the report.
    type: str
    default: API token audit
  expiring_within:
    description:
      - A token with this time or less left to live is found as V(expiring).
    type: str
    default: 14d
  unused_for:
    description:
      - A token that was not used for this time is found as V(unused), one that was created so long ago and not used at all as V(never_used).
        Only on servers that report when tokens were last used.
    type: str
    default: 90d
  abandoned_after:
    description:
      - A token that a rotation has staged or retired is found as V(abandoned_sibling) when that is so long ago. On WHM, where a rotation gives
        what it retires an expiry, when that is as far away. Give more than the rotation's overlap.
    type: str
    default: 7d
  name_pattern:
    description:
      - A regular expression in which names must have a match, else they are found as V(naming). Empty to accept every name.
      - The default asks for tool, environment and purpose, as in C(deploy-prod-upload).
    type: str
    default: ^[A-Za-z0-9]+(-[A-Za-z0-9_]+){2,}$
  dangerous_acls:
    description:
      - The privileges with which a token can escape its limits; found as V(dangerous_privileges).
    type: list
    elements: str
    default: [passwd, create-user-session, manage-api-tokens]
  severities:
    description:
      - By kind of finding, V(low), V(medium), V(high), or V(none) not to look for it. Kinds that are not given have the severity that
        docs/audit.md lists.
    type: dict
    default: {}
  accept:
    description:
      - Findings that are accepted. The report shows them with the reason, but they do not count.
    type: list
    elements: dict
    default: []
    suboptions:
      kinds:
        description:
          - The kinds of findings, V(*) for all.
        type: list
        elements: str
        required: true
      server:
        description:
          - On which servers, a pattern as in a shell.
        type: str
        default: "*"
      owner:
        description:
          - Whose tokens, a pattern as in a shell.
        type: str
        default: "*"
      name:
        description:
          - Of which tokens, a pattern as in a shell.
        type: str
        default: "*"
      reason:
        description:
          - Why; shown in the report.
        type: str
        required: true
      until:
        description:
          - How long, as V(YYYY-MM-DD) or an ISO 8601 time. For ever if it is not given.
        type: str
  fail_on:
    description:
      - Which findings RV(gate) tells of. The task itself does not fail because of findings.
    type: str
    choices: [none, low, medium, high]
    default: none
seealso:
  - module: panelops.cpanel.whm_api_token_info
  - module: panelops.cpanel.cpanel_api_token_info
"""

EXAMPLES = r"""
- name: List the tokens of WHM
  panelops.cpanel.whm_api_token_info:
    host: "{{ whm_host }}"
    api_token: "{{ whm_admin_token }}"
  register: listed

- name: Write a report on them
  panelops.cpanel.audit_report:
    servers:
      web1: {host: "{{ whm_host }}", username: root, whm: "{{ listed }}"}
    dest: "{{ secrets_dir }}/audit"
    accept:
      - kinds: [all_privileges, dangerous_privileges]
        name: admin
        reason: The token that Ansible itself works with.
    fail_on: high
  register: audit

- name: Tell how bad it is
  ansible.builtin.debug:
    var: audit.summary.findings
"""

RETURN = r"""
complete:
  description: Whether no server is O(pending), and none was left out by the limit of the run.
  returned: success
  type: bool
  sample: true
summary:
  description: The numbers of the report. See docs/audit.md for its schema.
  returned: success
  type: dict
  sample: {servers: 2, servers_read: 2, accounts: 120, tokens: 240, findings: {high: 1, medium: 3, low: 0}, kinds: {all_privileges: 1, no_expiry: 3},
    accepted: 1, fixed: 0}
findings:
  description: The worst 50 findings that are neither accepted nor fixed, the worst first. The report has all of them.
  returned: success
  type: list
  elements: dict
  sample:
    - {server: web1, service: whm, owner: root, name: old, kind: no_expiry, severity: medium, sentence: It never expires., remedy: Give it an expiry.,
      accepted: null, fixed: false}
failing:
  description: How many findings reach O(fail_on).
  returned: success
  type: int
  sample: 1
gate:
  description: A sentence about these, to fail a play with. Empty if there are none, or if a server is O(pending).
  returned: success
  type: str
  sample: "1 finding is of severity high. web1/root/old: It has every privilege (all)."
turn:
  description: For the role C(audit), which remembers by it what it has read in which play.
  returned: if O(servers) is given
  type: dict
  sample: {play: 0242ac11-0002-8d1f-c0ac-000000000002, invocation: 0242ac11-0002-8d1f-c0ac-000000000006}
writer:
  description: The host that wrote the report. The task is skipped on the others.
  returned: if O(servers) is not given
  type: str
  sample: web1
files:
  description: The paths of the files, by format.
  returned: success
  type: dict
  sample: {html: /srv/audit/api-tokens.html, json: /srv/audit/api-tokens.json, csv: /srv/audit/api-tokens.csv}
"""
