# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of docs/wire-contract.md: what is asked of a server, and what it answers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tests.conformance.expectations import is_matcher
from tests.conformance.facts import SOURCES, TOUCHES, Fact, Step, sections

_HEAD = """# The wire contract

What the APIs of cPanel & WHM for API tokens take and answer. The modules of this collection rely on these facts, and the
[reference server](reference-server.md) is held to them by tests: [conformance](conformance.md) names the test of each.

Most facts have steps: the calls that a client makes, and what it then sees. The steps are data in `tests/conformance/facts`, and
`python -m tests.conformance.table` writes this page from them.

In the steps, `a`, `b` and `c` are names of API tokens. "as `a`" means that the call authenticates with the secret of the token `a`, and
`now+60` is a time 60 seconds from now. `a*50` is a name of 50 characters. A call is sent to WHM as root,
or to cPanel as an account, unless its step says something else. *Refused* is a failure in the answer, and *denied* means not
authenticated: HTTP 401 or 403, a login page, or a redirect to it.

The facts are from versions 134 to 138 of cPanel & WHM. The column "source" says where each comes from:

"""

_WORDS = {
    "not": "is not {}",
    "type": "is of type {}",
    "regex": "matches {}",
    "one_of": "is one of {}",
    "has": "holds {}",
    "lacks": "does not hold {}",
    "keys": "holds exactly {}",
    "length": "has {} entries",
    "min": "is at least {}",
    "max": "is at most {}",
    "is": "is {}",
}
_OUTCOMES = {"ok": "success", "refused": "*refused*", "denied": "*denied*", "any": ""}


def with_ascii_quotes(page: str) -> str:
    """Return a page with the vendor's quotes as Markdown can carry them: as entities, and in code as escapes."""
    between = page.split("`")
    for index, text in enumerate(between):
        opening, closing = ("\\u201c", "\\u201d") if index % 2 else ("&ldquo;", "&rdquo;")
        between[index] = text.replace("\u201c", opening).replace("\u201d", closing)
    return "`".join(between)


def wire_contract() -> str:
    """Return the text of the page."""
    parts = [_HEAD, "".join(f"- {words}\n" for words in SOURCES.values())]
    for section in sections():
        if not section.id.startswith("C"):
            continue
        parts.append(f"\n## {section.id}: {section.title.replace('`', '')}\n\n")
        parts.append("| | fact | steps | touches | source |\n|---|---|---|---|---|\n")
        parts.extend(_row(fact) for fact in section.facts)
    return with_ascii_quotes("".join(parts))


def _row(fact: Fact) -> str:
    sources = ", ".join(SOURCES[source] for source in fact.sources)
    steps = "<br>".join(f"{number}. {_step(step)}" for number, step in enumerate(fact.steps, start=1))
    touches = TOUCHES[fact.touches] if fact.steps else ""
    return f"| {fact.id} | {fact.says} | {steps} | {touches} | {sources} |\n"


def _step(step: Step) -> str:
    if step.kind == "advance":
        return f"wait {step.subject} seconds"
    method = f"{step.method} " if step.kind == "request" or step.method != "POST" else ""
    asked = [_code(method + _plain(step.subject))]
    if step.parameters:
        asked.append(_code(" ".join(_parameter(key, value) for key, value in step.parameters.items())))
    if step.body is not None:
        asked.append("body " + _code(step.body))
    asked += [_code(f"{name}: {_plain(value)}") for name, value in step.headers.items()]
    if step.role != ("account" if step.port.startswith("cpanel") else "root"):
        asked.append(f"as `{step.role}`" if len(step.role) == 1 else f"as {step.role.replace('_', ' ')}")
    if step.port.endswith("plain"):
        asked.append("without TLS")
    if step.kind == "request":
        asked.append(f"on the port of {'cPanel' if step.port.startswith('cpanel') else 'WHM'}")
    answered = [_OUTCOMES[step.outcome], f"HTTP {step.status}" if step.status else ""]
    answered += [f"{_code(path)} {_expected(wanted)}" for path, wanted in step.expect.items()]
    return " ".join(asked) + " → " + ", ".join(filter(None, answered))


def _parameter(name: str, value: Any) -> str:
    return " ".join(f"{name}={_value(item)}" for item in (value if isinstance(value, list) else [value]))


def _expected(wanted: Any) -> str:
    if not is_matcher(wanted):
        return f"is {_code(_value(wanted))}"
    return " and ".join(_matched(key, value) for key, value in wanted.items())


def _matched(key: str, value: Any) -> str:
    if key in ("absent", "empty"):
        words = {"absent": ("is absent", "is there"), "empty": ("is empty or absent", "is not empty")}[key]
        return words[0] if value else words[1]
    items = value if isinstance(value, list) and key != "is" else [value]
    return _WORDS[key].format(", ".join(_code(_value(item)) for item in items))


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _plain(value)
    if isinstance(value, (list, Mapping)) or value is None:
        return _plain(json.dumps(value, ensure_ascii=False))
    return str(value)


def _plain(text: str) -> str:
    return re.sub(r"\$\{([^}]+)\}", r"\1", text).replace("\r\n", "\\r\\n")


def _code(text: str) -> str:
    text = _plain(text).replace("|", "\\|")
    return f"``{text}``" if "`" in text else f"`{text}`" if text else '`""`'
