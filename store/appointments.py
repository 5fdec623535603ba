"""Booking an appointment, moving it, and everything that may become of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, select

from store import booking_checks, hold_rows, outbox, records, tokens
from store.appointment_views import VISIT, count, find, joined, prepared_views, views
from store.booking_checks import BookableDoctor, Place
from store.errors import Duplicate, IllegalTransition, Invalid
from store.moves import Kind, Visit, announce, apply, fetch_for, id_of
from store.new_visits import NewVisit, insert
from store.patient_rows import survivor_of
from store.permissions import Action, Scope, require, scope_of
from store.prepared import Prepared
from store.record_content import merged
from store.tables import Account, Appointment, AppointmentEvent, table_of
from store.text import clean_line, clean_note
from store.transaction import Transaction
from store.values import (
    AppointmentEventView,
    AppointmentStatus,
    AppointmentView,
    HospitalCause,
    MailKind,
    Page,
    RecordInput,
    Role,
)

_EVENT, _ACCOUNT = table_of(AppointmentEvent), table_of(Account)
_OF_REQUEST = Prepared(joined(VISIT.c.request_id == bindparam("request_id")))


def book(
    tx: Transaction,
    *,
    patient_id: int,
    doctor_id: int,
    starts_at: datetime,
    ends_at: datetime | None = None,
    note: str = "",
    request_id: str | None = None,
    overbook_reason: str | None = None,
    heed_holds: bool = True,
) -> AppointmentView:
    """Book a patient with a doctor. Doctors book into their own time those whom they have seen.

    Args:
        starts_at: aware; the start of one of the doctor's slots, unless `ends_at` is given.
        ends_at: a length of its own, within one session of the doctor.
        request_id: made once for each form; a second submission gives the first's appointment.
        overbook_reason: book although the time is taken, with this reason, up to the doctor's
            daily limit; needs the permission to overbook. A time that is only held is booked as
            a free one.
        heed_holds: False for what was agreed elsewhere before (an import), which nobody's open
            dialog holds up.

    Raises:
        SlotTaken: by an appointment or by somebody's hold; with `details["nearest"]`.
        SlotUnavailable: past, outside hours, on leave or on a holiday.
        PatientBusy: the patient has another appointment then.
        Duplicate: the request id was used for another booking.
        InUse: patient or doctor is deactivated, or the overbooking limit is reached.
    """
    require(tx, Action.APPOINTMENT_BOOK, patient_id=patient_id, doctor_id=doctor_id)
    earlier = of_request(tx, request_id, patient_id, doctor_id)
    if earlier is not None:
        return earlier
    note = clean_note(note, "note", most=2000)
    doctor = booking_checks.require_bookable_people(tx, patient_id, doctor_id)
    place = booking_checks.place_of_booking(tx, doctor_id, starts_at, ends_at)
    overbooked, why = _overbooking(tx, doctor, place, overbook_reason)
    if not overbooked:
        booking_checks.require_free(tx, place)
    if heed_holds and overbook_reason is None:
        booking_checks.require_not_held(tx, place)
    booking_checks.require_patient_free(tx, patient_id, place.starts_at, place.ends_at)
    made = insert(
        tx,
        Kind.BOOK,
        NewVisit(
            patient_id=patient_id,
            doctor_id=doctor_id,
            department_id=doctor.department_id,
            starts_at=place.starts_at,
            ends_at=place.ends_at,
            status=AppointmentStatus.BOOKED,
            note=note,
            overbooked=overbooked,
            overbook_reason=why if overbooked else "",
            request_id=request_id,
        ),
        why,
    )
    hold_rows.drop_booked(tx, doctor_id, place.starts_at, place.ends_at)
    tell(tx, made, MailKind.BOOKED)
    return find(tx, id_of(made))


def reschedule(
    tx: Transaction,
    appointment_id: int,
    *,
    starts_at: datetime,
    doctor_id: int | None = None,
    version: int | None = None,
    reason: str = "",
    request_id: str | None = None,
    overbook_reason: str | None = None,
) -> AppointmentView:
    """Move an appointment to another time (and doctor): the old one is closed and linked to
    the new one, in this unit of work or not at all. `overbook_reason` as in `book`.

    Raises:
        as `book`, and Forbidden where a patient is too late for it.
    """
    row = tx.fetch(Appointment, appointment_id, "appointment")
    doctor_id = row.doctor_id if doctor_id is None else doctor_id
    require(tx, Action.APPOINTMENT_RESCHEDULE, patient_id=row.patient_id, doctor_id=doctor_id)
    earlier = of_request(tx, request_id, row.patient_id, doctor_id)
    if earlier is not None:
        return earlier
    row = fetch_for(tx, Kind.RESCHEDULE, appointment_id, version)
    booking_checks.require_notice(tx, row.starts_at, "reschedule")
    reason = clean_line(reason, "reason")
    return replace(tx, row, starts_at, doctor_id, reason, request_id, overbook_reason)


def replace(
    tx: Transaction,
    row: Appointment,
    starts_at: datetime,
    doctor_id: int,
    reason: str,
    request_id: str | None = None,
    overbook_reason: str | None = None,
    *,
    cause: HospitalCause | None = None,
) -> AppointmentView:
    """Close an appointment and book its successor, for a rule that has decided on both. Somebody
    else's hold on the new time is in its way, as in that of a booking."""
    for locked in sorted({doctor_id, row.doctor_id}):
        tx.lock_doctor(locked)
    doctor = booking_checks.require_bookable_people(tx, row.patient_id, doctor_id)
    row.reason = reason
    apply(tx, row, Kind.RESCHEDULE, reason)
    place = booking_checks.place_of_booking(tx, doctor_id, starts_at, None)
    overbooked, why = _overbooking(tx, doctor, place, overbook_reason)
    if not overbooked:
        booking_checks.require_free(tx, place)
    if overbook_reason is None:
        booking_checks.require_not_held(tx, place)
    booking_checks.require_patient_free(tx, row.patient_id, place.starts_at, place.ends_at)
    successor = insert(
        tx,
        Kind.BOOK,
        NewVisit(
            patient_id=row.patient_id,
            doctor_id=doctor_id,
            department_id=doctor.department_id,
            starts_at=place.starts_at,
            ends_at=place.ends_at,
            status=AppointmentStatus.BOOKED,
            note=row.note,
            overbooked=overbooked,
            overbook_reason=why if overbooked else "",
            predecessor_id=row.id,
            calendar_sequence=row.calendar_sequence + 1,
            request_id=request_id,
        ),
        why or reason,
    )
    hold_rows.drop_booked(tx, doctor_id, place.starts_at, place.ends_at)
    tell(tx, successor, MailKind.RESCHEDULED, cause)
    return find(tx, id_of(successor))


