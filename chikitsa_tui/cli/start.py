"""Opening the app: what `chikitsa` without a command does."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from chikitsa_tui.cli.context import Hospital, hospital_of
from chikitsa_tui.cli.errors import Usage
from chikitsa_tui.cli.output import note
from store.errors import WrongConfiguration

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
        WrongConfiguration: it is to be drawn in a browser, which is not allowed.
        Exit: the app ended with a fault.
    """
    services = hospital.services
    if os.environ.get("TEXTUAL_DRIVER"):
        _require_web(services)
    elif not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Usage("The app needs a terminal; for scripts there are commands: chikitsa --help")
    services.require_file()
    run_app(services, hospital.terminal)


def serve(
    context: typer.Context,
    host: Annotated[
        str, typer.Option("--host", help="The address to listen on; other hosts reach 0.0.0.0.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="And its port.")] = 8000,
) -> None:
    """Serve the app to browsers, until it is stopped (Ctrl+C).

    It is refused until the configuration allows it, for it belongs behind a proxy that has TLS and
    asks who somebody is: see docs/deploying.md.

    Example: chikitsa serve --port 8000
    """
    hospital = hospital_of(context)
    services = hospital.services
    _require_web(services)
    services.require_file()
    from chikitsa_tui.browser import BrowserServer

    isolated = ["-I"] if sys.flags.isolated else []
    command = [sys.executable, *isolated, "-m", "chikitsa_tui"]
    if services.configuration.file is not None:
        command += ["--config", str(services.configuration.file.absolute())]
    name = services.settings.hospital.name
    told = f"{name} is at http://{host}:{port}, for the proxy before it; Ctrl+C ends it."
    BrowserServer([*command, "app"], name, host, port).run(lambda: note(told))


def _require_web(services: Services) -> None:
    if not services.settings.security.allow_web:
        raise WrongConfiguration(
            "Browsers are not let in: whoever reaches the address of the app could try passwords. "
            "Put a proxy before it that asks who somebody is, then set [security] allow_web = true."
        )


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
        try:
            app.run(mouse=services.settings.ui.mouse)
        finally:  # also where what it drew on has gone
            app.sign_out_at_end()
    if app.return_code:
        raise typer.Exit(app.return_code)
