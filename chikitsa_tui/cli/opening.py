"""The commands that open the app: in this terminal, and to browsers."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from chikitsa_tui.cli.context import hospital_of
from chikitsa_tui.cli.output import note
from chikitsa_tui.cli.start import open_app, require_web


def app_command(context: typer.Context) -> None:
    """Open the terminal app, as `chikitsa` alone does.

    Example: chikitsa --config city.toml app
    """
    raise typer.Exit(open_app(hospital_of(context)))


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
    require_web(services)
    services.require_file()
    from chikitsa_tui.browser import BrowserServer

    isolated = ["-I"] if sys.flags.isolated else []
    command = [sys.executable, *isolated, "-m", "chikitsa_tui"]
    if services.configuration.file is not None:
        command += ["--config", str(services.configuration.file.absolute())]
    name = services.settings.hospital.name
    told = f"{name} is at http://{host}:{port}, for the proxy before it; Ctrl+C ends it."
    BrowserServer([*command, "app"], name, host, port).run(lambda: note(told))
