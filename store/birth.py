"""When somebody was born, as far as they know: a day, a year, or an age."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta

from store.datewords import parse_day
from store.errors import Invalid
from store.text import ascii_digits
from store.values import BirthPrecision

OLDEST = 130
"""An age beyond this is taken for a slip."""

BIRTH_FORMS = "1991-04-03, 3 apr 1991, 1991 or 34y"

_AGE = re.compile(r"(\d{1,3}) ?(y|yr|yrs|year|years|m|mo|mos|month|months)")
_AGED = re.compile(r"~(\d{4}-\d{2}-\d{2})")
_PLAIN_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEAR = re.compile(r"\d{4}")
# A day without a year, or one relative to today, is no birthday: the year must be written out.
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}[ -][a-z]{3,9}[ -]\d{4}|[a-z]{3,9} \d{1,2},? \d{4}")


def parse_birth(
    text: str, today: date, *, field: str = "birth_date"
) -> tuple[date, BirthPrecision]:
    """The birth date that a text tells, and how well it is known.

    A year is kept as its first day; an age as the day that many years (or months) before `today`.
    `as_aged` of such a day means the same age whenever it is read.

    Raises:
        Invalid: none of BIRTH_FORMS, no such day, in the future, or more than 130 years ago.
    """
    if (
        (plain := _plain_day(text)) is not None
        and age_on(plain, today) <= OLDEST
        and plain <= today
    ):
        return plain, BirthPrecision.DAY
    words = " ".join(ascii_digits(unicodedata.normalize("NFKC", text)).casefold().split())
    if found := _AGE.fullmatch(words):
        birth = _before(today, int(found[1]), in_months=found[2].startswith("m"), field=field)
        precision = BirthPrecision.AGE
    elif found := _AGED.fullmatch(words):
        birth, precision = parse_day(found[1], today, field=field), BirthPrecision.AGE
    elif _YEAR.fullmatch(words):
        birth, precision = _first_of(int(words), field), BirthPrecision.YEAR
    elif _DAY.fullmatch(words):
        birth, precision = parse_day(words, today, field=field), BirthPrecision.DAY
    else:
        raise Invalid.field(field, f"That is not a birth date; write {BIRTH_FORMS}.")
    if birth > today:
        raise Invalid.field(field, "The birth date is in the future.")
    if age_on(birth, today) > OLDEST:
        raise Invalid.field(field, f"That would be an age of more than {OLDEST} years.")
    return birth, precision


def as_aged(birth: date) -> str:
    """An age, by the day that it was kept as, for `parse_birth`."""
    return f"~{birth.isoformat()}"


def _plain_day(text: str) -> date | None:
    """A day as files write it, without asking what else it may be."""
    if not _PLAIN_DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def age_on(birth: date, day: date) -> int:
    """Completed years on a day; somebody born on 29 February has the birthday on 1 March."""
    had_birthday = (day.month, day.day) >= (birth.month, birth.day)
    return day.year - birth.year - (0 if had_birthday else 1)


def _before(today: date, count: int, *, in_months: bool, field: str) -> date:
    months = count if in_months else 12 * count
    if months > 12 * OLDEST:
        raise Invalid.field(field, f"That would be an age of more than {OLDEST} years.")
    index = today.year * 12 + today.month - 1 - months
    year, month = divmod(index, 12)
    month += 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, min(today.day, (following - timedelta(days=1)).day))


def _first_of(year: int, field: str) -> date:
    try:
        return date(year, 1, 1)
    except ValueError:
        raise Invalid.field(field, f"There is no year {year:04}.") from None
