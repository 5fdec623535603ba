"""Slots that were given back go round those who wait for an earlier one.

Whatever gives time back says so with `tx.frees`; when the unit of work closes, what of it is free
then is offered to the first whom it fits, until a limit of time. When the limit passes or the
offer is declined, the next is asked. An offer recommends and blocks nothing: whoever books the
slot first has it. Nothing is offered later than the hospital's notice before its start, and no
slot twice to the same entry.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, exists, select

from store import availability, outbox, wishes
from store.changes import Topic
from store.moves import Kind
from store.prepared import Prepared
from store.tables import (
    Appointment,
    AppointmentEvent,
    Doctor,
    WaitlistEntry,
    WaitlistOffer,
    WaitlistOpening,
    table_of,
)
from store.transaction import FreedTime, Transaction
from store.values import (
    HOLDS_SLOT,
    AppointmentStatus,
    MailKind,
    OfferOutcome,
    Slot,
    WaitlistEnd,
    WaitlistStatus,
)
from store.wishes import ENTRY, OFFER, OPEN, WAITS, Wish

SHORTEST = timedelta(minutes=5)
"""Nobody is given less time than this to answer."""

_CONCERNED = frozenset(
    topic.value
    for topic in (
        Topic.APPOINTMENT,
        Topic.DOCTOR,
        Topic.HOLIDAY,
        Topic.HOURS,
        Topic.LEAVE,
        Topic.PATIENT,
        Topic.WAITLIST,
    )
)
_OPENING, _VISIT = table_of(WaitlistOpening), table_of(Appointment)
_EVENT, _DOCTOR = table_of(AppointmentEvent), table_of(Doctor)
_HOLDING = [status.value for status in HOLDS_SLOT]
_LOOK_AHEAD_DAYS = 60


def settle_at_close(tx: Transaction) -> None:
    """See to the waiting list before a unit of work closes that may have moved it."""
    if tx.freed or any(change["topic"] in _CONCERNED for change in tx.announced):
        settle(tx)


def settle(tx: Transaction) -> int:
    """Bring the waiting list up to this moment: end what is over, close offers whose time has
    passed or whose slot is gone, and offer what is free. Returns how many offers were made.

    May be called at any time, by anybody's unit of work, and twice: it never asks twice.
    """
    if not _concerns_anybody(tx):
        tx.freed.clear()
        return 0
    tx.lock_waiting_list()
    _bring_back(tx)
    for wish in wishes.load(tx):
        why = wish.over(tx.now, tx.today())
        if why is not None:
            end(tx, tx.fetch(WaitlistEntry, wish.id, "entry"), WaitlistStatus.EXPIRED, why)
    days = _Days(tx)
    for offer in tx.session.scalars(select(WaitlistOffer).where(OPEN).order_by(OFFER.c.id)).all():
        _review(tx, offer, days)
    round_ = _Round(tx, days)
    for freed in tx.freed:
        round_.open(freed)
    tx.freed.clear()
    round_.go_round()
    return round_.made


def limit_of(tx: Transaction, starts_at: datetime) -> datetime | None:
    """Until when a slot may be answered for that is offered now; None where it is too late."""
    rules = tx.rules.hospital
    latest = starts_at - timedelta(minutes=rules.cancellation_notice_minutes)
    limit = min(tx.now + timedelta(minutes=rules.waitlist_offer_minutes), latest)
    limit = limit.replace(second=0, microsecond=0)
    return limit if limit - tx.now >= SHORTEST else None


def make(tx: Transaction, entry_id: int, slot: Slot, limit: datetime) -> None:
    """Offer a slot to an entry until `limit`, and owe the patient the mail of it."""
    entry = tx.fetch(WaitlistEntry, entry_id, "entry")
    entry.status = WaitlistStatus.OFFERED.value
    tx.touch(entry)
    offer = tx.add(
        WaitlistOffer(
            entry_id=entry_id,
            doctor_id=slot.doctor_id,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            expires_at=limit,
            **tx.stamps(),
        )
    )
    assert offer.id is not None
    outbox.enqueue(
        tx,
        MailKind.OFFER,
        f"{MailKind.OFFER}:{offer.id}",
        patient_id=entry.patient_id,
        doctor_id=slot.doctor_id,
        expires_at=limit,
        parameters={"offer_id": offer.id},
    )
    _tell(tx, entry, offer, "waitlist.offer")


def close(
    tx: Transaction,
    offer: WaitlistOffer,
    outcome: OfferOutcome,
    *,
    appointment_id: int | None = None,
) -> None:
    """End an offer. Its entry is booked where it was accepted, else it waits on in its old place,
    unless it has ended."""
    offer.outcome, offer.closed_at = outcome.value, tx.now
    offer.appointment_id = appointment_id
    tx.touch(offer)
    entry = tx.fetch(WaitlistEntry, offer.entry_id, "entry")
    if entry.status == WaitlistStatus.OFFERED:
        accepted = outcome is OfferOutcome.ACCEPTED
        entry.status = (WaitlistStatus.BOOKED if accepted else WaitlistStatus.WAITING).value
        tx.touch(entry)
    tx.session.flush()
    _tell(tx, entry, offer, f"waitlist.{_VERBS.get(outcome, outcome.value)}")


def end(
    tx: Transaction,
    entry: WaitlistEntry,
    status: WaitlistStatus,
    because: WaitlistEnd | None = None,
) -> None:
    """End an entry, with the offer it has."""
    entry.status, entry.ended_because = status.value, because.value if because else None
    tx.touch(entry)
    tx.session.flush()
    offer = open_offer(tx, _id(entry))
    if offer is not None:
        close(tx, offer, OfferOutcome.ENDED)
    verb = "withdraw" if status is WaitlistStatus.WITHDRAWN else "end"
    tx.record(
        f"waitlist.{verb}",
        "waitlist",
        entry.id,
        patient_id=entry.patient_id,
        detail={"because": entry.ended_because},
    )
    tx.changed(Topic.WAITLIST, doctor_id=entry.doctor_id, entity_id=entry.id)


def open_offer(tx: Transaction, entry_id: int) -> WaitlistOffer | None:
    """The offer that an entry holds."""
    return tx.session.scalars(
        select(WaitlistOffer).where(OFFER.c.entry_id == entry_id, OPEN)
    ).one_or_none()


def opened(tx: Transaction, slot: Slot) -> None:
    """Let a slot go round, if it does not yet."""
    known = exists().where(
        _OPENING.c.doctor_id == slot.doctor_id, _OPENING.c.starts_at == slot.starts_at
    )
    if not tx.session.execute(select(known)).scalar():
        tx.add(
            WaitlistOpening(
                doctor_id=slot.doctor_id,
                starts_at=slot.starts_at,
                ends_at=slot.ends_at,
                **tx.stamps(),
            )
        )


_VERBS = {
    OfferOutcome.ACCEPTED: "accept",
    OfferOutcome.DECLINED: "decline",
    OfferOutcome.LAPSED: "lapse",
}


class _Days:
    """The slots of doctors by day, read once for each."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._known: dict[tuple[int, date], dict[datetime, Slot]] = {}

    def of(self, doctor_id: int, day: date) -> dict[datetime, Slot]:
        """All slots of a day by their start."""
        key = (doctor_id, day)
        if key not in self._known:
            slots = availability.read_slots(self._tx, [doctor_id], day, day)
            self._known[key] = {slot.starts_at: slot for slot in slots}
        return self._known[key]

    def free(self, doctor_id: int, starts_at: datetime) -> Slot | None:
        """The slot that starts then, if it is free or merely held: a hold may come to nothing."""
        slot = self.of(doctor_id, self._tx.local(starts_at).date()).get(starts_at)
        return slot if slot is not None and (slot.free or slot.held) else None


