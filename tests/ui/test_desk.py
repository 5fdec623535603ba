from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from textual.pilot import Pilot

from screens import registry
from screens.reception.desk import DeskScreen
from screens.shared.booking import BookingDialog
from screens.shared.patient_form import DuplicatesDialog, PatientForm
from store import patient_search
from store.actors import system
from store.values import AppointmentStatus as Status
from store.values import AppointmentView, Role
from tests.ui.clinic import OPENING, Clinic, busy_morning, on_both, picture, press, settle, sign_in
from widgets.slot_grid import SlotGrid

WIDE, SMALL = (140, 40), (80, 24)


def screen_of(pilot: Pilot[Any]) -> DeskScreen:
    screen = pilot.app.screen
    assert isinstance(screen, DeskScreen)
    return screen


async def on_row(pilot: Pilot[Any], view: AppointmentView) -> None:
    assert screen_of(pilot).table.move_to(str(view.id))
    await pilot.pause()


@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_an_existing_patient_is_booked_in_at_most_eight_keystrokes(
    clinic: Clinic, size: tuple[int, int]
) -> None:
    async with clinic.app().run_test(size=size) as pilot:
        await sign_in(pilot)
        find, choose_patient = ["slash"], ["enter"]
        letters_of_doctor, choose_doctor, book = ["n", "a"], ["enter"], ["enter"]
        await pilot.press(*find, *"asha r", *choose_patient)
        await settle(pilot)
        await pilot.press(*letters_of_doctor, *choose_doctor)
        await settle(pilot)
        await pilot.press(*book)
        await settle(pilot)
        keystrokes = find + choose_patient + letters_of_doctor + choose_doctor + book
        assert len(keystrokes) <= 8
        (booked,) = clinic.of(0)
        assert booked.doctor == "Dr Anita Nair"
        assert f"{booked.starts_at:%H:%M}" == "09:00"
        assert "Asha Rao is booked with Dr Anita Nair, today 09:00." in picture(pilot)


async def test_a_whole_department_gives_its_first_free_slot(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot)
        await pilot.press("slash", *"ashok", "enter")
        await settle(pilot)
        await pilot.press(*"any paed", "enter")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert [view.doctor for view in clinic.of(1)] == ["Dr Tarun Bose"]


async def test_enter_twice_is_one_appointment(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot)
        await pilot.press("slash", *"asha r", "enter")
        await settle(pilot)
        await pilot.press(*"nair", "enter")
        await settle(pilot)
        await pilot.press("enter", "enter", "enter")
        await settle(pilot)
        assert len(clinic.of(0)) == 1


async def test_a_patient_is_found_by_each_of_four_ways(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot)
        for text in ("imran", "9900112233", clinic.patients[3].mrn, "1980-02-11"):
            await pilot.press("slash", "delete", *text)
            await settle(pilot)
            assert "Imran Shaikh" in picture(pilot), text
            await pilot.press("escape", "q")


async def test_nobody_found_says_what_to_do(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot)
        await pilot.press("slash", *"zzz")
        await settle(pilot)
        assert "Nobody found. f3" in picture(pilot)


@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_checking_in_takes_one_key(clinic: Clinic, size: tuple[int, int]) -> None:
    day = busy_morning(clinic)
    async with clinic.app().run_test(size=size) as pilot:
        await sign_in(pilot)
        await on_row(pilot, day["souza"])
        await press(pilot, "c")
        view = clinic.find(day["souza"])
        assert view.status is Status.CHECKED_IN
        assert view.token
        shown = picture(pilot)
        assert view.token in shown
        assert "● waiting 0m" in shown
        assert screen_of(pilot).table.selected == str(view.id)


async def test_a_walk_in_takes_three_keys(clinic: Clinic) -> None:
    clinic.at(10, 42)
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot)
        await press(pilot, "d", *"nair", "enter")
        await pilot.press("slash", *"imran")
        await settle(pilot)
        await press(pilot, "escape", "w", "enter")
        (view,) = clinic.of(3)
        assert view.walk_in
        assert view.status is Status.CHECKED_IN
        assert view.token
        assert f"token {view.token}" in picture(pilot)


