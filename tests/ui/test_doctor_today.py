from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from textual.pilot import Pilot

from screens.doctor.record import RecordScreen
from screens.shared.confirm import Confirm
from screens.shared.details import AppointmentDetails
from store import appointments, records
from store.actors import system
from store.tables import Appointment, Patient, table_of
from store.values import AppointmentStatus as Status
from store.values import AppointmentView, RecordInput
from tests.ui import hostile
from tests.ui.clinic import Clinic, busy_morning, picture, press, settle, sign_in
from tests.ui.doctor_day import consultation, record_of, the_record, today, unfinished

WIDE, SMALL = (140, 40), (80, 24)


async def on_row(pilot: Pilot[Any], view: AppointmentView) -> None:
    assert today(pilot).table.move_to(str(view.id))
    await pilot.pause()


def quiet_morning(clinic: Clinic) -> dict[str, AppointmentView]:
    """The busy morning once the first patient has been seen."""
    day = busy_morning(clinic)
    clinic.do(appointments.complete, day["ashok"].id, record=RecordInput(notes="well"))
    return day


@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_the_day_is_told_at_a_glance(clinic: Clinic, size: tuple[int, int]) -> None:
    busy_morning(clinic)
    async with clinic.app().run_test(size=size) as pilot:
        await sign_in(pilot, "dr.nair")
        shown = picture(pilot)
        assert "Today · 0 booked · 2 waiting · 1 in consultation · 0 done · 0 no-show" in shown
        assert "Ashok Rao  M 59  for 82 min" in shown
        assert "Asha Rao  F 34  waits 12 min   n calls" in shown
        assert "● waiting 4m" in shown
        assert "Week 0 seen, 0 no-show, 0 booked · Month 0 seen, 0 no-show, 0 booked" in shown
        clinic.do(appointments.complete, clinic.of(1)[0].id, record=RecordInput(notes="well"))
        clinic.book(4, clinic.nair, "12:00", 14)
        await settle(pilot)
        told = picture(pilot)
        assert "Week 1 seen, 0 no-show, 0 booked · Month 1 seen, 0 no-show, 1 booked" in told
        assert "Meena Pillai" not in shown  # another doctor's patient


async def test_an_empty_day_says_so(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, "dr.nair")
        assert "Nobody is booked with you today." in picture(pilot)
        await press(pilot, "n")
        assert "Nobody waits." in picture(pilot)


async def test_n_calls_in_who_is_next_and_opens_the_consultation(clinic: Clinic) -> None:
    day = quiet_morning(clinic)
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot, "dr.nair")
        await press(pilot, "n")
        assert consultation(pilot).visit.id == day["rao"].id
        assert clinic.find(day["rao"]).status is Status.IN_CONSULTATION
        assert clinic.find(day["shaikh"]).status is Status.CHECKED_IN


async def test_n_pressed_twice_in_a_hurry_calls_one_patient(clinic: Clinic) -> None:
    day = quiet_morning(clinic)
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot, "dr.nair")
        await pilot.press("n", "n", "n")
        await settle(pilot)
        assert clinic.find(day["rao"]).status is Status.IN_CONSULTATION
        assert clinic.find(day["shaikh"]).status is Status.CHECKED_IN


async def test_n_asks_while_somebody_is_in_consultation(clinic: Clinic) -> None:
    day = busy_morning(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, "dr.nair")
        await press(pilot, "n")
        assert isinstance(pilot.app.screen, Confirm)
        await press(pilot, "enter")
        assert clinic.find(day["rao"]).status is Status.CHECKED_IN
        await press(pilot, "n", "y")
        assert consultation(pilot).visit.id == day["rao"].id


async def test_n_with_nobody_waiting_tells_when_the_next_is_booked(clinic: Clinic) -> None:
    clinic.book(0, clinic.nair, "11:00")
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, "dr.nair")
        await press(pilot, "n")
        assert "Nobody waits. The next one is booked at 11:00." in picture(pilot)


async def test_enter_does_what_is_due(clinic: Clinic) -> None:
    day = busy_morning(clinic)
    later = clinic.book(5, clinic.nair, "12:00")
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot, "dr.nair")
        await on_row(pilot, later)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, AppointmentDetails)
        await press(pilot, "escape")
        await on_row(pilot, day["ashok"])
        events = len(clinic.store.read(system(), appointments.history, day["ashok"].id))
        await press(pilot, "enter")
        assert consultation(pilot).visit.id == day["ashok"].id
        assert len(clinic.store.read(system(), appointments.history, day["ashok"].id)) == events
        await press(pilot, "escape")
        await on_row(pilot, day["shaikh"])
        await press(pilot, "enter")
        assert clinic.find(day["shaikh"]).status is Status.IN_CONSULTATION
        await press(pilot, "escape")
        today(pilot)


async def test_enter_on_a_completed_visit_shows_its_record(clinic: Clinic) -> None:
    day = quiet_morning(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, "dr.nair")
        await on_row(pilot, day["ashok"])
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, RecordScreen)
        assert "well" in picture(pilot)
        await press(pilot, "escape")
        today(pilot)


async def test_a_visit_completed_without_a_record_can_still_be_written(clinic: Clinic) -> None:
    day = busy_morning(clinic)
    clinic.do(appointments.complete, day["ashok"].id)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, "dr.nair")
        await on_row(pilot, day["ashok"])
        await press(pilot, "enter")
        await pilot.press(*"came back", "tab")
        consultation(pilot).form.note("notes").focus()
        await pilot.press(*"pain gone", "f5")
        await settle(pilot)
        today(pilot)
        record = the_record(clinic, day["ashok"])
        assert record.signed_at is not None
        assert record.content.notes == "pain gone"


