# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sink gitlab_variable, against a stand-in for GitLab: updated in place, and looked at again since its API cannot compare."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.dropping import dropping
from tests.support.gitlab import TOKEN, Gitlab, gitlab
from tests.support.talking import NEW, OLD, OTHER, Talk, sentence

PROJECT = "projects/team/app"


@pytest.fixture
def here() -> Iterator[Gitlab]:
    with gitlab() as made:
        yield made


def talk(here: Gitlab, *sinks: dict, **settings: str) -> Talk:
    chosen = [{"type": "gitlab_variable", "key": "TOKEN", **sink} for sink in sinks or ({"project": "team/app"},)]
    return Talk({"api_url": here.url, "api_token": TOKEN, **settings}, chosen)


def test_a_variable_is_updated_in_place_and_others_stay(here: Gitlab) -> None:
    here.add(PROJECT, "OTHER", TOKEN)
    here.add(PROJECT, "TOKEN", "of staging", environment_scope="staging")
    ours = here.add(PROJECT, "TOKEN", OLD, environment_scope="prod", protected=True, description="ours")
    others = [dict(one) for one in here.variables[PROJECT][:2]]
    run = talk(here, {"project": "team/app", "environment_scope": "prod", "masked": True})
    (seen,) = run.check()
    assert (seen.ok, seen.held) == (True, OLD)
    assert run.deliver({"TOKEN": NEW})[0].ok
    assert here.variables[PROJECT] == [*others, ours]
    assert (ours["value"], ours["masked"], ours["protected"], ours["description"]) == (NEW, True, True, "ours")
    assert [call for call in here.calls if not call.startswith("GET")] == [f"PUT {PROJECT}"], (
        "there is no moment without it"
    )
    assert run.confirm()[0].ok
    assert run.restore()[0].restored
    assert ours["value"] == OLD


def test_variables_of_each_level_are_created_and_rolled_back(here: Gitlab) -> None:
    run = talk(here, {"project": "team/app"}, {"group": "team", "protected": True}, {"variable_type": "file"})
    assert [each.ok for each in run.check()] == [True] * 3
    assert [each.ok for each in run.deliver(*[{"TOKEN": NEW}] * 3)] == [True] * 3
    made = [here.variables[owner][0] for owner in (PROJECT, "groups/team", "admin/ci")]
    assert [one["value"] for one in made] == [NEW] * 3
    assert (made[1]["protected"], made[2]["variable_type"]) == (True, "file")
    assert [each.restored for each in run.restore()] == [True] * 3
    assert list(here.variables.values()) == [[], [], []]


def test_what_another_run_has_replaced_is_found_afterwards(here: Gitlab) -> None:
    ours = here.add(PROJECT, "TOKEN", OLD)
    run, late = talk(here), talk(here)
    run.check()
    late.check()
    assert run.deliver({"TOKEN": NEW})[0].ok
    assert late.deliver({"TOKEN": OTHER})[0].taken_over, "what is seen in time is not overwritten"
    ours["value"] = OTHER
    assert sentence(run.confirm()).startswith("something else has written to TOKEN of the project team/app since")
    ours["value"] = NEW
    here.maintainer = False
    assert "nobody knows whether another run has replaced" in sentence(run.confirm())


def test_another_run_that_creates_it_first(here: Gitlab) -> None:
    run = talk(here)
    run.check()
    with dropping(here.url) as proxy:
        run.connection = {**run.connection, "api_url": proxy.url}
        proxy.meddle(r"^GET ", lambda: here.add(PROJECT, "TOKEN", OTHER))
        (told,) = run.deliver({"TOKEN": NEW})
    assert (told.ok, told.taken_over) == (False, True), told.msg
    assert [one["value"] for one in here.variables[PROJECT]] == [OTHER]


@pytest.mark.parametrize("exists", [True, False])
def test_a_lost_answer_is_settled_by_reading(here: Gitlab, exists: bool) -> None:
    if exists:
        here.add(PROJECT, "TOKEN", OLD)
    run = talk(here)
    run.check()
    with dropping(here.url) as proxy:
        run.connection = {**run.connection, "api_url": proxy.url}
        proxy.lose("^(PUT|POST) ", before=False)
        (told,) = run.deliver({"TOKEN": NEW})
        assert proxy.lost() == 1
    assert told.ok, told.msg
    assert [one["value"] for one in here.variables[PROJECT]] == [NEW]


def test_what_can_never_be_written_is_found_at_the_check(here: Gitlab) -> None:
    here.add(PROJECT, "HIDDEN", OLD, hidden=True)
    here.add(PROJECT, "TEXT", "more than a secret")
    assert sentence(talk(here, {"project": "team/none"}).check()) == (
        "the variables of the project team/none cannot be looked at: (404) 404 Project Not Found."
    )
    assert "is hidden" in sentence(talk(here, {"project": "team/app", "key": "HIDDEN"}).check())
    assert "holds other things" in sentence(talk(here, {"project": "team/app", "key": "TEXT"}).check())
    assert "has no environment_scope" in sentence(talk(here, {"environment_scope": "prod"}).check())
    here.scopes = ["read_api"]
    assert sentence(talk(here).check()) == "the token has the scopes read_api, and needs api. Give another api_token."
    here.maintainer = False
    assert "cannot be looked at: (403) 403 Forbidden." in sentence(talk(here).check())
    assert "cannot be looked at: (401) 401 Unauthorized." in sentence(talk(here, api_token="wrong").check())
    assert sentence(talk(here, api_url="http://127.0.0.1:1").check()).startswith("http://127.0.0.1:1 does not answer (")


def test_a_value_that_cannot_be_masked_is_refused_by_gitlab(here: Gitlab) -> None:
    run = talk(here, {"project": "team/app", "masked": True})
    run.check()
    assert "cannot be written: (400) " in sentence(run.deliver({"TOKEN": "short"}))
    assert run.delivered[0].unchanged
