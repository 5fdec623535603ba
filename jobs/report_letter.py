"""The mail that brings a month's report: the figures in it, the whole as PDF and CSV beside it."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

from jobs.exports.render import Rendered
from jobs.languages import language_of
from jobs.letters import Sender, attach, blank, one_line, written
from jobs.report_words import hours_words, lines, month_words, percent_words, table
from store.report_mail import ReportFacts
from store.values import MonthlyReport


def write_report(
    facts: ReportFacts,
    report: MonthlyReport,
    sender: Sender,
    fonts: Path | None,
    *,
    attempt: int = 1,
) -> EmailMessage:
    """The mail as it is sent.

    Raises:
        Unwritable: an address or a name cannot stand in a mail.
    """
    most = max((day.tally.standing for day in report.days), default=0) or 1
    values = blank() | {
        "hospital": one_line(sender.name or facts.hospital),
        "greeting": language_of(facts.language).greet(one_line(facts.name)),
        "whole": report.doctor_id is None,
        "month": month_words(report.now.month),
        "before": month_words(report.before.month),
        "lines": list(lines(report)),
        "bars": [
            (day.day.day, day.tally.standing, round(60 * day.tally.standing / most))
            for day in report.days
        ],
        "booked": hours_words(report.now.booked_minutes),
        "offered": hours_words(report.now.offered_minutes),
        "used": percent_words(report.now.used),
        "used_width": min(100, round(100 * (report.now.used or 0))),
        "diagnoses": [(one_line(one.text), number) for one, number in report.diagnoses[:5]],
    }
    message = written(facts, sender, values, attempt=attempt)
    attach(message, files_of(report, facts, fonts))
    return message


def files_of(report: MonthlyReport, facts: ReportFacts, fonts: Path | None) -> list[Rendered]:
    """The report as PDF and as CSV."""
    from jobs.documents.fonts import Fonts
    from jobs.documents.report_pdf import report_pdf

    pdf = report_pdf(report, facts.written_at, Fonts(fonts))
    name = f"activity-{report.now.month}"
    return [
        Rendered(f"{name}.pdf", ("application", "pdf"), pdf.data, pdf.caution),
        Rendered(f"{name}.csv", ("text", "csv"), table(report)),
    ]
