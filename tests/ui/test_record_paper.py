"""The doctor's prescription and visit summary: shown, printed, saved, mailed."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.documents.office import PaperSettings
from jobs.printing import Printer
from screens.doctor.today import TodayScreen
from screens.shared.record_paper import RecordPaperDialog
from store import outbox, patients
from store.actors import system
from store.values import MailKind, OutboxView, RecordInput, RecordStatus
from tests.jobs.paper import pages
from tests.ui.clinic import Clinic, picture, settle, words
from tests.ui.doctor_day import (
    DIABETES,
    METFORMIN,
    call_in,
    into,
    looked_up,
    the_record,
    today,
    waiting,
)
from tests.ui.test_doctor_record import completed, open_record
from tests.ui.test_slips import press, read

SMALL = (80, 24)
CONTENT = RecordInput(diagnoses=(DIABETES,), notes="well", prescription=(METFORMIN,))


@pytest.fixture
def paper(clinic: Clinic, tmp_path: Path) -> Path:
    """Where a printer of 42 columns puts what it prints; PDFs go into a folder beside it."""
    program = tmp_path / "printer"
    program.write_text(f'#!/bin/sh\ncat >>"{tmp_path}/paper"\n', encoding="utf-8")
    program.chmod(0o700)
    clinic.paper = PaperSettings(Printer((str(program),)), folder=tmp_path / "pdf")
    return tmp_path / "paper"


def mails(clinic: Clinic) -> tuple[OutboxView, ...]:
    return clinic.store.read(system(), outbox.list_messages, kind=MailKind.PAPER).items


async def test_a_record_is_printed_as_prescription_and_as_summary(
    clinic: Clinic, paper: Path
) -> None:
    completed(clinic, CONTENT)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await open_record(pilot)
        await press(pilot, "p")
        assert "PRESCRIPTION" in picture(pilot)
        await press(pilot, "enter")
        assert "Prescription of Asha Rao: sent to the printer." in words(pilot)
        assert "1. metformin 500 mg\n   1-0-1, by mouth\n" in read(paper)
        await press(pilot, "p", "o")
        assert "VISIT SUMMARY" in picture(pilot)
        await press(pilot, "f2", "enter")
        assert "Saved as" in picture(pilot)
    (file,) = (paper.parent / "pdf").iterdir()
    assert file.name.startswith("summary-")
    assert "Notes well" in pages(file.read_bytes())[0]


async def test_without_a_medicine_it_is_the_summary(clinic: Clinic, paper: Path) -> None:
    completed(clinic, RecordInput(notes="well"))
    async with clinic.app().run_test(size=SMALL) as pilot:
        await open_record(pilot)
        await press(pilot, "p", "o")
        assert "VISIT SUMMARY" in picture(pilot)
        assert "No medicine was prescribed at this visit." in words(pilot)


async def test_it_is_mailed_to_the_patient_after_a_question(clinic: Clinic) -> None:
    completed(clinic, CONTENT)
    patient = clinic.patients[0]
    clinic.do(patients.update, patient.id, {"email": ""})
    async with clinic.app().run_test(size=SMALL) as pilot:
        await open_record(pilot)
        await press(pilot, "p", "s")
        assert "has no e-mail address" in words(pilot)
        clinic.do(patients.update, patient.id, {"email": "asha@example.org"})
        await press(pilot, "s")
        assert "Mail the prescription to asha@example.org?" in words(pilot)
        await press(pilot, "n")
        assert mails(clinic) == ()
        assert isinstance(pilot.app.screen, RecordPaperDialog)
        await press(pilot, "s", "y")
        assert "in the mail to asha@example.org" in words(pilot)
    (mail,) = mails(clinic)
    assert mail.to == "asha@example.org"


async def test_one_key_signs_and_shows_the_prescription(clinic: Clinic, paper: Path) -> None:
    visit = waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await call_in(pilot)
        await into(pilot, "notes")
        await pilot.press(*"well")
        await into(pilot, "drug")
        await pilot.press(*"metformin 500 1-0-1 30d", "enter")
        await looked_up(pilot)
        await press(pilot, "f10")
        assert the_record(clinic, visit).status is RecordStatus.SIGNED
        assert "metformin" in picture(pilot)
        await press(pilot, "enter")
        assert "1. metformin 500\n   1-0-1\n" in read(paper)
        # The same from the day's queue, once more.
        assert isinstance(pilot.app.screen, TodayScreen)
        today(pilot).table.move_to(str(visit.id))
        await settle(pilot)
        await press(pilot, "p")
        assert "PRESCRIPTION" in picture(pilot)


async def test_nothing_unsigned_is_printed(clinic: Clinic, paper: Path) -> None:
    waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await call_in(pilot)
        await press(pilot, "escape", "p")
        assert isinstance(pilot.app.screen, TodayScreen)
        assert "there is nothing to print" in words(pilot)
