"""`chikitsa prescriptions`."""

from __future__ import annotations

from typing import Annotated

import typer
from msgspec.structs import replace

from chikitsa_tui.cli import fields
from chikitsa_tui.cli.confirm import confirm
from chikitsa_tui.cli.context import hospital_of
from chikitsa_tui.cli.errors import Usage
from chikitsa_tui.cli.inputs import given
from chikitsa_tui.cli.options import Json, Yes
from chikitsa_tui.cli.output import note
from store.values import PrescriptionInput

app = typer.Typer(
    help="Prescription lines of unsigned records.\n\nExample: chikitsa prescriptions delete 9",
    no_args_is_help=True,
)

Line = Annotated[
    str | None,
    typer.Option("--line", help="The whole line as on paper: “amox 500 1-0-1 5d pc”."),
]
NewDrug = Annotated[str | None, typer.Option("--drug", help="The drug.")]
Dose = Annotated[str | None, typer.Option("--dose", help="How much: 500 mg.")]
Route = Annotated[str | None, typer.Option("--route", help="By mouth, by injection …")]
Frequency = Annotated[str | None, typer.Option("--frequency", help="How often: 1-0-1.")]
Days = Annotated[int | None, typer.Option("--duration-days", min=1, help="For how many days.")]
Quantity = Annotated[int | None, typer.Option("--quantity", min=1, help="How many pieces.")]
Instructions = Annotated[str | None, typer.Option("--instructions", help="After food …")]
Answer = Annotated[
    str | None,
    typer.Option("--warning-answer", help="Why it is right in spite of a warning."),
]
ItemId = Annotated[int, typer.Argument(metavar="ID", min=1, help="The line's id.")]


@app.command()
def add(
    context: typer.Context,
    record_argument: Annotated[
        int | None, typer.Argument(metavar="[RECORD]", min=1, help="The record's id.")
    ] = None,
    record_option: Annotated[
        int | None, typer.Option("--record", min=1, help="The record's id.")
    ] = None,
    line: Line = None,
    drug: NewDrug = None,
    dose: Dose = None,
    route: Route = None,
    frequency: Frequency = None,
    duration_days: Days = None,
    quantity: Quantity = None,
    instructions: Instructions = None,
    warning_answer: Answer = None,
    as_json: Json = False,
) -> None:
    """Add a line; a known allergy or a drug already taken is warned of.

    Options beside --line correct what it says.

    Example: chikitsa prescriptions add 5 --line "amox 500 1-0-1 5d pc"
    Example: chikitsa prescriptions add 5 --drug Amoxicillin --dose "500 mg" --frequency 1-1-1
    """
    from store import formulary, prescriptions, records
    from store.prescription_quantity import in_words
    from store.prescription_shorthand import read

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    record = record_option or record_argument
    if record is None:
        raise Usage("Name the record whose prescription it is.")
    if line is None and drug is None:
        raise Usage("Give the line with --line, or the drug with --drug.")
    fields_given = given(
        drug=drug,
        dose=dose,
        route=route,
        frequency=frequency,
        duration_days=duration_days,
        quantity=quantity,
        instructions=instructions,
        warning_answer=warning_answer,
    )
    store, actor = hospital.store, hospital.actor
    with store.transaction(actor) as tx:
        reading = None if line is None else read(line, formulary.load(tx).named)
        item = replace(reading.line if reading else PrescriptionInput(""), **fields_given)
        draft = records.get(tx, record)
        before = [one.item.drug for one in draft.prescription]
        warned = prescriptions.warnings(tx, draft.patient_id, item.drug, beside=before)
        view = prescriptions.add(tx, record, item)
    if reading is not None:
        note(in_words(item))
        if reading.unread:
            note(f"Not understood, kept as instruction: {reading.unread}")
    for sentence in warned:
        note(f"Warning: {sentence}")
    out.one(fields.prescription_item(view))


@app.command()
def update(
    context: typer.Context,
    item_id: ItemId,
    drug: NewDrug = None,
    dose: Dose = None,
    route: Route = None,
    frequency: Frequency = None,
    duration_days: Days = None,
    quantity: Quantity = None,
    instructions: Instructions = None,
    warning_answer: Answer = None,
    as_json: Json = False,
) -> None:
    """Change a line; fields that are not named stay.

    Example: chikitsa prescriptions update 9 --dose "250 mg"
    """
    from store import prescriptions, records

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    changes = given(
        drug=drug,
        dose=dose,
        route=route,
        frequency=frequency,
        duration_days=duration_days,
        quantity=quantity,
        instructions=instructions,
        warning_answer=warning_answer,
    )
    store, actor = hospital.store, hospital.actor
    with store.transaction(actor) as tx:
        lines = [line for draft in records.open_drafts(tx) for line in draft.prescription]
        present = next((line.item for line in lines if line.id == item_id), PrescriptionInput(""))
        view = prescriptions.update(tx, item_id, replace(present, **changes))
    out.one(fields.prescription_item(view))


@app.command()
def delete(
    context: typer.Context, item_id: ItemId, yes: Yes = False, as_json: Json = False
) -> None:
    """Delete a line.

    Example: chikitsa prescriptions delete 9 --yes
    """
    from store import prescriptions

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    hospital.require_actor()
    confirm(f"Delete the prescription line {item_id}?", yes=yes)
    hospital.write(prescriptions.delete, item_id)
    out.one({"id": item_id, "deleted": True})
