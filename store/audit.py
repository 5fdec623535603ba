"""Reading the audit trail, and checking that nothing in it was altered.

The chain alone tells of every entry changed, taken out or slipped in. It cannot tell that its end
was cut off, or that all of it was computed anew: for that an anchor is compared, the number and
hash of an entry that somebody wrote down elsewhere while it was the newest.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select

from store import chain
from store.errors import Invalid
from store.patient_rows import PATIENT
from store.permissions import Action, require
from store.references import plausible_id
from store.tables import AuditEntry, Hospital, table_of
from store.text import search_key
from store.transaction import Transaction
from store.values import Anchor, AuditFilter, AuditView, Onlooker, Page, Role

_ENTRY, _HOSPITAL = table_of(AuditEntry), table_of(Hospital)
_AT_ONCE = 1_000
_READS = ("read", "list", "export", "print", "search", "history", "who-saw")


def list_entries(
    tx: Transaction,
    *,
    limit: int = 100,
    offset: int = 0,
    actor: int | str | None = None,
    entity: str | None = None,
    action: str | None = None,
    patient_id: int | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> Page[AuditView]:
    """Entries, newest first; the filters are those of `AuditFilter`.

    Raises:
        Forbidden: only administrators read the audit trail.
    """
    require(tx, Action.AUDIT_READ)
    conditions = _conditions(AuditFilter(actor, entity, action, patient_id, start, end))
    rows = tx.session.execute(
        select(_ENTRY).where(*conditions).order_by(_ENTRY.c.id.desc()).limit(limit).offset(offset)
    )
    found = tuple(entry_view(tx, row) for row in rows)
    count = select(func.count()).select_from(_ENTRY).where(*conditions)
    return Page(found, tx.session.execute(count).scalar_one(), offset)


def export(tx: Transaction, wanted: AuditFilter) -> Generator[AuditView, None, None]:
    """All entries that are wanted, oldest first, read as they are taken so that memory does not
    grow with them. That they were taken out, and how many, is itself an entry.

    Raises:
        Forbidden: only administrators read the audit trail.
    """
    require(tx, Action.AUDIT_READ)
    return _exported(tx, _conditions(wanted))


def who_saw(
    tx: Transaction,
    patient_id: int,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
) -> list[Onlooker]:
    """Who read or changed anything of a patient, also under a number that was merged into this
    one: one line for each account, whoever was there last first.

    Raises:
        Forbidden: only administrators read the audit trail.
    """
    require(tx, Action.AUDIT_READ)
    numbers = select(PATIENT.c.id).where(
        or_(PATIENT.c.id == plausible_id(patient_id), PATIENT.c.merged_into_id == patient_id)
    )
    conditions = _conditions(AuditFilter(start=start, end=end))
    rows = tx.session.execute(
        select(
            _ENTRY.c.actor_name,
            _ENTRY.c.actor_role,
            _ENTRY.c.action,
            _ENTRY.c.terminal,
            func.count().label("times"),
            func.min(_ENTRY.c.at).label("first"),
            func.max(_ENTRY.c.at).label("last"),
        )
        .where(_ENTRY.c.patient_id.in_(numbers), _ENTRY.c.outcome == "ok", *conditions)
        .group_by(_ENTRY.c.actor_name, _ENTRY.c.actor_role, _ENTRY.c.action, _ENTRY.c.terminal)
    ).all()
    tx.record("audit.who-saw", "patient", patient_id, patient_id=patient_id)
    groups: dict[tuple[str, str], list[Row[Any]]] = {}
    for row in rows:
        groups.setdefault((row.actor_name, row.actor_role), []).append(row)
    found = [_onlooker(tx, of_one) for of_one in groups.values()]
    return sorted(found, key=lambda one: one.last, reverse=True)


def anchor(tx: Transaction) -> Anchor:
    """The newest entry, to be written down elsewhere.

    Raises:
        Forbidden: only administrators read the audit trail.
        Invalid: there is no entry yet.
    """
    require(tx, Action.AUDIT_READ)
    newest = tx.session.execute(
        select(_ENTRY.c.id, _ENTRY.c.hash).order_by(_ENTRY.c.id.desc()).limit(1)
    ).first()
    if newest is None:
        raise Invalid("The audit trail has no entry yet; there is nothing to keep.")
    tx.record("audit.anchor", "audit_entry", newest.id)
    return Anchor(_hospital(tx), newest.id, newest.hash, tx.local(tx.now))


def verify(tx: Transaction, anchors: Sequence[Anchor] = ()) -> int:
    """How many entries there are, when every one of them is as it was written, none is missing
    between them, and each anchor is still in its place. That it was asked is itself an entry.

    Raises:
        Forbidden: only administrators read the audit trail.
        Invalid: names the first entry that does not hold.
    """
    require(tx, Action.AUDIT_READ)
    held, broken = chain.first_broken(tx.session)
    if broken is not None:
        raise Invalid(
            f"Audit entry {broken} does not hold: it was altered, or the one before it was taken"
            f" away. The {held} entries before it hold. Keep this database as it is and compare"
            " it with a backup.",
            entry=broken,
            held=held,
        )
    _require_anchored(tx, held, anchors)
    tx.record("audit.verify", "audit_entry", held, detail={"entries": held})
    return held


def _require_anchored(tx: Transaction, held: int, anchors: Iterable[Anchor]) -> None:
    hospital = _hospital(tx)
    for one in sorted(anchors, key=lambda one: one.entries):
        if one.hospital != hospital:
            raise Invalid(
                f"The anchor of {one.at:%Y-%m-%d %H:%M} is of another hospital; give this one's.",
                anchor=one.entries,
            )
        if one.entries > held:
            raise Invalid(
                f"Audit entry {held + 1} is missing: there were {one.entries} entries on"
                f" {one.at:%Y-%m-%d %H:%M}, now there are {held}. The end was cut off, or an older"
                " backup was restored.",
                entry=held + 1,
                held=held,
            )
        found = tx.session.execute(select(_ENTRY.c.hash).where(_ENTRY.c.id == one.entries))
        if found.scalar() != one.hash:
            raise Invalid(
                f"Audit entry {one.entries} is not the one that stood there on"
                f" {one.at:%Y-%m-%d %H:%M}: it, or entries before it, were written anew. Keep this"
                " database as it is and compare it with a backup.",
                entry=one.entries,
                held=held,
            )


def _hospital(tx: Transaction) -> str:
    return str(tx.session.execute(select(_HOSPITAL.c.uid)).scalar_one())


def _conditions(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if isinstance(wanted.actor, int):
        conditions.append(_ENTRY.c.actor_id == plausible_id(wanted.actor))
    elif wanted.actor is not None:
        conditions.append(_ENTRY.c.actor_name == search_key(wanted.actor))
    if wanted.entity is not None:
        conditions.append(_ENTRY.c.entity == wanted.entity)
    if wanted.action is not None:
        beginning = _ENTRY.c.action.startswith(f"{wanted.action}.", autoescape=True)
        conditions.append((_ENTRY.c.action == wanted.action) | beginning)
    if wanted.patient_id is not None:
        conditions.append(_ENTRY.c.patient_id == plausible_id(wanted.patient_id))
    if wanted.start is not None:
        conditions.append(_ENTRY.c.at >= wanted.start)
    if wanted.end is not None:
        conditions.append(_ENTRY.c.at < wanted.end)
    return conditions


def _exported(
    tx: Transaction, conditions: list[ColumnElement[bool]]
) -> Generator[AuditView, None, None]:
    last = count = 0
    try:
        while True:
            rows = tx.session.execute(
                select(_ENTRY)
                .where(_ENTRY.c.id > last, *conditions)
                .order_by(_ENTRY.c.id)
                .limit(_AT_ONCE)
            ).all()
            if not rows:
                return
            last = rows[-1].id
            for row in rows:
                count += 1
                yield entry_view(tx, row)
    finally:
        # Whoever closes the pipe half way has had half of the entries.
        tx.record("audit.export", "audit_entry", "all", detail={"rows": count})


def _onlooker(tx: Transaction, rows: Sequence[Row[Any]]) -> Onlooker:
    reads = sum(row.times for row in rows if row.action.rpartition(".")[2] in _READS)
    return Onlooker(
        actor=rows[0].actor_name,
        role=Role(rows[0].actor_role),
        reads=reads,
        changes=sum(row.times for row in rows) - reads,
        first=tx.local(min(row.first for row in rows)),
        last=tx.local(max(row.last for row in rows)),
        actions=tuple(sorted({row.action for row in rows})),
        terminals=tuple(sorted({row.terminal for row in rows if row.terminal})),
    )


def entry_view(tx: Transaction, row: Row[Any]) -> AuditView:
    """A row of the audit trail as it leaves the store."""
    detail: dict[str, Any] = json.loads(row.detail)
    return AuditView(
        id=row.id,
        at=tx.local(row.at),
        actor=row.actor_name,
        role=Role(row.actor_role),
        action=row.action,
        outcome=row.outcome,
        entity=row.entity,
        entity_id=row.entity_id,
        terminal=row.terminal,
        reason=row.reason,
        detail=detail,
        hash=row.hash,
        patient_id=row.patient_id,
    )
