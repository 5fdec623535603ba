"""The paper of a visit as PDF: A4, as hospitals hand it out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from jobs.documents.fonts import Fonts
from jobs.documents.page import MUTED, Paper, Pdf
from jobs.documents.visit_words import (
    TITLES,
    after_medicines,
    before_medicines,
    doctor_words,
    medicines,
    patient_words,
    registration_words,
    signed_words,
)
from jobs.documents.words import day_words, texts_in
from store.values import VisitPaper

_LABEL = 26
_SIGNATURE_WIDTH, _SIGNATURE_HEIGHT = 70.0, 22.0
_HEADINGS = ("", "Medicine", "How to take it", "For", "Quantity")
_WIDTHS = (9, 57, 58, 20, 30)


def visit_pdf(paper: VisitPaper, fonts: Fonts, made_at: datetime) -> Pdf:
    """A prescription or a visit summary; the patient stands at the head of every further page."""
    title = TITLES[paper.kind]
    page = Paper(
        fonts,
        texts_in(paper),
        title=f"{title} {paper.mrn}",
        made_at=made_at,
        head=f"{title}  ·  {paper.patient}  ·  {paper.mrn}",
        head_from=2,
        foot=f"{paper.hospital}  ·  {signed_words(paper)}",
    )
    _letterhead(page, paper)
    _who(page, paper, title)
    _facts(page, before_medicines(paper))
    _medicines(page, paper)
    _facts(page, after_medicines(paper))
    page.place_for_signature(
        [line for line in (paper.doctor, paper.qualification, registration_words(paper)) if line],
        width=_SIGNATURE_WIDTH,
        height=_SIGNATURE_HEIGHT,
    )
    return page.finish()


def _letterhead(page: Paper, paper: VisitPaper) -> None:
    page.line_of(paper.hospital, 18, bold=True, centred=True)
    for line in paper.letterhead:
        page.line_of(line, 9, grey=MUTED, centred=True)
    page.rule(heavy=True)


def _who(page: Paper, paper: VisitPaper, title: str) -> None:
    page.beside(paper.doctor, day_words(paper.visited_at.date()), 13, bold=True)
    page.beside(doctor_words(paper), title)
    page.rule()
    page.beside(paper.patient, f"Patient no. {paper.mrn}", 12, bold=True)
    for line in (patient_words(paper), paper.address):
        if line:
            page.line_of(line)
    page.rule()
    page.ln(1)


def _facts(page: Paper, facts: Iterable[tuple[str, str]]) -> None:
    for label, text in facts:
        if text.strip():
            page.fact(label, text, width=_LABEL)
            page.ln(1.5)


def _medicines(page: Paper, paper: VisitPaper) -> None:
    lines = medicines(paper)
    if not lines:
        return
    page.ln(2)
    page.line_of("Rx", 18, bold=True)
    page.ln(1)
    if isinstance(paper.medicines, str):
        for number, line in enumerate(lines, 1):
            page.fact(f"{number}.", line.name, 11, width=8)
            page.ln(1)
        page.ln(2)
        return
    page.grid(
        _HEADINGS,
        [
            (f"{number}.", line.name, "\n".join(line.taken), line.lasts, line.quantity)
            for number, line in enumerate(lines, 1)
        ],
        _WIDTHS,
        bold=1,
    )
    page.ln(4)
