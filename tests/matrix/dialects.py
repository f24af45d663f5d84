# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole suites under each dialect of the reference server: ``python -m tests.matrix.dialects``, a part of ``make matrix``.

``tests/support/server.py`` starts every server in the dialect that ``PANELOPS_DIALECT`` names. Arguments are tests to run
instead of ``SUITES``.
"""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support.paths import REPOSITORY
from tests.support.speaking import ALONE, OTHERWISE

SUITES = (
    *("test_whm_api_token", "test_cpanel_api_token", "test_bulk", "test_batches", "test_reissue", "test_token_file"),
    *("test_lost_answers", "test_lost_answers_cpanel", "test_denied_changes", "test_orphans", "test_leftovers"),
    *(
        "test_rotate",
        "test_rotate_failures",
        "test_rotation_steps",
        "test_audit",
        "test_audit_rotations",
        "test_ci_token",
    ),
)
"""Modules of ``tests/integration``: the life of a token alone and in bulk, rotations, audits, CI tokens."""


def main(tests: list[str]) -> int:
    """Return the exit status: 0 if everything passed in every dialect."""
    failed = []
    for dialect in (*ALONE, OTHERWISE):
        print(f"dialect {dialect}", flush=True)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-n", "2", *tests],
            cwd=REPOSITORY,
            env={**os.environ, "PANELOPS_DIALECT": dialect},
            stdin=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            failed.append(dialect)
    print(f"failed in {'; '.join(failed)}" if failed else "all dialects passed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or [f"tests/integration/{suite}.py" for suite in SUITES]))
