"""A patient's fields as options, for `patients add`, `patients update` and `register`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from chikitsa_tui.cli.inputs import choice, given
from store import values
from store.values import PatientInput

Name = Annotated[str, typer.Option("--name", help="The full name.")]
NewName = Annotated[str | None, typer.Option("--name", help="The new full name.")]
BirthDate = Annotated[
    str | None,
    typer.Option("--birth-date", help="1991-04-03, a year (1991) or an age (34y)."),
]
Sex = Annotated[str | None, typer.Option("--sex", help="female, male, other or unknown.")]
Phone = Annotated[str | None, typer.Option("--phone", help="Telephone number.")]
Email = Annotated[str | None, typer.Option("--email", help="E-mail address.")]
Address = Annotated[str | None, typer.Option("--address", help="Postal address.")]
EmergencyName = Annotated[
    str | None, typer.Option("--emergency-name", help="Whom to call in an emergency.")
]
EmergencyPhone = Annotated[
    str | None, typer.Option("--emergency-phone", help="That person's telephone number.")
]
Allergy = Annotated[
    list[str] | None, typer.Option("--allergy", help="A known allergy; may be repeated.")
]
ExternalId = Annotated[
    str | None, typer.Option("--external-id", help="The key in the system they came from.")
]
Mrn = Annotated[str | None, typer.Option("--mrn", help="A patient number given elsewhere.")]


def sex_of(text: str | None) -> values.Sex | None:
    """Administrative gender as typed; None for nothing."""
    return None if text is None else choice(values.Sex, text, "sex")


def patient_input(*, sex: str | None, **others: Any) -> PatientInput:
    """What was typed about a new patient; the store judges it."""
    return PatientInput(**given(sex=sex_of(sex), **others))
