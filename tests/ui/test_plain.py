from __future__ import annotations

import re

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.color import Color
from textual.widgets import Input, Label, Static

from tests.ui.hostile import ALL, CONTROLS, LANGUAGES, MARKUP
from widgets.plain import NoControls, cell, clean, content, one_line, plain, shorten

OBEYED = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]"
)


@pytest.mark.parametrize("text", MARKUP)
def test_markup_is_shown_as_it_is(text: str) -> None:
    assert plain(text).plain == text
    assert cell(text).plain == text
    assert content("<[b]$value[/b]>", value=text).plain == f"<{text}>"


@pytest.mark.parametrize("text", CONTROLS)
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    for shown in (plain(text).plain, cell(text).plain, content("$v", v=text).plain):
        assert not OBEYED.search(shown)
        assert shown.startswith("a")
        assert "·" in shown


@pytest.mark.parametrize("text", LANGUAGES[:7])
def test_every_language_stays_as_written(text: str) -> None:
    assert plain(text).plain == text


def test_joiners_stay_since_scripts_need_them() -> None:
    assert clean("ക്\u200dഷ\u200c\u200e\u200f") == "ക്\u200dഷ\u200c\u200e\u200f"


def test_marks_are_few_so_that_they_do_not_paint_over_other_lines() -> None:
    assert len(clean("e" + "\u0301" * 20_000)) <= 8


def test_a_cell_is_one_line() -> None:
    assert cell("one\r\ntwo\n\n\tthree\u2028four").plain == "one two three four"
    assert one_line(None) == ""


@pytest.mark.parametrize("text", ALL)
@pytest.mark.parametrize("width", [0, 1, 2, 7, 12])
def test_shortened_text_fits_and_says_that_it_was_cut(text: str, width: int) -> None:
    line = one_line(text)
    shown = shorten(line, width)
    assert cell_len(shown) <= width
    assert shown == line or width == 0 or shown.endswith("…")


def test_the_net_replaces_controls_and_leaves_the_terminals_own_segments() -> None:
    own = Segment("\x1b[?25l", None, [(1,)])  # type: ignore[list-item]
    segments = NoControls().apply([Segment("a\x1b[2Jb"), Segment("ok"), own], Color(0, 0, 0))
    assert [segment.text for segment in segments] == ["a·[2Jb", "ok", "\x1b[?25l"]


@pytest.mark.parametrize("text", ALL)
async def test_no_widget_acts_on_data(text: str) -> None:
    class Shown(App[None]):
        acted = False

        def compose(self) -> ComposeResult:
            yield Static(plain(text), markup=False, id="one")
            yield Label(content("[b]$v[/]", v=text))
            yield Input(clean(text))

        def action_quit(self) -> None:  # type: ignore[override]
            self.acted = True

    app = Shown()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.click("#one", offset=(1, 0))
        await pilot.pause()
        assert app.is_running
        assert not app.acted
