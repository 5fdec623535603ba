"""What becomes of booked appointments when the time under them goes away.

Leave, a holiday, shorter hours, a doctor's leaving or going to another department first show whom
they hit; then, as the
person chooses, the appointments are kept, cancelled (the patients hear by mail) or moved to the
doctor's next free slots, or the department's where those come sooner than a month. Slots that
somebody holds (see `store.holds`) are passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from store import appointments, availability
from store.appointment_views import VISIT, views
from store.errors import InUse, PatientBusy, SlotTaken, SlotUnavailable
from store.tables import Appointment, Doctor
from store.transaction import Transaction
from store.values import (
    Affected,
    AppointmentStatus,
    AppointmentView,
    Consequence,
    HospitalCause,
    Slot,
)

_STILL_TO_COME = [AppointmentStatus.BOOKED.value, AppointmentStatus.CHECKED_IN.value]
_OFFERS = 8
_OWN_DOCTOR_WITHIN = timedelta(days=30)


def booked_between(
    tx: Transaction, start: datetime, end: datetime, doctor_id: int | None = None
) -> list[AppointmentView]:
    """Appointments still to come that overlap [start, end), of one doctor or of all."""
    conditions = [
        VISIT.c.starts_at < end,
        VISIT.c.starts_at > start - availability.LONGEST_APPOINTMENT,
        VISIT.c.ends_at > max(start, tx.now),
        VISIT.c.status.in_(_STILL_TO_COME),
    ]
    if doctor_id is not None:
        conditions.append(VISIT.c.doctor_id == doctor_id)
    return views(tx, *conditions)


def require_choice(hit: Sequence[AppointmentView], affected: Affected | None, what: str) -> None:
    """Refuse to go on over booked appointments before somebody has chosen what becomes of them.

    Raises:
        InUse: `details["appointments"]` lists them.
    """
    if not hit or affected is not None:
        return
    count = "1 appointment is" if len(hit) == 1 else f"{len(hit)} appointments are"
    raise InUse(
        f"{count} booked under this {what}. Choose to keep, cancel or move them.",
        appointments=[
            {
                "id": one.id,
                "starts_at": one.starts_at.isoformat(),
                "patient": one.patient,
                "mrn": one.mrn,
                "doctor": one.doctor,
            }
            for one in hit
        ],
    )


def settle(
    tx: Transaction,
    hit: Iterable[AppointmentView],
    affected: Affected | None,
    reason: str,
    cause: HospitalCause,
) -> list[Consequence]:
    """Do to each appointment what was chosen, in order of time. Call when the time is already
    gone (leave inserted), so that nothing is moved into it.

    An appointment for which no free slot is found stays, as `worklist`. `reason` stays in the
    house, `cause` is told to the patient.
    """
    done = []
    for one in hit:
        if affected is Affected.CANCEL:
            cancelled = appointments.cancel(tx, one.id, reason=reason, cause=cause)
            done.append(Consequence(cancelled, "cancelled"))
        elif affected is Affected.MOVE:
            done.append(_move(tx, one, reason, cause))
        else:
            done.append(Consequence(one, "kept"))
    return done


def _move(tx: Transaction, one: AppointmentView, reason: str, cause: HospitalCause) -> Consequence:
    if one.status is not AppointmentStatus.BOOKED:
        return Consequence(one, "worklist")
    for slot in _offers(tx, one, cause):
        try:
            with tx.attempt():
                row = tx.fetch(Appointment, one.id, "appointment")
                moved = appointments.replace(
                    tx, row, slot.starts_at, slot.doctor_id, reason, cause=cause
                )
        except (InUse, PatientBusy, SlotTaken, SlotUnavailable):
            continue
        return Consequence(one, "moved", moved)
    return Consequence(one, "worklist")


def _offers(tx: Transaction, one: AppointmentView, cause: HospitalCause) -> list[Slot]:
    """Free slots to move to: the doctor's within a month, else whatever the department has in
    which the doctor is now, also where the appointment was booked in another one. Where the doctor
    went to another department, those of the one that the patient wanted."""
    if cause is HospitalCause.DEPARTMENT:
        return availability.first_free(
            tx, department_id=one.department_id, n=_OFFERS, after=one.starts_at
        )
    own = availability.first_free(tx, doctor_id=one.doctor_id, n=_OFFERS, after=one.starts_at)
    own = [slot for slot in own if slot.starts_at - one.starts_at <= _OWN_DOCTOR_WITHIN]
    if own:
        return own
    department_id = tx.fetch(Doctor, one.doctor_id, "doctor").department_id
    return availability.first_free(tx, department_id=department_id, n=_OFFERS, after=one.starts_at)