class _Round:
    """One going round: who may be asked, and what is asked."""

    def __init__(self, tx: Transaction, days: _Days) -> None:
        self.made = 0
        self._tx, self._days = tx, days
        self._wishes = wishes.load(tx)
        self._asked = {wish.id for wish in self._wishes if wish.offered}
        self._departments = {
            row.id: row.department_id
            for row in tx.session.execute(select(_DOCTOR.c.id, _DOCTOR.c.department_id))
        }

    def open(self, freed: FreedTime) -> None:
        """Let the free slots of time that was given back go round, if there is whom to ask. Of
        `wide` time only what somebody can be asked for at once: the rest is free as any other."""
        for slot in self._free_in(freed):
            if not freed.wide:
                if self._who(slot):
                    opened(self._tx, slot)
            elif self._next(slot) is not None:
                opened(self._tx, slot)
                self._ask(slot)

    def go_round(self) -> None:
        """Ask the next for each slot that nobody is being asked for, in order of time; a slot for
        which nobody is left, that is taken, or for which it is too late goes round no more. For
        one that somebody is about to book (a hold) nobody is asked meanwhile."""
        tx = self._tx
        under_way = {
            (row.doctor_id, row.starts_at)
            for row in tx.session.execute(select(OFFER.c.doctor_id, OFFER.c.starts_at).where(OPEN))
        }
        query = select(WaitlistOpening).order_by(_OPENING.c.starts_at, _OPENING.c.id)
        for opening in tx.session.scalars(query).all():
            if (opening.doctor_id, opening.starts_at) in under_way:
                continue
            slot = self._days.free(opening.doctor_id, opening.starts_at)
            if slot is None or not (slot.held or self._ask(slot)):
                tx.session.delete(opening)
        tx.session.flush()

    def _ask(self, slot: Slot) -> bool:
        """Offer it to the next, if anybody can be asked; returns whether it goes on going round."""
        limit = limit_of(self._tx, slot.starts_at)
        if limit is None:
            return False
        wish = self._next(slot)
        if wish is None:
            return bool(self._who(slot))
        make(self._tx, wish.id, slot, limit)
        self._asked.add(wish.id)
        self.made += 1
        return True

    def _next(self, slot: Slot) -> Wish | None:
        return next((wish for wish in self._who(slot) if wish.id not in self._asked), None)

    def _who(self, slot: Slot) -> list[Wish]:
        """Whom it fits, also those who have another slot to answer for first."""
        room = self._departments.get(slot.doctor_id, 0)
        zone = self._tx.timezone
        return wishes.able(
            self._tx, (wish for wish in self._wishes if wish.wants(slot, room, zone)), slot
        )

    def _free_in(self, freed: FreedTime) -> Iterator[Slot]:
        tx = self._tx
        first = max(tx.local(freed.starts_at).date(), tx.today())
        last = min(
            tx.local(freed.ends_at - timedelta(microseconds=1)).date(),
            tx.today() + timedelta(days=_LOOK_AHEAD_DAYS if freed.wide else 10**4),
        )
        for offset in range((last - first).days + 1):
            for doctor_id in self._doctors(freed):
                for slot in self._days.of(doctor_id, first + timedelta(days=offset)).values():
                    within = slot.starts_at < freed.ends_at and freed.starts_at < slot.ends_at
                    if within and slot.free and limit_of(tx, slot.starts_at) is not None:
                        yield slot

    def _doctors(self, freed: FreedTime) -> list[int]:
        """The doctors of the freed time for whom, or for whose department, somebody waits."""
        named = {wish.doctor_id for wish in self._wishes}
        rooms = {wish.department_id for wish in self._wishes if wish.doctor_id is None}
        return [
            doctor_id
            for doctor_id, room in self._departments.items()
            if freed.doctor_id in (None, doctor_id) and (doctor_id in named or room in rooms)
        ]


