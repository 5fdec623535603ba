"""Steps taken back and leave put in, when people and times have gone elsewhere meanwhile."""

from __future__ import annotations

import pytest

from store import appointments, desk, doctors, holidays, leave, outbox, patients, undo
from store.clock import FixedClock
from store.errors import InUse, PatientBusy, SlotUnavailable
from store.values import Affected, AppointmentView
from tests.clinic import SYSTEM, Clinic
from tests.store.test_desk import book, clinic, do

__all__ = ["clinic"]


class TestWhatStandsAgain:
    """A step taken back puts nobody where a booking could not be."""

    @staticmethod
    def given_up(clinic: Clinic) -> AppointmentView:
        visit = book(clinic, 11)
        do(clinic, appointments.cancel, visit.id)
        return visit

    @staticmethod
    def booked_elsewhere(clinic: Clinic) -> None:
        do(
            clinic,
            appointments.book,
            patient_id=clinic.patients[0],
            doctor_id=clinic.doctors[1],
            starts_at=clinic.at(11),
        )

    def test_not_while_the_patient_is_elsewhere(self, clinic: Clinic) -> None:
        visit = self.given_up(clinic)
        self.booked_elsewhere(clinic)
        with pytest.raises(PatientBusy):
            do(clinic, undo.undo, visit.id)

    def test_not_where_a_rescheduling_left_room_for_another(self, clinic: Clinic) -> None:
        visit = book(clinic, 11)
        do(clinic, appointments.reschedule, visit.id, starts_at=clinic.at(12))
        self.booked_elsewhere(clinic)
        with pytest.raises(PatientBusy):
            do(clinic, undo.undo, visit.id)
        assert len(clinic.store.read(SYSTEM, desk.queue)) == 2

    @pytest.mark.parametrize("choice", [Affected.CANCEL, Affected.MOVE])
    def test_not_into_leave(self, clinic: Clinic, choice: Affected) -> None:
        visit = book(clinic, 11)
        do(clinic, leave.add, clinic.doctors[0], clinic.at(10), clinic.at(12), "away", choice)
        with pytest.raises(SlotUnavailable, match="leave"):
            do(clinic, undo.undo, visit.id)

    def test_not_onto_a_holiday(self, clinic: Clinic) -> None:
        visit = self.given_up(clinic)
        do(clinic, holidays.add, clinic.at(11).date(), "Strike")
        with pytest.raises(SlotUnavailable, match="holiday"):
            do(clinic, undo.undo, visit.id)

    def test_not_with_a_doctor_or_a_patient_who_is_gone(self, clinic: Clinic) -> None:
        visit = self.given_up(clinic)
        do(clinic, doctors.deactivate, clinic.doctors[0])
        with pytest.raises(InUse):
            do(clinic, undo.undo, visit.id)
        do(clinic, doctors.activate, clinic.doctors[0])
        do(clinic, patients.deactivate, clinic.patients[0])
        with pytest.raises(InUse):
            do(clinic, undo.undo, visit.id)


def test_a_patient_who_is_deactivated_does_not_stop_a_leave(clinic: Clinic) -> None:
    gone, other = book(clinic, 11), book(clinic, 11, 15, patient=1)
    do(clinic, patients.deactivate, clinic.patients[0])
    _, done = do(
        clinic, leave.add, clinic.doctors[0], clinic.at(10), clinic.at(12), "away", Affected.MOVE
    )
    assert {one.appointment.id: one.outcome for one in done} == {
        gone.id: "worklist",
        other.id: "moved",
    }


def test_undoing_a_move_after_the_old_time_tells_the_patient(
    clinic: Clinic, clock: FixedClock
) -> None:
    visit = book(clinic, 9, 15)
    clock.moment = clinic.at(9, 20)
    moved = do(clinic, appointments.reschedule, visit.id, starts_at=clinic.at(11))
    do(clinic, undo.undo, visit.id)
    owed = clinic.store.read(SYSTEM, outbox.list_messages).items
    assert {(one.kind, one.appointment_id) for one in owed} >= {("cancelled", moved.id)}


def test_whoever_is_expected_is_not_taken_in_a_second_time(clinic: Clinic) -> None:
    people = {"patient_id": clinic.patients[0], "doctor_id": clinic.doctors[0]}
    later = book(clinic, 11)
    with pytest.raises(PatientBusy, match="11:00"):
        do(clinic, desk.walk_in, **people)
    do(clinic, appointments.cancel, later.id)
    do(clinic, desk.walk_in, **people)
    with pytest.raises(PatientBusy, match="already"):
        do(clinic, desk.walk_in, **people)
