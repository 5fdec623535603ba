"""The doctor's other rooms: patients, one patient, own appointments, own records, follow-ups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from store import holds, records, signing_in
from store.values import SessionKind
from tests.snapshots.conftest import SMALL, WIDE
from tests.ui.clinic import OPENING, PASSWORD, Clinic
from tests.ui.doctor_day import give_a_past, record_of, unfinished
from tests.ui.doctor_weeks import busy_weeks

Photograph = Callable[..., bool]
Size = tuple[int, int]
BOTH = pytest.mark.parametrize("size", [WIDE, SMALL])


def filled(clinic: Clinic) -> None:
    """Asha Rao has a past and an amended record; a record of Meena Pillai is unfinished."""
    give_a_past(clinic)
    busy_weeks(clinic)
    unfinished(clinic, 4, 2, "cough since Sunday")
    newest = next(one for one in clinic.of(0) if record_of(clinic, one) is not None)
    record = record_of(clinic, newest)
    assert record is not None
    actor = signing_in.sign_in(
        clinic.store, "dr.nair", PASSWORD, kind=SessionKind.APP, terminal="ssh"
    ).actor
    clinic.store.write(
        actor, records.amend, record.id, field="notes", text="walks daily", reason="left out"
    )


@BOTH
@pytest.mark.parametrize(
    "walks",
    [
        [["3"]],
        [["3"], ["slash", *"rao"]],
        [["3"], ["G"], ["enter"]],
        [["4"]],
        [["4"], ["slash", *"booked from:today", "enter"]],
        [["5"]],
        [["5"], ["slash", *"metformin diab", "enter"]],
        [["3"], ["G"], ["b"]],
    ],
    ids=[
        "patients",
        "patients found",
        "a patient",
        "appointments",
        "appointments to come",
        "records",
        "records found",
        "a follow-up",
    ],
)
def test_each_room(
    clinic: Clinic, photograph: Photograph, size: Size, walks: Sequence[Sequence[str]]
) -> None:
    filled(clinic)
    assert photograph(clinic, size, *walks, name="dr.nair")


@pytest.mark.parametrize("tab", ["3", "4", "5"])
def test_empty_rooms(clinic: Clinic, photograph: Photograph, tab: str) -> None:
    assert photograph(clinic, SMALL, [tab], name="dr.nair")


def test_what_is_wrong_with_the_words(clinic: Clinic, photograph: Photograph) -> None:
    filled(clinic)
    assert photograph(clinic, SMALL, ["4"], ["slash", *"from:someday"], name="dr.nair")


@BOTH
def test_a_held_slot_in_the_calendar(clinic: Clinic, photograph: Photograph, size: Size) -> None:
    busy_weeks(clinic)
    desk = signing_in.sign_in(
        clinic.store, "meera", PASSWORD, kind=SessionKind.APP, terminal="tty2@desk-2"
    ).actor
    at = OPENING + timedelta(days=1, hours=2)
    clinic.store.write(desk, holds.take, clinic.nair.id, at)
    walks = (["2"], ["right"], ["g"], ["down"] * 4)
    assert photograph(clinic, size, *walks, name="dr.nair")
