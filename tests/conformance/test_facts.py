# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every executable fact of the wire contract, against the reference server over TLS."""

from __future__ import annotations

import pytest

from tests.conformance.facts import Fact, all_facts
from tests.conformance.probe import Target, run
from tests.support.server import Server
from tests.support.users import ALICE, BOB, RESELLER, ROOT

EXECUTABLE = [pytest.param(fact, id=fact.id) for fact in all_facts() if fact.steps]


def target_of(server: Server) -> Target:
    """Return the reference server as a target on which everything may be done."""
    return Target(
        urls={name: server.ready[name] for name in ("whm", "whm_plain", "cpanel", "cpanel_plain")},
        credentials={"root": ROOT, "reseller": RESELLER, "account": ALICE, "other_account": BOB},
        verify=server.ready["ca_file"],
        changes_accounts=True,
        reference=True,
        advance=server.advance,
        now=server.now,
    )


@pytest.mark.parametrize("fact", EXECUTABLE)
def test_fact(server: Server, fact: Fact) -> None:
    result = run(fact, target_of(server))
    assert (result.kind, result.why) == ("holds", ""), f"{fact.id}: {fact.says}"
