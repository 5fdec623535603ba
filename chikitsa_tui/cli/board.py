"""The board on a wall."""

from __future__ import annotations

import sys

import typer

from chikitsa_tui.cli.context import hospital_of
from chikitsa_tui.cli.errors import Usage
from chikitsa_tui.cli.inputs import department_id
from chikitsa_tui.cli.options import DepartmentOption


def board(context: typer.Context, department: DepartmentOption = None) -> None:
    """Show on a wall whom each doctor sees now and who is next: tokens, no names. q leaves.

    Example: chikitsa board --department Cardiology
    """
    hospital = hospital_of(context)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Usage("The board needs a terminal.")
    actor = hospital.actor
    chosen = hospital.read(department_id, department)

    from chikitsa_tui.board import BoardApp
    from chikitsa_tui.bootstrap import app_services

    with app_services(hospital.services, hospital.terminal) as given:
        app = BoardApp(given, hospital.store, actor, chosen)
        app.run(mouse=False)
    if app.return_code:
        raise typer.Exit(app.return_code)
