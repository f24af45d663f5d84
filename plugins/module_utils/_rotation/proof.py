# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the places of a token hold, proven against the server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from .._api.owners import Tokens
from .._delivery.evidence import NOTHING, OTHER, Evidence
from .._errors import PanelopsError, Unreachable
from .._model.names import is_sibling, is_staged, retired_stamp
from .entries import Key
from .held import REMEDY, others, refusal_by_mark
from .places import AllEvidence
from .repair import Holding, Reading
from .rotating import RotatingToken
from .server import Holder, Server
from .sinks import TokenSink

MOST_REFUSED = 5
"""After so many refused secrets no further one is tried in a run: a server locks out who goes on."""


_WORD = "it holds a word that is no secret of such a server, and that would be lost. Remove it if nobody needs it, or give another place."

_NO_MORE = (
    f"{MOST_REFUSED} secrets were refused, and no more are tried in this run, because the server locks out who goes on."
)

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class _Try:
    """What came of trying a secret. ``may_be_retired``: nobody can say that it is not the one of a retired token."""

    holding: Holding
    may_be_retired: bool = False


@dataclass
class Proofs:
    """What is known of the secrets that were found: each is asked about once."""

    server: Server
    evidence: AllEvidence
    _holders: dict[str, Holder] = field(default_factory=dict)
    _tries: dict[tuple[Key, str], _Try | PanelopsError] = field(default_factory=dict)
    _refused: int = 0
    _silence: PanelopsError | None = None
    """Why the server does not answer. It is not asked again: each question would wait as long."""
    _numbers: dict[str, int] = field(default_factory=dict)
    _suspended: dict[str, bool] | None = None

    def reading(self, rotating: RotatingToken, sink: TokenSink, tokens: Tokens) -> Reading:
        """What a place of a token holds. ``tokens`` are all tokens of its owner."""
        why, found = self.evidence.why_unknown(sink), self.evidence.of(sink)
        if why is not None or found is None:
            return Reading(sink.label, Holding.UNKNOWN, why or "")
        if found.found == OTHER:
            return Reading(sink.label, Holding.OTHER, found.msg or "")
        if found.found == NOTHING:
            return Reading(sink.label, Holding.MISSING)
        by_template = sink.options.get("format") == "template"
        if found.held is None:
            # In the text that a template has made nobody knows where a secret stands.
            return Reading(sink.label, Holding.UNPROVEN) if by_template else Reading(sink.label, Holding.OTHER, _WORD)
        try:
            reading = self._proven(rotating, sink, found, found.held, tokens)
        except PanelopsError as error:
            return Reading(sink.label, Holding.UNKNOWN, str(error))
        if by_template and reading.holding is Holding.DEAD:
            return Reading(sink.label, Holding.UNPROVEN)
        return reading

    def _proven(
        self, rotating: RotatingToken, sink: TokenSink, found: Evidence, secret: str, tokens: Tokens
    ) -> Reading:
        may_be_retired = False
        if rotating.owner is None and self.server.options.service == "whm":
            holding, holder = self._recognized(rotating, secret)
            if holding is Holding.OTHER and holder.name is not None:
                return Reading(sink.label, holding, f"{others(holder.name)} {REMEDY}")
        else:
            tried, holder = self._tried(rotating, secret, tokens), Holder(None)
            holding, may_be_retired = tried.holding, tried.may_be_retired
        if holding in (Holding.DEAD, Holding.UNPROVEN):
            refusal = refusal_by_mark(self.server, rotating, found, holder)
            if refusal is not None:
                return Reading(sink.label, Holding.OTHER, f"{refusal} {REMEDY}")
        same = self._numbers.setdefault(secret, len(self._numbers))
        return Reading(sink.label, holding, same=same, may_be_retired=may_be_retired)

    def _recognized(self, rotating: RotatingToken, secret: str) -> tuple[Holding, Holder]:
        """WHM tells which token a secret belongs to."""
        if secret not in self._holders:
            self._holders[secret] = self._heard(lambda: self.server.holder(secret))
        holder = self._holders[secret]
        if holder.alive is None:
            return Holding.UNPROVEN, holder
        if holder.name is None:
            return Holding.DEAD, holder
        if holder.name == rotating.name:
            return Holding.LIVE, holder
        if not is_sibling(holder.name, (rotating.name,)):
            return Holding.OTHER, holder
        return Holding.STAGED if is_staged(holder.name, rotating.name) else Holding.RETIRED, holder

    def _heard(self, ask: Callable[[], Answer]) -> Answer:
        """The answer to a question.

        :raises PanelopsError: there is none, or there was none to an earlier one.
        """
        if self._silence is not None:
            raise self._silence
        try:
            return ask()
        except Unreachable as error:
            self._silence = error
            raise

    def _tried(self, rotating: RotatingToken, secret: str, tokens: Tokens) -> _Try:
        """A secret of a cPanel account has no name: that it is the live one is known only while there is no other."""
        key = (rotating.key, secret)
        if key not in self._tries:
            try:
                self._tries[key] = self._try(rotating, secret, tokens)
            except PanelopsError as error:
                self._tries[key] = error
        told = self._tries[key]
        if isinstance(told, PanelopsError):
            raise told
        return told

    def _try(self, rotating: RotatingToken, secret: str, tokens: Tokens) -> _Try:
        began = self.server.now()
        if self._refused >= MOST_REFUSED:
            raise PanelopsError(_NO_MORE)
        if not self._heard(lambda: self.server.accepts(rotating.owner, secret)):
            self._refused += 1
            if self._is_suspended(rotating.owner):
                raise PanelopsError("the account is suspended, so no secret of it works, and none can be proven.")
            return _Try(Holding.DEAD)
        alive = [name for name, token in tokens.items() if not token.is_expired(began)]
        if alive == [rotating.name]:
            return _Try(Holding.LIVE)
        if any(retired_stamp(name, rotating.name) is not None for name in alive):
            return self._by_use(rotating, began)
        return _Try(Holding.UNPROVEN)

    def _by_use(self, rotating: RotatingToken, began: int) -> _Try:
        """Is it the secret of a retired token, as the times of the last use tell?

        The token that it belongs to has been used since it was tried, and others may have been. That it is the live one is not taken from
        that at all.
        """
        tokens = self._heard(lambda: self.server.read([rotating])[rotating.owner])
        if isinstance(tokens, PanelopsError):
            raise tokens
        used = [name for name, token in tokens.items() if token.last_used is not None and token.last_used >= began]
        retired = [name for name in used if retired_stamp(name, rotating.name) is not None]
        if used and used == retired:
            return _Try(Holding.RETIRED)
        return _Try(Holding.UNPROVEN, may_be_retired=bool(retired))

    def _is_suspended(self, owner: str | None) -> bool:
        if owner is None:
            return False
        if self._suspended is None:
            self._suspended = self._heard(self.server.accounts)
        return self._suspended.get(owner, False)
