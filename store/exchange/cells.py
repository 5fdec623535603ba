"""One cell of a CSV file: written so that no spreadsheet runs it, and read back as it was.

A cell that begins like a formula gets an apostrophe in front (OWASP, CSV injection), and so does
one that begins with apostrophes and then like a formula; reading takes one off again. What is
written is therefore always read back as it was. Telephone numbers (E.164) stay as they are.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from store.datewords import at_wall_clock, parse_iso_day
from store.errors import Invalid
from store.text import ascii_digits, quotable

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_QUOTED_FORMULA = re.compile(r"'+[=+\-@\t\r]")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?"
    r"(?:([Zz])|([+-])(\d{2}):?(\d{2}))?"
)
_EXACT_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2})?(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])"
)


def safe(value: object) -> str:
    """A value as a cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if _FORMULA.match(text) and not _E164.fullmatch(text) else text


def plain(cell: str) -> str:
    """A cell as the value that `safe` was given."""
    return cell[1:] if cell[:1] == "'" and _QUOTED_FORMULA.match(cell) else cell


def parse_moment(text: str, tz: ZoneInfo, field: str) -> datetime:
    """An ISO 8601 moment with seconds or without; without an offset it is `tz`'s wall clock.

    Raises:
        Invalid: another form, no such day or time, or one that a clock change skips.
    """
    if _EXACT_MOMENT.fullmatch(text):
        parse_iso_day(text[:10], field=field)
        with suppress(ValueError):  # what is wrong with it is said below
            return datetime.fromisoformat(text).astimezone(UTC)
    found = _MOMENT.fullmatch(ascii_digits(text).strip())
    if found is None:
        raise Invalid.field(
            field, f"“{quotable(text)}” is not a time; write 2026-12-31T10:30 or 2026-12-31T05:00Z."
        )
    day = parse_iso_day(found[1], field=field)
    seconds = int(found[4] or 0)
    hour, minute = int(found[2]), int(found[3])
    if hour > 23 or minute > 59 or seconds > 59:
        raise Invalid.field(field, f"There is no time {text.strip()[11:19]}.")
    local = datetime(day.year, day.month, day.day, hour, minute, seconds)  # noqa: DTZ001 -- the zone follows
    if found[5]:
        return local.replace(tzinfo=UTC)
    if not found[6]:
        return at_wall_clock(day, local.time(), tz, field=field)
    offset = timedelta(hours=int(found[7]), minutes=int(found[8]))
    if offset >= timedelta(hours=15) or int(found[8]) > 59:
        raise Invalid.field(field, f"{found[6]}{found[7]}:{found[8]} is not a UTC offset.")
    return local.replace(tzinfo=timezone(offset if found[6] == "+" else -offset)).astimezone(UTC)


@lru_cache(512)
def parse_minutes(text: str, field: str, most: int) -> int:
    """A whole number of minutes from 1 to `most`; `15.0` is 15.

    Raises:
        Invalid: anything else.
    """
    cleaned = ascii_digits(text).strip()
    number = re.fullmatch(r"(\d{1,6})(?:\.0*)?", cleaned)
    if number is None or not 1 <= int(number[1]) <= most:
        raise Invalid.field(field, f"Give the {field.replace('_', ' ')} as 1 to {most}.")
    return int(number[1])
