"""A month's report as PDF, on A4, drawn so that a printer without colours tells it as well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from fpdf.enums import Align, XPos, YPos

from jobs.documents.fonts import Fonts
from jobs.documents.page import INK, MUTED, RULE, Paper, Pdf
from jobs.documents.words import moment_words, texts_in
from jobs.languages import ENGLISH
from jobs.report_words import IN_ENGLISH, Line, Words, lines
from store.values import MonthlyReport, Tally

_CAME, _ABSENT, _OTHER, _PAPER = 70, 165, 225, 255
"""Shades of grey in the charts."""

_OF_DOCTORS = ("Doctor", "Department", "Seen", "No-show", "Cancelled", "Hours booked", "Part")

_CHART_HEIGHT, _TOGETHER = 42.0, 60
_ROW = 5.6
_BARS = (
    ("completed", _CAME),
    ("did not come", _ABSENT),
    ("left, or still open", _OTHER),
)


def report_pdf(
    report: MonthlyReport, made_at: datetime, fonts: Fonts, say: Words = IN_ENGLISH
) -> Pdf:
    """The report: figures beside those of the month before, the days as bars, what was diagnosed
    and prescribed, and in the hospital's a line for each doctor.

    In English where no font here draws the letters of the language: a paper of signs tells nothing.
    """
    if say.language is not ENGLISH and "Devanagari" not in fonts.scripts:
        say = IN_ENGLISH
    month, own = say.month(report.now.month), report.doctor_id is not None
    as_of = say("as of {moment}").format(moment=_moment(made_at, say))
    paper = Paper(
        fonts,
        [*texts_in(report), *say.all()],
        title=say("Activity report {month}").format(month=report.now.month),
        made_at=made_at,
        foot="  ·  ".join([report.hospital, *([report.doctor] if own else ()), month, as_of]),
        page_words=say("page {} of {}"),
    )
    paper.line_of(say("Activity in {month}").format(month=month), 18, bold=True)
    whose = ", ".join(part for part in (report.doctor, report.department) if part)
    paper.line_of(whose, 12, grey=MUTED)
    if own:
        paper.line_of(report.hospital, 10, grey=MUTED)
    paper.ln(3)
    _figures(paper, report, say)
    _days(paper, report, say)
    _used(paper, report, say)
    if report.doctors:
        _doctors(paper, report, say)
    _named(
        paper,
        say("Most frequent diagnoses"),
        (say("Diagnosis"), "ICD-10", say("Times")),
        [(one.text, one.code or "", f"{number:,}") for one, number in report.diagnoses],
    )
    _named(
        paper,
        say("Most frequent medicines"),
        (say("Medicine"), "", say("Times")),
        [(drug, "", f"{number:,}") for drug, number in report.drugs],
    )
    return paper.finish()


def _moment(moment: datetime, say: Words) -> str:
    """`5 Jan 2026, 10:42`; in other languages than English the month has its whole name."""
    if say.language is ENGLISH:
        return moment_words(moment)
    month = say.language.months[moment.month - 1]
    return f"{moment.day} {month} {moment.year}, {moment:%H:%M}"


def _figures(paper: Paper, report: MonthlyReport, say: Words) -> None:
    widths = (paper.epw - 84, 28, 34, 22)
    now, before = say.month(report.now.month), say.month(report.before.month)
    _row(paper, widths, ("", now, before, say("Change")), grey=MUTED)
    for line in lines(report, say):
        _line(paper, widths, line)
    paper.set_draw_color(RULE)


def _line(paper: Paper, widths: Sequence[float], line: Line) -> None:
    if not line.part:
        paper.set_draw_color(RULE)
        y = paper.get_y()
        paper.line(paper.l_margin, y, paper.w - paper.r_margin, y)
    grey = MUTED if line.part else INK
    cells = (line.label, line.now, line.before, line.change)
    _row(paper, widths, cells, bold=not line.part, grey=grey, indent=6 if line.part else 0)


def _row(
    paper: Paper,
    widths: Sequence[float],
    cells: Sequence[str],
    *,
    bold: bool = False,
    grey: int = INK,
    indent: float = 0,
) -> None:
    paper.set_x(paper.l_margin + indent)
    for place, (width, text) in enumerate(zip(widths, cells, strict=True)):
        # The month before and the change are there to be compared with, not to be read first.
        quiet = place > 1
        paper.style(9, bold=bold and not quiet, grey=MUTED if quiet else grey)
        paper.cell(
            width if place else width - indent,
            _ROW,
            paper.safe(text),
            align=Align.R if place else Align.L,
        )
    paper.ln(_ROW)


def _days(paper: Paper, report: MonthlyReport, say: Words) -> None:
    """A bar for each day, in the parts of `_BARS` from below."""
    paper.part(_TOGETHER)
    paper.line_of(say("Appointments by day"), 12, bold=True)
    paper.ln(1)
    most = max((day.tally.standing for day in report.days), default=0) or 1
    left, top = paper.l_margin + 8, paper.get_y()
    bottom, width = top + _CHART_HEIGHT, (paper.epw - 8) / len(report.days)
    for number in (0, most):
        y = bottom - _CHART_HEIGHT * number / most
        paper.set_draw_color(RULE)
        paper.line(left, y, paper.w - paper.r_margin, y)
        paper.style(7, grey=MUTED)
        paper.set_xy(paper.l_margin, y - 1.5)
        paper.cell(7, 3, f"{number:,}", align=Align.R)
    for place, day in enumerate(report.days):
        x, y = left + place * width, bottom
        for shade, number in zip((b[1] for b in _BARS), _parts(day.tally), strict=True):
            height = _CHART_HEIGHT * number / most
            y -= height
            if number:
                paper.set_fill_color(shade)
                paper.set_draw_color(INK)
                paper.rect(x + width * 0.15, y, width * 0.7, height, style="DF")
        weekend = day.day.weekday() == 6
        paper.style(6.5, bold=weekend, grey=INK if weekend else MUTED)
        paper.set_xy(x, bottom + 0.8)
        paper.cell(width, 3, str(day.day.day), align=Align.C)
    paper.set_xy(paper.l_margin, bottom + 6)
    _legend(paper, [(say(words), shade) for words, shade in _BARS])
    paper.set_xy(paper.l_margin, bottom + 11)


def _parts(tally: Tally) -> tuple[int, int, int]:
    others = tally.standing - tally.completed - tally.no_show
    return tally.completed, tally.no_show, others


def _legend(paper: Paper, signs: Iterable[tuple[str, int]]) -> None:
    x, y = paper.l_margin + 8, paper.get_y()
    for words, shade in signs:
        paper.set_fill_color(shade)
        paper.set_draw_color(INK)
        paper.rect(x, y + 0.5, 3, 3, style="DF")
        paper.style(8, grey=MUTED)
        paper.set_xy(x + 4.5, y)
        shown = paper.safe(words)
        paper.cell(40, 4, shown)
        x += 4.5 + paper.get_string_width(shown) + 8


def _used(paper: Paper, report: MonthlyReport, say: Words) -> None:
    """What of the offered hours was booked, this month and the one before, as two bars."""
    paper.part(28)
    paper.line_of(say("Hours booked of those offered"), 12, bold=True)
    paper.ln(1)
    longest = max(report.now.offered_minutes, report.before.offered_minutes, 1)
    longest = max(longest, report.now.booked_minutes, report.before.booked_minutes)
    room = paper.epw - 84
    for one in (report.now, report.before):
        x, y = paper.l_margin + 34, paper.get_y()
        paper.style(9)
        paper.cell(33, 5, paper.safe(say.month(one.month)))
        paper.set_draw_color(INK)
        paper.set_fill_color(_CAME)
        if one.booked_minutes:
            paper.rect(x, y + 0.7, room * one.booked_minutes / longest, 3.6, style="F")
        paper.rect(x, y + 0.7, room * one.offered_minutes / longest, 3.6)
        paper.set_xy(x + room + 2, y)
        paper.style(9, grey=MUTED)
        words = paper.safe(say.used(one.booked_minutes, one.offered_minutes))
        paper.cell(48, 5, words, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        paper.ln(1)
    paper.set_fill_color(_PAPER)


def _doctors(paper: Paper, report: MonthlyReport, say: Words) -> None:
    paper.part(_TOGETHER)
    paper.line_of(say("Doctors"), 12, bold=True)
    paper.grid(
        [say(one) for one in _OF_DOCTORS],
        [
            (
                one.doctor,
                one.department,
                f"{one.tally.completed:,}",
                f"{one.tally.no_show:,}",
                f"{one.tally.cancelled:,}",
                *say.used(one.booked_minutes, one.offered_minutes).rsplit(", ", 1),
            )
            for one in report.doctors
        ],
        (38, 34, 14, 17, 19, 34, 14),
    )


def _named(
    paper: Paper, title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    if not rows:
        return
    paper.part(_TOGETHER)
    paper.line_of(title, 12, bold=True)
    paper.grid(headings, rows, (110, 24, 20))
