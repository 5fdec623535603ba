"""Appointments as calendars know them: for files that a calendar program takes, and for mails.

An appointment that was moved keeps, in a calendar, the id of the one that it goes back to; so a
calendar that has it from the mail of the booking does not show it twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from store.appointment_views import VISIT, views
from store.appointments import own_only
from store.tables import Hospital, table_of
from store.transaction import Transaction
from store.values import HOLDS_SLOT, AppointmentView, CalendarEntry

_IDS = 500
"""How many ids a statement names; SQLite takes some thousands at most."""


@dataclass(frozen=True, slots=True)
class AppointmentFeed:
    """Appointments as of `made_at` (hospital time); `entries` are those that stand, by time."""

    hospital: str
    made_at: datetime
    entries: tuple[CalendarEntry, ...]


def of_appointments(
    tx: Transaction,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    doctor_id: int | None = None,
    department_id: int | None = None,
    patient_id: int | None = None,
) -> AppointmentFeed:
    """The appointments that stand, start within [start, end) and meet every filter, to be taken
    out of the house; doctors and patients take their own alone. That it was is in the trail."""
    conditions = own_only(tx)
    conditions.append(VISIT.c.status.in_([status.value for status in HOLDS_SLOT]))
    for column, value in (
        (VISIT.c.doctor_id, doctor_id),
        (VISIT.c.department_id, department_id),
        (VISIT.c.patient_id, patient_id),
    ):
        if value is not None:
            conditions.append(column == value)
    if start is not None:
        conditions.append(VISIT.c.starts_at >= start)
    if end is not None:
        conditions.append(VISIT.c.starts_at < end)
    found = views(tx, *conditions)
    chosen = {"doctor": doctor_id, "patient": patient_id, "count": len(found)}
    tx.record("appointment.export", "appointment", "", patient_id=patient_id, detail=chosen)
    uid = tx.session.execute(select(table_of(Hospital).c.uid)).scalar_one()
    return AppointmentFeed(tx.rules.hospital.name, tx.local(tx.now), entries(tx, found, uid))


def entries(
    tx: Transaction, visits: Sequence[AppointmentView], uid: str
) -> tuple[CalendarEntry, ...]:
    """Appointments that stand as entries; for rules that have asked. `uid` is the hospital's."""
    before, sequences = _before(tx, visits), _sequences(tx, visits)
    found = []
    for visit in visits:
        first = visit.id
        while (earlier := before.get(first)) is not None:
            first = earlier
        found.append(CalendarEntry(f"appointment-{first}@{uid}", sequences[visit.id], visit))
    return tuple(found)


def _before(tx: Transaction, visits: Sequence[AppointmentView]) -> dict[int, int | None]:
    """The predecessors of these appointments, and theirs, as far as they go back."""
    before = {visit.id: visit.predecessor_id for visit in visits}
    wanted = {earlier for earlier in before.values() if earlier is not None} - before.keys()
    while wanted:
        some = sorted(wanted)[:_IDS]
        query = select(VISIT.c.id, VISIT.c.predecessor_id).where(VISIT.c.id.in_(some))
        read = {row.id: row.predecessor_id for row in tx.session.execute(query)}
        before |= read
        wanted = (wanted | {one for one in read.values() if one is not None}) - before.keys()
    return before


def _sequences(tx: Transaction, visits: Sequence[AppointmentView]) -> dict[int, int]:
    found: dict[int, int] = {}
    ids = [visit.id for visit in visits]
    for begin in range(0, len(ids), _IDS):
        query = select(VISIT.c.id, VISIT.c.calendar_sequence).where(
            VISIT.c.id.in_(ids[begin : begin + _IDS])
        )
        found |= {row.id: row.calendar_sequence for row in tx.session.execute(query)}
    return found
