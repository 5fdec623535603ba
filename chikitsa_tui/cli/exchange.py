"""`chikitsa import` and `chikitsa export`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer
from msgspec.structs import asdict

from chikitsa_tui.cli.confirm import confirm
from chikitsa_tui.cli.context import Hospital, hospital_of
from chikitsa_tui.cli.errors import Usage
from chikitsa_tui.cli.files import drafted
from chikitsa_tui.cli.options import DryRun, Json, Yes
from chikitsa_tui.cli.output import Output, note, progress

if TYPE_CHECKING:
    from store.exchange.report import ImportReport

MOST_TOLD = 20
FHIR = "fhir"

Kind = Annotated[
    str,
    typer.Argument(
        metavar="KIND",
        help="departments, doctors, hours, patients, appointments, holidays, formulary or fhir.",
    ),
]


def import_(
    context: typer.Context,
    kind: Kind,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV with a heading, or FHIR.")],
    dry_run: DryRun = False,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="OURS=THEIRS", help="Our column is called so in the file."),
    ] = None,
    skip_invalid: Annotated[
        bool, typer.Option("--skip-invalid", help="Take the good rows, leave out the others.")
    ] = False,
    rejects: Annotated[
        Path | None, typer.Option("--rejects", help="Where the refused rows are written.")
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option("--encoding", help="What the CSV file is in, such as cp1252; else UTF-8."),
    ] = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Bring a CSV file in: all of it or nothing. The same file a second time changes nothing.
    `import fhir` takes one patient's history from another hospital (a FHIR R4B bundle).

    Others work on meanwhile. More than 1,000 patients or appointments are written 1,500 at a time
    once every row was found good; if that is cut off, the same command takes the rest.

    Example: chikitsa import patients people.csv --map name=FIRST+LAST --dry-run
    """
    from store.exchange import csv_file, csv_import

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    if kind == FHIR:
        if mapping or skip_invalid or rejects or encoding:
            raise Usage("import fhir takes a file, all of it or nothing; and --dry-run.")
        hospital.require_actor()
        _import_fhir(hospital, out, file, dry_run=dry_run)
        return
    _require_kind(kind, (*csv_import.KINDS, FHIR))
    names = dict(_pair(text) for text in mapping or ())
    hospital.require_actor()
    if sys.stdin.isatty() and not dry_run:
        confirm(f"Bring {file} in?", yes=yes)
    with progress(f"Importing {kind}") as tell, _telling_how_to_go_on():
        report = csv_import.import_file(
            hospital.store,
            hospital.actor,
            kind,
            file,
            dry_run=dry_run,
            mapping=names,
            skip_invalid=skip_invalid,
            rejects=rejects,
            progress=tell,
            encoding=encoding or csv_file.UTF_8,
        )
    _tell(report)
    out.one(_answer(report, whole=as_json))


def _import_fhir(hospital: Hospital, out: Output, file: Path, *, dry_run: bool) -> None:
    from chikitsa_tui.cli.affecting import trial
    from jobs.imports.fhir import read
    from store.errors import Invalid
    from store.exchange import foreign

    try:
        data = file.read_bytes()
    except OSError as error:
        raise Invalid.field("file", f"{file} cannot be read: {error.strerror}.") from None
    rule = partial(foreign.take, file=read(data))
    taken = trial(hospital, rule) if dry_run else hospital.write(rule)
    if taken.coming:
        note(
            f"Left out: {taken.coming} appointments still to come or not over, which are that"
            " hospital's."
        )
    answer = asdict(taken) | {"dry_run": dry_run}
    if dry_run and taken.registered:
        answer |= {"patient_id": None, "mrn": None}  # given when the file is taken in
    out.one(answer)


def export(
    context: typer.Context,
    kind: Kind,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file; else standard output.")
    ] = None,
) -> None:
    """Write what `import` takes back, as CSV.

    Example: chikitsa export patients -o patients.csv
    """
    from store.exchange import csv_export

    hospital = hospital_of(context)
    _require_kind(kind, csv_export.KINDS)
    if output is None:
        _export(hospital, kind, sys.stdout)
        return
    hospital.require_actor()
    with drafted(output) as draft, draft.open("x", encoding="utf-8", newline="") as stream:
        count = _export(hospital, kind, stream)
    note(f"{count:,} {kind} in {output}")


def _export(hospital: Hospital, kind: str, stream: TextIO) -> int:
    from store.exchange import csv_export

    return csv_export.export(hospital.store, hospital.actor, kind, stream)


@contextmanager
def _telling_how_to_go_on() -> Iterator[None]:
    """Tell somebody who stops an import what becomes of it."""
    try:
        yield
    except KeyboardInterrupt:
        note("Stopped. What came in is whole; the same command takes the rest and nothing twice.")
        raise


def _require_kind(kind: str, kinds: Iterable[str]) -> None:
    if kind not in kinds:
        raise Usage(f"There is no kind “{kind[:40]}”; there are: {', '.join(kinds)}.")


def _pair(text: str) -> tuple[str, str]:
    ours, sign, theirs = text.partition("=")
    if not sign or not ours.strip() or not theirs.strip():
        raise Usage(f"--map wants OURS=THEIRS, not {text[:80]}")
    return ours.strip(), theirs.strip()


def _tell(report: ImportReport) -> None:
    for sentence in report.warnings[:MOST_TOLD]:
        note(f"Note: {sentence}")
    for row in report.rejected[:MOST_TOLD]:
        note(f"Line {row.line}: {row.reason}")
    if report.refused > MOST_TOLD:
        note(f"… and {report.refused - MOST_TOLD:,} rows more; --rejects writes them all down.")


def _answer(report: ImportReport, *, whole: bool) -> dict[str, object]:
    from store.exchange.report import COUNTED

    names = ("kind", "rows", *COUNTED, "dry_run")
    answer: dict[str, object] = {name: getattr(report, name) for name in names}
    if whole:
        answer |= {"rejected": report.rejected, "warnings": report.warnings}
    return answer
