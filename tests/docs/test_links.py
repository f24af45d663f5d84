# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pages point at is there: links, files, targets of make, modules, roles and plugins."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.blocks import PAGES
from tests.support.paths import REPOSITORY

NAMESPACE = "panelops.cpanel."
CONTENT = {
    path.stem
    for kind in ("modules", "lookup", "callback", "filter")
    for path in REPOSITORY.glob(f"plugins/{kind}/[!_]*.py")
}
CONTENT |= {path.name for path in REPOSITORY.glob("roles/*")} | {
    path.stem for path in REPOSITORY.glob("playbooks/*.yml")
}
GROUPS = {"whm", "cpanel"}
TARGETS = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
TOP = {path.name for path in REPOSITORY.iterdir()} - {".cache"}

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if target.startswith(("https://", "mailto:")):
            continue
        path, _hash, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), target
        assert linked.is_relative_to(REPOSITORY), target
        assert not anchor or anchor in anchors(linked), target


@each_page
def test_only_what_exists_is_named(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for name in re.findall(r"\bpanelops\.cpanel\.(?!git)([a-z_]+)", text):
        assert name in CONTENT | GROUPS, f"{NAMESPACE}{name}"
    for target in re.findall(r"\bmake ([a-z]+(?:-[a-z]+)*)\b(?=`|$|  |\n)", text, re.MULTILINE):
        assert target in TARGETS, f"make {target}"
    for path in re.findall(r"`([\w.-]+/[\w./-]+)`", text):
        if path.split("/")[0] in TOP and "NAME" not in path:
            assert (REPOSITORY / path).exists(), path
