"""Hostile text through every screen of the desk. The store refuses most of it, so it is put into
the database behind the store's back, as an older version or an import might have left it."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import update

from store import appointments, waitlist
from store.actors import system
from store.tables import (
    Account,
    Appointment,
    Department,
    Patient,
    WaitlistEntry,
    table_of,
)
from store.transaction import Transaction
from tests.ui.clinic import Clinic, busy_morning, picture, settle, sign_in
from tests.ui.hostile import CONTROLS, LANGUAGES, MARKUP
from tests.ui.test_plain import OBEYED

STORABLE = [t for t in (*MARKUP, *CONTROLS, *LANGUAGES) if "\ud800" not in t and "\x00" not in t]

# Each an app of its own: as many texts as two for each of the six patients, and one more.
BATCHES = [STORABLE[start : start + 13] for start in range(0, len(STORABLE), 13)]


def poison(tx: Transaction, texts: list[str]) -> None:
    """Put a text wherever the desk shows one; each patient gets two others."""
    patient, visit = table_of(Patient), table_of(Appointment)
    for number, (name, text) in enumerate(zip(texts[::2], texts[1::2], strict=False), 1):
        words = {"address": text[:500], "emergency_name": text[:120], "phone": text[:20]}
        tx.session.execute(
            update(patient).where(patient.c.id == number).values(name=name[:120], **words)
        )
        tx.session.execute(
            update(visit)
            .where(visit.c.patient_id == number)
            .values(note=text[:2000], reason=name[:200])
        )
    waits = update(table_of(WaitlistEntry)).where(table_of(WaitlistEntry).c.note != "")
    tx.session.execute(waits.values(note=texts[-1][:500]))
    department, account = table_of(Department), table_of(Account)
    for number, text in enumerate(texts[:2], 1):
        named = update(department).where(department.c.id == number)
        tx.session.execute(named.values(name=text[:110] + str(number)))
    for number, text in enumerate(texts[:4], 1):
        tx.session.execute(update(account).where(account.c.id == number).values(name=text[:120]))


def somebody_waits(clinic: Clinic, patient: int = 1) -> None:
    """The n-th patient waits for an earlier slot and is offered one."""
    wish = {"patient_id": clinic.patients[patient].id, "note": "x"}
    clinic.do(waitlist.add, doctor_id=clinic.nair.id, **wish)
    clinic.do(waitlist.add, department_id=clinic.bose.department_id, **wish)
    clinic.do(appointments.cancel, clinic.book(5, clinic.nair, "11:30", 3).id)


@pytest.mark.parametrize("texts", BATCHES)
async def test_hostile_text_is_shown_and_does_nothing(clinic: Clinic, texts: list[str]) -> None:
    busy_morning(clinic)
    somebody_waits(clinic)
    with clinic.store.transaction(system()) as tx:
        poison(tx, texts)
    app = clinic.app()
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        await sign_in(pilot)
        walks = (
            ["d", "enter"],
            ["slash", *"asha"],
            ["enter"],
            ["escape", "escape", "e"],
            ["escape", "w"],
            ["escape", "q", "enter"],
            ["escape", "c"],
            ["x"],
            ["escape", "m"],
            ["escape", "a"],
            ["a", "number_sign", *"all", "enter", "v"],
            ["escape", "c"],
            ["escape", "s", "w"],
            ["f4"],
            ["escape", "2", "enter"],
            ["escape", "o"],
            ["x"],
            ["escape", "b"],
            ["n", *"asha"],
            ["enter"],
        )
        for keys in walks:
            await pilot.press(*keys)
            await settle(pilot)
            for line in picture(pilot).splitlines():
                assert not OBEYED.search(line), repr(line)
            await pilot.click(offset=(20, 3))
            await pilot.click(offset=(60, 4))
            await settle(pilot)
            assert app.is_running
            assert app.actor is not None


async def test_markup_is_literal_on_the_desk(clinic: Clinic) -> None:
    busy_morning(clinic)
    with clinic.store.transaction(system()) as tx:
        poison(tx, ["[@click=app.quit]x[/]"] * 12)
    async with clinic.app().run_test(size=(140, 40)) as pilot:
        await sign_in(pilot)
        assert len(re.findall(re.escape("[@click=app.quit]"), picture(pilot))) >= 6
