"""What a booking must meet before it is made; the database's own constraint has the last word."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, select

from store import availability, hold_rows
from store.errors import (
    Forbidden,
    InUse,
    Invalid,
    PatientBusy,
    SlotTaken,
    SlotUnavailable,
    StoreError,
)
from store.patient_rows import require_unmerged
from store.slots import Session, day_bounds, to_minutes, to_minutes_up
from store.tables import Appointment, Department, Doctor, Patient, table_of
from store.transaction import Transaction
from store.values import HOLDS_SLOT, AppointmentStatus, Role, Slot

_VISIT = table_of(Appointment).c
_HOLDING = [status.value for status in HOLDS_SLOT]
_PENDING = [
    AppointmentStatus.BOOKED.value,
    AppointmentStatus.CHECKED_IN.value,
    AppointmentStatus.IN_CONSULTATION.value,
]


def require_bookable_people(
    tx: Transaction, patient_id: int, doctor_id: int
) -> tuple[Patient, Doctor]:
    """The patient and the doctor, both active, and locked against others who book for them.

    Raises:
        NotFound: no such patient or doctor.
        InUse: one of them, or the department, is deactivated.
    """
    tx.lock_doctor(doctor_id)
    doctor = tx.fetch(Doctor, doctor_id, "doctor")
    department = tx.session.get(Department, doctor.department_id)
    patient = tx.fetch(Patient, patient_id, "patient")
    require_unmerged(tx, patient)
    if not patient.is_active:
        raise InUse("This patient is deactivated. Activate the patient first.")
    if not doctor.is_active or department is None or not department.is_active:
        raise InUse("This doctor takes no appointments any more. Choose another doctor.")
    return patient, doctor


def span_of_booking(
    tx: Transaction, doctor_id: int, starts_at: datetime, ends_at: datetime | None
) -> tuple[datetime, datetime]:
    """The time a booking takes, if hours, holidays and leave allow it.

    Without `ends_at` the start must be that of a slot, whose length it takes; with it, the
    time must lie within one session.

    Raises:
        Invalid: not a whole minute, or an end that does not follow the start.
        SlotUnavailable: past, too far ahead, or outside the doctor's working time.
    """
    _require_sound(starts_at, ends_at)
    if starts_at < tx.now:
        raise _unavailable(tx, doctor_id, starts_at, "That time is over.")
    horizon = tx.rules.hospital.booking_horizon_days
    if starts_at > tx.now + timedelta(days=horizon):
        raise _unavailable(
            tx, doctor_id, tx.now, f"Bookings go up to {horizon} days ahead; choose a sooner day."
        )
    day = tx.local(starts_at).date()
    plan = availability.read_plan(tx, [doctor_id], day, day)
    if day in plan.holidays:
        raise _unavailable(tx, doctor_id, starts_at, "That day is a holiday of the hospital.")
    session = _session_around(plan.sessions(tx, doctor_id, day), starts_at)
    if session is None:
        raise _unavailable(tx, doctor_id, starts_at, "The doctor does not work at that time.")
    if ends_at is None:
        if to_minutes(starts_at) not in session.starts():
            raise _unavailable(tx, doctor_id, starts_at, "No slot of the doctor begins then.")
        ends_at = starts_at + timedelta(minutes=session.slot_minutes)
    elif to_minutes_up(ends_at) > session.end:
        raise _unavailable(tx, doctor_id, starts_at, "The doctor's session ends before that.")
    span = (to_minutes(starts_at), to_minutes_up(ends_at))
    if any(away[0] < span[1] and span[0] < away[1] for away in plan.away.get(doctor_id, ())):
        raise _unavailable(tx, doctor_id, starts_at, "The doctor is on leave then.")
    return starts_at, ends_at


def holder_of(
    tx: Transaction,
    doctor_id: int,
    starts_at: datetime,
    ends_at: datetime,
    *,
    ignore: int | None = None,
) -> int | None:
    """The id of an appointment that occupies some of the doctor's time; None where it is free."""
    query = select(_VISIT.id).where(
        _VISIT.doctor_id == doctor_id,
        _VISIT.starts_at < ends_at,
        _VISIT.starts_at > starts_at - availability.LONGEST_APPOINTMENT,
        _VISIT.ends_at > starts_at,
        _VISIT.status.in_(_HOLDING),
    )
    if ignore is not None:
        query = query.where(_VISIT.id != ignore)
    return tx.session.execute(query.limit(1)).scalar()


