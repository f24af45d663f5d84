# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one reader of request bodies: a urlencoded form, whatever the type says, or multipart/form-data, or a JSON object.

Clients that others wrote send all of these: the vendor's Perl client says application/octet-stream of a urlencoded form,
PHP and ``curl -F`` send multipart/form-data, and many send JSON.
"""

from __future__ import annotations

import json
import re
from codecs import lookup
from email.errors import MessageError
from email.parser import HeaderParser
from urllib.parse import unquote_to_bytes

from token_server.parameters import MAX_FIELDS, Parameters, clean, decoded_pairs, pairs_from_json

MAX_PARTS = 1_000
"""Parts of a multipart body: each costs a hundred times as much as a field of a urlencoded form."""

MAX_PART_HEADERS = 4096
"""Bytes of the headers of one part."""

_MULTIPART = "multipart/form-data"
_JSON = "application/json"
_PARAMETER = re.compile(
    r"""
      ; \s*+
      (?: ([^\s;="]++) \s*+ = \s*+ (?: "( (?: [^"\\] | \\. )*+ )" \s*+ | ([^;"]*+) ) )?
    """,
    re.VERBOSE | re.DOTALL,
)
"""A parameter of a header, such as ``; name="a"``. Nothing in it is tried twice, so its time grows with the length only."""

_CHARSETS = frozenset({"utf-8", "ascii", "iso8859-1", "cp1252"})
"""The character sets that a part may name, as Python calls them. Some others of Python's take quadratic time."""


class BadBody(Exception):
    """A body, or a query, that cannot be read; the text is one sentence for the client."""


def parameters(query: bytes, body: bytes, content_type: bytes | None) -> Parameters:
    """Return the parameters of a query and a body together. Raises ``BadBody``."""
    pairs = _urlencoded(query)
    if body:
        pairs += _pairs(body, content_type)
        if len(pairs) > MAX_FIELDS:
            raise _too_many()
    return Parameters(pairs)


def _pairs(body: bytes, content_type: bytes | None) -> list[tuple[str, str]]:
    if content_type is None or content_type[:4].lower() not in (b"mult", b"appl"):
        return _urlencoded(body)
    text = content_type.decode("latin-1")
    kind = _word(text)
    if kind == _MULTIPART:
        return _multipart(body, text)
    if kind == _JSON:
        return _json(body)
    return _urlencoded(body)


def _urlencoded(encoded: bytes) -> list[tuple[str, str]]:
    try:
        return decoded_pairs(encoded.decode("utf-8", "replace"))
    except ValueError as error:
        raise _too_many() from error


def _too_many() -> BadBody:
    return BadBody("The request has too many parameters.")


def _json(body: bytes) -> list[tuple[str, str]]:
    try:
        return pairs_from_json(json.loads(body))
    except (ValueError, RecursionError) as error:
        raise BadBody(
            "The body is not a JSON object whose values are texts, numbers, true, false, null, or lists of these."
        ) from error


def _multipart(body: bytes, content_type: str) -> list[tuple[str, str]]:
    """Return the fields of a multipart body.

    The body is cut here, and the standard library reads the headers of each part: its parser of whole messages would also
    read parts inside of parts, which forms do not have, in a time that grows with their depth.
    """
    try:
        boundary = _options(content_type).get("boundary")
    except (ValueError, LookupError) as error:
        raise BadBody("The Content-Type of the multipart body cannot be read.") from error
    if not boundary:
        raise BadBody("The Content-Type of a multipart body must name its boundary.")
    delimiter = b"\r\n--" + boundary.encode("latin-1", "replace")
    # The first delimiter may stand at the very beginning, without a line break before it.
    _preamble, *parts = (b"\r\n" + body).split(delimiter, MAX_PARTS + 2)
    if len(parts) > MAX_PARTS + 1:
        raise BadBody(f"A multipart body may have at most {MAX_PARTS} parts: send more as a urlencoded form.")
    pairs: list[tuple[str, str]] = []
    for part in parts:
        if part.startswith(b"--"):
            return pairs
        pairs.append(_field(part))
    raise BadBody("The multipart body does not end with its boundary.")


def _field(part: bytes) -> tuple[str, str]:
    """Return the name and the text of one part; a file counts as the text in it."""
    # Behind the boundary, white space may follow on its line.
    head, blank_line, content = part.partition(b"\r\n\r\n")
    if not blank_line or head.partition(b"\r\n")[0].strip(b" \t"):
        raise BadBody("A part of the multipart body has no headers, or no empty line after them.")
    if len(head) > MAX_PART_HEADERS:
        raise BadBody(f"The headers of a part may have at most {MAX_PART_HEADERS} bytes.")
    try:
        headers = HeaderParser().parsestr(head.partition(b"\r\n")[2].decode("utf-8", "replace"))
        disposition = headers.get("content-disposition", "")
        name = _options(disposition).get("name")
        charset = lookup(_options(headers.get("content-type", "")).get("charset", "utf-8")).name
    except (MessageError, LookupError, ValueError) as error:
        raise BadBody("The headers of a part of the multipart body cannot be read.") from error
    if not name or _word(disposition) != "form-data":
        raise BadBody('Each part of the multipart body must have a "Content-Disposition: form-data" with a name.')
    if charset not in _CHARSETS:
        raise BadBody("A part of the multipart body is in a character set that this server does not read: send UTF-8.")
    return clean(name), content.decode(charset, "replace")


def _word(header: str) -> str:
    """Return what stands before the parameters of a header."""
    return header.partition(";")[0].strip().lower()


def _options(header: str) -> dict[str, str]:
    """Return the parameters of a header by name; the first of a name counts. Raises ``ValueError`` and ``LookupError``.

    The standard library takes a time that grows with the square of the length, and any character set that a client names.
    """
    found: dict[str, str] = {}
    at = header.find(";")
    while 0 <= at < len(header):
        match = _PARAMETER.match(header, at)
        if match is None:
            raise ValueError("no parameter")
        at = match.end()
        name, quoted, plain = match.groups()
        if name is not None:
            text = plain.strip() if quoted is None else re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL)
            name = name.lower()
            if name.endswith("*"):
                name, text = name[:-1], _extended(text)
            found.setdefault(name, text)
    return found


def _extended(text: str) -> str:
    """Return the text of a parameter in the form CHARSET'LANGUAGE'TEXT, whose text is URI-encoded (RFC 2231)."""
    charset, _mark, rest = text.partition("'")
    _language, mark, encoded = rest.partition("'")
    name = lookup(charset or "ascii").name
    if not mark or name not in _CHARSETS:
        raise ValueError("no text that is read here")
    return unquote_to_bytes(encoded).decode(name, "replace")
