# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One short-lived API token per run."""

from __future__ import annotations

DOCUMENTATION = r"""
name: ci_token
short_description: A short-lived API token for this run, revoked when the run ends
version_added: 1.0.0
author:
  - panelops contributors (@panelops)
description:
  - Creates an API token of WHM or of a cPanel account and returns its secret.
  - However often it is templated, by however many hosts and forks, one run of Ansible has one token for each set of options. It may stand
    in C(vars).
  - When the run ends, the token is revoked within seconds, whether the run has succeeded, failed, or was interrupted or killed.
    Should even that be impossible, it expires by O(ttl), and the next run that creates a token of the same owner clears it away.
  - In check mode no token is created. V(no-token-in-check-mode) is returned in its place.
options:
  _terms:
    description:
      - What the token is for, such as V(deploy-prod). It becomes a part of the token's name.
      - 1 to 24 letters, digits, dashes and underscores, a letter or digit first.
    type: list
    elements: str
    required: true
  service:
    description:
      - V(whm) for a token of WHM, of O(username) itself.
      - V(cpanel) for a token of a cPanel account, which can do all that the account can.
    type: str
    choices: [whm, cpanel]
    default: whm
  account:
    description:
      - With O(service=cpanel), the account whose token to create, asked for through WHM by V(root) or by the reseller that owns it.
      - If it is not given, the connection is one to cPanel, and the token is one of O(username) itself.
    type: str
  acls:
    description:
      - The privileges of a token of WHM, needed with O(service=whm). V(all) is possible, but never implied.
    type: list
    elements: str
  whitelist_ips:
    description:
      - With O(service=whm), the addresses and ranges that may use the token. If it is not given, any may.
    type: list
    elements: str
    aliases: [allowed_ips]
  readonly:
    description:
      - With O(service=cpanel), whether the token can only read. Needs a server that knows this, of version 138 or newer.
    type: bool
  ttl:
    description:
      - How long the token lives, for example V(20m) or V(2h). At least 5 seconds, and at most a day. A unit is needed.
      - Within the run it is renewed when half of that or less is left. WHM gives the same token another life. A cPanel account gets another
        token, and the one before lives to its end or that of the run.
    type: str
    default: 1h
  host:
    description:
      - Name or address of the server, without C(https://), path or port.
      - If it is not given, the environment variable E(WHM_HOST) is used; for an account itself, E(CPANEL_HOST). As for all options of
        the connection, the variables are those of C(ansible-playbook), not of a task, and go before the configuration file.
    type: str
    vars:
      - name: panelops_cpanel_host
    ini:
      - section: panelops_cpanel
        key: host
  port:
    description:
      - The TLS port of the service. The environment variables are E(WHM_PORT) and E(CPANEL_PORT), the defaults V(2087) and V(2083).
    type: str
    vars:
      - name: panelops_cpanel_port
    ini:
      - section: panelops_cpanel
        key: port
  username:
    description:
      - Who asks. The environment variables are E(WHM_USERNAME) and E(CPANEL_USERNAME). On WHM the default is V(root).
    type: str
    vars:
      - name: panelops_cpanel_username
    ini:
      - section: panelops_cpanel
        key: username
  api_token:
    description:
      - The secret of an API token of O(username). On WHM it needs the privilege V(manage-api-tokens), and V(cpanel-api) for an O(account),
        and all the privileges in O(acls).
      - Give this or O(password). The environment variables are E(WHM_API_TOKEN) and E(CPANEL_API_TOKEN).
    type: str
    vars:
      - name: panelops_cpanel_api_token
  password:
    description:
      - The password of O(username). The environment variables are E(WHM_PASSWORD) and E(CPANEL_PASSWORD).
    type: str
    vars:
      - name: panelops_cpanel_password
  validate_certs:
    description:
      - V(true) or V(false), whether the server's TLS certificate must be trusted and hold the name O(host). The environment variables are
        E(WHM_VALIDATE_CERTS) and E(CPANEL_VALIDATE_CERTS), the default is V(true).
    type: str
    vars:
      - name: panelops_cpanel_validate_certs
    ini:
      - section: panelops_cpanel
        key: validate_certs
  ca_path:
    description:
      - A PEM file with the certificate authorities to trust instead of those of the system. The environment variables are E(WHM_CA_PATH)
        and E(CPANEL_CA_PATH).
    type: path
    vars:
      - name: panelops_cpanel_ca_path
    ini:
      - section: panelops_cpanel
        key: ca_path
  timeout:
    description:
      - How many seconds to wait for a connection to the server, and for each of its answers.
    type: str
    default: "30"
    vars:
      - name: panelops_cpanel_timeout
    ini:
      - section: panelops_cpanel
        key: timeout
requirements:
  - requests (on the controller)
notes:
  - Options that the lookup does not know are refused, so a misspelled one cannot leave a token without a limit.
  - Of the options of the connection, white space around a value is ignored (of a password, only a final line end), C(~) is expanded in
    O(ca_path), and an empty value counts as one that is not given. The same holds for the environment variables.
  - A task that gets the secret shows it like any other of its options (V(-vvv) shows them all) unless it has C(no_log=true) or the option
    hides it itself, as O(panelops.cpanel.whm_api_token_info#module:api_token) does.
  - A process of its own holds the token and ends it. It is started by the first host that asks, does not stand in the run's process
    group, and keeps the secret and the credential in its memory only. Where all processes are killed together, as when a container ends
    with its first process, let P(panelops.cpanel.ci_token#callback) revoke the token before that.
  - Whether a task runs in check mode is known, too, where it says so itself with C(check_mode).
seealso:
  - plugin: panelops.cpanel.ci_token
    plugin_type: callback
  - module: panelops.cpanel.whm_api_token
  - module: panelops.cpanel.cpanel_api_token
"""

