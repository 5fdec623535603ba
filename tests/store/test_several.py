"""One step for several appointments: none stops another, and one undo takes all back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from store import appointments, audit, desk, several
from store.clock import FixedClock
from store.errors import Forbidden, IllegalTransition, Invalid
from store.front_door import Store
from store.values import AppointmentStatus as Status
from store.values import AppointmentView, Several, Step
from tests.clinic import SYSTEM, Clinic, open_clinic
from tests.hospital import actor_of, patient


@pytest.fixture
def clinic(store: Store) -> Clinic:
    return open_clinic(store, patient_count=4)


@pytest.fixture
def booked(clinic: Clinic) -> list[AppointmentView]:
    return [
        clinic.store.write(
            SYSTEM,
            appointments.book,
            patient_id=patient,
            doctor_id=clinic.doctors[0],
            starts_at=clinic.at(10, 15 * place),
        )
        for place, patient in enumerate(clinic.patients[:4])
    ]


def step(clinic: Clinic, which: Step, *views: AppointmentView, **more: Any) -> Several:
    targets = [(view.id, view.version) for view in views]
    return clinic.store.write(SYSTEM, several.apply, which, targets, **more)


def statuses(clinic: Clinic, *views: AppointmentView) -> list[Status]:
    return [clinic.store.read(SYSTEM, appointments.get, view.id).status for view in views]


def test_one_that_is_refused_stops_none_of_the_others(
    clinic: Clinic, booked: list[AppointmentView]
) -> None:
    clinic.store.write(SYSTEM, appointments.cancel, booked[1].id)
    after = step(clinic, Step.CHECK_IN, *booked)
    assert [view.token for view in after.done] == ["A-01", "A-02", "A-03"]
    (refused,) = after.refused
    assert refused.appointment_id == booked[1].id
    assert "changed" in refused.why
    waiting = [Status.CHECKED_IN, Status.CANCELLED, Status.CHECKED_IN, Status.CHECKED_IN]
    assert statuses(clinic, *booked) == waiting


def test_one_undo_takes_the_whole_step_back(clinic: Clinic, booked: list[AppointmentView]) -> None:
    after = step(clinic, Step.CANCEL, *booked, reason="strike")
    assert {view.reason for view in after.done} == {"strike"}
    back = step(clinic, Step.UNDO, *after.done)
    assert not back.refused
    assert statuses(clinic, *booked) == [Status.BOOKED] * 4


def test_each_is_taken_back_within_the_rules_of_undo(
    clinic: Clinic, booked: list[AppointmentView], clock: FixedClock
) -> None:
    done = step(clinic, Step.CHECK_IN, *booked).done
    clinic.store.write(SYSTEM, appointments.start, done[0].id)
    clock.advance(timedelta(minutes=11))
    clinic.store.write(SYSTEM, appointments.cancel, done[1].id)
    back = step(clinic, Step.UNDO, *done)
    assert [view.id for view in back.done] == [done[1].id]
    assert len(back.refused) == 3
    assert all("minutes ago" in one.why for one in back.refused)


def test_a_single_one_is_refused_as_its_rule_does(
    clinic: Clinic, booked: list[AppointmentView]
) -> None:
    view = clinic.store.write(SYSTEM, appointments.cancel, booked[0].id)
    with pytest.raises(IllegalTransition):
        step(clinic, Step.CHECK_IN, view)
    with pytest.raises(Invalid):
        step(clinic, Step.CHECK_IN)


def test_what_is_refused_leaves_nothing_behind(
    clinic: Clinic, booked: list[AppointmentView]
) -> None:
    gone = clinic.store.write(SYSTEM, desk.check_in, booked[0].id)
    before = clinic.store.changes_since(None)[0]
    step(clinic, Step.CHECK_IN, gone, booked[1])
    _, changes = clinic.store.changes_since(before)
    assert {change.entity_id for change in changes} == {booked[1].id}
    entries = clinic.store.read(SYSTEM, audit.list_entries, limit=200).items
    assert sum(entry.action == "appointment.check-in" for entry in entries) == 2


def test_who_may_do_it_to_none_is_refused_as_a_whole(
    clinic: Clinic, booked: list[AppointmentView]
) -> None:
    someone = actor_of(clinic.store, patient(clinic.store, username="somebody"))
    targets = [(view.id, None) for view in booked]
    with pytest.raises(Forbidden):
        clinic.store.write(someone, several.apply, Step.CHECK_IN, targets)
    assert statuses(clinic, *booked) == [Status.BOOKED] * 4