def cancel(
    tx: Transaction,
    appointment_id: int,
    *,
    reason: str = "",
    version: int | None = None,
    cause: HospitalCause | None = None,
) -> AppointmentView:
    """Cancel an appointment; the slot is free again and the patient is told by mail, with the
    `cause` where the hospital itself is it.

    Raises:
        IllegalTransition: it is not booked or checked in any more.
        Forbidden: a patient within the notice period, or after checking in.
    """
    row = fetch_for(tx, Kind.CANCEL, appointment_id, version)
    booking_checks.require_notice(tx, row.starts_at, "cancel")
    tokens.void(tx, appointment_id)
    row.reason = clean_line(reason, "reason")
    row.cancelled_by_role = tx.actor.role.value
    row.calendar_sequence += 1
    apply(tx, row, Kind.CANCEL, row.reason)
    tell(tx, row, MailKind.CANCELLED, cause)
    return find(tx, appointment_id)


def start(tx: Transaction, appointment_id: int, *, version: int | None = None) -> AppointmentView:
    """The doctor calls the waiting patient in."""
    row = fetch_for(tx, Kind.START, appointment_id, version)
    row.started_at = tx.now
    apply(tx, row, Kind.START)
    return find(tx, appointment_id)


def complete(
    tx: Transaction,
    appointment_id: int,
    *,
    record: RecordInput | None = None,
    only: Collection[str] | None = None,
    sign: bool = True,
    version: int | None = None,
) -> AppointmentView:
    """End the consultation, with its medical record in the same step.

    Args:
        record: the record's text; None keeps the draft as it is.
        only: the names of the record's fields (and of single vital signs) that `record` gives;
            the draft keeps its others. None: `record` gives them all.
        sign: sign the record (or the draft that there is); it is final then.

    Raises:
        Invalid: the record cannot be signed as it is.
    """
    row = fetch_for(tx, Kind.COMPLETE, appointment_id, version)
    if record is not None:
        draft = records.open_draft(tx, appointment_id)
        content = merged(draft.content, record, only)
        records.save_draft(tx, draft.id, content, version=draft.version)
    if sign:
        written = records.of_appointment(tx, appointment_id)
        if written is not None and written.signed_at is None:
            records.sign(tx, written.id)
    row.completed_at = tx.now
    apply(tx, row, Kind.COMPLETE)
    return find(tx, appointment_id)


