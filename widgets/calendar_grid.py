"""What a calendar is made of: rows of places, a column for each day. Pure, without a terminal.

A place knows the span it stands for, what is there, and its text; `calendar_times` makes days and
weeks of them, `calendar_month` months, and the widget draws them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from store.values import (
    HOLDS_SLOT,
    AppointmentStatus,
    CalendarDay,
    CalendarVisit,
    DoctorCalendar,
    LeaveView,
    Slot,
)
from widgets.badges import status_sign
from widgets.plain import shorten

FREE, PAST, GOES_ON, LEAVE, HOLIDAY, ABSENT = "·", "–", "│", "/", "░", "–"
"""Signs of a free slot, one that passed unused, a visit that goes on, time away, a holiday, and
a day without hours."""

BOOKED, _ = status_sign(AppointmentStatus.BOOKED)
"""Stands before the number of those booked."""

Span = tuple[datetime, datetime]


class Clock(NamedTuple):
    """The wall clock of a row. Where clocks go back an hour comes twice: `fold` is 1 the second
    time, and stands before the minute so that clocks sort as they are lived through."""

    hour: int
    fold: int
    minute: int

    @classmethod
    def of(cls, moment: datetime) -> Clock:
        """The row in which a moment stands."""
        return cls(moment.hour, moment.fold, moment.minute)


class View(StrEnum):
    """How much of a calendar is seen at once."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Place:
    """One place of the grid: text, and a pattern that fills what the text leaves.

    `style` names a component class of the widget. `short` is the text where there is little room.
    """

    day: date
    text: str = ""
    style: str = "blank"
    fill: str = ""
    short: str = ""
    span: Span | None = None
    visit: CalendarVisit | None = None
    leave: LeaveView | None = None
    slot: Slot | None = None


@dataclass(frozen=True, slots=True)
class GridRow:
    """One line. Lines of one `stop` are under the cursor together; None is no place for it."""

    label: str
    style: str
    places: tuple[Place, ...]
    stop: int | None
    clock: Clock | None = None
    nth: int = 0


@dataclass(frozen=True, slots=True)
class Grid:
    """All lines; `headings` are drawn above them and stay, a place for each day."""

    view: View
    columns: int
    gutter: int
    headings: tuple[tuple[Place, ...], ...]
    rows: tuple[GridRow, ...]

    def stops(self) -> int:
        """How many places the cursor has in a column."""
        return max((row.stop for row in self.rows if row.stop is not None), default=-1) + 1

    def first_row(self, stop: int) -> int:
        """The first line of a stop."""
        return next((n for n, row in enumerate(self.rows) if row.stop == stop), 0)


def range_of(view: View, day: date) -> tuple[date, date]:
    """The days that a view of `day` shows, both included; weeks begin on Monday."""
    if view is View.DAY:
        return day, day
    monday = day - timedelta(days=day.weekday())
    if view is View.WEEK:
        return monday, monday + timedelta(days=6)
    first = day.replace(day=1)
    last = month_after(first, 1) - timedelta(days=1)
    return first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())


def month_after(day: date, months: int) -> date:
    """The same day some months on, or the last one of a shorter month."""
    count = day.year * 12 + day.month - 1 + months
    first = date(count // 12, count % 12 + 1, 1)
    length = (date((count + 1) // 12, (count + 1) % 12 + 1, 1) - first).days
    return first.replace(day=min(day.day, length))


def whole_day_leave(day: CalendarDay) -> LeaveView | None:
    """Leave that takes all of a day's hours, or the whole day where it has none."""
    for one in day.leave:
        covers = all(one.starts_at <= s.starts_at and s.ends_at <= one.ends_at for s in day.slots)
        if day.slots and covers:
            return one
        if not day.slots and one.starts_at.date() < day.day < one.ends_at.date():
            return one
        if not day.slots and _whole(one, day.day):
            return one
    return None


def _whole(one: LeaveView, day: date) -> bool:
    """Whether leave runs from midnight to midnight of a day by the wall clock."""
    midnight = (0, 0)
    begins = one.starts_at.date() < day or (
        one.starts_at.date() == day and (one.starts_at.hour, one.starts_at.minute) == midnight
    )
    return begins and one.ends_at.date() > day


def booked(day: CalendarDay) -> int:
    """Appointments that are or were kept."""
    return sum(visit.status in HOLDS_SLOT for visit in day.visits)


def free(day: CalendarDay, now: datetime) -> int:
    """Slots that can still be booked."""
    return sum(slot.free_at(now) and slot.starts_at >= now for slot in day.slots)


def session_words(day: CalendarDay, *, brief: bool = False) -> str:
    """`09:00–13:00 17:00–20:00`, and the minutes of a slot where sessions differ in them;
    `9–13 17–20` where it is brief."""
    runs: list[list[Slot]] = []
    for slot in day.slots:
        last = runs[-1][-1] if runs else None
        if last and last.ends_at == slot.starts_at and _minutes(last) == _minutes(slot):
            runs[-1].append(slot)
        else:
            runs.append([slot])
    differ = len({_minutes(run[0]) for run in runs}) > 1 and not brief
    write = _brief_clock if brief else _full_clock
    return " ".join(
        f"{write(run[0].starts_at)}–{write(run[-1].ends_at)}"
        + (f"/{_minutes(run[0])}" if differ else "")
        for run in runs
    )


def _full_clock(moment: datetime) -> str:
    return f"{moment:%H:%M}"


def _brief_clock(moment: datetime) -> str:
    return f"{moment.hour}:{moment:%M}" if moment.minute else f"{moment.hour}"


def _minutes(slot: Slot) -> int:
    return int((slot.ends_at - slot.starts_at).total_seconds() // 60)


def title(view: View, day: date, calendar: DoctorCalendar, now: datetime) -> str:
    """What is shown, and how many are booked and free in it."""
    days: Sequence[CalendarDay] = calendar.days
    if view is View.MONTH:
        days = [one for one in days if (one.day.year, one.day.month) == (day.year, day.month)]
        shown = f"{day:%B %Y}"
    elif view is View.WEEK:
        first, last = calendar.first, calendar.last
        same = first.month == last.month
        begin = f"{first.day}" if same else f"{first.day} {first:%b}"
        shown = f"Week {first.isocalendar().week} · {begin} – {last.day} {last:%b %Y}"
    else:
        shown = f"{day:%A} {day.day} {day:%B %Y}"
    counts = [f"{sum(map(booked, days))} booked", f"{sum(free(one, now) for one in days)} free"]
    return " · ".join([shown, *counts])


@lru_cache(maxsize=4096)
def fit(text: str, fill: str, width: int) -> str:
    """`text` in exactly `width` cells: cut with `…`, or followed by the pattern or blanks."""
    if width <= 0:
        return ""
    text = shorten(text, width)
    rest = width - cell_len(text)
    if fill and rest:
        text += " " * (1 if text else 0) + fill * rest
    return set_cell_size(text, width)
