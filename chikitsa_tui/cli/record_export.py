"""`chikitsa records export`."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from chikitsa_tui.cli.context import Hospital, hospital_of
from chikitsa_tui.cli.errors import Usage
from chikitsa_tui.cli.files import write_whole
from chikitsa_tui.cli.inputs import choice
from chikitsa_tui.cli.options import Json, RecordId, RequestId
from chikitsa_tui.cli.output import note, printable
from store.values import PaperKind, SlipUse


class PaperForm(StrEnum):
    """How a paper is written."""

    PDF = "pdf"
    TEXT = "text"


def export(
    context: typer.Context,
    record_id: RecordId,
    form: Annotated[str, typer.Option("--format", help="pdf or text.")] = "pdf",
    paper: Annotated[
        str, typer.Option("--paper", help="summary (of the visit) or prescription.")
    ] = "summary",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file; else standard output.")
    ] = None,
    mail: Annotated[
        bool, typer.Option("--mail", help="Mail it to the patient's own recorded address.")
    ] = False,
    to_printer: Annotated[
        bool, typer.Option("--print", help="Send it to the configured printer.")
    ] = False,
    request_id: RequestId = None,
    as_json: Json = False,
) -> None:
    """Write the visit summary or the prescription of a signed record, print it, or mail it.

    Example: chikitsa records export 5 --paper prescription -o prescription.pdf
    Example: chikitsa records export 5 --format text
    Example: chikitsa records export 5 --paper prescription --mail
    """
    hospital = hospital_of(context)
    kind, wanted = choice(PaperKind, paper, "paper"), choice(PaperForm, form, "format")
    if (output is not None) + mail + to_printer > 1:
        raise Usage("Choose one of -o, --mail and --print.")
    if not mail and (as_json or request_id is not None):
        raise Usage("--json and --request-id go with --mail.")
    if mail:
        if wanted is not PaperForm.PDF:
            raise Usage("A mail brings a PDF; leave --format out.")
        _ask(hospital, record_id, kind, request_id or str(uuid4()), as_json=as_json)
    elif to_printer:
        _print(hospital, record_id, kind)
    elif wanted is PaperForm.TEXT:
        _write_text(hospital, record_id, kind, output)
    else:
        _write_pdf(hospital, record_id, kind, output)


def _ask(
    hospital: Hospital, record_id: int, kind: PaperKind, request_id: str, *, as_json: bool
) -> None:
    from store import record_papers

    asked = hospital.write(record_papers.ask_by_mail, record_id, kind, request_id=request_id)
    hospital.output(as_json).one(
        {"id": asked.message_id, "kind": "paper", "to": asked.email, "paper": kind.value}
    )


def _print(hospital: Hospital, record_id: int, kind: PaperKind) -> None:
    from store import record_papers

    papers = hospital.services.papers
    papers.require_printer()
    note(papers.print(hospital.read(record_papers.of_record, record_id, kind, SlipUse.PRINT)))


def _write_text(hospital: Hospital, record_id: int, kind: PaperKind, output: Path | None) -> None:
    from store import record_papers

    sheet = hospital.read(record_papers.of_record, record_id, kind, SlipUse.EXPORT)
    text = hospital.services.papers.text(sheet)
    if output is None:
        typer.echo(printable(text, lines=True), nl=False)
    else:
        write_whole(output, text.encode())
        note(f"Saved as {output}.")


def _write_pdf(hospital: Hospital, record_id: int, kind: PaperKind, output: Path | None) -> None:
    from store import record_papers

    if output is None and sys.stdout.isatty():
        raise Usage("A PDF is nothing for a terminal: give -o FILE.pdf, or --format text.")
    sheet = hospital.read(record_papers.of_record, record_id, kind, SlipUse.EXPORT)
    pdf = hospital.services.papers.pdf(sheet)
    if output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(pdf.data)
    else:
        write_whole(output, pdf.data)
        note(f"Saved as {output}.")
    if pdf.caution:
        note(pdf.caution)
