#!/usr/bin/python
# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: api_token_delivery
short_description: Deliver the secrets of API tokens to files on a consumer's host, and verify them from there
version_added: 1.0.0
author:
  - panelops contributors (@panelops)
description:
  - The part of the role P(panelops.cpanel.rotate#role) that runs on the hosts which use tokens. It writes secrets into files, after it has
    tried them from there, and can roll them back.
  - A secret goes to the host by standard input only, and on it only into the file itself. On the controller it is in no file.
  - Each file is replaced at once and whole, and only if it still is as it was when O(step=check) looked at it. So of two rotations at the same
    time one sees that it was overtaken.
extends_documentation_fragment:
  - panelops.cpanel.attributes
attributes:
  action:
    support: full
    details:
      - Contents are made on the controller, where the vault passwords and the templates are.
  check_mode:
    support: full
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
      - V(read) tells what each file holds. It writes nothing, and does not try whether that would be possible. A folder that does not exist is a failure
        of its sinks, because a file system may not be mounted.
      - V(check) makes sure that the files can be written, and tells what is there.
      - V(deliver) writes next to each file, reads that back, tries the secret from this host, and then puts it in the file's place.
      - V(restore) puts the copy back that was there before, if nobody has replaced the delivered one since.
    type: str
    choices: [read, check, deliver, restore]
    required: true
  copies:
    description:
      - The copies to put back, as RV(copies) of O(step=check), for O(step=restore). A file of which there is none is removed.
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
          - The content of the file, encoded in Base64.
        type: str
      mark:
        description:
          - Which token the file said that its secret was issued for.
        type: dict
        suboptions:
          server:
            description:
              - The address of the server, as the task named it.
            type: str
            required: true
          user:
            description:
              - Whose token it is.
            type: str
            required: true
          kind:
            description:
              - V(whm_api_token) or V(cpanel_api_token).
            type: str
            required: true
          name:
            description:
              - The name of the token.
            type: str
            required: true
          create_time:
            description:
              - When the token was created, in Unix seconds.
            type: int
  sinks:
    description:
      - The sinks on this host, as M(panelops.cpanel.api_token_rotation) returns them in RV(panelops.cpanel.api_token_rotation#module:hosts).
    type: list
    elements: dict
    required: true
    suboptions:
      account:
        description:
          - The cPanel account that the token is of, if it is one of an account that is reached through WHM.
        type: str
      name:
        description:
          - The name of the token.
        type: str
        required: true
      sink:
        description:
          - The number of the sink among those of the token; V(-1) if this host only verifies.
        type: int
        required: true
      host:
        description:
          - The name of this host.
        type: str
        required: true
      type:
        description:
          - One of the types of sinks of M(panelops.cpanel.api_token_rotation) that are files on hosts. The controller makes what is written.
          - V(verify) is a host without a file, which only tries the secret.
        type: str
        required: true
      path:
        description:
          - The absolute path of the file; C(~) is the home folder on this host. Its folder must exist. What is no regular file is refused.
        type: str
      format:
        description:
          - V(raw) is the secret alone on a line (the default), V(env) is C(KEY=secret), V(json) an object with the one key O(sinks[].key),
            V(yaml) a mapping, V(ini) C(KEY = secret).
          - V(template) is what O(sinks[].template) makes of the variables C(token), C(name) and C(account).
        type: str
        choices: [raw, env, json, yaml, ini, template]
      key:
        description:
          - The name under which the secret stands in the file.
        type: str
      keys:
        description:
          - Instead of O(sinks[].key), several names, each with what it is the name of. V(secret) is one of them.
        type: dict
      section:
        description:
          - The section of an V(ini) file that the names stand in.
        type: str
      merge:
        description:
          - Whether to set only these names in a file that holds other things. All other bytes of the file stay as they are, and may change
            at any time. Fingerprints are then those of the values alone.
        type: bool
        default: false
      shared:
        description:
          - Whether other sinks may have other names of the file, which only the controller can look into. The action plugin says it.
        type: bool
        default: false
      values:
        description:
          - What to write, by name, with O(sinks[].merge=true).
        type: dict
      template:
        description:
          - The template, looked for on the controller as M(ansible.builtin.template) does.
        type: str
      vault_id:
        description:
          - The vault ID to encrypt with.
          - If it is not given, it is what E(ANSIBLE_VAULT_ENCRYPT_IDENTITY) names, or else the only vault ID of the run. If the run has several, one of the
            two is needed.
        type: str
      owner:
        description:
          - The owner of the file. What is not given of owner, group and mode stays as it is, and so does its POSIX access control list, if the
            file holds a secret; a new file belongs to the user that the task runs as.
          - A file without a secret, or one of somebody else in a folder into which others than root can put files, is refused if others
            could read what is written there. It is then for the task to say owner, group and mode.
        type: str
      group:
        description:
          - The group of the file.
        type: str
      mode:
        description:
          - The mode of the file, V(0600) for a new one if it is not given.
        type: raw
      content:
        description:
          - What to write, encoded in Base64. The action plugin makes it of the options above.
        type: str
      recognize:
        description:
          - The format in which this host recognizes a secret in a file that is there; a file that holds other things is refused. The action
            plugin says it. Left out, this host takes any file, and the action plugin looks into what it held.
        type: str
        choices: [raw, env, json, yaml, ini]
      token:
        description:
          - The secret.
        type: str
      before:
        description:
          - The fingerprint of the file as RV(sinks[].before) told it.
        type: str
      after:
        description:
          - The fingerprint of the file as RV(sinks[].after) told it, for O(step=restore).
        type: str
      origin:
        description:
          - Which token the secret is issued for. The file is marked with it, in an extended attribute, where its file system has those.
        type: dict
        suboptions:
          server:
            description:
              - The address of the server, as the task named it.
            type: str
            required: true
          user:
            description:
              - Whose token it is.
            type: str
            required: true
          kind:
            description:
              - V(whm_api_token) or V(cpanel_api_token).
            type: str
            required: true
          name:
            description:
              - The name of the token.
            type: str
            required: true
          create_time:
            description:
              - When the token was created, in Unix seconds.
            type: int
      verify:
        description:
          - The service at which the secret is tried from this host. Left out, it is not tried.
          - O(step=check) makes sure that this host can do that, such as that it can read O(sinks[].verify.ca_path).
        type: dict
        suboptions:
          service:
            description:
              - Which service the token is for.
            type: str
            choices: [whm, cpanel]
            required: true
          host:
            description:
              - Name or address of the server, as this host reaches it.
            type: str
            required: true
          port:
            description:
              - The TLS port of the service.
            type: int
            required: true
          username:
            description:
              - Whose token it is.
            type: str
            required: true
          ca_path:
            description:
              - A PEM file on this host with the certificate authorities to trust.
            type: str
          validate_certs:
            description:
              - Whether the server's certificate must be trusted.
            type: bool
            default: true
          timeout:
            description:
              - How many seconds to wait for the server.
            type: int
            default: 30
seealso:
  - module: panelops.cpanel.api_token_rotation
"""

EXAMPLES = r"""
- name: Can the secret of a token be stored here?
  panelops.cpanel.api_token_delivery:
    step: check
    sinks:
      - name: monitoring
        sink: 0
        host: localhost
        type: file
        path: "{{ secrets_dir }}/monitoring-token"
  vars:
    ansible_pipelining: true
  no_log: true
  register: monitoring_checked

- name: Store a secret
  panelops.cpanel.api_token_delivery:
    step: deliver
    sinks:
      - name: monitoring
        sink: 0
        host: localhost
        type: file
        path: "{{ secrets_dir }}/monitoring-token"
        before: "{{ monitoring_checked.sinks[0].before }}"
        token: "{{ whm_admin_token }}"
  vars:
    ansible_pipelining: true
  no_log: true
"""

RETURN = r"""
sinks:
  description: What came of each sink.
  returned: always
  type: list
  elements: dict
  contains:
    account:
      description: As in O(sinks[].account).
      type: str
      returned: success
      sample: alice
    name:
      description: As in O(sinks[].name).
      type: str
      returned: success
      sample: monitoring
    sink:
      description: As in O(sinks[].sink).
      type: int
      returned: success
      sample: 0
    host:
      description: As in O(sinks[].host).
      type: str
      returned: success
      sample: mon1.example.com
    ok:
      description: Whether it went well.
      type: bool
      returned: success
      sample: true
    unchanged:
      description: Whether it is certain that the file is as it was before the rotation.
      type: bool
      returned: success
      sample: false
    taken_over:
      description: Whether another rotation has delivered there meanwhile.
      type: bool
      returned: success
      sample: false
    restored:
      description: Whether the copy from before is back.
      type: bool
      returned: when O(step=restore) did that
      sample: true
    msg:
      description: What went wrong, or what must not be replaced.
      type: str
      returned: when it did not go well, and if RV(sinks[].found) is V(other)
      sample: "path: there is no folder /etc/monitoring. Create it before."
    held:
      description: The secret that is there, if it has the shape of the vendor's secrets.
      type: str
      returned: with O(step=read) and O(step=check), of files that hold one
      sample: ""
    found:
      description:
        - What the file holds. V(secret) is a secret, whichever token it is of, or a word that is none. V(nothing) is no file, an empty one, or one without
          the key of the sink. V(other) is something that a secret must not replace, and RV(sinks[].msg) says what.
      type: str
      returned: with O(step=read), of files that could be read
      sample: secret
    mark:
      description: Which token the file says that its secret was issued for.
      type: dict
      returned: with O(step=read) and O(step=check), of files that say it
      sample: {server: "whm1.example.com:2087", user: root, kind: whm_api_token, name: monitoring, create_time: 1790000000}
    identity:
      description:
        - The same for every name of the host and for every path of the file.
        - Of a file that sinks share it is that with a C(+), and a further word for each name of the sink.
      type: str
      returned: with O(step=read) and O(step=check), on Linux
      sample: 60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752
    before:
      description: A fingerprint of what was there before.
      type: str
      returned: with O(step=read), O(step=check) and O(step=deliver)
      sample: absent
    after:
      description: A fingerprint of what was delivered.
      type: str
      returned: with O(step=deliver)
      sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
copies:
  description: The files as they were, encoded in Base64. They hold secrets.
  returned: with O(step=read) and O(step=check), of files that were there
  type: list
  elements: dict
  sample: []
"""

from ansible_collections.panelops.cpanel.plugins.module_utils._argspec import API_TOKEN_DELIVERY
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.file import DeliveryFile
from ansible_collections.panelops.cpanel.plugins.module_utils._modules.api_token_delivery import run
from ansible_collections.panelops.cpanel.plugins.module_utils._task.module import run_module


def main() -> None:
    run_module(API_TOKEN_DELIVERY, run, files=DeliveryFile)


if __name__ == "__main__":
    main()
