# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The targets of ansible-test integration are the scenarios of molecule, and have all their files and requirements."""

from __future__ import annotations

import pytest

from tests.support.paths import REPOSITORY

SCENARIOS = sorted(path.parent.name for path in REPOSITORY.glob("extensions/molecule/*/molecule.yml"))
TARGETS = REPOSITORY / "tests" / "integration" / "targets"


def requirements(file: str) -> set[str]:
    lines = (REPOSITORY / file).read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def test_each_scenario_is_a_target() -> None:
    assert sorted(path.name for path in TARGETS.iterdir()) == sorted(f"scenario_{name}" for name in SCENARIOS)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_target_names_the_files_that_it_needs(scenario: str) -> None:
    aliases = (TARGETS / f"scenario_{scenario}" / "aliases").read_text(encoding="utf-8").split()
    molecule = REPOSITORY / "extensions" / "molecule"
    needed = [
        molecule / "config.yml",
        *(file for part in ("shared", scenario) for file in (molecule / part).glob("*.yml")),
    ]
    needed.append(REPOSITORY / "tests" / "integration" / "run_scenario.py")
    assert sorted(aliases) == sorted(f"needs/file/{file.relative_to(REPOSITORY)}" for file in needed)


def test_the_requirements_are_those_of_modules_and_server() -> None:
    wanted = requirements("requirements.txt") | requirements("token_server/requirements.txt")
    assert requirements("tests/integration/requirements.txt") == wanted
