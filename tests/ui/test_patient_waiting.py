"""A patient asks to be told of an earlier time, is told, and takes it or not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from screens.patient.home import HomeScreen
from store import appointments, waitlist
from store.actors import system
from store.values import AppointmentStatus, PatientView, WaitlistEntryView
from tests.ui.clinic import OPENING, Clinic, picture, settle, sign_in, words
from tests.ui.own_patient import asha

__all__ = ["asha"]

OFFER = "Wednesday 7 January 2026 at 11:00 (IST), Dr Anita Nair, Cardiology"


def own_entries(clinic: Clinic, asha: PatientView) -> list[WaitlistEntryView]:
    page = clinic.store.read(system(), waitlist.list_entries, patient_id=asha.id)
    return list(page.items)


def free(clinic: Clinic) -> None:
    """Somebody gives Wednesday at eleven up."""
    visit = clinic.book(0, clinic.nair, "11:00", 2)
    clinic.do(appointments.cancel, visit.id)


def wait(clinic: Clinic, asha: PatientView, **wish: Any) -> None:
    wish = wish or {"doctor_id": clinic.nair.id}
    clinic.do(waitlist.add, patient_id=asha.id, **wish)


async def test_from_an_own_appointment_to_an_earlier_one(clinic: Clinic, asha: PatientView) -> None:
    own = clinic.book(-1, clinic.nair, "12:00", 4)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        assert "a tells of an earlier time" in words(pilot)
        await pilot.press("a")
        await settle(pilot)
        await pilot.press("tab", *"thu", "f2")
        await settle(pilot)
        assert "you hear of an earlier time with Dr Anita Nair" in words(pilot)
        (entry,) = own_entries(clinic, asha)
        assert (entry.appointment_id, entry.last_day) == (
            own.id,
            OPENING.date() + timedelta(days=3),
        )
        free(clinic)
        await settle(pilot)
        shown = words(pilot)
        assert OFFER in shown
        assert "instead of Friday 9 January 2026 at 12:00 (IST)" in shown
        assert "until 10:00, 120 minutes left" in shown
        assert picture(pilot).splitlines()[2].startswith("╭─ An earlier time is free")
        await pilot.press("y")
        await settle(pilot)
        assert "An earlier time is free" not in picture(pilot)
        assert "Moved to: Dr Anita Nair, Wednesday 7 January 2026 at 11:00" in words(pilot)
    assert clinic.find(own).status is AppointmentStatus.RESCHEDULED


async def test_declining_keeps_the_place_and_leaving_ends_it(
    clinic: Clinic, asha: PatientView
) -> None:
    wait(clinic, asha)
    free(clinic)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("d")
        await settle(pilot)
        assert "You stay on the waiting list." in words(pilot)
        assert "An earlier time is free" not in picture(pilot)
        await pilot.press("y")
        assert "No earlier time is offered at present." in words(pilot)
        await pilot.press("v")
        await settle(pilot)
        assert "Wed 07 Jan 11:00 you did not want" in words(pilot)
        await pilot.press("x")
        await settle(pilot)
        await pilot.press("y")
        await settle(pilot)
        assert isinstance(pilot.app.screen, HomeScreen)
        assert "v shows it" not in words(pilot)
    assert own_entries(clinic, asha) == []


async def test_an_offer_taken_by_somebody_else_says_so(clinic: Clinic, asha: PatientView) -> None:
    wait(clinic, asha)
    free(clinic)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        assert OFFER in words(pilot)
        clinic.book(1, clinic.nair, "11:00", 2)
        await settle(pilot)
        shown = words(pilot)
        assert OFFER not in shown
        assert "was taken by somebody else. You stay on the waiting list." in shown


async def test_too_late_to_answer(clinic: Clinic, asha: PatientView) -> None:
    wait(clinic, asha)
    free(clinic)
    async with clinic.app().run_test(size=(80, 24), notifications=True) as pilot:
        await sign_in(pilot, "asha")
        clinic.clock.advance(timedelta(minutes=14))
        home = pilot.app.screen
        assert isinstance(home, HomeScreen)
        home.minute_passed(home.context.now())
        assert "106 minutes left" in words(pilot)
        clinic.clock.advance(timedelta(minutes=106))
        home.minute_passed(home.context.now())
        await settle(pilot)
        assert OFFER not in words(pilot)


async def test_from_the_booking_where_no_time_is_soon_enough(
    clinic: Clinic, asha: PatientView
) -> None:
    async with clinic.app().run_test(size=(80, 24), notifications=True) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("a")
        await settle(pilot)
        await pilot.press("tab", "tab", *"25:00", "f2")
        await settle(pilot)
        assert "25:00" in picture(pilot), "what was typed stays"
        await pilot.press(*["backspace"] * 5, "f2")
        await settle(pilot)
        assert "You are on the waiting list" in words(pilot)
        await pilot.press("a", "f2")
        await settle(pilot)
        assert "on the waiting list there already" in words(pilot)
    (entry,) = own_entries(clinic, asha)
    assert (entry.doctor_id, entry.appointment_id) == (clinic.nair.id, None)
