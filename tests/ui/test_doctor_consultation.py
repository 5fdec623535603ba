from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import cycle, islice

import pytest

from store import patients
from store.values import AppointmentStatus as Status
from store.values import (
    Diagnosis,
    PrescriptionInput,
    RecordInput,
    RecordStatus,
    Vitals,
)
from tests.ui import hostile
from tests.ui.clinic import Clinic, on_both, picture, settle
from tests.ui.doctor_day import (
    METFORMIN,
    STATIN,
    call_in,
    consultation,
    give_a_past,
    into,
    looked_up,
    record_of,
    seen_before,
    sign,
    the_record,
    today,
    waiting,
)
from widgets.code_search import CodeSearch

WIDE, SMALL = (140, 40), (80, 24)


def texts(diagnoses: CodeSearch) -> list[str]:
    return [one.text for one in diagnoses.diagnoses]


@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_a_patient_is_seen_by_keys_alone(clinic: Clinic, size: tuple[int, int]) -> None:
    give_a_past(clinic)
    visit = waiting(clinic)
    async with clinic.app().run_test(size=size) as pilot:
        await call_in(pilot)
        await pilot.press(*"tired, less thirst", "tab")
        await pilot.press(*"128/82", "enter", *"76", "enter", *"36.8", "enter", *"98", "enter")
        await pilot.press(*"16", "enter", *"68", "enter", *"165", "enter")
        assert "BMI 25.0" in picture(pilot)
        await pilot.press(*"e11.9")
        await looked_up(pilot)
        assert "› E11.9   Type 2 diabetes mellitus without complications" in picture(pilot)
        await pilot.press("enter", *"stressed at work")
        await looked_up(pilot)
        await pilot.press("up", "enter", "tab")
        await pilot.press(*"continue", "tab", *"diet sheet", "tab", *"+2w", "enter")
        await pilot.press(*"aspirin", "enter", *"75 mg", "enter", *"oral", "enter", *"0-1-0")
        await pilot.press("enter", *"2w", "enter", *"14", "enter", *"after food")
        await looked_up(pilot)
        await sign(pilot)
        today(pilot)
        assert "Asha Rao: signed and completed." in picture(pilot)
    record = the_record(clinic, visit)
    assert record.status is RecordStatus.SIGNED
    assert record.content == RecordInput(
        symptoms="tired, less thirst",
        diagnoses=(
            Diagnosis("Type 2 diabetes mellitus without complications", "E11.9"),
            Diagnosis("stressed at work"),
        ),
        vitals=Vitals(128, 82, 76, Decimal("36.8"), Decimal(68), Decimal(165), 98, 16),
        treatment="continue",
        notes="diet sheet",
        follow_up_on=date(2026, 1, 19),
        prescription=(
            PrescriptionInput("aspirin", "75 mg", "oral", "0-1-0", 14, 14, "after food"),
        ),
    )
    assert clinic.find(visit).status is Status.COMPLETED


@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_what_must_not_be_overlooked_is_always_in_sight(
    clinic: Clinic, size: tuple[int, int]
) -> None:
    give_a_past(clinic)
    waiting(clinic)
    async with clinic.app().run_test(size=size) as pilot:
        await call_in(pilot)
        await into(pilot, "drug")
        for _ in range(8):
            await pilot.press(*"zinc", "down")
        shown = picture(pilot)
        assert "Asha Rao  F 34" in shown
        assert "⚠ ALLERGY  penicillin (rash)" in shown
        assert "takes metformin 500 mg 1-0-1" in shown


async def test_a_wide_terminal_shows_the_visits_before(clinic: Clinic) -> None:
    give_a_past(clinic)
    waiting(clinic)
    async with clinic.app().run_test(size=WIDE) as pilot:
        await call_in(pilot)
        shown = picture(pilot)
        assert "08 Dec 25 Type 2 diabetes mellitus" in shown
        assert "weight 71 → 70.2 kg" in shown
        assert "BP 140/90 → 132/86" in shown


async def test_a_new_patient_has_nothing_before(clinic: Clinic) -> None:
    waiting(clinic)
    async with clinic.app().run_test(size=WIDE) as pilot:
        await call_in(pilot)
        shown = picture(pilot)
        assert "no allergies recorded" in shown
        assert "none here yet" in shown
        await pilot.press("f6")
        await settle(pilot)
        assert "There is no earlier prescription to repeat." in picture(pilot)


