"""What the tests of the doctor's calendar share: some weeks of Dr Nair with a bit of everything."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from textual.pilot import Pilot

from screens.doctor.calendar import CalendarScreen
from store import holidays, leave
from store.values import Affected, AppointmentView
from tests.ui.clinic import OPENING, Clinic, busy_morning, settle, sign_in
from widgets.calendar import Calendar

MIDNIGHT = OPENING.replace(hour=0)


def busy_weeks(clinic: Clinic) -> dict[str, AppointmentView]:
    """A busy Monday; Thursday is leave, with somebody kept; Friday afternoon too; Wednesday of the
    week after is a holiday."""
    day = busy_morning(clinic)
    day["tuesday"] = clinic.book(0, clinic.nair, "09:00", 1)
    day["friday"] = clinic.book(2, clinic.nair, "09:30", 4, note="fever since Sunday")
    clinic.book(3, clinic.nair, "17:15", 1)
    day["kept"] = clinic.book(4, clinic.nair, "10:00", 3)
    clinic.do(
        leave.add,
        clinic.nair.id,
        MIDNIGHT + timedelta(days=3),
        MIDNIGHT + timedelta(days=4),
        "wedding",
        Affected.KEEP,
    )
    clinic.do(
        leave.add,
        clinic.nair.id,
        MIDNIGHT + timedelta(days=4, hours=17),
        MIDNIGHT + timedelta(days=4, hours=20),
        "theatre",
    )
    clinic.do(holidays.add, date(2026, 1, 14), "Makara Sankranti")
    return day


async def open_calendar(pilot: Pilot[Any]) -> CalendarScreen:
    """Sign in as Dr Nair and go to the calendar."""
    await sign_in(pilot, "dr.nair")
    await pilot.press("2")
    await settle(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, CalendarScreen)
    return screen


def grid(pilot: Pilot[Any]) -> Calendar:
    """The calendar's grid."""
    return pilot.app.screen.query_one(Calendar)