def _concerns_anybody(tx: Transaction) -> bool:
    recently = tx.now - timedelta(minutes=tx.rules.hospital.undo_minutes)
    return bool(tx.rows(_CONCERNS, {"recently": recently})[0][0])


_CONCERNS = Prepared(
    select(
        exists().where(WAITS | (ENTRY.c.updated_at >= bindparam("recently")))
        | exists().where(_OPENING.c.id > 0)
    )
)


def _review(tx: Transaction, offer: WaitlistOffer, days: _Days) -> None:
    """Close an offer that cannot be taken any more; one whose patient was booked into the slot
    some other way is as good as taken."""
    if days.free(offer.doctor_id, offer.starts_at) is not None:
        if offer.expires_at <= tx.now:
            close(tx, offer, OfferOutcome.LAPSED)
        return
    entry = tx.fetch(WaitlistEntry, offer.entry_id, "entry")
    holders = {
        row.patient_id: row.id
        for row in tx.session.execute(
            select(_VISIT.c.id, _VISIT.c.patient_id).where(
                _VISIT.c.doctor_id == offer.doctor_id,
                _VISIT.c.starts_at < offer.ends_at,
                _VISIT.c.starts_at > offer.starts_at - availability.LONGEST_APPOINTMENT,
                _VISIT.c.ends_at > offer.starts_at,
                _VISIT.c.status.in_(_HOLDING),
            )
        )
    }
    if entry.patient_id in holders:
        close(tx, offer, OfferOutcome.ACCEPTED, appointment_id=holders[entry.patient_id])
    elif holders:
        close(tx, offer, OfferOutcome.TAKEN)
    else:
        over = offer.expires_at <= tx.now
        close(tx, offer, OfferOutcome.LAPSED if over else OfferOutcome.GONE)


