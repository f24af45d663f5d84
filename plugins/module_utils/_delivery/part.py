# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a sink writes of its file: all of it, or the values of some keys. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from .content import refuse_other_content, refuse_other_values, secret_in
from .merge import merged, restored, values_in

_PLACEHOLDER = "X" * 32

ABSENT = "absent"
"""In place of the fingerprint of a file that does not exist."""


class Written(Protocol):
    """What a sink writes. A content that is ``None`` is that of a file that does not exist."""

    def refuse(self, content: bytes, path: str) -> None:
        """:raises InvalidOption: something in the file would be lost, or it cannot be written safely."""

    def fingerprint(self, content: bytes | None) -> str:
        """Tells apart what the sink would replace, and says no more about it."""

    def content(self, present: bytes | None) -> bytes:
        """What the file is to hold.

        :raises InvalidOption: what is present cannot be edited safely.
        """

    def is_delivered(self, content: bytes | None) -> bool:
        """Does a file hold what this run delivers already? Nobody else has it: the host, or its folder, is in the play by two names."""

    def put_back(self, present: bytes, previous: bytes | None) -> bytes | None:
        """What the file is to hold again; ``None``: it is to be removed.

        :raises InvalidOption: what is present cannot be edited safely.
        """

    def secret(self, content: bytes) -> str | None:
        """The text that stands where the secret does, or should."""


@dataclass(frozen=True)
class Whole:
    """All of a file. ``recognize`` is the format in which this host looks into one that is there; ``None``: the controller does."""

    recognize: str | None
    section: str | None
    names: Sequence[str]
    secrets: str
    new: bytes = field(repr=False)
    token: str = field(repr=False)

    def refuse(self, content: bytes, path: str) -> None:
        """What holds more than a secret."""
        if self.recognize is not None:
            refuse_other_content(self.recognize, self.names, content, path, self.section)

    def fingerprint(self, content: bytes | None) -> str:
        """Of the file as it is."""
        return fingerprint(content)

    def content(self, present: bytes | None) -> bytes:
        """What the controller has made."""
        return self.new

    def is_delivered(self, content: bytes | None) -> bool:
        """The secret is there, whatever a template makes around it."""
        return content is not None and (content == self.new or (bool(self.token) and self.token.encode() in content))

    def put_back(self, present: bytes, previous: bytes | None) -> bytes | None:
        """What was there."""
        return previous

    def secret(self, content: bytes) -> str | None:
        """In the format of the sink."""
        return secret_in(self.recognize, self.secrets, content, self.section)


@dataclass(frozen=True)
class Part:
    """The values of some keys. All other bytes of the file are somebody else's, and may change at any time."""

    form: str
    section: str | None
    names: Sequence[str]
    secrets: str
    values: Mapping[str, str] = field(repr=False)

    def refuse(self, content: bytes, path: str) -> None:
        """Values that are no single word, and a file in which they cannot be set and put back."""
        refuse_other_values(values_in(self.form, content, self.names, self.section), path)
        tried = merged(self.form, content, dict.fromkeys(self.names, _PLACEHOLDER), self.section)
        restored(self.form, tried, content, self.names, self.section)

    def fingerprint(self, content: bytes | None) -> str:
        """Of the values alone."""
        return fingerprint_of(values_in(self.form, content or b"", self.names, self.section))

    def content(self, present: bytes | None) -> bytes:
        """What is there, with the values."""
        return merged(self.form, present or b"", self.values, self.section)

    def is_delivered(self, content: bytes | None) -> bool:
        """All values are there."""
        return bool(self.values) and values_in(self.form, content or b"", self.names, self.section) == self.values

    def put_back(self, present: bytes, previous: bytes | None) -> bytes | None:
        """What is there, with the values as they were. A file that this run has made goes if it has nothing else."""
        content = restored(self.form, present, previous or b"", self.names, self.section)
        return None if previous is None and not content else content

    def secret(self, content: bytes) -> str | None:
        """Under its key."""
        return secret_in(self.form, self.secrets, content, self.section)


def fingerprint(content: bytes | None) -> str:
    """Tells two copies apart, and says no more about them."""
    return ABSENT if content is None else hashlib.sha256(content).hexdigest()


def fingerprint_of(values: Mapping[str, str]) -> str:
    """The same of some values."""
    return fingerprint(json.dumps(values, sort_keys=True).encode())