async def test_cancelling_asks_and_undo_takes_it_back(clinic: Clinic) -> None:
    day = busy_morning(clinic)
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot)
        await on_row(pilot, day["souza"])
        await press(pilot, "x", "escape")
        assert clinic.find(day["souza"]).status is Status.BOOKED
        await pilot.press("x", *"fever", "enter")
        await settle(pilot)
        view = clinic.find(day["souza"])
        assert (view.status, view.reason) == (Status.CANCELLED, "fever")
        assert "⊘ cancelled" in picture(pilot)
        await press(pilot, "u")
        assert clinic.find(day["souza"]).status is Status.BOOKED
        assert "is ○ booked again" in picture(pilot)


async def test_a_no_show_is_asked_first(clinic: Clinic) -> None:
    day = busy_morning(clinic)
    clinic.at(11, 30)
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot)
        await on_row(pilot, day["souza"])
        await press(pilot, "o", "n")
        assert clinic.find(day["souza"]).status is Status.BOOKED
        await press(pilot, "o", "y")
        assert clinic.find(day["souza"]).status is Status.NO_SHOW
        assert "✗ no-show" in picture(pilot)


async def test_who_left_without_being_seen_is_noted(clinic: Clinic) -> None:
    day = busy_morning(clinic)
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot)
        await on_row(pilot, day["rao"])
        await press(pilot, "v", "enter")
        assert clinic.find(day["rao"]).status is Status.LEFT
        assert "← left" in picture(pilot)


async def test_an_appointment_is_moved(clinic: Clinic) -> None:
    day = busy_morning(clinic)
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot)
        await on_row(pilot, day["souza"])
        await press(pilot, "m", "right_square_bracket", "l", "enter")
        old, new = sorted(clinic.of(5), key=lambda view: view.id)
        assert old.status is Status.RESCHEDULED
        assert new.starts_at == OPENING + timedelta(days=1, hours=1, minutes=15)


async def test_what_is_refused_is_told_in_a_sentence(clinic: Clinic) -> None:
    day = busy_morning(clinic)
    app = clinic.app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await sign_in(pilot)
        await on_row(pilot, day["savitri"])
        await press(pilot, "c")
        assert len(app._notifications) == 1
        assert clinic.find(day["savitri"]).status is Status.CANCELLED


@on_both
async def test_another_terminal_is_seen_and_what_is_typed_stays(clinic: Clinic) -> None:
    day = busy_morning(clinic)
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot)
        await press(pilot, "d", *"bose", "enter")
        await pilot.press("slash", *"sav")
        await settle(pilot)
        clinic.check_in(day["souza"])
        clinic.book(3, clinic.bose, "12:45")
        await settle(pilot)
        await settle(pilot)
        screen = screen_of(pilot)
        assert screen.queue[str(day["souza"].id)].status is Status.CHECKED_IN
        taken = {f"{s.starts_at:%H:%M}" for s in screen.query_one(SlotGrid).slots if not s.free}
        assert "12:45" in taken
        assert screen.finder.text == "sav"
        assert screen.finder.field.has_focus


async def test_what_stands_behind_a_dialog_stays_true(clinic: Clinic) -> None:
    day = busy_morning(clinic)
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot)
        screen = screen_of(pilot)
        await press(pilot, "f4")
        clinic.check_in(day["souza"])
        await settle(pilot)
        assert screen.queue[str(day["souza"].id)].status is Status.CHECKED_IN


