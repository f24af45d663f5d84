# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sink aws_secretsmanager, against moto's server: keys that stay, conditional writes, lost answers, and what can never be written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.aws import CREDENTIALS, Aws, aws
from tests.support.dropping import dropping
from tests.support.talking import NEW, OLD, OTHER, Talk, sentence


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    with aws(tmp_path_factory.mktemp("aws")) as server:
        yield server


@pytest.fixture
def here(running: Aws) -> Aws:
    running.forget()
    return running


def talk(here: Aws, *sinks: dict, url: str = "", **settings: str) -> Talk:
    chosen = [{"type": "aws_secretsmanager", "path": "app", **sink} for sink in sinks or ({"key": "token"},)]
    return Talk({**CREDENTIALS, "endpoint_url": url or here.url, "timeout": "20", **settings}, chosen)


def test_other_keys_stay_and_the_stage_of_our_own_does_not(here: Aws) -> None:
    here.client.create_secret(Name="app", SecretString=json.dumps({"db": "aws-credential-4711", "n": 5, "token": OLD}))
    run = talk(here)
    (seen,) = run.check()
    assert (seen.ok, seen.held) == (True, OLD)
    (told,) = run.deliver({"token": NEW})
    assert told.ok
    assert json.loads(here.read("app")) == {"db": "aws-credential-4711", "n": 5, "token": NEW}
    assert here.stages("app") == ["AWSCURRENT", "AWSPREVIOUS"]
    (back,) = run.restore()
    assert back.restored
    assert json.loads(here.read("app"))["token"] == OLD


def test_a_secret_alone_and_one_that_is_new(here: Aws) -> None:
    run = talk(here, {"path": "new"}, {"path": "bundle", "keys": {"user": "username", "pass": "secret"}})
    assert [each.ok for each in run.check()] == [True, True]
    assert [each.ok for each in run.deliver({"": NEW}, {"user": "root", "pass": NEW})] == [True, True]
    assert (here.read("new"), json.loads(here.read("bundle"))) == (NEW, {"user": "root", "pass": NEW})
    assert [each.restored for each in run.restore()] == [True, True]
    assert (here.read("new"), here.read("bundle")) == ("{}", "{}")
    again = talk(here, {"path": "new"})
    assert again.check()[0].ok, "what was rolled back can be delivered to again"
    assert again.deliver({"": OTHER})[0].ok
    assert here.read("new") == OTHER


def test_two_runs_at_once(here: Aws) -> None:
    """Other keys are merged; of two that write the same key the later one gives way."""
    here.client.create_secret(Name="app", SecretString=json.dumps({"one": OLD, "two": OLD}))
    one, two, late = (talk(here, {"key": key}) for key in ("one", "two", "one"))
    for run in (one, two, late):
        run.check()
    assert two.deliver({"two": NEW})[0].ok
    assert one.deliver({"one": NEW})[0].ok
    (told,) = late.deliver({"one": OTHER})
    assert (told.ok, told.taken_over) == (False, True)
    assert json.loads(here.read("app")) == {"one": NEW, "two": NEW}


def test_a_write_between_our_reading_and_our_writing_is_merged(here: Aws) -> None:
    here.client.create_secret(Name="app", SecretString=json.dumps({"token": OLD}))
    run = talk(here)
    run.check()
    with dropping(here.url) as proxy:
        # Between the new version and its stage.
        run.connection = {**run.connection, "endpoint_url": proxy.url}
        proxy.meddle(r"PutSecretValue", lambda: here.client.put_secret_value(SecretId="app", SecretString='{"b": 1}'))
        (told,) = run.deliver({"token": NEW})
    assert (told.ok, told.taken_over) == (False, True), "the other writer has removed our key"
    assert here.read("app") == '{"b": 1}'
    assert "panelops.cpanel" not in here.stages("app")


@pytest.mark.parametrize("call", ["PutSecretValue", "UpdateSecretVersionStage", "CreateSecret", "GetSecretValue"])
def test_a_lost_answer_is_settled_by_reading(here: Aws, call: str) -> None:
    if call != "CreateSecret":
        here.client.create_secret(Name="app", SecretString=json.dumps({"token": OLD, "b": 1}))
    run = talk(here)
    run.check()
    with dropping(here.url) as proxy:
        run.connection = {**run.connection, "endpoint_url": proxy.url}
        # The library asks twice by itself.
        proxy.lose(rf"X-Amz-Target: secretsmanager\.{call}", before=False, count=2 if call != "GetSecretValue" else 1)
        (told,) = run.deliver({"token": NEW})
        assert proxy.lost()
    assert told.ok, told.msg
    assert json.loads(here.read("app"))["token"] == NEW


def test_what_can_never_be_written_is_found_at_the_check(here: Aws) -> None:
    client = here.client
    client.create_secret(Name="gone", SecretString="{}")
    client.delete_secret(SecretId="gone")
    client.create_secret(Name="binary", SecretBinary=b"\x00")
    client.create_secret(Name="text", SecretString="no object")
    said = {
        path: sentence(talk(here, {"path": path, "key": "k"}).check())
        for path in ("gone", "binary", "text", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:none-AbCdEf")
    }
    assert [text.partition(". ")[0] for text in said.values()] == [
        "gone is scheduled for deletion",
        "binary is binary, and only text can be replaced",
        "the text of text is not a JSON object, so it has no keys",
        "there is no secret arn:aws:secretsmanager:eu-central-1:123456789012:secret:none-AbCdEf",
    ]
    assert "holds other things" in sentence(talk(here, {"path": "text"}).check())
    both = talk(here, {"path": "a"}, {"path": "a", "key": "k"}).check()
    assert [each.ok for each in both] == [False, True]


def test_a_store_that_does_not_answer(here: Aws, tmp_path: Path) -> None:
    assert sentence(talk(here, url="http://127.0.0.1:1").check()).startswith("http://127.0.0.1:1 does not answer (")