async def test_a_no_show_is_noted_and_taken_back(clinic: Clinic) -> None:
    missed = clinic.book(0, clinic.nair, "09:00")
    clinic.at(10, 30)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, "dr.nair")
        await press(pilot, "o", "y")
        assert clinic.find(missed).status is Status.NO_SHOW
        assert "1 no-show" in picture(pilot)
        await press(pilot, "u")
        assert clinic.find(missed).status is Status.BOOKED
        assert "Undone: Asha Rao is ○ booked again." in picture(pilot)
        await press(pilot, "u")
        assert "There is no step of yours to undo" in picture(pilot)


async def test_a_no_show_before_its_time_is_refused_with_the_reason(clinic: Clinic) -> None:
    early = clinic.book(0, clinic.nair, "11:00")
    async with clinic.app().run_test(size=SMALL, notifications=True) as pilot:
        await sign_in(pilot, "dr.nair")
        await press(pilot, "o", "y")
        assert clinic.find(early).status is Status.BOOKED
        assert "Too early" in picture(pilot)


async def test_cancelling_asks_and_keeps_the_reason(clinic: Clinic) -> None:
    booked = clinic.book(0, clinic.nair, "11:00")
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, "dr.nair")
        await press(pilot, "x", "escape")
        assert clinic.find(booked).status is Status.BOOKED
        await press(pilot, "x")
        await pilot.press(*"called away", "enter")
        await settle(pilot)
        assert clinic.find(booked).status is Status.CANCELLED
        assert clinic.find(booked).reason == "called away"


async def test_calling_in_is_taken_back_by_undo(clinic: Clinic) -> None:
    day = quiet_morning(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, "dr.nair")
        await press(pilot, "n", "escape")
        assert "The draft of Asha Rao is kept." in picture(pilot)
        await press(pilot, "u")
        assert clinic.find(day["rao"]).status is Status.CHECKED_IN


async def test_the_desk_checks_somebody_in_and_the_cursor_stays(clinic: Clinic) -> None:
    late = clinic.book(5, clinic.nair, "12:00")
    first = clinic.book(0, clinic.nair, "11:00")
    clinic.at(10, 50)
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot, "dr.nair")
        await on_row(pilot, late)
        clinic.check_in(first)
        await settle(pilot)
        assert "● waiting 0m" in picture(pilot)
        assert today(pilot).table.selected == str(late.id)
        assert today(pilot).table.grid.has_focus
        clinic.check_in(late)
        await settle(pilot)
        assert today(pilot).table.selected == str(late.id)


async def test_minutes_waited_are_counted(clinic: Clinic) -> None:
    busy_morning(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, "dr.nair")
        clinic.at(11, 5)
        today(pilot)._tick()
        await pilot.pause()
        assert "waits 35 min" in picture(pilot)
        assert "● waiting 35m !" in picture(pilot)


async def test_an_unfinished_record_is_offered_on_top_and_gone_on_with(clinic: Clinic) -> None:
    begun = unfinished(clinic, 4, 2, "cough since Sunday")
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, "dr.nair")
        assert "Unfinished records" in picture(pilot)
        assert "cough since Sunday" in picture(pilot)
        await press(pilot, "d", "enter")
        assert consultation(pilot).form.note("symptoms").text == "cough since Sunday"
        await pilot.press("end", *", fever")
        consultation(pilot).form.note("notes").focus()
        await pilot.press(*"viral", "f5")
        await settle(pilot)
        assert "Unfinished records" not in picture(pilot)
        assert today(pilot).table.grid.has_focus
        record = the_record(clinic, begun)
        assert record.signed_at is not None
        assert record.content.symptoms == "cough since Sunday, fever"
        assert clinic.find(begun).status is Status.COMPLETED


async def test_d_without_an_unfinished_record_says_so(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, "dr.nair")
        await press(pilot, "d")
        assert "No record is unfinished." in picture(pilot)


async def test_the_side_tells_of_the_row_without_opening_its_record(clinic: Clinic) -> None:
    view = clinic.book(0, clinic.nair, "11:00", note="[b]fever[/b] since Sunday")
    before = clinic.store.read(system(), records.list_records).total
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot, "dr.nair")
        shown = picture(pilot)
        assert "[b]fever[/b] since Sunday" in shown
        assert clinic.patients[0].mrn in shown
        await press(pilot, "enter", "escape")
    assert record_of(clinic, view) is None
    assert clinic.store.read(system(), records.list_records).total == before


async def test_hostile_names_are_shown_and_do_nothing(clinic: Clinic) -> None:
    names = [name.encode("utf-8", "replace").decode() for name in hostile.ALL]
    if clinic.store.database.dialect == "postgresql":  # which has no place for them
        names = [name.replace("\0", "")[:120] for name in names]
    first = clinic.book(0, clinic.nair, "09:00")
    with clinic.store.transaction(system()) as tx:
        visits = table_of(Appointment)
        (standing,) = tx.session.execute(select(visits).where(visits.c.id == first.id)).mappings()
        kept = {name: value for name, value in standing.items() if name != "id"}
        for number, name in enumerate(names):
            row = tx.add(Patient(mrn=f"H{number}", name=name, **tx.stamps()))
            start = standing["starts_at"] + timedelta(minutes=15 * (number + 1))
            again = {"starts_at": start, "ends_at": start + timedelta(minutes=15)}
            tx.session.execute(visits.insert().values({**kept, "patient_id": row.id, **again}))
    async with clinic.app().run_test(size=(140, 60)) as pilot:
        await sign_in(pilot, "dr.nair")
        for _ in names:
            await pilot.press("down")
        shown = picture(pilot)
        assert "\x1b" not in shown
        assert all(name in shown for name in hostile.MARKUP)
        today(pilot)
