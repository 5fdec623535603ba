"""One line that books: `rao nair tomorrow 10:30`, in any order, split into its parts.

What is a day or a time is taken out; the words left are names and numbers of a patient, of a
doctor or of a department, which `store.one_line_match` tells apart. Nothing is ever refused: what
cannot be is told in one sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from store import datewords
from store.birth import parse_birth
from store.errors import Invalid
from store.text import ascii_digits, search_key

LONGEST = 200
"""Characters of a line that are read."""

NOON, EVENING = time(12), time(17)

_FILLERS = frozenset({"with", "dr", "dr.", "doctor", "at", "on"})
_HALVES = {
    **dict.fromkeys(("am", "morning", "mornings"), "am"),
    **dict.fromkeys(("pm", "afternoon", "afternoons"), "pm"),
}
_EVENINGS = ("evening", "evenings")
WISH_FORMS = "mornings, after 17:00, before 11 or tomorrow pm"
_HOUR = re.compile(r"\d{1,2}")
_NO_CLOCK = re.compile(r"\d{1,2}:\d{0,2}")
_BARE_CLOCK = re.compile(r"\d{4}")
_WRITTEN_YEAR = re.compile(r"(?:^|[ ,-])(\d{4})\b")
_FIRST_BIRTH_YEAR = 1850


@dataclass(frozen=True, slots=True)
class When:
    """The wished-for time in the hospital's wall clock. `clock` is the very time; `after` and
    `before` bound it, the first included, the second not."""

    day: date | None = None
    clock: time | None = None
    after: time | None = None
    before: time | None = None

    @property
    def anything(self) -> bool:
        """Whether anything is wished for at all."""
        return any(one is not None for one in (self.day, self.clock, self.after, self.before))

    def fits(self, moment: datetime) -> bool:
        """Whether a moment in hospital time is at such a time of day, and not before the day."""
        clock = moment.time()
        return (
            self.bounds(clock)
            and self.clock in (None, clock)
            and (self.day is None or moment.date() >= self.day)
        )

    def bounds(self, clock: time) -> bool:
        """Whether a time of day lies within `after` and `before`."""
        return not (
            (self.after is not None and clock < self.after)
            or (self.before is not None and clock >= self.before)
        )


@dataclass(frozen=True, slots=True)
class Line:
    """A line's parts. `words` are what is neither day nor time, as typed, in order; `trouble` is
    the sentence for what cannot be, or empty."""

    words: tuple[str, ...] = ()
    when: When = field(default_factory=When)
    trouble: str = ""


@dataclass
class _Parts:
    """What was found so far."""

    words: list[tuple[int, str]] = field(default_factory=list)
    days: list[date] = field(default_factory=list)
    weekdays: list[date] = field(default_factory=list)
    clocks: list[time] = field(default_factory=list)
    bare_clocks: list[tuple[int, str, time]] = field(default_factory=list)
    after: list[time] = field(default_factory=list)
    before: list[time] = field(default_factory=list)
    halves: set[str] = field(default_factory=set)
    trouble: str = ""


def read_line(text: str, today: date) -> Line:
    """Split a line as seen from the hospital's `today`; any text gives some Line.

    A day with its year that is long over (`3 apr 1991`) is a birth date and stays a word, as does
    a bare year beside a written time (`rao 1950 10:30`).
    """
    typed = [word for one in text[:LONGEST].split() if (word := one.strip(",;"))]
    keys = [ascii_digits(search_key(word)) for word in typed]
    parts = _Parts()
    at = 0
    while at < len(typed):
        at += _take(parts, keys, typed, at, today)
    return _joined(parts, today)


def read_wish(text: str, today: date, *, field: str = "when") -> When:
    """A time of day, with or without a day, as `read_line` knows them: `mornings`, `after 17:00`,
    `tue pm`. Words that only join (`only`, `the`) are passed over.

    Raises Invalid, naming `field`, for anything else.
    """
    line = read_line(text, today)
    strange = [word for word in line.words if word.casefold() not in _JOINING]
    if line.trouble:
        raise Invalid.field(field, line.trouble)
    if strange or not line.when.anything:
        shown = " ".join(strange or text.split())[:40]
        raise Invalid.field(field, f"“{shown}” is not a time; write {WISH_FORMS}.")
    return line.when


_JOINING = frozenset({"only", "the", "in", "first", "free", "any", "time"})


def _take(parts: _Parts, keys: Sequence[str], typed: Sequence[str], at: int, today: date) -> int:
    """Read what begins at a word; how many words it took."""
    for count in (3, 2, 1):
        if at + count <= len(keys) and _take_phrase(parts, keys[at : at + count], at, today):
            return count
    if _NO_CLOCK.fullmatch(keys[at]):
        parts.trouble = f"“{typed[at]}” is not a time; write 10:30, 1030 or 5pm."
    elif not any(one.isalnum() for one in typed[at]):
        parts.trouble = f"“{typed[at]}” is neither a name nor a time."
    elif keys[at] not in _FILLERS:
        parts.words.append((at, typed[at]))
    return 1


def _take_phrase(parts: _Parts, keys: Sequence[str], at: int, today: date) -> bool:
    phrase = " ".join(keys)
    if len(keys) > 1 and keys[0] in ("after", "before", "from"):
        bound = _clock(" ".join(keys[1:])) or _hour(keys[1:])
        if bound is not None:
            (parts.before if keys[0] == "before" else parts.after).append(bound)
        return bound is not None
    if phrase in _HALVES:
        parts.halves.add(_HALVES[phrase])
        return True
    if phrase in _EVENINGS:
        parts.after.append(EVENING)
        return True
    return _take_day(parts, phrase, at, today) or _take_clock(parts, phrase, at)


def _take_clock(parts: _Parts, phrase: str, at: int) -> bool:
    clock = _clock(phrase)
    if clock is None:
        return False
    if _BARE_CLOCK.fullmatch(phrase):
        parts.bare_clocks.append((at, phrase, clock))
    else:
        parts.clocks.append(clock)
    return True


def _take_day(parts: _Parts, phrase: str, at: int, today: date) -> bool:
    try:
        day = datewords.parse_day(phrase, today)
    except Invalid:
        return False
    year = _WRITTEN_YEAR.search(phrase)
    if year and int(year[1]) > today.year + 1 and " " in phrase:
        return False  # `12 dec 2030` is half past eight in the evening
    if year and day < today and _is_birth(phrase, today):
        parts.words.append((at, phrase))
    elif day < today:
        parts.trouble = f"{_day_name(day)} is over."
    elif phrase.removeprefix("next ")[:3] in _WEEKDAYS and not phrase.startswith("next "):
        parts.weekdays.append(day)
    else:
        parts.days.append(day)
    return True


_WEEKDAYS = frozenset(name[:3] for name in datewords.WEEKDAYS)


def _is_birth(phrase: str, today: date) -> bool:
    try:
        parse_birth(phrase, today)
    except Invalid:
        return False
    return True


def _clock(phrase: str) -> time | None:
    try:
        return datewords.parse_clock(phrase)
    except Invalid:
        return None


def _hour(keys: Sequence[str]) -> time | None:
    """`17` behind `after`."""
    if len(keys) != 1 or not _HOUR.fullmatch(keys[0]) or int(keys[0]) > 23:
        return None
    return time(int(keys[0]))


def _joined(parts: _Parts, today: date) -> Line:
    """One day and one time of all that was found, or what contradicts itself."""
    _settle_bare_clocks(parts, today)
    day, wrong = _one_day(parts)
    troubles = [parts.trouble, wrong]
    clocks = sorted(set(parts.clocks))
    if len(clocks) > 1:
        troubles.append(f"Two times, {clocks[0]:%H:%M} and {clocks[1]:%H:%M}: keep one.")
    when = When(
        day,
        clocks[0] if clocks else None,
        max(parts.after, default=None),
        min(parts.before, default=None),
    )
    if len(parts.halves) > 1:
        troubles.append("Both am and pm: keep one.")
    for half in parts.halves:
        when, wrong = _halved(half, when)
        troubles.append(wrong)
    if when.after is not None and when.before is not None and when.after >= when.before:
        troubles.append(f"No time is from {when.after:%H:%M} on and before {when.before:%H:%M}.")
    words = tuple(word for _, word in sorted(parts.words))
    return Line(words, when, next(filter(None, troubles), ""))


def _settle_bare_clocks(parts: _Parts, today: date) -> None:
    """Four digits are a time, or a birth year where another time is given."""
    years = [one for one in parts.bare_clocks if _FIRST_BIRTH_YEAR <= int(one[1]) <= today.year]
    times = [one for one in parts.bare_clocks if one not in years]
    if not parts.clocks and not times and len(years) == 1:
        years, times = [], years
    parts.words += [(at, typed) for at, typed, _ in years]
    parts.clocks += [clock for _, _, clock in times]


def _one_day(parts: _Parts) -> tuple[date | None, str]:
    """The day; a weekday beside a date only confirms it."""
    days, weekdays = sorted(set(parts.days)), sorted(set(parts.weekdays))
    if len(days) == 1 and weekdays:
        other = next((day for day in weekdays if day.weekday() != days[0].weekday()), None)
        days += [other] if other else []
    elif not days:
        days = weekdays
    if len(days) > 1:
        return None, f"Two days, {_day_name(days[0])} and {_day_name(days[1])}: keep one."
    return (days[0] if days else None), ""


def _halved(half: str, when: When) -> tuple[When, str]:
    """`am` or `pm` apart from its time; without a time it is half of the day."""
    clock = when.clock
    if clock is None:
        if half == "am":
            return replace(when, before=min(when.before or NOON, NOON)), ""
        return replace(when, after=max(when.after or NOON, NOON)), ""
    if clock.hour > 12:
        return when, f"{clock:%H:%M} is not am." if half == "am" else ""
    return replace(when, clock=clock.replace(hour=clock.hour % 12 + 12 * (half == "pm"))), ""


def _day_name(day: date) -> str:
    return f"{day:%a %d %b %Y}"
