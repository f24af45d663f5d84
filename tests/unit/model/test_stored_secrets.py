# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the file with the stored secret says of a token: whether its content may be replaced, and which issues were our own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._model.plan import (
    Create,
    DesiredToken,
    Plan,
    plan_token,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._model.stored import (
    LATEST_ISSUE,
    Issue,
    StoredSecret,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._model.token import WhmToken

NOW = 1_800_000_000
BORN = NOW - 1000
SSL = frozenset(["ssl"])
TOKEN = WhmToken("t", create_time=BORN, acls=SSL)
EXPIRED = WhmToken("u", create_time=BORN, acls=SSL, expires_at=NOW)
STRANGE = StoredSecret("/file", is_strange=True)
REFUSAL = (
    "token_file: /file holds something that is no secret of t, and would be lost. "
    "Give the token a file of its own, or empty that one."
)


def planned(stored: StoredSecret, *live: WhmToken, recreate: str = "always") -> Plan:
    desired = DesiredToken("t", limits={"acls": SSL}, recreate=recreate, stored=stored)
    return plan_token({token.name: token for token in live}, desired, NOW)


@pytest.mark.parametrize(
    ("stored", "live"),
    [
        (STRANGE, []),
        (replace(STRANGE, alive=None), []),
        (replace(STRANGE, alive=True, holder="gone"), []),
        (STRANGE, [TOKEN]),
        (replace(STRANGE, alive=None), [TOKEN]),
        (replace(STRANGE, alive=True, holder="gone"), [TOKEN]),
        (replace(STRANGE, alive=True, holder="u"), [TOKEN, EXPIRED]),
    ],
)
def test_a_strange_content_that_is_no_secret_of_the_token_is_not_replaced(stored: StoredSecret, live: list) -> None:
    with pytest.raises(InvalidOption) as caught:
        planned(stored, *live)
    assert str(caught.value) == REFUSAL
    assert planned(replace(stored, is_strange=False), *live).changed, "only because it is strange"


@pytest.mark.parametrize("stored", [replace(STRANGE, alive=True), replace(STRANGE, alive=True, holder="t")])
def test_a_strange_content_that_is_the_secret_of_the_token_is_replaced(stored: StoredSecret) -> None:
    """A server may make secrets of another form than the vendor's."""
    assert any(isinstance(step, Create) for step in planned(stored, TOKEN).steps)


def test_a_strange_content_does_not_matter_where_no_secret_is_issued() -> None:
    assert planned(replace(STRANGE, alive=None), TOKEN, recreate="if_expired") == Plan(TOKEN, TOKEN)
    assert planned(STRANGE, TOKEN, recreate="never").steps == ()


@pytest.mark.parametrize(
    ("begun", "ours"),
    [
        ([BORN], True),
        ([BORN + 2], True),
        ([BORN + 3], False),
        ([BORN - LATEST_ISSUE], True),
        ([BORN - LATEST_ISSUE - 1], False),
        ([BORN - 9999, BORN - 1], True),
        ([], False),
    ],
)
def test_which_issue_that_never_ended_has_created_the_token(begun: list[int], ours: bool) -> None:
    assert LATEST_ISSUE == 120
    stored = StoredSecret("/file", unfinished=tuple(Issue((sent,), TOKEN.limits()) for sent in begun))
    assert stored.has_begun(TOKEN) is ours
    assert stored.has_begun(replace(TOKEN, create_time=None)) is False
    if ours:
        assert planned(stored, TOKEN, recreate="if_expired").warnings == (
            "The live token t is taken for the one that an interrupted run created for /file, and another secret is issued. "
            "It may be that of another run: whoever uses its secret is cut off.",
        )
        return
    with pytest.raises(InvalidOption) as caught:
        planned(stored, TOKEN, recreate="if_expired")
    assert str(caught.value) == (
        "token_file: /file does not hold the secret of the live token t, and another secret would cut off whoever uses this one. "
        "Put the secret there, give recreate: if_unusable to have another one issued all the same, or use the role rotate, "
        "which replaces a secret without an outage."
    )


def test_who_asks_for_another_secret_every_time_is_not_warned_of_the_old_one() -> None:
    stored = StoredSecret("/file")
    assert planned(stored, TOKEN, recreate="always").warnings == ()
    assert planned(stored, TOKEN, recreate="if_unusable").warnings == (
        "The token t was live, and /file did not hold its secret: with recreate: if_unusable another one is issued. "
        "Whoever uses the old secret is cut off.",
    )
