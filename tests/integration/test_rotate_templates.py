# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates of sinks are text, byte for byte, whatever Jinja2 could make of them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.support.paths import REPOSITORY
from tests.support.pythons import environment, interpreter
from tests.support.rotating import Rotation, sink
from tests.support.server import Server

TEMPLATES = {
    "an object": ('{"token": "{{ token }}"}\n', '{{"token": "{0}"}}\n'),
    "one expression": ("{{ {'token': token} | to_json }}\n", '{{"token": "{0}"}}\n'),
    "a list": ("['{{ token }}', 1]\n", "['{0}', 1]\n"),
    "blanks and an empty line": ("  {{ token }}  \n\n", "  {0}  \n\n"),
    "no line end": ("{{ token }}", "{0}"),
}


@pytest.fixture(params=["2.18", "present"])
def core(request: pytest.FixtureRequest) -> dict[str, str]:
    """The environment of a run with the oldest ansible-core, and with that of these tests."""
    if request.param == "present":
        return {}
    python = interpreter("3.11")
    if python is None:
        pytest.skip("there is no Python 3.11 on this machine")
    requirements = (REPOSITORY / "requirements.txt").read_text().splitlines()
    folder = environment("matrix/2.18-3.11", python, ["ansible-core==2.18.*", *requirements])
    return {"PATH": f"{folder}/bin{os.pathsep}{os.environ['PATH']}"}


@pytest.mark.parametrize("native", ["0", "1"])
def test_what_a_template_makes_is_written_as_it_is(
    server: Server, tmp_path: Path, core: dict[str, str], native: str
) -> None:
    sinks = []
    for number, (template, _text) in enumerate(TEMPLATES.values()):
        (tmp_path / f"{number}.j2").write_text(template)
        sinks.append(sink(tmp_path / str(number), format="template", template=f"{number}.j2"))
    plain = sink(tmp_path / "plain")
    tokens = [{"name": "t", "acls": ["list-accts"], "sinks": [*sinks, plain]}]
    run = Rotation(server, tmp_path, tokens).run(environment={**core, "ANSIBLE_JINJA2_NATIVE": native})
    assert run.status == 0, run.output
    secret = (tmp_path / "plain").read_text().strip()
    assert server.whm_accepts(secret, source="127.0.0.2")
    written = {name: (tmp_path / str(number)).read_text() for number, name in enumerate(TEMPLATES)}
    assert written == {name: text.format(secret) for name, (_template, text) in TEMPLATES.items()}
    assert json.loads(written["an object"]) == {"token": secret}
