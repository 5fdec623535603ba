"""The waiting list at the desk: who is offered what, for how long, and what becomes of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from textual.pilot import Pilot

from screens.reception.waitlist import WaitlistScreen
from store import appointments, waitlist
from store.actors import system
from store.values import AppointmentStatus, AppointmentView, WaitlistEntryView, WaitlistStatus
from tests.ui.clinic import OPENING, Clinic, on_both, picture, settle, sign_in, until, words
from widgets.record_table import RecordTable

ASHA, ASHOK, SAVITRI, IMRAN, MEENA, JOSEPH = range(6)


def wait(clinic: Clinic, patient: int, **wish: Any) -> WaitlistEntryView:
    """The n-th patient waits, for Dr Nair unless the wish says otherwise."""
    if not {"department_id", "appointment_id"} & set(wish):
        wish.setdefault("doctor_id", clinic.nair.id)
    made: WaitlistEntryView = clinic.do(
        waitlist.add, patient_id=clinic.patients[patient].id, **wish
    )
    return made


def free(clinic: Clinic, time: str = "11:00", day: int = 2) -> AppointmentView:
    """A slot of Dr Nair on Wednesday that somebody gives up."""
    visit = clinic.book(JOSEPH, clinic.nair, time, day)
    clinic.do(appointments.cancel, visit.id)
    return visit


def entries(clinic: Clinic) -> dict[int, WaitlistEntryView]:
    """All entries as they stand in the store, by their id."""
    page = clinic.store.read(system(), waitlist.list_entries, status=list(WaitlistStatus))
    return {one.id: one for one in page.items}


def rows(pilot: Pilot[Any]) -> list[tuple[str, ...]]:
    """The table as text: patient, waits for, offered, answer."""
    table = pilot.app.screen.query_one("#list", RecordTable)
    return [tuple(str(cell) for cell in row.cells) for row in table.rows]


async def test_the_desk_notices_an_offer_that_another_terminal_causes(clinic: Clinic) -> None:
    wait(clinic, ASHOK)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot)
        assert "2 Waiting list" in picture(pilot)
        assert "offer" not in picture(pilot).splitlines()[1]
        free(clinic)
        await until(pilot, lambda: "● 1 offer, call 1" in picture(pilot).splitlines()[1])
        await pilot.press("2")
        await settle(pilot)
        assert rows(pilot) == [("Ashok Rao", "A Nair", "Wed 07 Jan 11:00", "● call, 120m left")]


async def test_minutes_count_down_and_the_next_is_asked_without_a_worker(clinic: Clinic) -> None:
    wait(clinic, ASHA)
    wait(clinic, ASHOK)
    free(clinic)
    clinic.at(9, 20)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot)
        await pilot.press("2")
        await settle(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, WaitlistScreen)
        assert rows(pilot)[0][3] == "● 40m left"
        clinic.at(9, 35)
        screen.minute_passed(screen.context.now())
        await settle(pilot)
        assert rows(pilot)[0][3] == "● 25m left !"
        clinic.at(10, 0)
        screen.minute_passed(screen.context.now())
        await settle(pilot)
        assert [row[0] for row in rows(pilot)] == ["Ashok Rao", "Asha Rao"]
        assert rows(pilot)[1][3] == "○ waiting"


@on_both
async def test_booking_it_for_the_patient_and_taking_that_back(clinic: Clinic) -> None:
    own = clinic.book(ASHA, clinic.nair, "12:00", 4)
    entry = wait(clinic, ASHA, appointment_id=own.id)
    free(clinic)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot)
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("b")
        await settle(pilot)
        assert "Asha Rao is moved to Wed 07 Jan 11:00, Dr Anita Nair." in words(pilot)
        assert clinic.find(own).status is AppointmentStatus.RESCHEDULED
        await pilot.press("u")
        await settle(pilot)
        assert "Asha Rao waits again, in the same place." in words(pilot)
    assert clinic.find(own).status is AppointmentStatus.BOOKED
    assert entries(clinic)[entry.id].status is WaitlistStatus.WAITING


async def test_declining_offering_and_withdrawing(clinic: Clinic) -> None:
    first = wait(clinic, ASHA)
    second = wait(clinic, ASHOK, first_day=date(2026, 1, 8))
    free(clinic)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot)
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("d")
        await settle(pilot)
        assert "Asha Rao does not want Wed 07 Jan 11:00 and waits on." in words(pilot)
        await pilot.press("b")
        assert "Nothing is offered to Asha Rao. o offers the first free slot." in words(pilot)
        await pilot.press("o")
        await settle(pilot)
        offer = entries(clinic)[first.id].offer
        assert offer is not None
        assert f"Offered to Asha Rao: today {offer.starts_at:%H:%M}" in words(pilot)
        await pilot.press("j", "x")
        await settle(pilot)
        assert "Take Ashok Rao off the waiting list?" in words(pilot)
        await pilot.press("y")
        await settle(pilot)
        assert [row[0] for row in rows(pilot)] == ["Asha Rao"]
        await pilot.press("a")
        await settle(pilot)
        assert rows(pilot)[1][3] == "⊘ withdrawn"
    assert entries(clinic)[second.id].status is WaitlistStatus.WITHDRAWN


async def test_an_offer_that_is_gone_says_so_and_keeps_the_place(clinic: Clinic) -> None:
    wait(clinic, ASHA)
    wait(clinic, ASHOK)
    free(clinic)
    clinic.at(9, 59)
    async with clinic.app().run_test(size=(80, 24), notifications=True) as pilot:
        await sign_in(pilot)
        await pilot.press("2")
        await settle(pilot)
        clinic.at(10, 0)
        await pilot.press("b")
        await settle(pilot)
        assert "The time to answer ended at 10:00" in words(pilot)
        assert [row[0] for row in rows(pilot)] == ["Ashok Rao", "Asha Rao"]


async def test_adding_a_patient_with_an_appointment_to_come(clinic: Clinic) -> None:
    own = clinic.book(IMRAN, clinic.nair, "12:00", 4)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot)
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("n", *"imran")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("tab", "tab", *"soonish", "f2")
        await settle(pilot)
        assert "soonish" in picture(pilot), "what was typed stays"
        await pilot.press(*["backspace"] * 7, *"+3d", "enter", *"9:00", "enter", *"12:00", "f2")
        await settle(pilot)
        assert "Imran Shaikh waits for an earlier slot: Dr Anita Nair." in words(pilot)
    (entry,) = entries(clinic).values()
    assert (entry.appointment_id, entry.doctor_id) == (own.id, clinic.nair.id)
    assert entry.last_day == OPENING.date() + timedelta(days=3)
    assert (entry.from_minute, entry.to_minute) == (540, 720)


async def test_adding_whom_the_desk_has_found_for_a_department(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot)
        await pilot.press("slash", *"savitri")
        await settle(pilot)
        await pilot.press("down", "escape", "a")
        await settle(pilot)
        await pilot.press(*"any card")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert "anybody of Cardiology" in words(pilot)
        await pilot.press("f2")
        await settle(pilot)
        assert "Savitri Rao waits for an earlier slot: Cardiology." in words(pilot)
    (entry,) = entries(clinic).values()
    assert (entry.doctor_id, entry.department_id) == (None, clinic.nair.department_id)


async def test_a_state_narrows_the_list_also_to_what_has_ended(clinic: Clinic) -> None:
    wait(clinic, ASHOK)
    clinic.do(waitlist.withdraw, wait(clinic, SAVITRI).id)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot)
        await pilot.press("2", "slash", *"rao state:withd")
        await settle(pilot)
        assert [row[0] for row in rows(pilot)] == ["Savitri Rao"]
        await pilot.press(*"x")
        await settle(pilot)
        assert "did you mean withdrawn?" in words(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert [row[0] for row in rows(pilot)] == ["Ashok Rao"]
