# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of this collection: each one is a sentence that a user can act on."""

from __future__ import annotations

LONGEST_REASON = 1000
"""Characters of a server's reason that a message holds; the server can send any number."""


def printable(text: str) -> str:
    """Text in which nothing can move a cursor, ring a bell, begin a line of a log, or change the direction of writing.

    White space of every kind is a blank. Other control and format characters, and half surrogates, become U+FFFD.
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else " " if each.isspace() else "\ufffd" for each in text)


class PanelopsError(Exception):
    """A failure that a user is told about.

    The text is the whole message, fit for a terminal and a log whatever a server said. ``result`` holds further keys of the task's result,
    such as the secret of a token that was created before the failure, for a secret that exists is never lost.
    """

    def __init__(self, message: str, **result: object) -> None:
        super().__init__(printable(message))
        self.result = dict(result)


class InvalidOption(PanelopsError):
    """An option breaks a rule; found before the first call."""

    def __init__(self, option: str, problem: str, remedy: str = "") -> None:
        super().__init__(f"{option}: {problem}" + (f" {remedy}" if remedy else ""))


def refuse_nul(option: str, value: object) -> None:
    """:raises InvalidOption: a path, or the name of a user or a group, has a NUL character. What it is is not repeated."""
    if "\0" in str(value):
        raise InvalidOption(option, "has a NUL character, which no file system and no name of a user allows.")


class Unreachable(PanelopsError):
    """The request was never answered and, as far as can be known, never carried out."""


class NotAuthenticated(PanelopsError):
    """The server does not accept the credentials, in whichever of its several ways it says so."""


class BadAnswer(PanelopsError):
    """Something answered, but not the API."""


class Refused(PanelopsError):
    """The API ran the function and said no (``metadata.result`` 0).

    :param remedy: a sentence of ours that follows the server's words.
    """

    def __init__(self, function: str, reason: str, remedy: str = "") -> None:
        self.function = function
        self.reason = printable(reason if len(reason) <= LONGEST_REASON else f"{reason[:LONGEST_REASON]}...")
        told = f"The server refused {function}: {self.reason}"
        end = "" if self.reason.endswith((".", "!", "?")) else "."
        super().__init__(f"{told}{end} {remedy}" if remedy else told)


class UnusableSecret(PanelopsError):
    """The server created an API token, but no API token has a secret like the one that it returned. The text never holds it."""

    def __init__(self, function: str) -> None:
        super().__init__(
            f"The secret in the server's answer to {function} cannot be one, and was thrown away: "
            "a secret is 8 to 128 letters, digits, dashes and underscores."
        )


class AnswerLost(PanelopsError):
    """The answer to a mutation never arrived whole: it may have happened (docs/wire-contract.md, section C1)."""

    def __init__(self, function: str, cause: str) -> None:
        self.function = function
        self.cause = printable(cause)
        super().__init__(f"The answer to {function} was lost ({self.cause}), so it may or may not have happened.")
