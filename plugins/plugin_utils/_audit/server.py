# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One server in a report, from the results of the tasks that read its tokens and of those that revoked some."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from .findings import (
    CPANEL,
    WHM,
    finding,
    findings_of,
)
from .policy import Policy
from .text import clean

NOT_AUDITED = "Ansible could not reach it, an earlier task failed for it, or the audit was skipped for it."
PENDING = "Its turn has not come yet in this run."

_KEPT = ("create_time", "expires_at", "last_used")
_OF_SERVICE = {WHM: ("acls", "whitelist_ips"), CPANEL: ("readonly",)}


def server_from(name: str, read: Mapping | None, pending: bool, policy: Policy, now: int) -> tuple[dict, list, list]:
    """A server, its tokens and its findings, as the report holds them.

    :param read: what the role keeps of a server: ``host``, ``username``, the results ``whm`` and ``cpanel`` of the info modules and
        ``fixed_whm`` and ``fixed_cpanel`` of the bulk modules (empty where a task was not run); ``None`` if it was not read.
    :param pending: it has yet to be read in this run.
    :param now: Unix seconds of the controller, for a server that does not tell its own.
    """
    read = read or {}
    results = [result for result in (read.get("whm") or {}, read.get("cpanel") or {}) if _ran(result)]
    errors = [clean(result.get("msg", "")) for result in results if result.get("failed")]
    whm, cpanel = _good(read)
    server = dict(
        name=clean(name),
        # What stands before an @ may be a credential; nobody connects to such a host.
        host=clean(str(read.get("host") or "").rpartition("@")[2]),
        username=clean(read.get("username") or ""),
        status=_status(len(results), len(errors), pending),
        error=_error(results, errors, pending),
        accounts=cpanel.get("accounts_asked"),
        unreadable_accounts=[
            dict(account=clean(each["account"]), error=clean(each["msg"]))
            for each in cpanel.get("unreadable_accounts", ())
        ],
        fix_error=_fix_error(read),
    )
    time = server_time(read, now)
    listed = [*_tokens(server, WHM, whm, read), *_tokens(server, CPANEL, cpanel, read)]
    found = list(_about_server(server, policy, time))
    for token in listed:
        of_token = findings_of(token, policy, time)
        for each in of_token:
            each["fixed"] = token["revoked"]
        token["status"] = _standing(token, policy, time)
        found += of_token
    return server, listed, found


def server_time(read: Mapping, now: int) -> int:
    """The server's time when it was read, in Unix seconds; ``now`` if it does not tell."""
    whm, cpanel = _good(read)
    return whm.get("server_time") or cpanel.get("server_time") or now


def _good(read: Mapping) -> tuple[Mapping, Mapping]:
    """The results of WHM and of accounts, empty where there is none or the task failed."""
    whm, cpanel = (read.get(service) or {} for service in (WHM, CPANEL))
    return _unless_failed(whm), _unless_failed(cpanel)


def _unless_failed(result: Mapping) -> Mapping:
    return result if _ran(result) and not result.get("failed") else {}


def _ran(result: Mapping) -> bool:
    return bool(result) and not result.get("skipped")


def _status(results: int, errors: int, pending: bool) -> str:
    if pending:
        return "pending"
    if not results:
        return "not_audited"
    return "read" if not errors else "unreadable" if errors == results else "partly_read"


def _error(results: list, errors: list, pending: bool) -> str | None:
    if pending:
        return PENDING
    if not results:
        return NOT_AUDITED
    return " ".join(dict.fromkeys(errors)) or None


def _about_server(server: Mapping, policy: Policy, now: int) -> Iterator[dict]:
    subject = dict(server=server["name"])
    if server["error"] and server["status"] != "pending":
        which = "Some of its tokens" if server["status"] == "partly_read" else "Its tokens"
        yield from _found(policy, subject, "unreadable_server", f"{which} could not be read. {server['error']}", now)
    for each in server["unreadable_accounts"]:
        subject = dict(server=server["name"], service=CPANEL, owner=each["account"])
        sentence = f"The tokens of this account could not be read. {each['error']}"
        yield from _found(policy, subject, "unreadable_account", sentence, now)


def _found(policy: Policy, subject: Mapping, kind: str, sentence: str, now: int) -> Iterable[dict]:
    return filter(None, [finding(policy, subject, kind, sentence, now)])


def _tokens(server: Mapping, service: str, result: Mapping, read: Mapping) -> Iterator[dict]:
    fixes = _fixes(read, service)
    for entry in result.get(f"{service}_api_tokens", ()):
        fix = fixes.get((entry.get("account"), entry["name"]), {})
        live = fix.get(f"{service}_api_token")
        if fix and not fix.get("failed") and live is None and not fix["changed"]:
            continue  # It was revoked by something else in between.
        state = {**entry, **(live or {})}
        yield dict(
            server=server["name"],
            service=service,
            owner=clean(entry.get("account") or server["username"]),
            name=clean(entry["name"]),
            revoked=bool(fix.get("changed")),
            **{key: state[key] for key in _KEPT if key in state},
            **{key: _clean_list(state[key]) for key in _OF_SERVICE[service]},
        )


def _clean_list(value: object) -> object:
    return [clean(each) for each in value] if isinstance(value, list) else value


def _fixes(read: Mapping, service: str) -> dict:
    """The result for each token that was to be revoked, by account and name."""
    result = read.get(f"fixed_{service}") or {}
    return {(each.get("account"), each["name"]): each for each in result.get(f"{service}_api_tokens", ())}


def _fix_error(read: Mapping) -> str | None:
    results = (read.get(f"fixed_{service}") or {} for service in (WHM, CPANEL))
    return " ".join(clean(result["msg"]) for result in results if result.get("failed")) or None


def _standing(token: Mapping, policy: Policy, now: int) -> str:
    if token["revoked"]:
        return "revoked"
    if token["expires_at"] is None:
        return "active"
    left = token["expires_at"] - now
    return "expired" if left <= 0 else "expiring" if left <= policy.expiring_within else "active"
