# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Invariant I3 where something fails: whatever a server answers, and wherever a run ends, no output holds a credential.

One run of the modules, the lookup and the role audit meets servers that each fail in another way, and repeat the credential in every
form. All that the run writes and shows is searched for it, and so are the command lines of all processes while it runs.
"""

from __future__ import annotations

import base64
import html
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
import yaml

from tests.support.ci_runs import command_lines
from tests.support.missing import missing
from tests.support.odd_servers import Serve, answer, odd_server
from tests.support.paths import OTHERS
from tests.support.playbooks import task
from tests.support.rotating import Rotation, sink
from tests.support.server import Server

PASSWORD = "of root: 7Yq/'2\"mW<ö&"
"""Every form that a text can take changes it. In none of them it looks like a secret."""
TOKEN = "CANARYCANARYCANARYCANARYCANARY12"

CANARY = "{{ lookup('ansible.builtin.env', 'CANARY') }}"
"""How the plays get it, so that it stands in no file of theirs."""

SHOWN = {
    "default": {"ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default"},
    "json": {"ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"},
}


def forms(secret: str) -> set[str]:
    """The secret as it is, and as texts of a server or a callback may hold it."""
    in_json = {json.dumps(secret, ensure_ascii=ascii_)[1:-1] for ascii_ in (True, False)}
    basic = base64.b64encode(f"root:{secret}".encode()).decode().rstrip("=")
    in_json |= {form.replace("/", "\\/") for form in in_json}
    in_html = {html.escape(secret), html.escape(secret, quote=False), html.escape(secret).replace("&#x27;", "&#39;")}
    return {
        secret,
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        basic,
        repr(secret)[1:-1],
        *in_json,
        *in_html,
    }


def saying(*headers: str, status: str = "200 OK", body: object = "") -> Serve:
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return lambda stream: stream.sendall(answer(data, *headers, status=status))


def failures(secret: str) -> dict[str, Serve]:
    """What servers answer to everything, by a name for each."""
    said = " | ".join(sorted(forms(secret)))
    header = quote(secret)
    refused = {"metadata": {"result": 0, "reason": said, "command": "x"}, "errors": [said]}
    uapi = {"status": 0, "errors": [said], "messages": [said], "warnings": [said], "data": None}
    return {
        "refused": saying(body={**refused, **uapi}),
        "denied": saying(body={"cpanelresult": {"error": said, "data": {"reason": said}}}),
        "text": saying(body=said),
        "page": saying(body=f"<html><title>{said}</title></html>"),
        "error": saying(status="500 Broken", body={"error": said}),
        "status": saying(status="404 Not Found", body={"statusmsg": said}),
        "redirect": saying(f"Location: https://root:{header}@x/{header}?{header}", status="302 Found"),
        "encoded": saying(f"Content-Encoding: {header}", body=said),
        "half": lambda stream: stream.sendall(answer(said.encode())[:-5]),
        "silent": lambda stream: None,
        "unauthorized": saying(status=f"401 {header}", body=said),
        "not understood": saying(body={"metadata": {"result": 1, "reason": "OK"}, "data": {"tokens": {said: said}}}),
    }


@dataclass
class Written:
    """What a run has shown and written."""

    folder: Path
    output: str = ""
    lines: set[str] = field(default_factory=set)

    def texts(self) -> Iterator[tuple[str, str]]:
        yield "the output", self.output
        yield "the command lines of processes", "\n".join(self.lines)
        for path in self.folder.rglob("*"):
            if path.is_file():
                yield str(path.relative_to(self.folder)), path.read_bytes().decode("utf-8", "replace")

    def with_secret(self, secret: str) -> list[str]:
        """Where it stands in any form, with what surrounds it."""
        found = []
        for where, text in self.texts():
            for form in forms(secret):
                place = text.find(form)
                if place >= 0:
                    found.append(f"{where}: {text[max(0, place - 150) : place + 60]!r}")
                    break
        return found


def tasks(kind: str) -> list[dict]:
    """Everything that uses a credential; each may fail."""
    lookup = "{{ lookup('panelops.cpanel.ci_token', 'job', ttl='5m', %s) }}"
    failing = {"ignore_errors": True}
    ours = {"_ignore_errors": True}
    few = {"_when": "inventory_hostname in ['refused', 'redirect', 'wrong']"}
    stored = {"token_file": "{{ written }}/stored-{{ inventory_hostname }}"}
    connection = {
        "host": "127.0.0.1",
        "port": "{{ audit_port }}",
        "password": "{{ audit_password | default(omit) }}",
        "api_token": "{{ audit_api_token | default(omit) }}",
        "ca_path": "{{ audit_ca_path }}",
        "timeout": 2,
    }
    return [
        task("one", "whm_api_token", name="t", acls=["ssl"], **connection, **ours),
        task("stored, as a module", "whm_api_token", name="t", acls=["ssl"], **connection, **stored, **ours, **few),
        task("many", "cpanel_api_tokens", accounts=["alice"], tokens=[{"name": "t"}], **connection, **ours),
        {"name": "lookup", "ansible.builtin.debug": {"msg": lookup % "acls=['ssl']"}, **failing},
        {"name": "lookup", "ansible.builtin.debug": {"msg": lookup % "service='cpanel', account='alice'"}, **failing},
        {"name": "mistakes", "when": "inventory_hostname == 'wrong'", "block": mistakes(kind, lookup, connection)},
        {"name": "audit", "ansible.builtin.include_role": {"name": "panelops.cpanel.audit"}},
    ]


def mistakes(kind: str, lookup: str, connection: dict) -> list[dict]:
    """Tasks whose options are wrong, with the credential where it should not be."""
    ours = {"_ignore_errors": True}
    address = {**connection, "host": f"root:{CANARY}@127.0.0.1"}
    of_the_task = {key: value for key, value in connection.items() if key not in ("password", "api_token")}
    environment = {f"WHM_{kind.upper()}": CANARY, "A_VARIABLE": "so it runs as a module"}
    asked = lookup.replace("%s", "acls=['ssl'], %s")
    wrong_lookups = [asked % each for each in ("pasword=canary", "host='root:' ~ canary ~ '@x'", f"{kind}=[canary]")]
    return [
        task("misspelled", "whm_api_token_info", pasword=CANARY, **of_the_task, **ours),
        task("misspelled, as a module", "whm_api_token_info", pasword=CANARY, _environment=environment, **ours),
        task("in an item", "whm_api_tokens", tokens=[{"name": "t", "api_token": CANARY}], **connection, **ours),
        task("in an address", "whm_api_token_info", **address, **ours),
        task("in an address, as a module", "whm_api_token_info", **address, _environment=environment, **ours),
        task("no text", "whm_api_token_info", **{**of_the_task, kind: {"of the vault": [CANARY]}}, **ours),
        task("of the environment", "whm_api_token_info", **of_the_task, _environment=environment, **ours),
        *(
            {
                "name": "lookup",
                "ansible.builtin.debug": {"msg": each},
                "vars": {"canary": CANARY},
                "ignore_errors": True,
            }
            for each in wrong_lookups
        ),
    ]


def run(folder: Path, hosts: dict[str, dict], play: dict, shown: str, *options: str, **environment: str) -> Written:
    """Run a play with every callback at once; command lines are collected while it runs."""
    written = Written(folder / "written")
    written.folder.mkdir()
    (folder / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}), encoding="utf-8")
    (folder / "play.yml").write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
    places = {
        "JUNIT_OUTPUT_DIR": "junit",
        "ANSIBLE_CALLBACK_TREE_DIR": "tree",
        "ANSIBLE_LOG_FOLDER": "plays",
        "ANSIBLE_LOG_PATH": "ansible.log",
        "ANSIBLE_LOCAL_TEMP": "local",
        "ANSIBLE_REMOTE_TMP": "remote",
        "TMPDIR": "tmp",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": "facts",
    }
    (written.folder / "tmp").mkdir()
    command = ["ansible-playbook", "-i", str(folder / "hosts.yml"), *options, str(folder / "play.yml")]
    with subprocess.Popen(
        command,
        env={
            **os.environ,
            **SHOWN[shown],
            **{name: str(written.folder / place) for name, place in places.items()},
            "ANSIBLE_CALLBACKS_ENABLED": "junit,tree,ansible.posix.profile_tasks,community.general.log_plays",
            "ANSIBLE_COLLECTIONS_PATH": f"{os.environ['ANSIBLE_COLLECTIONS_PATH']}:{OTHERS}",
            "ANSIBLE_CACHE_PLUGIN": "jsonfile",
            "ANSIBLE_FORKS": "8",
            **environment,
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        while True:
            with suppress(subprocess.TimeoutExpired):
                written.output = process.communicate(timeout=0.1)[0].decode("utf-8", "replace")
                return written
            written.lines |= {" ".join(words) for _pid, words in command_lines()}


@contextmanager
def failing_servers(folder: Path, secret: str) -> Iterator[dict[str, dict]]:
    """Run one server for each failure; yield the hosts of an inventory."""
    with ExitStack() as stack:
        hosts = {}
        for name, serve in failures(secret).items():
            place = folder / name.replace(" ", "-")
            place.mkdir()
            environment = stack.enter_context(odd_server(place, serve))
            hosts[place.name] = {
                "audit_port": int(environment["WHM_PORT"]),
                "audit_ca_path": environment["WHM_CA_PATH"],
            }
        (folder / "empty.pem").touch()
        refused = hosts["refused"]
        hosts["untrusted"] = {**refused, "audit_ca_path": hosts["denied"]["audit_ca_path"]}
        hosts["no-authorities"] = {**refused, "audit_ca_path": str(folder / "empty.pem")}
        hosts["nobody"] = {**refused, "audit_port": 9}
        yield hosts


@pytest.mark.parametrize(("shown", "kind", "secret"), [("default", "password", PASSWORD), ("json", "api_token", TOKEN)])
def test_no_failure_shows_a_credential(server: Server, tmp_path: Path, shown: str, kind: str, secret: str) -> None:
    if not OTHERS.exists():
        missing("the collections of dev/requirements-collections*.txt could not be downloaded")
    with failing_servers(tmp_path, secret) as hosts:
        hosts["address"] = {**hosts["refused"], "audit_host": f"root:{CANARY}@127.0.0.1"}
        hosts["wrong"] = {"audit_port": server.port, "audit_ca_path": server.ready["ca_file"]}
        here = {
            "ansible_connection": "local",
            "ansible_host": "127.0.0.1",
            "ansible_python_interpreter": sys.executable,
        }
        variables = {
            f"audit_{kind}": CANARY,
            "audit_timeout": 2,
            "audit_accounts": True,
            "audit_dir": str(tmp_path / "written" / "report"),
            "written": str(tmp_path / "written"),
            "panelops_cpanel_host": "127.0.0.1",
            "panelops_cpanel_port": "{{ audit_port }}",
            "panelops_cpanel_ca_path": "{{ audit_ca_path }}",
            "panelops_cpanel_timeout": "2",
            f"panelops_cpanel_{kind}": f"{{{{ audit_{kind} }}}}",
        }
        play = {"hosts": "all", "gather_facts": False, "vars": variables, "tasks": tasks(kind)}
        hosts = {name: {**here, **each} for name, each in hosts.items()}
        written = run(tmp_path, hosts, play, shown, "-vvvv", "--diff", CANARY=secret)
    (tmp_path / "shown.txt").write_text(written.output)
    report = json.loads((tmp_path / "written" / "report" / "api-tokens.json").read_text())
    assert {each["name"] for each in report["servers"]} == set(hosts), written.output[-3000:]
    assert {each["status"] for each in report["servers"]} == {"unreadable"}
    assert {path.name for path in written.folder.iterdir()} >= {"junit", "tree", "plays", "ansible.log", "report"}
    assert written.with_secret(secret) == []


def test_a_credential_of_the_plays_environment_stands_on_no_command_line(server: Server, tmp_path: Path) -> None:
    """Ansible sets the environment of a module by a shell; ``-vvvv`` shows each of its command lines."""
    admin = server.whm_token("admin", acl="all")
    rotating = Rotation(server, tmp_path, [{"name": "t", "acls": ["list-accts"], "sinks": [sink(tmp_path / "copy")]}])
    credentials = {"WHM_API_TOKEN": CANARY, "CPANEL_PASSWORD": CANARY}
    module = task("as a module", "whm_api_token_info", _environment={"A_VARIABLE": "none of ours"})
    rotating.play = {"environment": credentials, "post_tasks": [module]}
    run = rotating.run("-vvvv", environment={"CANARY": admin, "WHM_PASSWORD": ""})
    assert run.status == 0, run.output[-3000:]
    assert run["as a module"].data["whm_api_tokens"]
    assert run.output.count("A_VARIABLE=") == 1
    assert (tmp_path / "copy").exists()
    assert admin not in run.output