async def test_an_allergy_noted_at_the_desk_appears_at_once(clinic: Clinic) -> None:
    waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        screen = await call_in(pilot)
        await pilot.press(*"itch")
        clinic.do(patients.add_allergy, clinic.patients[0].id, "latex")
        await settle(pilot)
        assert "⚠ ALLERGY  latex" in picture(pilot)
        await pilot.press(*"ing")
        assert screen.form.note("symptoms").text == "itching"


async def test_the_history_holds_every_word(clinic: Clinic) -> None:
    give_a_past(clinic)
    waiting(clinic)
    async with clinic.app().run_test(size=WIDE) as pilot:
        await call_in(pilot)
        await pilot.press("f3")
        await settle(pilot)
        shown = picture(pilot)
        assert "diet sheet given" in shown
        assert "metformin 500 mg 1-0-1 until 07 Mar 2026" in shown
        assert "BP 140/90 mmHg, weight 71 kg, height 165 cm, BMI 26.1" in shown
        await pilot.press("escape")
        consultation(pilot)


# Diagnoses


async def test_a_code_typed_in_a_hurry_is_taken_and_words_are_not(clinic: Clinic) -> None:
    waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        screen = await call_in(pilot)
        await into(pilot, "diagnoses")
        await pilot.press(*"i10", "enter")
        await looked_up(pilot)
        assert screen.form.diagnoses.diagnoses == (
            Diagnosis("Essential (primary) hypertension", "I10"),
        )
        await pilot.press(*"diabet", "enter")
        await looked_up(pilot)
        assert len(screen.form.diagnoses.chosen) == 1  # offered now, to be taken by another enter
        await pilot.press("down", "enter")
        assert len(screen.form.diagnoses.chosen) == 2
        assert screen.form.diagnoses.chosen[1].code


async def test_what_no_code_fits_is_taken_as_it_is_written(clinic: Clinic) -> None:
    waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        screen = await call_in(pilot)
        await into(pilot, "diagnoses")
        await pilot.press(*"qqzz [b]x", "enter")
        await looked_up(pilot)
        assert screen.form.diagnoses.chosen == [Diagnosis("qqzz [b]x")]
        assert "qqzz [b]x" in picture(pilot)


async def test_a_diagnosis_is_changed_and_taken_out(clinic: Clinic) -> None:
    waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        screen = await call_in(pilot)
        diagnoses = screen.form.diagnoses
        diagnoses.put([Diagnosis("one"), Diagnosis("two"), Diagnosis("three")])
        await into(pilot, "diagnoses")
        await pilot.press("up", "up", "enter", *"!")
        assert texts(diagnoses) == ["one", "three", "two!"]
        await pilot.press(*["backspace"] * 4)
        assert texts(diagnoses) == ["one", "three"]
        await pilot.press("backspace")  # marks the last one
        assert len(diagnoses.chosen) == 2
        await pilot.press("backspace")
        assert texts(diagnoses) == ["one"]
        await pilot.press("escape")
        consultation(pilot)


