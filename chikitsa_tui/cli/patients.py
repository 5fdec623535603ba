"""`chikitsa patients`."""

from __future__ import annotations

from typing import Annotated

import typer

from chikitsa_tui.cli import fields, patient_export, patient_merge
from chikitsa_tui.cli.context import hospital_of
from chikitsa_tui.cli.inputs import given, reference
from chikitsa_tui.cli.option_groups import spreads
from chikitsa_tui.cli.options import (
    Csv,
    Json,
    Limit,
    Offset,
    OnlyActive,
    PatientArgument,
    Version,
)
from chikitsa_tui.cli.output import note
from chikitsa_tui.cli.patient_fields import (
    Allergy,
    ExternalId,
    Mrn,
    Name,
    NewName,
    Particulars,
)
from store.values import PatientInput

app = typer.Typer(
    help="Patients.\n\nExample: chikitsa patients search rao",
    no_args_is_help=True,
)

app.command()(patient_export.export)
for _command in (
    patient_merge.duplicates,
    patient_merge.not_same,
    patient_merge.merge,
    patient_merge.unmerge,
):
    app.command()(_command)


@app.command("list")
def list_(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[WORDS]...",
            help="Only those whom these fit, as in the app's filter line: the beginnings of words"
            " of a name, born:1991, phone:9845011223, email:asha@example.org, state:inactive.",
        ),
    ] = None,
    active: OnlyActive = True,
    limit: Limit = 500,
    offset: Offset = 0,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List patients, all or those whom some words fit.

    Example: chikitsa patients list rao born:1991 --csv
    """
    from store import patients
    from store.list_words import line_of

    hospital = hospital_of(context)
    out = hospital.output(as_json, as_csv)
    line = line_of(words or ())
    if line and not active:
        line += " state:all"
    page = hospital.read(
        patients.list_patients, line, active=active or None, limit=limit, offset=offset
    )
    out.rows(page.items, fields.patient, total=page.total)


@app.command()
def search(
    context: typer.Context,
    text: Annotated[
        list[str], typer.Argument(metavar="TEXT", help="Name, phone, MRN or birth date.")
    ],
    limit: Limit = 20,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Find patients by name, phone, patient number or birth date.

    Example: chikitsa patients search rao 98450
    """
    from store import patient_search

    hospital = hospital_of(context)
    out = hospital.output(as_json, as_csv)
    out.rows(hospital.read(patient_search.search, " ".join(text), limit=limit), fields.patient)


@app.command()
def show(context: typer.Context, patient: PatientArgument, as_json: Json = False) -> None:
    """Show one patient.

    Example: chikitsa patients show 000009-2
    """
    from store import merging, patients

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    with hospital.store.reading(hospital.actor) as tx:
        view = patients.get(tx, reference(patient))
        former = [one.mrn for one in merging.merged_into(tx, view.id)]
    more = {"merged": former} if former else {}
    out.one(fields.patient(view) if as_json else fields.patient_card(view) | more)


@app.command()
@spreads(Particulars)
def add(
    context: typer.Context,
    name: Name,
    told: Particulars,
    allergy: Allergy = None,
    external_id: ExternalId = None,
    mrn: Mrn = None,
    as_json: Json = False,
) -> None:
    """Register a patient; likely duplicates are told.

    Example: chikitsa patients add --name "Meena Rao" --birth-date 1991-04-03 --phone 9845011223
    """
    from store import patient_search, patients

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    more = given(allergies=tuple(allergy or ()) or None, external_id=external_id, mrn=mrn)
    particulars = PatientInput(name, **told.given(), **more)
    alike = hospital.read(patient_search.likely_duplicates, particulars)
    view = hospital.write(patients.register, particulars)
    for other in alike:
        note(f"Perhaps the same person: {other.mrn} {other.name}, born {other.birth_date or '?'}")
    out.one(fields.patient(view))


@app.command()
@spreads(Particulars)
def update(
    context: typer.Context,
    patient: PatientArgument,
    *,
    name: NewName = None,
    told: Particulars,
    external_id: ExternalId = None,
    version: Version = None,
    as_json: Json = False,
) -> None:
    """Change a patient's particulars; an empty text clears a field.

    Example: chikitsa patients update 000009-2 --phone "+91 98450 11224"
    """
    from store import patients

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    changes = told.given() | given(name=name, external_id=external_id)
    view = hospital.write(
        lambda tx: patients.update(
            tx, patients.get(tx, reference(patient)).id, changes, version=version
        )
    )
    out.one(fields.patient(view))


@app.command()
def deactivate(context: typer.Context, patient: PatientArgument, as_json: Json = False) -> None:
    """Take a patient out of use; the history stays.

    Example: chikitsa patients deactivate 000009-2
    """
    from store import patients

    hospital = hospital_of(context)
    view = hospital.write(
        lambda tx: patients.deactivate(tx, patients.get(tx, reference(patient)).id)
    )
    hospital.output(as_json).one(fields.patient(view))


@app.command()
def activate(context: typer.Context, patient: PatientArgument, as_json: Json = False) -> None:
    """Bring a patient back into use.

    Example: chikitsa patients activate 000009-2
    """
    from store import patients

    hospital = hospital_of(context)
    view = hospital.write(lambda tx: patients.activate(tx, patients.get(tx, reference(patient)).id))
    hospital.output(as_json).one(fields.patient(view))


@app.command()
def history(context: typer.Context, patient: PatientArgument, as_json: Json = False) -> None:
    """Show everything about a patient: visits, and for who may read them, records and allergies.

    Example: chikitsa patients history 000009-2 --json
    """
    from store import appointments, patients, permissions, records
    from store.permissions import Action

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    store, actor = hospital.store, hospital.actor
    with store.reading(actor) as tx:
        view = patients.get(tx, reference(patient))
        visits = appointments.list_appointments(tx, patient_id=view.id, limit=_ALL)
        answer = fields.patient(view) if as_json else fields.patient_card(view)
        answer["appointments"] = [fields.appointment(visit) for visit in visits.items]
        if permissions.allowed(actor, Action.RECORD_READ):
            known = patients.allergies(tx, view.id)
            answer["allergies"] = [fields.allergy(item) for item in known]
            found = records.list_records(tx, patient_id=view.id, limit=_ALL)
            answer["records"] = [fields.record(record) for record in found.items]
    if not as_json:
        for key, line in _LINES.items():
            if key in answer:
                answer[key] = [line(row) for row in answer[key]]
    out.one(answer)


_ALL = 1_000_000
"""A history is told whole."""


def _visit_line(row: fields.Row) -> fields.Row:
    return {"at": row["starts_at"], "with": row["doctor"], "": row["status"].value}


def _record_line(row: fields.Row) -> fields.Row:
    diagnoses = "; ".join(d["text"] for d in row["diagnoses"])
    return {"at": row["visited_at"], "by": row["doctor"], "": row["status"].value, "for": diagnoses}


_LINES = {"appointments": _visit_line, "records": _record_line}
