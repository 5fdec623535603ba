"""Hostile text through every screen of patients and administrators. The store refuses most of it,
so it is put into the database behind the store's back."""

from __future__ import annotations

from datetime import timedelta
from itertools import cycle

import pytest
from sqlalchemy import update
from textual.pilot import Pilot

from store import appointments, holidays, leave
from store.actors import system
from store.tables import (
    Department,
    Doctor,
    Holiday,
    Leave,
    MedicalRecord,
    PrescriptionItem,
    table_of,
)
from store.transaction import Transaction
from store.values import Diagnosis, PatientView, PrescriptionInput, RecordInput
from tests.ui.clinic import OPENING, Clinic, picture, settle, sign_in
from tests.ui.own_patient import asha
from tests.ui.test_hostile import BATCHES, poison, somebody_waits
from tests.ui.test_plain import OBEYED

__all__ = ["asha"]


SIZES = ((80, 24), (120, 40))
# Each text once, on a small and a wide terminal in turn.
CASES = [(texts, SIZES[number % 2]) for number, texts in enumerate(BATCHES)]


def fill(clinic: Clinic) -> None:
    """A visit with its record, others to come, leave and a holiday."""
    seen = clinic.book(-1, clinic.nair, "09:00")
    clinic.check_in(seen)
    clinic.do(appointments.start, seen.id)
    record = RecordInput(
        symptoms="x",
        diagnoses=(Diagnosis("x"),),
        treatment="x",
        prescription=(PrescriptionInput("x", "x", "x", "x", 1, 1, "x"),),
    )
    clinic.do(appointments.complete, seen.id, record=record, sign=False)
    clinic.book(-1, clinic.nair, "10:30", 3)
    clinic.do(appointments.cancel, clinic.book(-1, clinic.bose, "12:00", 2).id)
    away = OPENING + timedelta(days=5)
    clinic.do(leave.add, clinic.nair.id, away, away + timedelta(hours=3))
    clinic.do(holidays.add, (OPENING + timedelta(days=4)).date(), "x")


def poison_all(tx: Transaction, texts: list[str]) -> None:
    """Put texts wherever these screens show one, and sign the record behind the store's back."""
    poison(tx, texts * 2)
    following = cycle(texts)
    written = {name: next(following) for name in ("symptoms", "treatment", "notes")}
    signed = {"status": "signed", "signed_at": OPENING, "signature": "x", "signed_by": 1}
    for table, values in (
        (Department, {"description": next(following)[:2000]}),
        (Doctor, {"bio": next(following)[:4000], "qualification": next(following)[:200]}),
        (Leave, {"reason": next(following)[:200]}),
        (Holiday, {"name": next(following)[:120]}),
        (PrescriptionItem, {"drug": next(following)[:200], "instructions": next(following)[:500]}),
        (MedicalRecord, written | signed),
    ):
        known = {k: v for k, v in values.items() if k in table_of(table).c}
        tx.session.execute(update(table_of(table)).values(**known))


async def walk(pilot: Pilot[None], walks: tuple[list[str], ...]) -> None:
    """Press keys, click about, and see that nothing of the text was obeyed."""
    for keys in walks:
        for key in keys:
            await pilot.press(key)
            await settle(pilot)
        for line in picture(pilot).splitlines():
            assert not OBEYED.search(line), repr(line)
        await pilot.click(offset=(20, 8))
        await settle(pilot)
    assert pilot.app.is_running


@pytest.mark.parametrize(("texts", "size"), CASES)
async def test_a_patient_sees_hostile_text_literally(
    clinic: Clinic, asha: PatientView, texts: list[str], size: tuple[int, int]
) -> None:
    fill(clinic)
    somebody_waits(clinic, patient=-1)
    with clinic.store.transaction(system()) as tx:
        poison_all(tx, texts)
    async with clinic.app().run_test(size=size, notifications=True) as pilot:
        await sign_in(pilot, "asha")
        await walk(
            pilot,
            (
                ["enter"],
                ["escape", "m"],
                ["escape", "x"],
                ["n", "v"],
                ["escape", "a"],
                ["escape", "d"],
                ["e"],
                ["escape", "2"],
                ["enter"],
                ["enter"],
                ["w"],
                ["escape", "escape", "slash"],
                ["escape", "3"],
                ["enter"],
            ),
        )


@pytest.mark.parametrize(("texts", "size"), CASES)
async def test_an_administrator_sees_hostile_text_literally(
    clinic: Clinic, asha: PatientView, texts: list[str], size: tuple[int, int]
) -> None:
    fill(clinic)
    with clinic.store.transaction(system()) as tx:
        poison_all(tx, texts)
    async with clinic.app().run_test(size=size, notifications=True) as pilot:
        await sign_in(pilot, "root")
        await walk(
            pilot,
            (
                ["tab", "tab", "tab"],
                ["3", "a"],
                ["enter"],
                ["escape", "e"],
                ["escape", "x"],
                ["n", "4"],
                ["enter"],
                ["escape", "e"],
                ["escape", "w"],
                ["escape", "v"],
                ["e"],
                ["escape", "escape", "d"],
                ["escape", "x", "y"],
                ["escape", "5"],
                ["enter"],
                ["escape", "x"],
            ),
        )
