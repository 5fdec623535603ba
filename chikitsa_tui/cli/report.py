"""`chikitsa report`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import asdict

from chikitsa_tui.cli import completion
from chikitsa_tui.cli.context import Hospital, hospital_of
from chikitsa_tui.cli.errors import Usage
from chikitsa_tui.cli.files import write_whole
from chikitsa_tui.cli.inputs import choice, month_of, reference
from chikitsa_tui.cli.options import Json
from chikitsa_tui.cli.output import note, printable

if TYPE_CHECKING:
    from store.values import MonthlyReport


class Language(StrEnum):
    """The languages of reports."""

    EN = "en"
    HI = "hi"


app = typer.Typer(
    help="What a month was: appointments, patients, diagnoses, hours.\n\n"
    "Example: chikitsa report hospital --month 2026-01",
    no_args_is_help=True,
)

MonthOption = Annotated[
    str | None, typer.Option("--month", metavar="YYYY-MM", help="The month; else the last one.")
]
Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="FILE", help="Save it as this .pdf or .csv."),
]

ReportLanguage = Annotated[
    str, typer.Option("--language", help="The language of the report: en or hi.")
]


@app.command()
def doctor(
    context: typer.Context,
    doctor: Annotated[
        str,
        typer.Argument(
            metavar="DOCTOR", help="Id or user name.", autocompletion=completion.doctors
        ),
    ],
    month: MonthOption = None,
    output: Output = None,
    language: ReportLanguage = "en",
    as_json: Json = False,
) -> None:
    """Show a doctor's month beside the one before, or save it as a PDF.

    Example: chikitsa report doctor dr.nair --month 2026-01 -o january.pdf
    """
    from store import doctors, monthly

    hospital = hospital_of(context)
    wanted = month_of(hospital, month)
    report = hospital.read(
        lambda tx: monthly.of_doctor(tx, doctors.get(tx, reference(doctor)).id, wanted)
    )
    _hand_out(hospital, report, output, language, as_json=as_json)


@app.command("hospital")
def hospital_(
    context: typer.Context,
    month: MonthOption = None,
    output: Output = None,
    language: ReportLanguage = "en",
    as_json: Json = False,
) -> None:
    """Show the hospital's month beside the one before, or save it as a PDF.

    Example: chikitsa report hospital --month 2026-01 -o january.pdf
    """
    from store import monthly

    hospital = hospital_of(context)
    report = hospital.read(monthly.of_hospital, month_of(hospital, month))
    _hand_out(hospital, report, output, language, as_json=as_json)


def _hand_out(
    hospital: Hospital,
    report: MonthlyReport,
    output: Path | None,
    language: str,
    *,
    as_json: bool,
) -> None:
    from jobs.languages import language_of, wide
    from jobs.report_words import Words, lines, table

    say = Words(language_of(choice(Language, language, "language")))

    if output is None and as_json:
        hospital.output(as_json=True).one(_whole(report))
        return
    if output is None:
        typer.echo(printable(f"{report.doctor}, {say.month(report.now.month)}"))
        head = ("", str(report.now.month), str(report.before.month), say("Change"))
        rows = [
            (f"{'  ' * one.part}{one.label}", one.now, one.before, one.change)
            for one in lines(report, say)
        ]
        for label, now, before, change in (head, *rows):
            figures = (wide(now, 10, right=True), wide(before, 10, right=True))
            typer.echo("".join((wide(label, 34), *figures, wide(change, 9, right=True))).rstrip())
        return
    if as_json:
        raise Usage("Choose one of -o and --json.")
    kind = output.suffix.lower()
    if kind == ".csv":
        write_whole(output, table(report, say))
        note(f"Saved as {output}.")
    elif kind == ".pdf":
        from jobs.documents.report_pdf import report_pdf

        made_at = hospital.store.now()
        pdf = report_pdf(report, made_at, hospital.services.papers.fonts, say)
        write_whole(output, pdf.data)
        note(f"Saved as {output}. {pdf.caution}".strip())
    else:
        raise Usage(f"-o wants a file that ends in .pdf or .csv, not {output.name}")


def _whole(report: MonthlyReport) -> dict[str, object]:
    now, before = asdict(report.now), asdict(report.before)
    now["month"], before["month"] = str(report.now.month), str(report.before.month)
    return {
        "doctor_id": report.doctor_id,
        "doctor": report.doctor,
        "month": now["month"],
        "now": now,
        "before": before,
        "days": [{"date": one.day, **asdict(one.tally)} for one in report.days],
        "diagnoses": [
            {"text": one.text, "code": one.code, "number": number}
            for one, number in report.diagnoses
        ],
        "drugs": [{"drug": drug, "number": number} for drug, number in report.drugs],
        "doctors": [asdict(one) for one in report.doctors],
    }
