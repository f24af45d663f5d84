# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Regular expressions of clients, matched without backtracking, so that none can hang the server.

Python's own ``re`` needs exponential time for some patterns. Here a pattern becomes states that are followed all at once
(Thompson's construction), and the steps from one set of states to the next are remembered. What no such machine can do, such as
back references, is refused.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass, field

MAX_LENGTH = 200
"""Characters of a pattern."""
MAX_STATES = 1_000
MAX_WORK = 500_000
"""States that one pattern may visit in all texts together: about a second."""
_MAX_DEPTH = 20
_MAX_COUNT = 255
_FOUND = 0
"""The number of the state in which the pattern has matched: it is made first."""

_WORD = frozenset(string.ascii_letters + string.digits + "_")
_SETS: dict[str, Callable[[str], bool]] = {
    "d": lambda char: char in string.digits,
    "w": lambda char: char in _WORD,
    "s": lambda char: char in string.whitespace,
}
_ANCHORS = {"A": "begin", "z": "end", "Z": "end"}

Test = Callable[[str], bool]


class PatternRefused(ValueError):
    """The pattern is not valid, or not one that can be matched here; the text says why."""


@dataclass(slots=True)
class _State:
    """``kind`` is ``char``, ``split``, ``begin``, ``end`` or ``found``; ``after`` are the numbers of what follows."""

    kind: str
    test: Test | None = None
    after: list[int] = field(default_factory=list)


# What a parsed pattern consists of: a function that adds its states before the state of a number, and returns their first one.
_Build = Callable[[int], int]


class Pattern:
    """A compiled regular expression. Raises ``PatternRefused``."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            raise PatternRefused(f"it may have at most {MAX_LENGTH} characters")
        self._folds = text.startswith("(?i)")
        self._text = text.removeprefix("(?i)")
        self._at = 0
        self._depth = 0
        self._work = 0
        self._states: list[_State] = []
        self._steps: dict[tuple[frozenset[int] | None, str], frozenset[int]] = {}
        self._at_end: dict[frozenset[int] | None, bool] = {}
        found = self._add(_State("found"))
        build = self._alternatives()
        if self._at < len(self._text):
            raise PatternRefused("a closing parenthesis has no opening one")
        self._start = build(found)

    def found_in(self, text: str) -> bool:
        """Tell whether the pattern matches anywhere in a text. Raises ``PatternRefused`` if that takes too long."""
        present = self._step(None, "")
        for char in text:
            if _FOUND in present:
                return True
            present = self._step(present, char)
        return _FOUND in present or self._ends(present if text else None)

    def _step(self, present: frozenset[int] | None, char: str) -> frozenset[int]:
        """Return the states after a character, or (with None) those at the beginning of a text."""
        key = (present, char)
        following = self._steps.get(key)
        if following is None:
            reached = {self._start}
            for number in present or ():
                reached.update(self._reached(number, char))
            following = self._steps[key] = self._closure(reached, at_begin=present is None, at_end=False)
        return following

    def _ends(self, present: frozenset[int] | None) -> bool:
        """Tell whether the pattern is found where the text ends; None is the end of an empty text."""
        found = self._at_end.get(present)
        if found is None:
            numbers = {self._start} if present is None else set(present)
            found = _FOUND in self._closure(numbers, at_begin=present is None, at_end=True)
            self._at_end[present] = found
        return found

    def _reached(self, number: int, char: str) -> list[int]:
        state = self._states[number]
        if state.test is None:
            return []
        if self._folds:
            return state.after if state.test(char.lower()) or state.test(char.upper()) else []
        return state.after if state.test(char) else []

    def _closure(self, numbers: set[int], *, at_begin: bool, at_end: bool) -> frozenset[int]:
        """Return these states and all that follow them without another character."""
        open_ways = {"split": True, "begin": at_begin, "end": at_end}
        seen = set(numbers)
        waiting = list(numbers)
        while waiting:
            state = self._states[waiting.pop()]
            if open_ways.get(state.kind, False):
                new = [number for number in state.after if number not in seen]
                seen.update(new)
                waiting.extend(new)
        self._work += len(seen)
        if self._work > MAX_WORK:
            raise PatternRefused("matching it takes too long")
        return frozenset(seen)

    # From the text to states

    def _add(self, state: _State) -> int:
        if len(self._states) >= MAX_STATES:
            raise PatternRefused("it is too large")
        self._states.append(state)
        return len(self._states) - 1

    def _next(self) -> str:
        """Return the next character, or nothing at the end."""
        return self._text[self._at : self._at + 1]

    def _takes(self, text: str) -> bool:
        """Go past this text if it comes next, and tell whether it did."""
        if not self._text.startswith(text, self._at):
            return False
        self._at += len(text)
        return True

    def _alternatives(self) -> _Build:
        ways = [self._sequence()]
        while self._takes("|"):
            ways.append(self._sequence())
        if len(ways) == 1:
            return ways[0]
        return lambda after: self._add(_State("split", after=[way(after) for way in ways]))

    def _sequence(self) -> _Build:
        parts: list[_Build] = []
        while self._next() not in ("", "|", ")"):
            parts.append(self._repeated(self._atom()))

        def build(after: int) -> int:
            for part in reversed(parts):
                after = part(after)
            return after

        return build

    def _repeated(self, atom: _Build) -> _Build:
        least, most = 1, 1
        if self._takes("*"):
            least, most = 0, -1
        elif self._takes("+"):
            least, most = 1, -1
        elif self._takes("?"):
            least, most = 0, 1
        elif (count := self._count()) is not None:
            least, most = count
        else:
            return atom
        # Whether a repetition is greedy changes what it matches, and not whether it does.
        self._takes("?")
        if self._next() in ("*", "+", "?"):
            raise PatternRefused("a quantifier follows another one")
        return lambda after: self._repetition(atom, least, most, after)

    def _repetition(self, atom: _Build, least: int, most: int, after: int) -> int:
        if most < 0:
            loop = self._add(_State("split"))
            self._states[loop].after = [atom(loop), after]
            after = loop
        else:
            for _number in range(most - least):
                after = self._add(_State("split", after=[atom(after), after]))
        for _number in range(least):
            after = atom(after)
        return after

    def _count(self) -> tuple[int, int] | None:
        """Return the limits of ``{m}``, ``{m,}`` or ``{m,n}``; what only begins like them is text."""
        end = self._text.find("}", self._at)
        if self._next() != "{" or end < 0:
            return None
        least, comma, most = self._text[self._at + 1 : end].partition(",")
        if not _is_number(least) or (most and not _is_number(most)):
            return None
        self._at = end + 1
        limits = (int(least), int(most) if most else -1 if comma else int(least))
        if max(limits) > _MAX_COUNT or 0 <= limits[1] < limits[0]:
            raise PatternRefused("a repetition has wrong limits")
        return limits

    def _atom(self) -> _Build:
        char = self._next()
        self._at += 1
        if char in "*+?":
            raise PatternRefused("a quantifier has nothing to repeat")
        if char == "(":
            return self._group()
        if char == "[":
            return self._of(self._class())
        if char == "^":
            return lambda after: self._add(_State("begin", after=[after]))
        if char == "$":
            return lambda after: self._add(_State("end", after=[after]))
        if char == ".":
            return self._of(lambda given: given != "\n")
        if char == "\\":
            if self._next() and self._next() in _ANCHORS:
                kind = _ANCHORS[self._next()]
                self._at += 1
                return lambda after: self._add(_State(kind, after=[after]))
            return self._of(self._escaped())
        return self._of(lambda given: given == char)

    def _of(self, test: Test) -> _Build:
        return lambda after: self._add(_State("char", test, [after]))

    def _group(self) -> _Build:
        if not self._takes("?:") and self._next() == "?":
            raise PatternRefused("look-around, options and named groups are not supported")
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise PatternRefused("its groups are nested too deep")
        inner = self._alternatives()
        if not self._takes(")"):
            raise PatternRefused("an opening parenthesis has no closing one")
        self._depth -= 1
        return inner

    def _escaped(self) -> Test:
        """Return the test of what follows a backslash."""
        char = self._next()
        self._at += 1
        if char and char.lower() in _SETS:
            inside = _SETS[char.lower()]
            return inside if char.islower() else lambda given: not inside(given)
        if not char or (char.isascii() and char.isalnum()):
            raise PatternRefused("a backslash is followed by what is not supported")
        return lambda given: given == char

    def _class(self) -> Test:
        """Return the test of ``[...]``."""
        negated = self._takes("^")
        tests: list[Test] = []
        first = True
        while first or self._next() != "]":
            char = self._next()
            if not char:
                raise PatternRefused("an opening bracket has no closing one")
            if char == "[" and self._text[self._at + 1 : self._at + 2] in (":", ".", "="):
                raise PatternRefused("named classes of characters are not supported")
            self._at += 1
            first = False
            if char == "\\":
                tests.append(self._escaped())
            elif self._next() == "-" and self._text[self._at + 1 : self._at + 2] not in ("", "]", "\\"):
                last = self._text[self._at + 1]
                self._at += 2
                if last < char:
                    raise PatternRefused("a range of characters is out of order")
                tests.append(lambda given, low=char, high=last: low <= given <= high)  # type: ignore[misc]
            else:
                tests.append(lambda given, only=char: given == only)  # type: ignore[misc]
        self._at += 1
        return lambda given: any(test(given) for test in tests) != negated


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 6
