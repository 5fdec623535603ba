"""Slips at the desk: shown, printed, saved; and the token that prints itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from textual.pilot import Pilot

from jobs.documents.office import PaperSettings
from jobs.printing import Printer
from screens.reception.desk import DeskScreen
from screens.shared.slips import PaperDialog
from store.actors import system
from store.tables import Patient, table_of
from store.values import AppointmentView
from tests.jobs.paper import pages
from tests.ui.clinic import Clinic, busy_morning, picture, settle, sign_in, words
from tests.ui.hostile import MARKUP

SMALL = (80, 24)


@pytest.fixture
def printed(clinic: Clinic, tmp_path: Path) -> Path:
    """The paper of a printer of 32 columns, and a folder for PDFs."""
    program = tmp_path / "printer"
    program.write_text(f'#!/bin/sh\ncat >>"{tmp_path}/paper"\n', encoding="utf-8")
    program.chmod(0o700)
    clinic.paper = PaperSettings(
        Printer((str(program),)), columns=32, at_check_in=False, folder=tmp_path / "pdf"
    )
    return tmp_path / "paper"


def read(paper: Path) -> str:
    return paper.read_text(encoding="utf-8")


def use_up(printer: Path) -> None:
    printer.write_text("#!/bin/sh\necho paper is out >&2; exit 1\n", encoding="utf-8")


async def on_row(pilot: Pilot[Any], view: AppointmentView) -> None:
    assert isinstance(pilot.app.screen, DeskScreen)
    assert pilot.app.screen.table.move_to(str(view.id))
    await pilot.pause()


async def press(pilot: Pilot[Any], *keys: str) -> None:
    await pilot.press(*keys)
    await settle(pilot)


async def test_two_keys_print_the_slip_that_fits(clinic: Clinic, printed: Path) -> None:
    day = busy_morning(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await on_row(pilot, day["rao"])
        await press(pilot, "p")
        assert "Token A-02" in picture(pilot)
        assert "Asha R." in picture(pilot)
        await press(pilot, "enter")
        assert "Token A-02 of Asha R.: sent to the printer." in picture(pilot)
        assert "Token A-02\n" in read(printed)
        await on_row(pilot, day["pillai"])
        await press(pilot, "p", "enter")
        assert "YOUR APPOINTMENT\nMon 5 January 2026" in read(printed)


async def test_a_token_prints_itself_at_check_in(
    clinic: Clinic, printed: Path, tmp_path: Path
) -> None:
    clinic.paper = PaperSettings(clinic.paper.printer, columns=32)
    visits = [clinic.book(0, clinic.nair, "10:30"), clinic.book(3, clinic.nair, "10:45")]
    clinic.at(10, 20)
    async with clinic.app().run_test(size=SMALL, notifications=True) as pilot:
        await sign_in(pilot)
        for visit in visits:
            await on_row(pilot, visit)
            await pilot.press("c")
        await settle(pilot)
        text = read(printed)
        assert text.count("Token A-01\n") == text.count("Token A-02\n") == 1
        use_up(tmp_path / "printer")
        walk_in = clinic.book(4, clinic.nair, "11:00")
        await settle(pilot)
        await on_row(pilot, walk_in)
        await press(pilot, "c")
        assert clinic.find(walk_in).token == "A-03"
        assert "paper is out" in words(pilot)


async def test_a_slip_is_saved_under_a_name_of_the_folder(
    clinic: Clinic, printed: Path, tmp_path: Path
) -> None:
    day = busy_morning(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await on_row(pilot, day["rao"])
        await press(pilot, "p", "f2")
        assert "token-A-02-2026-01-05.pdf" in picture(pilot)
        await press(pilot, "home", *"../", "enter")
        assert "Give a name without a path" in words(pilot)
        await press(pilot, "home", "delete", "delete", "delete", "f2")
        assert "Saved as" in picture(pilot)
    (file,) = (tmp_path / "pdf").iterdir()
    assert "Token A-02" in pages(file.read_bytes())[0]


async def test_what_is_not_configured_is_said_in_the_dialog(clinic: Clinic) -> None:
    day = busy_morning(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await on_row(pilot, day["rao"])
        await press(pilot, "p", "enter")
        assert "No printer is configured. Set [printing] command" in words(pilot)
        await press(pilot, "ctrl+s")
        assert "No folder for documents is configured." in words(pilot)
        assert isinstance(pilot.app.screen, PaperDialog)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, DeskScreen)


async def test_the_list_of_a_day(clinic: Clinic, printed: Path) -> None:
    busy_morning(clinic)
    clinic.book(4, clinic.nair, "09:00", day=1)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await press(pilot, "P")
        assert "all doctors" in picture(pilot)
        await press(pilot, "a")
        assert "No doctor is chosen" in words(pilot)
        await press(pilot, "right_square_bracket")
        assert "List of tomorrow" in picture(pilot)
        assert "Meena Pillai" in picture(pilot)
        await press(pilot, "enter")
        text = read(printed)
        assert "Tue 6 January 2026, all doctors\n1 appointment\n" in text
        await press(pilot, "d", *"nair", "enter")
        await press(pilot, "q", "P", "a")
        assert "Mon 5 January 2026, Dr Anita" in words(pilot)


async def test_hostile_names_do_nothing_in_a_slip(clinic: Clinic) -> None:
    patient = table_of(Patient)
    texts = MARKUP[: len(clinic.patients)]
    with clinic.store.transaction(system()) as tx:
        for one, text in zip(clinic.patients, texts, strict=True):
            tx.session.execute(update(patient).where(patient.c.id == one.id).values(name=text))
    visits = [clinic.book(n, clinic.nair, f"1{n}:00") for n in range(3)]
    visits += [clinic.book(n, clinic.bose, f"1{n - 3}:00") for n in range(3, 6)]
    async with clinic.app().run_test(size=(120, 50)) as pilot:
        await sign_in(pilot)
        await press(pilot, "P")
        assert all(text in picture(pilot) for text in texts)
        for visit, text in zip(visits, texts, strict=True):
            await press(pilot, "escape")
            await on_row(pilot, visit)
            await press(pilot, "p")
            assert text in picture(pilot)
