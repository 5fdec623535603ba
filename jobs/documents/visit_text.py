"""The paper of a visit as plain text, for a printer of so many columns and for looking at."""

from __future__ import annotations

from collections.abc import Iterator

from jobs.documents.slip_text import NARROWEST, centred, fact, wrapped
from jobs.documents.visit_words import (
    TITLES,
    Medicine,
    after_medicines,
    before_medicines,
    doctor_words,
    medicines,
    patient_words,
    registration_words,
    signed_words,
)
from jobs.documents.words import day_words
from store.values import VisitPaper

_LABEL = 12
_INDENT = "   "


def visit_text(paper: VisitPaper, columns: int) -> str:
    """A prescription or a visit summary in lines of at most `columns` cells."""
    lines = _lines(paper, max(columns, NARROWEST))
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _lines(paper: VisitPaper, columns: int) -> Iterator[str]:
    for line in (paper.hospital, *paper.letterhead):
        yield from centred(line, columns)
    yield "=" * columns
    yield TITLES[paper.kind].upper()
    yield day_words(paper.visited_at.date())
    yield from wrapped(paper.doctor, columns)
    yield from wrapped(doctor_words(paper), columns)
    yield "-" * columns
    for line in (paper.patient, f"{patient_words(paper)}  no. {paper.mrn}", paper.address):
        yield from wrapped(line, columns)
    yield "-" * columns
    yield from _facts(before_medicines(paper), columns)
    prescribed = medicines(paper)
    if prescribed:
        yield ""
        yield "Rx"
        for number, medicine in enumerate(prescribed, 1):
            yield from _medicine(number, medicine, columns)
        yield ""
    yield from _facts(after_medicines(paper), columns)
    yield from ("", "", "_" * min(columns, 30))
    yield from wrapped(paper.doctor, columns)
    yield from wrapped(paper.qualification, columns)
    yield from wrapped(registration_words(paper), columns)
    yield "-" * columns
    yield from wrapped(signed_words(paper), columns)


def _facts(facts: Iterator[tuple[str, str]], columns: int) -> Iterator[str]:
    for label, text in facts:
        for number, line in enumerate(text.splitlines()):
            yield from fact(label if number == 0 else "", line, columns, _LABEL)


def _medicine(number: int, line: Medicine, columns: int) -> Iterator[str]:
    start = f"{number}.".ljust(len(_INDENT))
    lasts = f"for {line.lasts}" if line.lasts else ""
    quantity = f"quantity {line.quantity}" if line.quantity else ""
    last = ", ".join(part for part in (lasts, quantity) if part)
    for text in (line.name, *line.taken, last):
        for row in wrapped(text, columns - len(_INDENT)):
            yield start + row
            start = _INDENT
