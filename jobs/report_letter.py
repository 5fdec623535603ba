"""The mail that brings a month's report: the figures in it, the whole as PDF and CSV beside it."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

from jobs.exports.render import Rendered
from jobs.languages import language_of
from jobs.letters import Sender, attach, blank, one_line, written
from jobs.report_words import Words, lines, table
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
    say = Words(language_of(facts.language))
    now = report.now
    most = max((day.tally.standing for day in report.days), default=0) or 1
    values = blank() | {
        "hospital": one_line(sender.name or facts.hospital),
        "say": say,
        "greeting": say.language.greet(one_line(facts.name)),
        "whole": report.doctor_id is None,
        "month": say.month(now.month),
        "before": say.month(report.before.month),
        "lines": list(lines(report, say)),
        "bars": [
            (day.day.day, day.tally.standing, round(60 * day.tally.standing / most))
            for day in report.days
        ],
        "used": say.used(now.booked_minutes, now.offered_minutes),
        "used_width": min(100, round(100 * (now.used or 0))),
        "diagnoses": [(one_line(one.text), number) for one, number in report.diagnoses[:5]],
    }
    message = written(facts, sender, values, attempt=attempt)
    attach(message, files_of(report, facts, fonts))
    return message


def files_of(report: MonthlyReport, facts: ReportFacts, fonts: Path | None) -> list[Rendered]:
    """The report as PDF and as CSV."""
    from jobs.documents.fonts import Fonts
    from jobs.documents.report_pdf import report_pdf

    say = Words(language_of(facts.language))
    pdf = report_pdf(report, facts.written_at, Fonts(fonts), say)
    name = f"activity-{report.now.month}"
    return [
        Rendered(f"{name}.pdf", ("application", "pdf"), pdf.data, pdf.caution),
        Rendered(f"{name}.csv", ("text", "csv"), table(report, say)),
    ]
