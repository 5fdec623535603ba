"""Doctors book whom they have seen into their own time, and nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from store import appointments, outbox, patients, undo
from store.clock import FixedClock
from store.errors import Forbidden, SlotTaken
from store.front_door import Store
from store.values import Actor, AppointmentStatus, AppointmentView, MailKind
from tests import hospital
from tests.clinic import SYSTEM

Status = AppointmentStatus


class Rooms:
    """Dr Nair and Dr Bose, and Meera Rao, who has come to Dr Nair this Monday."""

    def __init__(self, store: Store, status: Status) -> None:
        self.store = store
        self.nair, self.bose = hospital.doctor(store), hospital.doctor(store, "Kabir Bose")
        self.rao = hospital.patient(store, email="meera@example.org")
        self.actor = hospital.actor_of(store, self.nair)
        self.visit = store.write(
            SYSTEM,
            appointments.book,
            patient_id=self.rao.id,
            doctor_id=self.nair.id,
            starts_at=store.now() + timedelta(minutes=30),
        )
        self.take(self.visit, status)

    def take(self, visit: AppointmentView, status: Status) -> None:
        """Take an appointment on its way as far as a status."""
        from store import desk

        way = {
            Status.CHECKED_IN: (desk.check_in,),
            Status.IN_CONSULTATION: (desk.check_in, appointments.start),
            Status.COMPLETED: (desk.check_in, appointments.start, appointments.complete),
            Status.CANCELLED: (appointments.cancel,),
        }
        for step in way.get(status, ()):
            self.store.write(SYSTEM, step, visit.id)

    def book(self, actor: Actor | None = None, days: int = 7, **given: Any) -> AppointmentView:
        wanted = {
            "patient_id": self.rao.id,
            "doctor_id": self.nair.id,
            "starts_at": self.store.now() + timedelta(days=days),
        }
        return self.store.write(actor or self.actor, appointments.book, **{**wanted, **given})


@pytest.mark.parametrize("status", [Status.IN_CONSULTATION, Status.COMPLETED])
def test_who_was_seen_is_booked_again(store: Store, status: Status) -> None:
    rooms = Rooms(store, status)
    made = rooms.book(note="bring the sugar diary")
    assert (made.status, made.doctor_id, made.note) == (
        Status.BOOKED,
        rooms.nair.id,
        "bring the sugar diary",
    )
    history = store.read(rooms.actor, appointments.history, made.id)
    assert [event.actor for event in history] == [rooms.nair.name]
    mail = store.read(SYSTEM, outbox.list_messages, appointment_id=made.id)
    assert [one.kind for one in mail.items] == [MailKind.BOOKED]
    assert store.write(rooms.actor, undo.undo, made.id).status is Status.CANCELLED


@pytest.mark.parametrize("status", [Status.BOOKED, Status.CHECKED_IN, Status.CANCELLED])
def test_who_was_not_seen_yet_is_the_desks_to_book(store: Store, status: Status) -> None:
    rooms = Rooms(store, status)
    with pytest.raises(Forbidden):
        rooms.book()


def test_a_doctor_books_into_the_own_time_alone_and_over_nobody(store: Store) -> None:
    rooms = Rooms(store, Status.COMPLETED)
    stranger = hospital.patient(store, "Arjun Das")
    for refused in (
        {"doctor_id": rooms.bose.id},
        {"patient_id": stranger.id},
        {"overbook_reason": "urgent"},
    ):
        with pytest.raises(Forbidden):
            rooms.book(**refused)
    with pytest.raises(Forbidden):
        rooms.book(hospital.actor_of(store, rooms.bose), doctor_id=rooms.bose.id)
    with pytest.raises(Forbidden):
        store.read(rooms.actor, patients.get, stranger.id)
    rooms.book(SYSTEM, patient_id=stranger.id)
    with pytest.raises(SlotTaken):
        rooms.book()


def test_a_visit_that_was_taken_back_opens_no_way(store: Store, clock: FixedClock) -> None:
    rooms = Rooms(store, Status.CHECKED_IN)
    store.write(rooms.actor, appointments.start, rooms.visit.id)
    clock.moment += timedelta(minutes=1)
    store.write(rooms.actor, undo.undo, rooms.visit.id)
    with pytest.raises(Forbidden):
        rooms.book()
