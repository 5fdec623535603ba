"""`chikitsa waitlist`: who waits for an earlier slot, and what is offered to whom."""

from __future__ import annotations

from typing import Annotated

import typer

from chikitsa_tui.cli import completion, fields
from chikitsa_tui.cli.confirm import confirm
from chikitsa_tui.cli.context import Hospital, hospital_of
from chikitsa_tui.cli.errors import Usage
from chikitsa_tui.cli.inputs import (
    choice,
    department_id,
    doctor_id,
    minute_of_day,
    moment,
    optional_day,
    patient_id,
    reference,
)
from chikitsa_tui.cli.options import (
    Csv,
    DepartmentOption,
    DoctorOption,
    From,
    Json,
    Limit,
    Offset,
    PatientOption,
    To,
    Yes,
)
from store.values import WaitlistStatus

app = typer.Typer(
    help="Patients who wait for an earlier slot.\n\nExample: chikitsa waitlist list",
    no_args_is_help=True,
)

Id = Annotated[int, typer.Argument(metavar="ID", min=1, help="The id of the entry.")]
OfferId = Annotated[
    int | None,
    typer.Option("--offer-id", min=1, help="The offer you read; refused if it is another by now."),
]


@app.command("list")
def list_(
    context: typer.Context,
    doctor: DoctorOption = None,
    department: DepartmentOption = None,
    patient: PatientOption = None,
    status: Annotated[
        list[str] | None,
        typer.Option("--status", help="Only this status, also an ended one; may be repeated."),
    ] = None,
    start: From = None,
    end: To = None,
    everything: Annotated[
        bool, typer.Option("--active/--all", help="Only who still waits, or ended entries too.")
    ] = True,
    limit: Limit = 500,
    offset: Offset = 0,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List who waits, in the order in which they are asked. With --from and --to, those who would
    take a slot between these days.

    Example: chikitsa waitlist list --doctor dr.nair --status offered
    """
    from store import waitlist

    hospital = hospital_of(context)
    out = hospital.output(as_json, as_csv)
    wanted = [choice(WaitlistStatus, word, "status") for word in status or ()]
    if not wanted and not everything:
        wanted = list(WaitlistStatus)
    _pass_on(hospital)
    page = hospital.read(
        lambda tx: waitlist.list_entries(
            tx,
            doctor_id=doctor_id(tx, doctor),
            department_id=department_id(tx, department),
            patient_id=patient_id(tx, patient),
            status=wanted or None,
            first_day=optional_day(hospital, start, "from"),
            last_day=optional_day(hospital, end, "to"),
            limit=limit,
            offset=offset,
        )
    )
    shown = fields.waitlist_line if out.form == "text" else fields.waitlist_entry
    out.rows(page.items, shown, total=page.total)


@app.command()
def show(context: typer.Context, entry_id: Id, as_json: Json = False) -> None:
    """Show one entry.

    Example: chikitsa waitlist show 3
    """
    from store import waitlist

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    _pass_on(hospital)
    out.one(fields.waitlist_entry(hospital.read(waitlist.get, entry_id)))


@app.command()
def add(
    context: typer.Context,
    patient: Annotated[
        str,
        typer.Option(
            "--patient",
            help="The patient's number (MRN) or id.",
            autocompletion=completion.patients,
        ),
    ],
    doctor: Annotated[
        str | None,
        typer.Option(
            "--doctor", help="Of this doctor: id or user name.", autocompletion=completion.doctors
        ),
    ] = None,
    department: Annotated[
        str | None,
        typer.Option(
            "--department",
            help="Of anybody here: id or name.",
            autocompletion=completion.departments,
        ),
    ] = None,
    appointment: Annotated[
        int | None,
        typer.Option("--appointment", min=1, help="The appointment that is to become earlier."),
    ] = None,
    first_day: Annotated[
        str | None, typer.Option("--first-day", help="Not before this day.")
    ] = None,
    last_day: Annotated[str | None, typer.Option("--last-day", help="Not after this day.")] = None,
    from_time: Annotated[
        str | None, typer.Option("--from-time", help="Not before this time of day: 09:30.")
    ] = None,
    to_time: Annotated[
        str | None, typer.Option("--to-time", help="Over by this time of day: 12:00.")
    ] = None,
    note: Annotated[str, typer.Option("--note", help="For the desk.")] = "",
    as_json: Json = False,
) -> None:
    """Put a patient on the waiting list of a doctor, a department, or an appointment's doctor.

    Example: chikitsa waitlist add --patient 000009-2 --doctor dr.nair --last-day +2w
    """
    from store import patients, waitlist

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    view = hospital.write(
        lambda tx: waitlist.add(
            tx,
            patient_id=patients.get(tx, reference(patient)).id,
            doctor_id=doctor_id(tx, doctor),
            department_id=department_id(tx, department),
            appointment_id=appointment,
            first_day=optional_day(hospital, first_day, "first_day"),
            last_day=optional_day(hospital, last_day, "last_day"),
            from_minute=_minute(from_time, "from_time"),
            to_minute=_minute(to_time, "to_time"),
            note=note,
        )
    )
    out.one(fields.waitlist_entry(view))


@app.command()
def offer(
    context: typer.Context,
    entry_id: Annotated[
        int | None, typer.Argument(metavar="[ID]", min=1, help="To this entry, out of turn.")
    ] = None,
    doctor: Annotated[
        str | None,
        typer.Option(
            "--doctor",
            help="The doctor of the slot: id or user name.",
            autocompletion=completion.doctors,
        ),
    ] = None,
    start: Annotated[
        str | None, typer.Option("--start", help="When the slot begins: mon 10:30.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Offer a free slot now: to an entry, the first slot that fits or the one of --start; or the
    slot of --doctor and --start to the first whom it fits. Nothing is booked by it.

    Example: chikitsa waitlist offer 3
    Example: chikitsa waitlist offer --doctor dr.nair --start "tomorrow 10:30"
    """
    from store import doctors, offering

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    starts_at = None if start is None else moment(hospital, start)
    _pass_on(hospital)
    if entry_id is not None:
        if doctor is not None and starts_at is None:
            raise Usage("Give --start with --doctor: when does the slot begin?")
        view = hospital.write(
            lambda tx: offering.to_entry(
                tx, entry_id, starts_at=starts_at, doctor_id=doctor_id(tx, doctor)
            )
        )
    elif doctor is None or starts_at is None:
        raise Usage("Name an entry, or a slot with --doctor and --start.")
    else:
        view = hospital.write(
            lambda tx: offering.of_slot(tx, doctors.get(tx, reference(doctor)).id, starts_at)
        )
    out.one(fields.waitlist_entry(view))


@app.command()
def accept(
    context: typer.Context, entry_id: Id, offer_id: OfferId = None, as_json: Json = False
) -> None:
    """Take the slot that is offered: prints the appointment that is booked, or moved there.

    Example: chikitsa waitlist accept 3
    """
    from store import waitlist

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    out.one(fields.appointment(hospital.write(waitlist.accept, entry_id, offer_id=offer_id)))


@app.command()
def decline(
    context: typer.Context, entry_id: Id, offer_id: OfferId = None, as_json: Json = False
) -> None:
    """Turn down the slot that is offered; the entry waits on, and the next is asked.

    Example: chikitsa waitlist decline 3
    """
    from store import waitlist

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    out.one(fields.waitlist_entry(hospital.write(waitlist.decline, entry_id, offer_id=offer_id)))


@app.command()
def delete(context: typer.Context, entry_id: Id, yes: Yes = False, as_json: Json = False) -> None:
    """Take an entry off the list; it stays in the history as withdrawn.

    Example: chikitsa waitlist delete 3 --yes
    """
    from store import waitlist

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    hospital.require_actor()
    confirm(f"Take the entry {entry_id} off the waiting list?", yes=yes)
    out.one(fields.waitlist_entry(hospital.write(waitlist.withdraw, entry_id)))


def _pass_on(hospital: Hospital) -> None:
    """See first to offers whose time has passed, whether or not a worker runs."""
    from store import waitlist

    if hospital.read(waitlist.overdue):
        hospital.write(waitlist.pass_on)


def _minute(text: str | None, field: str) -> int | None:
    return None if text is None else minute_of_day(text, field)
