"""Slips as PDF: a small page for a patient's pocket, A4 for the list of a day."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby

from jobs.documents.fonts import Fonts
from jobs.documents.page import MUTED, Paper, Pdf
from jobs.documents.slip_text import handling, how_many, how_to_cancel
from jobs.documents.words import (
    day_words,
    moment_words,
    person_words,
    status_words,
    texts_in,
)
from store.values import AppointmentSlip, DayList, Slip, TokenSlip

_SMALL, _SMALL_MARGIN = (105.0, 148.0), 10  # A6, in mm
_HEADINGS = ("Time", "Token", "Patient", "Number", "Age", "Phone", "Status")
_WIDTHS = (10, 13, 40, 18, 12, 28, 22)
_PHONE = 5


def slip_pdf(slip: Slip, fonts: Fonts, made_at: datetime, note: str = "") -> Pdf:
    """A slip as PDF; `note` is what the hospital tells on every appointment slip."""
    if isinstance(slip, TokenSlip):
        return _token(slip, fonts, made_at)
    if isinstance(slip, AppointmentSlip):
        return _appointment(slip, fonts, made_at, note)
    return _day(slip, fonts)


def _token(slip: TokenSlip, fonts: Fonts, made_at: datetime) -> Pdf:
    paper = _small(fonts, slip, made_at, f"Token {slip.token}")
    paper.line_of(slip.hospital, 12, bold=True, centred=True)
    paper.rule()
    paper.ln(4)
    paper.line_of("Token", 11, grey=MUTED, centred=True)
    paper.line_of(slip.token, 54 if len(slip.token) <= 6 else 34, bold=True, centred=True)
    paper.ln(4)
    paper.rule()
    _facts(
        paper,
        ("Doctor", slip.doctor),
        ("Department", slip.department),
        ("Patient", slip.patient),
        ("Number", slip.mrn),
        ("Here at", moment_words(slip.checked_in_at)),
    )
    return paper.finish()


def _appointment(slip: AppointmentSlip, fonts: Fonts, made_at: datetime, note: str) -> Pdf:
    paper = _small(fonts, [slip, note], made_at, "Your appointment")
    paper.line_of(slip.hospital, 12, bold=True, centred=True)
    paper.rule()
    paper.line_of("Your appointment", 10, grey=MUTED)
    paper.line_of(day_words(slip.starts_at.date()), 15, bold=True)
    paper.line_of(f"{slip.starts_at:%H:%M} – {slip.ends_at:%H:%M}", 15, bold=True)
    paper.rule()
    _facts(
        paper,
        ("With", slip.doctor),
        ("Department", slip.department),
        ("Patient", slip.patient),
        ("Number", slip.mrn),
    )
    paper.rule()
    if note:
        paper.line_of(note, 9)
        paper.ln(2)
    paper.line_of(how_to_cancel(slip), 9)
    return paper.finish()


def _day(slip: DayList, fonts: Fonts) -> Pdf:
    title = f"{day_words(slip.day)}, {slip.doctor or 'all doctors'}"
    paper = Paper(
        fonts,
        texts_in(slip),
        title=title,
        made_at=slip.made_at,
        margin=14,
        head=f"{slip.hospital}  ·  {title}",
        foot=handling(slip),
    )
    paper.line_of(title, 15, bold=True)
    paper.line_of(how_many(slip), 10, grey=MUTED)
    phones = any(line.phone for line in slip.lines)
    shown = [n for n in range(len(_HEADINGS)) if phones or n != _PHONE]
    for doctor, lines in groupby(slip.lines, key=lambda line: line.doctor):
        paper.ln(3)
        paper.line_of(doctor, 12, bold=True)
        rows = [
            (
                f"{line.starts_at:%H:%M}",
                line.token or "",
                line.patient,
                line.mrn,
                person_words(line),
                line.phone or "",
                status_words(line.status),
            )
            for line in lines
        ]
        paper.grid(
            [_HEADINGS[n] for n in shown],
            [[row[n] for n in shown] for row in rows],
            [_WIDTHS[n] for n in shown],
        )
    return paper.finish()


def _small(fonts: Fonts, texts: object, made_at: datetime, title: str) -> Paper:
    return Paper(
        fonts, texts_in(texts), title=title, made_at=made_at, size=_SMALL, margin=_SMALL_MARGIN
    )


def _facts(paper: Paper, *facts: tuple[str, str]) -> None:
    for label, value in facts:
        paper.fact(label, value)
