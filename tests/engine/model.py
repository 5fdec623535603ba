"""What booking should do, written a second time: small, slow and without a database.

Time is slot numbers of one day; every appointment is as long as a slot.
"""

from __future__ import annotations

from dataclasses import dataclass, field

HOLDS = {"booked", "checked_in", "in_consultation", "completed"}
PENDING = {"booked", "checked_in", "in_consultation"}
GRACE_MINUTES = 15
UNDO_MINUTES = 10
SLOT_MINUTES = 15
HOLD_MINUTES = 3


@dataclass
class Visit:
    """An appointment as the model knows it."""

    patient: int
    doctor: int
    slot: int
    status: str
    overbooked: bool = False
    last_move: str = "book"
    before: str | None = None
    moved_at: int = 0
    predecessor: int | None = None
    desk: int | None = None
    """The desk that booked it; None is the system."""


@dataclass
class Hold:
    """A slot that a desk holds, up to a minute."""

    doctor: int
    slot: int
    until: int


@dataclass
class Model:
    """The whole clinic: visits by the store's id, leave as (doctor, slot), what each desk holds,
    and the minute."""

    visits: dict[int, Visit] = field(default_factory=dict)
    leave: set[tuple[int, int]] = field(default_factory=set)
    holds: dict[int, Hold] = field(default_factory=dict)
    now: int = 0

    def booking_refusal(
        self, patient: int, doctor: int, slot: int, without: int = 0, desk: int | None = None
    ) -> str | None:
        """The code with which a booking is refused; None where it succeeds. The system heeds no
        desk's hold."""
        if slot * SLOT_MINUTES < self.now:
            return "slot_unavailable"
        held = desk is not None and self.held(doctor, slot, desk)
        return self.place_refusal(Visit(patient, doctor, slot, "booked"), without, held=held)

    def hold_refusal(self, desk: int, doctor: int, slot: int) -> str | None:
        """The code with which holding a slot is refused."""
        if slot * SLOT_MINUTES < self.now or (doctor, slot) in self.leave:
            return None if self._holds_already(desk, doctor, slot) else "slot_unavailable"
        if self._holds_already(desk, doctor, slot):
            return None
        taken = self.holder(doctor, slot) or self.held(doctor, slot, desk)
        return "slot_taken" if taken else None

    def hold(self, desk: int, doctor: int, slot: int) -> None:
        """Hold a slot in place of the last one."""
        if not self._holds_already(desk, doctor, slot):
            self.holds[desk] = Hold(doctor, slot, self.now + HOLD_MINUTES)

    def _holds_already(self, desk: int, doctor: int, slot: int) -> bool:
        one = self.holds.get(desk)
        return one is not None and (one.doctor, one.slot) == (doctor, slot) and one.until > self.now

    def held(self, doctor: int, slot: int, but: int | None = None) -> bool:
        """Whether any desk but this one holds the slot."""
        return any(self._holds_already(desk, doctor, slot) for desk in self.holds if desk != but)

    def booked(self, doctor: int, slot: int, desk: int | None) -> None:
        """A booking ends all holds on its slot, and that of the desk that booked."""
        self.holds = {
            key: one
            for key, one in self.holds.items()
            if key != desk and (one.doctor, one.slot) != (doctor, slot)
        }

    def place_refusal(self, one: Visit, without: int, *, held: bool = False) -> str | None:
        """The code with which a visit may not take its place, or not again; what is past needs no
        working time."""
        if one.slot * SLOT_MINUTES >= self.now and (one.doctor, one.slot) in self.leave:
            return "slot_unavailable"
        if held or (not one.overbooked and self.holder(one.doctor, one.slot, without)):
            return "slot_taken"
        if any(
            (other.patient, other.slot) == (one.patient, one.slot) and other.status in PENDING
            for key, other in self.visits.items()
            if key != without
        ):
            return "patient_busy"
        return None

    def holder(self, doctor: int, slot: int, without: int = 0) -> bool:
        """Whether the doctor's slot is occupied."""
        return any(
            (one.doctor, one.slot) == (doctor, slot) and one.status in HOLDS
            for key, one in self.visits.items()
            if key != without
        )

    def move_refusal(self, key: int, move: str) -> str | None:
        """The code with which a change of status is refused."""
        one = self.visits[key]
        sources = {
            "check-in": {"booked", "no_show"},
            "start": {"checked_in"},
            "complete": {"in_consultation"},
            "cancel": {"booked", "checked_in"},
            "no-show": {"booked"},
            "left": {"checked_in"},
            "reschedule": {"booked", "no_show"},
        }
        if one.status not in sources[move]:
            return "illegal_transition"
        if move == "no-show" and self.now < one.slot * SLOT_MINUTES + GRACE_MINUTES:
            return "illegal_transition"
        return None

    def move(self, key: int, move: str) -> None:
        """Take a move that is not refused."""
        one = self.visits[key]
        targets = {
            "check-in": "checked_in",
            "start": "in_consultation",
            "complete": "completed",
            "cancel": "cancelled",
            "no-show": "no_show",
            "left": "left",
            "reschedule": "rescheduled",
        }
        late = move == "check-in" and one.status == "no_show"
        if late and self.holder(one.doctor, one.slot, key):
            one.overbooked = True
        one.before, one.status = one.status, targets[move]
        one.last_move, one.moved_at = move, self.now

    def undo_refusal(self, key: int) -> str | None:
        """The code with which taking back the last move is refused."""
        one = self.visits[key]
        if one.last_move == "book" and one.desk is not None:
            return "forbidden"
        if one.last_move == "undo" or self.now - one.moved_at > UNDO_MINUTES:
            return "illegal_transition"
        if one.last_move == "reschedule":
            follower = self.visits[self.successor(key)]
            gone_on = follower.last_move == "undo" or follower.status != "booked"
            return "illegal_transition" if gone_on else self.undo_refusal(self.successor(key))
        if one.last_move == "book" and one.predecessor is not None:
            old = self.visits[one.predecessor]
            return self.place_refusal(old, key) if old.before in HOLDS else None
        holds_again = (one.before or "cancelled") in HOLDS and one.status not in HOLDS
        return self.place_refusal(one, key) if holds_again else None

    def undo(self, key: int) -> None:
        """Take back the last move."""
        one = self.visits[key]
        if one.last_move == "reschedule":
            return self.undo(self.successor(key))
        if one.last_move == "book" and one.predecessor is not None:
            old = self.visits[one.predecessor]
            old.status, old.last_move = old.before or "booked", "undo"
            one.predecessor = None
        one.status = (one.before or "cancelled") if one.last_move != "book" else "cancelled"
        one.last_move = "undo"
        return None

    def successor(self, key: int) -> int:
        """The visit that a rescheduled one was moved to."""
        return next(k for k, one in self.visits.items() if one.predecessor == key)
