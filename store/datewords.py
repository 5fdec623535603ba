"""Days and times as people type them: `today`, `+3d`, `mon`, `12 dec`, `tomorrow 10:30`.

Strict on purpose: what could be read in two ways (`03/04/2026`) or only by a parser's leniency
(`20260101`, `2026-W01-1`) is refused with a sentence rather than guessed. Digits of any script are
read, as `int` would read them.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from store.errors import Invalid

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
FIRST_YEAR, LAST_YEAR = 1850, 2200

DAY_FORMS = "2026-12-31, today, tomorrow, +3d, +2w, +3m, mon, next tue or 12 dec"
MOMENT_FORMS = "2026-12-31T10:30, tomorrow 10:30, mon 5pm or 10:30"

_NAMED_DAYS = {"today": 0, "tomorrow": 1, "yesterday": -1}
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_OFFSET = re.compile(r"([+-])(\d{1,4})([dwm])")
_DAY_MONTH = re.compile(r"(\d{1,2})[ -]([a-z]{3,9})(?:[ -](\d{4}))?")
_MONTH_DAY = re.compile(r"([a-z]{3,9}) (\d{1,2})(?:,? (\d{4}))?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?: ?([ap])m)?|(\d{1,2}) ?([ap])m")
_FOUR_DIGITS = re.compile(r"([01]\d|2[0-3])([0-5]\d)")
_ISO_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[t ](\d{2}:\d{2})(?::(\d{2})(?:\.0+)?)?(z|[+-]\d{2}:\d{2})?"
)


def parse_day(text: str, today: date, *, field: str = "date") -> date:
    """The day that `text` names, seen from `today`.

    A weekday is the coming one (on a Monday `mon` is the Monday after: today has its own word);
    `next tue` is the Tuesday of the next week, which begins on Monday. Months (`+1m`) end on the
    last day of a shorter month. A day and month without a year is the next such day, today
    included.

    Raises Invalid for anything else, naming `field`.
    """
    words = _normalised(text)
    day = (
        _named_day(words, today)
        or _iso_day(words, field)
        or _offset_day(words, today, field)
        or _weekday(words, today)
        or _next_week(words, today)
        or _day_of_month(words, today, field)
    )
    if day is None:
        raise Invalid.field(field, f"“{_shown(text)}” is not a day; write {DAY_FORMS}.")
    return day


@lru_cache(2048)
def parse_iso_day(text: str, *, field: str = "date") -> date:
    """A day as files write it: `2026-12-31` and nothing else. Raises Invalid, naming `field`."""
    day = _iso_day(_normalised(text), field)
    if day is None:
        raise Invalid.field(field, f"“{_shown(text)}” is not a day like 2026-12-31.")
    return day


def parse_clock(text: str, *, field: str = "time") -> time:
    """A wall-clock time to the minute: `09:15`, `9:15`, `0915`, `5pm`, `5:30 pm`.

    Raises Invalid, naming `field`.
    """
    words = _normalised(text)
    if digits := _FOUR_DIGITS.fullmatch(words):
        return time(int(digits[1]), int(digits[2]))
    match = _CLOCK.fullmatch(words)
    clock = _clock_of(match) if match else None
    if clock is None:
        raise Invalid.field(field, f"“{_shown(text)}” is not a time; write 09:15 or 5:30pm.")
    return clock


def parse_moment(text: str, now: datetime, tz: ZoneInfo, *, field: str = "time") -> datetime:
    """The aware moment, in `tz`, that `text` names, seen from `now` (aware).

    Takes ISO 8601 (`2026-11-23T09:15+05:30`; without an offset it is `tz`'s wall clock), a day of
    `parse_day` followed by a time, or a time alone (today). A time that the clock change skips is
    refused; one that it repeats is the first of the two, the second is named by its offset.

    Raises Invalid, naming `field`.
    """
    words = _normalised(text)
    match = _ISO_MOMENT.fullmatch(words)
    if match:
        return _iso_moment(match, tz, field)
    day_words, clock_words = _split_clock(words)
    if clock_words is None:
        raise Invalid.field(field, f"“{_shown(text)}” is not a time; write {MOMENT_FORMS}.")
    today = now.astimezone(tz).date()
    day = parse_day(day_words, today, field=field) if day_words else today
    return at_wall_clock(day, parse_clock(clock_words, field=field), tz, field=field)


def parse_weekday(text: str, *, field: str = "day") -> int:
    """A weekday as a number from Monday = 0: `mon`, `Monday`. Raises Invalid, naming `field`."""
    number = _index_of(_normalised(text), WEEKDAYS)
    if number is None:
        raise Invalid.field(field, f"“{_shown(text)}” is not a weekday; write mon, tue … sun.")
    return number


def at_wall_clock(day: date, clock: time, tz: ZoneInfo, *, field: str = "time") -> datetime:
    """The moment at which `tz`'s clocks show `clock` on `day`; the first where they show it twice.

    Raises Invalid, naming `field`, where a clock change skips that time.
    """
    moment = datetime.combine(day, clock, tz)
    utc = ZoneInfo("UTC")
    if moment.astimezone(utc).astimezone(tz).replace(tzinfo=None) != moment.replace(tzinfo=None):
        raise Invalid.field(
            field, f"{clock:%H:%M} does not exist on {day}: the clocks change then. Choose another."
        )
    return moment


def _normalised(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    ascii_digits = "".join(
        str(unicodedata.decimal(c)) if unicodedata.decimal(c, None) is not None else c
        for c in folded
    )
    return " ".join(ascii_digits.split())


def _shown(text: str) -> str:
    shown = "".join(c if c.isprintable() else "·" for c in text)
    return shown if len(shown) <= 40 else shown[:39] + "…"


def _named_day(words: str, today: date) -> date | None:
    offset = _NAMED_DAYS.get(words)
    return None if offset is None else today + timedelta(days=offset)


def _iso_day(words: str, field: str) -> date | None:
    match = _ISO_DAY.fullmatch(words)
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups())
    return _checked(year, month, day, field)


def _offset_day(words: str, today: date, field: str) -> date | None:
    match = _OFFSET.fullmatch(words)
    if match is None:
        return None
    sign, digits, unit = match.groups()
    count = int(digits) if sign == "+" else -int(digits)
    if unit == "m":
        return _months_on(today, count, field)
    day = today + timedelta(days=count * (7 if unit == "w" else 1))
    return _checked(day.year, day.month, day.day, field)


def _months_on(today: date, count: int, field: str) -> date:
    year, month = divmod(today.year * 12 + today.month - 1 + count, 12)
    _checked(year, month + 1, 1, field)
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))


def _weekday(words: str, today: date) -> date | None:
    number = _index_of(words, WEEKDAYS)
    if number is None:
        return None
    return today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)


def _next_week(words: str, today: date) -> date | None:
    number = _index_of(words.removeprefix("next "), WEEKDAYS) if words.startswith("next ") else None
    return None if number is None else today + timedelta(days=7 - today.weekday() + number)


def _day_of_month(words: str, today: date, field: str) -> date | None:
    match = _DAY_MONTH.fullmatch(words)
    if match:
        number, name, year = match.groups()
    elif match := _MONTH_DAY.fullmatch(words):
        name, number, year = match.groups()
    else:
        return None
    month = _index_of(name, MONTHS)
    if month is None:
        return None
    if year:
        return _checked(int(year), month + 1, int(number), field)
    return _next_such_day(month + 1, int(number), today, field)


def _next_such_day(month: int, number: int, today: date, field: str) -> date:
    if (month, number) == (2, 29):
        for year in range(today.year, today.year + 9):
            try:
                leap_day = date(year, 2, 29)
            except ValueError:
                continue
            if leap_day >= today:
                return leap_day
    this_year = _checked(today.year, month, number, field)
    return this_year if this_year >= today else this_year.replace(year=today.year + 1)


def _checked(year: int, month: int, day: int, field: str) -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        raise Invalid.field(
            field, f"There is no day {year:04}-{month:02}-{day:02} in the calendar."
        ) from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Invalid.field(field, f"The year {found.year} is outside {FIRST_YEAR} to {LAST_YEAR}.")
    return found


def _index_of(word: str, names: tuple[str, ...]) -> int | None:
    if len(word) < 3:
        return None
    return next((i for i, name in enumerate(names) if name.startswith(word)), None)


def _clock_of(match: re.Match[str]) -> time | None:
    hour_text, minute_text, half, hour_alone, half_alone = match.groups()
    hour, minute = int(hour_text or hour_alone), int(minute_text or 0)
    half = half or half_alone
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _split_clock(words: str) -> tuple[str, str | None]:
    """`tomorrow 5 pm` → `tomorrow`, `5 pm`; the time is what ends the text."""
    parts = words.split(" ")
    for count in (2, 1):
        tail = " ".join(parts[-count:])
        if len(parts) >= count and _CLOCK.fullmatch(tail):
            return " ".join(parts[:-count]), tail
    return words, None


def _iso_moment(match: re.Match[str], tz: ZoneInfo, field: str) -> datetime:
    day_text, clock_text, seconds, offset = match.groups()
    day = _iso_day(day_text, field)
    assert day is not None
    if seconds not in (None, "00"):
        raise Invalid.field(field, "Times are to the minute; leave the seconds out.")
    clock = parse_clock(clock_text, field=field)
    if offset is None:
        return at_wall_clock(day, clock, tz, field=field)
    try:
        return datetime.fromisoformat(f"{day}T{clock:%H:%M}:00{offset.upper()}").astimezone(tz)
    except ValueError:
        raise Invalid.field(field, f"{offset} is not a UTC offset; write +05:30 or Z.") from None
