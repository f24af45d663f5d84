# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/reference-server.md: every block is run, in its order, in one bash, and nothing is left out.

The first line of a block says what it is: ``bash`` is run, ``yaml file=NAME`` is saved in the reader's folder, ``json like=NAME``
has the keys of that file (of its last line, if it is a log). A block after ``<!-- not run: REASON -->`` is left out.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance.calls import UAPI_CALLS, WHM_CALLS
from tests.support.blocks import Block, all_blocks, blocks_to_run
from tests.support.paths import REPOSITORY

TEXT = (REPOSITORY / "docs" / "reference-server.md").read_text(encoding="utf-8")
BLOCKS: list[Block] = blocks_to_run(TEXT)


def script() -> str:
    """Return all blocks as one bash script that ends at the first failure and then says in which block."""
    parts = [
        "set -euo pipefail",
        # The server of the page would hold on to the output, and nobody would learn of the failure.
        """trap 'test $? = 0 || { echo "failed in the block at line $block" >&2; kill ${server-}; }' EXIT""",
    ]
    for block in BLOCKS:
        language, _space, rest = block.kind.partition(" ")
        key, _equals, name = rest.partition("=")
        parts.append(f"block={block.line}")
        if (language, rest) == ("bash", ""):
            parts.append(block.text)
        elif (language, key) == ("yaml", "file"):
            parts.append(f"cat >\"$work\"/{shlex.quote(name)} <<'END OF FILE'\n{block.text}END OF FILE")
        elif (language, rest) == ("text", ""):
            # Lines of a file, as a reader would see them; the command below them looks for its own.
            continue
        elif (language, key) == ("json", "like"):
            parts.append(f'tail -n 100 "$work"/{shlex.quote(name)} >"$work/shown-{block.line}"')
        else:
            raise AssertionError(f"line {block.line}: nobody knows what to do with a block {block.kind!r}")
    return "\n".join(parts)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the whole page, and return the folder that its reader has worked in."""
    temporary = tmp_path_factory.mktemp("reader")
    environment = {**os.environ, "TMPDIR": str(temporary)}
    done = subprocess.run(
        ["bash", "-c", script()],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (folder,) = temporary.glob("tmp.*")
    return folder


def test_the_page_runs_and_leaves_no_process_behind(work: Path) -> None:
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert not [line for line in commands if os.fsencode(work) in line]


def test_the_shown_files_have_the_keys_of_real_ones(work: Path) -> None:
    shown = [block for block in BLOCKS if block.kind.startswith("json")]
    assert len(shown) == 2
    for block in shown:
        real = (work / f"shown-{block.line}").read_text(encoding="utf-8")
        whole = json.loads(real if real.startswith("{\n") else real.splitlines()[-1])
        assert list(json.loads(block.text)) == list(whole)


def test_the_page_lists_the_files_of_the_state_folder(work: Path) -> None:
    section = TEXT.partition("## The state folder")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)
    found = list((work / "state").rglob("*"))
    assert sorted(listed) == sorted(str(path.relative_to(work / "state")) for path in found if not path.is_dir())
    readable = {path.name for path in found if path.stat().st_mode & 0o077}
    assert readable == set()


def test_no_block_is_forgotten() -> None:
    fences = [line for line in TEXT.splitlines() if line.startswith("```")]
    assert len(fences) == 2 * len(all_blocks(TEXT))
    assert len(all_blocks(TEXT)) - len(BLOCKS) == 3, (
        "the demo, the role and the installed collection, which other tests run"
    )


def test_the_page_names_every_option_function_and_fault() -> None:
    command = [sys.executable, "-m", "token_server", "serve", "--help"]
    options = re.findall(r"--[a-z-]+", subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    functions = [name for name, _parameters in WHM_CALLS + UAPI_CALLS]
    for name in {*options, *functions} - {"--help"}:
        assert f"`{name}`" in TEXT, name
    run = "".join(block.text for block in BLOCKS if block.kind == "bash")
    listed = re.findall(r"^\| `([a-z_]+)(?::[A-Z]+)?` \| .* \| (?:yes|no) \|$", TEXT, re.MULTILINE)
    assert len(listed) == 10
    for kind in listed:
        assert re.search(rf"^plan \S+ {kind}\b", run, re.MULTILINE), kind
