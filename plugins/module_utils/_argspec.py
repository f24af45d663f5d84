# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The argument specifications that several modules share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

CONNECTION = dict(
    host=dict(type="str"),
    port=dict(type="str"),
    username=dict(type="str"),
    api_token=dict(type="str", no_log=True),
    password=dict(type="str", no_log=True),
    validate_certs=dict(type="str"),
    ca_path=dict(type="path"),
    timeout=dict(type="str", default="30"),
    transport=dict(type="str", choices=["https", "cli"], default="https"),
)
"""The connection options. What is not given, or empty, comes from the environment: see ``_api/connection.py``.

Numbers and booleans are text here, because Ansible refuses an empty string for any other type, and repeats what it refuses.
"""

ACCOUNT = dict(
    account=dict(type="str"),
    cpanel_port=dict(type="str"),
)
"""Whose tokens, for the modules of cPanel."""

EXPIRY = dict(
    expires_at=dict(type="str"),
    expires_in=dict(type="str"),
    renew_before=dict(type="str"),
    timezone=dict(type="str", default="UTC"),
)

TOKEN = dict(
    **EXPIRY,
    name=dict(type="str", required=True),
    state=dict(type="str", choices=["present", "absent"], default="present"),
    only_expired=dict(type="bool", default=False),
    rename_from=dict(type="str"),
    recreate=dict(
        type="str", choices=["never", "if_expired", "if_unusable", "if_changed", "always"], default="if_expired"
    ),
    token_file=dict(type="path", no_log=False),
    owner=dict(type="str"),
    group=dict(type="str"),
    mode=dict(type="raw"),
)
"""The options of one token that both services have."""

WHM_LIMITS = dict(
    acls=dict(type="list", elements="str"),
    whitelist_ips=dict(type="list", elements="str", aliases=["allowed_ips"]),
)

CPANEL_LIMITS = dict(readonly=dict(type="bool"))

POLICY = dict(
    return_token=dict(type="bool", default=False, no_log=False),
    allow_self=dict(type="bool", default=False),
)
"""How a task treats secrets, and the token that it authenticates with."""

PRUNE = dict(
    prune=dict(type="bool", default=False),
    # A default that no name begins with, for Ansible does not tell an option that is null from one that is left out.
    prune_prefix=dict(type="str", default="*"),
)

SELECTION = dict(
    name=dict(type="str"),
    pattern=dict(type="str", default="*"),
    expiring_within=dict(type="str", default="14d"),
)
"""Which tokens an info module lists."""

WHM_API_TOKEN = dict(**CONNECTION, **TOKEN, **WHM_LIMITS, **POLICY)
WHM_API_TOKENS = dict(
    **CONNECTION,
    **POLICY,
    **PRUNE,
    tokens=dict(type="list", elements="dict", required=True, no_log=False, options=dict(**TOKEN, **WHM_LIMITS)),
)
WHM_API_TOKEN_INFO = dict(**CONNECTION, **SELECTION)
CPANEL_API_TOKEN = dict(**CONNECTION, **ACCOUNT, **TOKEN, **CPANEL_LIMITS, **POLICY)
CPANEL_API_TOKENS = dict(
    **CONNECTION,
    **POLICY,
    **PRUNE,
    cpanel_port=dict(type="str"),
    tokens=dict(
        type="list",
        elements="dict",
        required=True,
        no_log=False,
        options=dict(account=dict(type="str"), **TOKEN, **CPANEL_LIMITS),
    ),
    accounts=dict(type="list", elements="str"),
)
CPANEL_API_TOKEN_INFO = dict(**CONNECTION, **ACCOUNT, **SELECTION, accounts=dict(type="list", elements="str"))

PLACE = dict(
    account=dict(type="str"),
    name=dict(type="str", required=True),
    sink=dict(type="int", required=True),
    host=dict(type="str", required=True),
)
"""Names one sink of one token on one host."""

_ORIGIN = dict(
    type="dict",
    options=dict(
        server=dict(type="str", required=True),
        user=dict(type="str", required=True),
        kind=dict(type="str", required=True),
        name=dict(type="str", required=True),
        create_time=dict(type="int"),
    ),
)
"""Names the API token that a secret was issued for."""

