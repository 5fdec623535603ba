"""What those who wait wish for, and whether a slot meets it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select

from store.slots import to_minutes
from store.tables import (
    Appointment,
    Department,
    Doctor,
    Patient,
    WaitlistEntry,
    WaitlistOffer,
    table_of,
)
from store.transaction import Transaction
from store.values import (
    STILL_WAITS,
    AppointmentStatus,
    OfferOutcome,
    Slot,
    WaitlistEnd,
    WaitlistStatus,
)

ENTRY, OFFER = table_of(WaitlistEntry), table_of(WaitlistOffer)
OPEN = OFFER.c.outcome == OfferOutcome.OPEN.value
"""The condition of an offer that may still be taken."""
WAITS = ENTRY.c.status.in_(sorted(status.value for status in STILL_WAITS))
"""The condition of an entry that has not ended."""
IN_ORDER = (ENTRY.c.created_at, ENTRY.c.id)
"""Who came first is asked first."""

_VISIT, _PATIENT = table_of(Appointment), table_of(Patient)
_DOCTOR, _DEPARTMENT = table_of(Doctor), table_of(Department)
_AHEAD = [
    AppointmentStatus.BOOKED.value,
    AppointmentStatus.CHECKED_IN.value,
    AppointmentStatus.IN_CONSULTATION.value,
]


@dataclass(frozen=True, slots=True)
class Link:
    """The appointment that is to become earlier, as it stands now: what it was moved to counts."""

    id: int
    doctor_id: int
    starts_at: datetime
    status: AppointmentStatus

    def stands(self, now: datetime) -> bool:
        """Whether there still is something to make earlier."""
        return self.status is AppointmentStatus.BOOKED and self.starts_at > now


@dataclass(frozen=True, slots=True)
class Wish:
    """An entry that has not ended. `department_id` counts where no doctor is named; `there` and
    `works` are whether the patient and the doctor (or the department) are active;
    `offered`: it holds an offer already."""

    id: int
    patient_id: int
    doctor_id: int | None
    department_id: int | None
    link: Link | None
    first_day: date | None
    last_day: date | None
    from_minute: int | None
    to_minute: int | None
    offered: bool
    there: bool
    works: bool

    def over(self, now: datetime, today: date) -> WaitlistEnd | None:
        """Why nothing can come of it any more; None while something can."""
        if not self.there:
            return WaitlistEnd.PATIENT
        if not self.works:
            return WaitlistEnd.DOCTOR
        if self.link is not None and not self.link.stands(now):
            return WaitlistEnd.APPOINTMENT
        if self.last_day is not None and self.last_day < today:
            return WaitlistEnd.WINDOW
        return None

    def wants(self, slot: Slot, department_id: int, zone: ZoneInfo) -> bool:
        """Whether the slot is of the right doctor, within the days and hours wished for, and
        before the appointment that is to become earlier."""
        if self.doctor_id is not None:
            if self.doctor_id != slot.doctor_id:
                return False
        elif self.department_id != department_id:
            return False
        if self.link is not None and slot.starts_at >= self.link.starts_at:
            return False
        local = slot.starts_at.astimezone(zone)
        first = local.hour * 60 + local.minute
        last = first + to_minutes(slot.ends_at) - to_minutes(slot.starts_at)
        return (
            (self.first_day is None or self.first_day <= local.date())
            and (self.last_day is None or local.date() <= self.last_day)
            and (self.from_minute is None or self.from_minute <= first)
            and (self.to_minute is None or last <= self.to_minute)
        )


def load(tx: Transaction, entry_id: int | None = None) -> list[Wish]:
    """All entries that have not ended (or that one), who came first in front."""
    query = (
        select(
            ENTRY,
            _PATIENT.c.is_active,
            _PATIENT.c.merged_into_id,
            _DOCTOR.c.is_active.label("doctor_active"),
            _DEPARTMENT.c.is_active.label("department_active"),
        )
        .join(_PATIENT, _PATIENT.c.id == ENTRY.c.patient_id)
        .outerjoin(_DOCTOR, _DOCTOR.c.id == ENTRY.c.doctor_id)
        .outerjoin(_DEPARTMENT, _DEPARTMENT.c.id == ENTRY.c.department_id)
        .where(WAITS)
        .order_by(*IN_ORDER)
    )
    if entry_id is not None:
        query = query.where(ENTRY.c.id == entry_id)
    rows = tx.session.execute(query).all()
    links = current_links(tx, [row.appointment_id for row in rows if row.appointment_id])
    return [_wish(row, links) for row in rows]


def alive(tx: Transaction, entry_id: int) -> Wish | None:
    """What an entry wishes for; None where nothing can come of it any more."""
    found = load(tx, entry_id)
    return found[0] if found and found[0].over(tx.now, tx.today()) is None else None


def current_links(tx: Transaction, appointment_ids: Iterable[int]) -> dict[int, Link]:
    """Each appointment with what it was moved to, however often."""
    columns = (_VISIT.c.id, _VISIT.c.doctor_id, _VISIT.c.starts_at, _VISIT.c.status)
    wanted = set(appointment_ids)
    rows = tx.session.execute(select(*columns).where(_VISIT.c.id.in_(wanted))) if wanted else ()
    found = {row.id: _link(row) for row in rows}
    while moved := {
        link.id: origin
        for origin, link in found.items()
        if link.status is AppointmentStatus.RESCHEDULED
    }:
        after = select(*columns, _VISIT.c.predecessor_id).where(_VISIT.c.predecessor_id.in_(moved))
        successors = tx.session.execute(after).all()
        for row in successors:
            found[moved[row.predecessor_id]] = _link(row)
        if not successors:
            break
    return found


def able(tx: Transaction, wishes: Iterable[Wish], slot: Slot) -> list[Wish]:
    """Those of the wishes that were not offered the slot before and whose patient is not elsewhere
    then, unless for the appointment that would move."""
    asking = list(wishes)
    if not asking:
        return []
    asked = set(
        tx.session.scalars(
            select(OFFER.c.entry_id).where(
                OFFER.c.doctor_id == slot.doctor_id, OFFER.c.starts_at == slot.starts_at
            )
        )
    )
    elsewhere: dict[int, set[int]] = {}
    for row in tx.session.execute(
        select(_VISIT.c.id, _VISIT.c.patient_id).where(
            _VISIT.c.patient_id.in_({wish.patient_id for wish in asking}),
            _VISIT.c.starts_at < slot.ends_at,
            _VISIT.c.ends_at > slot.starts_at,
            _VISIT.c.status.in_(_AHEAD),
        )
    ):
        elsewhere.setdefault(row.patient_id, set()).add(row.id)
    return [
        wish
        for wish in asking
        if wish.id not in asked
        and not elsewhere.get(wish.patient_id, set()) - {wish.link.id if wish.link else 0}
    ]


def _wish(row: Row[Any], links: dict[int, Link]) -> Wish:
    return Wish(
        id=row.id,
        patient_id=row.patient_id,
        doctor_id=row.doctor_id,
        department_id=row.department_id,
        link=links.get(row.appointment_id),
        first_day=row.first_day,
        last_day=row.last_day,
        from_minute=row.from_minute,
        to_minute=row.to_minute,
        offered=row.status == WaitlistStatus.OFFERED,
        there=row.is_active and row.merged_into_id is None,
        works=row.doctor_active is not False and row.department_active is not False,
    )


def _link(row: Row[Any]) -> Link:
    return Link(row.id, row.doctor_id, row.starts_at, AppointmentStatus(row.status))