def no_show(tx: Transaction, appointment_id: int, *, version: int | None = None) -> AppointmentView:
    """Note that the patient did not come; possible from the start plus the grace period on.

    Raises:
        IllegalTransition: it is too early, or the patient is there.
    """
    row = fetch_for(tx, Kind.NO_SHOW, appointment_id, version)
    grace = timedelta(minutes=tx.rules.hospital.no_show_grace_minutes)
    if tx.now < row.starts_at + grace:
        raise IllegalTransition(
            f"Too early: a no-show can be noted from {tx.local(row.starts_at + grace):%H:%M} on.",
            status=row.status,
            move=Kind.NO_SHOW.value,
        )
    apply(tx, row, Kind.NO_SHOW)
    return find(tx, appointment_id)


def left(
    tx: Transaction, appointment_id: int, *, reason: str = "", version: int | None = None
) -> AppointmentView:
    """Note that a waiting patient left without being seen."""
    row = fetch_for(tx, Kind.LEFT, appointment_id, version)
    tokens.void(tx, appointment_id)
    row.reason = clean_line(reason, "reason")
    apply(tx, row, Kind.LEFT, row.reason)
    return find(tx, appointment_id)


def mark_in_error(tx: Transaction, appointment_id: int, *, reason: str) -> AppointmentView:
    """Take out an appointment that never should have been; needs a reason, stays in history. A
    patient who was told to come hears that there is nothing to come to.

    Raises:
        Invalid: no reason.
    """
    row = fetch_for(tx, Kind.IN_ERROR, appointment_id)
    expected = row.status in (AppointmentStatus.BOOKED, AppointmentStatus.CHECKED_IN)
    row.reason = clean_line(reason, "reason", required=True)
    tokens.void(tx, appointment_id)
    if expected:
        row.calendar_sequence += 1
    apply(tx, row, Kind.IN_ERROR, row.reason)
    if expected:
        tell(tx, row, MailKind.CANCELLED, correcting=True)
    return find(tx, appointment_id)


def change_note(
    tx: Transaction, appointment_id: int, note: str, *, version: int | None = None
) -> AppointmentView:
    """Change the note for the doctor.

    Raises:
        IllegalTransition: the appointment is over.
    """
    row = tx.fetch(Appointment, appointment_id, "appointment")
    require(tx, Action.APPOINTMENT_NOTE, patient_id=row.patient_id, doctor_id=row.doctor_id)
    if row.status not in (AppointmentStatus.BOOKED, AppointmentStatus.CHECKED_IN):
        raise IllegalTransition("The appointment is over; its note stays as it is.")
    tx.expect(row, version)
    row.note = clean_note(note, "note", most=2000)
    tx.touch(row)
    tx.session.flush()
    tx.record("appointment.note", "appointment", row.id, patient_id=row.patient_id)
    announce(tx, row)
    return find(tx, appointment_id)


def get(tx: Transaction, appointment_id: int) -> AppointmentView:
    """One appointment, if it concerns the actor."""
    row = tx.fetch(Appointment, appointment_id, "appointment")
    require(tx, Action.APPOINTMENT_READ, patient_id=row.patient_id, doctor_id=row.doctor_id)
    return find(tx, appointment_id)