async def test_a_slot_lost_while_typing_is_told_and_the_note_stays(clinic: Clinic) -> None:
    clinic.at(8, 30)
    app = clinic.app()
    async with app.run_test(size=WIDE) as pilot:
        await sign_in(pilot)
        await press(pilot, "d", *"nair", "enter")
        await pilot.press("slash", *"asha r", "enter")
        await settle(pilot)
        await pilot.press("tab", *"cough")
        dialog = app.screen
        assert isinstance(dialog, BookingDialog)
        slot = dialog.query_one(SlotGrid).selected
        assert slot is not None
        clinic.book(3, clinic.nair, f"{slot.starts_at:%H:%M}")
        dialog.save(slot)
        await settle(pilot)
        assert app.screen is dialog
        assert dialog.query_one("#dialog-error").has_class("-shown")
        assert dialog.query_one("#note").value == "cough"  # type: ignore[attr-defined]
        # Enter does not book what nobody has looked at: first it goes on to the next slot.
        await press(pilot, "enter")
        assert clinic.of(0) == []
        await press(pilot, "enter")
        (view,) = clinic.of(0)
        assert view.note == "cough"
        assert f"{view.starts_at:%H:%M}" == "09:15"


async def test_likely_duplicates_are_shown_before_anybody_is_entered_twice(
    clinic: Clinic,
) -> None:
    app = clinic.app()
    async with app.run_test(size=WIDE) as pilot:
        await sign_in(pilot)
        await pilot.press("n", *"Asha Rao", "enter", *"1991-04-03", "ctrl+s")
        await settle(pilot)
        assert isinstance(app.screen, DuplicatesDialog)
        assert clinic.patients[0].mrn in picture(pilot)
        await press(pilot, "escape")
        assert isinstance(app.screen, PatientForm)
        await press(pilot, "ctrl+s", "enter")
        assert clinic.patients[0].mrn in screen_of(pilot).finder.text
        found = clinic.store.read(system(), patient_search.search, "asha rao")
        assert len(found) == 1


async def test_somebody_new_of_the_same_name_can_be_registered(clinic: Clinic) -> None:
    app = clinic.app()
    async with app.run_test(size=WIDE) as pilot:
        await sign_in(pilot)
        await pilot.press("n", *"Asha Rao", "enter", *"1991-04-03", "ctrl+s")
        await settle(pilot)
        assert isinstance(app.screen, DuplicatesDialog)
        await press(pilot, "f2")
        found = clinic.store.read(system(), patient_search.search, "asha rao")
        assert len(found) == 2
        assert "has the patient number" in picture(pilot)


async def test_what_was_looked_for_begins_the_registration(clinic: Clinic) -> None:
    app = clinic.app()
    async with app.run_test(size=WIDE) as pilot:
        await sign_in(pilot)
        await pilot.press("slash", *"Kabir Singh", "f3")
        await settle(pilot)
        assert isinstance(app.screen, PatientForm)
        await pilot.press("enter", *"34y", "enter", "m", "enter", *"98111 98112", "ctrl+s")
        await settle(pilot)
        (found,) = clinic.store.read(system(), patient_search.search, "kabir")
        assert (found.name, found.age, found.sex, found.phone) == (
            "Kabir Singh",
            34,
            "male",
            "+919811198112",
        )


async def test_a_wrong_field_is_told_beside_it(clinic: Clinic) -> None:
    app = clinic.app()
    async with app.run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await pilot.press("n", *"Kabir", "enter", *"next year", "ctrl+s")
        await settle(pilot)
        form = app.screen.query_one("Form")
        assert form.query_one("#error-birth_date").has_class("-shown")
        assert form.query_one("#field-birth_date").has_focus


async def test_particulars_are_changed(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot)
        await pilot.press("slash", *"meena")
        await settle(pilot)
        await press(pilot, "escape", "e", "tab", "tab", "tab")
        await pilot.press(*"9811198113", "ctrl+s")
        await settle(pilot)
        (found,) = clinic.store.read(system(), patient_search.search, "meena")
        assert found.phone == "+919811198113"
        assert found.name == "Meena Pillai"


async def test_a_form_is_not_lost_by_one_escape(clinic: Clinic) -> None:
    app = clinic.app()
    async with app.run_test(size=WIDE) as pilot:
        await sign_in(pilot)
        await pilot.press("n", *"Kabir", "escape")
        assert isinstance(app.screen, PatientForm)
        await pilot.press("s", "escape", "escape")
        await settle(pilot)
        assert isinstance(app.screen, DeskScreen)


