"""The filter line of a list as people type it: `doctor:nair status:booked from:mon rao`.

A word with a colon narrows by what it names, several of one name mean any of them, of different
names all must fit; words without a colon search. What contains blanks stands in quotes:
`from:"12 dec"`. Names and values may be shortened as long as they are understood. No database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from enum import StrEnum

from store.datewords import parse_day
from store.errors import Invalid
from store.text import quotable, search_key

FIELD = "filter"
"""What refusals call the line."""

_PART = re.compile(
    r'(?P<key>[^\W\d][\w-]*):(?:"(?P<quoted>[^"]*)"?|(?P<value>\S*))'
    r'|"(?P<phrase>[^"]*)"?|(?P<word>\S+)'
)
_LONGEST = 500


class WordKind(StrEnum):
    """What stands behind the colon of a word: one of a few words, the name of something, a text
    as it is, or a day that begins, ends or is the span."""

    CHOICE = "choice"
    NAME = "name"
    TEXT = "text"
    FROM = "from"
    TO = "to"
    ON = "on"


_DAYS = (WordKind.FROM, WordKind.TO, WordKind.ON)


@dataclass(frozen=True, slots=True)
class ListWord:
    """A word that narrows a list. `example` is a value for help; `choices` maps what may be typed
    to what is meant."""

    key: str
    kind: WordKind
    example: str
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a filter line asks for: words to search, values by the key of their word, and days
    (both included)."""

    words: tuple[str, ...] = ()
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    start: date | None = None
    end: date | None = None

    def of(self, key: str) -> tuple[str, ...]:
        """What was typed behind a word; nothing where it was not."""
        return self.chosen.get(key, ())

    @property
    def text(self) -> str:
        """The words to search."""
        return " ".join(self.words)


def choices_of(values: type[StrEnum], **also: str) -> dict[str, str]:
    """The choices of an enumeration, written with blanks and dashes as people do; `also` are other
    words for a value."""
    known = {value.value.replace("_", "-"): value.value for value in values}
    return {**known, **also}


def parse(text: str, words: Sequence[ListWord], today: date) -> Asked:
    """Understand a filter line of a list that knows these words.

    Raises:
        Invalid: of the field `filter`, in one sentence: a word that is not known (with the nearest
            that is), a value that is not, or a day that cannot be read.
    """
    if len(text) > _LONGEST:
        raise Invalid.field(FIELD, f"The filter is longer than {_LONGEST} characters; shorten it.")
    known = {word.key: word for word in words}
    search: list[str] = []
    chosen: dict[str, list[str]] = {}
    days: dict[WordKind, date] = {}
    for key, value in _parts(text):
        if not key:
            search.append(value)
            continue
        word = _word_of(key, known)
        if not value:
            continue  # still being typed
        if word.kind in _DAYS:
            days[word.kind] = parse_day(value, today, field=FIELD)
        else:
            chosen.setdefault(word.key, []).extend(_meant(word, value))
    start, end = _span(days)
    kept = {key: tuple(dict.fromkeys(values)) for key, values in chosen.items()}
    return Asked(tuple(search), kept, start, end)


def line_of(parts: Sequence[str]) -> str:
    """The filter line of parts that a shell took apart: what holds blanks is quoted again."""
    return " ".join(_quoted(part) for part in parts if part.strip())


def _quoted(part: str) -> str:
    key, colon, value = part.partition(":")
    if not colon or not key.replace("-", "_").isidentifier():
        return part
    return f'{key}:"{value}"' if any(map(str.isspace, value)) else part


def nearest(typed: str, known: Sequence[str]) -> str:
    """“; did you mean …?” with the known word that is nearest, or what there is."""
    near = get_close_matches(search_key(typed), known, n=1, cutoff=0.5)
    if near:
        return f"did you mean {near[0]}?"
    return f"there are {', '.join(known)}." if known else "there are none."


def hint(words: Sequence[ListWord], most: int = 3) -> str:
    """An example of a filter line, for the empty field."""
    return " ".join(f"{word.key}:{word.example}" for word in words[:most])


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """(key or nothing, value) of each part of the line."""
    for found in _PART.finditer(text):
        if found["key"] is not None:
            yield search_key(found["key"]), (found["quoted"] or found["value"] or "").strip()
        else:
            phrase = (found["phrase"] or found["word"] or "").strip()
            if phrase:
                yield "", phrase


def _word_of(key: str, known: Mapping[str, ListWord]) -> ListWord:
    begun = [word for name, word in known.items() if name.startswith(key)]
    if key in known or len(begun) == 1:
        return known.get(key) or begun[0]
    listed = [f"{name}:" for name in known]
    raise Invalid.field(
        FIELD, f"This list cannot be narrowed by “{quotable(key)}:”; {nearest(f'{key}:', listed)}"
    )


def _meant(word: ListWord, value: str) -> list[str]:
    """What a value means: of a choice all that it begins, of others each between commas."""
    values = [part.strip() for part in value.split(",") if part.strip()]
    if word.kind is not WordKind.CHOICE:
        return values
    found: list[str] = []
    for one in values:
        typed = search_key(one).replace("_", "-").replace(" ", "-")
        exact = [word.choices[typed]] if typed in word.choices else []
        fitting = exact or [is_ for name, is_ in word.choices.items() if name.startswith(typed)]
        if not fitting:
            raise Invalid.field(
                FIELD,
                f"No {word.key} is called “{quotable(one)}”; {nearest(typed, list(word.choices))}",
            )
        found += fitting
    return found


def _span(days: Mapping[WordKind, date]) -> tuple[date | None, date | None]:
    on = days.get(WordKind.ON)
    start, end = days.get(WordKind.FROM, on), days.get(WordKind.TO, on)
    if start is not None and end is not None and end < start:
        raise Invalid.field(FIELD, f"to:{end} is before from:{start}; turn them round.")
    return start, end
