"""`chikitsa slots`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from chikitsa_tui.cli import completion, fields
from chikitsa_tui.cli.context import Hospital, hospital_of
from chikitsa_tui.cli.errors import Usage
from chikitsa_tui.cli.inputs import day, department_id, doctor_id, reference, wish
from chikitsa_tui.cli.options import Csv, Json

if TYPE_CHECKING:
    from store.one_line import When
    from store.values import Slot


def slots(
    context: typer.Context,
    doctor: Annotated[
        str | None, typer.Argument(metavar="[DOCTOR]", help="The doctor's id or user name.")
    ] = None,
    date: Annotated[
        str | None, typer.Option("--date", help="The day: 2026-12-31, today, +3d, mon.")
    ] = None,
    to: Annotated[str | None, typer.Option("--to", help="The last day of a range.")] = None,
    department: Annotated[
        str | None,
        typer.Option(
            "--department",
            help="Any doctor of this department.",
            autocompletion=completion.departments,
        ),
    ] = None,
    first: Annotated[
        int | None, typer.Option("--first", min=1, max=100, help="Only the first free ones.")
    ] = None,
    time: Annotated[
        str | None,
        typer.Option("--time", help="Only at such a time: mornings, pm, after 17:00, before 11."),
    ] = None,
    free: Annotated[bool, typer.Option("--free", help="Leave out taken slots.")] = False,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Show a doctor's slots of a day or of several, or the first free ones of a department.

    Example: chikitsa slots dr.nair --date tomorrow
    Example: chikitsa slots --department Cardiology --first 3 --time "after 17:00"
    """
    hospital = hospital_of(context)
    out = hospital.output(as_json, as_csv)
    if (doctor is None) == (department is None):
        raise Usage("Name a doctor, or a department with --department.")
    when = None if time is None else wish(hospital, time)
    if first is not None or doctor is None:
        found = _first_free(hospital, doctor, department, date, first or 3, when)
    else:
        found = _of_days(hospital, doctor, date or "today", to)
        found = [slot for slot in found if when is None or when.fits(slot.starts_at)]
    out.rows([slot for slot in found if slot.free or not free], fields.slot)


def _first_free(
    hospital: Hospital,
    doctor: str | None,
    department: str | None,
    date: str | None,
    first: int,
    when: When | None,
) -> list[Slot]:
    from chikitsa_tui.cli.inputs import start_of
    from store import availability

    after = start_of(hospital, date, "date")
    return hospital.read(
        lambda tx: availability.first_free(
            tx,
            doctor_id=doctor_id(tx, doctor),
            department_id=department_id(tx, department),
            n=first,
            after=after,
            when=when,
        )
    )


def _of_days(hospital: Hospital, doctor: str, date: str, to: str | None) -> list[Slot]:
    from store import availability, doctors

    start = day(hospital, date)
    end = start if to is None else day(hospital, to, "to")
    return hospital.read(
        lambda tx: availability.slots_between(
            tx, [doctors.get(tx, reference(doctor)).id], start, end
        )
    )
