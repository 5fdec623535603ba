"""Lists of what is only ever added to: the audit trail and the mail."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, and_, func, literal_column, select

from store.audit import entry_view
from store.errors import Invalid
from store.list_words import FIELD, Asked, ListWord, WordKind, choices_of, nearest
from store.listing import resolve
from store.listing.kinds import SPAN, Conditions, ListColumn, ListKind, Narrowed, beside, moment
from store.outbox import MESSAGE, message_view
from store.permissions import Action
from store.tables import AuditEntry, table_of
from store.text import quotable, search_key
from store.transaction import Transaction
from store.values import AuditView, MailKind, OutboxView

_ENTRY = table_of(AuditEntry)
_OUTCOMES = ("ok", "denied", "failed")
_MAIL_STATES = ("waiting", "sending", "sent", "uncertain", "failed", "discarded", "held")


def _narrow_audit(tx: Transaction, asked: Asked) -> Narrowed:
    found, whose = Conditions(), _whose(tx, asked)
    named = whose is not None
    better = named or bool(asked.of("actor"))
    found.whose(_ENTRY.c.patient_id, whose)
    found.any_of(beside(_ENTRY.c.actor_id, named), resolve.staff(tx, asked.of("actor")))
    actions = _begun(tx, "action", (*asked.of("action"), *asked.words))
    entities = _begun(tx, "entity", asked.of("entity"))
    if actions is None or better:
        found.any_of(beside(_ENTRY.c.action, better), actions)
        found.any_of(beside(_ENTRY.c.entity, better), entities)
    else:
        found.one_of(_done_to(tx, actions, entities))
    found.all(*_came_of_it(asked.of("outcome")))
    found.days(tx, _ENTRY.c.at, asked)
    if not (asked.chosen or asked.words) and (asked.start or asked.end):
        found.by = "at"
    return found.done()


def _whose(tx: Transaction, asked: Asked) -> list[int] | None:
    return resolve.patients(tx, asked.of("patient"), inactive=True)


def _came_of_it(outcomes: Sequence[str]) -> list[ColumnElement[bool]]:
    """Written out, not bound: an index holds the few that are not ok alone."""
    if not outcomes or "ok" in outcomes:
        return [_ENTRY.c.outcome.in_(outcomes)] if outcomes else []
    wanted: list[ColumnElement[str]] = [
        literal_column(f"'{one}'") for one in _OUTCOMES if one in outcomes
    ]
    return [_ENTRY.c.outcome != literal_column("'ok'"), _ENTRY.c.outcome.in_(wanted)]


def _begun(tx: Transaction, name: str, typed: Sequence[str]) -> list[str] | None:
    """The values that occur in a column and begin as typed; None where nothing is.

    Raises:
        Invalid: none does.
    """
    if not typed:
        return None
    known = [str(one) for one in tx.session.execute(_occurring(_ENTRY.c[name])).scalars()]
    found: dict[str, None] = {}
    for one in typed:
        begun = [value for value in known if value.startswith(search_key(one))]
        if not begun:
            near = nearest(one, known)
            raise Invalid.field(FIELD, f"No {name} of the trail is “{quotable(one)}”; {near}")
        found.update(dict.fromkeys(begun))
    return list(found)


def _done_to(
    tx: Transaction, actions: Sequence[str], entities: Sequence[str] | None
) -> list[ColumnElement[bool]]:
    """The ranges of the index of actions and what they were done to, of those that occur: an action
    that was never done to such a thing must not be looked for through all of its entries."""
    action, entity = _ENTRY.c.action, _ENTRY.c.entity
    leaps = _leaps(action)
    known = leaps.c.value
    lowest = select(func.min(entity)).where(action == known).scalar_subquery()
    pairs = (
        select(known.label("action"), lowest.label("entity"))
        .where(known.in_(actions))
        .cte("pairs", recursive=True)
    )
    following = select(func.min(entity)).where(action == pairs.c.action, entity > pairs.c.entity)
    pairs = pairs.union_all(
        select(pairs.c.action, following.scalar_subquery()).where(pairs.c.entity.is_not(None))
    )
    occur = tx.session.execute(select(pairs).where(pairs.c.entity.is_not(None)))
    return [
        and_(action == one, entity == other)
        for one, other in occur
        if entities is None or other in entities
    ]


def _occurring(column: ColumnElement[str]) -> Select[Any]:
    """The distinct values of an indexed column."""
    leaps = _leaps(column)
    return select(leaps.c.value).where(leaps.c.value.is_not(None))


def _leaps(column: ColumnElement[str]) -> CTE:
    """Distinct values, and NULL, found by leaps from one to the next: of a trail of millions a few
    dozen look-ups."""
    first = select(func.min(column).label("value")).cte("occurring", recursive=True)
    following = select(func.min(column)).where(column > first.c.value).scalar_subquery()
    return first.union_all(select(following).where(first.c.value.is_not(None)))


def _audit(tx: Transaction, ids: Sequence[int]) -> Mapping[int, AuditView]:
    rows = tx.session.execute(select(_ENTRY).where(_ENTRY.c.id.in_(ids)))
    return {row.id: entry_view(tx, row) for row in rows}


AUDIT: ListKind[AuditView] = ListKind(
    name="audit",
    action=Action.AUDIT_READ,
    source=_ENTRY,
    id=_ENTRY.c.id,
    columns=(
        ListColumn("id", "Entry", lambda one: one.id, order=_ENTRY.c.id),
        ListColumn("at", "At", lambda one: one.at.isoformat(timespec="seconds"), order=_ENTRY.c.at),
        ListColumn("actor", "Who", lambda one: one.actor),
        ListColumn("role", "Role", lambda one: one.role.value, shown=False),
        ListColumn("action", "Did", lambda one: one.action),
        ListColumn("entity", "To", lambda one: f"{one.entity} {one.entity_id}".strip()),
        ListColumn("terminal", "From where", lambda one: one.terminal),
        ListColumn("outcome", "Outcome", lambda one: one.outcome, shown=False),
        ListColumn("reason", "Reason", lambda one: one.reason, shown=False),
        ListColumn(
            "detail",
            "Detail",
            lambda one: json.dumps(one.detail, ensure_ascii=False, sort_keys=True),
            shown=False,
        ),
        ListColumn("hash", "Hash", lambda one: one.hash, shown=False),
    ),
    order="-id",
    words=(
        ListWord("actor", WordKind.NAME, "meera"),
        ListWord("action", WordKind.NAME, "record"),
        *SPAN,
        ListWord("patient", WordKind.NAME, "rao"),
        ListWord("entity", WordKind.NAME, "appointment"),
        ListWord("outcome", WordKind.CHOICE, "denied", {one: one for one in _OUTCOMES}),
    ),
    narrow=_narrow_audit,
    views=_audit,
)


def _narrow_mail(tx: Transaction, asked: Asked) -> Narrowed:
    found = Conditions()
    typed = [*asked.of("patient"), *([asked.text] if asked.words else [])]
    whose = resolve.patients(tx, typed, inactive=True)
    named = whose is not None
    found.whose(MESSAGE.c.patient_id, whose)
    found.any_of(beside(MESSAGE.c.status, named), asked.of("status") or None)
    found.any_of(beside(MESSAGE.c.kind, named), asked.of("kind") or None)
    found.days(tx, MESSAGE.c.due_at, asked)
    return found.done()


def _mail(tx: Transaction, ids: Sequence[int]) -> Mapping[int, OutboxView]:
    rows = tx.session.execute(select(MESSAGE).where(MESSAGE.c.id.in_(ids)))
    return {row.id: message_view(tx, row) for row in rows}


MAIL: ListKind[OutboxView] = ListKind(
    name="mail",
    action=Action.MAIL_READ,
    source=MESSAGE,
    id=MESSAGE.c.id,
    columns=(
        ListColumn("due", "Due", lambda one: moment(one.due_at), order=MESSAGE.c.due_at),
        ListColumn("kind", "About", lambda one: one.kind.value),
        ListColumn("to", "To", lambda one: one.to),
        ListColumn("status", "Status", lambda one: one.state),
        ListColumn("attempts", "Tries", lambda one: one.attempts),
        ListColumn("sent", "Sent", lambda one: moment(one.sent_at), shown=False),
        ListColumn("error", "Last answer", lambda one: one.last_error, shown=False),
        ListColumn("id", "Entered", lambda one: one.id, shown=False, order=MESSAGE.c.id),
    ),
    order="-due",
    words=(
        ListWord("status", WordKind.CHOICE, "failed", {one: one for one in _MAIL_STATES}),
        ListWord("kind", WordKind.CHOICE, "reminder", choices_of(MailKind)),
        *SPAN,
        ListWord("patient", WordKind.NAME, "rao"),
    ),
    narrow=_narrow_mail,
    views=_mail,
)
