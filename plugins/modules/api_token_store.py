#!/usr/bin/python
# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: api_token_store
short_description: Deliver the secrets of API tokens to secrets stores
version_added: 1.0.0
author:
  - panelops contributors (@panelops)
description:
  - The part of the role P(panelops.cpanel.rotate#role) that writes to secrets stores. It runs in Ansible's own process on the controller, so
    that no secret is written to a disk or passed to another process. Use the role; this step alone makes no rotation.
  - It logs in to each store once, and reads and writes each secret once, however many sinks are in it. Other keys of a secret stay as they are.
  - A write is conditional. If others have written to the secret meanwhile, it is read again and merged again; if they have written to the
    same keys, the sink gives way to them.
  - It also runs the modules that write sinks of blind types, such as V(github_secret), on the controller and without leaving a trace. They
    are only written, with O(step=deliver), after all others and only if none of their token has failed.
extends_documentation_fragment:
  - panelops.cpanel.attributes
attributes:
  action:
    support: full
    details:
      - All work is done by the action plugin, on the controller.
  check_mode:
    support: full
    details:
      - O(step=read) and O(step=check) only read. The other steps do nothing then.
  diff_mode:
    support: none
    details:
      - A difference would show secrets.
  idempotent:
    support: none
    details:
      - It is one step of several. The role as a whole is idempotent.
options:
  step:
    description:
      - V(read) tells what the secrets hold. It writes nothing, not even to try. If something is missing, it looks as V(check) does, because a
        secret that may not be read can look like one that does not exist.
      - V(check) makes sure that the secrets can be written, and tells what they hold.
      - V(deliver) writes, and reads back what it has written.
      - V(restore) puts back what was there before, if nobody has replaced what was delivered.
      - V(confirm) looks again, where a store cannot compare and write in one call, whether another run has replaced what was delivered.
      - V(close) ends the logins of the other steps.
    type: str
    choices: [read, check, deliver, restore, confirm, close]
    required: true
  tokens:
    description:
      - The tokens of the role, for the O(tokens[].sinks[].connection) of each sink.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - The token's name.
        type: str
        required: true
      account:
        description:
          - Whose token it is.
        type: str
      accounts:
        description:
          - Whose tokens they are.
        type: list
        elements: str
      sinks:
        description:
          - Its sinks.
        type: list
        elements: dict
        suboptions:
          connection:
            description:
              - How the store is reached. What is not given comes from C(module_defaults), variables and the environment, as the role documents it.
            type: dict
          args:
            description:
              - Further options of the module that writes a blind sink. All options of such a sink are taken from here.
            type: dict
  sinks:
    description:
      - The sinks, as M(panelops.cpanel.api_token_rotation) returns them.
    type: list
    elements: dict
    suboptions:
      account:
        description:
          - Whose token it is.
        type: str
      name:
        description:
          - The token's name.
        type: str
        required: true
      sink:
        description:
          - The number of the sink in its token.
        type: int
        required: true
      host:
        description:
          - Empty, for a store is on no host.
        type: str
        required: true
      type:
        description:
          - The kind of the sink.
        type: str
        required: true
      path:
        description:
          - The path of the secret in the store.
        type: str
      key:
        description:
          - The key to set in it.
        type: str
      keys:
        description:
          - Several keys, each with the value that it gets.
        type: dict
      engine_mount_point:
        description:
          - Where the key-value store is mounted.
        type: str
      group:
        description:
          - The group that a variable of GitLab is in.
        type: str
      namespace:
        description:
          - The namespace of a V(kubernetes_secret), V(default) if it is not given. It must exist.
        type: str
      project:
        description:
          - The project of a V(gitlab_variable), by its path or its number. If neither project nor group is given, it is a variable of the whole
            instance, which only administrators can set.
        type: str
      environment_scope:
        description:
          - The environment scope of a V(gitlab_variable), V(*) if it is not given. Variables of one name with other scopes stay as they are.
        type: str
      masked:
        description:
          - Whether a V(gitlab_variable) is masked in job logs. What is not given of this and the next three options stays as it is, and is what
            GitLab takes for a variable that is created.
        type: bool
      protected:
        description:
          - Whether a V(gitlab_variable) is for protected branches and tags only.
        type: bool
      raw:
        description:
          - Whether a V(gitlab_variable) is taken literally, without expanding other variables in it.
        type: bool
      variable_type:
        description:
          - Whether jobs get a V(gitlab_variable) as an environment variable or as a file.
        type: str
        choices: [env_var, file]
      values:
        description:
          - The values to write, by key.
        type: dict
      before:
        description:
          - A fingerprint of what the keys are expected to hold.
        type: str
      after:
        description:
          - A fingerprint of what was delivered.
        type: str
  independent:
    description:
      - Whether a sink is filled also where another one of its token failed. A copy of a live secret does no harm there.
    type: bool
    default: false
  evidence:
    description:
      - What came of the other sinks of the tokens. Of a token that one of them did not get, nothing is delivered.
    type: list
    elements: dict
    suboptions:
      account:
        description:
          - Whose token it is.
        type: str
      name:
        description:
          - The token's name.
        type: str
        required: true
      ok:
        description:
          - Whether the sink got it.
        type: bool
        default: false
  copies:
    description:
      - What O(step=check) returned as RV(copies), for O(step=restore).
    type: list
    elements: dict
    suboptions:
      account:
        description:
          - As in O(sinks[].account).
        type: str
      name:
        description:
          - As in O(sinks[].name).
        type: str
        required: true
      sink:
        description:
          - As in O(sinks[].sink).
        type: int
        required: true
      host:
        description:
          - As in O(sinks[].host).
        type: str
        required: true
      previous:
        description:
          - What the keys held, as JSON encoded in Base64.
        type: str
  sessions:
    description:
      - What O(step=check) returned as RV(sessions).
    type: dict
seealso:
  - ref: ansible_collections.panelops.cpanel.rotate_role
    description: The role that does a whole rotation.
"""

EXAMPLES = r"""
- name: Look what a secret holds
  panelops.cpanel.api_token_store:
    step: check
    tokens:
      - name: monitoring
        sinks:
          - connection:
              url: "{{ vault_url }}"
              token: "{{ vault_token }}"
    sinks:
      - name: monitoring
        sink: 0
        host: ""
        type: hashi_vault
        path: hosting/monitoring
        key: whm_api_token
  no_log: true
"""

RETURN = r"""
sinks:
  description:
    - What came of each sink, as RV(panelops.cpanel.api_token_delivery#module:sinks).
    - With O(step=read) each has C(found), which is V(secret), V(nothing) or V(other), unless its store could not be read. C(held) is the secret that is
      there, if it has the shape of the vendor's secrets.
  returned: always
  type: list
  elements: dict
  sample: [{account: null, name: monitoring, sink: 0, host: "", ok: true, unchanged: true, taken_over: false}]
copies:
  description: What the keys held, as JSON encoded in Base64. It holds secrets.
  returned: with O(step=read) and O(step=check)
  type: list
  elements: dict
  sample: []
sessions:
  description: The logins that a later step goes on with. They hold credentials.
  returned: always
  type: dict
  sample: {}
"""
