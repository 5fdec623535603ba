"""A patient's own appointments: what is next, moving, cancelling, the note, what happened."""

from __future__ import annotations

from datetime import timedelta

from screens.patient.home import HomeScreen
from screens.patient.words import fee_words
from store import appointments, desk, patients
from store.values import AppointmentStatus, PatientView
from tests.ui.clinic import OPENING, Clinic, on_both, picture, settle, sign_in, words
from tests.ui.hostile import MARKUP
from tests.ui.own_patient import asha
from widgets.form import Form
from widgets.record_table import RecordTable

__all__ = ["asha"]


async def test_without_appointments_home_says_what_to_do(clinic: Clinic, asha: PatientView) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        assert "You have no appointment to come." in picture(pilot)
        assert "n books one." in picture(pilot)
        await pilot.press("m", "x", "e", "enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, HomeScreen)


async def test_home_tells_the_next_appointment_with_its_zone_and_note(
    clinic: Clinic, asha: PatientView
) -> None:
    clinic.book(-1, clinic.bose, "11:00", 8)
    clinic.book(-1, clinic.nair, "10:30", 3, note="fever since Sunday")
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        shown = picture(pilot)
        assert "Thursday 8 January 2026 at 10:30 (IST)" in shown
        assert "fever since Sunday" in shown
        assert "2 to come · 0 over" in shown
        table = pilot.app.screen.query_one(RecordTable)
        assert [str(row.cells[2]) for row in table.rows] == ["Cardiology", "Paediatrics"]


async def test_what_to_do_now_follows_the_visit(clinic: Clinic, asha: PatientView) -> None:
    view = clinic.book(-1, clinic.nair, "09:00")
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        assert f"give your number {asha.mrn}" in picture(pilot)
        checked = clinic.do(desk.check_in, view.id)
        await settle(pilot)
        assert f"Your token is {checked.token}: please wait" in picture(pilot)
        clinic.do(appointments.start, view.id)
        await settle(pilot)
        assert "You are with the doctor." in picture(pilot)
        clinic.do(appointments.complete, view.id)
        await settle(pilot)
        assert "You have no appointment to come." in picture(pilot)


async def test_cancelling_asks_and_then_cancels(clinic: Clinic, asha: PatientView) -> None:
    view = clinic.book(-1, clinic.nair, "10:30", 3)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("x")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert clinic.find(view).status is AppointmentStatus.BOOKED
        await pilot.press("x")
        await settle(pilot)
        await pilot.press("y")
        await settle(pilot)
        assert clinic.find(view).status is AppointmentStatus.CANCELLED
        assert "⊘ cancelled" in picture(pilot)
        await pilot.press("x")
        await settle(pilot)
        assert "over and stays as it is" in picture(pilot)


async def test_the_notice_period_is_explained_in_the_dialog(
    clinic: Clinic, asha: PatientView
) -> None:
    view = clinic.book(-1, clinic.nair, "09:00")
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("x")
        await settle(pilot)
        await pilot.press("y")
        await settle(pilot)
        shown = words(pilot)
        assert "less than 2 hours before the appointment" in shown
        assert "Call the reception desk" in shown
        assert clinic.find(view).status is AppointmentStatus.BOOKED


@on_both
async def test_moving_to_another_day(clinic: Clinic, asha: PatientView) -> None:
    view = clinic.book(-1, clinic.nair, "10:30", 3, note="cough")
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("m")
        await settle(pilot)
        await pilot.press("right", "down", "enter")
        await settle(pilot)
        await pilot.press("y")
        await settle(pilot)
        old, new = sorted(clinic.of(-1), key=lambda one: one.id)
        assert (old.id, old.status) == (view.id, AppointmentStatus.RESCHEDULED)
        assert new.starts_at == OPENING.replace(hour=9, minute=15) + timedelta(days=1)
        assert new.note == "cough"
        shown = picture(pilot)
        assert "Moved to: Dr Anita Nair, Tuesday 6 January 2026 at 09:15" in shown
        assert "rescheduled" not in shown
        await pilot.press("enter")
        await settle(pilot)
        assert "Thursday 8 January 2026 at 10:30" in picture(pilot)


async def test_a_move_to_a_time_just_taken_keeps_the_appointment(
    clinic: Clinic, asha: PatientView
) -> None:
    view = clinic.book(-1, clinic.nair, "10:30", 3)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("m")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        clinic.book(0, clinic.nair, "09:00")
        await pilot.press("y")
        await settle(pilot)
        assert "has just been taken" in picture(pilot)
        assert clinic.find(view).status is AppointmentStatus.BOOKED


async def test_the_note_is_changed_over_several_lines(clinic: Clinic, asha: PatientView) -> None:
    view = clinic.book(-1, clinic.nair, "10:30", 3, note="fever")
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("e")
        await settle(pilot)
        await pilot.press("enter", *"since Sunday", "ctrl+s")
        await settle(pilot)
        assert clinic.find(view).note == "fever\nsince Sunday"


async def test_a_note_changed_elsewhere_meanwhile_is_told_and_what_was_typed_stays(
    clinic: Clinic, asha: PatientView
) -> None:
    view = clinic.book(-1, clinic.nair, "10:30", 3, note="fever")
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("e")
        await settle(pilot)
        await pilot.press(*" more")
        clinic.do(appointments.change_note, view.id, "from the desk")
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert clinic.find(view).note == "from the desk"
        assert pilot.app.screen.query_one(Form).value("note") == "fever more"
        assert "!" in picture(pilot)


async def test_escape_with_something_typed_asks_once_more(
    clinic: Clinic, asha: PatientView
) -> None:
    clinic.book(-1, clinic.nair, "10:30", 3)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("e")
        await settle(pilot)
        await pilot.press("x", "escape")
        assert "Nothing is saved yet" in picture(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(pilot.app.screen, HomeScreen)


async def test_what_the_desk_books_appears_by_itself(clinic: Clinic, asha: PatientView) -> None:
    async with clinic.app().run_test(size=(120, 40)) as pilot:
        await sign_in(pilot, "asha")
        clinic.book(-1, clinic.nair, "10:30", 3)
        await settle(pilot)
        assert "Booked: Dr Anita Nair, Thursday 8 January 2026 at 10:30 (IST)." in picture(pilot)
        clinic.book(0, clinic.nair, "11:30", 3)
        await settle(pilot)
        assert "1 to come · 0 over" in picture(pilot)


async def test_hostile_notes_and_reasons_are_shown_and_do_nothing(
    clinic: Clinic, asha: PatientView
) -> None:
    for number, text in enumerate(MARKUP):
        view = clinic.book(-1, clinic.nair, f"{9 + number // 4:02}:{number % 4 * 15:02}", 1, text)
        if number % 2:
            clinic.do(appointments.cancel, view.id, reason=text)
    clinic.do(patients.update, asha.id, {"name": "[b]Asha[/"})
    async with clinic.app().run_test(size=(120, 40)) as pilot:
        await sign_in(pilot, "asha")
        for _ in MARKUP:
            await pilot.press("enter")
            await settle(pilot)
            await pilot.press("escape", "down")
            await settle(pilot)
        assert isinstance(pilot.app.screen, HomeScreen)


def test_fees_are_words() -> None:
    assert fee_words(None) == "ask at the desk"
    assert fee_words(0) == "₹0"
    assert fee_words(50000) == "₹500"
    assert fee_words(1234550) == "₹12,345.50"