def _bring_back(tx: Transaction) -> None:
    """Let entries wait again whose end was taken back: the appointment that ended them stands
    again, or what they were booked into was undone."""
    since = tx.now - timedelta(minutes=tx.rules.hospital.undo_minutes)
    ended = select(WaitlistEntry).where(
        ENTRY.c.updated_at >= since,
        (ENTRY.c.ended_because == WaitlistEnd.APPOINTMENT.value)
        | (ENTRY.c.status == WaitlistStatus.BOOKED.value),
    )
    for entry in tx.session.scalars(ended).all():
        link = wishes.current_links(tx, [entry.appointment_id] if entry.appointment_id else [])
        if not all(one.stands(tx.now) for one in link.values()):
            continue
        if entry.status == WaitlistStatus.BOOKED and not _undone(tx, _id(entry)):
            continue
        entry.status, entry.ended_because = WaitlistStatus.WAITING.value, None
        tx.touch(entry)
        tx.session.flush()
        tx.record("waitlist.return", "waitlist", entry.id, patient_id=entry.patient_id)
        tx.changed(Topic.WAITLIST, doctor_id=entry.doctor_id, entity_id=entry.id)


def _undone(tx: Transaction, entry_id: int) -> bool:
    """Whether the booking that an entry came to was taken back by who made it."""
    newest = (
        select(_EVENT.c.kind)
        .where(_EVENT.c.appointment_id == _VISIT.c.id)
        .order_by(_EVENT.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    row = tx.session.execute(
        select(_VISIT.c.status, newest.label("kind"))
        .join(OFFER, OFFER.c.appointment_id == _VISIT.c.id)
        .where(OFFER.c.entry_id == entry_id, OFFER.c.outcome == OfferOutcome.ACCEPTED.value)
        .order_by(OFFER.c.id.desc())
        .limit(1)
    ).first()
    return row is not None and row.status == AppointmentStatus.CANCELLED and row.kind == Kind.UNDO


def _tell(tx: Transaction, entry: WaitlistEntry, offer: WaitlistOffer, action: str) -> None:
    tx.record(
        action,
        "waitlist",
        entry.id,
        patient_id=entry.patient_id,
        detail={
            "offer": offer.id,
            "doctor_id": offer.doctor_id,
            "starts_at": offer.starts_at.isoformat(),
            "expires_at": offer.expires_at.isoformat(),
        },
    )
    tx.changed(
        Topic.WAITLIST,
        doctor_id=offer.doctor_id,
        day=tx.local(offer.starts_at).date(),
        entity_id=entry.id,
    )


def _id(entry: WaitlistEntry) -> int:
    assert entry.id is not None
    return entry.id
