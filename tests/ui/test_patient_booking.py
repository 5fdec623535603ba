"""A patient books: department, doctor, time, enter; and what may come between."""

from __future__ import annotations

from datetime import timedelta

import pytest
from textual.widgets import OptionList

from screens.patient.book import BookScreen
from screens.patient.booking import BookDialog
from screens.patient.home import HomeScreen
from screens.patient.slot_picker import SlotPicker
from store import appointments, departments, doctors, holidays, schedule
from store.values import AppointmentStatus, HoursSession, PatientView
from tests.ui.clinic import OPENING, Clinic, picture, settle, sign_in
from tests.ui.hostile import MARKUP
from tests.ui.own_patient import asha
from widgets.form import Form
from widgets.slot_grid import SlotGrid
from widgets.week_grid import WeekGrid

__all__ = ["asha"]

DAY_ON = "right_square_bracket"
SIZES = [(80, 24), (120, 40)]


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    given: tuple[int, int] = request.param
    return given


async def test_department_doctor_time_enter_and_it_is_booked(
    clinic: Clinic, asha: PatientView, size: tuple[int, int]
) -> None:
    async with clinic.app().run_test(size=size) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("n")
        await settle(pilot)
        await pilot.press("enter")
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("right", "down", "down", "enter")
        await settle(pilot)
        assert "You book Dr Anita Nair, Cardiology" in picture(pilot)
        assert "Tuesday 6 January 2026 at" in picture(pilot)
        await pilot.press(*"cough", "enter")
        await settle(pilot)
        (booked,) = clinic.of(-1)
        assert booked.starts_at == OPENING.replace(hour=9, minute=30) + timedelta(days=1)
        assert (booked.doctor_id, booked.note) == (clinic.nair.id, "cough")
        assert isinstance(pilot.app.screen, HomeScreen)
        assert "Booked: Dr Anita Nair, Tuesday 6 January 2026 at 09:30 (IST)." in picture(pilot)
        assert "tomorrow 09:30" in picture(pilot)


async def test_enter_pressed_twice_is_one_appointment(clinic: Clinic, asha: PatientView) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("enter", "enter")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        dialog = pilot.app.screen
        assert isinstance(dialog, BookDialog)
        await pilot.press("enter", "enter")
        await settle(pilot)
        assert len(clinic.of(-1)) == 1


async def test_a_time_taken_meanwhile_is_told_with_others_to_choose_and_the_note_stays(
    clinic: Clinic, asha: PatientView
) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("enter", "enter")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press(*"since Sunday")
        clinic.book(0, clinic.nair, "09:00")
        await settle(pilot)
        assert "taken" in picture(pilot)
        assert len(pilot.app.screen.query_one(OptionList).options) == 3
        assert pilot.app.screen.query_one(Form).value("note") == "since Sunday"
        await pilot.press("down", "enter")
        await settle(pilot)
        assert "at 09:30" in picture(pilot)
        await pilot.press("enter")
        await settle(pilot)
        (booked,) = clinic.of(-1)
        assert (booked.starts_at.hour, booked.starts_at.minute) == (9, 30)
        assert booked.note == "since Sunday"


async def test_a_time_lost_in_the_same_moment_is_told_by_the_store(
    clinic: Clinic, asha: PatientView
) -> None:
    """The dialog has heard nothing yet when enter is pressed."""
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("enter", "enter")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        clinic.book(0, clinic.nair, "09:00")
        await pilot.press("enter")
        await settle(pilot)
        assert clinic.of(-1) == []
        assert "has just been taken" in picture(pilot)
        assert len(pilot.app.screen.query_one(OptionList).options) == 3


async def test_the_times_show_what_others_take_as_it_happens(
    clinic: Clinic, asha: PatientView
) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("enter", "enter")
        await settle(pilot)
        grid = pilot.app.screen.query_one(WeekGrid)
        assert grid.selected is not None
        assert grid.selected.starts_at.minute == 0
        clinic.book(0, clinic.nair, "09:00")
        await settle(pilot)
        assert grid.selected is not None
        assert grid.selected.starts_at.minute == 15
        assert "·····" in picture(pilot)


async def test_days_and_weeks_are_moved_through_with_the_house_keys(
    clinic: Clinic, asha: PatientView
) -> None:
    clinic.do(holidays.add, OPENING.date() + timedelta(days=2), "Founder's day")
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("enter", "enter")
        await settle(pilot)
        picker = pilot.app.screen.query_one(SlotPicker)
        assert "Founder" in picture(pilot)
        await pilot.press(DAY_ON, DAY_ON)
        assert picker.day == OPENING.date() + timedelta(days=3)
        await pilot.press("right_curly_bracket")
        await settle(pilot)
        assert picker.day == OPENING.date() + timedelta(days=10)
        assert "12 January – 18 January 2026" in picture(pilot)
        await pilot.press("t")
        await settle(pilot)
        assert picker.day == OPENING.date()
        await pilot.press("left_square_bracket", "left_curly_bracket")
        await settle(pilot)
        assert picker.day == OPENING.date()
        await pilot.press("w", DAY_ON)
        await settle(pilot)
        assert "Tuesday 6 January 2026, tomorrow" in picture(pilot)
        assert pilot.app.screen.query_one(SlotGrid).selected is not None
        await pilot.press(DAY_ON)
        await settle(pilot)
        assert "Founder's day: a holiday." in picture(pilot)
        await pilot.press("f", "enter")
        await settle(pilot)
        assert "Monday 5 January 2026" in picture(pilot)


