"""The command line. Each noun has its module: parse, ask the store, print. No rule lives here.

What a command needs is imported when it runs, so that `chikitsa --help` is quick.
"""

from __future__ import annotations

import inspect
import logging
import sys

import typer

from chikitsa_tui.cli import (
    account,
    appointments,
    audit,
    board,
    check,
    departments,
    doctors,
    exchange,
    holidays,
    hours,
    leave,
    outbox,
    patients,
    prescriptions,
    records,
    report,
    root,
    setup,
    slots,
    start,
    stats,
    totp,
    users,
    waitlist,
    work,
)

app = typer.Typer(
    name="chikitsa",
    cls=root.Root,
    callback=root.root,
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("app")(start.app_command)
for _command in (
    setup.init,
    setup.demo,
    account.login,
    account.logout,
    account.whoami,
    account.passwd,
    account.register,
):
    app.command()(_command)
app.add_typer(totp.app, name="totp")
app.add_typer(departments.app, name="departments")
app.add_typer(doctors.app, name="doctors")
app.add_typer(hours.app, name="hours")
app.add_typer(leave.app, name="leave")
app.add_typer(holidays.app, name="holidays")
app.add_typer(patients.app, name="patients")
app.command("slots")(slots.slots)
app.command()(board.board)
app.add_typer(appointments.app, name="appointments")
app.add_typer(waitlist.app, name="waitlist")
app.add_typer(records.app, name="records")
app.add_typer(prescriptions.app, name="prescriptions")
app.command()(stats.stats)
app.add_typer(report.app, name="report")
app.add_typer(users.app, name="users")
app.command("import")(exchange.import_)
app.command("export")(exchange.export)
app.command()(work.worker)
app.add_typer(work.app, name="jobs")
app.add_typer(outbox.app, name="outbox")
app.add_typer(audit.app, name="audit")
app.add_typer(check.app, name="db")
app.command()(check.check)


def _keep_examples(group: typer.Typer) -> None:
    """Let the help show examples as they are typed, not as a paragraph that is filled up."""
    for command in group.registered_commands:
        text = inspect.getdoc(command.callback) or ""
        command.help = text.replace("\n\nExample:", "\n\n\b\nExample:")
    for inner in group.registered_groups:
        if inner.typer_instance is not None:
            _keep_examples(inner.typer_instance)


_keep_examples(app)


def main() -> None:
    """The `chikitsa` program."""
    # What a library has to say goes to the log or nowhere, never between an answer's lines.
    logging.captureWarnings(True)
    logging.getLogger().addHandler(logging.NullHandler())
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    app(prog_name="chikitsa")
