"""The one table screen: filter line, order, columns, pages, CSV; the same keys in every list."""

from __future__ import annotations

import csv
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from screens.admin import tables
from screens.admin.departments import DepartmentsScreen
from screens.admin.doctors import DoctorsScreen
from store import departments, preferences
from store.actors import system
from store.listing import pages
from tests.ui.clinic import Clinic, press, settle, words
from tests.ui.test_admin_lists import open_tab
from widgets.record_table import RecordTable


def titles(pilot: Pilot[Any]) -> list[str]:
    return [column.title for column in pilot.app.screen.query_one(RecordTable).columns]


def listed(pilot: Pilot[Any]) -> list[str]:
    screen = pilot.app.screen
    assert isinstance(screen, tables.TableScreen)
    return [str(item.name) for item in screen.items.values()]


async def test_a_filter_line_narrows_and_tells_what_it_does_not_know(clinic: Clinic) -> None:
    clinic.do(departments.deactivate, clinic.do(departments.create, name="Allergy").id)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, DepartmentsScreen)
        await press(pilot, "slash", *"state:inactive")
        assert listed(pilot) == ["Allergy"]
        await press(pilot, *" sttate:x")
        assert "cannot be narrowed by “sttate:”; did you mean state:?" in words(pilot)
        for _ in " sttate:x":
            await pilot.press("backspace")
        await settle(pilot)
        assert "did you mean" not in words(pilot)
        assert listed(pilot) == ["Allergy"]
        await press(pilot, "enter", "escape")
        assert listed(pilot) == ["Cardiology", "Paediatrics"]


async def test_columns_and_order_are_chosen_and_remembered(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, DoctorsScreen)
        assert titles(pilot) == ["Doctor ▲", "Department", "User name", "State"]
        await press(pilot, "S")
        assert listed(pilot) == ["Dr Tarun Bose", "Dr Anita Nair"]
        await press(pilot, "s", "s")
        assert titles(pilot)[2] == "User name ▲"
        await press(pilot, "c", "down", "space", "enter")
        assert "Department" not in " ".join(titles(pilot))
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, DoctorsScreen)
        assert titles(pilot) == ["Doctor", "User name ▲", "State"]
        await press(pilot, "c", "u", "enter")
        assert titles(pilot) == ["Doctor", "Department", "User name ▲", "State"]
        await press(pilot, "s", "s", "s")
        assert titles(pilot)[0] == "Doctor"
        await press(pilot, "c", "g", *["space"] * 8, "u")
        await press(pilot, *["space"] * 8, "escape")
    kept = clinic.store.read(system(), preferences.get, "list.doctors")
    assert kept == ""


async def test_a_long_list_is_paged_without_being_read(clinic: Clinic, monkeypatch: Any) -> None:
    for letter in "ABDEFGH":
        clinic.do(departments.create, name=f"{letter} ward")
    monkeypatch.setattr(DepartmentsScreen, "ROWS", 4)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, DepartmentsScreen)
        assert listed(pilot) == ["A ward", "B ward", "Cardiology", "D ward"]
        assert "Departments · the first 4" in words(pilot)
        assert "↓ past the last row: those behind" in words(pilot)
        await press(pilot, "down", "down", "down", "down")
        assert listed(pilot) == ["E ward", "F ward", "G ward", "H ward"]
        assert pilot.app.screen.selected.name == "E ward"  # type: ignore[attr-defined]
        await press(pilot, "end", "pagedown")
        assert listed(pilot) == ["Paediatrics"]
        assert "the last 1" in words(pilot)
        await press(pilot, "down", "up")
        assert pilot.app.screen.selected.name == "H ward"  # type: ignore[attr-defined]
        await press(pilot, "g", "g")
        assert listed(pilot)[0] == "A ward"
        await press(pilot, "end", "end")
        assert listed(pilot) == ["F ward", "G ward", "H ward", "Paediatrics"]
        await press(pilot, "s")
        assert "keeps this order; narrow it, or turn it: S." in words(pilot)
        await press(pilot, "S")
        assert listed(pilot) == ["Paediatrics", "H ward", "G ward", "F ward"]


async def test_what_is_shown_is_saved_as_csv(clinic: Clinic, tmp_path: Path) -> None:
    clinic.do(departments.create, name="=1+1 ward")
    async with clinic.app().run_test(size=(80, 24), notifications=True) as pilot:
        await open_tab(pilot, DepartmentsScreen)
        await press(pilot, "E")
        assert "No folder for documents is configured." in words(pilot)
    clinic.paper = replace(clinic.paper, folder=tmp_path / "papers")
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, DepartmentsScreen)
        await press(pilot, "slash", *"ward", "enter", "E")
        (file,) = (tmp_path / "papers").iterdir()
        assert "1 row saved as" in words(pilot)
    assert file.name == "departments-2026-01-05-080000.csv"
    rows = list(csv.reader(StringIO(file.read_text(encoding="utf-8"))))
    assert rows == [["name", "doctors", "state"], ["'=1+1 ward", "0", "active"]]
    (entry,) = clinic.store.read(system(), pages.read, "audit", "action:list.export").items.values()
    assert (entry.entity, entry.detail["rows"], entry.detail["filter"]) == (
        "departments",
        1,
        "ward",
    )
