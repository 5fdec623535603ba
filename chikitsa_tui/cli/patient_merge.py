"""Patients who are registered twice, or are not: `patients duplicates`, `not-same`, `merge` and
`unmerge`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chikitsa_tui.cli import fields
from chikitsa_tui.cli.confirm import confirm
from chikitsa_tui.cli.context import Hospital, hospital_of
from chikitsa_tui.cli.inputs import reference
from chikitsa_tui.cli.options import (
    Csv,
    DryRun,
    Json,
    Offset,
    PatientArgument,
    Yes,
    patient_argument,
)
from chikitsa_tui.cli.output import note

if TYPE_CHECKING:
    from store.values import AppointmentView, LikelyPair, MergePreview, MergeView, PairApart

Survivor = Annotated[
    str,
    patient_argument("SURVIVOR", "Who stays: patient number (MRN) or id."),
]
Merged = Annotated[
    str,
    patient_argument("MERGED", "Who is merged into that one: number or id."),
]
OneOfTwo = Annotated[
    str,
    patient_argument("PATIENT", "One of the two: patient number (MRN) or id."),
]
OtherOfTwo = Annotated[
    str,
    patient_argument("OTHER", "The other of the two: number or id."),
]
Take = Annotated[
    list[str] | None,
    typer.Option(
        "--take",
        help="A particular to take from the merged one, such as phone or birth_date; may be"
        " repeated. What the survivor has nothing of is taken anyway.",
    ),
]


def duplicates(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000)] = 50,
    offset: Offset = 0,
    not_same: Annotated[
        bool,
        typer.Option("--not-same", help="Those instead that were marked with `patients not-same`."),
    ] = False,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List pairs of patients who may be one, the likeliest first.

    Example: chikitsa patients duplicates --limit 20
    """
    from store import apart
    from store import duplicates as twice

    hospital = hospital_of(context)
    out = hospital.output(as_json, as_csv)
    if not_same:
        told = hospital.read(apart.marked, limit=limit, offset=offset)
        out.rows(told.items, fields.pair_apart if as_json else _apart_line, total=told.total)
        return
    page = hospital.read(twice.likely_pairs, limit=limit, offset=offset)
    shown = fields.likely_pair if as_json else _pair_line
    out.rows(page.items, shown, total=page.total)


def not_same(
    context: typer.Context,
    one: OneOfTwo,
    other: OtherOfTwo,
    undo: Annotated[
        bool, typer.Option("--undo", help="Take it back: the two may be suggested again.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say that two patients are not the same person: `patients duplicates` and the app suggest
    them no more.

    Example: chikitsa patients not-same 000009-2 000031-9
    """
    from store import apart, merging

    hospital = hospital_of(context)
    ids = [hospital.read(merging.named, reference(who)) for who in (one, other)]
    done = hospital.write(apart.take_back if undo else apart.mark, *ids)
    told = fields.pair_apart(done)
    if undo:
        told["not_same_since"] = None
    hospital.output(as_json).one(told)


def merge(
    context: typer.Context,
    survivor: Survivor,
    merged: Merged,
    take: Take = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Merge two registrations of one person: everything goes to the survivor, both patient numbers
    find it, and `patients unmerge` takes it back.

    Example: chikitsa patients merge 000009-2 000031-9 --take phone
    """
    from store import merging

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    chosen = _fields(take)
    ids = tuple(hospital.read(merging.named, reference(one)) for one in (survivor, merged))
    shown = hospital.read(merging.preview, *ids, take=chosen)
    if dry_run:
        out.one({"dry_run": True} | fields.merge_preview(shown))
        note("Nothing was done.")
        return
    question = f"Merge {_who(shown.merged)} into {_who(shown.survivor)}?"
    confirm(question, yes=yes, about=_preview_lines(shown))
    versions = (shown.survivor.version, shown.merged.version)
    done = hospital.write(merging.merge, *ids, take=chosen, versions=versions)
    out.one(fields.merge(done))
    _tell_clashes(done.clashes)


def unmerge(
    context: typer.Context,
    patient: PatientArgument,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Take back that a patient was merged into another: name the one that was merged.

    Example: chikitsa patients unmerge 000031-9
    """
    from store import merging

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    merged = hospital.read(merging.named, reference(patient))
    tried = _tried(hospital, merged) if dry_run or not yes else None
    if dry_run and tried is not None:
        out.one({"dry_run": True} | fields.merge(tried))
        note("Nothing was done.")
        return
    if tried is not None:
        whole = f"Separate {_who(tried.merged)} from {_who(tried.survivor)}?"
        confirm(whole, yes=yes, about=_counted(tried.moved))
    out.one(fields.merge(hospital.write(merging.unmerge, merged)))


def _tried(hospital: Hospital, merged: int) -> MergeView:
    from chikitsa_tui.cli.affecting import trial
    from store import merging

    return trial(hospital, lambda tx: merging.unmerge(tx, merged))


def _fields(take: list[str] | None) -> tuple[str, ...]:
    return tuple(name.strip().casefold().replace("-", "_") for name in take or ())


def _who(view: Any) -> str:
    return f"{view.mrn} {view.name}"


def _preview_lines(shown: MergePreview) -> Iterator[str]:
    """What a person looks at before saying yes."""
    if shown.apart:
        yield "somebody marked these two as not the same person"
    for one in shown.fields:
        kept = one.merged if one.taken else one.survivor
        label = one.name.replace("_", " ")
        yield f"{label}: {kept}   (of {one.survivor or 'nothing'} / {one.merged or 'nothing'})"
    yield from _counted(shown.moves)
    for pair in shown.clashes:
        yield f"at the same time: {_visits(pair)}"


def _counted(moves: dict[str, int]) -> Iterator[str]:
    if moves:
        yield "goes over: " + ", ".join(f"{n} {fields.THINGS.get(k, k)}" for k, n in moves.items())


def _tell_clashes(clashes: tuple[tuple[AppointmentView, AppointmentView], ...]) -> None:
    for pair in clashes:
        note(f"Booked twice at the same time, cancel or move one: {_visits(pair)}")


def _visits(pair: tuple[AppointmentView, AppointmentView]) -> str:
    return " and ".join(f"{one.id} {one.starts_at:%Y-%m-%d %H:%M} {one.doctor}" for one in pair)


def _pair_line(pair: LikelyPair) -> fields.Row:
    return _both(pair) | {"because": ", ".join(pair.because)}


def _apart_line(pair: PairApart) -> fields.Row:
    return _both(pair) | {"not_same_since": pair.at}


def _both(pair: LikelyPair | PairApart) -> fields.Row:
    line: fields.Row = {}
    for number, one in enumerate((pair.one, pair.other), start=1):
        line |= {
            f"mrn_{number}": one.mrn,
            f"name_{number}": one.name,
            f"born_{number}": one.birth_date,
            f"phone_{number}": one.phone,
        }
    return line
