"""The administrator's appointments, records, trail and mail, by keys alone."""

from __future__ import annotations

from sqlalchemy import update

from store import appointments, outbox, records
from store.actors import system
from store.outbox import MESSAGE
from store.values import (
    AppointmentStatus,
    Diagnosis,
    OutboxStatus,
    OutboxView,
    RecordInput,
)
from tests.ui.clinic import Clinic, press, words
from tests.ui.test_admin_people import open_named, trail


def messages(clinic: Clinic) -> list[OutboxView]:
    return list(clinic.store.read(system(), outbox.list_messages).items)


def write_record(clinic: Clinic) -> None:
    """A signed record of Asha Rao, of this morning."""
    view = clinic.book(0, clinic.nair, "10:30")
    clinic.at(10, 20)
    clinic.check_in(view)
    clinic.do(appointments.start, view.id)
    content = RecordInput(symptoms="cough", diagnoses=(Diagnosis("Acute bronchitis", "J20.9"),))
    with clinic.store.transaction(system()) as tx:
        draft = records.open_draft(tx, view.id)
        records.save_draft(tx, draft.id, content, version=draft.version)
        records.sign(tx, draft.id)
        appointments.complete(tx, view.id)


async def test_an_appointment_takes_only_the_steps_that_are_allowed(clinic: Clinic) -> None:
    view = clinic.book(0, clinic.nair, "10:30", 2)
    async with clinic.app().run_test(size=(80, 24), notifications=True) as pilot:
        await open_named(pilot, "appo")
        assert "07 Jan 26 10:30" in words(pilot)
        await press(pilot, "e")
        assert "complete" not in words(pilot)
        await press(pilot, "down", "down", "enter")
        assert "Too early" in words(pilot)
        pilot.app.clear_notifications()
        await press(pilot, "e", "end", "enter")
        assert "it never should have been" in words(pilot)
        await press(pilot, "enter")
        assert "Reason is needed." in words(pilot)
        await press(pilot, *"twice", "enter")
        assert clinic.find(view).status is AppointmentStatus.IN_ERROR
        assert clinic.find(view).reason == "twice"
        await press(pilot, "enter")
        assert "taken out: entered by mistake" in words(pilot)
        await press(pilot, "escape")
        view = clinic.book(1, clinic.nair, "10:30", 2)
        await press(pilot, "r", "home", "x", *"travels", "enter")
        assert clinic.find(view).status is AppointmentStatus.CANCELLED
        await press(pilot, "u")
        assert clinic.find(view).status is AppointmentStatus.BOOKED
        await press(pilot, "slash", *"status:booked", "enter", "x", "enter")
        assert "Nothing fits that." in words(pilot)
        await press(pilot, "u")
        assert clinic.find(view).status is AppointmentStatus.BOOKED
        assert "07 Jan 26 10:30" in words(pilot)


async def test_the_key_after_a_step_is_not_for_the_row_that_comes_under_the_cursor(
    clinic: Clinic,
) -> None:
    second, first = (clinic.book(n, clinic.nair, f"10:{30 + 15 * n}", 2) for n in (0, 1))
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_named(pilot, "appo")
        await press(pilot, "slash", *"status:booked", "enter", "home", "x", "enter", "x")
        assert "That one is no longer in the list" in words(pilot)
        assert clinic.find(first).status is AppointmentStatus.CANCELLED
        await press(pilot, "j", "x")
        assert "Wed 07 Jan 2026 10:30" in words(pilot)
        await press(pilot, "escape", "k", "u")
        assert clinic.find(second).status is AppointmentStatus.BOOKED
        assert clinic.find(first).status is AppointmentStatus.CANCELLED


async def test_an_appointment_is_moved(clinic: Clinic) -> None:
    clinic.book(0, clinic.nair, "10:30", 2)
    async with clinic.app().run_test(size=(120, 40)) as pilot:
        await open_named(pilot, "appo")
        await press(pilot, "m", "enter")
        assert "is moved to Mon 05 Jan" in words(pilot)
        assert "○ booked" in words(pilot)
        assert "↷ rescheduled" in words(pilot)


async def test_a_record_is_read_only_when_asked_for(clinic: Clinic) -> None:
    write_record(clinic)
    async with clinic.app().run_test(size=(120, 40)) as pilot:
        await open_named(pilot, "reco")
        assert "Asha Rao" in words(pilot)
        assert "bronchitis" not in words(pilot)
        assert trail(clinic, "record.read") == []
        await press(pilot, "enter")
        assert "Acute bronchitis" in words(pilot)
        assert trail(clinic, "record.read") == ["record.read"]
        await press(pilot, "escape", "0", *"appo", "enter", "o")
        assert "cough" in words(pilot)
        assert len(trail(clinic, "record.read")) == 2


async def test_the_trail_is_filtered_looked_at_and_verified(clinic: Clinic) -> None:
    clinic.book(0, clinic.nair, "10:30", 2)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_named(pilot, "audi")
        await press(pilot, "slash", *"action:appointment.book", "enter", "enter")
        assert "appointment.book" in words(pilot)
        assert "Hash" in words(pilot)
        await press(pilot, "escape", "v")
        assert "entries are as they were written." in words(pilot)


async def test_mail_is_tried_again_discarded_and_looked_at(clinic: Clinic) -> None:
    clinic.book(0, clinic.nair, "10:30", 2)
    (message,) = messages(clinic)
    with clinic.store.transaction(system()) as tx:
        tx.session.execute(
            update(MESSAGE).values(status="failed", attempts=5, last_error="550 no such user")
        )
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_named(pilot, "mail")
        await press(pilot, "slash", *"status:failed", "enter")
        assert "! failed" in words(pilot)
        await press(pilot, "enter")
        assert "550 no such user" in words(pilot)
        await press(pilot, "escape", "t")
        assert messages(clinic)[0].status is OutboxStatus.WAITING
        assert messages(clinic)[0].attempts == 0
        await press(pilot, "escape", "v")
        assert message.subject in words(pilot)
        assert "10:30" in words(pilot)
        await press(pilot, "escape", "x", "y")
        assert messages(clinic)[0].status is OutboxStatus.DISCARDED
