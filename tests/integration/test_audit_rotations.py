# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit that revokes what has expired leaves to a rotation what is the rotation's."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.panelops.cpanel.plugins.module_utils._model.names import staged_name

from tests.support.audits import DAY, audit, host_variables
from tests.support.rotating import Rotation, sink
from tests.support.server import Server

LIMITS = {"acl": "list-accts", "whitelist_ip": "127.0.0.2"}


def rotation(server: Server, folder: Path) -> Rotation:
    token = {"name": "t", "acls": ["list-accts"], "whitelist_ips": ["127.0.0.2"], "expires_in": "90d"}
    return Rotation(server, folder, [{**token, "sinks": [sink(folder / "copy")]}], {"overlap": "1s"})


def names_after_fix(server: Server, folder: Path, **variables: object) -> set[str]:
    run, _report = audit(folder, {"web1": {**host_variables(server), **variables}}, fix=["expired"])
    assert run.status == 0, run.output
    return set(server.whm_tokens())


def test_a_retired_token_that_its_rotation_keeps_stays(server: Server, tmp_path: Path) -> None:
    rotating = rotation(server, tmp_path)
    rotating.rotated()
    rotating.rotated(force=True)
    server.advance(30)
    (retired,) = set(server.whm_tokens()) - {"t"}
    assert server.whm_tokens()[retired]["expires_at"] < server.now(), "it has expired"
    assert names_after_fix(server, tmp_path) == {"t", retired}
    rotating.rotated()
    assert set(server.whm_tokens()) == {"t", retired}, "its rotation keeps it too"

    server.advance(8 * DAY)
    assert names_after_fix(server, tmp_path) == {"t"}, "no rotation has come for it within audit_abandoned_after"


@pytest.mark.parametrize("service", ["whm", "cpanel"])
def test_an_expired_token_with_a_staged_one_waits_for_its_rotation(
    server: Server, tmp_path: Path, service: str
) -> None:
    soon, later = server.now() + 60, server.now() + 400 * DAY
    staged = staged_name("t")
    for name, end in (("t", soon), (staged, later), ("other", soon)):
        if service == "whm":
            server.whm_token(name, **LIMITS, expires_at=end)
        else:
            server.uapi_token(name, expires_at=end)
    server.advance(120)
    run, report = audit(tmp_path, {"web1": server}, accounts=True, fix=["expired"])
    assert run.status == 0, run.output
    assert set(server.whm_tokens() if service == "whm" else server.uapi_tokens()) == {"t", staged}
    assert {each["name"]: each["fixed"] for each in report["findings"] if each["kind"] == "expired"} == {
        "t": False,
        "other": True,
    }


def test_an_expired_token_that_the_inventory_rotates_waits_for_its_rotation(server: Server, tmp_path: Path) -> None:
    rotating = rotation(server, tmp_path)
    rotating.rotated()
    secret = (tmp_path / "copy").read_text(encoding="utf-8").strip()
    server.whm_token("other", **LIMITS, expires_at=server.now() + DAY)
    server.advance(91 * DAY)
    assert not server.whm_accepts(secret, source="127.0.0.2"), "it has expired"
    assert names_after_fix(server, tmp_path, rotate_tokens=rotating.tokens) == {"t"}

    del rotating.tokens[0]["acls"]  # Its successor gets those that it has, which is why it must not go first.
    assert rotating.rotated()["rotated"][0]["reason"] == "expired"
