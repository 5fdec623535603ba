"""A patient's fields as options, for `patients add`, `patients update` and `register`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from chikitsa_tui.cli.inputs import given
from chikitsa_tui.cli.options import Language

Name = Annotated[str, typer.Option("--name", help="The full name.")]
NewName = Annotated[str | None, typer.Option("--name", help="The new full name.")]
Allergy = Annotated[
    list[str] | None, typer.Option("--allergy", help="A known allergy; may be repeated.")
]
ExternalId = Annotated[
    str | None, typer.Option("--external-id", help="The key in the system they came from.")
]
Mrn = Annotated[str | None, typer.Option("--mrn", help="A patient number given elsewhere.")]


@dataclass(frozen=True)
class Particulars:
    """What is told of a patient besides the name; None is left as it is."""

    birth_date: Annotated[
        str | None,
        typer.Option("--birth-date", help="1991-04-03, a year (1991) or an age (34y)."),
    ] = None
    sex: Annotated[str | None, typer.Option("--sex", help="f, m, other or unknown.")] = None
    phone: Annotated[str | None, typer.Option("--phone", help="Telephone number.")] = None
    email: Annotated[str | None, typer.Option("--email", help="E-mail address.")] = None
    address: Annotated[str | None, typer.Option("--address", help="Postal address.")] = None
    emergency_name: Annotated[
        str | None, typer.Option("--emergency-name", help="Whom to call in an emergency.")
    ] = None
    emergency_phone: Annotated[
        str | None, typer.Option("--emergency-phone", help="That person's telephone number.")
    ] = None
    language: Language = None

    def given(self) -> dict[str, Any]:
        """The fields of `PatientInput` that were told; the store judges them."""
        return given(**vars(self))