async def test_a_small_terminal_shows_one_panel_and_the_others_are_a_key_away(
    clinic: Clinic,
) -> None:
    busy_morning(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        panels = pilot.app.screen.query("#desk > .panel")
        shown = [[panel.id for panel in panels if panel.display]]
        for key in ("slash", "escape"):
            await press(pilot, key)
            shown.append([panel.id for panel in panels if panel.display])
        await press(pilot, "s", *"nair", "enter")
        shown.append([panel.id for panel in panels if panel.display])
        assert shown == [["queue-panel"], ["finder-panel"], ["queue-panel"], ["slots-panel"]]


async def test_the_queue_can_be_one_doctors(clinic: Clinic) -> None:
    busy_morning(clinic)
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot)
        await press(pilot, "d", *"bose", "enter", "q", "a")
        shown = {screen_of(pilot).queue[row.key].doctor for row in screen_of(pilot).table.rows}
        assert shown == {"Dr Tarun Bose"}
        await press(pilot, "a")
        assert len(screen_of(pilot).table.rows) == 6


async def test_minutes_waited_are_counted_on(clinic: Clinic) -> None:
    busy_morning(clinic)
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot)
        assert "● waiting 12m" in picture(pilot)
        clinic.clock.advance(timedelta(minutes=25))
        screen_of(pilot)._tick()
        await settle(pilot)
        shown = picture(pilot)
        assert "● waiting 37m !!" in shown
        assert "● waiting 29m ! " in shown
        assert "○ late 7m " in shown
        assert "11:07" in shown


async def test_from_when_waiting_is_marked_is_the_hospitals_choice(clinic: Clinic) -> None:
    busy_morning(clinic)
    rules = clinic.store.rules
    hospital = replace(rules.hospital, waiting_warn_minutes=4, waiting_late_minutes=10)
    clinic.store = replace(clinic.store, rules=replace(rules, hospital=hospital))
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        shown = picture(pilot)
        assert "● waiting 12m !!" in shown
        assert "● waiting 4m ! " in shown


async def test_days_and_weeks_are_walked_and_never_into_the_past(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot)
        await press(pilot, "d", *"nair", "enter")
        screen = screen_of(pilot)
        await press(pilot, "right_square_bracket")
        assert screen.day == OPENING.date() + timedelta(days=1)
        await press(pilot, "right_curly_bracket")
        assert screen.day == OPENING.date() + timedelta(days=8)
        await press(pilot, "left_curly_bracket", "left_curly_bracket")
        assert screen.day == OPENING.date()
        await press(pilot, "right_square_bracket", "t")
        assert screen.day == OPENING.date()


async def test_an_empty_day_says_what_to_do(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        assert "Nobody is booked today. / finds a patient to book." in picture(pilot)


async def test_an_appointment_tells_its_history(clinic: Clinic) -> None:
    day = busy_morning(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await on_row(pilot, day["rao"])
        await press(pilot, "enter")
        shown = picture(pilot)
        for words in ("● waiting 12m", "Cardiology", "arrived", "booked"):
            assert words in shown


async def test_a_hidden_tab_catches_up_when_it_is_seen_again(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = busy_morning(clinic)
    tab = registry.Tab("Desk", "screens.reception.desk:DeskScreen")
    monkeypatch.setitem(cast("dict[Role, Any]", registry.TABS), Role.RECEPTION, (tab, tab))
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot)
        first = screen_of(pilot)
        await press(pilot, "2")
        assert screen_of(pilot) is not first
        clinic.check_in(day["souza"])
        await settle(pilot)
        assert screen_of(pilot).queue[str(day["souza"].id)].status is Status.CHECKED_IN
        assert first.dirty
        await press(pilot, "1")
        assert screen_of(pilot) is first
        assert first.queue[str(day["souza"].id)].status is Status.CHECKED_IN


async def test_a_booking_taken_back_is_not_cancelled_again(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await press(pilot, "slash", *"asha r", "enter", *"na", "enter", "enter", "u")
        assert "Undone: Asha Rao is ⊘ cancelled." in picture(pilot)
