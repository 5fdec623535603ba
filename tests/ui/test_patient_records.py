"""A patient's own medical records, in words."""

from __future__ import annotations

from decimal import Decimal

import pytest

from screens.patient.record import frequency_words, medicine_words
from store import appointments
from store.values import (
    Diagnosis,
    PatientView,
    PrescriptionInput,
    RecordInput,
    Vitals,
)
from tests.ui.clinic import Clinic, picture, settle, sign_in, words
from tests.ui.hostile import MARKUP
from tests.ui.own_patient import asha

__all__ = ["asha"]

FEVER = RecordInput(
    symptoms="Fever for three days",
    diagnoses=(Diagnosis("Viral infection", "B34.9"),),
    vitals=Vitals(systolic_mmhg=120, diastolic_mmhg=80, temperature_c=Decimal("38.4")),
    treatment="Rest and fluids",
    prescription=(PrescriptionInput("Paracetamol", "500 mg", "oral", "1-0-1", 3, 6, "after food"),),
)


def seen(clinic: Clinic, record: RecordInput | None, time: str = "09:00") -> None:
    """The last patient was seen by Dr Nair; `record` is signed, None leaves none."""
    view = clinic.book(-1, clinic.nair, time)
    clinic.check_in(view)
    clinic.do(appointments.start, view.id)
    clinic.do(appointments.complete, view.id, record=record, sign=record is not None)


async def test_a_signed_record_is_listed_and_read_in_words(
    clinic: Clinic, asha: PatientView
) -> None:
    seen(clinic, FEVER)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("3")
        await settle(pilot)
        assert "Your records · 1" in picture(pilot)
        assert "Viral infection" in picture(pilot)
        await pilot.press("enter")
        await settle(pilot)
        shown = words(pilot)
        assert "blood pressure 120/80 mmHg, temperature 38.4 °C" in shown
        await pilot.press("end")
        await settle(pilot)
        shown += words(pilot)
        assert "Paracetamol 500 mg" in shown
        assert "by mouth; 1 in the morning, 1 at night; for 3 days; after food" in shown
        assert "B34" not in shown


async def test_a_wide_terminal_shows_the_record_beside_the_list(
    clinic: Clinic, asha: PatientView
) -> None:
    seen(clinic, FEVER)
    async with clinic.app().run_test(size=(120, 40)) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("3")
        await settle(pilot)
        assert "Rest and fluids" in picture(pilot)


async def test_without_records_the_screen_says_when_there_will_be_one(
    clinic: Clinic, asha: PatientView
) -> None:
    seen(clinic, None)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("3")
        await settle(pilot)
        assert "No record yet." in picture(pilot)
        await pilot.press("1", "enter")
        await settle(pilot)
        await pilot.press("o")
        await settle(pilot)
        assert "There is no signed record of this visit yet." in words(pilot)


async def test_a_visit_opens_its_record(clinic: Clinic, asha: PatientView) -> None:
    seen(clinic, FEVER)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("o")
        await settle(pilot)
        assert "Fever for three days" in picture(pilot)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
async def test_hostile_records_are_shown_and_do_nothing(
    clinic: Clinic, asha: PatientView, size: tuple[int, int]
) -> None:
    text = "\n".join(MARKUP)
    seen(
        clinic,
        RecordInput(
            symptoms=text,
            diagnoses=tuple(Diagnosis(one) for one in MARKUP),
            treatment=text,
            prescription=tuple(
                PrescriptionInput(f"drug {one}", one, one[:40], one, 1, 1, one, one)
                for one in MARKUP
            ),
        ),
    )
    async with clinic.app().run_test(size=size) as pilot:
        await sign_in(pilot, "asha")
        await pilot.press("3")
        await settle(pilot)
        await pilot.press("enter", "pagedown", "escape")
        await settle(pilot)
        assert "[/" in picture(pilot)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("1-0-1", "1 in the morning, 1 at night"),
        ("½-0-0", "½ in the morning"),
        ("0-0-1", "1 at night"),
        ("BD", "twice a day"),
        ("t.d.s.", "three times a day"),
        ("every 6 hours", "every 6 hours"),
        ("", ""),
    ],
)
def test_frequencies_are_words(written: str, words: str) -> None:
    assert frequency_words(written) == words


def test_a_medicine_with_a_name_alone_is_just_that() -> None:
    assert medicine_words(PrescriptionInput("Zinc")) == ("Zinc", "")
