"""Options and arguments that many commands share, spelled once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from chikitsa_tui.cli import completion

Json = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
Csv = Annotated[bool, typer.Option("--csv", help="Answer in CSV.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most so many rows.")]
Offset = Annotated[int, typer.Option("--offset", min=0, help="Leave out so many rows first.")]
OnlyActive = Annotated[
    bool, typer.Option("--active/--all", help="Only active ones, or deactivated ones too.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only tell what would happen.")]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]
Temporary = Annotated[
    bool,
    typer.Option("--temporary", help="The password is to be changed at the first sign-in."),
]
Language = Annotated[
    str | None, typer.Option("--language", help="The language of mails to them: en or hi.")
]
Version = Annotated[
    int | None,
    typer.Option("--version", min=1, help="The version you read; refused if it has changed since."),
]
From = Annotated[
    str | None, typer.Option("--from", help="From this day on: 2026-12-31, today, +3d, mon.")
]
To = Annotated[str | None, typer.Option("--to", help="Up to and including this day.")]
AffectedChoice = Annotated[
    str | None,
    typer.Option("--affected", help="What happens to booked appointments: keep, cancel or move."),
]
DoctorArgument = Annotated[
    str,
    typer.Argument(
        metavar="DOCTOR",
        help="The doctor's id or user name.",
        autocompletion=completion.doctors,
    ),
]


def patient_argument(metavar: str, told: str) -> Any:
    """An argument that names a patient by number or id, which the shell completes."""
    return typer.Argument(metavar=metavar, help=told, autocompletion=completion.patients)


PatientArgument = Annotated[str, patient_argument("PATIENT", "The patient's number (MRN) or id.")]
AppointmentArgument = Annotated[
    int, typer.Argument(metavar="ID", min=1, help="The appointment's id.")
]
RecordId = Annotated[int, typer.Argument(metavar="ID", min=1, help="The record's id.")]
RequestId = Annotated[
    str | None,
    typer.Option("--request-id", help="A key of your own: the same key twice mails once."),
]
DoctorOption = Annotated[
    str | None,
    typer.Option(
        "--doctor", help="Only this doctor: id or user name.", autocompletion=completion.doctors
    ),
]
DepartmentOption = Annotated[
    str | None,
    typer.Option(
        "--department",
        help="Only this department: id or name.",
        autocompletion=completion.departments,
    ),
]
PatientOption = Annotated[
    str | None,
    typer.Option(
        "--patient",
        help="Only this patient: number (MRN) or id.",
        autocompletion=completion.patients,
    ),
]
ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="The configuration file; else CHIKITSA_CONFIG, ./chikitsa.toml, the user's, the"
        " system's.",
        dir_okay=False,
    ),
]
