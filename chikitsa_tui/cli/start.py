"""Opening the app: what `chikitsa` without a command does."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from chikitsa_tui.cli.context import Hospital, hospital_of
from chikitsa_tui.cli.errors import Usage

if TYPE_CHECKING:
    from chikitsa_tui.bootstrap import Services


def app_command(context: typer.Context) -> None:
    """Open the terminal app, as `chikitsa` alone does.

    Example: chikitsa --config city.toml app
    """
    open_app(hospital_of(context))


def open_app(hospital: Hospital) -> None:
    """Run the app until it is quit.

    Raises:
        Usage: there is no terminal.
        Exit: the app ended with a fault.
    """
    services = hospital.services
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Usage("The app needs a terminal; for scripts there are commands: chikitsa --help")
    services.require_file()
    run_app(services, hospital.terminal)


def run_app(services: Services, terminal: str) -> None:
    """Run the app over these services.

    Raises:
        Exit: the app ended with a fault.
    """
    from chikitsa_tui import logs, terminal_input
    from chikitsa_tui.app import ChikitsaApp
    from chikitsa_tui.bootstrap import app_services

    logs.start(services.settings.log, services.configuration.folder, "app")
    with app_services(services, terminal) as given:
        terminal_input.install()
        app = ChikitsaApp(given)
        app.run(mouse=services.settings.ui.mouse)
        app.sign_out_at_end()
    if app.return_code:
        raise typer.Exit(app.return_code)
