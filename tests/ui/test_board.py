"""The board in the waiting room, as those who wait see it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chikitsa_tui.board import BoardApp
from store import appointments, desk, sessions
from store.actors import system
from store.values import Actor, Role
from tests.ui.clinic import Clinic, busy_morning, picture, settle
from widgets.board import Board

RECEPTION = Actor(Role.RECEPTION, "Meera", "wall", account_id=1)


def wall(clinic: Clinic, department_id: int | None = None, actor: Actor = RECEPTION) -> BoardApp:
    return BoardApp(clinic.app().services, clinic.store, actor, department_id)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_tokens_are_shown_and_nobody_is_named(clinic: Clinic, size: tuple[int, int]) -> None:
    day = busy_morning(clinic)
    async with wall(clinic).run_test(size=size) as pilot:
        await settle(pilot)
        shown = picture(pilot)
        ashok, rao = clinic.find(day["ashok"]), clinic.find(day["rao"])
        assert f"{ashok.token}" in shown
        assert f"{rao.token}" in shown
        assert "Dr Anita Nair, Cardiology" in shown
        assert not any(patient.name in shown for patient in clinic.patients)


async def test_whoever_is_called_in_appears_by_itself(clinic: Clinic) -> None:
    day = busy_morning(clinic)
    async with wall(clinic).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        lit = pilot.app.query_one(Board)
        assert not any(lit._lit(row) for row in lit._rows)
        clinic.at(10, 43)
        clinic.do(appointments.start, day["rao"].id)
        await settle(pilot)
        assert [lit._lit(row) for row in lit._rows] == [True]
        assert f"{clinic.find(day['rao']).token}" in picture(pilot)
        clinic.clock.advance(timedelta(minutes=1))
        lit.tick(clinic.clock.now())
        assert not any(lit._lit(row) for row in lit._rows)


async def test_more_doctors_than_lines_come_round(clinic: Clinic) -> None:
    busy_morning(clinic)
    clinic.do(desk.check_in, clinic.book(5, clinic.bose, "11:15").id)
    async with wall(clinic).run_test(size=(80, 5)) as pilot:
        await settle(pilot)
        first = picture(pilot)
        clinic.clock.advance(timedelta(seconds=10))
        pilot.app.query_one(Board).tick(clinic.clock.now())
        second = picture(pilot)
        assert {"Nair" in first, "Bose" in first} == {True, False}
        assert ("Nair" in first) != ("Nair" in second)


async def test_one_department_alone_and_nobody_waiting(clinic: Clinic) -> None:
    busy_morning(clinic)
    async with wall(clinic, clinic.bose.department_id).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "Nobody is waiting." in picture(pilot)


async def test_a_sign_in_that_is_over_shows_no_old_tokens(clinic: Clinic) -> None:
    day = busy_morning(clinic)
    app = clinic.app()
    async with app.run_test() as pilot:
        await pilot.press(*"meera", "enter", *"river stone lantern", "enter")
        await settle(pilot)
        actor = app.actor
    assert actor is not None
    assert actor.session_id is not None
    async with wall(clinic, actor=actor).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        token = clinic.find(day["rao"]).token
        assert f"{token}" in picture(pilot)
        clinic.store.write(system(), sessions.end, actor.session_id)
        clinic.do(desk.check_in, clinic.book(5, clinic.bose, "11:15").id)
        await settle(pilot)
        assert "Start it anew" in picture(pilot)
        assert f"{token}" not in picture(pilot)
