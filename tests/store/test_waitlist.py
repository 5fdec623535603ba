"""The waiting list: freed slots are offered in order, once, for a time, and never booked alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from store import (
    appointments,
    audit,
    departments,
    holidays,
    leave,
    offering,
    schedule,
    undo,
    waitlist,
)
from store.clock import FixedClock
from store.errors import (
    Duplicate,
    Forbidden,
    IllegalTransition,
    Invalid,
    NotFound,
    SlotUnavailable,
    StoreError,
)
from store.values import (
    Actor,
    Affected,
    AppointmentStatus,
    AppointmentView,
    HoursSession,
    Role,
    WaitlistStatus,
)
from tests.clinic import SYSTEM, Clinic
from tests.store.waiting import WEDNESDAY, book, clinic, do, offered, see, wait

__all__ = ["clinic"]


class TestInOrder:
    """A freed slot goes to the first whom it fits, then to the next."""

    def test_first_come_first_asked_then_the_next(self, clinic: Clinic, clock: FixedClock) -> None:
        visit = book(clinic, 11)
        first, second, third = (wait(clinic, patient) for patient in (1, 2, 3))
        do(clinic, appointments.cancel, visit.id)
        assert offered(clinic) == {1: "11:00"}
        offer = see(clinic, first).offer
        assert offer is not None
        assert offer.expires_at == clock.now() + timedelta(minutes=120)
        do(clinic, waitlist.decline, first.id)
        assert offered(clinic) == {2: "11:00"}
        clock.advance(timedelta(minutes=119))
        assert do(clinic, waitlist.pass_on) == 0
        clock.advance(timedelta(minutes=1))
        assert do(clinic, waitlist.pass_on) == 1
        assert offered(clinic) == {3: "11:00"}
        assert [see(clinic, one).status for one in (first, second)] == ["waiting", "waiting"]
        do(clinic, waitlist.decline, third.id)
        assert offered(clinic) == {}
        assert do(clinic, waitlist.pass_on) == 0

    def test_nobody_is_offered_the_same_slot_twice(self, clinic: Clinic) -> None:
        only = wait(clinic, 1)
        for _ in range(2):
            do(clinic, appointments.cancel, book(clinic, 11).id)
            if offered(clinic):
                do(clinic, waitlist.decline, only.id)
        with clinic.store.reading(SYSTEM) as tx:
            made = list(audit.list_entries(tx, limit=500).items)
        assert sum(one.action == "waitlist.offer" for one in made) == 1
        with pytest.raises(Duplicate, match="before"):
            do(clinic, offering.to_entry, only.id, starts_at=clinic.at(11, day=WEDNESDAY))

    def test_two_slots_and_one_who_waits(self, clinic: Clinic) -> None:
        one, two = book(clinic, 11), book(clinic, 12, patient=5)
        only = wait(clinic, 1)
        do(clinic, appointments.cancel, one.id)
        do(clinic, appointments.cancel, two.id)
        assert offered(clinic) == {1: "11:00"}
        do(clinic, waitlist.decline, only.id)
        assert offered(clinic) == {1: "12:00"}, "the second slot was kept for who was busy"

    def test_one_who_joins_later_gets_no_slot_that_was_free_before(self, clinic: Clinic) -> None:
        do(clinic, appointments.cancel, book(clinic, 11).id)
        wait(clinic, 1)
        assert offered(clinic) == {}

    @pytest.mark.parametrize(
        ("wish", "fits"),
        [
            ({}, True),
            ({"first_day": WEDNESDAY, "last_day": WEDNESDAY}, True),
            ({"first_day": WEDNESDAY + timedelta(days=1)}, False),
            ({"last_day": WEDNESDAY - timedelta(days=1)}, False),
            ({"from_minute": 660, "to_minute": 675}, True),
            ({"from_minute": 661}, False),
            ({"to_minute": 674}, False),
        ],
    )
    def test_only_what_is_within_the_wish(
        self, clinic: Clinic, wish: dict[str, Any], fits: bool
    ) -> None:
        visit = book(clinic, 11)
        wait(clinic, 1, **wish)
        do(clinic, appointments.cancel, visit.id)
        assert offered(clinic) == ({1: "11:00"} if fits else {})

    def test_a_department_takes_any_of_its_doctors(self, clinic: Clinic) -> None:
        visit = book(clinic, 11, doctor=1)
        wait(clinic, 1)
        wait(clinic, 2, department_id=clinic.department)
        do(clinic, appointments.cancel, visit.id)
        assert offered(clinic) == {2: "11:00"}

    def test_only_what_is_earlier_and_where_the_patient_is_free(self, clinic: Clinic) -> None:
        slot, later = book(clinic, 11), book(clinic, 16, patient=5)
        book(clinic, 11, patient=1, doctor=1)
        wait(clinic, 1)
        wait(clinic, 2, appointment_id=book(clinic, 10, patient=2).id)
        wait(clinic, 3, appointment_id=book(clinic, 15, patient=3).id)
        do(clinic, appointments.cancel, slot.id)
        do(clinic, appointments.cancel, later.id)
        assert offered(clinic) == {3: "11:00", 1: "16:00"}


class TestTimeLimit:
    """Never beyond the notice before the slot, and never a moment too short to answer."""

    def test_an_offer_ends_with_the_notice(self, clinic: Clinic, clock: FixedClock) -> None:
        visit = book(clinic, 11)
        entry = wait(clinic, 1)
        clock.moment = clinic.at(8, 30, day=WEDNESDAY)
        do(clinic, appointments.cancel, visit.id)
        offer = see(clinic, entry).offer
        assert offer is not None
        assert offer.expires_at == clinic.at(9, day=WEDNESDAY)
        assert offer.minutes_left(clock.now()) == 30

    def test_nothing_is_offered_too_late(self, clinic: Clinic, clock: FixedClock) -> None:
        visit = book(clinic, 11)
        wait(clinic, 1)
        clock.moment = clinic.at(8, 56, day=WEDNESDAY)
        do(clinic, appointments.cancel, visit.id)
        assert offered(clinic) == {}

    def test_whoever_acts_passes_on_what_was_not_answered(
        self, clinic: Clinic, clock: FixedClock
    ) -> None:
        visit = book(clinic, 11)
        wait(clinic, 1)
        wait(clinic, 2)
        do(clinic, appointments.cancel, visit.id)
        clock.advance(timedelta(minutes=121))
        assert clinic.store.read(SYSTEM, waitlist.overdue)
        book(clinic, 15, patient=4)
        assert offered(clinic) == {2: "11:00"}
        assert not clinic.store.read(SYSTEM, waitlist.overdue)


FREED: dict[str, Callable[[Clinic, AppointmentView], Any]] = {
    "cancel": lambda c, v: do(c, appointments.cancel, v.id),
    "reschedule": lambda c, v: do(
        c, appointments.reschedule, v.id, starts_at=c.at(15, day=WEDNESDAY)
    ),
    "in error": lambda c, v: do(c, appointments.mark_in_error, v.id, reason="twice"),
    "booking undone": lambda c, v: do(c, undo.undo, v.id),
    "rescheduling undone": lambda c, v: (
        do(c, appointments.reschedule, v.id, starts_at=c.at(10, day=WEDNESDAY)),
        do(c, waitlist.pass_on),
        do(c, undo.undo, v.id),
    ),
}


@pytest.mark.parametrize("way", FREED)
def test_every_way_of_giving_a_slot_up_offers_it(clinic: Clinic, way: str) -> None:
    visit = book(clinic, 11)
    window = {"from_minute": 600, "to_minute": 645} if way == "rescheduling undone" else {}
    wait(clinic, 1, **window)
    FREED[way](clinic, visit)
    assert offered(clinic) == {1: "10:00" if window else "11:00"}


class TestTimeThatComesBack:
    """Leave, holidays and hours give time back as a cancellation does, to those who wait now."""

    def test_leave_taken_back_and_shortened(self, clinic: Clinic) -> None:
        away, _ = do(
            clinic,
            leave.add,
            clinic.doctors[0],
            clinic.at(0, day=WEDNESDAY),
            clinic.at(23, day=WEDNESDAY),
        )
        wait(clinic, 1)
        wait(clinic, 2)
        do(clinic, leave.update, away.id, ends_at=clinic.at(16, day=WEDNESDAY))
        assert offered(clinic) == {1: "16:00", 2: "16:15"}
        do(clinic, leave.delete, away.id)
        assert offered(clinic) == {1: "16:00", 2: "16:15"}, "each holds one offer at a time"
        wait(clinic, 3)
        assert 3 not in offered(clinic)

    def test_a_holiday_taken_back(self, clinic: Clinic) -> None:
        gone, _ = do(clinic, holidays.add, WEDNESDAY, "Strike")
        wait(clinic, 1, from_minute=720)
        wait(clinic, 2, department_id=clinic.department)
        do(clinic, holidays.delete, gone.id)
        assert offered(clinic) == {1: "12:00", 2: "09:00"}

    def test_hours_added(self, clinic: Clinic) -> None:
        wait(clinic, 1)
        day = [HoursSession(2, 540, 1020, 15), HoursSession(2, 1080, 1140, 15)]
        do(clinic, schedule.set_day, clinic.doctors[0], 2, day)
        assert offered(clinic) == {1: "18:00"}
        do(clinic, schedule.set_day, clinic.doctors[0], 2, day)
        assert offered(clinic) == {1: "18:00"}

    def test_leave_that_cancels_offers_nothing_under_it(self, clinic: Clinic) -> None:
        book(clinic, 11)
        wait(clinic, 1)
        do(
            clinic,
            leave.add,
            clinic.doctors[0],
            clinic.at(9, day=WEDNESDAY),
            clinic.at(12, day=WEDNESDAY),
            affected=Affected.CANCEL,
        )
        assert offered(clinic) == {}


class TestByHand:
    """The desk offers a free slot itself."""

    def test_the_first_free_slot_to_somebody(self, clinic: Clinic) -> None:
        wait(clinic, 1)
        second = wait(clinic, 2, from_minute=600, first_day=WEDNESDAY)
        book(clinic, 10)
        done = do(clinic, offering.to_entry, second.id)
        assert done.offer is not None
        assert done.offer.starts_at == clinic.at(10, 15, day=WEDNESDAY)
        with pytest.raises(Duplicate, match="already"):
            do(clinic, offering.to_entry, second.id)
        do(clinic, waitlist.decline, second.id)
        assert offered(clinic) == {1: "10:15"}, "declined, it goes to the next in order"

    def test_a_slot_to_the_first_whom_it_fits(self, clinic: Clinic) -> None:
        wait(clinic, 1, from_minute=900)
        wait(clinic, 2)
        slot = clinic.at(11, day=WEDNESDAY)
        do(clinic, offering.of_slot, clinic.doctors[0], slot)
        assert offered(clinic) == {2: "11:00"}
        with pytest.raises(Duplicate, match="is offered that slot until"):
            do(clinic, offering.of_slot, clinic.doctors[0], slot)
        with pytest.raises(NotFound):
            do(clinic, offering.of_slot, clinic.doctors[1], slot)

    def test_what_cannot_be_offered(self, clinic: Clinic, clock: FixedClock) -> None:
        entry = wait(clinic, 1)
        with pytest.raises(SlotUnavailable, match="begins then"):
            do(clinic, offering.to_entry, entry.id, starts_at=clinic.at(11, 5, day=WEDNESDAY))
        clock.moment = clinic.at(9, 30, day=WEDNESDAY)
        with pytest.raises(SlotUnavailable, match="too soon"):
            do(clinic, offering.to_entry, entry.id, starts_at=clinic.at(11, day=WEDNESDAY))
        late = wait(clinic, 2, last_day=WEDNESDAY, to_minute=660)
        with pytest.raises(SlotUnavailable, match="No free slot fits"):
            do(clinic, offering.to_entry, late.id)


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"last_day": date(2026, 1, 4)}, "last_day"),
        ({"first_day": WEDNESDAY, "last_day": date(2026, 1, 6)}, "last_day"),
        ({"first_day": date(2032, 1, 1)}, "first_day"),
        ({"from_minute": 600, "to_minute": 600}, "to_minute"),
        ({"from_minute": 1441}, "from_minute"),
        ({"doctor_id": None}, "doctor"),
    ],
)
def test_a_wish_that_cannot_be(clinic: Clinic, wish: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        wait(clinic, 1, **wish)
    assert set(refusal.value.fields) == {field}


def test_joining_is_refused_where_it_makes_no_sense(clinic: Clinic) -> None:
    wait(clinic, 1)
    with pytest.raises(Duplicate):
        wait(clinic, 1)
    others = book(clinic, 11)
    refused: list[tuple[type[StoreError], dict[str, Any]]] = [
        (NotFound, {"appointment_id": others.id}),
        (NotFound, {"doctor_id": 987}),
    ]
    for error, wish in refused:
        with pytest.raises(error):
            wait(clinic, 2, **wish)
    do(clinic, appointments.cancel, others.id)
    with pytest.raises(IllegalTransition):
        wait(clinic, 0, appointment_id=others.id)


def test_the_list_and_what_the_desk_sees_at_a_glance(clinic: Clinic, clock: FixedClock) -> None:
    other = do(clinic, departments.create, name="Other")
    first = wait(clinic, 1, first_day=WEDNESDAY)
    room = wait(clinic, 2, department_id=clinic.department, last_day=WEDNESDAY)
    do(clinic, appointments.cancel, book(clinic, 11).id)

    def listed(**filters: Any) -> list[int]:
        page = clinic.store.read(SYSTEM, waitlist.list_entries, **filters)
        assert page.total == len(page.items)
        return [one.id for one in page.items]

    assert listed() == [first.id, room.id]
    assert listed(doctor_id=clinic.doctors[0]) == [first.id]
    assert listed(department_id=clinic.department) == [first.id, room.id]
    assert listed(department_id=other.id) == []
    assert listed(patient_id=clinic.patients[2]) == [room.id]
    assert listed(status=[WaitlistStatus.OFFERED]) == [first.id]
    assert listed(first_day=WEDNESDAY + timedelta(days=1)) == [first.id]
    assert listed(last_day=WEDNESDAY - timedelta(days=1)) == [room.id]
    known = clinic.store.read(SYSTEM, waitlist.news)
    assert (known.waiting, known.offers, known.to_call) == (2, 1, 0)
    assert known.first_ends_at == clock.now() + timedelta(minutes=120)


def test_patients_answer_for_themselves_alone(clinic: Clinic) -> None:
    mine, others = wait(clinic, 1), wait(clinic, 2)
    me = Actor(Role.PATIENT, "Patient b", "kiosk", patient_id=clinic.patients[1])
    do(clinic, appointments.cancel, book(clinic, 11).id)
    assert [one.id for one in clinic.store.read(me, waitlist.list_entries).items] == [mine.id]
    for rule in (waitlist.withdraw, waitlist.accept, waitlist.decline):
        with pytest.raises(Forbidden):
            clinic.store.write(me, rule, others.id)
    with pytest.raises(Forbidden):
        clinic.store.write(me, offering.to_entry, mine.id)
    made = clinic.store.write(me, waitlist.accept, mine.id)
    assert made.status is AppointmentStatus.BOOKED
