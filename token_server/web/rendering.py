# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages from templates, the files that they load, and the headers of both."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from token_server.wire import HTML, TEXT, HttpAnswer

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER = Path(__file__).parent

_HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; "
        b"base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)

_TYPES = {".css": b"text/css; charset=utf-8", ".js": b"text/javascript; charset=utf-8", ".svg": b"image/svg+xml"}

PRODUCTS = {"whm": "WHM", "cpanel": "cPanel"}


@cache
def _environment() -> Environment:
    # Imported here because servers that nobody looks at with a browser start faster without it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(template: str, service: str, status: int = 200, **values: object) -> HttpAnswer:
    """Return a page."""
    text = _environment().get_template(template).render(product=PRODUCTS[service], **values)
    return HttpAnswer(text.encode(), status, HTML, _HEADERS)


def login_page(service: str, status: int = 200, error: str = "") -> HttpAnswer:
    """Return the form to log in with."""
    return page("login.html", service, status, error=error)


def redirect(location: str, headers: tuple[tuple[bytes, bytes], ...] = ()) -> HttpAnswer:
    """Return an answer that sends the browser to another page with GET."""
    return HttpAnswer(b"", 303, TEXT, ((b"location", location.encode("ascii")), *headers))


@cache
def _files() -> dict[str, HttpAnswer]:
    return {
        path.name: HttpAnswer(path.read_bytes(), content_type=_TYPES[path.suffix], headers=_HEADERS)
        for path in (_FOLDER / "static").iterdir()
        if path.suffix in _TYPES
    }


def asset(name: str) -> HttpAnswer | None:
    """Return the script or the style sheet, or None."""
    return _files().get(name)
