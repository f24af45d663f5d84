# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a request comes from a page of another site, which makes a browser send the credentials that it remembers."""

from __future__ import annotations

from token_server.wire import Scope, header

_TELLING = frozenset({b"origin", b"sec-fetch-site"})
_OTHERS = frozenset({b"cross-site", b"same-site"})
"""Values of ``Sec-Fetch-Site``: another port of this host is the same site, but not the same origin."""


def from_another_site(scope: Scope, *, secure: bool, null: bool = True) -> bool:
    """Tell whether the browser says that a page of another origin sent this; clients that are no browsers say nothing of it.

    ``null``: whether the origin ``null`` is another one. Pages without referrers, such as ours, send it too, and then only
    ``Sec-Fetch-Site`` tells them apart, which old browsers do not send.
    """
    for name, _value in scope["headers"]:
        if name in _TELLING:
            return _another(scope, secure, null)
    return False


def _another(scope: Scope, secure: bool, null: bool) -> bool:
    site, origin = header(scope, b"sec-fetch-site"), header(scope, b"origin")
    if site in _OTHERS:
        return True
    if origin == b"null":
        return null and site is None
    own = (b"https://" if secure else b"http://") + (header(scope, b"host") or b"").lower()
    return origin is not None and origin.lower() != own
