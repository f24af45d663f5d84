# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The consumers of docs/consumers.md as the page shows them: files, entries of ``rotate_tokens``, commands and their output."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import yaml

from tests.support.blocks import Block, all_blocks
from tests.support.limits import patience
from tests.support.paths import REPOSITORY

PAGE = REPOSITORY / "docs" / "consumers.md"
URL = "https://server.example.com:2083"
"""What the page calls the server."""


@dataclass(frozen=True)
class Consumer:
    """A command of the page, and what it prints."""

    command: str
    shown: str


def blocks(language: str) -> list[Block]:
    """Return the blocks of the page in a language."""
    return [block for block in all_blocks(PAGE.read_text(encoding="utf-8")) if block.language == language]


def consumers() -> list[Consumer]:
    """Return the commands that the page tries."""
    pairs = (block.text.removeprefix("$ ").partition("\n") for block in blocks("console"))
    return [Consumer(command, shown) for command, _end, shown in pairs]


def tokens(root: Path) -> list[dict]:
    """Return the entries of the page, with all files below a folder and owned by this user."""
    found = [
        entry for block in blocks("yaml") if not block.file for entry in yaml.safe_load(block.text)["rotate_tokens"]
    ]
    for entry in found:
        for sink in entry["sinks"]:
            if sink["type"] == "file":
                sink["path"] = f"{root}{sink['path']}"
                if "owner" in sink:
                    sink |= {"owner": str(os.getuid()), "group": str(os.getgid())}
    return found


def files() -> dict[str, str]:
    """Return the files that the page has its readers write, by their absolute paths."""
    return {
        block.file: block.text for block in all_blocks(PAGE.read_text(encoding="utf-8")) if block.file.startswith("/")
    }


def write_files(root: Path, url: str) -> None:
    """Write them below a folder, mode 0600, with the URL of the server; and the folders of sinks that make their file."""
    for name, text in files().items():
        path = root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(URL, url), encoding="utf-8")
        path.chmod(0o600)
    for entry in tokens(root):
        for sink in entry["sinks"]:
            if sink["type"] == "file":
                Path(sink["path"]).parent.mkdir(parents=True, exist_ok=True)


@dataclass(frozen=True)
class Machine:
    """Where consumers run: their files are below ``root``, and the deploy job reads the secret ``secret`` of the store."""

    root: Path
    secret: str
    environment: Mapping[str, str]

    def run(self, consumer: Consumer) -> subprocess.CompletedProcess[str]:
        """Run a consumer's command."""
        there = re.sub(r"(?<=[ =])/(?=home/(acme|backup)|etc/)", f"{self.root}/", consumer.command)
        return subprocess.run(
            ["sh", "-c", there.replace("ci/deploy", self.secret)],
            cwd=REPOSITORY,
            env={"HOME": str(self.root), **self.environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=patience(60),
            check=False,
        )

    def all_work(self) -> None:
        """Run all consumers, each of which must print what the page shows."""
        with ThreadPoolExecutor(2) as pool:
            for consumer, ran in zip(consumers(), pool.map(self.run, consumers()), strict=True):
                assert (ran.returncode, ran.stdout) == (0, consumer.shown), (
                    f"{consumer.command}: {ran.stdout}{ran.stderr}"
                )

    def work_until(self, over: Event) -> int:
        """Run all consumers in turn, each of which must work, until something is over; return how many rounds that were."""
        rounds = 0
        while not over.is_set():
            self.all_work()
            rounds += 1
        return rounds

    def refusals(self) -> list[tuple[int, str]]:
        """Run all consumers; return their exit statuses, and what they printed about it."""
        with ThreadPoolExecutor(2) as pool:
            return [(ran.returncode, ran.stdout + ran.stderr) for ran in pool.map(self.run, consumers())]
