# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reader who does what a page says: every block in its order, in one bash, in an empty folder."""

from __future__ import annotations

import re
import shlex

import yaml

from tests.support.blocks import Block
from tests.support.paths import REPOSITORY


def script(blocks: list[Block]) -> str:
    """One bash script of the blocks, which ends at the first failure and says in which block that was."""
    parts = ["set -euo pipefail", """trap 'test $? = 0 || echo "failed in the block at line $block" >&2' EXIT"""]
    for block in blocks:
        parts += [f"block={block.line}", _commands(block)]
    return "\n".join(parts)


def _commands(block: Block) -> str:
    if block.file:
        return _saved(block.file, block.text)
    if block.language == "text":
        return ":"
    if block.language == "bash":
        return block.text
    if block.language == "console":
        lines = re.findall(r"^\$ ((?:.*\\\n)*.*)$", block.text, re.MULTILINE)
        if lines:
            return "\n".join(lines)
    if block.language == "yaml" and isinstance(yaml.safe_load(block.text), dict):
        return _checked_variables(block)
    if block.language == "yaml":
        name = f"block-{block.line}.yml"
        return _saved(name, _playbook(block)) + f"\nansible-playbook {name}"
    raise AssertionError(f"line {block.line}: nobody knows what to do with a block {block.kind!r}")


def _checked_variables(block: Block) -> str:
    """Variables of a role alone are not run, but each must be one that a role has."""
    known = {
        option
        for file in REPOSITORY.glob("roles/*/meta/argument_specs.yml")
        for option in yaml.safe_load(file.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    }
    unknown = sorted(set(yaml.safe_load(block.text)) - known)
    if unknown:
        raise AssertionError(
            f"line {block.line}: no role has {', '.join(unknown)}; give the block a file name if it is no variables"
        )
    return ":"


def _playbook(block: Block) -> str:
    content = yaml.safe_load(block.text)
    if all("hosts" in play or "ansible.builtin.import_playbook" in play for play in content):
        return block.text
    head = "- name: The tasks of a block\n  hosts: localhost\n  gather_facts: false\n  tasks:\n"
    return head + "".join(f"    {line}" for line in block.text.splitlines(keepends=True))


def _saved(name: str, text: str) -> str:
    folder = f'mkdir -p "$(dirname {shlex.quote(name)})"\n' if "/" in name else ""
    return f"{folder}cat >{shlex.quote(name)} <<'END OF FILE'\n{text}END OF FILE"
