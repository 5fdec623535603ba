"""The reception desk: checking in, walking in, and the queue of the day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from functools import lru_cache

from sqlalchemy import bindparam, case

from store import availability, booking_checks, hold_rows, tokens
from store.appointment_views import VISIT, find, joined, prepared_views, views
from store.appointments import of_request
from store.errors import IllegalTransition, SlotUnavailable
from store.moves import Kind, apply, fetch_for, id_of
from store.new_visits import NewVisit, insert
from store.permissions import Action, Scope, require, scope_of
from store.prepared import Prepared
from store.slots import Busy, Session, Span, day_bounds, free_starts, to_minutes, to_moment_utc
from store.tables import Doctor
from store.text import clean_note
from store.transaction import Transaction
from store.values import AppointmentStatus, AppointmentView, Slot

_ARRIVED_FIRST = case(
    (VISIT.c.status == AppointmentStatus.CHECKED_IN.value, 0),
    (VISIT.c.status == AppointmentStatus.IN_CONSULTATION.value, 1),
    (VISIT.c.status == AppointmentStatus.BOOKED.value, 2),
    else_=3,
)
_NOT_SHOWN = [AppointmentStatus.RESCHEDULED.value, AppointmentStatus.IN_ERROR.value]


def check_in(
    tx: Transaction, appointment_id: int, *, version: int | None = None
) -> AppointmentView:
    """Note that the patient has come, and draw the queue token; on the day itself only.

    A late patient whose slot was given away meanwhile is seen all the same, as overbooked.

    Raises:
        IllegalTransition: another day's appointment, or one that is over.
    """
    row = fetch_for(tx, Kind.CHECK_IN, appointment_id, version)
    day = tx.local(row.starts_at).date()
    if day != tx.today():
        raise IllegalTransition(
            f"The appointment is on {day:%a %d %b %Y}, not today. Book one for today instead.",
            status=row.status,
            move=Kind.CHECK_IN.value,
        )
    tx.lock_doctor(row.doctor_id)
    if row.status == AppointmentStatus.NO_SHOW and booking_checks.holder_of(
        tx, row.doctor_id, row.starts_at, row.ends_at, ignore=row.id
    ):
        row.overbooked = True
        row.overbook_reason = "came late, after the slot was given away"
    row.checked_in_at = tx.now
    apply(tx, row, Kind.CHECK_IN)
    tokens.draw(tx, row)
    return find(tx, appointment_id)


def walk_in(
    tx: Transaction,
    *,
    patient_id: int,
    doctor_id: int,
    note: str = "",
    request_id: str | None = None,
) -> AppointmentView:
    """Take a patient without an appointment: the next free slot of the session that goes on, or
    else between its others (overbooked); before and after, the next free slot of today, or else
    between the others of the next session. Checked in, with a token. A slot that
    somebody else holds is passed over.

    Raises:
        SlotUnavailable: the doctor has no working time left today.
        PatientBusy: the doctor expects the patient today anyway, or another does then.
    """
    require(tx, Action.APPOINTMENT_WALK_IN, patient_id=patient_id, doctor_id=doctor_id)
    earlier = of_request(tx, request_id, patient_id, doctor_id)
    if earlier is not None:
        return earlier
    note = clean_note(note, "note", most=2000)
    doctor = booking_checks.require_bookable_people(tx, patient_id, doctor_id)
    booking_checks.require_not_expected(tx, patient_id, doctor_id)
    start, end, overbooked = _place_today(tx, doctor_id)
    starts_at, ends_at = to_moment_utc(start), to_moment_utc(end)
    booking_checks.require_patient_free(tx, patient_id, starts_at, ends_at)
    made = insert(
        tx,
        Kind.WALK_IN,
        NewVisit(
            patient_id=patient_id,
            doctor_id=doctor_id,
            department_id=doctor.department_id,
            starts_at=starts_at,
            ends_at=ends_at,
            status=AppointmentStatus.CHECKED_IN,
            note=note,
            walk_in=True,
            overbooked=overbooked,
            overbook_reason="walk-in" if overbooked else "",
            checked_in_at=tx.now,
            request_id=request_id,
        ),
    )
    hold_rows.drop_booked(tx, doctor_id, starts_at, ends_at)
    tokens.draw(tx, made)
    return find(tx, id_of(made))


def walk_in_place(tx: Transaction, doctor_id: int) -> Slot:
    """Where `walk_in` would take a patient now; not free means between the others.

    Raises:
        NotFound: there is no such doctor.
        SlotUnavailable: the doctor has no working time left today.
    """
    require(tx, Action.APPOINTMENT_WALK_IN, doctor_id=doctor_id)
    tx.fetch(Doctor, doctor_id, "doctor")
    start, end, overbooked = _place_today(tx, doctor_id)
    starts_at, ends_at = tx.local(to_moment_utc(start)), tx.local(to_moment_utc(end))
    return Slot(doctor_id, starts_at, ends_at, not overbooked)


def queue(
    tx: Transaction,
    *,
    day: date | None = None,
    doctor_id: int | None = None,
    department_id: int | None = None,
    status: Collection[AppointmentStatus] | None = None,
) -> list[AppointmentView]:
    """A day's appointments (default today): who waits first, by time of arrival, then who is in
    consultation, who is booked, and who is done. A doctor sees the own queue alone. None does not
    narrow."""
    require(tx, Action.QUEUE_READ, doctor_id=doctor_id or tx.actor.doctor_id)
    start, end = day_bounds(day or tx.today(), tx.timezone)
    anybodys = scope_of(tx, Action.APPOINTMENT_READ) is Scope.ANY
    given = {
        "start": start,
        "end": end,
        "doctor_id": doctor_id,
        "department_id": department_id,
        "own": None if anybodys else tx.actor.doctor_id or 0,
        "statuses": None if status is None else [one.value for one in status],
    }
    asked = {name: value for name, value in given.items() if value is not None}
    return prepared_views(tx, _queue(frozenset(asked)), asked)


@lru_cache
def _queue(asked: frozenset[str]) -> Prepared:
    """The queue of a day, narrowed by what is asked."""
    narrowing = {
        "doctor_id": VISIT.c.doctor_id == bindparam("doctor_id"),
        "department_id": VISIT.c.department_id == bindparam("department_id"),
        "own": VISIT.c.doctor_id == bindparam("own"),
        "statuses": VISIT.c.status.in_(bindparam("statuses", expanding=True)),
    }
    conditions = [
        VISIT.c.starts_at >= bindparam("start"),
        VISIT.c.starts_at < bindparam("end"),
        VISIT.c.status.not_in(_NOT_SHOWN),
        *[condition for name, condition in narrowing.items() if name in asked],
    ]
    arrival = case(
        (VISIT.c.status == AppointmentStatus.CHECKED_IN.value, VISIT.c.checked_in_at),
        else_=VISIT.c.starts_at,
    )
    return Prepared(joined(*conditions, order=(_ARRIVED_FIRST, arrival, VISIT.c.id)))


def next_waiting(tx: Transaction, doctor_id: int) -> AppointmentView | None:
    """Who is to be called next: of those who wait, the earliest appointment time, booked before
    walked in, then the earliest arrival. None while nobody waits."""
    require(tx, Action.QUEUE_READ, doctor_id=doctor_id)
    start, end = day_bounds(tx.today(), tx.timezone)
    waiting = views(
        tx,
        VISIT.c.doctor_id == doctor_id,
        VISIT.c.status == AppointmentStatus.CHECKED_IN.value,
        VISIT.c.starts_at >= start,
        VISIT.c.starts_at < end,
        order=(VISIT.c.starts_at, VISIT.c.walk_in, VISIT.c.checked_in_at, VISIT.c.id),
        limit=1,
    )
    return waiting[0] if waiting else None


def _place_today(tx: Transaction, doctor_id: int) -> tuple[int, int, bool]:
    """Where a walk-in goes today: first and last minute, and whether it is over the schedule."""
    today = tx.today()
    plan = availability.read_plan(tx, [doctor_id], today, today)
    now = to_minutes(tx.now)
    sessions = [one for one in plan.sessions(tx, doctor_id, today) if one.end > now]
    away = plan.away.get(doctor_id, ())
    busy = Busy(plan.busy(doctor_id) + [one.span for one in plan.held.get(doctor_id, ())])
    for session in sessions:
        for start, free in free_starts(session, busy):
            if free and start >= now:
                return start, start + session.slot_minutes, False
        # Who comes in a full morning is seen in it, not asked to come again in the evening.
        if session.start <= now and (between := _between(session, now, away)):
            return *between, True
    for session in sessions:
        if between := _between(session, now, away):
            return *between, True
    raise SlotUnavailable(
        "The doctor has no working time left today. Choose another doctor, or book another day.",
        nearest=[
            slot.starts_at.isoformat()
            for slot in availability.nearest(tx, doctor_id, tx.now + timedelta(days=1))
        ],
    )


def _between(session: Session, now: int, away: Sequence[Span]) -> Span | None:
    """A place between the others of a session, from now on; None where the doctor is away."""
    start = max(now, session.start)
    end = min(start + session.slot_minutes, session.end)
    clear = not any(begin < end and start < until for begin, until in away)
    return (start, end) if start < end and clear else None
