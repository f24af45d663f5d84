# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m token_server``."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from token_server.options import Options, PackOptions, parse
from token_server.refusals import ServerError


def main() -> int:
    """Do what the command line says and return the exit status."""
    options = parse()
    try:
        # Imported here so that --help and mistakes are answered at once, and a missing package gets its sentence.
        if isinstance(options, Options):
            from token_server.server import serve

            serve(options)
        else:
            from token_server import archives

            print(archives.pack(options) if isinstance(options, PackOptions) else archives.restore(options))
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


if __name__ == "__main__":
    sys.exit(main())