API_TOKEN_DELIVERY = dict(
    step=dict(type="str", choices=["read", "check", "deliver", "restore"], required=True),
    copies=dict(
        type="list", elements="dict", options=dict(**PLACE, previous=dict(type="str", no_log=True), mark=_ORIGIN)
    ),
    sinks=dict(
        type="list",
        elements="dict",
        required=True,
        options=dict(
            **PLACE,
            type=dict(type="str", required=True),
            path=dict(type="str"),
            format=dict(type="str", choices=["raw", "env", "json", "yaml", "ini", "template"]),
            key=dict(type="str", no_log=False),
            keys=dict(type="dict", no_log=False),
            section=dict(type="str"),
            merge=dict(type="bool", default=False),
            shared=dict(type="bool", default=False),
            # The secret among them is also ``token``, which hides it. The others stand in places and paths, which a result must show.
            values=dict(type="dict", no_log=False),
            template=dict(type="str"),
            vault_id=dict(type="str"),
            owner=dict(type="str"),
            group=dict(type="str"),
            mode=dict(type="raw"),
            content=dict(type="str", no_log=True),
            recognize=dict(type="str", choices=["raw", "env", "json", "yaml", "ini"]),
            token=dict(type="str", no_log=True),
            before=dict(type="str"),
            after=dict(type="str"),
            origin=_ORIGIN,
            verify=dict(
                type="dict",
                options=dict(
                    service=dict(type="str", choices=["whm", "cpanel"], required=True),
                    host=dict(type="str", required=True),
                    port=dict(type="int", required=True),
                    username=dict(type="str", required=True),
                    ca_path=dict(type="str"),
                    validate_certs=dict(type="bool", default=True),
                    timeout=dict(type="int", default=30),
                ),
            ),
        ),
    ),
)

STORE_OPTIONS: dict[str, dict[str, Any]] = dict(
    namespace=dict(type="str"),
    project=dict(type="str"),
    environment_scope=dict(type="str"),
    masked=dict(type="bool"),
    protected=dict(type="bool"),
    raw=dict(type="bool"),
    variable_type=dict(type="str", choices=["env_var", "file"]),
)
"""What some kinds of sinks in stores need to name a secret, or to create it."""

API_TOKEN_STORE = dict(
    step=dict(type="str", choices=["read", "check", "deliver", "restore", "confirm", "close"], required=True),
    # The rest of a token is none of its business.
    tokens=dict(type="list", elements="raw", no_log=False),
    sinks=dict(
        type="list",
        elements="dict",
        options=dict(
            **PLACE,
            type=dict(type="str", required=True),
            path=dict(type="str"),
            key=dict(type="str", no_log=False),
            keys=dict(type="dict", no_log=False),
            engine_mount_point=dict(type="str"),
            group=dict(type="str"),
            **STORE_OPTIONS,
            values=dict(type="dict", no_log=True),
            before=dict(type="str"),
            after=dict(type="str"),
        ),
    ),
    evidence=dict(type="list", elements="raw"),
    independent=dict(type="bool", default=False),
    copies=dict(type="list", elements="dict", options=dict(**PLACE, previous=dict(type="str", no_log=True))),
    sessions=dict(type="dict", no_log=True),
)
"""Of M(panelops.cpanel.api_token_store), which runs in Ansible's own process only."""


def _rotation_sink(types: Iterable[str], formats: Iterable[str]) -> dict[str, Any]:
    """Where the secret of a rotated token goes."""
    return dict(
        type=dict(type="str", choices=list(types), required=True),
        hosts=dict(type="list", elements="str"),
        path=dict(type="str"),
        format=dict(type="str", choices=list(formats)),
        key=dict(type="str", no_log=False),
        keys=dict(type="dict", no_log=False),
        section=dict(type="str"),
        merge=dict(type="bool"),
        template=dict(type="str"),
        vault_id=dict(type="str"),
        owner=dict(type="str"),
        group=dict(type="str"),
        mode=dict(type="raw"),
        engine_mount_point=dict(type="str"),
        **STORE_OPTIONS,
        connection=dict(type="dict"),
        organization=dict(type="str"),
        repository=dict(type="str"),
        environment=dict(type="str"),
        credential=dict(type="str"),
        credential_type=dict(type="str"),
        module=dict(type="str"),
        args=dict(type="dict"),
        tasks=dict(type="str"),
    )


