"""The desk's queue: narrowed, marked, and acted on row by row or all at once."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from screens.reception.desk import DeskScreen
from screens.shared.refused import RefusedDialog
from store import appointments, patients, refused_addresses
from store.values import AppointmentStatus as Status
from store.values import AppointmentView, PatientInput
from tests.ui.clinic import Clinic, busy_morning, on_both, picture, press, settle, sign_in, words

WIDE, SMALL = (120, 40), (80, 24)


def desk_of(pilot: Pilot[Any]) -> DeskScreen:
    screen = pilot.app.screen
    assert isinstance(screen, DeskScreen)
    return screen


def shown(pilot: Pilot[Any]) -> list[str]:
    screen = desk_of(pilot)
    return [screen.queue[row.key].patient for row in screen.table.rows]


async def to(pilot: Pilot[Any], view: AppointmentView) -> None:
    assert desk_of(pilot).table.move_to(str(view.id))
    await pilot.pause()


async def test_what_others_do_elsewhere_leaves_the_queue_as_it_is_drawn(clinic: Clinic) -> None:
    """An import changes patients by the thousand, three times a second: keys must not wait."""
    visit = busy_morning(clinic)["shaikh"]
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot)
        drawn = desk_of(pilot).table.rows
        clinic.do(patients.register, PatientInput("Somebody Else"))
        await settle(pilot)
        assert desk_of(pilot).table.rows is drawn
        clinic.do(patients.update, visit.patient_id, {"name": "Another Name"})
        await settle(pilot)
        assert "Another Name" in picture(pilot)


@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_the_queue_is_narrowed_as_words_are_typed(
    clinic: Clinic, size: tuple[int, int]
) -> None:
    busy_morning(clinic)
    async with clinic.app().run_test(size=size) as pilot:
        await sign_in(pilot)
        await pilot.press("f", *"bose boo")
        await settle(pilot)
        assert shown(pilot) == ["Meena Pillai", "Joseph D'Souza"]
        await press(pilot, "enter")
        assert "2 of 6 shown · Dr Tarun Bose · booked" in picture(pilot)
        assert "4 hidden by the filter, 2 waiting" in words(pilot)
        assert desk_of(pilot).table.grid.has_focus
        await press(pilot, "a")
        assert len(shown(pilot)) == 6
        assert "hidden" not in words(pilot)


async def test_the_filter_is_there_at_the_next_sign_in(clinic: Clinic) -> None:
    busy_morning(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await pilot.press("f", *"nair waiting", "enter")
        await settle(pilot)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        assert shown(pilot) == ["Asha Rao", "Imran Shaikh"]
        assert "2 of 6 shown" in picture(pilot)
        await press(pilot, "a")
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, "root")
        await press(pilot, "2")
        assert len(shown(pilot)) == 6


async def test_a_word_that_fits_nothing_is_told_and_escape_brings_the_old_filter_back(
    clinic: Clinic,
) -> None:
    busy_morning(clinic)
    app = clinic.app()
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await sign_in(pilot)
        await pilot.press("f", *"paed", "enter")
        await settle(pilot)
        await pilot.press("f", *" xyz")
        await settle(pilot)
        assert "fits no doctor, department or status" in words(pilot)
        await press(pilot, "enter")
        assert "“xyz”" in next(iter(app._notifications)).message
        assert desk_of(pilot).filter_line.text == " xyz"
        await press(pilot, "escape")
        assert "3 of 6 shown · Paediatrics" in picture(pilot)


async def test_the_next_key_is_not_for_the_row_that_came_into_the_place(clinic: Clinic) -> None:
    day = busy_morning(clinic)
    pillai, souza = day["pillai"], day["souza"]
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await pilot.press("f", *"bose booked", "enter")
        await settle(pilot)
        await to(pilot, pillai)
        await press(pilot, "c", "c", "space")
        assert shown(pilot) == ["Joseph D'Souza"]
        assert "That one is no longer in the list" in words(pilot)
        assert desk_of(pilot).table.marks == frozenset()
        assert clinic.find(pillai).status is Status.CHECKED_IN
        assert clinic.find(souza).status is Status.BOOKED
        await press(pilot, "u")
        assert clinic.find(pillai).status is Status.BOOKED
        await to(pilot, souza)
        await press(pilot, "c")
        assert clinic.find(souza).status is Status.CHECKED_IN
        assert desk_of(pilot).table.selected is None
        await press(pilot, "a")
        assert desk_of(pilot).table.selected is not None


@on_both
async def test_marked_rows_are_checked_in_together_and_one_undo_takes_all_back(
    clinic: Clinic,
) -> None:
    day = busy_morning(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await to(pilot, day["pillai"])
        await press(pilot, "space", "space")
        assert "◆ 2 marked" in words(pilot)
        await press(pilot, "c")
        both = [day["pillai"], day["souza"]]
        assert [clinic.find(view).status for view in both] == [Status.CHECKED_IN] * 2
        assert "2 patients wait now." in words(pilot)
        assert "marked" not in words(pilot)
        await press(pilot, "u")
        assert [clinic.find(view).status for view in both] == [Status.BOOKED] * 2
        assert "Undone: 2 appointments are as they were before." in words(pilot)


async def test_a_range_is_cancelled_with_a_list_of_whom_it_hits(clinic: Clinic) -> None:
    day = busy_morning(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await press(pilot, "number_sign")
        assert " 4  " in picture(pilot)
        await pilot.press(*"4-6", "enter")
        await settle(pilot)
        assert len(desk_of(pilot).table.marks) == 3
        await press(pilot, "x")
        asked = words(pilot)
        for name in ("Cancel all of these 3", "Meena Pillai", "Joseph D'Souza", "Savitri Rao"):
            assert name in asked
        await press(pilot, "escape")
        assert clinic.find(day["pillai"]).status is Status.BOOKED
        await pilot.press("x", *"strike", "enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, RefusedDialog)
        told = words(pilot)
        assert "1 of 3 refused" in told
        assert "Savitri Rao" in told
        await press(pilot, "enter")
        assert clinic.find(day["souza"]).reason == "strike"
        assert "2 appointments are cancelled. 1 refused." in words(pilot)
        assert desk_of(pilot).table.marks == {str(day["savitri"].id)}


async def test_marks_stay_while_others_act_and_a_filter_hides_them(clinic: Clinic) -> None:
    day = busy_morning(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await to(pilot, day["souza"])
        await press(pilot, "space")
        await pilot.press("f", *"nair", "enter")
        await settle(pilot)
        assert "◆ 1 marked (1 hidden)" in words(pilot)
        await to(pilot, day["rao"])
        await press(pilot, "space")
        clinic.check_in(day["pillai"])
        clinic.do(appointments.start, day["rao"].id)
        await settle(pilot)
        assert desk_of(pilot).table.marks == {str(day["souza"].id), str(day["rao"].id)}
        await press(pilot, "v")
        assert "hidden by the filter" in words(pilot)
        await press(pilot, "escape", "escape")
        assert not desk_of(pilot).table.marks


async def test_numbers_stay_with_their_rows_while_they_are_typed(clinic: Clinic) -> None:
    day = busy_morning(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await press(pilot, "number_sign")
        await pilot.press("5")
        clinic.check_in(day["pillai"])
        clinic.book(2, clinic.nair, "11:15")
        await settle(pilot)
        await press(pilot, "enter")
        assert desk_of(pilot).table.marks == {str(day["souza"].id)}


@pytest.mark.parametrize("text", ["9", "x", "5-2", "0", ""])
async def test_wrong_numbers_are_told_and_stay(clinic: Clinic, text: str) -> None:
    busy_morning(clinic)
    app = clinic.app()
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await sign_in(pilot)
        await pilot.press("number_sign", *text, "enter")
        await settle(pilot)
        assert len(app._notifications) == 1
        assert desk_of(pilot).rows_line.text == text
        assert desk_of(pilot).rows_line.open


async def test_one_appointment_is_moved_at_a_time(clinic: Clinic) -> None:
    busy_morning(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await pilot.press("number_sign", *"all", "enter", "m")
        await settle(pilot)
        assert "One appointment is moved at a time" in words(pilot)


async def test_the_cursor_goes_on_to_a_neighbour_when_its_row_is_filtered_away(
    clinic: Clinic,
) -> None:
    day = busy_morning(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await pilot.press("f", *"booked", "enter")
        await settle(pilot)
        await to(pilot, day["pillai"])
        await press(pilot, "c", "down")
        assert desk_of(pilot).table.selected == str(day["souza"].id)


@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_a_refused_address_is_seen_beside_the_name_until_another_is_given(
    clinic: Clinic, size: tuple[int, int]
) -> None:
    busy_morning(clinic)
    asha = clinic.patients[0]
    long = "Asha Venkataraghavan Subramanian Rao-Deshpande"
    clinic.do(patients.update, asha.id, {"name": long})
    async with clinic.app().run_test(size=size) as pilot:
        await sign_in(pilot)
        assert "✗mail" not in picture(pilot)
        clinic.do(refused_addresses.note, "asha@example.org", "550 5.1.1 no such user")
        await settle(pilot)
        (row,) = [line for line in picture(pilot).splitlines() if "✗mail" in line]
        assert row.index("Asha V") < row.index("… ✗mail") < row.index("Nair") < row.index("waiting")
        await press(pilot, "slash", *"asha")
        assert "✗mail refused" in picture(pilot)
        clinic.do(patients.update, asha.id, {"email": "asha@example.com"})
        await settle(pilot)
        assert "✗mail" not in picture(pilot)
