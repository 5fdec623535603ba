"""`chikitsa patients export`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from chikitsa_tui.cli.context import Hospital, hospital_of
from chikitsa_tui.cli.errors import Usage
from chikitsa_tui.cli.files import write_whole
from chikitsa_tui.cli.inputs import choice, reference
from chikitsa_tui.cli.options import Json, PatientArgument, RequestId
from chikitsa_tui.cli.output import note
from store.values import RecordFormat


def export(
    context: typer.Context,
    patient: PatientArgument,
    form: Annotated[str, typer.Option("--format", help="pdf, csv, fhir (R4B) or ics.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file; else standard output.")
    ] = None,
    mail: Annotated[
        bool, typer.Option("--mail", help="Mail it to the patient's own recorded address.")
    ] = False,
    request_id: RequestId = None,
    as_json: Json = False,
) -> None:
    """Write a patient's records and appointments to a file, or mail them to the patient.

    Example: chikitsa patients export 000009-2 --format pdf -o records.pdf
    """
    hospital = hospital_of(context)
    wanted = choice(RecordFormat, form, "format")
    if mail:
        if output is not None:
            raise Usage("Choose one of -o and --mail.")
        _ask(hospital, patient, wanted, request_id or str(uuid4()), as_json=as_json)
        return
    if as_json or request_id is not None:
        raise Usage("--json and --request-id go with --mail.")
    if output is None and wanted is RecordFormat.PDF and sys.stdout.isatty():
        raise Usage("A PDF is nothing for a terminal: give -o FILE.pdf.")
    _write(hospital, patient, wanted, output)


def _ask(
    hospital: Hospital, patient: str, form: RecordFormat, request_id: str, *, as_json: bool
) -> None:
    from store import patient_file, patients

    asked = hospital.write(
        lambda tx: patient_file.ask_by_mail(
            tx, patients.get(tx, reference(patient)).id, [form], request_id=request_id
        )
    )
    hospital.output(as_json).one(
        {
            "id": asked.message_id,
            "kind": "records",
            "to": asked.email,
            "formats": asked.formats,
            "password": asked.password,
        }
    )
    note("Tell the patient the password, but not by e-mail: the archive opens with nothing else.")


def _write(hospital: Hospital, patient: str, form: RecordFormat, output: Path | None) -> None:
    from jobs.exports.render import render
    from store import patient_file, patients

    file = hospital.read(
        lambda tx: patient_file.read(tx, patients.get(tx, reference(patient)).id, [form])
    )
    rendered = render(file, form, hospital.services.papers.settings.fonts)
    if output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(rendered.data)
    else:
        write_whole(output, rendered.data)
        note(f"{len(file.records)} records of {file.patient.mrn} in {output}")
    if rendered.caution:
        note(rendered.caution)