def require_free(
    tx: Transaction,
    doctor_id: int,
    starts_at: datetime,
    ends_at: datetime,
    *,
    ignore: int | None = None,
) -> None:
    """Refuse where another appointment occupies the time.

    Raises:
        SlotTaken: with the three nearest free slots.
    """
    if holder_of(tx, doctor_id, starts_at, ends_at, ignore=ignore) is not None:
        raise slot_taken(tx, doctor_id, starts_at)


def require_not_held(
    tx: Transaction, doctor_id: int, starts_at: datetime, ends_at: datetime
) -> None:
    """Refuse where somebody else's open dialog holds the time; see `store.holds`.

    Raises:
        SlotTaken: says by whom and for how long, with the three nearest free slots.
    """
    held = hold_rows.blocking(tx, doctor_id, starts_at, ends_at)
    if held is not None:
        near = availability.nearest(tx, doctor_id, starts_at)
        raise SlotTaken(
            f"{hold_rows.held_sentence(tx, held)} {_offer(near)}",
            nearest=_plain(near),
            held_by=held.by,
            held_until=held.until.isoformat(),
        )


def require_patient_free(
    tx: Transaction,
    patient_id: int,
    starts_at: datetime,
    ends_at: datetime,
    *,
    ignore: int | None = None,
) -> None:
    """Refuse where the patient is to be elsewhere at that time.

    Raises:
        PatientBusy: names the other appointment.
    """
    conditions = [
        _VISIT.starts_at < ends_at,
        _VISIT.starts_at > starts_at - availability.LONGEST_APPOINTMENT,
        _VISIT.ends_at > starts_at,
    ]
    if ignore is not None:
        conditions.append(_VISIT.id != ignore)
    row = _first_pending(tx, patient_id, *conditions)
    if row is not None:
        at = tx.local(row.starts_at)
        raise _busy(
            f"The patient has another appointment at {at:%H:%M} that day. Choose another time.",
            row.id,
            at,
        )


def require_not_expected(tx: Transaction, patient_id: int, doctor_id: int) -> None:
    """Refuse to take somebody in without an appointment whom the doctor expects today anyway.

    Raises:
        PatientBusy: names the appointment that there is.
    """
    start, end = day_bounds(tx.today(), tx.timezone)
    row = _first_pending(
        tx,
        patient_id,
        _VISIT.doctor_id == doctor_id,
        _VISIT.starts_at >= start,
        _VISIT.starts_at < end,
    )
    if row is not None:
        at = tx.local(row.starts_at)
        if row.status == AppointmentStatus.BOOKED:
            sentence = f"The patient is booked with this doctor at {at:%H:%M} today: check in that."
        else:
            sentence = "The patient is with this doctor or waits for this doctor already."
        raise _busy(sentence, row.id, at)


def require_place_again(tx: Transaction, row: Appointment) -> None:
    """What an appointment that was given up must meet to stand again: all that a booking must,
    for meanwhile the time, the doctor or the patient may have gone elsewhere. Somebody's hold is
    not in its way: the time was the patient's before.

    Raises:
        InUse: the patient or the doctor is deactivated.
        SlotUnavailable: the doctor does not work then any more.
        SlotTaken: the time was given away.
        PatientBusy: the patient has another appointment then.
    """
    require_bookable_people(tx, row.patient_id, row.doctor_id)
    if row.starts_at >= tx.now:
        span_of_booking(tx, row.doctor_id, row.starts_at, row.ends_at)
    if not row.overbooked:
        require_free(tx, row.doctor_id, row.starts_at, row.ends_at, ignore=row.id)
    require_patient_free(tx, row.patient_id, row.starts_at, row.ends_at, ignore=row.id)


