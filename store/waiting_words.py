"""The filter line of the waiting list: `state:offered rao`. A state narrows to what stands so, also
to entries that ended; other words are the beginnings of names. No database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from store.list_words import ListWord, WordKind, choices_of, hint, parse
from store.values import WaitlistStatus

_ALL = "all"
WORDS = (ListWord("state", WordKind.CHOICE, "offered", {**choices_of(WaitlistStatus), _ALL: _ALL}),)
EXAMPLE = f"{hint(WORDS)} rao"
"""For the empty field."""


@dataclass(frozen=True, slots=True)
class WaitingFilter:
    """What of the waiting list is shown: these states, None for those who still wait; and whom
    these words fit."""

    states: frozenset[WaitlistStatus] | None = None
    text: str = ""


def read_filter(line: str, today: date) -> WaitingFilter:
    """Understand a filter line.

    Raises:
        Invalid: of the field `filter`, in one sentence.
    """
    asked = parse(line, WORDS, today)
    chosen = asked.of("state")
    if not chosen:
        return WaitingFilter(None, asked.text)
    every = _ALL in chosen
    states = frozenset(WaitlistStatus if every else map(WaitlistStatus, chosen))
    return WaitingFilter(states, asked.text)
