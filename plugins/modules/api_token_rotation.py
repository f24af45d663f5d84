#!/usr/bin/python
# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: api_token_rotation
short_description: One step of a rotation of many API tokens of a server
version_added: 1.0.0
author:
  - panelops contributors (@panelops)
description:
  - The part of the role P(panelops.cpanel.rotate#role) that speaks with the server. Use the role; the steps alone make no rotation.
  - All state is in the names of the tokens on the server. V(NAME) lives, V(NAME--next-RANDOM) is staged, V(NAME--prev-NUMBER) is retired. So
    a run that is killed at any moment is finished or replaced by the next one.
  - A run only limits or revokes tokens that are older than its own. So neither a kill nor a second run ends the token that a consumer holds.
extends_documentation_fragment:
  - panelops.cpanel.rotation
  - panelops.cpanel.attributes
attributes:
  action_group:
    description: The connection is given with the task, by its own options or the environment.
    support: none
    membership: []
    details:
      - A group's options are those of one service, and a rotation may be of the other one. A credential must not go to the wrong server.
  check_mode:
    support: full
    details:
      - With O(step=decide) and O(step=compare) it tells which tokens would rotate, which sinks would get a copy, and why. The other steps change nothing then.
  diff_mode:
    support: none
  idempotent:
    support: partial
    details:
      - With O(step=decide) nothing changes, unless retired tokens have had their time, or get it anew. The other steps are parts of a whole that is idempotent.
options:
  step:
    description:
      - V(decide) reads the tokens, tells which are due and why, and revokes retired ones whose overlap is over.
        Where the server's clock was wrong when they were retired, it counts their overlap anew.
      - V(compare) finds out what the sinks of tokens hold that are not due, from the evidence of the step V(read) of
        M(panelops.cpanel.api_token_delivery) and M(panelops.cpanel.api_token_store), and decides what to do about sinks that lack the live secret
        (O(repair)). It revokes retired tokens of cPanel accounts whose overlap is over and whose sinks need no repair.
      - V(settle) notes which sinks have got their copy of the live secret.
      - V(begin) begins the next wave of tokens that are due, where O(stop_after) makes them go in waves. If too many have failed, it leaves
        all that have not begun to a later run.
      - V(stage) creates a successor for each token that is due and whose sinks can be written.
      - V(promote) gives each successor that all sinks have got the name of the token that it replaces, and retires that.
      - V(withdraw) revokes successors of which it is certain that no consumer has them.
    type: str
    choices: [decide, compare, settle, begin, stage, promote, withdraw]
    required: true
  service:
    description:
      - V(whm) connects to WHM, for its tokens and for those of accounts (O(tokens[].account)). V(cpanel) connects to cPanel as an account, for
        its own tokens.
    type: str
    choices: [whm, cpanel]
    default: whm
  tokens:
    description:
      - The tokens that rotate.
    type: list
    elements: dict
    required: true
    suboptions:
      account:
        description:
          - The cPanel account whose token it is, reached through WHM. Left out, it is a token of the user that connects.
        type: str
      accounts:
        description:
          - The cPanel accounts that each have a token of this name, reached through WHM. Give names, or patterns such as V(shop*) or V(*).
          - An entry has either this or O(tokens[].account).
          - Patterns match the accounts that the user can reach, which are listed once, in the first step. A name or pattern that stands for no
            account is refused.
          - Suspended accounts are skipped, with a warning that names them.
          - Each account needs a place of its own, so put C({account}) into O(tokens[].sinks[].path).
          - Two entries with the same O(tokens[].name) and an account in common are refused.
        type: list
        elements: str
      name:
        description:
          - The token's name. 1 to 37 letters, digits, dashes and underscores, for the names of its siblings are longer.
        type: str
        required: true
      acls:
        description:
          - The privileges of a token of WHM. Needed if it does not exist; left out, its successor has those that it has.
          - If they differ from what the token has, it is rotated, so that the new ones are verified by the consumers before the old ones end.
        type: list
        elements: str
      whitelist_ips:
        description:
          - The addresses that a token of WHM can be used from, as O(tokens[].acls).
        type: list
        elements: str
        aliases: [allowed_ips]
      readonly:
        description:
          - Whether a token of a cPanel account can only read, as O(tokens[].acls).
        type: bool
      expires_in:
        description:
          - How long a new token lives, for example V(90d). Left out, as long as the one that it replaces.
        type: str
      rotate_before:
        description:
          - Rotate when this time or less is left. Must be less than O(tokens[].expires_in); a third of the lifetime if it is not given.
        type: str
      max_age:
        description:
          - Rotate when the token is this old, whenever it expires.
          - A token whose create time is more than five minutes ahead of the server's clock is due, with a warning, because its age is not known.
        type: str
      sinks:
        description:
          - Where the secret goes. The token is promoted only when all of them have got it.
        type: list
        elements: dict
        suboptions:
          type:
            description:
              - V(file) is a file on O(tokens[].sinks[].hosts). V(vault) is a file of variables encrypted with Ansible
                Vault, which several tokens can share; other variables of it stay.
              - V(hashi_vault) is a secret in a key-value store, version 2, of HashiCorp Vault or OpenBao. It needs the Python library hvac on the
                controller.
              - V(aws_secretsmanager) is a secret of AWS Secrets Manager (Python library boto3). V(kubernetes_secret) is a secret of Kubernetes (Python
                library kubernetes). V(gitlab_variable) is a CI/CD variable of GitLab (Python library python-gitlab).
              - V(awx_credential) is a credential of AWX or Automation Controller, written by M(awx.awx.credential). V(github_secret) is a secret of
                GitHub Actions, written by M(community.general.github_secrets) (12.5.0 or newer, with the Python library pynacl).
                V(jenkins_credential) is a secret text of Jenkins, written by M(community.general.jenkins_credential), which deletes it and creates it
                again.
              - V(module) is any module of any collection, with the secret in the option that O(tokens[].sinks[].key) names. It runs on the
                controller without leaving a trace.
              - These four are blind. Nobody can tell what they hold, so they are neither compared nor rolled back, and are filled after all others but
                V(tasks), only if those have succeeded.
              - V(tasks) is a file of your own tasks, which find the secret in the variable C(rotate_secret). It is run after all other sinks.
            type: str
            choices: [file, vault, hashi_vault, aws_secretsmanager, kubernetes_secret, gitlab_variable, awx_credential, github_secret,
              jenkins_credential, module, tasks]
            required: true
          hosts:
            description:
              - The hosts with the file. For V(vault) it is the controller if they are not given.
            type: list
            elements: str
          path:
            description:
              - The path of the file, or of the secret in the store. For V(aws_secretsmanager) it is the secret's name or ARN, for
                V(kubernetes_secret) its name.
              - C({account}) in it is replaced by the name of the account, which must consist of C(a-z), C(0-9), C(_) and C(-). Other
                braces stay.
            type: str
          format:
            description:
              - What stands in a V(file). V(raw) is the secret alone (the default), V(env) is C(KEY=secret), quoted for a shell where that
                is needed, V(json) an object with one key, V(yaml) a mapping, V(ini) C(KEY = secret), V(template) what
                O(tokens[].sinks[].template) makes of the variables C(token), C(name) and C(account).
            type: str
            choices: [raw, env, json, yaml, ini, template]
          key:
            description:
              - The name under which the secret stands in the file or in the store. For V(gitlab_variable) the name of the variable; for V(module) the
                option that gets it, with dots for options in options (V(definition.stringData.token)); for V(awx_credential) the input; for
                V(github_secret) the name of the secret; for V(jenkins_credential) its ID.
              - Without it the text of a V(aws_secretsmanager) is the secret alone; with it, the text is a JSON object.
              - C({account}) in it is replaced as in O(tokens[].sinks[].path).
            type: str
          keys:
            description:
              - Instead of O(tokens[].sinks[].key), several names that are written together, each with the value that it gets. V(secret) is
                needed once; V(username), V(host), V(port), V(name) and V(expires_at) (ISO 8601, empty for a token that does not expire)
                are known besides. Host and port are those at which consumers reach the API.
              - C({account}) in a name is replaced as in O(tokens[].sinks[].path).
              - For sinks of the types V(hashi_vault), V(aws_secretsmanager), V(kubernetes_secret),
                V(awx_credential), V(module) and V(vault), and of V(file) in the
                formats V(env), V(json), V(yaml) and V(ini).
            type: dict
          section:
            description:
              - With O(tokens[].sinks[].format=ini), the section that the names stand in; they stand before the first one if it is not given.
            type: str
          merge:
            description:
              - Whether to set only the keys of the sink in a file that holds other things, and to leave every other byte of it alone.
              - For V(file) in the formats V(env), V(json), V(yaml) and V(ini). Several tokens can share such a file, each with keys of its own.
                A file that cannot be edited safely is refused before anything is created.
            type: bool
          template:
            description:
              - The template of a file, on the controller.
            type: str
          vault_id:
            description:
              - The vault ID to encrypt a V(vault) with. Its readers need its password.
              - If it is not given, it is what E(ANSIBLE_VAULT_ENCRYPT_IDENTITY) names, or else the only vault ID of the run. If the run has several, one
                of the two is needed.
            type: str
          owner:
            description:
              - The owner of the file. What is not given of owner, group and mode stays as it is, if the file holds a secret already. A file
                without one that others could read is refused.
            type: str
          group:
            description:
              - The group of the file. For V(gitlab_variable) the group that the variable is in, by its path or its number.
            type: str
          mode:
            description:
              - The mode of the file, V(0600) for a new one if it is not given.
            type: raw
          engine_mount_point:
            description:
              - Where the key-value store is mounted in HashiCorp Vault, V(secret) if it is not given.
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
          connection:
            description:
              - Where the store is (C(url), C(namespace)), by which places of the same path are told apart. Credentials are not needed here, and
                the action plugin takes them away; see O(panelops.cpanel.rotate#role:main:rotate_tokens[].sinks[].connection).
            type: dict
          organization:
            description:
              - For V(github_secret) the organization or user of the repositories. For V(awx_credential) the organization of the credential.
            type: str
          repository:
            description:
              - The repository of V(github_secret). Left out, the secret is one of the organization, and its C(visibility) is needed in
                O(tokens[].sinks[].args).
            type: str
          environment:
            description:
              - The environment of the repository, for V(github_secret). It needs community.general 13.5.0 or newer.
            type: str
          credential:
            description:
              - The name of the credential, for V(awx_credential).
            type: str
          credential_type:
            description:
              - Its type, such as V(Machine) or one of your own, whose inputs are the
                O(tokens[].sinks[].keys).
            type: str
          module:
            description:
              - The full name of the module, C(NAMESPACE.COLLECTION.MODULE), for V(module).
            type: str
          args:
            description:
              - Further options of the module, for V(module) and the types that use one. C(module_defaults) of the play are used too.
              - C({account}) in a text is replaced as in O(tokens[].sinks[].path).
            type: dict
          tasks:
            description:
              - The file with your tasks.
            type: str
      verify_from:
        description:
          - The hosts that try the new token before it is promoted, besides those with a sink of type V(file). If there are neither, the
            controller does.
        type: list
        elements: str
      notify:
        description:
          - The handlers to notify when a sink has got a new secret.
        type: list
        elements: str
  overlap:
    description:
      - How long a retired token lives on, for consumers that have not read the new one yet.
    type: str
    default: 24h
  overlap_max:
    description:
      - How long a WHM token that O(repair=auto) has replaced, because no sink held its live secret, keeps working. Consumers that are not listed
        may still use it.
      - The tokens that are replaced in a cPanel account keep working for O(overlap). A retired one is revoked later only while a sink of the token
        cannot be read or lacks the live secret, and then no later than after this duration.
      - If it is less than O(overlap), O(overlap) counts instead. O(emergency) ignores it.
    type: str
    default: 7d
  repair:
    description:
      - What to do about sinks that do not hold the live secret of a token that is not due. The role gives V(auto) if its user does not say otherwise.
      - V(auto) gives a copy of the live secret to a sink that is empty, or that holds a retired secret, a staged one, or one that does not work. The copy
        comes from another sink of the token that is proven to hold the live secret. Without such a sink, the token rotates.
      - V(report) changes nothing at these sinks. Each token with such a sink fails with a message that names it.
      - V(never) reads a sink only if its token is due. O(emergency) does the same.
    type: str
    choices: [auto, report, never]
    default: never
  force:
    description:
      - Rotate all O(tokens), due or not.
    type: bool
    default: false
  emergency:
    description:
      - Rotate all O(tokens), and end the old ones as soon as the new ones are promoted. Those of WHM are dead 5 seconds later.
    type: bool
    default: false
  only:
    description:
      - Limits the run to these tokens. Give names, or patterns such as V(backup-*). With an account before a slash, such as V(alice/backup)
        or V(shop*/backup), only its tokens of that name are meant.
      - The run does nothing to the other tokens of O(tokens). It still refuses a sink that is the place of two tokens, whichever they are.
      - A name or pattern that matches none of O(tokens) is refused, and so is an empty list. It counts in an emergency too.
    type: list
    elements: str
  spread:
    description:
      - Each token is due earlier by a time that is less than this duration, for example V(7d), so that tokens of the same age do not all
        rotate in one run. How much earlier depends only on C(account/name), by SHA-256, so it is the same in every run and on every machine.
      - Must be less than O(tokens[].expires_in) minus O(tokens[].rotate_before), and less than O(tokens[].max_age).
      - O(emergency) ignores it.
    type: str
  window:
    description:
      - When live tokens may rotate, by the server's clock. A token that is due at another time waits, and the result says until when.
      - A window delays neither the first issue of a token, nor what an interrupted run left, nor the end of retired tokens. A token that would
        expire before the next window is over does not wait.
      - O(tokens[].rotate_before) must be longer than the window is ever closed. In all zones but V(UTC), an hour for summer time counts too.
      - O(emergency) ignores it.
    type: dict
    suboptions:
      days:
        description:
          - The days on which the window opens. Left out, each day.
        type: list
        elements: str
        choices: [mon, tue, wed, thu, fri, sat, sun]
      hours:
        description:
          - From when until when, as V(HH:MM-HH:MM). V(22:00-04:00) ends on the next day. Left out, the whole day.
        type: str
      zone:
        description:
          - The time zone of days and hours, such as V(Europe/Berlin). The host that runs the module must know it.
        type: str
        default: UTC
  limit:
    description:
      - How many live tokens may rotate in one run on a server at most. The others wait. What expires first goes first.
      - The first issue of a token does not count. A token with less than half of O(tokens[].rotate_before) left does not wait, and neither
        does one that would expire before the next O(window) is over.
      - O(emergency) ignores it.
    type: int
  stop_after:
    description:
      - After so many failed tokens the run begins no further one on that server. The others wait for a later run.
      - Live tokens that are due rotate in waves of this size, what expires first in the first one, so that failures are seen in time. Each wave
        takes all steps of a rotation, so a small number makes a long run.
      - The first issue of a token does not count. All first issues belong to the first wave.
      - O(emergency) ignores it.
    type: int
  verify:
    description:
      - How the consumers reach the server, where that differs from how the controller does.
    type: dict
    suboptions:
      host:
        description:
          - Name or address of the server.
        type: str
      port:
        description:
          - The TLS port of the service that is connected to.
        type: int
      cpanel_port:
        description:
          - The TLS port of cPanel, for tokens of accounts that are reached through WHM.
        type: int
      ca_path:
        description:
          - A PEM file on the consumers with the certificate authorities to trust.
        type: str
      validate_certs:
        description:
          - Whether the server's certificate must be trusted.
        type: bool
  rotation:
    description:
      - What the step before returned as RV(rotation). Needed for all steps but the first.
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
      state:
        description:
          - How it stands.
        type: str
        required: true
      reason:
        description:
          - Why it is due, in a word.
        type: str
      detail:
        description:
          - Why it is due.
        type: str
      create_time:
        description:
          - When the live token was created.
        type: int
      expires_at:
        description:
          - When the live token expires.
        type: int
      next_due:
        description:
          - When it will be due.
        type: int
      waits:
        description:
          - Why it waits although it is due.
        type: str
      waits_until:
        description:
          - Until when it waits.
        type: int
      wave:
        description:
          - The number of the wave that it goes in.
        type: int
      places:
        description:
          - What its sinks were read to hold, as RV(report[].places).
        type: list
        elements: dict
      healed:
        description:
          - The sinks that have got a copy of the live secret, as messages call them.
        type: list
        elements: str
      successor:
        description:
          - The limits that its successor is to have.
        type: dict
      staged:
        description:
          - The name of its successor until that is promoted.
        type: str
      new_create_time:
        description:
          - When the successor was created.
        type: int
      new_expires_at:
        description:
          - When the successor expires.
        type: int
      token:
        description:
          - The secret of the successor.
        type: str
      offered:
        description:
          - Whether the successor went to the sinks.
        type: bool
      withdrawn:
        description:
          - Whether the successor was revoked.
        type: bool
      msg:
        description:
          - What went wrong.
        type: str
      retired:
        description:
          - The names of retired tokens that were revoked.
        type: list
        elements: str
  sinks:
    description:
      - What M(panelops.cpanel.api_token_delivery) returned as RV(panelops.cpanel.api_token_delivery#module:sinks), of all hosts. A sink of which
        nothing is told counts as one that did not get the secret, and that may have got it.
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
          - The number of the sink.
        type: int
        required: true
      host:
        description:
          - The host.
        type: str
        required: true
      ok:
        description:
          - Whether it went well.
        type: bool
        required: true
      taken_over:
        description:
          - Whether another run has delivered there.
        type: bool
        default: false
      unchanged:
        description:
          - Whether it is certain that the sink holds what it held before.
        type: bool
        default: false
      before:
        description:
          - A fingerprint of what was there.
        type: str
      after:
        description:
          - A fingerprint of what is there.
        type: str
      restored:
        description:
          - Whether the copy from before is back.
        type: bool
      msg:
        description:
          - What went wrong.
        type: str
      held:
        description:
          - The secret that was there. Another token's that is alive is not replaced.
        type: str
      found:
        description:
          - What was read there. V(secret) is a secret, whichever token it is of, or a word that is none. V(nothing) is no secret. V(other) is something
            that a secret must not replace. Left out if the sink was not read.
        type: str
        choices: [secret, nothing, other]
      mark:
        description:
          - Which token the file said that its secret was issued for. That of another token that may be alive is not replaced.
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
seealso:
  - module: panelops.cpanel.api_token_delivery
  - module: panelops.cpanel.whm_api_tokens
"""

EXAMPLES = r"""
- name: Which tokens are due, and why?
  panelops.cpanel.api_token_rotation:
    step: decide
    host: "{{ whm_host }}"
    api_token: "{{ whm_admin_token }}"
    tokens:
      - name: monitoring
        acls: [list-accts]
        expires_in: 90d
        rotate_before: 14d
        sinks:
          - {type: file, hosts: [localhost], path: "{{ secrets_dir }}/monitoring"}
  check_mode: true
"""

RETURN = r"""
report:
  description: How each token stands, without secrets. Times are in Unix seconds of the server's clock.
  returned: always, once the server has answered
  type: list
  elements: dict
  contains:
    account:
      description: The account whose token it is.
      returned: for tokens of accounts that are reached through WHM
      type: str
      sample: alice
    name:
      description: The token's name.
      returned: success
      type: str
      sample: monitoring
    state:
      description:
        - V(fine) if it is not due, V(healing) if it is not due and a sink of it gets a copy of the live secret, V(due), V(waiting) if it is due and left
          to a later run, V(queued) if its wave has not begun, V(staged), V(promoted), V(failed) if its old token is as it was, V(unpromoted) if the
          new one is delivered and works, but does not have the name yet, V(taken_over) if another run has put a younger token in its place,
          V(uncertain) if another run has rotated the token while your tasks ran, so that the consumer may hold either secret.
      returned: success
      type: str
      sample: due
    reason:
      description:
        - Why it is due, one of V(missing), V(unfinished), V(expired), V(forced), V(limits), V(lifetime), V(max_age) and V(rotate_before).
        - V(sink_missing) if sinks hold no secret, V(sink_stale) if one of them holds a secret that is not the live one. With these two the token rotates
          only if its RV(report[].state) is V(due). Otherwise the sinks get a copy.
      returned: if it is due, or a sink of it gets a copy
      type: str
      sample: rotate_before
    detail:
      description: The same as a text.
      returned: if it is due, or a sink of it gets a copy
      type: str
      sample: it expires at 2030-01-31T18:00:00Z
    create_time:
      description: When the live token was created.
      returned: if there is one
      type: int
      sample: 1767225600
    expires_at:
      description: When the live token expires.
      returned: if it does
      type: int
      sample: 1775001600
    new_create_time:
      description: When its successor was created.
      returned: after O(step=stage)
      type: int
      sample: 1773792000
    new_expires_at:
      description: When its successor expires.
      returned: if it does
      type: int
      sample: 1781568000
    next_due:
      description: When the token will be due.
      returned: if it ever will
      type: int
      sample: 1780358400
    waits:
      description: Why the token waits although it is due.
      returned: if O(window), O(limit) or O(stop_after) leaves it to a later run
      type: str
      sample: It waits for the window, which opens at 2026-06-02T20:00:00Z.
    waits_until:
      description: Until when the token waits. If O(limit) leaves it to a later run, the time from which it does not wait any longer.
      returned: if it waits, and the time is known
      type: int
      sample: 1780430400
    retired:
      description: The names of retired tokens that were revoked (in check mode, would be).
      returned: success
      type: list
      elements: str
      sample: [monitoring--prev-t85ck0]
    places:
      description: What the sinks of the token hold, one entry for each sink and host. Only sinks that can be read are listed.
      returned: from O(step=compare) on, for tokens whose sinks were read
      type: list
      elements: dict
      contains:
        sink:
          description: The number of the sink in its token, from 0 on.
          returned: always
          type: int
          sample: 0
        host:
          description: The host. Empty for a store, which is on no host.
          returned: always
          type: str
          sample: mon1
        type:
          description: The type of the sink.
          returned: always
          type: str
          sample: file
        holds:
          description:
            - V(live) is the live secret. V(missing) is no secret. V(retired) and V(staged) are secrets of the token's own retired and staged tokens.
              V(dead) is a secret that the server refuses, or something that has not the shape of a secret.
            - V(other) is something that a secret must not replace, such as the live secret of another token. V(unproven) is a secret of which nobody can say
              whether it is the live one. V(unknown) means that the sink could not be read, or that its secret could not be tried.
          returned: always
          type: str
          sample: missing
        heals:
          description: Whether the sink gets a copy of the live secret. In check mode, whether it would.
          returned: if it does
          type: bool
          sample: true
      sample:
        - {sink: 0, host: mon1, type: file, holds: live}
        - {sink: 1, host: mon2, type: file, holds: missing, heals: true}
    healed:
      description: The sinks that have got a copy of the live secret, as messages call them.
      returned: after O(step=settle), if there are any
      type: list
      elements: str
      sample: ["the file sink mon2:/etc/monitoring/token"]
    msg:
      description: What went wrong.
      returned: if something did
      type: str
      sample: "the file sink mon1:/etc/monitoring/token: path: there is no folder /etc/monitoring. Create it before. Nothing was changed."
rotation:
  description: The same with what the next step needs, for its O(rotation). After O(step=stage) it holds secrets.
  returned: always, once the server has answered
  type: list
  elements: dict
  sample: []
waves:
  description: In how many waves the tokens go that are due.
  returned: with O(step=decide), O(step=compare) and O(step=settle), if there is more than one
  type: int
  sample: 3
reading:
  description:
    - Whether RV(hosts) and RV(stores) are sinks of tokens that are not due, for the step V(read) of M(panelops.cpanel.api_token_delivery) and
      M(panelops.cpanel.api_token_store). What comes of it is the O(sinks) of O(step=compare), which returns the work for the tokens that are due.
  returned: with O(step=decide), if there are any
  type: bool
  sample: true
copying:
  description:
    - Whether RV(hosts) and RV(stores) are sinks that get a copy of the live secret, for the step V(deliver) of these modules. They then hold secrets. What
      comes of it is the O(sinks) of O(step=settle), which returns the work for the tokens that are due.
  returned: with O(step=compare), if there are any and it is not check mode
  type: bool
  sample: true
left_out:
  description: The tokens of O(tokens) that O(only) leaves out, each with C(account) and C(name).
  returned: with O(step=decide), if there are any
  type: list
  elements: dict
  sample: []
suspended:
  description: The accounts that O(tokens[].accounts) stands for and that were skipped because they are suspended.
  returned: with O(step=decide)
  type: list
  elements: str
  sample: []
hosts:
  description: The work for M(panelops.cpanel.api_token_delivery), by host. After O(step=stage), and with RV(copying), it holds secrets.
  returned: always, once the server has answered
  type: list
  elements: dict
  contains:
    host:
      description: The host.
      returned: success
      type: str
      sample: mon1
    implied:
      description: Whether it is the controller because the task names no host, so that nothing there needs another user.
      returned: success
      type: bool
      sample: false
    sinks:
      description: What to give to the module there.
      returned: success
      type: list
      elements: dict
      sample: []
stores:
  description: The work for M(panelops.cpanel.api_token_store). After O(step=stage), and with RV(copying), it holds secrets.
  returned: always, once the server has answered
  type: list
  elements: dict
  sample: []
notify:
  description: The handlers to notify, each with the hosts that have a new copy. A handler for tokens without a file on a host has none.
  returned: always, once the server has answered
  type: dict
  sample: {Restart the monitoring: [mon1]}
check_mode:
  description: Whether the step ran in check mode. A task's own C(check_mode) counts, not only the command line's.
  returned: always, once the server has answered
  type: bool
  sample: false
tasks_hosts:
  description:
    - The hosts that the tasks of sinks of the type V(tasks) run on (C(runs_on)), as far as their files tell, each once, with the evidence
      of these sinks for the cases that it cannot be reached (C(if_gone)) and that it does not answer in time (C(if_slow)).
  returned: with O(step=decide), O(step=compare), O(step=settle) and O(step=begin), unless RV(reading) or RV(copying), on the controller
  type: list
  elements: dict
  sample: []
task_sinks:
  description: Sinks that the play checks, fills or rolls back by tasks, each with the number of its token in RV(rotation) (C(entry)).
  returned: always, once the server has answered
  type: list
  elements: dict
  sample: []
withdrawing:
  description: Whether there are successors that were not promoted and may be withdrawn.
  returned: with O(step=promote)
  type: bool
  sample: false
"""

from ansible_collections.panelops.cpanel.plugins.module_utils._modules.api_token_rotation import ARGUMENT_SPEC, run
from ansible_collections.panelops.cpanel.plugins.module_utils._task.module import run_module


def main() -> None:
    run_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
