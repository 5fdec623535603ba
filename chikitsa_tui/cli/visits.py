"""The commands of `chikitsa appointments` for the day itself: from the desk to the doctor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chikitsa_tui.cli import completion, fields
from chikitsa_tui.cli.context import hospital_of
from chikitsa_tui.cli.inputs import reference
from chikitsa_tui.cli.options import AppointmentArgument, Json, Version


def check_in(
    context: typer.Context,
    appointment_id: AppointmentArgument,
    version: Version = None,
    as_json: Json = False,
) -> None:
    """Note that the patient has arrived; draws the queue token.

    Example: chikitsa appointments check-in 17
    """
    from store import desk

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    view = hospital.write(desk.check_in, appointment_id, version=version)
    out.one(fields.appointment(view))


def walk_in(
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
        str,
        typer.Option(
            "--doctor", help="The doctor's id or user name.", autocompletion=completion.doctors
        ),
    ],
    note: Annotated[str, typer.Option("--note", help="A note for the doctor.")] = "",
    as_json: Json = False,
) -> None:
    """Take in a patient who came without an appointment; draws the queue token.

    Example: chikitsa appointments walk-in --patient 000009-2 --doctor dr.nair
    """
    from store import desk, doctors, patients

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    view = hospital.write(
        lambda tx: desk.walk_in(
            tx,
            patient_id=patients.get(tx, reference(patient)).id,
            doctor_id=doctors.get(tx, reference(doctor)).id,
            note=note,
        )
    )
    out.one(fields.appointment(view))


def start(
    context: typer.Context,
    appointment_id: AppointmentArgument,
    version: Version = None,
    as_json: Json = False,
) -> None:
    """Begin the consultation.

    Example: chikitsa appointments start 17
    """
    from store import appointments

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    view = hospital.write(appointments.start, appointment_id, version=version)
    out.one(fields.appointment(view))


def complete(
    context: typer.Context,
    appointment_id: AppointmentArgument,
    record: Annotated[
        Path | None,
        typer.Option(
            "--record", metavar="FILE.json", help="The medical record; - is standard input."
        ),
    ] = None,
    sign: Annotated[
        bool, typer.Option("--sign/--draft", help="Sign the record, or leave it a draft.")
    ] = True,
    version: Version = None,
    as_json: Json = False,
) -> None:
    """End the consultation, with its record in one step.

    The file has any of: symptoms, diagnoses (a list of text and code), vitals (systolic_mmhg,
    diastolic_mmhg, pulse_bpm, temperature_c, weight_kg, height_cm, spo2_percent,
    respiration_per_min), treatment, notes, follow_up_on, prescription (a list of drug, dose, route,
    frequency, duration_days, quantity, instructions, warning_answer). The draft keeps what the
    file does not name; a field given as null or empty is emptied.

    Example: chikitsa appointments complete 17 --record visit.json
    """
    from chikitsa_tui.cli.record_file import read_record
    from store import appointments

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    read = None if record is None else read_record(record, hospital.today())
    view = hospital.write(
        appointments.complete,
        appointment_id,
        record=None if read is None else read.content,
        only=None if read is None else read.given,
        sign=sign,
        version=version,
    )
    out.one(fields.appointment(view))


def no_show(
    context: typer.Context,
    appointment_id: AppointmentArgument,
    version: Version = None,
    as_json: Json = False,
) -> None:
    """Note that the patient did not come.

    Example: chikitsa appointments no-show 17
    """
    from store import appointments

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    view = hospital.write(appointments.no_show, appointment_id, version=version)
    out.one(fields.appointment(view))


def undo(
    context: typer.Context, appointment_id: AppointmentArgument, as_json: Json = False
) -> None:
    """Take back your own last step, within the minutes that the hospital allows.

    Example: chikitsa appointments undo 17
    """
    from store.undo import undo as take_back

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    out.one(fields.appointment(hospital.write(take_back, appointment_id)))


def add_to(app: typer.Typer) -> None:
    """Put the commands into their group."""
    for command in (check_in, walk_in, start, complete, no_show, undo):
        app.command()(command)
