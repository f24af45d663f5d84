# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of ``python -m token_server``."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from token_server.refusals import ServerError


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line, serve, and return the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if bool(options.login_failures) != bool(options.login_lockout):
        parser.error("--login-failures and --login-lockout belong together")
    ports = (options.whm_port, options.whm_plain_port, options.cpanel_port, options.cpanel_plain_port)
    if all(port is None for port in ports):
        parser.error('all ports are "off": there is nothing to serve')
    try:
        # Imported here so that --help and mistakes are answered at once.
        from token_server.serve import Options, serve

        serve(
            Options(
                state=options.state,
                host=options.host,
                whm_port=options.whm_port,
                whm_plain_port=options.whm_plain_port,
                cpanel_port=options.cpanel_port,
                cpanel_plain_port=options.cpanel_plain_port,
                control_port=options.control_port,
                fixture=options.fixture,
                ready_file=options.ready_file,
                tls_names=options.tls_name,
                login_failures=options.login_failures,
                login_lockout=options.login_lockout,
            )
        )
    except ModuleNotFoundError as error:
        requirements = Path(__file__).with_name("requirements.txt")
        print(
            f"token_server: The package {error.name} is missing: pip install -r {shlex.quote(str(requirements))}",
            file=sys.stderr,
        )
        return 1
    except ServerError as error:
        print(f"token_server: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="token_server", description="A reference server for cPanel & WHM API tokens.")
    commands = parser.add_subparsers(dest="command", required=True)
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


def _duration(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e9:
        raise argparse.ArgumentTypeError(f'"{text}" is not a number of seconds above 0')
    return seconds
