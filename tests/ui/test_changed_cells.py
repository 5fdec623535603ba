"""What reaches the terminal: no more than what has changed, and never less."""

from __future__ import annotations

import io

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from chikitsa_tui.changed_cells import Shown

WIDTH, HEIGHT = 12, 3
CONSOLE = Console(
    file=io.StringIO(), force_terminal=True, color_system="truecolor", legacy_windows=False
)
STYLES = [Style(), Style(bold=True), Style(color="red", bgcolor="blue"), Style(reverse=True)]

texts = st.text(alphabet="ab ·│●आ漢字", min_size=0, max_size=WIDTH)
segments = st.builds(Segment, texts, st.sampled_from(STYLES), st.none())


def whole(parts: list[Segment]) -> Strip:
    return Strip(parts).adjust_cell_length(WIDTH, Style())


frames = st.lists(
    st.lists(st.lists(segments, max_size=4).map(whole), min_size=HEIGHT, max_size=HEIGHT),
    min_size=1,
    max_size=5,
)


def layout(frame: list[Strip]) -> LayoutUpdate:
    return LayoutUpdate([[strip] for strip in frame], Region(0, 0, WIDTH, HEIGHT))


def chops(frame: list[Strip], rows: list[int]) -> ChopsUpdate:
    ends = [[WIDTH] for _ in frame]
    return ChopsUpdate([{0: strip} for strip in frame], [(y, 0, WIDTH) for y in rows], ends)


class Terminal:
    def __init__(self) -> None:
        self.screen = pyte.Screen(WIDTH + 1, HEIGHT)
        self.stream = pyte.Stream(self.screen)

    @property
    def cells(self) -> object:
        return [[self.screen.buffer[y][x] for x in range(WIDTH)] for y in range(HEIGHT)]


@settings(deadline=None)
@given(frames)
def test_the_terminal_shows_what_it_would_if_all_were_sent(frames: list[list[Strip]]) -> None:
    shown, lean, full = Shown(), Terminal(), Terminal()
    for number, frame in enumerate(frames):
        update = chops(frame, list(range(HEIGHT))) if number % 2 else layout(frame)
        lean.stream.feed(shown.changes(update, CONSOLE))
        full.screen.reset()
        full.stream.feed(layout(frame).render_segments(CONSOLE).replace("\n", ""))
        assert lean.cells == full.cells


@settings(deadline=None)
@given(frames)
def test_what_is_shown_already_is_not_sent_again(frames: list[list[Strip]]) -> None:
    shown = Shown()
    for frame in frames:
        shown.changes(layout(frame), CONSOLE)
        assert shown.changes(layout(frame), CONSOLE) == ""
        assert shown.changes(chops(frame, [1]), CONSOLE) == ""
    shown.forget()
    assert shown.changes(layout(frames[-1]), CONSOLE) != ""


def test_one_other_letter_is_sent_alone() -> None:
    shown = Shown()
    frame = [whole([Segment("waiting 62m", STYLES[2])]) for _ in range(HEIGHT)]
    shown.changes(layout(frame), CONSOLE)
    frame[1] = whole([Segment("waiting 63m", STYLES[2])])
    assert shown.changes(layout(frame), CONSOLE) == "\x1b[2;10H\x1b[31;44m3\x1b[0m"
