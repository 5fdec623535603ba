"""`chikitsa audit`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from chikitsa_tui.cli import fields
from chikitsa_tui.cli.anchors import read_anchors
from chikitsa_tui.cli.context import Hospital, hospital_of
from chikitsa_tui.cli.files import drafted
from chikitsa_tui.cli.inputs import end_of, patient_id, reference, start_of
from chikitsa_tui.cli.options import (
    Csv,
    From,
    Json,
    Limit,
    Offset,
    PatientArgument,
    PatientOption,
    To,
)
from chikitsa_tui.cli.output import Output, note

if TYPE_CHECKING:
    from store.transaction import Transaction
    from store.values import AuditFilter

app = typer.Typer(
    help="Who did or read what, when and from where.\n\nExample: chikitsa audit list",
    no_args_is_help=True,
)

ActorOption = Annotated[
    str | None, typer.Option("--actor", help="Only this account: id or user name.")
]
EntityOption = Annotated[
    str | None, typer.Option("--entity", help="Only this kind of thing: appointment …")
]
ActionOption = Annotated[
    str | None, typer.Option("--action", help="Only this action: record.read, or all of record.")
]


@app.command("list")
def list_(
    context: typer.Context,
    actor: ActorOption = None,
    entity: EntityOption = None,
    action: ActionOption = None,
    patient: PatientOption = None,
    start: From = None,
    end: To = None,
    limit: Limit = 100,
    offset: Offset = 0,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List entries of the audit trail, newest first.

    Example: chikitsa audit list --patient 000009-2 --from -7d
    """
    from store import audit

    hospital = hospital_of(context)
    out = hospital.output(as_json, as_csv)
    page = hospital.read(
        lambda tx: audit.list_entries(
            tx,
            limit=limit,
            offset=offset,
            actor=None if actor is None else reference(actor),
            entity=entity,
            action=action,
            patient_id=patient_id(tx, patient),
            start=start_of(hospital, start),
            end=end_of(hospital, end),
        )
    )
    shown = fields.audit_line if out.form == "text" else fields.audit_entry
    out.rows(page.items, shown, total=page.total)


@app.command()
def export(
    context: typer.Context,
    actor: ActorOption = None,
    entity: EntityOption = None,
    action: ActionOption = None,
    patient: PatientOption = None,
    start: From = None,
    end: To = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file; else standard output.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write all entries that are wanted, oldest first, as CSV or (--json) as JSON.

    Example: chikitsa audit export --from 2026-11-01 --to 2026-11-30 -o november.csv
    """
    from store.values import AuditFilter

    hospital = hospital_of(context)
    out = hospital.output(as_json, not as_json)

    def wanted(tx: Transaction) -> AuditFilter:
        return AuditFilter(
            actor=None if actor is None else reference(actor),
            entity=entity,
            action=action,
            patient_id=patient_id(tx, patient),
            start=start_of(hospital, start),
            end=end_of(hospital, end),
        )

    hospital.require_actor()
    if output is None:
        _export(hospital, out, wanted, sys.stdout)
        return
    with drafted(output) as draft, draft.open("x", encoding="utf-8", newline="") as stream:
        count = _export(hospital, out, wanted, stream)
    note(f"{count:,} entries in {output}")


def _export(
    hospital: Hospital,
    out: Output,
    wanted: Callable[[Transaction], AuditFilter],
    stream: TextIO,
) -> int:
    from store import audit

    with (
        hospital.store.reading(hospital.actor) as tx,
        closing(audit.export(tx, wanted(tx))) as entries,
    ):
        return out.stream(entries, fields.audit_export, stream)


@app.command("who-saw")
def who_saw(
    context: typer.Context,
    patient: PatientArgument,
    start: From = None,
    end: To = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Tell who read or changed anything of a patient, whoever was there last first.

    A list of many patients, or a search that was not opened, names nobody and is not counted.

    Example: chikitsa audit who-saw 000009-2 --from -90d
    """
    from store import audit, patients

    hospital = hospital_of(context)
    out = hospital.output(as_json, as_csv)
    found = hospital.read(
        lambda tx: audit.who_saw(
            tx,
            patients.get(tx, reference(patient)).id,
            start=start_of(hospital, start),
            end=end_of(hospital, end),
        )
    )
    out.rows(found, fields.onlooker)


@app.command()
def anchor(context: typer.Context, as_json: Json = False) -> None:
    """Print the number and the hash of the newest entry, to be kept on another machine.

    `audit verify --anchors FILE` finds by it that the end of the trail was cut off, or that all of
    it was written anew, which the trail by itself cannot tell.

    Example: chikitsa audit anchor --json | ssh safe 'cat >> anchors.json'
    """
    from store import audit

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    out.one(fields.anchor(hospital.read(audit.anchor)))


@app.command()
def verify(
    context: typer.Context,
    anchors: Annotated[
        Path | None,
        typer.Option("--anchors", help="What `audit anchor --json` printed, once or many times."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check that no entry was altered, removed or put in between.

    Example: chikitsa audit verify --anchors anchors.json
    """
    from store import audit

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    kept = read_anchors(anchors) if anchors is not None else []
    answer = {"entries": hospital.read(audit.verify, kept)}
    out.one(answer | ({"anchors": len(kept)} if kept else {}))
