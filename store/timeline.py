"""What became of a patient over time: appointments and records that the actor may see."""

from __future__ import annotations

from store import appointments, records
from store.permissions import Action, require
from store.transaction import Transaction
from store.values import AppointmentStatus, Page, TimelineEntry

MOST = 500
"""So far back it goes, in appointments and in records."""

_SHOWN = frozenset(AppointmentStatus) - {
    AppointmentStatus.RESCHEDULED,
    AppointmentStatus.IN_ERROR,
}


def of_patient(
    tx: Transaction, patient_id: int, *, limit: int = 100, offset: int = 0
) -> Page[TimelineEntry]:
    """A patient's past and what is to come, newest first. A doctor sees the own appointments and
    drafts, and what every doctor has signed.

    Raises:
        Forbidden: the actor may not read this patient's records.
    """
    require(tx, Action.RECORD_READ, patient_id=patient_id)
    reach = min(MOST, offset + limit)
    visits = appointments.list_appointments(
        tx, patient_id=patient_id, status=_SHOWN, newest_first=True, limit=reach
    )
    written = records.list_records(tx, patient_id=patient_id, limit=reach)
    of_visit = {one.appointment_id: one for one in written.items if one.appointment_id}
    entries = [
        TimelineEntry(one.starts_at, one, of_visit.pop(one.id, None)) for one in visits.items
    ]
    alone = [one for one in written.items if not one.appointment_id]
    alone += of_visit.values()
    entries += [TimelineEntry(one.visited_at, None, one) for one in alone]
    entries.sort(key=lambda one: one.at.timestamp(), reverse=True)
    total = visits.total + len(alone) + written.total - len(written.items)
    return Page(tuple(entries[offset : offset + limit]), total, offset)
