# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of the roles as users write them: booleans as text, and all of them looked at in one go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from tests.support.audits import audit, host_variables
from tests.support.cores import result_of_core
from tests.support.paths import REPOSITORY
from tests.support.playbooks import Run, run_playbook
from tests.support.rotating import Rotation, inventory, result_of, sink
from tests.support.server import Server

TRUE, FALSE = "true", "false"
OF_GITLAB = ("masked", "protected", "raw")


def booleans(options: Mapping, above: str = "") -> Iterator[str]:
    """The boolean options of a role, as paths."""
    for name, option in options.items():
        if option["type"] == "bool":
            yield above + name
        yield from booleans(option.get("options", {}), f"{above}{name}.")


def test_every_boolean_of_a_role_is_tested_here_as_text() -> None:
    found = set()
    for path in sorted((REPOSITORY / "roles").glob("*/meta/argument_specs.yml")):
        specification = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]
        found |= set(booleans(specification["options"]))
    assert found == {"audit_accounts", "audit_validate_certs"} | {
        "rotate_force",
        "rotate_emergency",
        "rotate_tokens.readonly",
        "rotate_tokens.sinks.merge",
        *(f"rotate_tokens.sinks.{name}" for name in OF_GITLAB),
        "rotate_verify.validate_certs",
    }


@pytest.mark.parametrize("written", ["-e", "INI"])
@pytest.mark.parametrize(("text", "accounts"), [(FALSE, None), (TRUE, 6)])
def test_audit_accounts(server: Server, tmp_path: Path, written: str, text: str, accounts: int | None) -> None:
    if written == "-e":
        _run, report = audit(tmp_path, {"web1": server}, "-e", f"audit_accounts={text}")
    else:
        # An inventory in INI keeps the values of groups as text.
        (tmp_path / "more.ini").write_text(f"[whm:vars]\naudit_accounts={text!r}\n[whm]\nweb1\n", encoding="utf-8")
        _run, report = audit(tmp_path, {"web1": server}, "-i", str(tmp_path / "more.ini"))
    (one,) = report["servers"]
    assert (one["status"], one["accounts"]) == ("read", accounts), one


@pytest.mark.parametrize(("text", "status"), [(FALSE, "read"), (TRUE, "unreadable")])
def test_audit_validate_certs(server: Server, tmp_path: Path, text: str, status: str) -> None:
    unknown_authority = {key: value for key, value in host_variables(server).items() if key != "audit_ca_path"}
    _run, report = audit(tmp_path, {"web1": unknown_authority}, "-e", f"audit_validate_certs={text}")
    assert [each["status"] for each in report["servers"]] == [status]


def whm_rotation(server: Server, folder: Path) -> Rotation:
    token = {"name": "t", "acls": ["list-accts"], "expires_in": "90d", "sinks": [sink(folder / "copy")]}
    return Rotation(server, folder, [token])


@pytest.mark.parametrize("name", ["rotate_force", "rotate_emergency"])
def test_what_makes_a_token_due(server: Server, tmp_path: Path, name: str) -> None:
    rotation = whm_rotation(server, tmp_path)
    rotation.rotated()
    for text, number in ((FALSE, 0), (TRUE, 1)):
        assert len(rotation.rotated("-e", f"{name}={text}")["rotated"]) == number, text


def test_rotate_validate_certs_and_that_of_consumers(server: Server, tmp_path: Path) -> None:
    rotation = whm_rotation(server, tmp_path)
    rotation.variables["verify"] = {"validate_certs": FALSE}
    unknown_authority = {"WHM_CA_PATH": ""}
    refused = rotation.run("-e", f"rotate_validate_certs={TRUE}", environment=unknown_authority)
    assert refused.status == 2
    assert server.whm_tokens() == {}
    rotation.variables["verify"] = {"validate_certs": TRUE}
    refused = rotation.run("-e", f"rotate_validate_certs={FALSE}", environment=unknown_authority)
    assert refused.status == 2, "the consumers trust nobody"
    rotation.variables["verify"] = {"validate_certs": FALSE}
    run = rotation.run("-e", f"rotate_validate_certs={FALSE}", environment=unknown_authority)
    assert run.status == 0, run.output
    assert len(result_of(run)["rotated"]) == 1


@pytest.mark.parametrize(("text", "readonly"), [(FALSE, False), (TRUE, True)])
def test_readonly_of_an_accounts_token(server: Server, tmp_path: Path, text: str, readonly: bool) -> None:
    token = {"account": "alice", "name": "t", "readonly": text, "sinks": [sink(tmp_path / "copy")]}
    rotation = Rotation(server, tmp_path, [token], {"cpanel_port": server.cpanel_port})
    rotation.rotated()
    assert bool(server.uapi_tokens()["t"].get("readonly")) is readonly
    assert rotation.rotated()["rotated"] == [], "the same text is no difference"


def test_merge(server: Server, tmp_path: Path) -> None:
    """A file that holds other things is refused unless its keys are merged."""
    (tmp_path / "copy").write_text("OTHER=1\n")
    for text, status in ((FALSE, 2), (TRUE, 0)):
        own = sink(tmp_path / "copy", format="env", key="TOKEN", mode="0600", merge=text)
        rotation = Rotation(server, tmp_path, [{"name": "t", "acls": ["list-accts"], "sinks": [own]}])
        run = rotation.run()
        assert run.status == status, run.output
    assert (tmp_path / "copy").read_text().startswith("OTHER=1\nTOKEN=")


@pytest.mark.parametrize(("text", "value"), [(FALSE, False), (TRUE, True)])
def test_properties_of_a_variable(server: Server, text: str, value: bool) -> None:
    own = {"type": "gitlab_variable", "project": "a/b", "key": "T", **dict.fromkeys(OF_GITLAB, text)}
    tokens = [{"name": "t", "acls": ["list-accts"], "sinks": [own]}]
    result = result_of_core("api_token_rotation", server.environment, step="decide", tokens=tokens)
    (work,) = result["stores"]
    assert [work[name] for name in OF_GITLAB] == [value] * len(OF_GITLAB)


def looked_at(folder: Path, server: Server, role: str, **variables: object) -> Run:
    look = {"name": "look", "ansible.builtin.debug": {"msg": "{{ vars | ansible.builtin.to_nice_json }}"}}
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "vars": variables, "pre_tasks": [look]}
    play |= {"roles": [f"panelops.cpanel.{role}"], "tasks": [{**look, "name": "look again"}]}
    return run_playbook(yaml.safe_dump([play]), folder, server.environment, ("-i", str(inventory(folder))))


def roles() -> list[str]:
    return sorted(path.name for path in (REPOSITORY / "roles").iterdir())


@pytest.mark.parametrize("role", roles())
def test_all_variables_can_be_looked_at(server: Server, tmp_path: Path, role: str) -> None:
    given: dict = {
        "audit": {"audit_dir": str(tmp_path / "report"), "audit_host": "127.0.0.1"},
        "rotate": {"rotate_tokens": whm_rotation(server, tmp_path).tokens},
        "reference_server": {"reference_server_state": "stopped", "reference_server_dir": str(tmp_path / "none")},
    }
    run = looked_at(tmp_path, server, role, **given[role])
    assert run.status == 0, run.output
    for name in ("look", "look again"):
        assert f"{role}_" in str(run[name].data["msg"])
