from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widget import Widget

from chikitsa_tui.themes import DARK
from store.values import Slot
from tests.ui.hostile import ALL
from widgets.form import Field, Form
from widgets.inputs import LineInput, SecretInput
from widgets.pick_list import PickList
from widgets.plain import plain
from widgets.record_table import PAGE_ROWS, Column, RecordTable, Row
from widgets.slot_grid import SlotGrid, sessions_of

MORNING = datetime(2026, 1, 5, 9, 0, tzinfo=ZoneInfo("Asia/Kolkata"))


class One(App[None]):
    """One widget alone, and the messages it posts."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.register_theme(DARK)
        self.theme = "dark"
        self.widget = widget
        self.told: list[Any] = []

    def compose(self) -> ComposeResult:
        yield self.widget


# Tables

COLUMNS = (Column("token", "Token", 6), Column("name", "Name"), Column("n", "No", 4, right=True))


def rows(*keys: str) -> list[Row]:
    return [Row(key, (key, f"name of {key}", "1")) for key in keys]


async def test_the_cursor_stays_on_its_row_when_others_come_before_it() -> None:
    table = RecordTable(COLUMNS, empty="Nobody.")
    async with One(table).run_test(size=(80, 24)) as pilot:
        table.show(rows("a", "b", "c"))
        table.move_to("b")
        table.show(rows("x", "y", "a", "b", "c"))
        await pilot.pause()
        assert table.selected == "b"


async def test_the_cursor_stays_on_its_place_when_its_row_is_gone() -> None:
    table = RecordTable(COLUMNS, empty="Nobody.")
    async with One(table).run_test(size=(80, 24)) as pilot:
        table.show(rows("a", "b", "c"))
        table.move_to("b")
        table.show(rows("a", "c"))
        await pilot.pause()
        assert table.selected == "c"


async def test_the_focus_stays_when_rows_change() -> None:
    table = RecordTable(COLUMNS, empty="Nobody.")
    async with One(table).run_test(size=(80, 24)) as pilot:
        table.show(rows("a", "b"))
        table.focus()
        await pilot.pause()
        table.show(rows("b"))
        await pilot.pause()
        assert table.grid.has_focus


async def test_no_rows_are_told_in_a_sentence() -> None:
    table = RecordTable(COLUMNS, empty="Nobody is booked.")
    app = One(table)
    async with app.run_test(size=(80, 24)) as pilot:
        table.show([])
        await pilot.pause()
        assert "Nobody is booked." in app.export_screenshot().replace("&#160;", " ")
        assert table.selected is None


async def test_more_rows_than_a_page_are_counted() -> None:
    table = RecordTable(COLUMNS, empty="Nobody.")
    app = One(table)
    async with app.run_test(size=(80, 24)) as pilot:
        table.show(rows(*map(str, range(PAGE_ROWS + 7))), total=2014)
        await pilot.pause()
        assert table.grid.row_count == PAGE_ROWS
        assert "500 of 2,014 shown" in app.export_screenshot().replace("&#160;", " ")


@pytest.mark.parametrize("text", ALL)
async def test_a_table_shows_data_literally(text: str) -> None:
    table = RecordTable(COLUMNS, empty="Nobody.")
    app = One(table)
    async with app.run_test(size=(80, 24)) as pilot:
        table.show([Row("a", (text, text, text))])
        await pilot.click(table, offset=(12, 1))
        await pilot.press("enter")
        await pilot.pause()
        assert app.is_running


async def test_letters_move_and_names_are_cut_with_an_ellipsis() -> None:
    table = RecordTable(COLUMNS, empty="Nobody.")
    app = One(table)
    async with app.run_test(size=(80, 24)) as pilot:
        table.show([Row(key, (key, "x" * 200, "1")) for key in "abc"])
        table.focus()
        await pilot.press("j", "j", "k")
        assert table.selected == "b"
        await pilot.press("G")
        assert table.selected == "c"
        await pilot.press("g")
        assert table.selected == "a"
        assert "x…" in app.export_screenshot()


# Slots


def slots(*free: bool, start: datetime = MORNING) -> list[Slot]:
    step = timedelta(minutes=15)
    return [Slot(1, start + i * step, start + (i + 1) * step, one) for i, one in enumerate(free)]


def test_a_pause_makes_two_sessions() -> None:
    day = slots(True, True) + slots(True, start=MORNING + timedelta(hours=8))
    assert [len(run) for run in sessions_of(day)] == [2, 1]


async def test_only_free_slots_can_be_chosen() -> None:
    grid = SlotGrid()
    async with One(grid).run_test(size=(60, 20)) as pilot:
        grid.show(slots(False, True, False, True, True), MORNING)
        grid.focus()
        assert at(grid) == "09:15"
        await pilot.press("right")
        assert at(grid) == "09:45"
        await pilot.press("left", "left")
        assert at(grid) == "09:15"


async def test_what_has_begun_is_past() -> None:
    grid = SlotGrid()
    app = One(grid)
    async with app.run_test(size=(60, 20)) as pilot:
        grid.show(slots(True, True, True), MORNING + timedelta(minutes=20))
        await pilot.pause()
        assert [f"{slot.starts_at:%H:%M}" for slot in grid.free] == ["09:30"]


async def test_free_taken_and_past_are_told_by_sign() -> None:
    grid = SlotGrid()
    app = One(grid)
    async with app.run_test(size=(60, 20)) as pilot:
        grid.show(slots(True, False, False, True), MORNING + timedelta(minutes=16))
        await pilot.pause()
        picture = app.export_screenshot().replace("&#160;", " ")
        assert "·····" in picture
        assert "–" in picture
        assert "09:45" in picture


def at(grid: SlotGrid) -> str:
    return f"{grid.selected.starts_at:%H:%M}" if grid.selected else "nothing"


async def test_a_slot_taken_elsewhere_moves_the_cursor_to_the_next_free_one() -> None:
    grid = SlotGrid()
    async with One(grid).run_test(size=(60, 20)):
        grid.show(slots(True, True, True), MORNING)
        grid.move_to(MORNING + timedelta(minutes=15))
        grid.show(slots(True, False, True), MORNING)
        assert at(grid) == "09:30"


async def test_rows_are_climbed_to_the_nearest_free_slot() -> None:
    grid = SlotGrid()
    async with One(grid).run_test(size=(28, 20)) as pilot:
        grid.show(slots(*[True] * 8), MORNING)
        grid.focus()
        await pilot.press("l", "l", "j")
        assert at(grid) == "10:30"
        await pilot.press("k")
        assert at(grid) == "09:30"


# Forms

FIELDS = (
    Field("name", "Name", required=True, max_length=10),
    Field("sex", "Sex", kind="choice", choices=(("u", "unknown"), ("f", "female"), ("m", "male"))),
    Field("notes", "Notes", kind="note"),
    Field("word", "Password", kind="secret"),
)


class Saved(One):
    def on_form_submitted(self, event: Form.Submitted) -> None:
        self.told.append(event.values)


async def test_enter_goes_from_field_to_field_and_submits_in_the_last() -> None:
    form = Form((FIELDS[0], FIELDS[1], FIELDS[3]))
    app = Saved(form)
    async with app.run_test(size=(80, 24)) as pilot:
        form.focus_first()
        await pilot.press(*"Asha", "enter", "f", "enter", *"pw", "enter")
        await pilot.pause()
        assert app.told == [{"name": "Asha", "sex": "f", "word": "pw"}]


async def test_a_missing_field_is_told_beside_it_and_focused() -> None:
    form = Form(FIELDS)
    app = Saved(form)
    async with app.run_test(size=(80, 24)) as pilot:
        form.widget("notes").focus()
        await pilot.press(*"fever", "ctrl+s")
        await pilot.pause()
        assert app.told == []
        assert "Name is needed." in app.export_screenshot().replace("&#160;", " ")
        assert form.widget("name").has_focus
        assert form.value("notes") == "fever"


async def test_typing_takes_the_error_away() -> None:
    form = Form(FIELDS)
    async with Saved(form).run_test(size=(80, 24)) as pilot:
        assert form.show_errors({"name": "No.", "other": "Elsewhere."}) == ["Elsewhere."]
        await pilot.press("a")
        await pilot.pause()
        assert not form.query_one("#error-name").has_class("-shown")


async def test_a_form_knows_whether_something_was_typed() -> None:
    form = Form(FIELDS)
    async with Saved(form).run_test(size=(80, 24)) as pilot:
        form.focus_first()
        dirty = [form.dirty]
        for key in ("a", "backspace"):
            await pilot.press(key)
            dirty.append(form.dirty)
        assert dirty == [False, True, False]


async def test_fields_take_no_more_than_can_be_saved() -> None:
    form = Form(FIELDS)
    async with Saved(form).run_test(size=(80, 24)) as pilot:
        form.focus_first()
        await pilot.press(*"a" * 15)
        assert form.value("name") == "a" * 10
        form.set_value("notes", "x" * 30_000)
        await pilot.pause()
        assert len(form.value("notes")) == 20_000


async def test_a_password_is_never_copied() -> None:
    field = SecretInput()
    app = One(field)
    async with app.run_test(size=(80, 24)) as pilot:
        field.focus()
        await pilot.press(*"hunter2", "ctrl+shift+a", "ctrl+c", "ctrl+x")
        await pilot.pause()
        assert app.clipboard == ""
        assert field.value == "hunter2"


async def test_no_cursor_blinks() -> None:
    for field in (LineInput(), SecretInput()):
        async with One(field).run_test(size=(80, 24)):
            field.focus()
            assert not field.cursor_blink


# Lists to pick from


class Picking(One):
    def on_pick_list_asked(self, event: PickList.Asked) -> None:
        self.told.append(event.text)

    def on_pick_list_chosen(self, event: PickList.Chosen) -> None:
        self.told.append(("chosen", event.key))


async def test_enter_before_the_answer_takes_the_answers_first_hit() -> None:
    picker = PickList()
    app = Picking(picker)
    async with app.run_test(size=(80, 24)) as pilot:
        picker.show([("old", plain("old hit"))])
        picker.focus()
        await pilot.press("r", "enter")
        await pilot.pause()
        assert app.told == ["r"]
        picker.show([("rao", plain("Rao")), ("ravi", plain("Ravi"))])
        await pilot.pause()
        assert app.told == ["r", ("chosen", "rao")]


async def test_arrows_move_in_the_hits_while_typing() -> None:
    picker = PickList()
    app = Picking(picker)
    async with app.run_test(size=(80, 24)) as pilot:
        picker.show([("rao", plain("Rao")), ("ravi", plain("Ravi"))])
        picker.focus()
        await pilot.press("down", "enter")
        await pilot.pause()
        assert app.told == [("chosen", "ravi")]


async def test_asking_waits_until_the_typist_pauses() -> None:
    picker = PickList()
    app = Picking(picker)
    async with app.run_test(size=(80, 24)) as pilot:
        picker.focus()
        await pilot.press(*"rao")
        await until(pilot, lambda: bool(app.told))
        assert app.told == ["rao"]


async def until(pilot: Pilot[Any], holds: Any) -> None:
    """Let the app work until something holds."""
    for _ in range(200):
        if holds():
            return
        await pilot.pause(0.02)
    raise AssertionError("it never came")
