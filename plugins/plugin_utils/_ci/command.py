# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a command with a CI token in its environment, and revoke the token when the command has ended: for jobs without Ansible."""

from __future__ import annotations

import argparse
import os
import signal
import sys

from ansible_collections.panelops.cpanel.plugins.module_utils._model.expiry import to_iso
from ansible_collections.panelops.cpanel.plugins.module_utils._task.outcome import CREDENTIALS

from .channel import AgentFailed, Message
from .client import absolute_path, end_agent, secret_from_agent
from .processes import Process, this_process

_NOT_STARTED, _NOT_EXECUTABLE, _NOT_FOUND = 125, 126, 127
"""Exit statuses as those of env(1) and the shells."""
_END = 60
"""Seconds to wait for the revocation; after that the agent continues alone."""
_FORWARDED = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2}
_BY_KERNEL = 0x80


def main(arguments: list[str]) -> int:
    """Run the command and return its exit status; 128 plus the number of the signal if one ended it."""
    split = arguments.index("--") if "--" in arguments else len(arguments)
    options, command = _parser().parse_args(arguments[:split]), arguments[split + 1 :]
    if not command:
        return _say("no command is given; write it after --", _NOT_STARTED)
    run = this_process()
    try:
        secret = secret_from_agent(run, _request(options), 10 + 8 * options.timeout)
    except AgentFailed as error:
        return _say(str(error), _NOT_STARTED)
    variable = options.env or ("CPANEL_API_TOKEN" if options.service == "cpanel" else "WHM_API_TOKEN")
    environment = {name: value for name, value in os.environ.items() if name not in CREDENTIALS}
    status = _run(command, {**environment, variable: secret})
    _revoke(run)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="with_ci_token.py",
        usage="%(prog)s PURPOSE [OPTION...] -- COMMAND [ARGUMENT...]",
        description="Run a command with a short-lived API token in its environment; revoke the token when it has ended.",
        epilog="The credential comes from WHM_API_TOKEN or WHM_PASSWORD; for an account's own token, from CPANEL_API_TOKEN or "
        "CPANEL_PASSWORD. The command does not get to see these. The other options of the connection can come from the "
        "environment too (WHM_HOST, ...).",
    )
    parser.add_argument("purpose", help="what the token is for; becomes a part of its name")
    parser.add_argument("--service", choices=("whm", "cpanel"), default="whm")
    parser.add_argument("--account", help="the cPanel account whose token to create through WHM")
    parser.add_argument("--acl", action="append", dest="acls", metavar="ACL", help="a privilege (WHM); repeatable")
    parser.add_argument("--whitelist-ip", action="append", dest="whitelist_ips", metavar="IP", help="repeatable")
    parser.add_argument("--readonly", action="store_true", default=None, help="a token that can only read (cPanel)")
    parser.add_argument("--ttl", default="1h", help="how long the token lives at most (1h)")
    parser.add_argument("--env", metavar="NAME", help="the variable to put it in (WHM_API_TOKEN or CPANEL_API_TOKEN)")
    parser.add_argument("--host")
    parser.add_argument("--port")
    parser.add_argument("--username")
    parser.add_argument("--ca-path", type=absolute_path)
    parser.add_argument("--no-validate-certs", action="store_false", dest="validate_certs", default=None)
    parser.add_argument("--timeout", type=int, default=30, help="seconds to wait for each answer (30)")
    return parser


def _request(options: argparse.Namespace) -> Message:
    params = {name: value for name, value in vars(options).items() if name != "env"}
    prefix = "CPANEL_" if options.service == "cpanel" and options.account is None else "WHM_"
    environ = {name: value for name, value in os.environ.items() if name.startswith(prefix)}
    # The agent has a working directory of its own.
    environ[f"{prefix}CA_PATH"] = absolute_path(environ.get(f"{prefix}CA_PATH", ""))
    return dict(params=dict(params, api_token=None, password=None), environ=environ)


def _run(command: list[str], environment: dict[str, str]) -> int:
    """Run the command and return its exit status. Signals sent to us are forwarded; those of the terminal reach it anyway."""
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, *_FORWARDED})
    try:
        child = os.posix_spawnp(command[0], command, environment, setsigmask=before)
    except FileNotFoundError:
        return _say(f"there is no command {command[0]}", _NOT_FOUND)
    except OSError as error:
        return _say(f"{command[0]} cannot be started ({error.strerror})", _NOT_EXECUTABLE)
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code
        number = _next_signal()
        if number in _FORWARDED:
            os.kill(child, number)


def _next_signal() -> int:
    """Wait for a signal and return its number; 0 for one of the terminal, which reaches the command anyway."""
    if not hasattr(signal, "sigwaitinfo"):
        return signal.sigwait({signal.SIGCHLD, *_FORWARDED})
    info = signal.sigwaitinfo({signal.SIGCHLD, *_FORWARDED})
    return 0 if info.si_code == _BY_KERNEL else info.si_signo


def _revoke(run: Process) -> None:
    try:
        tokens = end_agent(run, _END)
    except AgentFailed as error:
        _say(f"{error} It goes on trying to revoke the token.", 0)
        return
    if tokens is None:
        _say("the CI token agent is gone, so the token was not revoked; it expires by itself", 0)
        return
    for token in tokens:
        if not token["revoked"]:
            expiry = "never" if token["expires_at"] is None else to_iso(token["expires_at"])
            _say(f"{token['name']} is not revoked, and expires {expiry}: {token['problem']}", 0)


def _say(sentence: str, status: int) -> int:
    print(f"with_ci_token.py: {sentence}", file=sys.stderr)
    return status
