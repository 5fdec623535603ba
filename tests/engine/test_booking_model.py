"""Random days at the desk, done to the store and to a model of it: they must agree."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from store import appointments, availability, desk, holds, leave, undo
from store.clock import FixedClock
from store.database import open_database
from store.errors import StoreError
from store.front_door import Store
from store.values import Actor, Affected, Role
from tests.clinic import SYSTEM, minutes, open_clinic
from tests.engine.model import SLOT_MINUTES, Model, Visit
from tests.hospital import MONDAY_MORNING, actor_of, quick_rules, reception

SLOTS = 8
DOCTORS = st.integers(0, 1)
PATIENTS = st.integers(0, 2)
DESKS = st.integers(0, 1)
TIMES = st.integers(0, SLOTS - 1)


class Desk(RuleBasedStateMachine):
    """Two doctors with eight slots each, three patients, and a clock that goes on. Two
    desks hold slots and book; everything else the system does."""

    template: ClassVar[Path]
    ids = Bundle("ids")

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "chikitsa.db"
        shutil.copyfile(self.template, path)
        self.clock = FixedClock(MONDAY_MORNING)
        # Desks stay signed in for all of the time that passes.
        rested = replace(quick_rules().security, idle_minutes=dict.fromkeys(Role, 10_000))
        rules = replace(quick_rules(), security=rested)
        store = Store(open_database(f"sqlite:///{path}"), self.clock, rules)
        self.clinic = open_clinic(store, hours=(9, 11))
        account = reception(store)
        self.desks = [actor_of(store, account, f"x@desk-{number}") for number in range(2)]
        self.model = Model()

    def teardown(self) -> None:
        self.clinic.store.database.dispose()
        self.folder.cleanup()

    @rule(target=ids, patient=PATIENTS, doctor=DOCTORS, slot=TIMES, desk=st.none() | DESKS)
    def book(self, patient: int, doctor: int, slot: int, desk: int | None) -> Any:
        refusal = self.model.booking_refusal(patient, doctor, slot, desk=desk)
        made = self._both(
            refusal,
            appointments.book,
            patient_id=self.clinic.patients[patient],
            doctor_id=self.clinic.doctors[doctor],
            starts_at=self._at(slot),
            actor=SYSTEM if desk is None else self.desks[desk],
        )
        if made is None:
            return multiple()
        self.model.visits[made.id] = Visit(
            patient, doctor, slot, "booked", moved_at=self.model.now, desk=desk
        )
        self.model.booked(doctor, slot, desk)
        return made.id

    @rule(desk=DESKS, doctor=DOCTORS, slot=TIMES)
    def hold(self, desk: int, doctor: int, slot: int) -> None:
        refusal = self.model.hold_refusal(desk, doctor, slot)
        actor = self.desks[desk]
        doctor_id = self.clinic.doctors[doctor]
        if self._both(refusal, holds.take, doctor_id, self._at(slot), actor=actor) is not None:
            self.model.hold(desk, doctor, slot)

    @rule(target=ids, key=ids, doctor=DOCTORS, slot=TIMES)
    def reschedule(self, key: int, doctor: int, slot: int) -> Any:
        old = self.model.visits[key]
        refusal = self.model.move_refusal(key, "reschedule") or self.model.booking_refusal(
            old.patient, doctor, slot, without=key
        )
        made = self._both(
            refusal,
            appointments.reschedule,
            key,
            starts_at=self._at(slot),
            doctor_id=self.clinic.doctors[doctor],
        )
        if made is None:
            return multiple()
        self.model.move(key, "reschedule")
        self.model.visits[made.id] = Visit(
            old.patient, doctor, slot, "booked", moved_at=self.model.now, predecessor=key
        )
        self.model.booked(doctor, slot, None)
        return made.id

    @rule(
        key=ids,
        move=st.sampled_from(["check-in", "start", "complete", "cancel", "no-show", "left"]),
    )
    def move(self, key: int, move: str) -> None:
        rules: dict[str, Callable[..., Any]] = {
            "check-in": desk.check_in,
            "start": appointments.start,
            "complete": appointments.complete,
            "cancel": appointments.cancel,
            "no-show": appointments.no_show,
            "left": appointments.left,
        }
        if self._both(self.model.move_refusal(key, move), rules[move], key) is not None:
            self.model.move(key, move)

    @rule(key=ids)
    def undo(self, key: int) -> None:
        if self._both(self.model.undo_refusal(key), undo.undo, key) is not None:
            self.model.undo(key)

    @rule(doctor=DOCTORS, slot=TIMES, cancel=st.booleans())
    def leave(self, doctor: int, slot: int, cancel: bool) -> None:
        hit = [
            key
            for key, one in self.model.visits.items()
            if (one.doctor, one.slot) == (doctor, slot)
            and one.status in ("booked", "checked_in")
            and (slot + 1) * SLOT_MINUTES > self.model.now
        ]
        chosen = Affected.CANCEL if cancel else None
        refusal = "in_use" if hit and not cancel else None
        if (doctor, slot) in self.model.leave:
            refusal = "duplicate"
        start = self._at(slot)
        done = self._both(
            refusal,
            leave.add,
            self.clinic.doctors[doctor],
            start,
            start + minutes(SLOT_MINUTES),
            "conference",
            chosen,
        )
        if done is None:
            return
        assert sorted(one.appointment.id for one in done[1]) == sorted(hit)
        self.model.leave.add((doctor, slot))
        for key in hit:
            self.model.move(key, "cancel")

    @rule(passing=st.integers(1, 20))
    def time_passes(self, passing: int) -> None:
        self.model.now += passing
        self.clock.advance(timedelta(minutes=passing))

    @invariant()
    def no_two_appointments_overlap(self) -> None:
        assert self.clinic.overlaps() == 0

    @invariant()
    def every_status_agrees(self) -> None:
        with self.clinic.store.reading(SYSTEM) as tx:
            page = appointments.list_appointments(tx)
        assert {one.id: (one.status.value, one.overbooked) for one in page.items} == {
            key: (one.status, one.overbooked) for key, one in self.model.visits.items()
        }

    @invariant()
    def the_same_slots_are_free(self) -> None:
        for number, doctor_id in enumerate(self.clinic.doctors):
            slots = self.clinic.store.read(
                SYSTEM, availability.day_slots, doctor_id, MONDAY_MORNING.date()
            )
            assert [slot.free for slot in slots] == [
                slot * SLOT_MINUTES >= self.model.now
                and (number, slot) not in self.model.leave
                and not self.model.holder(number, slot)
                and not self.model.held(number, slot)
                for slot in range(SLOTS)
            ]

    def _at(self, slot: int) -> Any:
        return self.clinic.at(9) + minutes(slot * SLOT_MINUTES)

    def _both(
        self,
        refusal: str | None,
        rule: Callable[..., Any],
        *args: Any,
        actor: Actor = SYSTEM,
        **kwargs: Any,
    ) -> Any:
        """Do it to the store; it must be refused exactly as the model says."""
        outcome: str | None = None
        done = None
        try:
            done = self.clinic.store.write(actor, rule, *args, **kwargs)
        except StoreError as refused:
            outcome = refused.code
        assert outcome == refusal
        return done


def test_the_store_does_what_the_model_says(founded_file: Path) -> None:
    Desk.template = founded_file
    run_state_machine_as_test(
        Desk,
        settings=settings(
            max_examples=40,
            stateful_step_count=30,
            # Making a failure smaller takes minutes on a file database; what failed is printed.
            phases=(Phase.explicit, Phase.reuse, Phase.generate),
            report_multiple_bugs=False,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )


@pytest.fixture
def founded_file(found_sqlite: Callable[..., str]) -> Path:
    """An empty founded hospital, to copy."""
    return Path(found_sqlite().removeprefix("sqlite:///"))
