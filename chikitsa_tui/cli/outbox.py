"""`chikitsa outbox`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from chikitsa_tui.cli import fields
from chikitsa_tui.cli.context import hospital_of
from chikitsa_tui.cli.inputs import choice
from chikitsa_tui.cli.options import Csv, Json, Limit, Offset
from chikitsa_tui.cli.output import note
from store.values import OutboxStatus

if TYPE_CHECKING:
    from store.values import MailStep

app = typer.Typer(
    help="Messages to patients: waiting, sent, failed.\n\nExample: chikitsa outbox list",
    no_args_is_help=True,
)

EVERYTHING = 1_000_000
MessageId = Annotated[int, typer.Argument(metavar="ID", min=1, help="The message's id.")]
MessageIds = Annotated[list[int], typer.Argument(metavar="ID…", min=1, help="The messages' ids.")]


@app.command("list")
def list_(
    context: typer.Context,
    status: Annotated[
        str | None, typer.Option("--status", help="waiting, held, sent, failed or discarded.")
    ] = None,
    limit: Limit = 500,
    offset: Offset = 0,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List messages, newest first, and tell what keeps mail from leaving.

    Example: chikitsa outbox list --status failed
    """
    from store import mail_troubles, outbox

    hospital = hospital_of(context)
    out = hospital.output(as_json, as_csv)
    wanted = choice(OutboxStatus, status, "status") if status else None
    page = hospital.read(outbox.list_messages, status=wanted, limit=limit, offset=offset)
    out.rows(page.items, fields.message, total=page.total)
    for sentence in hospital.read(mail_troubles.sentences):
        note(sentence)


@app.command()
def show(context: typer.Context, message_id: MessageId, as_json: Json = False) -> None:
    """Show one message, with what it says, or would say if it were sent now.

    Example: chikitsa outbox show 12
    """
    from jobs.delivery import preview
    from store import outbox
    from store.errors import IllegalTransition

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    row = fields.message_in_full(hospital.read(outbox.get, message_id))
    services = hospital.services
    settings = services.mailer.settings if services.mailer else None
    try:
        text = preview(services.store, hospital.actor, message_id, settings)
    except IllegalTransition as moot:
        row["preview"] = None
        note(moot.message)
    else:
        row["preview"] = text
    out.one(row)


@app.command()
def retry(context: typer.Context, message_ids: MessageIds, as_json: Json = False) -> None:
    """Let messages be tried again now, also those that a restore held.

    Example: chikitsa outbox retry 12
    Example: chikitsa outbox retry 12 13 14
    """
    from store.values import MailStep

    _take(context, MailStep.RETRY, message_ids, as_json)


@app.command()
def discard(context: typer.Context, message_ids: MessageIds, as_json: Json = False) -> None:
    """Give messages up: they are never sent.

    Example: chikitsa outbox discard 12
    """
    from store.values import MailStep

    _take(context, MailStep.DISCARD, message_ids, as_json)


def _take(context: typer.Context, step: MailStep, message_ids: list[int], as_json: bool) -> None:
    """One message is printed as one thing, several as a list.

    Raises:
        IllegalTransition: of several, some were refused, which stopped none of the others.
    """
    from store import several
    from store.errors import IllegalTransition

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    result = hospital.write(several.mail, step, message_ids)
    if result.refused:
        whys = " ".join(f"{one.message_id}: {one.why}" for one in result.refused)
        raise IllegalTransition(
            f"{len(result.refused)} of {len(message_ids)} were refused, the others done. {whys}",
            done=[one.id for one in result.done],
            refused=[one.message_id for one in result.refused],
        )
    if len(message_ids) == 1:
        out.one(fields.message(result.done[0]))
    else:
        out.rows(result.done, fields.message)


@app.command()
def deliver(context: typer.Context, as_json: Json = False) -> None:
    """Send what is due, once, in this process.

    Example: chikitsa outbox deliver
    """
    from jobs.delivery import deliver_due
    from store.errors import Unavailable

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    services, actor = hospital.services, hospital.actor
    worker = f"{hospital.terminal[:60]}:{os.getpid()}"
    done = deliver_due(
        services.store, services.mailer, worker, EVERYTHING, actor=actor, by_hand=True
    )
    if done.problem and done.waiting:
        raise Unavailable(done.problem, **done.as_dict())
    out.one(done.as_dict())
