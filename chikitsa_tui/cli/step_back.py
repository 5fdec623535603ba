"""`undo` of leave, holidays, hours and doctors: the whole step, with the appointments it hit."""

from __future__ import annotations

import typer

from chikitsa_tui.cli import fields
from chikitsa_tui.cli.context import hospital_of
from chikitsa_tui.cli.inputs import reference
from chikitsa_tui.cli.options import DoctorArgument, Json
from store.values import TimeStep


def leave(
    context: typer.Context,
    leave_id: int = typer.Argument(metavar="ID", min=1, help="The leave's id."),
    as_json: Json = False,
) -> None:
    """Take back leave that you have just put in; appointments that it cancelled or moved stand
    again where their time is still free, and the patients hear by mail.

    Example: chikitsa leave undo 3
    """
    _take_back(context, TimeStep.LEAVE, leave_id, as_json)


def holiday(
    context: typer.Context,
    holiday_id: int = typer.Argument(metavar="ID", min=1, help="The holiday's id."),
    as_json: Json = False,
) -> None:
    """Take back a holiday that you have just entered, with all that were imported together;
    appointments that it cancelled or moved stand again where their time is still free.

    Example: chikitsa holidays undo 3
    """
    _take_back(context, TimeStep.HOLIDAY, holiday_id, as_json)


def hours(context: typer.Context, doctor: DoctorArgument, as_json: Json = False) -> None:
    """Take back your last change of a doctor's hours; appointments that it cancelled or moved
    stand again where their time is still free.

    Example: chikitsa hours undo dr.nair
    """
    _take_back(context, TimeStep.HOURS, doctor, as_json)


def doctor(context: typer.Context, doctor: DoctorArgument, as_json: Json = False) -> None:
    """Take back that you have just deactivated a doctor, or sent the doctor to another department;
    appointments that were cancelled or moved for it stand again where their time is still free.

    Example: chikitsa doctors undo dr.nair
    """
    _take_back(context, TimeStep.DOCTOR, doctor, as_json)


def _take_back(context: typer.Context, step: TimeStep, thing: int | str, as_json: bool) -> None:
    from store import doctors, time_off_undo

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    done = hospital.write(
        lambda tx: time_off_undo.take_back(
            tx, step, thing if isinstance(thing, int) else doctors.get(tx, reference(thing)).id
        )
    )
    line = fields.appointment if as_json else fields.appointment_line
    out.one(
        {
            "restored": [line(one) for one in done.done],
            "refused": [
                {"appointment_id": one.appointment_id, "why": one.why} for one in done.refused
            ],
        }
    )
