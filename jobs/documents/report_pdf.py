"""A month's report as PDF, on A4, drawn so that a printer without colours tells it as well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from fpdf.enums import Align, XPos, YPos

from jobs.documents.fonts import Fonts
from jobs.documents.page import INK, MUTED, RULE, Paper, Pdf
from jobs.documents.words import moment_words, texts_in
from jobs.report_words import Line, hours_words, lines, month_words, percent_words
from store.values import MonthlyReport, Tally

_CAME, _ABSENT, _OTHER, _PAPER = 70, 165, 225, 255
"""Shades of grey in the charts."""

_CHART_HEIGHT, _TOGETHER = 42.0, 60
_ROW = 5.6
_BARS = (
    ("completed", _CAME),
    ("did not come", _ABSENT),
    ("left, or still open", _OTHER),
)


def report_pdf(report: MonthlyReport, made_at: datetime, fonts: Fonts) -> Pdf:
    """The report: figures beside those of the month before, the days as bars, what was diagnosed
    and prescribed, and in the hospital's a line for each doctor."""
    month = month_words(report.now.month)
    paper = Paper(
        fonts,
        texts_in(report),
        title=f"Activity report {report.now.month}",
        made_at=made_at,
        foot=f"{report.hospital}  ·  {report.doctor}  ·  {month}  ·  as of {moment_words(made_at)}"
        if report.doctor_id is not None
        else f"{report.hospital}  ·  {month}  ·  as of {moment_words(made_at)}",
    )
    paper.line_of(f"Activity in {month}", 18, bold=True)
    whose = ", ".join(part for part in (report.doctor, report.department) if part)
    paper.line_of(whose, 12, grey=MUTED)
    if report.doctor_id is not None:
        paper.line_of(report.hospital, 10, grey=MUTED)
    paper.ln(3)
    _figures(paper, report)
    _days(paper, report)
    _used(paper, report)
    if report.doctors:
        _doctors(paper, report)
    _named(
        paper,
        "Most frequent diagnoses",
        ("Diagnosis", "ICD-10", "Times"),
        [(one.text, one.code or "", f"{number:,}") for one, number in report.diagnoses],
    )
    _named(
        paper,
        "Most frequent medicines",
        ("Medicine", "", "Times"),
        [(drug, "", f"{number:,}") for drug, number in report.drugs],
    )
    return paper.finish()


def _figures(paper: Paper, report: MonthlyReport) -> None:
    widths = (paper.epw - 84, 28, 34, 22)
    before = month_words(report.before.month)
    _row(paper, widths, ("", month_words(report.now.month), before, "Change"), grey=MUTED)
    for line in lines(report):
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


def _days(paper: Paper, report: MonthlyReport) -> None:
    """A bar for each day, in the parts of `_BARS` from below."""
    paper.part(_TOGETHER)
    paper.line_of("Appointments by day", 12, bold=True)
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
    _legend(paper, [*_BARS])
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
        paper.cell(40, 4, words)
        x += 4.5 + paper.get_string_width(words) + 8


def _used(paper: Paper, report: MonthlyReport) -> None:
    """What of the offered hours was booked, this month and the one before, as two bars."""
    paper.part(28)
    paper.line_of("Hours booked of those offered", 12, bold=True)
    paper.ln(1)
    longest = max(report.now.offered_minutes, report.before.offered_minutes, 1)
    longest = max(longest, report.now.booked_minutes, report.before.booked_minutes)
    room = paper.epw - 84
    for one in (report.now, report.before):
        x, y = paper.l_margin + 34, paper.get_y()
        paper.style(9)
        paper.cell(33, 5, month_words(one.month))
        paper.set_draw_color(INK)
        paper.set_fill_color(_CAME)
        if one.booked_minutes:
            paper.rect(x, y + 0.7, room * one.booked_minutes / longest, 3.6, style="F")
        paper.rect(x, y + 0.7, room * one.offered_minutes / longest, 3.6)
        paper.set_xy(x + room + 2, y)
        paper.style(9, grey=MUTED)
        booked, offered = hours_words(one.booked_minutes), hours_words(one.offered_minutes)
        words = f"{booked} of {offered}, {percent_words(one.used)}"
        paper.cell(48, 5, words, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        paper.ln(1)
    paper.set_fill_color(_PAPER)


def _doctors(paper: Paper, report: MonthlyReport) -> None:
    paper.part(_TOGETHER)
    paper.line_of("Doctors", 12, bold=True)
    paper.grid(
        ("Doctor", "Department", "Seen", "No-show", "Cancelled", "Hours booked", "Part"),
        [
            (
                one.doctor,
                one.department,
                f"{one.tally.completed:,}",
                f"{one.tally.no_show:,}",
                f"{one.tally.cancelled:,}",
                f"{hours_words(one.booked_minutes)} of {hours_words(one.offered_minutes)}",
                percent_words(
                    one.booked_minutes / one.offered_minutes if one.offered_minutes else None
                ),
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