def api_token_rotation(
    steps: Iterable[str], types: Iterable[str], formats: Iterable[str], days: Iterable[str]
) -> dict[str, Any]:
    """The specification of M(panelops.cpanel.api_token_rotation), for the kinds of sinks that there are.

    :param steps: the names of the steps. :param types: the names of the kinds. :param formats: those of all their formats.
    :param days: the days of the week.
    """
    return dict(
        **{name: option for name, option in CONNECTION.items() if name != "transport"},
        cpanel_port=dict(type="str"),
        service=dict(type="str", choices=["whm", "cpanel"], default="whm"),
        step=dict(type="str", choices=list(steps), required=True),
        overlap=dict(type="str", default="24h"),
        repair=dict(type="str", choices=["auto", "report", "never"], default="never"),
        overlap_max=dict(type="str", default="7d"),
        force=dict(type="bool", default=False),
        emergency=dict(type="bool", default=False),
        only=dict(type="list", elements="str"),
        spread=dict(type="str"),
        window=dict(
            type="dict",
            options=dict(
                days=dict(type="list", elements="str", choices=list(days)),
                hours=dict(type="str"),
                zone=dict(type="str", default="UTC"),
            ),
        ),
        limit=dict(type="int"),
        stop_after=dict(type="int"),
        verify=dict(
            type="dict",
            options=dict(
                host=dict(type="str"),
                port=dict(type="int"),
                cpanel_port=dict(type="int"),
                ca_path=dict(type="str"),
                validate_certs=dict(type="bool"),
            ),
        ),
        tokens=dict(
            type="list",
            elements="dict",
            required=True,
            no_log=False,
            options=dict(
                **WHM_LIMITS,
                **CPANEL_LIMITS,
                account=dict(type="str"),
                accounts=dict(type="list", elements="str"),
                name=dict(type="str", required=True),
                expires_in=dict(type="str"),
                rotate_before=dict(type="str"),
                max_age=dict(type="str"),
                sinks=dict(type="list", elements="dict", options=_rotation_sink(types, formats)),
                verify_from=dict(type="list", elements="str"),
                notify=dict(type="list", elements="str"),
            ),
        ),
        rotation=dict(
            type="list",
            elements="dict",
            options=dict(
                account=dict(type="str"),
                name=dict(type="str", required=True),
                state=dict(type="str", required=True),
                reason=dict(type="str"),
                detail=dict(type="str"),
                create_time=dict(type="int"),
                expires_at=dict(type="int"),
                next_due=dict(type="int"),
                waits=dict(type="str"),
                waits_until=dict(type="int"),
                wave=dict(type="int"),
                healed=dict(type="list", elements="str"),
                places=dict(type="list", elements="dict"),
                successor=dict(type="dict"),
                staged=dict(type="str"),
                new_create_time=dict(type="int"),
                new_expires_at=dict(type="int"),
                token=dict(type="str", no_log=True),
                offered=dict(type="bool"),
                withdrawn=dict(type="bool"),
                msg=dict(type="str"),
                retired=dict(type="list", elements="str"),
            ),
        ),
        sinks=dict(
            type="list",
            elements="dict",
            options=dict(
                **PLACE,
                ok=dict(type="bool", required=True),
                taken_over=dict(type="bool", default=False),
                unchanged=dict(type="bool", default=False),
                before=dict(type="str"),
                after=dict(type="str"),
                restored=dict(type="bool"),
                msg=dict(type="str"),
                held=dict(type="str", no_log=True),
                found=dict(type="str", choices=["secret", "nothing", "other"]),
                mark=_ORIGIN,
            ),
        ),
    )
