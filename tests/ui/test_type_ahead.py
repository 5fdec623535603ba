"""Keys that arrive together, as in one packet of a slow line, land where they were meant to."""

from __future__ import annotations

import pytest
from textual.events import AppBlur, AppFocus, Paste
from textual.widgets import Input

from chikitsa_tui.app import ChikitsaApp
from store.values import AppointmentStatus
from tests.ui.clinic import PASSWORD, Clinic, sign_in, together
from tests.ui.doctor_day import call_in, consultation, give_a_past, into, waiting

VITALS = ("blood_pressure", "pulse_bpm", "temperature_c", "spo2_percent")


async def test_signing_in_with_all_keys_at_once(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await together(pilot, *"meera", "enter", *PASSWORD, "enter")
        assert isinstance(pilot.app, ChikitsaApp)
        assert pilot.app.actor is not None
        assert pilot.app.actor.username == "meera"


async def test_a_window_that_loses_the_focus_takes_it_from_no_field(clinic: Clinic) -> None:
    """Or the password would be typed into the field of the name, to be read by everybody."""
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        pilot.app.post_message(AppFocus())
        await together(pilot, *"meera", "enter", AppBlur(), *PASSWORD)
        typed = [field.value for field in pilot.app.screen.query(Input)]
        assert typed == ["meera", PASSWORD]


async def test_a_form_that_a_key_opens_takes_the_keys_behind_it(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot)
        await together(pilot, "f3", *"Latha Nambiar", "enter", *"1975", "tab", "f")
        typed = [field.value for field in pilot.app.screen.query(Input)]
        assert typed[:2] == ["Latha Nambiar", "1975"]


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_vitals_land_in_their_fields(clinic: Clinic, size: tuple[int, int]) -> None:
    give_a_past(clinic)
    waiting(clinic)
    async with clinic.app().run_test(size=size) as pilot:
        await call_in(pilot)
        await into(pilot, "blood_pressure")
        await together(pilot, *"128/82", "tab", *"76", "enter", Paste("36.8"), "tab", *"98")
        typed = [consultation(pilot).form.vitals.field(name).value for name in VITALS]
        assert typed == ["128/82", "76", "36.8", "98"]


async def test_what_is_typed_while_a_consultation_opens_is_its_first_words(clinic: Clinic) -> None:
    waiting(clinic)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "dr.nair")
        await together(pilot, "n", *"cough, no fever", "tab", *"128/82")
        form = consultation(pilot).form
        assert form.note("symptoms").text == "cough, no fever"
        assert form.vitals.field("blood_pressure").value == "128/82"


async def test_a_key_pressed_again_while_it_works_was_pressed_once(clinic: Clinic) -> None:
    first, second = waiting(clinic), waiting(clinic, 3, "10:45")
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "dr.nair")
        await together(pilot, "n", "n", "n")
        assert consultation(pilot).form.note("symptoms").text == ""
    assert clinic.find(first).status is AppointmentStatus.IN_CONSULTATION
    assert clinic.find(second).status is AppointmentStatus.CHECKED_IN


async def test_a_word_that_begins_like_the_key_before_it_keeps_its_letter(clinic: Clinic) -> None:
    waiting(clinic)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "dr.nair")
        await together(pilot, "n", *"nausea")
        assert consultation(pilot).form.note("symptoms").text == "nausea"
