"""The desk's day: checking in, tokens, walk-ins, the queue, and taking back a step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from store import accounts, appointments, desk, patients, schedule, undo
from store.clock import FixedClock
from store.errors import Forbidden, IllegalTransition, SlotTaken, SlotUnavailable
from store.front_door import Store
from store.values import (
    Actor,
    Affected,
    AppointmentStatus,
    AppointmentView,
    HoursSession,
    PatientInput,
    Role,
)
from tests.clinic import SYSTEM, Clinic, open_clinic


@pytest.fixture
def clinic(store: Store) -> Clinic:
    return open_clinic(store, patient_count=4)


def book(clinic: Clinic, hour: int, minute: int = 0, patient: int = 0) -> AppointmentView:
    return clinic.store.write(
        SYSTEM,
        appointments.book,
        patient_id=clinic.patients[patient],
        doctor_id=clinic.doctors[0],
        starts_at=clinic.at(hour, minute),
    )


def do(clinic: Clinic, rule: Callable[..., Any], *args: Any, **given: Any) -> Any:
    return clinic.store.write(SYSTEM, rule, *args, **given)


def test_checking_in_draws_tokens_in_sequence(clinic: Clinic) -> None:
    visits = [book(clinic, 10), book(clinic, 9, 30, patient=1)]
    tokens = [do(clinic, desk.check_in, visit.id).token for visit in visits]
    assert tokens == ["A-01", "A-02"]


def test_a_token_follows_its_appointment_and_is_not_given_again(clinic: Clinic) -> None:
    first, second = book(clinic, 10), book(clinic, 10, 15, patient=1)
    do(clinic, desk.check_in, first.id)
    assert do(clinic, appointments.cancel, first.id).token is None
    assert do(clinic, desk.check_in, second.id).token == "A-02"
    assert do(clinic, undo.undo, first.id).token == "A-01"


def test_only_todays_appointments_are_checked_in(clinic: Clinic, clock: FixedClock) -> None:
    visit = book(clinic, 10)
    clock.advance(timedelta(days=-1))
    with pytest.raises(IllegalTransition, match="Mon 05 Jan 2026"):
        do(clinic, desk.check_in, visit.id)


def test_the_queue_shows_who_waits_first_in_order_of_arrival(
    clinic: Clinic, clock: FixedClock
) -> None:
    early, late, calm, gone = (
        book(clinic, 9, 30),
        book(clinic, 9, 45, patient=1),
        book(clinic, 10, patient=2),
        book(clinic, 10, 15, patient=3),
    )
    do(clinic, desk.check_in, late.id)
    clock.advance(timedelta(minutes=5))
    do(clinic, desk.check_in, early.id)
    do(clinic, appointments.cancel, gone.id)
    queue = clinic.store.read(SYSTEM, desk.queue)
    assert [one.id for one in queue] == [late.id, early.id, calm.id, gone.id]
    assert queue[0].waited_minutes(clinic.store.now()) == 5
    upcoming = clinic.store.read(SYSTEM, desk.next_waiting, clinic.doctors[0])
    assert upcoming is not None
    assert upcoming.id == early.id


def test_a_walk_in_takes_the_next_free_slot_with_a_token(clinic: Clinic) -> None:
    book(clinic, 9, 0)
    came = do(clinic, desk.walk_in, patient_id=clinic.patients[1], doctor_id=clinic.doctors[0])
    assert (came.starts_at, came.walk_in, came.overbooked) == (clinic.at(9, 15), True, False)
    assert (came.status, came.token) == (AppointmentStatus.CHECKED_IN, "A-01")


def test_a_walk_in_on_a_full_day_goes_between_the_others(clinic: Clinic) -> None:
    for slot in range(16):
        start = clinic.at(9) + timedelta(minutes=15 * slot)
        do(
            clinic,
            appointments.book,
            patient_id=clinic.patients[slot % 3],
            doctor_id=clinic.doctors[0],
            starts_at=start,
        )
    came = do(clinic, desk.walk_in, patient_id=clinic.patients[3], doctor_id=clinic.doctors[0])
    assert (came.overbooked, came.starts_at) == (True, clinic.at(9))
    assert clinic.overlaps() == 0


def test_a_full_morning_takes_a_walk_in_rather_than_the_evening(
    clinic: Clinic, clock: FixedClock
) -> None:
    doctor = clinic.doctors[0]
    do(clinic, schedule.replace_week, doctor, _mornings_and_evenings())
    for slot in range(4):
        book(clinic, 9, 15 * slot, patient=slot)
    newcomer = do(clinic, patients.register, PatientInput("Late Comer")).id
    where = clinic.store.read(SYSTEM, desk.walk_in_place, doctor)
    assert (where.starts_at, where.free) == (clinic.at(9), False)
    came = do(clinic, desk.walk_in, patient_id=newcomer, doctor_id=doctor)
    assert (came.starts_at, came.overbooked) == (clinic.at(9), True)
    clock.advance(timedelta(hours=3))
    where = clinic.store.read(SYSTEM, desk.walk_in_place, doctor)
    assert (where.starts_at, where.free) == (clinic.at(17), True)


def test_no_two_tokens_of_a_day_look_alike(clinic: Clinic) -> None:
    doctor = clinic.doctors[0]
    do(clinic, schedule.replace_week, doctor, _mornings_and_evenings())
    visits = [book(clinic, 17), book(clinic, 9, 30, 1), book(clinic, 17, 15, 2)]
    assert [do(clinic, desk.check_in, one.id).token for one in visits] == ["A2-01", "A-01", "A2-02"]
    # The morning goes, the evening is the first session now: its queue keeps its letters.
    evenings = _mornings_and_evenings()[7:]
    do(clinic, schedule.replace_week, doctor, evenings, affected=Affected.KEEP)
    assert do(clinic, desk.check_in, book(clinic, 17, 30, 3).id).token == "A2-03"


def test_a_session_that_others_took_the_letters_of_gets_its_own(clinic: Clinic) -> None:
    doctor = clinic.doctors[0]
    do(clinic, schedule.replace_week, doctor, _mornings_and_evenings()[7:])
    assert do(clinic, desk.check_in, book(clinic, 17).id).token == "A-01"
    do(clinic, schedule.replace_week, doctor, _mornings_and_evenings())
    assert do(clinic, desk.check_in, book(clinic, 9, 30, 1).id).token == "A2-01"


def _mornings_and_evenings() -> list[HoursSession]:
    return [HoursSession(day, h * 60, (h + 1) * 60, 15) for h in (9, 17) for day in range(7)]


def test_nobody_walks_in_when_the_hours_are_over(clinic: Clinic, clock: FixedClock) -> None:
    clock.advance(timedelta(hours=4))
    with pytest.raises(SlotUnavailable, match="no working time left"):
        do(clinic, desk.walk_in, patient_id=clinic.patients[0], doctor_id=clinic.doctors[0])


def test_a_no_show_is_noted_after_the_grace_period(clinic: Clinic, clock: FixedClock) -> None:
    visit = book(clinic, 9, 0)
    clock.advance(timedelta(minutes=14))
    with pytest.raises(IllegalTransition, match="09:15"):
        do(clinic, appointments.no_show, visit.id)
    clock.advance(timedelta(minutes=1))
    assert do(clinic, appointments.no_show, visit.id).status is AppointmentStatus.NO_SHOW


def test_who_comes_late_is_seen_although_the_slot_was_given_away(
    clinic: Clinic, clock: FixedClock
) -> None:
    visit = book(clinic, 9, 30)
    clock.advance(timedelta(minutes=46))
    do(clinic, appointments.no_show, visit.id)
    clock.advance(timedelta(minutes=-20))
    book(clinic, 9, 30, patient=1)
    came = do(clinic, desk.check_in, visit.id)
    assert (came.status, came.overbooked) == (AppointmentStatus.CHECKED_IN, True)


def test_the_way_of_an_appointment_and_no_other(clinic: Clinic) -> None:
    visit = book(clinic, 10)
    for rule in (appointments.start, appointments.complete, appointments.left):
        with pytest.raises(IllegalTransition, match="booked"):
            do(clinic, rule, visit.id)
    do(clinic, desk.check_in, visit.id)
    do(clinic, appointments.start, visit.id)
    with pytest.raises(IllegalTransition):
        do(clinic, appointments.cancel, visit.id)
    done = do(clinic, appointments.complete, visit.id)
    assert done.status is AppointmentStatus.COMPLETED
    wrong = do(clinic, appointments.mark_in_error, visit.id, reason="wrong patient")
    assert wrong.status is AppointmentStatus.IN_ERROR


@pytest.mark.parametrize(
    ("way", "back_to"),
    [
        ([desk.check_in], "booked"),
        ([desk.check_in, appointments.start], "checked_in"),
        ([desk.check_in, appointments.start, appointments.complete], "in_consultation"),
        ([desk.check_in, appointments.left], "checked_in"),
        ([appointments.cancel], "booked"),
        ([], "cancelled"),
    ],
)
def test_undo_takes_back_the_last_step_alone(
    clinic: Clinic, way: list[Callable[..., Any]], back_to: str
) -> None:
    visit = book(clinic, 10)
    for rule in way:
        do(clinic, rule, visit.id)
    assert do(clinic, undo.undo, visit.id).status == back_to
    with pytest.raises(IllegalTransition):
        do(clinic, undo.undo, visit.id)
    told = clinic.store.read(SYSTEM, appointments.history, visit.id)
    assert [one.kind for one in told][-1] == "undo"


def test_undoing_a_rescheduling_brings_the_old_time_back(clinic: Clinic) -> None:
    old = book(clinic, 10)
    new = do(clinic, appointments.reschedule, old.id, starts_at=clinic.at(11))
    again = do(clinic, undo.undo, new.id)
    assert (again.id, again.status) == (old.id, AppointmentStatus.BOOKED)
    gone = clinic.store.read(SYSTEM, appointments.get, new.id)
    assert gone.status is AppointmentStatus.CANCELLED
    assert do(clinic, appointments.reschedule, old.id, starts_at=clinic.at(12))


def test_undo_of_a_cancellation_fails_when_the_slot_is_gone(clinic: Clinic) -> None:
    visit = book(clinic, 10)
    do(clinic, appointments.cancel, visit.id)
    book(clinic, 10, patient=1)
    with pytest.raises(SlotTaken):
        do(clinic, undo.undo, visit.id)


def test_undo_is_for_ones_own_step_and_for_ten_minutes(clinic: Clinic, clock: FixedClock) -> None:
    visit = book(clinic, 10)
    with clinic.store.transaction(SYSTEM) as tx:
        account = accounts.create(
            tx, username="desk", name="Desk", role=Role.RECEPTION, password=None
        )
    other = Actor(Role.RECEPTION, "Desk", "desk-2", account_id=account.id)
    with pytest.raises(Forbidden, match="somebody else"):
        clinic.store.write(other, undo.undo, visit.id)
    clock.advance(timedelta(minutes=10, seconds=1))
    with pytest.raises(IllegalTransition, match="10 minutes"):
        do(clinic, undo.undo, visit.id)
