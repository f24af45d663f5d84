# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One token in the stores that CI systems and applications read: AWS, Kubernetes and GitLab, by one run of the role."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.controller import Controller
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.kinds import store_on_controller

from tests.support.aws import CREDENTIALS, aws
from tests.support.dropping import dropping
from tests.support.gitlab import TOKEN as GITLAB_TOKEN
from tests.support.gitlab import gitlab
from tests.support.kubernetes import TOKEN as KUBERNETES_TOKEN
from tests.support.kubernetes import kubernetes
from tests.support.rotating import Rotation, result_of, sentence_of, sink
from tests.support.server import Server

OLD, OTHER = "ABCDEFGH" * 4, "CDEFGHIJ" * 4


def test_another_writer_is_reported_although_another_wave_follows(server: Server, tmp_path: Path) -> None:
    with gitlab() as forge, dropping(forge.url) as proxy:
        variable = forge.add("projects/team/app", "WHM_TOKEN", OLD, masked=True)
        environment = {"GITLAB_SERVER_URL": proxy.url, "GITLAB_API_TOKEN": GITLAB_TOKEN}
        written = {"type": "gitlab_variable", "project": "team/app", "key": "WHM_TOKEN"}
        tokens = [
            {"name": "first", "acls": ["list-accts"], "sinks": [written]},
            {"name": "second", "acls": ["list-accts"], "sinks": [sink(tmp_path / "file")]},
        ]
        rotation = Rotation(server, tmp_path, tokens)
        rotation.rotated(environment=environment)
        proxy.meddle(
            r"^PUT ",
            lambda: proxy.meddle(r"^GET .*/variables/WHM_TOKEN", lambda: variable.update(value=OTHER)),
        )
        run = rotation.run(environment=environment, force=True, stop_after=1)
        assert "first: gitlab_variable: something else has written to WHM_TOKEN" in sentence_of(run)
        assert [one["name"] for one in result_of(run)["rotated"]] == ["second", "first"]


def test_one_token_in_three_stores(server: Server, tmp_path: Path) -> None:
    """The second run meets another writer, which GitLab alone cannot keep from being overwritten: it is found and reported."""
    with aws(tmp_path) as amazon, kubernetes() as cluster, gitlab() as forge, dropping(forge.url) as proxy:
        amazon.client.create_secret(Name="ci", SecretString=json.dumps({"db": "kept"}))
        cluster.put("ci", {"db": b64encode(b"kept").decode()})
        variable = forge.add("projects/team/app", "WHM_TOKEN", OLD, masked=True)
        environment = {
            "AWS_ACCESS_KEY_ID": CREDENTIALS["access_key"],
            "AWS_SECRET_ACCESS_KEY": CREDENTIALS["secret_key"],
            "AWS_REGION": CREDENTIALS["region"],
            "AWS_URL": amazon.url,
            "K8S_AUTH_HOST": cluster.url,
            "K8S_AUTH_API_KEY": KUBERNETES_TOKEN,
            "GITLAB_SERVER_URL": proxy.url,
            "GITLAB_API_TOKEN": GITLAB_TOKEN,
            "ANSIBLE_LOG_PATH": str(tmp_path / "log"),
        }
        sinks = [
            {"type": "aws_secretsmanager", "path": "ci", "key": "token"},
            {"type": "kubernetes_secret", "path": "ci", "key": "token"},
            {"type": "gitlab_variable", "project": "team/app", "key": "WHM_TOKEN"},
        ]
        tokens = [{"name": "t", "acls": ["list-accts"], "sinks": sinks}]
        run = Rotation(server, tmp_path, tokens).run("-vvvv", "--diff", environment=environment)
        assert run.status == 0, run.output
        assert [one["name"] for one in result_of(run)["rotated"]] == ["t"]
        secret = str(variable["value"])
        assert server.whm_accepts(secret)
        assert json.loads(amazon.read("ci")) == {"db": "kept", "token": secret}
        held = cluster.secrets["default", "ci"]["data"]
        assert {key: b64decode(value).decode() for key, value in held.items()} == {"db": "kept", "token": secret}
        said = run.output + (tmp_path / "log").read_text(encoding="utf-8")
        hidden = (secret, held["token"], CREDENTIALS["secret_key"], KUBERNETES_TOKEN, GITLAB_TOKEN)
        assert [one for one in hidden if one in said] == []

        # After the read that confirms our write: the next one is that after the promotion.
        def meddle() -> None:
            proxy.meddle(r"^GET .*/variables/WHM_TOKEN", lambda: variable.update(value=OTHER))

        proxy.meddle(r"^PUT ", meddle)
        run = Rotation(server, tmp_path, tokens, {"force": True}).run(environment=environment)
        assert "gitlab_variable: something else has written to WHM_TOKEN of the project team/app" in sentence_of(run)
        assert [one["name"] for one in result_of(run)["failed"]] == ["t"]
        assert variable["value"] == OTHER


@pytest.mark.parametrize(
    ("sink", "connection", "said"),
    [
        ({"type": "gitlab_variable", "key": "T"}, {}, "connection.api_url: is not given. Give it there, or in the"),
        ({"type": "gitlab_variable", "key": "T"}, {"url": "x"}, "connection.url: is not an option of this store."),
        ({"type": "aws_secretsmanager", "path": "a"}, {"profile": "p", "access_key": "k"}, "together with access_key."),
        ({"type": "aws_secretsmanager", "path": "a"}, {"access_key": "k"}, "connection.secret_key: is needed with"),
        ({"type": "kubernetes_secret", "path": "a", "key": "a/b"}, {}, "cannot have the key 'a/b': a key is made of"),
        ({"type": "kubernetes_secret", "path": "a", "key": "k"}, {"kubeconfig": "/none"}, "/none is not there."),
        ({"type": "kubernetes_secret", "path": "a", "key": "k"}, {"timeout": "0"}, "0 is not a number of seconds"),
    ],
)
def test_settings_are_checked_before_the_first_call(sink: dict, connection: dict, said: str) -> None:
    controller = Controller(None, None, lambda *_names: "", {}, SimpleNamespace(module_defaults=[]), {})  # type: ignore[arg-type]
    assert said in store_on_controller(sink["type"]).missing({**sink, "connection": connection}, controller)