def history(tx: Transaction, appointment_id: int) -> list[AppointmentEventView]:
    """Every move of an appointment, oldest first: who, where, when and why."""
    get(tx, appointment_id)
    query = (
        select(_EVENT, _ACCOUNT.c.name.label("actor_name"))
        .outerjoin(_ACCOUNT, _ACCOUNT.c.id == _EVENT.c.actor_id)
        .where(_EVENT.c.appointment_id == appointment_id)
        .order_by(_EVENT.c.id)
    )
    return [
        AppointmentEventView(
            at=tx.local(row.at),
            actor=row.actor_name or row.actor_role,
            role=Role(row.actor_role),
            terminal=row.terminal,
            kind=row.kind,
            from_status=AppointmentStatus(row.from_status) if row.from_status else None,
            to_status=AppointmentStatus(row.to_status),
            reason=row.reason,
        )
        for row in tx.session.execute(query)
    ]


def list_appointments(
    tx: Transaction,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    doctor_id: int | None = None,
    department_id: int | None = None,
    patient_id: int | None = None,
    status: Iterable[AppointmentStatus] | AppointmentStatus | None = None,
    limit: int = 500,
    offset: int = 0,
    newest_first: bool = False,
) -> Page[AppointmentView]:
    """Appointments that start within [start, end) and meet every filter; doctors and patients
    see their own alone."""
    conditions = own_only(tx)
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
    if status is not None:
        conditions.append(_has_status(status))
    order = (VISIT.c.starts_at.desc(), VISIT.c.id.desc()) if newest_first else ()
    found = views(tx, *conditions, order=order, limit=limit, offset=offset)
    whole = offset + len(found) if len(found) < limit and found else count(tx, *conditions)
    return Page(tuple(found), whole, offset)


def own_only(tx: Transaction) -> list[ColumnElement[bool]]:
    """The condition that narrows a list of appointments to what the actor may see."""
    if scope_of(tx, Action.APPOINTMENT_READ) is Scope.ANY:
        return []
    if tx.actor.role is Role.DOCTOR:
        return [VISIT.c.doctor_id == tx.actor.doctor_id]
    return [VISIT.c.patient_id == tx.actor.patient_id]


def tell(
    tx: Transaction,
    row: Visit,
    kind: MailKind,
    cause: HospitalCause | None = None,
    *,
    correcting: bool = False,
) -> None:
    """Owe the patient a message about this appointment, once for each state of it.

    Args:
        cause: why, where the hospital itself did it.
        correcting: it takes back what the patient may have been told; it is sent only if that was
            so, but then until the appointment's end.
    """
    parameters: dict[str, object] = {"cause": cause.value} if cause else {}
    outbox.enqueue(
        tx,
        kind,
        f"{kind}:{row.id}:{row.calendar_sequence}",
        appointment_id=row.id,
        patient_id=row.patient_id,
        doctor_id=row.doctor_id,
        expires_at=row.ends_at if correcting else row.starts_at,
        parameters=parameters | ({"correcting": True} if correcting else {}),
    )


def of_request(
    tx: Transaction, request_id: str | None, patient_id: int, doctor_id: int
) -> AppointmentView | None:
    """The appointment that an earlier submission of the same form made; None for a new one.

    Raises:
        Invalid: the request id is empty or too long.
        Duplicate: it was used for another patient or doctor.
    """
    if request_id is None:
        return None
    if not 0 < len(request_id) <= 64:
        raise Invalid.field("request_id", "A request id has 1 to 64 characters.")
    found = prepared_views(tx, _OF_REQUEST, {"request_id": request_id})
    if not found:
        return None
    if (found[0].patient_id, found[0].doctor_id) != (survivor_of(tx, patient_id), doctor_id):
        raise Duplicate("This request id was used for another booking. Make a new one.")
    return found[0]


def _overbooking(
    tx: Transaction, doctor: BookableDoctor, place: Place, reason: str | None
) -> tuple[bool, str]:
    """Whether the booking goes over a taken time, and why; a time that is free, or only held, is
    booked normally."""
    if reason is None:
        return False, ""
    require(tx, Action.APPOINTMENT_OVERBOOK)
    why = clean_line(reason, "reason", required=True)
    if not place.taken:
        return False, why if place.held else ""
    booking_checks.require_overbooking_room(tx, doctor, place.starts_at)
    return True, why


def _has_status(wanted: Iterable[AppointmentStatus] | AppointmentStatus) -> ColumnElement[bool]:
    statuses = [wanted] if isinstance(wanted, AppointmentStatus) else list(wanted)
    return VISIT.c.status.in_([status.value for status in statuses])