async def test_escape_closes_the_offers_before_it_goes_back(clinic: Clinic) -> None:
    waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await call_in(pilot)
        await into(pilot, "diagnoses")
        await pilot.press(*"fever")
        await looked_up(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert "as text" not in picture(pilot)
        assert consultation(pilot).form.diagnoses.diagnoses == (Diagnosis("fever"),)


# The prescription


async def test_a_warning_is_answered_by_a_reason_before_signing(clinic: Clinic) -> None:
    give_a_past(clinic)
    visit = waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await call_in(pilot)
        await into(pilot, "notes")
        await pilot.press(*"sore throat")
        await into(pilot, "drug")
        await pilot.press(*"Penicillin V", "f5")  # before the warning can be seen
        await settle(pilot)
        assert "⚠ The patient is recorded as allergic to penicillin." in picture(pilot)
        assert clinic.find(visit).status is Status.IN_CONSULTATION
        await sign(pilot)
        assert clinic.find(visit).status is Status.IN_CONSULTATION
        await pilot.press(*"tolerated twice", "f5")
        await settle(pilot)
        today(pilot)
    (line,) = the_record(clinic, visit).content.prescription
    assert line == PrescriptionInput("Penicillin V", warning_answer="tolerated twice")


async def test_the_same_drug_on_two_lines_is_warned_of_until_one_is_gone(clinic: Clinic) -> None:
    waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        screen = await call_in(pilot)
        await into(pilot, "drug")
        await pilot.press(*"warfarin")
        await looked_up(pilot)
        screen.form.grid.rows[1].field("drug").focus()
        await pilot.press(*"Warfarin 3 mg")
        await looked_up(pilot)
        assert "⚠ This prescription has warfarin already." in picture(pilot)
        screen.form.grid.rows[0].field("drug").focus()
        await pilot.press("f8")
        await settle(pilot)
        assert "already" not in picture(pilot)
        assert screen.form.grid.unanswered() is None


async def test_a_medicine_without_an_end_is_shown_as_taken(clinic: Clinic) -> None:
    chronic = PrescriptionInput("Warfarin", "5 mg")
    seen_before(clinic, 28, RecordInput(notes="valve", prescription=(chronic,)))
    waiting(clinic)
    async with clinic.app().run_test(size=WIDE) as pilot:
        await call_in(pilot)
        assert "takes Warfarin 5 mg (no end given)" in picture(pilot)
        await pilot.press("f3")
        await settle(pilot)
        assert picture(pilot).count("Warfarin 5 mg (no end given)") == 2


async def test_a_reason_counts_only_for_the_drug_it_was_given_for(clinic: Clinic) -> None:
    give_a_past(clinic)
    visit = waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        screen = await call_in(pilot)
        await into(pilot, "notes")
        await pilot.press(*"sore throat")
        await into(pilot, "drug")
        await pilot.press(*"metformin")
        await looked_up(pilot)
        screen.form.grid.rows[0].field("answer").focus()
        await pilot.press(*"continue")
        screen.form.grid.rows[0].field("drug").focus()
        await pilot.press("end", *["backspace"] * 9, *"penicillin")
        await looked_up(pilot)
        await sign(pilot)
        assert clinic.find(visit).status is Status.IN_CONSULTATION
        assert screen.form.grid.rows[0].field("answer").value == ""


async def test_lines_are_added_changed_and_taken_out(clinic: Clinic) -> None:
    visit = waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        screen = await call_in(pilot)
        await into(pilot, "drug")
        await pilot.press(*"zinc", *["enter"] * 7, *"iron", *["enter"] * 7, *"folate")
        assert [text.drug for text in screen.form.grid.typed.values()] == ["zinc", "iron", "folate"]
        await pilot.press("up", "end", *" 100", "f8")
        await pilot.press("f2")
        await settle(pilot)
        drugs = [line.drug for line in the_record(clinic, visit).content.prescription]
        assert drugs == ["zinc", "folate"]
        await pilot.press("f9", "f2")
        await settle(pilot)
        drugs = [line.drug for line in the_record(clinic, visit).content.prescription]
        assert drugs == ["zinc", "folate", "iron 100"]
        await pilot.press("f9")  # there is nothing more to put back
        assert len(screen.form.grid.typed) == 3


async def test_a_wrong_count_is_told_in_its_line(clinic: Clinic) -> None:
    visit = waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        screen = await call_in(pilot)
        await into(pilot, "notes")
        await pilot.press(*"tired")
        await into(pilot, "drug")
        await pilot.press(*"iron", *["enter"] * 4, *"many", "f5")
        await settle(pilot)
        shown = picture(pilot)
        assert "! Give the days as a whole number." in shown
        assert "Not signed yet: look at days in line 1." in shown
        assert screen.form.grid.rows[0].field("duration_days").has_focus
        await pilot.press(*["backspace"] * 4, *"1w", "f5")
        await settle(pilot)
    (line,) = the_record(clinic, visit).content.prescription
    assert line == PrescriptionInput("iron", duration_days=7)


async def test_the_last_prescription_is_repeated_and_its_warnings_answered_anew(
    clinic: Clinic,
) -> None:
    give_a_past(clinic)
    visit = waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await call_in(pilot)
        await pilot.press(*"fine", "f6")
        await looked_up(pilot)
        assert "2 lines of 08 Dec 2025 repeated." in picture(pilot)
        await pilot.press("f6")
        await looked_up(pilot)
        assert "0 lines of 08 Dec 2025 repeated." in picture(pilot)
        await into(pilot, "diagnoses")
        await pilot.press(*"diabetes", "f5")
        await settle(pilot)
        for _ in range(2):
            await pilot.press(*"goes on", "f5")
            await settle(pilot)
        today(pilot)
    lines = the_record(clinic, visit).content.prescription
    assert [line.warning_answer for line in lines] == ["goes on", "goes on"]
    assert [(line.drug, line.duration_days) for line in lines] == [
        (METFORMIN.drug, 90),
        (STATIN.drug, 90),
    ]


@on_both
async def test_f7_signs_and_calls_the_next(clinic: Clinic) -> None:
    first = waiting(clinic)
    second = waiting(clinic, 3, "10:45")
    async with clinic.app().run_test(size=SMALL) as pilot:
        await call_in(pilot)
        await into(pilot, "notes")
        await pilot.press(*"well", "f7")
        await settle(pilot)
        assert consultation(pilot).visit.id == second.id
        assert consultation(pilot).form.note("notes").text == ""
        assert clinic.find(first).status is Status.COMPLETED
        assert clinic.find(second).status is Status.IN_CONSULTATION
        await into(pilot, "notes")
        await pilot.press(*"well too", "f7")
        await settle(pilot)
        today(pilot)
        assert "Nobody waits." in picture(pilot)
    assert the_record(clinic, second).content.notes == "well too"


# Text that tries to act


async def test_hostile_text_is_kept_or_refused_in_every_field(clinic: Clinic) -> None:
    visit = waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        screen = await call_in(pilot)
        form = screen.form
        for start in range(0, len(hostile.ALL), 3):
            following = islice(cycle(hostile.ALL), start, None)
            form.note("notes").text = next(following)
            form.follow_up.value = next(following)
            form.diagnoses.field.value = next(following)
            form.vitals.field("blood_pressure").value = next(following)
            form.vitals.field("weight_kg").value = next(following)
            row = form.grid.rows[0]
            for name in ("drug", "dose", "duration_days", "instructions"):
                row.field(name).value = next(following)
            await pilot.press("f2")
            await looked_up(pilot)
            await into(pilot, "symptoms")
            assert "\x1b" not in picture(pilot)
        form.note("notes").text = "\n".join(hostile.MARKUP)
        form.follow_up.value = ""
        form.vitals.put({})
        form.diagnoses.put([Diagnosis(text) for text in hostile.MARKUP[:5]])
        await form.grid.put([])
        await sign(pilot)
        today(pilot)
    content = the_record(clinic, visit).content
    assert content.notes == "\n".join(hostile.MARKUP)
    assert [one.text for one in content.diagnoses] == hostile.MARKUP[:5]


async def test_hostile_text_of_earlier_visits_is_shown_as_it_is(clinic: Clinic) -> None:
    for text in hostile.MARKUP:
        if any(letter.isalnum() for letter in text):
            clinic.do(patients.add_allergy, clinic.patients[0].id, text, reaction=text)
    seen_before(
        clinic,
        7,
        RecordInput(
            notes="\n".join(hostile.MARKUP),
            diagnoses=tuple(Diagnosis(text) for text in hostile.MARKUP),
            prescription=(PrescriptionInput("[red]x", "[/]", "", "[", 30, warning_answer="[["),),
        ),
    )
    waiting(clinic)
    async with clinic.app().run_test(size=(140, 80)) as pilot:
        await call_in(pilot)
        assert "[red]x [/] [" in picture(pilot)
        await pilot.press("f3")
        await settle(pilot)
        shown = picture(pilot)
        for text in hostile.MARKUP:
            assert text in shown, text
        await pilot.press("escape", "escape")
        await settle(pilot)
        today(pilot)


async def test_a_draft_begun_by_mistake_leaves_no_signed_word(clinic: Clinic) -> None:
    visit = waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await call_in(pilot)
        await pilot.press("escape")
        await settle(pilot)
        await pilot.press("u")
        await settle(pilot)
        assert clinic.find(visit).status is Status.CHECKED_IN
    record = record_of(clinic, visit)
    assert record is None or record.status is RecordStatus.DRAFT
