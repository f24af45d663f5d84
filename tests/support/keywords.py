# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role rotate under every keyword that a playbook can pass on to it: a play for each row of a table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.support.playbooks import Run, run_playbook
from tests.support.server import Server

_EVERYWHERE: dict[str, object] = {
    "any_errors_fatal": True,
    "check_mode": True,
    "ignore_errors": True,
    "ignore_unreachable": True,
    "no_log": True,
    "run_once": True,
}
"""Keywords that change what a result means, or who sees it: given at each level, one by one."""

_TOGETHER: dict[str, object] = {
    "become": False,
    "collections": ["ansible.builtin"],
    "connection": "local",
    "debugger": "never",
    "diff": True,
    "environment": {"ROTATE_KEYWORD": "1"},
    "module_defaults": {
        "ansible.builtin.set_fact": {"cacheable": True},
        "ansible.builtin.debug": {"verbosity": 3},
    },
    "port": 22,
    "remote_user": "nobody",
    "tags": ["rotate", "never-asked-for"],
    "throttle": 1,
    "timeout": 60,
    "vars": {"rotate_note": "own"},
}
"""Keywords that each level has, and that change how a task runs: given to a play, and to a block."""

_OF_PLAYS: dict[str, object] = {
    "force_handlers": True,
    "gather_facts": True,
    "max_fail_percentage": 0,
    "order": "reverse_sorted",
    "serial": 1,
    "vars_files": [[]],
}

_BELOW_PLAYS: tuple[dict[str, object], ...] = (
    {"delegate_to": "reporter", "delegate_facts": True},
    {"when": "inventory_hostname != 'reporter'"},
)
"""Keywords that a play does not have."""

WITHOUT_EFFECT = {
    # What becomes of the three is the business of become, which the role turns off where it is not wanted.
    *("become_exe", "become_flags", "become_method", "become_user"),
    # These are about the facts of hosts, or about the play's own content.
    *(
        "fact_path",
        "gather_subset",
        "gather_timeout",
        "handlers",
        "hosts",
        "name",
        "post_tasks",
        "pre_tasks",
        "roles",
        "tasks",
    ),
    # It asks a person.
    "vars_prompt",
    # Content of a block, and the name of a role.
    *("always", "block", "rescue", "role"),
}
"""Keywords that are not in the table."""


@dataclass(frozen=True)
class Row:
    """Keywords at one level of a playbook. ``rotates``: does the token with good sinks rotate?"""

    level: str
    keywords: dict[str, object]
    rotates: bool = True

    @property
    def host(self) -> str:
        """The row's name, which is that of its host too."""
        keywords = [*self.keywords, "nothing"]
        return f"{self.level}-{keywords[0]}{'-and-more' if len(keywords) > 2 else ''}".replace("_", "-")


def _rows() -> list[Row]:
    rows = [Row("play", {}), Row("play", _TOGETHER), Row("play", _OF_PLAYS), Row("block", _TOGETHER)]
    rows.append(Row("play", {"strategy": "ansible.builtin.free"}))
    for level in ("play", "role", "block", "apply"):
        rows += [Row(level, {key: value}, rotates=key != "check_mode") for key, value in _EVERYWHERE.items()]
        rows += [Row(level, keywords) for keywords in _BELOW_PLAYS if level != "play"]
    together = {key: value for key, value in _EVERYWHERE.items() if key != "check_mode"}
    return [*rows, Row("block", together), Row("block", {"notify": ["Note"]})]


ROWS = _rows()


@dataclass
class Outcome:
    """What came of a row: ``result`` is its ``rotate_result``, ``output`` what was on the screen of its play."""

    row: Row
    result: dict
    output: str
    before: dict[str, dict]
    after: dict[str, dict]
    copy: str

    def wrong(self, server: Server) -> list[str]:
        """What is not as it should be, in words."""
        good, bad = f"{self.row.host}-good", f"{self.row.host}-bad"
        said = {one["name"]: one.get("msg", "") for one in self.result.get("failed", [])}
        rotated = self.after[good] != self.before[good]
        checks = {
            "the failed sink's token was promoted": self.after[bad] == self.before[bad],
            "the good token did not rotate, or should not have": rotated == self.row.rotates,
            "the copy is not the live secret": bool(self.copy) == rotated
            and (not rotated or self._is_live(server, good)),
            "rotate_result is missing": bool(self.result),
        }
        if self.row.rotates:
            checks["the failure has no sentence in rotate_result"] = "the task Break failed." in said.get(bad, "")
            checks["the sentence is not on the screen"] = f"1 of 2 tokens did not rotate. {bad}: " in self.output
        else:
            checks["what is due is not reported"] = [one["name"] for one in self.result.get("due", [])] == [good, bad]
        return [f"{self.row.host}: {words}" for words, right in checks.items() if not right]

    def _is_live(self, server: Server, name: str) -> bool:
        return server.whm_ok("api_token_get_details", token=self.copy)["name"] == name