EXAMPLES = r"""
- name: List the tokens of a server with a token that can do nothing else than manage tokens, and ends with the run
  panelops.cpanel.whm_api_token_info:
    host: "{{ whm_host }}"
    api_token: "{{ token }}"
  vars:
    panelops_cpanel_host: "{{ whm_host }}"
    panelops_cpanel_api_token: "{{ whm_admin_token }}"
    token: "{{ lookup('panelops.cpanel.ci_token', 'list-tokens', acls=['manage-api-tokens'], ttl='20m') }}"

- name: List the tokens of an account, as the account itself, with a token that root has made for it
  panelops.cpanel.cpanel_api_token_info:
    host: "{{ whm_host }}"
    username: alice
    api_token: "{{ lookup('panelops.cpanel.ci_token', 'look', service='cpanel', account='alice', ttl='5m') }}"
  vars:
    panelops_cpanel_host: "{{ whm_host }}"
    panelops_cpanel_api_token: "{{ whm_admin_token }}"
"""

RETURN = r"""
_raw:
  description: The secret, for each purpose.
  type: list
  elements: str
"""

import difflib
import multiprocessing
import os
from collections.abc import Mapping

from ansible.errors import AnsibleLookupError
from ansible.executor.process.worker import WorkerProcess
from ansible.plugins.lookup import LookupBase
from ansible_collections.panelops.cpanel.plugins.plugin_utils._ci.channel import AgentFailed
from ansible_collections.panelops.cpanel.plugins.plugin_utils._ci.client import absolute_path, secret_from_agent
from ansible_collections.panelops.cpanel.plugins.plugin_utils._ci.processes import (
    Process,
    process,
    this_process,
)

PLACEHOLDER = "no-token-in-check-mode"
"""The value of the lookup in check mode, instead of a secret."""

_WHAT = ("service", "account", "acls", "whitelist_ips", "readonly", "ttl")
_CONNECTION = ("host", "port", "username", "api_token", "password", "validate_certs", "ca_path", "timeout")
_VARIABLES = tuple(f"panelops_cpanel_{name}" for name in _CONNECTION)
_ALIASES = {"allowed_ips": "whitelist_ips"}
_ANSIBLES_OWN = "wantlist"
"""What Ansible adds to the options where the lookup stands in ``with_``."""
_DEFAULT_TIMEOUT = "30"


