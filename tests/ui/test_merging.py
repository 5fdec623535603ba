"""The desk merges a patient who is registered twice, looks at both first, and takes it back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from screens.reception.desk import DeskScreen
from screens.shared.merging import MergeDialog, TwiceDialog
from screens.shared.patient_form import PatientForm
from store import appointments, patients
from store.actors import system
from store.values import PatientInput, PatientView, Sex
from tests.ui.clinic import OPENING, Clinic, picture, press, sign_in, words
from tests.ui.locking import at

WIDE, SMALL = (140, 40), (80, 24)


@pytest.fixture
def again(clinic: Clinic) -> PatientView:
    """Asha Rao, registered a second time, with another telephone and an appointment."""
    given = PatientInput(
        "Asha Rao [b]", "1991-04-03", Sex.FEMALE, "9845099999", allergies=("Latex",)
    )
    made: PatientView = clinic.do(patients.register, given)
    asha = clinic.people.patients[0]
    for who, by in ((made, clinic.people.nair), (asha, clinic.people.bose)):
        clinic.do(
            appointments.book,
            patient_id=who.id,
            doctor_id=by.id,
            starts_at=OPENING + timedelta(hours=4),
        )
    return made


@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_two_are_compared_merged_and_separated_again(
    clinic: Clinic, again: PatientView, size: tuple[int, int]
) -> None:
    asha = clinic.people.patients[0]
    read = clinic.store.read
    async with clinic.app().run_test(size=size) as pilot:
        await sign_in(pilot)
        await press(pilot, "T")
        assert at(pilot, TwiceDialog)
        assert "same birth date" in words(pilot)
        await press(pilot, "enter")
        assert at(pilot, MergeDialog)
        shown = words(pilot)
        assert "● +919845011223" in shown
        assert "Goes over: 1 × appointment." in shown
        assert "Booked twice at the same time" in shown
        assert "Latex" not in shown
        await press(pilot, "j", "j", "j", "space")
        assert "● +919845099999" in words(pilot)
        await press(pilot, "ctrl+s")
        assert at(pilot, TwiceDialog)
        kept = read(system(), patients.get, again.mrn)
        assert (kept.id, kept.phone) == (asha.id, "+919845099999")
        assert "Nobody seems to be registered twice." in words(pilot)
        await press(pilot, "u")
        assert read(system(), patients.get, again.mrn).id == again.id
        assert read(system(), patients.get, asha.mrn).phone == asha.phone
        await press(pilot, "escape")
        assert at(pilot, DeskScreen)


async def test_two_people_are_suggested_no_more_and_again(
    clinic: Clinic, again: PatientView
) -> None:
    async with clinic.app().run_test(size=SMALL, notifications=True) as pilot:
        await sign_in(pilot)
        await press(pilot, "T", "n")
        assert "Nobody seems to be registered twice." in words(pilot)
        assert "are two people; u takes it back." in words(pilot)
        await press(pilot, "u")
        assert "same birth date" in words(pilot)
        await press(pilot, "enter")
        assert at(pilot, MergeDialog), "the cursor is on the pair again"


async def test_the_other_one_may_stay(clinic: Clinic, again: PatientView) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await press(pilot, "T", "enter", "w")
        await press(pilot, "G", "space")
        assert "so this is taken over" in words(pilot)
        await press(pilot, "f2")
    asha = clinic.people.patients[0]
    assert clinic.store.read(system(), patients.get, asha.mrn).id == again.id


async def test_an_allergy_is_added_to_a_patient_who_is_registered(clinic: Clinic) -> None:
    asha = clinic.people.patients[0]
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await press(pilot, "slash", *"asha rao", "escape", "e")
        assert at(pilot, PatientForm)
        form = pilot.app.screen
        assert isinstance(form, PatientForm)
        await press(pilot, *["tab"] * 9, *"latex, dust", "ctrl+s")
        assert at(pilot, DeskScreen), picture(pilot)
    known = clinic.store.read(system(), patients.allergies, asha.id)
    assert [one.substance for one in known] == ["latex", "dust"]