def run_rows(server: Server, folder: Path, environment: dict[str, str] | None = None) -> list[Outcome]:
    """Run the whole table, in two playbooks at once."""
    for row in ROWS:
        for kind in ("good", "bad"):
            server.whm_token(f"{row.host}-{kind}", acl="list-accts")
    before = server.whm_tokens()
    settings = {**server.environment, **(environment or {})}

    def run(number: int) -> tuple[dict[str, dict], str]:
        part = folder / f"part{number}"
        part.mkdir()
        rows = ROWS[number::2]
        _write(part, rows)
        done = run_playbook(_playbook(part, rows), part, settings, ("-i", str(part / "hosts.yml")), timeout=900)
        return _results(done, part), done.output

    with ThreadPoolExecutor(2) as both:
        parts = list(both.map(run, range(2)))
    after = server.whm_tokens()
    results = {host: result for found, _output in parts for host, result in found.items()}
    plays = [text for _found, output in parts for text in output.split("\nPLAY [")[1:]]
    sections = {text.split("]", 1)[0]: " ".join(text.split()) for text in plays}
    copies = {path.name: path.read_text().strip() for path in folder.glob("part*/*.copy")}
    return [
        Outcome(
            row,
            results.get(row.host) or {},
            sections.get(row.host, ""),
            before,
            after,
            copies.get(f"{row.host}.copy", ""),
        )
        for row in ROWS
    ]


def _results(run: Run, folder: Path) -> dict[str, dict]:
    path = folder / "results.json"
    if not path.exists():
        raise AssertionError(f"The playbook ended early: {run.output[-3000:]}")
    results: dict[str, dict] = json.loads(path.read_text(encoding="utf-8"))
    return results


def _write(folder: Path, rows: Sequence[Row]) -> None:
    keep = {"content": "{{ rotate_secret }}", "dest": f"{folder}/{{{{ inventory_hostname }}}}.copy", "mode": "0600"}
    good = [{"name": "Keep", "ansible.builtin.copy": keep, "no_log": True}]
    bad = [{"name": "Break", "ansible.builtin.fail": {"msg": "broken"}}, {"name": "Go on", "ansible.builtin.debug": {}}]
    for name, tasks in (("good", good), ("bad", bad)):
        (folder / f"{name}.yml").write_text(yaml.safe_dump(tasks), encoding="utf-8")
    hosts = {name: {} for name in ("reporter", *(row.host for row in rows))}
    local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    text = yaml.safe_dump({"all": {"hosts": hosts, "vars": local}})
    (folder / "hosts.yml").write_text(text, encoding="utf-8")


def _playbook(folder: Path, rows: Sequence[Row]) -> str:
    plays = [_play(row) for row in rows]
    keep = {
        "content": "{{ dict(rows | zip(rows | map('extract', hostvars) | map(attribute='rotate_result', default={}))) | to_json }}",
        "dest": str(folder / "results.json"),
        "mode": "0600",
    }
    report = {"name": "Keep all results", "ansible.builtin.copy": keep, "vars": {"rows": [row.host for row in rows]}}
    plays.append({"name": "Report", "hosts": "reporter", "gather_facts": False, "tasks": [report]})
    return yaml.safe_dump(plays, sort_keys=False)


def _play(row: Row) -> dict:
    """A play of one row. What fails is rescued, or the playbook would end there."""
    sinks = {kind: [{"type": "tasks", "tasks": f"{kind}.yml"}] for kind in ("good", "bad")}
    tokens = [{"name": f"{row.host}-{kind}", "sinks": sinks[kind]} for kind in sinks]
    role: dict = {"name": "panelops.cpanel.rotate"}
    given = {"rotate_tokens": tokens, "rotate_force": True}
    task: dict = {"name": "Rotate", "ansible.builtin.include_role": role, "vars": given}
    if row.level == "role":
        task = {"name": "Rotate", "ansible.builtin.import_role": role, "vars": given, **row.keywords}
    elif row.level == "apply":
        role["apply"] = row.keywords
    elif row.level == "block":
        task = {"block": [task], **row.keywords}
    rescue = {"name": "It failed", "ansible.builtin.debug": {"msg": "It failed."}}
    note = {"name": "Note", "ansible.builtin.debug": {"msg": "noted"}}
    return {
        "name": row.host,
        "hosts": row.host,
        "gather_facts": False,
        **(row.keywords if row.level == "play" else {}),
        "tasks": [{"block": [task], "rescue": [rescue]}],
        "handlers": [note],
    }