class LookupModule(LookupBase):
    """Asks the agent of this run, which holds the tokens."""

    def run(self, terms: list, variables: dict | None = None, **kwargs: object) -> list[str]:
        """A secret for each term."""
        variables = variables or {}
        _refuse_unknown(kwargs)
        # Ansible takes options from variables without templating them.
        own = {name: self._templated(variables[name]) for name in _VARIABLES if name in variables}
        _refuse_no_text({**own, **kwargs})
        self.set_options(var_options=_without_empty(own, _VARIABLES), direct=_without_empty(kwargs, _CONNECTION))
        if not terms:
            raise AnsibleLookupError(
                "ci_token: say what the token is for, as in lookup('panelops.cpanel.ci_token', 'deploy-prod')."
            )
        current = multiprocessing.current_process()
        worker = current if isinstance(current, WorkerProcess) else None
        requests = [self._request(str(term)) for term in terms]
        if self._checks_only(worker, variables):
            return [_checked(request) for request in requests]
        run = this_process() if worker is None else _main_process()
        if run is None:
            raise AnsibleLookupError("ci_token: this run of Ansible has ended, so it gets no token any more.")
        # Enough for every attempt of every call that a creation can need.
        timeout = str(self.get_option("timeout")).strip()
        # What is no number is refused at once.
        wait = 10 + 8 * int(timeout if timeout.isdecimal() else _DEFAULT_TIMEOUT)
        return [_secret(run, request, wait) for request in requests]

    def _templated(self, value: object) -> object:
        return value if self._templar is None else self._templar.template(value)

    def _request(self, purpose: str) -> dict[str, object]:
        """The request for the agent: the options, and the connection options in the environment."""
        params = {name: _plain(self.get_option(name)) for name in (*_WHAT, *_CONNECTION)}
        prefix = "CPANEL" if params["service"] == "cpanel" and params["account"] is None else "WHM"
        environ = {}
        for name in _CONNECTION:
            variable = f"{prefix}_{name.upper()}"
            if os.environ.get(variable):
                environ[variable] = os.environ[variable]
                if os.environ[variable].strip() and os.path.isabs(str(self._origins.get(name))):
                    params[name] = None  # From the configuration file: with Ansible the environment goes before that.
        # The agent has a working directory of its own. It refuses a NUL, at which some versions of Python would cut the path.
        for given, name in ((params, "ca_path"), (environ, f"{prefix}_CA_PATH")):
            if given.get(name) and "\0" not in str(given[name]):
                given[name] = absolute_path(str(given[name]))
        return dict(params=dict(params, purpose=purpose), environ=environ)

    def _checks_only(self, worker: WorkerProcess | None, variables: dict) -> bool:
        """Is this check mode? The task's own ``check_mode`` goes before the command line's."""
        task = getattr(worker, "_task", None)
        own = variables.get("ansible_check_mode") if task is None else task.check_mode
        # Ansible templates it later than this.
        own = self._templated(own) if isinstance(own, str) else own
        return str(own).lower() in ("true", "yes", "on", "1")


def _main_process() -> Process | None:
    """The main process of this run, asked for by a worker; ``None`` if it has ended.

    A worker can outlive a main process that was killed; os.getppid() would then name somebody else.
    """
    parent = multiprocessing.parent_process()
    return None if parent is None or parent.pid is None else process(parent.pid)


def _refuse_unknown(options: Mapping[str, object]) -> None:
    """:raises AnsibleLookupError: Ansible would ignore one of them; it may be a limit, misspelled."""
    known = (*_WHAT, *_CONNECTION, *_ALIASES)
    for name in options:
        if name not in (*known, _ANSIBLES_OWN):
            near = difflib.get_close_matches(name, known, 1)
            help_ = f"Did you mean {near[0]}?" if near else f"It has {', '.join(known)}."
            raise AnsibleLookupError(f"ci_token: {name}: is not an option of this lookup. {help_}")
    for alias, name in _ALIASES.items():
        if alias in options and name in options:
            raise AnsibleLookupError(
                f"ci_token: {name} and {alias}: both are given, and mean the same. Give one of them."
            )


def _refuse_no_text(options: Mapping[str, object]) -> None:
    """:raises AnsibleLookupError: an option of the connection is a list or a dictionary. Ansible would refuse it too, and show it."""
    for name in (*_CONNECTION, *_VARIABLES):
        if isinstance(options.get(name), (list, tuple, Mapping)):
            raise AnsibleLookupError(f"ci_token: {name}: is a list or a dictionary. Give the text that it holds.")


def _without_empty(options: Mapping[str, object], connection: tuple[str, ...]) -> dict[str, object]:
    """The options without those of the connection that are empty: they count as not given, also to what stands behind them."""
    return {name: value for name, value in options.items() if name not in connection or str(value).strip()}


def _plain(value: object) -> object:
    """An option as plain data, without the tags that Ansible attaches to values."""
    if isinstance(value, list):
        return [str(item) for item in value]
    return value if value is None or isinstance(value, (bool, int)) else str(value)


def _secret(run: Process, request: Mapping[str, object], wait: int) -> str:
    try:
        return secret_from_agent(run, request, wait)
    except AgentFailed as error:
        raise AnsibleLookupError(f"ci_token: {error}") from None


def _checked(request: Mapping[str, object]) -> str:
    """The placeholder of check mode. The options are checked, so that what is wrong with them shows there too."""
    from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError
    from ansible_collections.panelops.cpanel.plugins.plugin_utils._ci.order import order_from

    try:
        order_from(request)
    except PanelopsError as error:
        raise AnsibleLookupError(f"ci_token: {error}") from None
    return PLACEHOLDER
