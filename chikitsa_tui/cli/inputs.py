"""Reading what was typed: references, days, moments, choices. Everything else is the store's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from chikitsa_tui.cli.context import Hospital
from store import datewords, one_line
from store.errors import Invalid
from store.values import Affected, HoursSession, Month

if TYPE_CHECKING:
    from store.one_line import When
    from store.transaction import Transaction

Choice = TypeVar("Choice", bound=StrEnum)
SHORTEST_MRN = 7


def reference(text: str) -> int | str:
    """A thing's id where the text is a number, else its name.

    A patient number without its hyphen has seven digits or more: as a number, without its leading
    zeros, it would be another patient's id.
    """
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < SHORTEST_MRN:
        return int(text)
    return text


def doctor_id(tx: Transaction, text: str | None) -> int | None:
    """The id of the doctor that a person named; None for nobody named."""
    from store import doctors

    return None if text is None else doctors.get(tx, reference(text)).id


def patient_id(tx: Transaction, text: str | None) -> int | None:
    """The id of the patient that a person named; None for nobody named."""
    from store import patients

    return None if text is None else patients.get(tx, reference(text)).id


def department_id(tx: Transaction, text: str | None) -> int | None:
    """The id of the department that a person named; None for none named."""
    from store import departments

    return None if text is None else departments.get(tx, reference(text)).id


def day(hospital: Hospital, text: str, field: str = "date") -> date:
    """A day, seen from the hospital's today."""
    return datewords.parse_day(text, hospital.today(), field=field)


def optional_day(hospital: Hospital, text: str | None, field: str) -> date | None:
    """A day, or None for nothing."""
    return None if text is None else day(hospital, text, field)


def month_of(hospital: Hospital, text: str | None) -> Month:
    """A month as `2026-01`; the last one that is over for nothing."""
    if text is None:
        return Month.of(hospital.today()).before
    found = re.fullmatch(r"(\d{4})-(\d{1,2})", text.strip())
    if found is None or not 1 <= int(found[2]) <= 12 or not int(found[1]):
        raise Invalid.field("month", f"“{text[:20]}” is no month; write it as 2026-01.")
    return Month(int(found[1]), int(found[2]))


def wish(hospital: Hospital, text: str, field: str = "time") -> When:
    """A time of day, such as `mornings` or `after 17:00`."""
    return one_line.read_wish(text, hospital.today(), field=field)


def moment(hospital: Hospital, text: str, field: str = "start") -> datetime:
    """A moment in hospital time."""
    zone = hospital.services.settings.hospital.timezone
    return datewords.parse_moment(text, hospital.now(), zone, field=field)


def start_of(hospital: Hospital, text: str | None, field: str = "from") -> datetime | None:
    """Where a span starts: the first moment of a day, or a moment itself."""
    found = None if text is None else _day_or_moment(hospital, text, field)
    return found if found is None or isinstance(found, datetime) else _midnight(hospital, found)


def end_of(hospital: Hospital, text: str | None, field: str = "to") -> datetime | None:
    """Where a span ends: behind the last moment of a day, or at a moment itself."""
    found = None if text is None else _day_or_moment(hospital, text, field)
    if found is None or isinstance(found, datetime):
        return found
    return _midnight(hospital, found + timedelta(days=1))


def choice(kind: type[Choice], text: str, field: str) -> Choice:
    """One of a fixed set of words.

    Raises:
        Invalid: another word; names the nearest.
    """
    word = text.strip().lower().replace("-", "_")
    words = [member.value for member in kind]
    if word in words:
        return kind(word)
    raise Invalid.field(field, f"“{text}” is none of: {', '.join(words)}.")


def affected_choice(text: str | None) -> Affected | None:
    """What happens to booked appointments; None where nobody said."""
    return None if text is None else choice(Affected, text, "affected")


def hours_session(weekday: int, text: str, slot_minutes: int) -> HoursSession:
    """A session as written for one weekday: `09:00-13:00` or `09:00-13:00/15`.

    Raises:
        Invalid: it is not written so.
    """
    span, _, length = text.partition("/")
    start, dash, end = span.partition("-")
    if not dash or not (length or slot_minutes) or (length and not length.isdecimal()):
        raise Invalid.field("hours", f"“{text}” is not a session; write 09:00-13:00/15.")
    return HoursSession(
        weekday=weekday,
        start_minute=minute_of_day(start, "from"),
        end_minute=minute_of_day(end, "to"),
        slot_minutes=int(length[:6] or slot_minutes),
    )


def minute_of_day(text: str, field: str) -> int:
    """Minutes from midnight; `24:00` is the end of the day."""
    if text.strip() == "24:00":
        return 24 * 60
    clock = datewords.parse_clock(text, field=field)
    return clock.hour * 60 + clock.minute


def given(**fields: Any) -> dict[str, Any]:
    """The fields that were given, for a change; an empty text clears an optional field."""
    return {name: value for name, value in fields.items() if value is not None}


def require_known(names: Mapping[str, Any], known: tuple[str, ...], what: str) -> None:
    """Refuse keys that a file of ours does not have.

    Raises:
        Invalid: names the unknown key and the nearest known one.
    """
    for name in names:
        if name not in known:
            near = get_close_matches(str(name), known, 1, 0.5)
            hint = f"the nearest is “{near[0]}”." if near else f"known are: {', '.join(known)}."
            raise Invalid.field(what, f"“{name}” is unknown in {what}; {hint}")


def _day_or_moment(hospital: Hospital, text: str, field: str) -> date | datetime:
    try:
        return day(hospital, text, field)
    except Invalid as no_day:
        try:
            return moment(hospital, text, field)
        except Invalid:
            raise no_day from None


def _midnight(hospital: Hospital, on: date) -> datetime:
    return datetime.combine(on, time(0), hospital.services.settings.hospital.timezone)
