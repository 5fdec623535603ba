"""Seven days of a doctor, as the screens that show a week read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from screens.base import StoreCalls
from store import availability, holidays
from store.values import Slot
from widgets.week_grid import DAYS as WEEK


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days of a doctor as they were read, and the first free slot from now on."""

    first: date
    slots: Sequence[Slot]
    holidays: Mapping[date, str]
    first_free: Slot | None


async def read_week(screen: StoreCalls, doctor_id: int, first: date) -> Week:
    """Read seven days of a doctor from `first` on."""
    last = first + timedelta(days=WEEK - 1)
    slots = await screen.read(availability.slots_between, [doctor_id], first, last)
    closed = await screen.read(holidays.list_holidays, start=first, end=last)
    free = await screen.read(availability.first_free, doctor_id=doctor_id, n=1)
    return Week(first, slots, {day.date: day.name for day in closed}, free[0] if free else None)


async def read_first_week(screen: StoreCalls, doctor_id: int, today: date) -> Week:
    """Read the seven days in which the doctor is free first; those from today on where never."""
    week = await read_week(screen, doctor_id, today)
    if week.first_free is None:
        return week
    first = first_of_week(week.first_free.starts_at.date(), today)
    return week if first == today else await read_week(screen, doctor_id, first)


def first_of_week(day: date, today: date) -> date:
    """The first of the seven days that `day` is shown among: weeks are counted from today."""
    return today + timedelta(days=max(0, (day - today).days) // WEEK * WEEK)
