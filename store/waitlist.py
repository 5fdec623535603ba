"""The waiting list: joining and leaving it, and answering what it offers.

A slot that comes free is offered by `offers` in the order in which people joined. Taking an offer
books by the rules of any booking; where the slot is gone by then, the entry waits on in its old
place.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, select

from store import appointments, offers, wishes
from store.changes import Topic
from store.errors import (
    ChangedMeanwhile,
    Duplicate,
    IllegalTransition,
    InUse,
    Invalid,
    NotFound,
    OfferGone,
    OfferOver,
    PatientBusy,
    SlotTaken,
    SlotUnavailable,
)
from store.patient_rows import require_unmerged
from store.permissions import Action, require, scope_of
from store.tables import (
    Appointment,
    Department,
    Doctor,
    Patient,
    WaitlistEntry,
    WaitlistOffer,
    table_of,
)
from store.text import clean_line
from store.transaction import Transaction
from store.values import (
    STILL_WAITS,
    AppointmentStatus,
    AppointmentView,
    OfferOutcome,
    OfferView,
    Page,
    WaitlistEntryView,
    WaitlistNews,
    WaitlistStatus,
)
from store.waitlist_rows import count, of_department, own_only, seen_by, views
from store.wishes import ENTRY, OFFER, OPEN, WAITS, Wish

_PATIENT = table_of(Patient)
_MINUTES_OF_A_DAY = 24 * 60


def add(
    tx: Transaction,
    *,
    patient_id: int,
    doctor_id: int | None = None,
    department_id: int | None = None,
    appointment_id: int | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
    from_minute: int | None = None,
    to_minute: int | None = None,
    note: str = "",
) -> WaitlistEntryView:
    """Put a patient on the waiting list, behind those who wait already.

    Args:
        doctor_id: for a slot of this doctor; else of anybody of `department_id`; without either,
            of the appointment's doctor.
        appointment_id: the patient's appointment that is to become earlier.
        first_day, last_day: the hospital's days between which the slot must be, both included.
        from_minute, to_minute: minutes from midnight between which it must begin and end.

    Raises:
        Invalid: a window that cannot be, or neither doctor, department nor appointment.
        Duplicate: the patient waits for this doctor or department already.
        IllegalTransition: the appointment is over, or not booked any more.
        InUse: patient, doctor or department is deactivated.
    """
    require(tx, Action.WAITLIST_CHANGE, patient_id=patient_id)
    _require_window(tx, first_day, last_day, from_minute, to_minute)
    note = clean_line(note, "note", most=500)
    patient = tx.fetch(Patient, patient_id, "patient")
    require_unmerged(tx, patient)
    if not patient.is_active:
        raise InUse("This patient is deactivated. Activate the patient first.")
    if appointment_id is not None:
        linked = _linked(tx, appointment_id, patient_id)
        if doctor_id is None and department_id is None:
            doctor_id = linked.doctor_id
    if doctor_id is not None:
        department_id = None
        if not tx.fetch(Doctor, doctor_id, "doctor").is_active:
            raise InUse("This doctor takes no appointments any more. Choose another doctor.")
    elif department_id is None:
        raise Invalid.field("doctor", "Name a doctor, a department or an appointment.")
    elif not tx.fetch(Department, department_id, "department").is_active:
        raise InUse("This department is closed. Choose another.")
    tx.lock_waiting_list()
    _require_new(tx, patient_id, doctor_id, department_id)
    row = tx.add(
        WaitlistEntry(
            patient_id=patient_id,
            doctor_id=doctor_id,
            department_id=department_id,
            appointment_id=appointment_id,
            first_day=first_day,
            last_day=last_day,
            from_minute=from_minute,
            to_minute=to_minute,
            note=note,
            **tx.stamps(),
        )
    )
    tx.record("waitlist.add", "waitlist", row.id, patient_id=patient_id)
    tx.changed(Topic.WAITLIST, doctor_id=doctor_id, entity_id=row.id)
    return _view(tx, row)


def get(tx: Transaction, entry_id: int) -> WaitlistEntryView:
    """One entry, if it concerns the actor.

    Raises:
        NotFound: there is none.
    """
    row = tx.fetch(WaitlistEntry, entry_id, "entry of the waiting list")
    require(tx, Action.WAITLIST_READ, patient_id=row.patient_id)
    return _view(tx, row)


def list_entries(
    tx: Transaction,
    *,
    doctor_id: int | None = None,
    department_id: int | None = None,
    patient_id: int | None = None,
    status: Iterable[WaitlistStatus] | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
    limit: int = 500,
    offset: int = 0,
) -> Page[WaitlistEntryView]:
    """Entries that meet every filter, who came first in front; patients see their own.

    Args:
        department_id: for anybody of the department, or for one of its doctors.
        status: None is all who still wait.
        first_day, last_day: those who would take a slot between these days.
    """
    conditions: list[ColumnElement[bool]] = own_only(tx, Action.WAITLIST_READ)
    wanted = STILL_WAITS if status is None else set(status)
    conditions.append(ENTRY.c.status.in_(sorted(one.value for one in wanted)))
    if doctor_id is not None:
        conditions.append(ENTRY.c.doctor_id == doctor_id)
    if department_id is not None:
        conditions.append(of_department(department_id))
    if patient_id is not None:
        conditions.append(ENTRY.c.patient_id == patient_id)
    if first_day is not None:
        conditions.append(ENTRY.c.last_day.is_(None) | (ENTRY.c.last_day >= first_day))
    if last_day is not None:
        conditions.append(ENTRY.c.first_day.is_(None) | (ENTRY.c.first_day <= last_day))
    found = views(tx, *conditions, limit=limit, offset=offset)
    whole = offset + len(found) if len(found) < limit and found else count(tx, *conditions)
    return Page(tuple(found), whole, offset)


def news(tx: Transaction) -> WaitlistNews:
    """What is to be known of the waiting list at a glance; patients hear of their own."""
    own = own_only(tx, Action.WAITLIST_READ)
    waiting = tx.session.execute(
        select(func.count()).select_from(ENTRY).where(*own, WAITS)
    ).scalar_one()
    rows = tx.session.execute(
        select(OFFER.c.expires_at, _PATIENT.c.email)
        .join(ENTRY, ENTRY.c.id == OFFER.c.entry_id)
        .join(_PATIENT, _PATIENT.c.id == ENTRY.c.patient_id)
        .where(*own, OPEN, OFFER.c.expires_at > tx.now)
        .order_by(OFFER.c.expires_at)
    ).all()
    return WaitlistNews(
        waiting=waiting,
        offers=len(rows),
        to_call=sum(not row.email for row in rows),
        first_ends_at=tx.local(rows[0].expires_at) if rows else None,
    )


def overdue(tx: Transaction) -> bool:
    """Whether the time of an offer has passed and nobody has seen to it: then `pass_on`."""
    scope_of(tx, Action.WAITLIST_READ)
    late = select(OFFER.c.id).where(OPEN, OFFER.c.expires_at <= tx.now).limit(1)
    return tx.session.execute(late).first() is not None


def pass_on(tx: Transaction) -> int:
    """Offer to the next what was not answered in time; returns how many offers were made. For
    whoever looks at the list, and for the worker each minute: it never asks twice."""
    scope_of(tx, Action.WAITLIST_READ)
    return offers.settle(tx)


def accept(tx: Transaction, entry_id: int, *, offer_id: int | None = None) -> AppointmentView:
    """Take the slot that an entry is offered: book it, or move the appointment that is to become
    earlier there, in this unit of work or not at all.

    Args:
        offer_id: which offer was read; taking it a second time gives the same appointment.

    Raises:
        OfferGone: the slot is taken or gone meanwhile; the entry waits on in its old place.
        SlotTaken: somebody is about to book it and holds it; the offer stands until it ends.
        OfferOver: the time to answer has passed.
        IllegalTransition: nothing is offered to this entry.
        ChangedMeanwhile: another slot is offered by now.
    """
    seen = seen_by(tx, entry_id, Action.WAITLIST_CHANGE)
    taken = _taken_before(tx, seen, offer_id)
    if taken is not None:
        return taken
    entry, offer, wish = _locked(tx, seen, offer_id)
    try:
        with tx.attempt():
            made = _book(tx, wish, offer)
    except (InUse, PatientBusy, SlotTaken, SlotUnavailable) as refusal:
        if "held_by" in refusal.details:
            raise
        taken_away = isinstance(refusal, SlotTaken)
        offers.close(tx, offer, OfferOutcome.TAKEN if taken_away else OfferOutcome.GONE)
        raise OfferGone(
            f"{refusal.message.partition('.')[0]}. The place on the waiting list is kept.",
            nearest=refusal.details.get("nearest", []),
        ) from refusal
    offers.close(tx, offer, OfferOutcome.ACCEPTED, appointment_id=made.id)
    assert entry.id == entry_id
    return made


def decline(tx: Transaction, entry_id: int, *, offer_id: int | None = None) -> WaitlistEntryView:
    """Turn down what an entry is offered; it waits on in its old place, and the next is asked.

    Raises:
        OfferOver, IllegalTransition, ChangedMeanwhile: as `accept`.
    """
    seen = seen_by(tx, entry_id, Action.WAITLIST_CHANGE)
    entry, offer, _ = _locked(tx, seen, offer_id)
    offers.close(tx, offer, OfferOutcome.DECLINED)
    return _view(tx, entry)


def withdraw(tx: Transaction, entry_id: int) -> WaitlistEntryView:
    """Take an entry off the list; what it is offered goes to the next. It stays in the history.

    Raises:
        IllegalTransition: it has ended already.
    """
    seen_by(tx, entry_id, Action.WAITLIST_CHANGE)
    tx.lock_waiting_list()
    entry = tx.fetch(WaitlistEntry, entry_id, "entry of the waiting list")
    if WaitlistStatus(entry.status) not in STILL_WAITS:
        raise IllegalTransition(f"This entry has ended already: {entry.status}.")
    offers.end(tx, entry, WaitlistStatus.WITHDRAWN)
    return _view(tx, entry)


def _taken_before(
    tx: Transaction, seen: WaitlistEntryView, offer_id: int | None
) -> AppointmentView | None:
    last: OfferView | None = seen.last
    if last is None or offer_id != last.id or last.outcome is not OfferOutcome.ACCEPTED:
        return None
    assert last.appointment_id is not None
    return appointments.get(tx, last.appointment_id)


def _locked(
    tx: Transaction, seen: WaitlistEntryView, offer_id: int | None
) -> tuple[WaitlistEntry, WaitlistOffer, Wish]:
    """The entry with its offer, behind every lock that answering takes: the appointment that
    would move, the doctors, the list; in the order in which other rules take them.

    Raises:
        IllegalTransition, OfferOver, ChangedMeanwhile: as `accept`.
    """
    doctors = {seen.offer.doctor_id} if seen.offer else set()
    if seen.appointment_id is not None:
        link = wishes.current_links(tx, [seen.appointment_id])[seen.appointment_id]
        doctors.add(tx.fetch(Appointment, link.id, "appointment").doctor_id)
    for doctor_id in sorted(doctors):
        tx.lock_doctor(doctor_id)
    tx.lock_waiting_list()
    entry = tx.fetch(WaitlistEntry, seen.id, "entry of the waiting list")
    offer = offers.open_offer(tx, seen.id)
    wish = wishes.alive(tx, seen.id)
    if offer is None or wish is None:
        raise IllegalTransition("Nothing is offered here at present. Look at the entry again.")
    if offer_id is not None and offer.id != offer_id:
        raise ChangedMeanwhile("Another slot is offered by now. Look at it again, then answer.")
    if offer.expires_at <= tx.now:
        offers.close(tx, offer, OfferOutcome.LAPSED)
        raise OfferOver(
            f"The time to answer ended at {tx.local(offer.expires_at):%H:%M}; the slot goes to the"
            " next. The place on the waiting list is kept."
        )
    return entry, offer, wish


def _book(tx: Transaction, wish: Wish, offer: WaitlistOffer) -> AppointmentView:
    if wish.link is None:
        return appointments.book(
            tx,
            patient_id=wish.patient_id,
            doctor_id=offer.doctor_id,
            starts_at=offer.starts_at,
        )
    return appointments.reschedule(
        tx,
        wish.link.id,
        starts_at=offer.starts_at,
        doctor_id=offer.doctor_id,
        reason="earlier slot from the waiting list",
    )


def _linked(tx: Transaction, appointment_id: int, patient_id: int) -> Appointment:
    row = tx.fetch(Appointment, appointment_id, "appointment")
    if row.patient_id != patient_id:
        raise NotFound(f"This patient has no appointment {appointment_id}.", id=appointment_id)
    if row.status != AppointmentStatus.BOOKED or row.starts_at <= tx.now:
        raise IllegalTransition("That appointment is not booked any more, or has begun.")
    return row


def _require_new(
    tx: Transaction, patient_id: int, doctor_id: int | None, department_id: int | None
) -> None:
    same = select(ENTRY.c.id).where(
        WAITS,
        ENTRY.c.patient_id == patient_id,
        ENTRY.c.doctor_id == doctor_id if doctor_id else ENTRY.c.department_id == department_id,
    )
    known = tx.session.execute(same).scalar()
    if known is not None:
        raise Duplicate("This patient is on the waiting list there already.", entry_id=known)


def _require_window(
    tx: Transaction,
    first_day: date | None,
    last_day: date | None,
    from_minute: int | None,
    to_minute: int | None,
) -> None:
    if last_day is not None and last_day < tx.today():
        raise Invalid.field("last_day", "The last day is over already.")
    if first_day is not None and last_day is not None and last_day < first_day:
        raise Invalid.field("last_day", "The last day is before the first.")
    if first_day is not None:
        horizon = tx.today() + timedelta(days=tx.rules.hospital.booking_horizon_days)
        if first_day > horizon:
            raise Invalid.field("first_day", "Bookings do not go as far ahead as that.")
    for name, minute in (("from_minute", from_minute), ("to_minute", to_minute)):
        if minute is not None and not 0 <= minute <= _MINUTES_OF_A_DAY:
            raise Invalid.field(name, "A time of day is between 00:00 and 24:00.")
    if from_minute is not None and to_minute is not None and to_minute <= from_minute:
        raise Invalid.field("to_minute", "The end of the hours must be after their start.")


def _view(tx: Transaction, row: WaitlistEntry) -> WaitlistEntryView:
    tx.session.flush()
    return views(tx, ENTRY.c.id == row.id)[0]
