"""PostgreSQL that goes away and comes back: nothing is lost, nothing is done twice, and nobody has
to start anything anew. (X6 of the catalogue of faults.)"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import text
from textual.pilot import Pilot

from store import appointments, chain, patients
from store.actors import system
from store.errors import AnswerLost, Unavailable
from store.values import AppointmentView
from tests.faults.conftest import Far
from tests.servers.cut_line import Cut
from tests.servers.postgres import OwnPostgres
from tests.servers.process import wait_until
from tests.ui.clinic import OPENING, picture, press, settle, sign_in, until, words
from tests.ui.test_booking_dialog import open_dialog

PATIENT = 0
NINE = OPENING.replace(hour=9)


def book(far: Far, before: Any = None) -> AppointmentView:
    """Book the first patient at nine over the line; `before` is done within the unit, once."""
    first = [before] if before else []

    def rule(tx: Any) -> AppointmentView:
        tx.today()
        patients.get(tx, far.clinic.patients[PATIENT].id)
        while first:
            first.pop()()
        return appointments.book(
            tx,
            patient_id=far.clinic.patients[PATIENT].id,
            doctor_id=far.clinic.nair.id,
            starts_at=NINE,
        )

    return far.clinic.store.write(system(), rule)


def booked(far: Far) -> list[tuple[Any, ...]]:
    """The appointments and what was written with each, past our own code."""
    query = """
        SELECT a.id,
               (SELECT count(*) FROM audit_entry e
                 WHERE e.entity = 'appointment' AND e.entity_id = CAST(a.id AS text)),
               (SELECT count(*) FROM appointment_event v WHERE v.appointment_id = a.id),
               (SELECT count(*) FROM outbox_message o WHERE o.appointment_id = a.id)
          FROM appointment a ORDER BY a.id
    """
    with far.near.database.begin(write=False) as connection:
        assert chain.first_broken(connection)[1] is None
        return [tuple(row) for row in connection.execute(text(query))]


def told(pilot: Pilot[Any]) -> list[str]:
    """What is told in the corner."""
    return [one.message for one in pilot.app._notifications]


@contextmanager
def restarted(server: OwnPostgres) -> Iterator[None]:
    """The server is down meanwhile."""
    server.stop()
    try:
        yield
    finally:
        server.start()


def restart(server: OwnPostgres) -> None:
    with restarted(server):
        pass


def test_restarted_between_units(far: Far, own_postgres: OwnPostgres) -> None:
    before = far.clinic.of(PATIENT)
    restart(own_postgres)
    assert far.clinic.of(PATIENT) == before == []
    restart(own_postgres)
    assert book(far).id == booked(far)[0][0]


def test_restarted_within_a_unit_that_writes(far: Far, own_postgres: OwnPostgres) -> None:
    made = book(far, lambda: restart(own_postgres))
    assert booked(far) == [(made.id, 1, 1, 1)]


def test_restarted_within_a_unit_that_reads(far: Far, own_postgres: OwnPostgres) -> None:
    asked = 0

    def rule(tx: Any) -> str:
        nonlocal asked
        asked += 1
        if asked == 1:
            restart(own_postgres)
        return patients.get(tx, far.clinic.patients[PATIENT].id).name

    assert far.clinic.store.read(system(), rule) == "Asha Rao"


def test_while_it_is_down_everything_says_so(far: Far, own_postgres: OwnPostgres) -> None:
    far.clinic.of(PATIENT)
    with restarted(own_postgres):
        for work in (book, lambda far: far.clinic.of(PATIENT)):
            with pytest.raises(Unavailable, match="database"):
                work(far)
    book(far)
    assert len(booked(far)) == 1


@pytest.mark.parametrize("at", ["before", "after"])
def test_cut_around_the_commit(far: Far, at: Cut) -> None:
    far.line.cut(at)
    made = book(far)
    assert far.line.cuts == 1
    assert booked(far) == [(made.id, 1, 1, 1)]
    assert [one.id for one in far.clinic.of(PATIENT)] == [made.id]


def test_a_commit_that_comes_late_is_waited_for(far: Far) -> None:
    """The program asks whether the unit stands while the server still has the commit before it."""

    def deliver_when_asked() -> None:
        queueing = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"

        def queues() -> bool:
            with far.near.database.begin(write=False) as connection:
                return bool(connection.execute(text(queueing)).scalar_one())

        wait_until(queues, lambda: "nobody asked")
        far.line.deliver()

    far.line.cut("late")
    deliverer = threading.Thread(target=deliver_when_asked)
    deliverer.start()
    made = book(far)
    deliverer.join()
    assert far.line.cuts == 1
    assert booked(far) == [(made.id, 1, 1, 1)]


@pytest.mark.parametrize(("at", "count"), [("before", 0), ("after", 1)])
def test_cut_around_the_commit_and_gone(far: Far, at: Cut, count: int) -> None:
    far.line.cut(at, and_stay_down=True)
    with pytest.raises(AnswerLost) as lost:
        book(far)
    with pytest.raises(Unavailable):
        far.clinic.store.stands(lost.value)
    assert len(booked(far)) == count
    far.line.down = False
    assert far.clinic.store.stands(lost.value) == bool(count)


@pytest.mark.parametrize("at", ["before", "after"])
async def test_a_form_is_kept_and_sent_again_once(far: Far, at: Cut) -> None:
    async with far.clinic.app().run_test(size=(80, 24)) as pilot:
        dialog = await open_dialog(pilot)
        await press(pilot, "tab", *"knee hurts")
        far.line.cut(at, and_stay_down=True)
        await press(pilot, "enter")
        assert pilot.app.screen is dialog
        assert "Do the same again when it is back: nothing is done twice." in words(pilot)
        assert "knee hurts" in picture(pilot)
        await press(pilot, "enter")
        assert pilot.app.screen is dialog
        assert "does not answer" in words(pilot)
        assert "knee hurts" in picture(pilot)
        far.line.down = False
        await press(pilot, "enter")
        assert "is booked" in words(pilot)
    ((_, *written),) = booked(far)
    assert written == [1, 1, 1]
    assert far.clinic.of(PATIENT)[0].note == "knee hurts"


async def test_registered_and_checked_in_once(far: Far) -> None:
    """What has no number of its own by which it would be known again."""
    made = book(far)
    far.clinic.at(9, 0)
    async with far.clinic.app().run_test(size=(120, 40)) as pilot:
        await sign_in(pilot)
        await press(pilot, "n", *"Kabir Singh")
        await press(pilot, "enter", *"1990")
        # That similar names were looked for is written to the audit trail first.
        far.line.cut("after", and_stay_down=True, behind=1)
        await press(pilot, "ctrl+s")
        assert "nothing is done twice" in words(pilot)
        assert "Kabir Singh" in picture(pilot)
        far.line.down = False
        await press(pilot, "ctrl+s")
        assert "Is it one of these?" in picture(pilot)
        await press(pilot, "f2")  # somebody new, although it is who was registered just now
        assert "has the patient number" in picture(pilot)
        await press(pilot, "escape", "q")
        far.line.cut("after", and_stay_down=True)
        await press(pilot, "c")
        assert any("nothing is done twice" in sentence for sentence in told(pilot))
        far.line.down = False
        await press(pilot, "c")
        assert "● waiting" in picture(pilot)
    registered = "SELECT count(*) FROM patient WHERE name = 'Kabir Singh'"
    tokens = "SELECT number FROM queue_token"
    with far.near.database.begin(write=False) as connection:
        assert connection.execute(text(registered)).scalar_one() == 1
        assert connection.execute(text(tokens)).scalars().all() == [1]
    assert booked(far) == [(made.id, 2, 2, 1)]


async def test_something_else_than_what_stands_is_not_done_blindly(far: Far) -> None:
    async with far.clinic.app().run_test(size=(80, 24)) as pilot:
        dialog = await open_dialog(pilot)
        far.line.cut("after", and_stay_down=True)
        await press(pilot, "enter")
        far.line.down = False
        await press(pilot, "tab", *"another note")
        await press(pilot, "enter")  # to the next slot, for this one is taken: by ourselves
        await press(pilot, "enter")
        assert pilot.app.screen is dialog
        assert "What you did before the database went away was saved." in words(pilot)
    assert len(booked(far)) == 1


async def test_the_app_goes_on_when_it_is_back(far: Far, own_postgres: OwnPostgres) -> None:
    async with far.clinic.app().run_test(size=(140, 40)) as pilot:
        await sign_in(pilot)
        with restarted(own_postgres):
            await until(pilot, lambda: "○ offline" in picture(pilot))
            await press(pilot, "r")
            assert told(pilot) == [
                "The database does not answer. Try again, or run: chikitsa check"
            ]
        book(far)
        await until(pilot, lambda: "● live" in picture(pilot))
        await settle(pilot)
        assert "09:00" in picture(pilot)
        assert "Asha Rao" in picture(pilot)
