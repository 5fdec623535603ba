"""A step over booked appointments is taken back as one: the time, and those it hit (ADM-11)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from store import (
    appointments,
    departments,
    doctors,
    holidays,
    leave,
    outbox,
    schedule,
    time_off_undo,
)
from store.clock import FixedClock
from store.errors import IllegalTransition, NotFound
from store.front_door import Store
from store.transaction import Transaction
from store.values import (
    Actor,
    Affected,
    AppointmentStatus,
    AppointmentView,
    HoursSession,
    MailKind,
    TimeStep,
)
from tests.clinic import SYSTEM, Clinic, open_clinic
from tests.hospital import actor_of, admin

Act = Callable[[Transaction, Clinic, Affected], int]


@pytest.fixture
def clinic(store: Store) -> Clinic:
    return open_clinic(store)


@pytest.fixture
def root(clinic: Clinic) -> Actor:
    return actor_of(clinic.store, admin(clinic.store))


def book(clinic: Clinic, hour: int, patient: int = 0, doctor: int = 0) -> AppointmentView:
    return clinic.store.write(
        SYSTEM,
        appointments.book,
        patient_id=clinic.patients[patient],
        doctor_id=clinic.doctors[doctor],
        starts_at=clinic.at(hour),
    )


def put_in_leave(tx: Transaction, clinic: Clinic, affected: Affected) -> int:
    view, _ = leave.add(tx, clinic.doctors[0], clinic.at(9), clinic.at(13), "ill", affected)
    return view.id


def make_holiday(tx: Transaction, clinic: Clinic, affected: Affected) -> int:
    return holidays.add(tx, clinic.at(9).date(), "Strike", affected)[0].id


def shorten(tx: Transaction, clinic: Clinic, affected: Affected) -> int:
    short = [HoursSession(day, 540, 585, 15) for day in range(7)]
    schedule.replace_week(tx, clinic.doctors[0], short, affected)
    return clinic.doctors[0]


def deactivate(tx: Transaction, clinic: Clinic, affected: Affected) -> int:
    return doctors.deactivate(tx, clinic.doctors[0], affected).id


def transfer(tx: Transaction, clinic: Clinic, affected: Affected) -> int:
    there = departments.create(tx, name="Heart centre").id
    return doctors.update(tx, clinic.doctors[0], department_id=there, affected=affected).id


STEPS: list[tuple[TimeStep, Act]] = [
    (TimeStep.LEAVE, put_in_leave),
    (TimeStep.HOLIDAY, make_holiday),
    (TimeStep.HOURS, shorten),
    (TimeStep.DOCTOR, deactivate),
    (TimeStep.DOCTOR, transfer),
]


@pytest.mark.parametrize("affected", [Affected.CANCEL, Affected.MOVE])
@pytest.mark.parametrize(("step", "act"), STEPS)
def test_all_that_a_step_hit_stands_again(
    clinic: Clinic, root: Actor, step: TimeStep, act: Act, affected: Affected
) -> None:
    store = clinic.store
    worked_in = store.read(SYSTEM, doctors.get, clinic.doctors[0]).department
    hit = [book(clinic, 10), book(clinic, 11, patient=1)]
    before = store.read(SYSTEM, schedule.hours_of, clinic.doctors[0])
    thing = store.write(root, act, clinic, affected)
    for one in hit:
        assert store.read(SYSTEM, appointments.get, one.id).status != AppointmentStatus.BOOKED
    done = store.write(root, time_off_undo.take_back, step, thing)
    assert {one.id for one in done.done} == {one.id for one in hit}
    assert done.refused == ()
    for one in hit:
        back = store.read(SYSTEM, appointments.get, one.id)
        assert (back.status, back.starts_at) == (AppointmentStatus.BOOKED, one.starts_at)
    after = store.read(SYSTEM, schedule.hours_of, clinic.doctors[0])
    assert [one.session for one in after] == [one.session for one in before]
    assert store.read(SYSTEM, doctors.get, clinic.doctors[0]).department == worked_in
    fresh = book(clinic, 12, patient=2)
    assert fresh.status is AppointmentStatus.BOOKED
    kinds = [one.kind for one in store.read(SYSTEM, outbox.list_messages).items]
    told = MailKind.BOOKED if affected is Affected.CANCEL else MailKind.RESCHEDULED
    assert told in kinds
    with pytest.raises((IllegalTransition, NotFound)):
        store.write(root, time_off_undo.take_back, step, thing)


def test_who_has_lost_the_place_meanwhile_is_told(clinic: Clinic, root: Actor) -> None:
    store = clinic.store
    mine, other = book(clinic, 10), book(clinic, 11, patient=1)
    thing = store.write(root, put_in_leave, clinic, Affected.CANCEL)
    book(clinic, 10, patient=0, doctor=1)
    done = store.write(root, time_off_undo.take_back, TimeStep.LEAVE, thing)
    assert [one.id for one in done.done] == [other.id]
    ((which, why),) = [(one.appointment_id, one.why) for one in done.refused]
    assert which == mine.id
    assert why
    assert store.read(SYSTEM, leave.list_leave) == []


def test_only_one_s_own_fresh_and_unchanged_step_goes(
    clinic: Clinic, root: Actor, clock: FixedClock
) -> None:
    store = clinic.store
    other = actor_of(store, admin(store, "two", "Two Root"))
    thing = store.write(root, put_in_leave, clinic, Affected.CANCEL)
    with pytest.raises(IllegalTransition):
        store.write(other, time_off_undo.take_back, TimeStep.LEAVE, thing)
    clock.advance(timedelta(minutes=1))
    store.write(other, leave.update, thing, reason="still ill")
    with pytest.raises(IllegalTransition, match="changed since"):
        store.write(root, time_off_undo.take_back, TimeStep.LEAVE, thing)
    clock.advance(timedelta(minutes=10))
    with pytest.raises(IllegalTransition, match="last 10 minutes"):
        store.write(root, time_off_undo.take_back, TimeStep.LEAVE, thing)
