"""Booking by one typed line, as somebody at the desk does it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.reception.desk import DeskScreen
from screens.reception.one_line import OneLineDialog
from store import doctors, patients
from store.values import AppointmentStatus as Status
from store.values import PatientInput, Sex
from tests.hostile import LITERAL
from tests.ui.clinic import OPENING, Clinic, on_both, settle, sign_in, words

WIDE, SMALL = (140, 40), (80, 24)


def dialog_of(pilot: Pilot[Any]) -> OneLineDialog:
    dialog = pilot.app.screen
    assert isinstance(dialog, OneLineDialog)
    return dialog


def chosen(dialog: OneLineDialog) -> str:
    """The time of the booking under the cursor; empty where there is no cursor."""
    return f"{dialog.selected.slot.starts_at:%H:%M}" if dialog.selected else ""


async def line(pilot: Pilot[Any], text: str) -> str:
    """Open the dialog, type a line, and give what is then on the screen."""
    await pilot.press("colon")
    await settle(pilot)
    return await typed(pilot, text)


async def typed(pilot: Pilot[Any], text: str) -> str:
    for character in text:
        await pilot.press("space" if character == " " else character)
    await settle(pilot)
    return words(pilot)


@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_one_line_books_with_two_keys_beside_its_letters(
    clinic: Clinic, size: tuple[int, int]
) -> None:
    async with clinic.app().run_test(size=size) as pilot:
        await sign_in(pilot)
        open_line, book = ["colon"], ["enter"]
        await pilot.press(*open_line)
        await settle(pilot)
        shown = await typed(pilot, "asha nair tomorrow 10:30")
        patient = clinic.patients[0]
        assert f"book Asha Rao ({patient.mrn}, F 34) with Dr Anita Nair, Tue 06 Jan 10:30" in shown
        assert clinic.of(0) == []
        await pilot.press(*book)
        await settle(pilot)
        assert len(open_line + book) == 2
        (view,) = clinic.of(0)
        assert view.doctor == "Dr Anita Nair"
        assert view.starts_at == OPENING + timedelta(days=1, hours=2, minutes=30)
        assert isinstance(pilot.app.screen, DeskScreen)
        assert "Asha Rao is booked with Dr Anita Nair, tomorrow 10:30." in words(pilot)


@pytest.mark.parametrize(
    "text",
    ["10:30 tomorrow nair asha", "+919845011223 anita +1d 1030", "1991-04-03 nair 10:30 tue"],
)
async def test_the_patient_is_found_by_any_way_and_the_parts_in_any_order(
    clinic: Clinic, text: str
) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        shown = await line(pilot, text)
        assert "book Asha Rao (" in shown
        assert "with Dr Anita Nair, Tue 06 Jan 10:30" in shown
        assert len(dialog_of(pilot).choices) == 1


async def test_a_number_of_a_patient_and_a_department_give_the_first_free_slot(
    clinic: Clinic,
) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        shown = await line(pilot, f"{clinic.patients[3].mrn} cardio after 17:00")
        assert "book Imran Shaikh (" in shown
        await pilot.press("enter")
        await settle(pilot)
        (view,) = clinic.of(3)
        assert (view.doctor, view.starts_at.hour) == ("Dr Anita Nair", 17)


async def test_without_a_time_it_is_the_first_free_slot_and_the_next_ones_are_offered(
    clinic: Clinic,
) -> None:
    clinic.book(3, clinic.bose, "09:00")
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        shown = await line(pilot, "meena bose")
        times = [f"{c.slot.starts_at:%a %H:%M}" for c in dialog_of(pilot).choices]
        assert times == ["Mon 09:15", "Mon 09:30", "Mon 09:45"]
        assert "3 bookings may be meant: ↑ ↓ choose." in shown
        await pilot.press("down", "down", "up", "enter")
        await settle(pilot)
        (view,) = clinic.of(4)
        assert f"{view.starts_at:%H:%M}" == "09:30"


async def test_of_several_patients_the_arrows_choose(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        shown = await line(pilot, "rao nair today 11:00")
        assert all(f"book {name} Rao (" in shown for name in ("Asha", "Ashok", "Savitri"))
        second = dialog_of(pilot).choices[1].patient
        await pilot.press("down", "enter")
        await settle(pilot)
        booked = [view for n in range(3) for view in clinic.of(n)]
        assert [(view.patient, f"{view.starts_at:%H:%M}") for view in booked] == [
            (second.name, "11:00")
        ]


async def test_of_several_doctors_the_arrows_choose(clinic: Clinic) -> None:
    other = clinic.do(
        doctors.create,
        username="dr.nair2",
        name="Dr Suresh Nair",
        department_id=clinic.bose.department_id,
    )
    assert other.name == "Dr Suresh Nair"
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        shown = await line(pilot, "imran nair today 11:00")
        assert "with Dr Anita Nair, Mon 05 Jan 11:00" in shown
        # Who has no hours has nothing to offer.
        assert "Dr Suresh Nair" not in shown
        shown = await typed(pilot, " suresh")
        assert "Nothing is free around Mon 05 Jan." in shown
        assert dialog_of(pilot).choices == ()
        await pilot.press("enter")
        await settle(pilot)
        assert clinic.of(3) == []


async def test_a_taken_time_offers_the_nearest(clinic: Clinic) -> None:
    clinic.book(3, clinic.nair, "10:30", day=1)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        shown = await line(pilot, "asha nair tomorrow 10:30")
        assert "Tue 06 Jan 10:30 is not free; this is near." in shown
        times = [f"{c.slot.starts_at:%H:%M}" for c in dialog_of(pilot).choices]
        assert times == ["10:00", "10:15", "10:45"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("xyz nair tomorrow", "Nobody is called “xyz”."),
        ("asha rao", "Asha Rao ("),
        ("anita", "Dr Anita Nair: now the patient."),
        ("asha nair 10:3", "“10:3” is not a time; write 10:30, 1030 or 5pm."),
        ("asha nair yesterday", "Sun 04 Jan 2026 is over."),
        ("", "Patient, doctor or department, and when, in any order."),
    ],
)
async def test_what_is_not_understood_is_told_and_nothing_is_booked(
    clinic: Clinic, text: str, sentence: str
) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        assert sentence in await line(pilot, text)
        await pilot.press("enter", "enter")
        await settle(pilot)
        assert dialog_of(pilot).text == text
        assert all(clinic.of(n) == [] for n in range(6))


async def test_enter_before_the_preview_books_nothing_and_shows_it(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        shown = await line(pilot, "asha nair 11:00")
        assert "11:00" in shown
        dialog = dialog_of(pilot)
        field = dialog.query_one("#line")
        field.value = "imran nair 12:00"  # type: ignore[attr-defined]
        await field.action_submit()  # type: ignore[attr-defined]
        await settle(pilot)
        assert clinic.of(0) == clinic.of(3) == []
        assert "book Imran Shaikh (" in words(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert len(clinic.of(3)) == 1


async def test_a_slot_taken_meanwhile_is_told_and_the_line_stays(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await line(pilot, "asha nair 11:00")
        clinic.book(3, clinic.nair, "11:00")
        await settle(pilot)
        dialog = dialog_of(pilot)
        assert "Mon 05 Jan 11:00 with Dr Anita Nair is not free any more." in words(pilot)
        assert dialog.text == "asha nair 11:00"
        assert chosen(dialog) == ""
        await pilot.press("enter")  # puts the cursor on what is offered now
        await settle(pilot)
        assert clinic.of(0) == []
        assert chosen(dialog) == "10:30"
        await pilot.press("enter")
        await settle(pilot)
        assert [f"{view.starts_at:%H:%M}" for view in clinic.of(0)] == ["10:30"]


async def test_a_race_lost_at_the_last_moment_keeps_the_line(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await line(pilot, "asha nair 11:00")
        dialog = dialog_of(pilot)
        choice = dialog.selected
        assert choice is not None
        clinic.book(3, clinic.nair, "11:00")
        dialog.save(choice)
        await settle(pilot)
        assert "That slot has just been taken." in words(pilot)
        assert dialog.text == "asha nair 11:00"
        assert chosen(dialog) == ""
        assert clinic.of(0) == []
        shown = await typed(pilot, " tomorrow")
        assert "has just been taken" not in shown
        assert "with Dr Anita Nair, Tue 06 Jan 11:00" in shown


async def test_a_patient_who_is_elsewhere_then_is_refused_with_a_sentence(clinic: Clinic) -> None:
    clinic.book(0, clinic.bose, "11:00")
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await line(pilot, "asha nair 11:00")
        await pilot.press("enter")
        await settle(pilot)
        assert "The patient has another appointment at 11:00 that day." in words(pilot)
        assert dialog_of(pilot).text == "asha nair 11:00"


async def test_somebody_elses_act_elsewhere_leaves_cursor_and_line_alone(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await line(pilot, "meena nair")
        await pilot.press("down")
        dialog = dialog_of(pilot)
        chosen = dialog.selected
        clinic.book(3, clinic.bose, "11:00")
        await settle(pilot)
        assert dialog.selected == chosen
        assert not dialog.query_one("#dialog-error").has_class("-shown")


async def test_somebody_registered_meanwhile_is_found(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        assert "Nobody is called “zubin”." in await line(pilot, "zubin nair 11:00")
        clinic.do(patients.register, PatientInput("Zubin Mody", None, Sex.MALE))
        await settle(pilot)
        assert "book Zubin Mody (" in words(pilot)


@on_both
async def test_escape_closes_and_undo_takes_the_booking_back(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await line(pilot, "asha nair tomorrow 10:30")
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(pilot.app.screen, DeskScreen)
        assert clinic.of(0) == []
        await line(pilot, "asha nair tomorrow 10:30")
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("u")
        await settle(pilot)
        (view,) = clinic.of(0)
        assert view.status is Status.CANCELLED


async def test_it_opens_from_the_finder_while_typing(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await pilot.press("slash", *"asha", "f6")
        await settle(pilot)
        assert isinstance(pilot.app.screen, OneLineDialog)
        await typed(pilot, "asha nair 11:00")
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("u")
        await settle(pilot)
        assert [view.status for view in clinic.of(0)] == [Status.CANCELLED]


async def test_hostile_text_is_only_looked_for(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot)
        await pilot.press("colon")
        await settle(pilot)
        dialog = dialog_of(pilot)
        for text in LITERAL:
            dialog.query_one("#line").value = f"{text} nair 11:00"  # type: ignore[attr-defined]
            await settle(pilot)
            assert dialog.answered == f"{text} nair 11:00"
            assert pilot.app.screen is dialog, text
        dialog.query_one("#line").value = "[b]x[/] nair 11:00"  # type: ignore[attr-defined]
        await settle(pilot)
        assert "Nobody is called “[b]x[/]”." in words(pilot)
        assert all(clinic.of(n) == [] for n in range(6))


async def test_a_hostile_name_is_literal_in_the_preview(clinic: Clinic) -> None:
    clinic.do(patients.register, PatientInput("[@click=app.quit]Zed[/] [b]", None, Sex.OTHER))
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot)
        shown = await line(pilot, "zed nair 11:00")
        assert "book [@click=app.quit]Zed[/] [b] (" in shown
