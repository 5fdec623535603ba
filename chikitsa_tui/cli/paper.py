"""The commands of `chikitsa appointments` that put something on paper."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import asdict

from chikitsa_tui.cli.context import Hospital, hospital_of
from chikitsa_tui.cli.errors import Usage
from chikitsa_tui.cli.files import write_whole
from chikitsa_tui.cli.inputs import doctor_id, optional_day
from chikitsa_tui.cli.options import AppointmentArgument, DoctorOption, Json
from chikitsa_tui.cli.output import note, printable
from store.values import Slip, SlipUse

PdfOutput = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="FILE.pdf", help="Save it as this PDF.")
]
Print = Annotated[bool, typer.Option("--print", help="Send it to the configured printer.")]


def slip(
    context: typer.Context,
    appointment_id: AppointmentArgument,
    output: PdfOutput = None,
    to_printer: Print = False,
    as_json: Json = False,
) -> None:
    """Show, print or save the token slip of who is here, the appointment slip of who will come.

    Example: chikitsa appointments slip 17 --print
    """
    from store import slips

    hospital = hospital_of(context)
    _hand_out(
        hospital,
        lambda use: hospital.read(slips.of_appointment, appointment_id, use),
        output,
        to_printer=to_printer,
        as_json=as_json,
    )


def day_list(
    context: typer.Context,
    doctor: DoctorOption = None,
    date: Annotated[str | None, typer.Option("--date", help="Another day than today.")] = None,
    output: PdfOutput = None,
    to_printer: Print = False,
    as_json: Json = False,
) -> None:
    """Show, print or save the list of a day, for the desk and for when the power goes.

    Example: chikitsa appointments day-list --doctor dr.nair --date tomorrow -o tomorrow.pdf
    """
    from store import slips

    hospital = hospital_of(context)
    day = optional_day(hospital, date, "date")
    _hand_out(
        hospital,
        lambda use: hospital.read(
            lambda tx: slips.day_list(tx, day=day, doctor_id=doctor_id(tx, doctor), use=use)
        ),
        output,
        to_printer=to_printer,
        as_json=as_json,
    )


def _hand_out(
    hospital: Hospital,
    fetch: Callable[[SlipUse], Slip],
    output: Path | None,
    *,
    to_printer: bool,
    as_json: bool,
) -> None:
    """Text on standard output, unless a file or the printer is asked for."""
    if (output is not None) + to_printer + as_json > 1:
        raise Usage("Choose one of -o, --print and --json.")
    out = hospital.output(as_json)
    papers = hospital.services.papers
    if to_printer:
        papers.require_printer()
        note(papers.print(fetch(SlipUse.PRINT)))
    elif output is not None:
        if output.suffix.lower() != ".pdf":
            raise Usage(f"-o wants a file that ends in .pdf, not {output.name}")
        pdf = papers.pdf(fetch(SlipUse.EXPORT))
        write_whole(output, pdf.data)
        note(f"Saved as {output}. {pdf.caution}".strip())
    elif as_json:
        out.one(asdict(fetch(SlipUse.EXPORT)))
    else:
        text = papers.text(fetch(SlipUse.SHOW))
        typer.echo(printable(text, lines=True), nl=False)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(slip)
    app.command("day-list")(day_list)
