# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the commands of ``python -m token_server``, and the command lines that give them."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from pathlib import Path

from token_server import dialects

LOG_SIZE = 10 * 1024 * 1024
"""Bytes after which a log file is rotated."""


@dataclass(slots=True)
class Options:
    """The options of ``serve``. A port of 0 is any free one, None is not served."""

    state: Path
    host: str = "127.0.0.1"
    whm_port: int | None = 2087
    whm_plain_port: int | None = 2086
    cpanel_port: int | None = 2083
    cpanel_plain_port: int | None = 2082
    control_port: int | None = None
    fixture: Path | None = None
    ready_file: Path | None = None
    tls_names: list[str] = field(default_factory=list)
    login_failures: int = 0
    login_lockout: float = 0.0
    dialect: dialects.Dialect = field(default_factory=dialects.Dialect)
    log_size: int = LOG_SIZE


@dataclass(frozen=True, slots=True)
class PackOptions:
    """The options of ``pack``."""

    state: Path
    user: str
    file: Path


@dataclass(frozen=True, slots=True)
class RestoreOptions:
    """The options of ``restore``."""

    state: Path
    file: Path
    skip_api_tokens: bool


def parse(arguments: list[str] | None = None) -> Options | PackOptions | RestoreOptions:
    """Return the options of a command line (default: this process's own). Mistakes and ``--help`` end the process."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.command == "pack":
        return PackOptions(given.state, given.user, given.file)
    if given.command == "restore":
        return RestoreOptions(given.state, given.file, given.skip_api_tokens)
    if bool(given.login_failures) != bool(given.login_lockout):
        parser.error("--login-failures and --login-lockout belong together")
    ports = (given.whm_port, given.whm_plain_port, given.cpanel_port, given.cpanel_plain_port)
    if all(port is None for port in ports):
        parser.error('all ports are "off": there is nothing to serve')
    try:
        dialect = dialects.parse(given.dialect)
    except ValueError as error:
        parser.error(f"--dialect {error}")
    return Options(
        state=given.state,
        host=given.host,
        whm_port=given.whm_port,
        whm_plain_port=given.whm_plain_port,
        cpanel_port=given.cpanel_port,
        cpanel_plain_port=given.cpanel_plain_port,
        control_port=given.control_port,
        fixture=given.fixture,
        ready_file=given.ready_file,
        tls_names=given.tls_name,
        login_failures=given.login_failures,
        login_lockout=given.login_lockout,
        dialect=dialect,
        log_size=given.log_size,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="token_server", description="A reference server for cPanel & WHM API tokens.")
    commands = parser.add_subparsers(dest="command", required=True)
    pack = commands.add_parser("pack", help="write an account with its API tokens to a file")
    restore = commands.add_parser("restore", help="make an account as it was when it was packed, with its API tokens")
    for command in (pack, restore):
        command.add_argument("--state", type=Path, required=True, metavar="DIR", help="the state folder of a server")
    pack.add_argument("--user", required=True, metavar="NAME", help="the account")
    pack.add_argument("file", type=Path, metavar="FILE", help="the archive to write")
    restore.add_argument("file", type=Path, metavar="FILE", help="the archive to read")
    restore.add_argument(
        "--skip-api-tokens", action="store_true", help="leave the API tokens of the account as they are"
    )
    serve = commands.add_parser("serve", help="run the server in the foreground")
    serve.add_argument("--state", type=Path, required=True, metavar="DIR", help="folder for everything that is kept")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    ports = (
        ("--whm-port", 2087, "WHM over TLS"),
        ("--whm-plain-port", 2086, "WHM without TLS"),
        ("--cpanel-port", 2083, "cPanel over TLS"),
        ("--cpanel-plain-port", 2082, "cPanel without TLS"),
        ("--control-port", None, "the control port, on 127.0.0.1"),
    )
    for flag, default, what in ports:
        shown = "off" if default is None else default
        text = f'{what}; 0: any free port, "off": not served (default: {shown})'
        serve.add_argument(flag, type=_port, default=default, metavar="PORT", help=text)
    serve.add_argument("--fixture", type=Path, metavar="FILE", help="YAML file with the accounts to begin with")
    serve.add_argument("--ready-file", type=Path, metavar="FILE", help="JSON file written when all ports listen")
    serve.add_argument(
        "--tls-name", action="append", default=[], metavar="NAME", help="another name for the certificate (repeatable)"
    )
    serve.add_argument(
        "--login-failures", type=_count, default=0, metavar="N", help="lock an address out after N wrong passwords"
    )
    serve.add_argument(
        "--login-lockout", type=_duration, default=0.0, metavar="SECONDS", help="how long it stays locked out"
    )
    choices = ", ".join(f"{name}={'|'.join(values)}" for name, values in dialects.CHOICES.items())
    serve.add_argument(
        "--dialect",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=f"how to answer where versions differ (repeatable): {choices}",
    )
    serve.add_argument(
        "--log-size",
        type=_size,
        default=LOG_SIZE,
        metavar="BYTES",
        help="rotate a log file beyond this size; 0: write none (default: %(default)s)",
    )
    return parser


def _port(text: str) -> int | None:
    if text == "off":
        return None
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f'"{text}" is neither a port (0 to 65535) nor "off"')
    return int(text)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f'"{text}" is not a whole number from 1')
    return int(text)


def _size(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) >= 2**62:
        raise argparse.ArgumentTypeError(f'"{text}" is not a number of bytes')
    return int(text)


def _duration(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e9:
        raise argparse.ArgumentTypeError(f'"{text}" is not a number of seconds above 0')
    return seconds
