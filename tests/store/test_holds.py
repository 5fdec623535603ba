"""A slot kept while somebody's dialog is open: what it keeps others from, and what it does not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from store import appointments, availability, desk, holds, one_line, sessions, signing_in, undo
from store.clock import FixedClock
from store.errors import Forbidden, NotSignedIn, SlotTaken, SlotUnavailable
from store.front_door import Store
from store.values import Actor, HoldView, Slot
from tests.clinic import SYSTEM, Clinic, open_clinic
from tests.hospital import actor_of, admin, patient, reception


@pytest.fixture
def clinic(store: Store) -> Clinic:
    return open_clinic(store)


@pytest.fixture
def desks(clinic: Clinic) -> tuple[Actor, Actor]:
    """One account of the desk, signed in at two places."""
    account = reception(clinic.store)
    first = actor_of(clinic.store, account, "meera@desk-1 pts/0")
    return first, actor_of(clinic.store, account, "meera@desk-2 pts/3")


def take(clinic: Clinic, actor: Actor, hour: int = 10, minute: int = 0, of: int = 0) -> HoldView:
    return clinic.store.write(actor, holds.take, clinic.doctors[of], clinic.at(hour, minute))


def book(clinic: Clinic, actor: Actor, hour: int = 10, minute: int = 0, **given: Any) -> Any:
    details = {"patient_id": clinic.patients[0], "doctor_id": clinic.doctors[0]} | given
    return clinic.store.write(
        actor, appointments.book, starts_at=clinic.at(hour, minute), **details
    )


def slot(clinic: Clinic, actor: Actor, hour: int = 10, minute: int = 0) -> Slot:
    slots = clinic.store.read(
        actor, availability.day_slots, clinic.doctors[0], clinic.at(hour).date()
    )
    return next(one for one in slots if one.starts_at == clinic.at(hour, minute))


def test_a_held_slot_is_shown_to_others_and_refused_to_them(
    clinic: Clinic, desks: tuple[Actor, Actor], clock: FixedClock
) -> None:
    mine, theirs = desks
    held = take(clinic, theirs)
    assert held.until == clinic.store.now() + timedelta(minutes=3)
    clock.advance(timedelta(seconds=80))
    seen = slot(clinic, mine)
    assert not seen.free
    assert seen.held is not None
    assert (seen.held.by, seen.held.until) == ("desk-2", held.until)
    free = clinic.store.read(
        mine, availability.first_free, doctor_id=clinic.doctors[0], after=clinic.at(10), n=1
    )
    assert free[0].starts_at == clinic.at(10, 15)
    with pytest.raises(SlotTaken, match=r"held by desk-2 for another 1:40\. Free: ") as refused:
        book(clinic, mine)
    assert len(refused.value.details["nearest"]) == 3
    with pytest.raises(SlotTaken, match="held by desk-2"):
        take(clinic, mine)


def test_ones_own_hold_is_in_nobodys_way_but_others(
    clinic: Clinic, desks: tuple[Actor, Actor]
) -> None:
    mine, theirs = desks
    take(clinic, mine)
    assert slot(clinic, mine).free
    made = book(clinic, mine)
    assert made.starts_at == clinic.at(10)
    # The booking took the hold with it.
    assert slot(clinic, theirs).held is None
    moved = clinic.store.write(
        mine, appointments.reschedule, made.id, starts_at=take(clinic, mine, 11).starts_at
    )
    assert moved.starts_at == clinic.at(11)


def test_a_hold_ends_by_itself_and_the_next_takes_its_place(
    clinic: Clinic, desks: tuple[Actor, Actor], clock: FixedClock
) -> None:
    mine, theirs = desks
    take(clinic, theirs)
    seen = slot(clinic, mine)
    clock.advance(timedelta(minutes=3))
    # A screen that read it before knows it as well as one that reads it now.
    assert seen.free_at(clock.now())
    assert slot(clinic, mine).free
    take(clinic, mine)
    assert slot(clinic, theirs).held is not None
    assert not clinic.store.write(theirs, holds.release, 1)
    assert not slot(clinic, theirs).free


def test_holding_on_does_not_make_a_hold_last_longer(
    clinic: Clinic, desks: tuple[Actor, Actor], clock: FixedClock
) -> None:
    first = take(clinic, desks[0])
    clock.advance(timedelta(minutes=2))
    assert take(clinic, desks[0]) == first


def test_a_desk_holds_one_slot_and_gives_it_back(
    clinic: Clinic, desks: tuple[Actor, Actor]
) -> None:
    mine, theirs = desks
    take(clinic, theirs)
    second = take(clinic, theirs, 11)
    assert slot(clinic, mine).free
    assert not slot(clinic, mine, 11).free
    assert not clinic.store.write(mine, holds.release, second.id)
    assert not slot(clinic, mine, 11).free
    assert clinic.store.write(theirs, holds.release, second.id)
    assert slot(clinic, mine, 11).free


def test_a_patient_holds_one_slot_wherever_signed_in(clinic: Clinic) -> None:
    account = patient(clinic.store, "Meera Rao", username="rao", email="rao@example.org")
    kiosk, home = (actor_of(clinic.store, "rao", place) for place in ("kiosk", "x@home"))
    other = patient(clinic.store, "Arjun Das", username="das", email="das@example.org")
    das = actor_of(clinic.store, "das", "y@home")
    staff = actor_of(clinic.store, reception(clinic.store), "desk")
    take(clinic, kiosk)
    assert slot(clinic, home).free
    take(clinic, home, 11)
    assert slot(clinic, staff).free
    assert str(slot(clinic, staff, 11).held).startswith("Held(by='a patient'")
    assert str(slot(clinic, das, 11).held).startswith("Held(by='somebody else'")
    with pytest.raises(SlotTaken, match="held by somebody else for another 3:00"):
        book(clinic, das, 11, patient_id=other.id)
    assert book(clinic, kiosk, 11, patient_id=account.id).starts_at == clinic.at(11)


@pytest.mark.parametrize("way", ["signed out", "ended", "another password"])
def test_an_ended_login_session_holds_nothing(
    clinic: Clinic, desks: tuple[Actor, Actor], way: str
) -> None:
    mine, theirs = desks
    take(clinic, theirs)
    last, _ = clinic.store.changes_since(None)
    if way == "signed out":
        signing_in.sign_out(clinic.store, theirs)
    elif way == "ended":
        clinic.store.write(mine, sessions.end, theirs.session_id or 0)
    else:
        account_id = mine.account_id or 0
        clinic.store.write(mine, sessions.end_all, account_id, mine.session_id)
    assert slot(clinic, mine).free
    told = {change.topic for change in clinic.store.changes_since(last)[1]}
    assert {"hold", "session"} <= told
    take(clinic, mine)


def test_open_screens_are_told_of_a_hold_and_of_its_end(
    clinic: Clinic, desks: tuple[Actor, Actor]
) -> None:
    last, _ = clinic.store.changes_since(None)
    held = take(clinic, desks[0])
    last, came = clinic.store.changes_since(last)
    clinic.store.write(desks[0], holds.release, held.id)
    _, went = clinic.store.changes_since(last)
    for change in (*came, *went):
        assert (change.topic, change.doctor_id) == ("hold", clinic.doctors[0])
        assert (change.day, change.entity_id) == (held.starts_at.date(), held.id)
    assert (len(came), len(went)) == (1, 1)


def test_an_emergency_is_not_held_up(clinic: Clinic, desks: tuple[Actor, Actor]) -> None:
    mine, theirs = desks
    take(clinic, theirs)
    made = book(clinic, mine, overbook_reason="chest pain")
    assert not made.overbooked
    events = clinic.store.read(mine, appointments.history, made.id)
    assert events[0].reason == "chest pain"
    with pytest.raises(SlotTaken, match="just been taken"):
        book(clinic, theirs, patient_id=clinic.patients[1])


def test_undo_takes_a_time_back_that_somebody_began_to_hold(
    clinic: Clinic, desks: tuple[Actor, Actor]
) -> None:
    mine, theirs = desks
    made = book(clinic, mine)
    clinic.store.write(mine, appointments.cancel, made.id)
    take(clinic, theirs)
    clinic.store.write(mine, undo.undo, made.id)
    with pytest.raises(SlotTaken):
        book(clinic, theirs, patient_id=clinic.patients[1])


def test_a_walk_in_passes_a_held_slot_over(
    clinic: Clinic, desks: tuple[Actor, Actor], clock: FixedClock
) -> None:
    mine, theirs = desks
    clock.advance(clinic.at(9, 50) - clock.now())
    take(clinic, theirs)
    came = clinic.store.write(
        mine, desk.walk_in, patient_id=clinic.patients[0], doctor_id=clinic.doctors[0]
    )
    assert (came.starts_at, came.overbooked) == (clinic.at(10, 15), False)


def test_a_slot_that_nobody_could_book_is_not_held(
    clinic: Clinic, desks: tuple[Actor, Actor]
) -> None:
    book(clinic, SYSTEM)
    with pytest.raises(SlotTaken):
        take(clinic, desks[0])
    with pytest.raises(SlotUnavailable):
        take(clinic, desks[0], 14)
    with pytest.raises(NotSignedIn):
        take(clinic, SYSTEM, 11)
    root = actor_of(clinic.store, admin(clinic.store))
    assert take(clinic, root, 11).starts_at == clinic.at(11)


def test_first_free_of_a_time_of_day(clinic: Clinic) -> None:
    def first(text: str) -> str:
        when = one_line.read_wish(text, clinic.store.now().date())
        found = clinic.store.read(
            SYSTEM, availability.first_free, department_id=clinic.department, n=1, when=when
        )
        return f"{found[0].starts_at:%a %H:%M}" if found else "none"

    assert first("after 11:30") == "Mon 11:30"
    assert first("mornings only") == "Mon 09:00"
    assert first("tomorrow from 10") == "Tue 10:00"
    assert first("before 9") == "none"
    assert first("evenings") == "none"


def test_moving_over_the_limit_needs_the_permission_and_a_reason(
    clinic: Clinic, desks: tuple[Actor, Actor]
) -> None:
    book(clinic, SYSTEM)
    account = patient(clinic.store, "Meera Rao", username="rao", email="rao@example.org")
    mine = book(clinic, SYSTEM, 12, patient_id=account.id)
    rao = actor_of(clinic.store, "rao", "home")
    with pytest.raises(Forbidden):
        clinic.store.write(
            rao,
            appointments.reschedule,
            mine.id,
            starts_at=clinic.at(10),
            overbook_reason="please",
        )
    moved = clinic.store.write(
        desks[0],
        appointments.reschedule,
        mine.id,
        starts_at=clinic.at(10),
        overbook_reason="pain is worse",
    )
    assert (moved.overbooked, moved.overbook_reason) == (True, "pain is worse")
    assert slot(clinic, desks[0]).overbooked
