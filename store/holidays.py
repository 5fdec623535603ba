"""Days on which the hospital gives no appointments, and whom they hit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select

from store import consequences
from store.changes import Topic
from store.errors import Duplicate
from store.permissions import Action, require
from store.public_holidays import public_holidays
from store.slots import day_bounds
from store.tables import Holiday, table_of
from store.text import clean_name
from store.transaction import Transaction
from store.values import (
    Affected,
    AppointmentView,
    Consequence,
    HolidayView,
    HospitalCause,
    PublicHoliday,
)

Entered = tuple[list[HolidayView], list[Consequence]]
"""Holidays that were added, in order, and what became of the appointments on them."""

_HOLIDAY = table_of(Holiday)


def list_holidays(
    tx: Transaction, *, start: date | None = None, end: date | None = None
) -> list[HolidayView]:
    """Holidays from `start` to `end`, both days included, in order."""
    require(tx, Action.HOLIDAY_READ)
    query = select(_HOLIDAY.c.id, _HOLIDAY.c.day, _HOLIDAY.c.name).order_by(_HOLIDAY.c.day)
    if start is not None:
        query = query.where(_HOLIDAY.c.day >= start)
    if end is not None:
        query = query.where(_HOLIDAY.c.day <= end)
    return [HolidayView(*row) for row in tx.session.execute(query)]


def add(
    tx: Transaction, day: date, name: str, affected: Affected | None = None
) -> tuple[HolidayView, list[Consequence]]:
    """Make a day a holiday, and do to the appointments on it what was chosen.

    Raises:
        Duplicate: the day is a holiday already.
        InUse: appointments are booked and nothing was chosen; `details` lists them.
    """
    require(tx, Action.HOLIDAY_CHANGE)
    name = clean_name(name)
    tx.lock_every_doctor()
    there = tx.session.execute(select(_HOLIDAY.c.name).where(_HOLIDAY.c.day == day)).scalar()
    if there is not None:
        raise Duplicate(f"{day:%d %b %Y} is a holiday already ({there}).", date=day.isoformat())
    (view,), done = _enter(tx, {day: name}, affected, "holiday")
    return view, done


def add_year(
    tx: Transaction,
    country: str,
    year: int,
    *,
    subdivision: str = "",
    affected: Affected | None = None,
) -> Entered:
    """Enter a country's public holidays of a year. Days that are holidays already stay as they
    are, so that a second time changes nothing; country and subdivision as in `public_holidays`.

    Raises:
        Invalid: there is no such country, subdivision or year.
        InUse: appointments are booked and nothing was chosen; `details` lists them.
    """
    require(tx, Action.HOLIDAY_CHANGE)
    named = public_holidays(country, year, subdivision)
    tx.lock_every_doctor()
    return _enter(tx, _missing(tx, named), affected, "list of holidays")


def missing_of_year(
    tx: Transaction, country: str, year: int, *, subdivision: str = ""
) -> list[PublicHoliday]:
    """What `add_year` would enter, in order, and how many appointments each day would hit.

    Raises:
        Invalid: there is no such country, subdivision or year.
    """
    require(tx, Action.HOLIDAY_CHANGE)
    missing = _missing(tx, public_holidays(country, year, subdivision))
    return [PublicHoliday(day, name, len(_booked_on(tx, day))) for day, name in missing.items()]


def _missing(tx: Transaction, named: Mapping[date, str]) -> dict[date, str]:
    there = set(tx.session.scalars(select(_HOLIDAY.c.day).where(_HOLIDAY.c.day.in_(named))))
    return {day: clean_name(name) for day, name in named.items() if day not in there}


def _booked_on(tx: Transaction, day: date) -> list[AppointmentView]:
    return consequences.booked_between(tx, *day_bounds(day, tx.timezone))


def _enter(
    tx: Transaction, days: Mapping[date, str], affected: Affected | None, what: str
) -> Entered:
    hit = {day: _booked_on(tx, day) for day in days}
    consequences.require_choice([one for each in hit.values() for one in each], affected, what)
    # All days first, so that nothing is moved from one of them to the next.
    views = [_insert(tx, day, name, affected) for day, name in days.items()]
    done: dict[int, Consequence] = {}
    for day, name in days.items():
        left = [one for one in hit[day] if one.id not in done]  # one may reach past midnight
        for each in consequences.settle(
            tx, left, affected, f"holiday: {name}", HospitalCause.HOLIDAY
        ):
            done[each.appointment.id] = each
    return views, list(done.values())


def _insert(tx: Transaction, day: date, name: str, affected: Affected | None) -> HolidayView:
    row = tx.add(Holiday(day=day, name=name, **tx.stamps()))
    detail = {"day": day, "name": name, "affected": affected.value if affected else None}
    tx.record("holiday.add", "holiday", row.id, detail=detail)
    tx.changed(Topic.HOLIDAY, day=day, entity_id=row.id)
    assert row.id is not None
    return HolidayView(row.id, day, name)


def delete(tx: Transaction, holiday_id: int) -> HolidayView:
    """Make the day an ordinary one again; what was moved or cancelled stays so."""
    require(tx, Action.HOLIDAY_CHANGE)
    row = tx.fetch(Holiday, holiday_id, "holiday")
    gone = HolidayView(holiday_id, row.day, row.name)
    tx.session.delete(row)
    tx.session.flush()
    tx.frees(*day_bounds(gone.date, tx.timezone), wide=True)
    tx.record("holiday.delete", "holiday", holiday_id, detail={"day": gone.date, "name": gone.name})
    tx.changed(Topic.HOLIDAY, day=gone.date, entity_id=holiday_id)
    return gone
