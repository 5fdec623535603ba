"""Prescription lines typed as on paper into the grid of a consultation."""

from __future__ import annotations

import pytest

from store import formulary, patients
from store.values import PrescriptionInput
from tests.ui import hostile
from tests.ui.clinic import Clinic, picture, settle, sign_in, words
from tests.ui.doctor_day import (
    call_in,
    consultation,
    into,
    looked_up,
    sign,
    the_record,
    today,
    waiting,
)

WIDE, SMALL = (140, 40), (80, 24)


def with_formulary(clinic: Clinic) -> None:
    clinic.do(formulary.load_starter)


@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_lines_as_on_paper_are_spread_row_by_row(
    clinic: Clinic, size: tuple[int, int]
) -> None:
    with_formulary(clinic)
    visit = waiting(clinic)
    async with clinic.app().run_test(size=size) as pilot:
        screen = await call_in(pilot)
        await into(pilot, "notes")
        await pilot.press(*"sore throat")
        await into(pilot, "drug")
        await pilot.press(*"amox 500 1-0-1 5d pc warm")
        shown = words(pilot)
        assert "= Amoxicillin 500 mg · 1 morning, 1 night · 5 days · after food, warm" in shown
        assert "as written: warm" in shown
        await pilot.press("enter", *"pcm 650 tab sos 3d", "enter", *"zinc 20 od 2w")
        assert screen.form.grid.rows[2].field("drug").has_focus
        await pilot.press("tab", "tab", "tab", "tab", *"[", "backspace", "backspace", "backspace")
        await looked_up(pilot)
        await pilot.press(*"1w", "f2")
        await settle(pilot)
        assert [row.field("quantity").value for row in screen.form.grid.rows] == ["10", "", "7", ""]
        await sign(pilot)
        today(pilot)
    assert the_record(clinic, visit).content.prescription == (
        PrescriptionInput("Amoxicillin", "500 mg", "", "1-0-1", 5, 10, "after food, warm"),
        PrescriptionInput("Paracetamol", "650 mg tab", "", "SOS", 3),
        PrescriptionInput("Zinc sulfate", "20 mg", "", "OD", 7, 7),
    )


async def test_a_line_that_is_signed_in_a_hurry_is_what_was_shown(clinic: Clinic) -> None:
    with_formulary(clinic)
    clinic.do(patients.add_allergy, clinic.patients[0].id, "penicillin")
    visit = waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        screen = await call_in(pilot)
        await into(pilot, "notes")
        await pilot.press(*"sore throat")
        await into(pilot, "drug")
        await pilot.press(*"amox 500 bd 5d", "f5")
        await settle(pilot)
        assert "⚠ The patient is recorded as allergic to penicillin." in picture(pilot)
        await pilot.press(*"skin test negative", "f5")
        await settle(pilot)
        today(pilot)
    (line,) = the_record(clinic, visit).content.prescription
    answer = "skin test negative"
    assert line == PrescriptionInput(
        "Amoxicillin", "500 mg", "", "BD", 5, 10, warning_answer=answer
    )
    assert screen.keeper is not None


async def test_the_right_arrow_takes_the_drug_that_is_offered(clinic: Clinic) -> None:
    with_formulary(clinic)
    waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        screen = await call_in(pilot)
        await into(pilot, "drug")
        await pilot.press(*"metfromin")
        assert "→ Metformin" in picture(pilot)
        await pilot.press("right", *"500 bd 1w", "tab")
        await settle(pilot)
        (line,) = screen.form.grid.typed.values()
        assert (line.drug, line.dose, line.frequency) == ("Metformin", "500 mg", "BD")
        assert (line.duration_days, line.quantity) == ("7", "14")


async def test_a_total_that_was_typed_stays(clinic: Clinic) -> None:
    waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        screen = await call_in(pilot)
        await into(pilot, "drug")
        await pilot.press(*"tonic bd 5d", "tab", "up")
        grid = screen.form.grid
        row = grid.rows[0]
        assert row.field("quantity").value == "10"
        row.field("quantity").focus()
        await pilot.pause()
        await pilot.press(*"12")
        row.field("duration_days").focus()
        await pilot.pause()
        await pilot.press("end", "0")
        assert (row.field("duration_days").value, row.field("quantity").value) == ("50", "12")


async def test_a_line_cut_off_in_the_middle_is_there_as_it_was_typed(clinic: Clinic) -> None:
    with_formulary(clinic)
    visit = waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await call_in(pilot)
        await into(pilot, "weight_kg")
        await pilot.press(*"68")
        await into(pilot, "drug")
        await pilot.press(*"pcm 650 tds 3d", "enter", *"amox 500 1-0-1 5d p")
        pilot.app.exit()
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, "dr.nair")
        await pilot.press("enter")
        await settle(pilot)
        form = consultation(pilot).form
        assert form.vitals.field("weight_kg").value == "68"
        first, second = form.grid.typed.values()
        assert (first.drug, first.dose, first.quantity) == ("Paracetamol", "650 mg", "9")
        assert second.drug == "amox 500 1-0-1 5d p"
        form.grid.rows[1].field("drug").focus()
        await pilot.press("end", *"c")
        await into(pilot, "notes")
        await pilot.press(*"fever", "f5")
        await settle(pilot)
        today(pilot)
    lines = the_record(clinic, visit).content.prescription
    assert lines[1] == PrescriptionInput("Amoxicillin", "500 mg", "", "1-0-1", 5, 10, "after food")


async def test_hostile_text_in_a_drug_is_shown_as_it_is(clinic: Clinic) -> None:
    with_formulary(clinic)
    waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        screen = await call_in(pilot)
        await into(pilot, "drug")
        field = screen.form.grid.rows[0].field("drug")
        for text in hostile.ALL:
            field.value = f"amox {text} 1-0-1 {text}"
            await pilot.pause()
            picture(pilot)
        field.value = "amox [b]x[/] 1-0-1"
        await pilot.pause()
        assert "[b]x[/]" in picture(pilot)
