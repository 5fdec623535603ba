"""What a booking must meet before it is made; the database's own constraint has the last word."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from store import availability, hold_rows
from store.errors import (
    Forbidden,
    InUse,
    Invalid,
    NotFound,
    PatientBusy,
    SlotTaken,
    SlotUnavailable,
    StoreError,
)
from store.patient_rows import require_unmerged
from store.prepared import ONLY_ONE, Prepared
from store.references import plausible_id
from store.slots import Session, day_bounds, to_minutes, to_minutes_up
from store.tables import Appointment, Department, Doctor, Patient, table_of
from store.transaction import Transaction
from store.values import HOLDS_SLOT, AppointmentStatus, Held, Role, Slot

_VISIT = table_of(Appointment).c
_HOLDING = [status.value for status in HOLDS_SLOT]
_PENDING = [
    AppointmentStatus.BOOKED.value,
    AppointmentStatus.CHECKED_IN.value,
    AppointmentStatus.IN_CONSULTATION.value,
]
_DOCTOR, _DEPARTMENT, _PATIENT = table_of(Doctor), table_of(Department), table_of(Patient)

_DOCTOR_OF = Prepared(
    select(
        _DOCTOR.c.id,
        _DOCTOR.c.department_id,
        _DOCTOR.c.overbook_limit,
        _DOCTOR.c.is_active,
        _DEPARTMENT.c.is_active.label("is_open"),
    )
    .join(_DEPARTMENT, _DEPARTMENT.c.id == _DOCTOR.c.department_id)
    .where(_DOCTOR.c.id == bindparam("id"))
    .with_for_update(of=_DOCTOR)
)
_PATIENT_OF = Prepared(
    select(_PATIENT.c.is_active, _PATIENT.c.merged_into_id)
    .where(_PATIENT.c.id == bindparam("id"))
    .with_for_update()
)
_OVERLAPS = (
    _VISIT.starts_at < bindparam("end"),
    _VISIT.starts_at > bindparam("reach"),
    _VISIT.ends_at > bindparam("start"),
    _VISIT.id != bindparam("ignore"),
)
_HOLDER = Prepared(
    select(_VISIT.id)
    .where(_VISIT.doctor_id == bindparam("doctor_id"), *_OVERLAPS, _VISIT.status.in_(_HOLDING))
    .limit(ONLY_ONE)
)
_FIRST_PENDING = (
    select(_VISIT.id, _VISIT.starts_at, _VISIT.status)
    .where(_VISIT.patient_id == bindparam("patient_id"), _VISIT.status.in_(_PENDING))
    .order_by(_VISIT.starts_at)
    .limit(ONLY_ONE)
)
_ELSEWHERE = Prepared(_FIRST_PENDING.where(*_OVERLAPS))
_EXPECTED = Prepared(
    _FIRST_PENDING.where(
        _VISIT.doctor_id == bindparam("doctor_id"),
        _VISIT.starts_at >= bindparam("start"),
        _VISIT.starts_at < bindparam("end"),
    )
)


class BookableDoctor(NamedTuple):
    """A doctor who takes appointments: where, and how many over the limit of a day."""

    id: int
    department_id: int
    overbook_limit: int


def require_bookable_people(tx: Transaction, patient_id: int, doctor_id: int) -> BookableDoctor:
    """The doctor, if doctor and patient are active; both locked against others who book for them.

    Raises:
        NotFound: no such patient or doctor.
        InUse: one of them, or the department, is deactivated.
    """
    tx.lock_doctor(doctor_id)
    doctors = tx.rows(_DOCTOR_OF, {"id": plausible_id(doctor_id)})
    if not doctors:
        raise NotFound(f"There is no doctor {doctor_id}.", entity="doctor", id=doctor_id)
    patients = tx.rows(_PATIENT_OF, {"id": plausible_id(patient_id)})
    if not patients:
        raise NotFound(f"There is no patient {patient_id}.", entity="patient", id=patient_id)
    (patient_is_active, merged_into_id), (*doctor, doctor_is_active, is_open) = (
        patients[0],
        doctors[0],
    )
    if merged_into_id is not None:
        require_unmerged(tx, tx.fetch(Patient, patient_id, "patient"))
    if not patient_is_active:
        raise InUse("This patient is deactivated. Activate the patient first.")
    if not (doctor_is_active and is_open):
        raise InUse("This doctor takes no appointments any more. Choose another doctor.")
    return BookableDoctor(*doctor)


class Place(NamedTuple):
    """A time that a doctor's hours allow (UTC, half-open), and what is there: whether an
    appointment takes some of it, and the hold of somebody else that keeps the actor from it."""

    doctor_id: int
    starts_at: datetime
    ends_at: datetime
    taken: bool
    held: Held | None


def place_of_booking(
    tx: Transaction, doctor_id: int, starts_at: datetime, ends_at: datetime | None
) -> Place:
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
    if plan.overlaps(plan.away, doctor_id, span):
        raise _unavailable(tx, doctor_id, starts_at, "The doctor is on leave then.")
    taken = any(plan.overlaps(some, doctor_id, span) for some in (plan.taken, plan.over))
    hold = hold_rows.longest(plan.held.get(doctor_id, ()), span)
    # The system acts for the rules, not for a person, and is kept from nothing.
    held = None if hold is None or tx.actor.role is Role.SYSTEM else hold.shown
    return Place(doctor_id, starts_at, ends_at, taken, held)


def holder_of(
    tx: Transaction,
    doctor_id: int,
    starts_at: datetime,
    ends_at: datetime,
    *,
    ignore: int | None,
) -> int | None:
    """The id of an appointment, other than the one to `ignore`, that occupies some of the doctor's
    time; None where it is free."""
    span = _span(starts_at, ends_at) | {"doctor_id": doctor_id, "ignore": ignore or 0}
    found = tx.rows(_HOLDER, span)
    return found[0][0] if found else None


def require_free(tx: Transaction, place: Place) -> None:
    """Refuse where another appointment occupies the time.

    Raises:
        SlotTaken: with the three nearest free slots.
    """
    if place.taken:
        raise slot_taken(tx, place.doctor_id, place.starts_at)


def require_not_held(tx: Transaction, place: Place) -> None:
    """Refuse where somebody else's open dialog holds the time; see `store.holds`.

    Raises:
        SlotTaken: says by whom and for how long, with the three nearest free slots.
    """
    held = place.held
    if held is not None:
        near = availability.nearest(tx, place.doctor_id, place.starts_at)
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
    span = _span(starts_at, ends_at) | {"patient_id": patient_id, "ignore": ignore or 0}
    for other, begins_at, _ in tx.rows(_ELSEWHERE, span):
        at = tx.local(begins_at)
        raise _busy(
            f"The patient has another appointment at {at:%H:%M} that day. Choose another time.",
            other,
            at,
        )


def require_not_expected(tx: Transaction, patient_id: int, doctor_id: int) -> None:
    """Refuse to take somebody in without an appointment whom the doctor expects today anyway.

    Raises:
        PatientBusy: names the appointment that there is.
    """
    start, end = day_bounds(tx.today(), tx.timezone)
    asked = {"patient_id": patient_id, "doctor_id": doctor_id, "start": start, "end": end}
    for expected, begins_at, status in tx.rows(_EXPECTED, asked):
        at = tx.local(begins_at)
        if status == AppointmentStatus.BOOKED:
            sentence = f"The patient is booked with this doctor at {at:%H:%M} today: check in that."
        else:
            sentence = "The patient is with this doctor or waits for this doctor already."
        raise _busy(sentence, expected, at)


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
        place_of_booking(tx, row.doctor_id, row.starts_at, row.ends_at)
    span = (row.doctor_id, row.starts_at, row.ends_at)
    if not row.overbooked and holder_of(tx, *span, ignore=row.id) is not None:
        raise slot_taken(tx, row.doctor_id, row.starts_at)
    require_patient_free(tx, row.patient_id, row.starts_at, row.ends_at, ignore=row.id)


def require_overbooking_room(tx: Transaction, doctor: BookableDoctor, day_moment: datetime) -> None:
    """Refuse where the doctor's overbookings of that day have reached the doctor's limit.

    Raises:
        InUse: the limit is reached.
    """
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


def _span(starts_at: datetime, ends_at: datetime) -> dict[str, Any]:
    """What the questions for whatever overlaps a time are asked."""
    reach = starts_at - availability.LONGEST_APPOINTMENT
    return {"start": starts_at, "end": ends_at, "reach": reach}


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
