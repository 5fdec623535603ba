"""The administrator's dashboard: its figures, the list behind each, and that it follows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.admin import dashboard_text
from screens.admin.appointments import AppointmentsScreen
from screens.admin.dashboard import DashboardScreen
from screens.admin.doctors import DoctorsScreen
from screens.messages import ListWanted
from store import appointments, departments, job_runs
from store.actors import system
from store.tables import OutboxMessage, table_of
from store.values import AppointmentStatus
from tests.ui.clinic import Clinic, busy_morning, on_both, picture, press, settle, sign_in
from widgets.charts import ColumnChart, Pillar, bar
from widgets.figure_grid import FigureGrid

SMALL, WIDE = (80, 24), (120, 40)
GONE = ("cancelled", "rescheduled", "in_error")


def numbers(pilot: Pilot[Any], grid: str) -> dict[str, list[str]]:
    """What stands in each row of a grid of figures."""
    rows = pilot.app.screen.query_one(f"#{grid}", FigureGrid).rows
    return {row.key: [figure.text for figure in row.figures] for row in rows}


def wanted(pilot: Pilot[Any], monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The lists that the screen asks for from here on; it stays where it is."""
    asked: list[tuple[str, str]] = []
    screen = pilot.app.screen
    post = screen.post_message

    def note(message: Any) -> bool:
        if isinstance(message, ListWanted):
            asked.append((message.title, message.words))
            return True
        return post(message)

    monkeypatch.setattr(screen, "post_message", note)
    return asked


@pytest.mark.parametrize("size", [SMALL, WIDE])
async def test_it_is_the_first_thing_an_administrator_sees(
    clinic: Clinic, size: tuple[int, int]
) -> None:
    busy_morning(clinic)
    clinic.do(job_runs.sign_of_life, "worker-1")  # or a line tells that mail waits for one
    async with clinic.app().run_test(size=size) as pilot:
        await sign_in(pilot, "root")
        await settle(pilot)
        assert isinstance(pilot.app.screen, DashboardScreen)
        told = numbers(pilot, "appointments")
        assert told["standing"] == ["5", "5", "5"]
        assert told["booked"] == ["2", "2", "2"]
        assert told["cancelled"] == ["1", "1", "1"]
        assert told["rate"] == ["0.0%", "0.0%", "0.0%"]
        there = numbers(pilot, "hospital")
        assert (there["patients"], there["doctors"], there["departments"]) == (["6"], ["2"], ["2"])
        shown = picture(pilot)
        assert "◐ in consultation" in shown
        assert "visits 5, no-shows 0" in shown


@on_both
async def test_it_follows_what_others_do(clinic: Clinic) -> None:
    day = busy_morning(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, "root")
        await press(pilot, "down", "down", "right")
        before = int(numbers(pilot, "hospital")["waiting"][0])
        clinic.do(appointments.cancel, day["souza"].id)
        clinic.do(departments.create, name="Eye clinic")
        with clinic.store.transaction(system()) as tx:
            mail = table_of(OutboxMessage)
            tx.session.execute(mail.update().where(mail.c.id == 1).values(status="failed"))
        await settle(pilot)
        assert numbers(pilot, "appointments")["cancelled"] == ["2", "2", "2"]
        there = numbers(pilot, "hospital")
        assert there["departments"] == ["3"]
        assert (int(there["waiting"][0]), there["failed"]) == (before - 1, ["1"])
        assert "! Mail failed" in picture(pilot)
        grid = pilot.app.screen.query_one("#appointments", FigureGrid)
        assert grid.has_focus
        assert (grid._row, grid._column) == (2, 1)


async def test_each_figure_opens_the_list_behind_it(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy_morning(clinic)
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot, "root")
        await settle(pilot)
        asked = wanted(pilot, monkeypatch)
        await press(pilot, "down", "enter", "right", "enter", "end", "right", "enter")
        await press(pilot, "tab", "enter", "down", "down", "down", "down", "enter")
        await press(pilot, "tab", "left", "enter")
        await press(pilot, "tab", "enter", "tab", "enter")
        stands = [status for status in AppointmentStatus if status.value not in GONE]
        standing = " ".join(f"status:{status.value.replace('_', '-')}" for status in stands)
        month = "from:2025-12-07 to:2026-01-05"
        assert asked == [
            ("Appointments", "status:booked from:2026-01-05 to:2026-01-05"),
            ("Appointments", "status:booked from:2026-01-05 to:2026-01-11"),
            ("Appointments", "status:no-show from:2026-01-01 to:2026-01-31"),
            ("Patients", ""),
            ("Mail", "status:failed"),
            ("Appointments", "on:2026-01-04"),
            ("Appointments", f"department:{clinic.nair.department_id} {standing} {month}"),
            ("Appointments", f"doctor:{clinic.nair.id} {standing} {month}"),
        ]


async def test_the_list_behind_a_figure_has_as_many_rows(clinic: Clinic) -> None:
    busy_morning(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, "root")
        await press(pilot, "down", "enter")
        listed: Any = pilot.app.screen
        assert isinstance(listed, AppointmentsScreen)
        assert [one.status for one in listed.items.values()] == [AppointmentStatus.BOOKED] * 2
        await press(pilot, "1", "tab", "down", "enter")
        doctors: Any = pilot.app.screen
        assert isinstance(doctors, DoctorsScreen)
        assert len(doctors.items) == 2


async def test_at_midnight_it_is_another_day(clinic: Clinic) -> None:
    clinic.book(0, clinic.nair, "10:30")
    clinic.at(23, 50)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, "root")
        await settle(pilot)
        assert numbers(pilot, "appointments")["booked"][0] == "1"
        assert "! No worker was seen so far, and mail waits." in picture(pilot)
        clinic.clock.advance(timedelta(minutes=10))
        screen: Any = pilot.app.screen
        screen.minute_passed(clinic.store.now())
        await settle(pilot)
        assert numbers(pilot, "appointments")["booked"][0] == "0"


def test_behind_the_period_stand_its_days() -> None:
    assert dashboard_text.month_of(date(2024, 2, 10)) == (date(2024, 2, 1), date(2024, 2, 29))
    assert dashboard_text.week_of(date(2026, 1, 4)) == (date(2025, 12, 29), date(2026, 1, 4))


def test_a_bar_shows_whatever_is_more_than_nothing() -> None:
    assert [bar(value, 1000, 4) for value in (0, 1, 500, 1000)] == ["", "▏", "██", "████"]
    assert bar(0, 0, 4) == ""


async def test_a_chart_is_read_without_colour_and_moved_through(clinic: Clinic) -> None:
    """Heights in eighths, the scale at the left, the cursor as a sign, labels that do not touch."""
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, "root")
        await settle(pilot)
        chart = pilot.app.screen.query_one("#trend", ColumnChart)
        chart.show([Pillar(str(n), f"day {n}", n * 10, f"[b]{n}", n) for n in range(1, 5)])
        chart.focus()
        await settle(pilot)
        scale, *_, second, labels = chart.render().plain.splitlines()
        assert scale.startswith(" 40 ")
        assert second.startswith(" ✗4 ▂")
        assert labels.split() == ["day", "1", "day", "2", "day", "3", "▲ay", "4"]
        await press(pilot, "home")
        assert chart.chosen is not None
        assert (chart.chosen.key, chart.render().plain.splitlines()[-1].split()[0]) == ("1", "▲ay")
        assert "[b]1" in picture(pilot)
