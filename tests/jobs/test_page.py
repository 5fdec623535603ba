"""A page in letters of two fonts."""

from __future__ import annotations

from jobs.documents.fonts import Fonts
from jobs.documents.page import Paper
from tests.jobs.paper import AT, folder_of, pages


def test_what_follows_letters_of_a_stand_in_is_drawn_in_its_own() -> None:
    fonts = Fonts(system=folder_of("DejaVuSans.ttf", "Lohit-Devanagari.ttf"))
    paper = Paper(fonts, ["अब 384", "अब"], title="A page", made_at=AT)
    for size in (10, 12):
        for text in ("अब", "384", "अब", "500"):
            paper.line_of(text, size)
    paper.grid(("अब", "384"), [("अब", "500 mg"), ("अब", "250 mg")], (10, 20))
    (text,) = pages(paper.finish().data)
    assert text == "अब 384 अब 500 " * 2 + "अब 384 अब 500 mg अब 250 mg"
