# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every supported ansible-core on every Python of this machine: ``make matrix``. Writes docs/compatibility.md.

Each ansible-core gets a virtual environment with nothing else in it but the collection's one requirement; so does each Python of
a target. One run of ``suite.yml`` per ansible-core and Python manages all targets and the controller's own features.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.support.keywords import run_rows
from tests.support.openbao import openbao
from tests.support.paths import REPOSITORY
from tests.support.pythons import CACHE, TARGETS, environment, interpreter
from tests.support.server import Server, serving

PAGE = REPOSITORY / "docs" / "compatibility.md"
HVAC = "hvac==2.4.0"
REQUIREMENTS = (REPOSITORY / "requirements.txt").read_text(encoding="utf-8").splitlines()
CONTROLLERS = {
    "2.18": ("3.11", "3.12", "3.13"),
    "2.19": ("3.11", "3.12", "3.13"),
    "2.20": ("3.12", "3.13"),
    "2.21": ("3.12", "3.13"),
}
"""The Pythons that each ansible-core runs on, those that the collection knows."""
_RECAP = re.compile(r"^(\S+)\s+: ok=(\d+)\s.*\bunreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)
_PAGE = """# Compatibility

Written by `make matrix`, which runs one suite of playbooks (`tests/matrix/suite.yml`) with every ansible-core on every Python that is on
the machine: modules on targets, modules in Ansible's own process, the lookup, the roles.
Each ansible-core also runs the role `rotate` under every keyword that a playbook can pass on to it. ansible-core is installed alone, with
the collection's one requirement.

| ansible-core | on Python | controller | {targets} |
|---|---|---|{rules}|
{rows}

Measured {when}, {machine}. A column for targets names the Python that the modules ran on.
"""


def main() -> int:
    """Return the exit status: 0 if everything passed."""
    targets = {version: found for version in TARGETS if (found := interpreter(version))}
    rows, good = [], True
    with tempfile.TemporaryDirectory(prefix="matrix-") as name:
        folder = Path(name)
        # By paths without spaces: Ansible takes what follows one for an argument of the interpreter.
        for version, found in targets.items():
            (folder / f"python{version}").symlink_to(environment(f"targets/{version}", found, REQUIREMENTS))
        for core, pythons in CONTROLLERS.items():
            keywords = None
            for version in pythons:
                found = interpreter(version)
                if found is None:
                    print(f"Python {version} is not on this machine", flush=True)
                    continue
                passed, exact = _run(core, version, found, list(targets), folder)
                if keywords is None:
                    # How keywords are passed on is a matter of ansible-core, and not of the Python that it runs on.
                    keywords = _keywords(core, version, folder)
                passed["controller"] = passed["controller"] and keywords
                good = good and all(passed.values())
                marks = ["yes" if passed[host] else "**no**" for host in ("controller", *map(_host, targets))]
                rows.append(f"| {exact} | {version} | {' | '.join(marks)} |")
                print(rows[-1], flush=True)
    PAGE.write_text(
        _PAGE.format(
            targets=" | ".join(f"target {version}" for version in targets),
            rules="|".join("---" for _version in targets),
            rows="\n".join(rows),
            when=f"{datetime.now(UTC):%Y-%m-%d}",
            machine=f"{platform.system()} {platform.machine()}",
        ),
        encoding="utf-8",
    )
    print(f"Written to {PAGE.relative_to(REPOSITORY)}: {'all passed' if good else 'NOT all passed'}.")
    return 0 if good and rows else 1


def _run(core: str, version: str, python: str, targets: list[str], folder: Path) -> tuple[dict[str, bool], str]:
    """Run the suite; return for each host whether it passed, and the exact version of ansible-core."""
    venv = environment(f"matrix/{core}-{version}", python, [f"ansible-core=={core}.*", HVAC, *REQUIREMENTS])
    work = folder / f"{core}-{version}"
    work.mkdir()
    hosts = {_host(target): str(folder / f"python{target}" / "bin" / "python") for target in targets}
    (work / "inventory.json").write_text(json.dumps(_inventory(hosts, work)), encoding="utf-8")
    with serving(work) as server, openbao(work) as store:
        done = subprocess.run(
            [
                str(venv / "bin" / "ansible-playbook"),
                "-i",
                "inventory.json",
                str(REPOSITORY / "tests" / "matrix" / "suite.yml"),
            ],
            cwd=work,
            env={**_environment(server, venv, work), **store.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    recap = {host: ok != "0" and bad == lost == "0" for host, ok, lost, bad in _RECAP.findall(done.stdout)}
    passed = {host: recap.get(host, False) for host in ("controller", *hosts)}
    if done.returncode or not all(passed.values()):
        print(done.stdout, flush=True)
    said = subprocess.run([str(venv / "bin" / "ansible"), "--version"], capture_output=True, text=True, check=True)
    exact = re.search(r"core ([\d.]+)", said.stdout)
    return passed, exact[1] if exact else core


def _keywords(core: str, version: str, folder: Path) -> bool:
    """Run the role rotate under every keyword of a playbook; return whether all was as it should be."""
    venv, work = CACHE / f"matrix/{core}-{version}", folder / f"{core}-keywords"
    work.mkdir()
    with serving(work) as server:
        environment = {**_environment(server, venv, work), "PYTHONPATH": ""}
        wrong = [words for outcome in run_rows(server, work, environment) for words in outcome.wrong(server)]
    print("".join(f"ansible-core {core}: {words}\n" for words in wrong), end="", flush=True)
    return not wrong


def _host(version: str) -> str:
    return f"target{version.replace('.', '_')}"


def _inventory(hosts: dict[str, str], work: Path) -> dict:
    sinks = [{"type": "file", "hosts": [name], "path": str(work / f"{name}.token")} for name in hosts]
    local = {"ansible_connection": "local", "work_dir": str(work), "one_file_on_each_target": sinks}
    return {
        "all": {
            "vars": local,
            "hosts": {"controller": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}},
            "children": {
                "targets": {"hosts": {name: {"ansible_python_interpreter": path} for name, path in hosts.items()}}
            },
        }
    }


def _environment(server: Server, venv: Path, work: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "ANSIBLE_INVENTORY")}
    return {
        **kept,
        "PATH": f"{venv / 'bin'}{os.pathsep}{kept['PATH']}",
        "HOME": str(work),
        "ANSIBLE_HOME": str(work / ".ansible"),
        "ANSIBLE_REMOTE_TMP": str(work / "remote"),
        **{name: text for name, text in server.environment.items() if name.startswith("WHM_")},
    }


sys.exit(main())