async def test_escape_goes_back_step_by_step_and_home_at_last(
    clinic: Clinic, asha: PatientView
) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("enter", "enter")
        await settle(pilot)
        await pilot.press("escape")
        assert pilot.app.screen.query_one("#doctors-panel").display
        await pilot.press("escape")
        assert pilot.app.screen.query_one("#departments-panel").display
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(pilot.app.screen, HomeScreen)


async def test_a_doctor_who_is_free_much_later_is_shown_on_that_week(
    clinic: Clinic, asha: PatientView
) -> None:
    begins = OPENING.date() + timedelta(days=16)
    later = [HoursSession(day, 540, 780, 15, valid_from=begins) for day in range(6)]
    clinic.do(schedule.replace_week, clinic.nair.id, later)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("2")
        await settle(pilot)
        assert "none in 7 days" in picture(pilot)
        await pilot.press("enter", "enter")
        await settle(pilot)
        assert "19 January – 25 January 2026" in picture(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert "on Wednesday 21 January 2026 at" in picture(pilot)


async def test_a_doctor_is_found_by_a_few_letters(clinic: Clinic, asha: PatientView) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("slash")
        await settle(pilot)
        await pilot.press(*"bose")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, BookScreen)
        assert "3 Time · Dr Tarun Bose, Paediatrics" in picture(pilot)


async def test_the_profile_tells_what_patients_want_to_know(
    clinic: Clinic, asha: PatientView, size: tuple[int, int]
) -> None:
    clinic.do(
        doctors.update, clinic.nair.id, qualification="MBBS, MD", fee=49950, bio="Speaks Hindi."
    )
    async with clinic.app().run_test(size=size) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        shown = picture(pilot)
        assert all(words in shown for words in ("MBBS, MD", "₹499.50", "Speaks Hindi."))


async def test_another_appointment_at_the_same_time_is_refused_in_the_dialog(
    clinic: Clinic, asha: PatientView
) -> None:
    clinic.book(-1, clinic.bose, "09:00")
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("enter", "enter")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press(*"note", "enter")
        await settle(pilot)
        assert "another appointment" in picture(pilot)
        assert pilot.app.screen.query_one(Form).value("note") == "note"
        assert len(clinic.of(-1)) == 1


async def test_a_hospital_without_doctors_says_so(clinic: Clinic, asha: PatientView) -> None:
    for doctor in (clinic.nair, clinic.bose):
        clinic.do(doctors.deactivate, doctor.id)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("2")
        await settle(pilot)
        assert "No department takes appointments." in picture(pilot)
        await pilot.press("enter", "f", DAY_ON, "escape")
        await settle(pilot)
        assert isinstance(pilot.app.screen, HomeScreen)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_hostile_names_are_shown_and_do_nothing(
    clinic: Clinic, asha: PatientView, size: tuple[int, int]
) -> None:
    for number, text in enumerate(MARKUP):
        name = f"{text} {number}"
        ward = clinic.do(departments.create, name=name, description=text)
        clinic.do(
            doctors.create,
            username=f"dr.{number}.x",
            name=name,
            department_id=ward.id,
            qualification=text,
            bio=text,
        )
    async with clinic.app().run_test(size=size) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("2")
        await settle(pilot)
        for _ in MARKUP:
            await pilot.press("enter", "enter")
            await settle(pilot)
            await pilot.press("escape", "escape", "down")
        assert pilot.app.is_running
        assert isinstance(pilot.app.screen, BookScreen)


async def test_a_hostile_note_is_kept_as_typed_and_shown_literally(
    clinic: Clinic, asha: PatientView
) -> None:
    text = "[@click=app.quit]x[/] [b"
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("enter", "enter")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        pilot.app.screen.query_one(Form).set_value("note", text)
        await pilot.press("enter")
        await settle(pilot)
        (booked,) = clinic.of(-1)
        assert booked.note == text
        assert text in picture(pilot)


async def test_a_note_the_store_refuses_is_told_beside_the_field(
    clinic: Clinic, asha: PatientView
) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("enter", "enter")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        pilot.app.screen.query_one(Form).set_value("note", "a\x1b[2Jb")
        await pilot.press("enter")
        await settle(pilot)
        assert "control or hidden character" in picture(pilot)
        assert clinic.of(-1) == []


async def test_a_time_that_becomes_free_can_be_chosen_at_once(
    clinic: Clinic, asha: PatientView
) -> None:
    taken = clinic.book(0, clinic.nair, "09:00")
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("enter", "enter")
        await settle(pilot)
        clinic.do(appointments.cancel, taken.id)
        await settle(pilot)
        assert clinic.find(taken).status is AppointmentStatus.CANCELLED
        await pilot.press("f", "enter")
        await settle(pilot)
        assert "at 09:00" in picture(pilot)