def require_overbooking_room(tx: Transaction, doctor: Doctor, day_moment: datetime) -> None:
    """Refuse where the doctor's overbookings of that day have reached the doctor's limit.

    Raises:
        InUse: the limit is reached.
    """
    assert doctor.id is not None
    start, end = day_bounds(tx.local(day_moment).date(), tx.timezone)
    overbooked = tx.session.execute(
        select(_VISIT.id).where(
            _VISIT.doctor_id == doctor.id,
            _VISIT.starts_at >= start,
            _VISIT.starts_at < end,
            _VISIT.overbooked,
            ~_VISIT.walk_in,
            _VISIT.status.in_(_HOLDING),
        )
    ).all()
    if len(overbooked) >= doctor.overbook_limit:
        raise InUse(
            f"This doctor is overbooked {len(overbooked)} times that day, which is the limit."
            " Choose another day or doctor.",
            limit=doctor.overbook_limit,
        )


def require_notice(tx: Transaction, starts_at: datetime, verb: str) -> None:
    """Hold a patient to the hospital's notice period; staff may act until the last moment.

    Raises:
        Forbidden: it is too late for a patient.
    """
    notice = tx.rules.hospital.cancellation_notice_minutes
    if tx.actor.role is Role.PATIENT and starts_at - tx.now < timedelta(minutes=notice):
        hours = f"{notice // 60} hours" if notice % 60 == 0 and notice >= 120 else f"{notice} min"
        raise Forbidden(
            f"It is less than {hours} before the appointment. Call the reception desk to {verb}.",
            action=f"appointment.{verb}",
        )


def slot_taken(tx: Transaction, doctor_id: int, starts_at: datetime) -> SlotTaken:
    """The refusal of a taken slot, with the nearest free ones."""
    near = availability.nearest(tx, doctor_id, starts_at)
    return SlotTaken(f"That slot has just been taken. {_offer(near)}", nearest=_plain(near))


def _first_pending(
    tx: Transaction, patient_id: int, *conditions: ColumnElement[bool]
) -> Row[Any] | None:
    """The patient's first appointment that is still ahead or under way and meets these."""
    return tx.session.execute(
        select(_VISIT.id, _VISIT.starts_at, _VISIT.status)
        .where(_VISIT.patient_id == patient_id, _VISIT.status.in_(_PENDING), *conditions)
        .order_by(_VISIT.starts_at)
        .limit(1)
    ).first()


def _busy(sentence: str, appointment_id: int, at: datetime) -> PatientBusy:
    return PatientBusy(sentence, appointment_id=appointment_id, starts_at=at.isoformat())


def _require_sound(starts_at: datetime, ends_at: datetime | None) -> None:
    if starts_at.tzinfo is None or (ends_at is not None and ends_at.tzinfo is None):
        raise Invalid.field("starts_at", "Give the time with its time zone.")
    if starts_at.second or starts_at.microsecond:
        raise Invalid.field("starts_at", "Appointments begin on a whole minute.")
    if ends_at is None:
        return
    if ends_at <= starts_at:
        raise Invalid.field("ends_at", "The end must be after the start.")
    if ends_at - starts_at > availability.LONGEST_APPOINTMENT:
        raise Invalid.field("ends_at", "An appointment is at most 24 hours long.")


def _session_around(sessions: list[Session], moment: datetime) -> Session | None:
    minute = to_minutes(moment)
    return next((one for one in sessions if one.start <= minute < one.end), None)


def _unavailable(tx: Transaction, doctor_id: int, moment: datetime, sentence: str) -> StoreError:
    near = availability.nearest(tx, doctor_id, max(moment, tx.now))
    return SlotUnavailable(f"{sentence} {_offer(near)}", nearest=_plain(near))


def _offer(slots: list[Slot]) -> str:
    if not slots:
        return "There is no free slot in the next two months; choose another doctor."
    return "Free: " + ", ".join(f"{slot.starts_at:%a %d %b %H:%M}" for slot in slots) + "."


def _plain(slots: list[Slot]) -> list[str]:
    return [slot.starts_at.isoformat() for slot in slots]
