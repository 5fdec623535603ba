"""Offering a free slot from the waiting list by hand, as the desk decides."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select

from store import availability, offers, wishes
from store.errors import (
    Duplicate,
    IllegalTransition,
    Invalid,
    NotFound,
    SlotTaken,
    SlotUnavailable,
)
from store.permissions import Action, require
from store.tables import Doctor, Patient, table_of
from store.transaction import Transaction
from store.values import Slot, WaitlistEntryView
from store.waitlist_rows import seen_by, views
from store.wishes import ENTRY, OFFER, OPEN, Wish

_PATIENT = table_of(Patient)
_LOOK_AHEAD = timedelta(days=60)


def to_entry(
    tx: Transaction,
    entry_id: int,
    *,
    starts_at: datetime | None = None,
    doctor_id: int | None = None,
) -> WaitlistEntryView:
    """Offer a free slot to an entry now, before others who may have come first: the first that
    fits and was not offered to it before, or the one that is named.

    Args:
        starts_at: the start of a free slot of `doctor_id`, or of the doctor of the entry.

    Raises:
        Duplicate: it holds an offer, was offered the slot before, or somebody else is offered it.
        SlotUnavailable: no free slot fits, or it is too late to wait for an answer.
        IllegalTransition: the entry has ended.
    """
    seen_by(tx, entry_id, Action.WAITLIST_OFFER)
    wish = wishes.alive(tx, entry_id)
    if wish is None:
        raise IllegalTransition("This entry has ended; nothing can be offered to it any more.")
    if starts_at is None:
        slot = _first_for(tx, wish)
    else:
        slot = _named(tx, doctor_id or wish.doctor_id, starts_at)
    _lock_slot(tx, slot)
    wish = wishes.alive(tx, entry_id)
    if wish is None or wish.offered:
        raise Duplicate("A slot is offered to this patient already; wait for the answer to it.")
    if not wishes.able(tx, [wish], slot):
        raise Duplicate(
            "This patient was offered that slot before, or is elsewhere then. Choose another slot."
        )
    _make(tx, wish, slot)
    return views(tx, ENTRY.c.id == entry_id)[0]


def of_slot(tx: Transaction, doctor_id: int, starts_at: datetime) -> WaitlistEntryView:
    """Offer a free slot to the first of those who wait whom it fits.

    Raises:
        NotFound: it fits nobody who was not asked before.
        Duplicate: somebody is offered it already.
        SlotTaken, SlotUnavailable: it is not free, or it is too late to wait for an answer.
    """
    require(tx, Action.WAITLIST_OFFER)
    slot = _named(tx, doctor_id, starts_at)
    _lock_slot(tx, slot)
    department = tx.fetch(Doctor, doctor_id, "doctor").department_id
    asking = [
        wish
        for wish in wishes.load(tx)
        if wish.over(tx.now, tx.today()) is None
        and not wish.offered
        and wish.wants(slot, department, tx.timezone)
    ]
    fitting = wishes.able(tx, asking, slot)
    if not fitting:
        raise NotFound("Nobody on the waiting list wants this slot and was not asked before.")
    _make(tx, fitting[0], slot)
    return views(tx, ENTRY.c.id == fitting[0].id)[0]


def _first_for(tx: Transaction, wish: Wish) -> Slot:
    """The first free slot that fits an entry and that nobody is being offered."""
    by_room = wish.doctor_id is None
    doctors = availability.doctors_of(tx, wish.department_id) if by_room else [wish.doctor_id]
    first = max(tx.today(), wish.first_day or tx.today())
    last = min(first + _LOOK_AHEAD, wish.last_day or date.max)
    if wish.link is not None:
        last = min(last, tx.local(wish.link.starts_at).date())
    under_way = {
        (row.doctor_id, row.starts_at)
        for row in tx.session.execute(select(OFFER.c.doctor_id, OFFER.c.starts_at).where(OPEN))
    }
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        for slot in availability.free_slots(tx, [one for one in doctors if one], day, day):
            if (
                wish.wants(slot, wish.department_id or 0, tx.timezone)
                and (slot.doctor_id, slot.starts_at) not in under_way
                and offers.limit_of(tx, slot.starts_at) is not None
                and wishes.able(tx, [wish], slot)
            ):
                return slot
    raise SlotUnavailable("No free slot fits what this patient wishes for.", nearest=[])


def _named(tx: Transaction, doctor_id: int | None, starts_at: datetime) -> Slot:
    """The free slot of a doctor that starts then.

    Raises:
        Invalid: no doctor, or no time zone.
        SlotTaken, SlotUnavailable: it is not free, or there is none.
    """
    if doctor_id is None:
        raise Invalid.field("doctor", "Name the doctor whose slot it is.")
    if starts_at.tzinfo is None:
        raise Invalid.field("start", "Give the time with its time zone.")
    day = tx.local(starts_at).date()
    for slot in availability.day_slots(tx, doctor_id, day):
        if slot.starts_at == starts_at:
            if not slot.free:
                raise SlotTaken("That slot is not free. Choose another.", nearest=[])
            return slot
    raise SlotUnavailable("No slot of the doctor begins then. Choose another.", nearest=[])


def _lock_slot(tx: Transaction, slot: Slot) -> None:
    """Keep others from booking or offering the slot until this unit is done, if it is free still
    and there is time to answer.

    Raises:
        SlotTaken: it was booked meanwhile.
        Duplicate: somebody is offered it.
        SlotUnavailable: it is too late to wait for an answer.
    """
    tx.lock_doctor(slot.doctor_id)
    tx.lock_waiting_list()
    _named(tx, slot.doctor_id, slot.starts_at)
    if offers.limit_of(tx, slot.starts_at) is None:
        raise SlotUnavailable(
            "That slot is too soon to wait for an answer. Call the patient and book it.", nearest=[]
        )
    holder = tx.session.execute(
        select(_PATIENT.c.name, OFFER.c.expires_at)
        .join(ENTRY, ENTRY.c.patient_id == _PATIENT.c.id)
        .join(OFFER, OFFER.c.entry_id == ENTRY.c.id)
        .where(OPEN, OFFER.c.doctor_id == slot.doctor_id, OFFER.c.starts_at == slot.starts_at)
    ).first()
    if holder is not None:
        until = tx.local(holder.expires_at)
        raise Duplicate(f"{holder.name} is offered that slot until {until:%H:%M}.")


def _make(tx: Transaction, wish: Wish, slot: Slot) -> None:
    limit = offers.limit_of(tx, slot.starts_at)
    assert limit is not None
    offers.opened(tx, slot)
    offers.make(tx, wish.id, slot, limit)
