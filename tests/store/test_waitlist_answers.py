"""What becomes of an offer, and how an entry of the waiting list ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from store import (
    appointments,
    desk,
    doctors,
    holds,
    patients,
    undo,
    waitlist,
)
from store.clock import FixedClock
from store.errors import (
    ChangedMeanwhile,
    IllegalTransition,
    OfferGone,
    OfferOver,
    SlotTaken,
)
from store.values import (
    OfferOutcome,
    WaitlistEnd,
    WaitlistStatus,
)
from tests.clinic import SYSTEM, Clinic
from tests.hospital import actor_of, admin, reception
from tests.store.waiting import WEDNESDAY, book, clinic, do, occupy, offered, see, wait

__all__ = ["clinic"]


class TestAnswers:
    """Taking books by the rules of booking; the list itself books nobody."""

    def test_nothing_is_booked_until_somebody_says_so(self, clinic: Clinic) -> None:
        entry = wait(clinic, 1)
        do(clinic, appointments.cancel, book(clinic, 11).id)
        with clinic.store.reading(SYSTEM) as tx:
            assert not appointments.list_appointments(tx, patient_id=clinic.patients[1]).items
        made = do(clinic, waitlist.accept, entry.id)
        assert (made.patient_id, made.starts_at) == (
            clinic.patients[1],
            clinic.at(11, day=WEDNESDAY),
        )
        after = see(clinic, entry)
        assert after.status is WaitlistStatus.BOOKED
        assert after.last is not None
        assert after.last.appointment_id == made.id
        assert do(clinic, waitlist.accept, entry.id, offer_id=after.last.id) == made

    def test_taking_moves_the_appointment_that_was_to_become_earlier(self, clinic: Clinic) -> None:
        own = book(clinic, 15, patient=1, doctor=1)
        moved = do(clinic, appointments.reschedule, own.id, starts_at=clinic.at(16, day=WEDNESDAY))
        next_one = wait(clinic, 2, doctor_id=clinic.doctors[1])
        entry = wait(clinic, 1, department_id=clinic.department, appointment_id=moved.id)
        do(clinic, appointments.cancel, book(clinic, 11).id)
        made = do(clinic, waitlist.accept, entry.id)
        assert (made.predecessor_id, made.doctor_id) == (moved.id, clinic.doctors[0])
        assert offered(clinic) == {2: "16:00"}, "what it left is free for the next"
        assert see(clinic, next_one).status is WaitlistStatus.OFFERED

    def test_an_offer_keeps_nobody_from_booking_the_slot(self, clinic: Clinic) -> None:
        entry = wait(clinic, 1)
        do(clinic, appointments.cancel, book(clinic, 11).id)
        book(clinic, 11, patient=4)
        after = see(clinic, entry)
        assert (after.status, after.offer) == (WaitlistStatus.WAITING, None)
        assert after.last is not None
        assert after.last.outcome is OfferOutcome.TAKEN
        with pytest.raises(IllegalTransition, match="Nothing is offered"):
            do(clinic, waitlist.accept, entry.id)

    def test_a_slot_that_cannot_be_had_puts_back_and_says_so(self, clinic: Clinic) -> None:
        entry, behind = wait(clinic, 1), wait(clinic, 2)
        do(clinic, appointments.cancel, book(clinic, 11).id)
        # Put in behind the rules' back, as a race that nobody noticed would be.
        occupy(clinic, clinic.at(11, day=WEDNESDAY), patient=4)
        with pytest.raises(OfferGone, match="kept"):
            do(clinic, waitlist.accept, entry.id)
        assert [see(clinic, one).status for one in (entry, behind)] == ["waiting", "waiting"]

    def test_a_slot_that_somebody_is_about_to_book(self, clinic: Clinic, clock: FixedClock) -> None:
        slot = clinic.at(11, day=WEDNESDAY)
        entry = wait(clinic, 1)
        wait(clinic, 2)
        do(clinic, appointments.cancel, book(clinic, 11).id)
        other = actor_of(clinic.store, reception(clinic.store), "meera@desk-2")
        mine = actor_of(clinic.store, admin(clinic.store), "root@desk-1")
        clinic.store.write(other, holds.take, clinic.doctors[0], slot)
        with pytest.raises(SlotTaken, match="desk-2"):
            clinic.store.write(mine, waitlist.accept, entry.id)
        assert offered(clinic) == {1: "11:00"}, "the offer stands while it is merely held"
        do(clinic, waitlist.decline, entry.id)
        assert offered(clinic) == {}, "nobody is asked for what is about to be booked"
        clock.advance(timedelta(minutes=3))
        do(clinic, waitlist.pass_on)
        assert offered(clinic) == {2: "11:00"}

    def test_an_answer_that_comes_too_late(self, clinic: Clinic, clock: FixedClock) -> None:
        entry = wait(clinic, 1)
        wait(clinic, 2)
        do(clinic, appointments.cancel, book(clinic, 11).id)
        clock.advance(timedelta(minutes=120))
        with pytest.raises(OfferOver, match="ended at 11:00"):
            do(clinic, waitlist.accept, entry.id)
        assert offered(clinic) == {2: "11:00"}

    def test_an_answer_to_another_offer(self, clinic: Clinic) -> None:
        entry = wait(clinic, 1)
        do(clinic, appointments.cancel, book(clinic, 11).id)
        seen = see(clinic, entry).offer
        assert seen is not None
        do(clinic, appointments.cancel, book(clinic, 12).id)
        do(clinic, waitlist.decline, entry.id, offer_id=seen.id)
        with pytest.raises(ChangedMeanwhile):
            do(clinic, waitlist.accept, entry.id, offer_id=seen.id)

    def test_booked_by_the_desk_is_as_good_as_taken(self, clinic: Clinic) -> None:
        entry = wait(clinic, 1)
        do(clinic, appointments.cancel, book(clinic, 11).id)
        made = book(clinic, 11, patient=1)
        after = see(clinic, entry)
        assert after.status is WaitlistStatus.BOOKED
        assert after.last is not None
        assert after.last.appointment_id == made.id

    def test_a_cancellation_taken_back_takes_the_offer_back(self, clinic: Clinic) -> None:
        visit = book(clinic, 11)
        entry = wait(clinic, 1)
        do(clinic, appointments.cancel, visit.id)
        do(clinic, undo.undo, visit.id)
        assert offered(clinic) == {}
        assert see(clinic, entry).status is WaitlistStatus.WAITING

    def test_a_booking_from_the_list_that_is_undone_waits_again(self, clinic: Clinic) -> None:
        own = book(clinic, 15, patient=1)
        entry = wait(clinic, 1, appointment_id=own.id)
        do(clinic, appointments.cancel, book(clinic, 11).id)
        made = do(clinic, waitlist.accept, entry.id)
        do(clinic, undo.undo, made.id)
        assert see(clinic, entry).status is WaitlistStatus.WAITING


class TestEnds:
    """An entry ends by itself when nothing can come of it any more."""

    def test_when_the_days_are_over(self, clinic: Clinic, clock: FixedClock) -> None:
        entry = wait(clinic, 1, last_day=WEDNESDAY)
        clock.moment = clinic.at(23, 59, day=WEDNESDAY)
        do(clinic, waitlist.pass_on)
        assert see(clinic, entry).status is WaitlistStatus.WAITING
        clock.advance(timedelta(minutes=1))
        do(clinic, waitlist.pass_on)
        after = see(clinic, entry)
        assert (after.status, after.ended_because) == (WaitlistStatus.EXPIRED, WaitlistEnd.WINDOW)

    def test_when_the_patient_is_deactivated_and_the_next_is_asked(self, clinic: Clinic) -> None:
        entry = wait(clinic, 1)
        wait(clinic, 2)
        do(clinic, appointments.cancel, book(clinic, 11).id)
        do(clinic, patients.deactivate, clinic.patients[1])
        assert see(clinic, entry).ended_because is WaitlistEnd.PATIENT
        assert offered(clinic) == {2: "11:00"}

    def test_when_the_doctor_has_left(self, clinic: Clinic) -> None:
        entry = wait(clinic, 1)
        do(clinic, doctors.deactivate, clinic.doctors[0])
        assert see(clinic, entry).ended_because is WaitlistEnd.DOCTOR

    def test_when_its_appointment_is_cancelled_and_not_when_that_is_undone(
        self, clinic: Clinic
    ) -> None:
        own = book(clinic, 15, patient=1)
        entry = wait(clinic, 1, appointment_id=own.id)
        do(clinic, appointments.cancel, own.id)
        assert see(clinic, entry).ended_because is WaitlistEnd.APPOINTMENT
        do(clinic, undo.undo, own.id)
        assert see(clinic, entry).status is WaitlistStatus.WAITING

    def test_when_its_appointment_has_come(self, clinic: Clinic, clock: FixedClock) -> None:
        own = book(clinic, 15, patient=1)
        entry = wait(clinic, 1, appointment_id=own.id)
        clock.moment = clinic.at(14, 50, day=WEDNESDAY)
        do(clinic, desk.check_in, own.id)
        assert see(clinic, entry).status is WaitlistStatus.EXPIRED

    def test_when_it_is_withdrawn_the_next_is_asked(self, clinic: Clinic) -> None:
        entry = wait(clinic, 1)
        wait(clinic, 2)
        do(clinic, appointments.cancel, book(clinic, 11).id)
        assert do(clinic, waitlist.withdraw, entry.id).status is WaitlistStatus.WITHDRAWN
        assert offered(clinic) == {2: "11:00"}
        with pytest.raises(IllegalTransition, match="ended already"):
            do(clinic, waitlist.withdraw, entry.id)
