"""Two registrations that look like one person's and are not: said once, they are not suggested
again.

What was said is kept of the two registrations as they were. Whoever was merged since counts as the
patient into whom, so that nothing has to move with a merge, nor back when it is undone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, func, select

from store.changes import Topic
from store.errors import InUse, Invalid
from store.patient_rows import PATIENT, patient_query, patient_views, require_unmerged
from store.permissions import Action, require
from store.tables import Patient, PatientsApart, table_of
from store.transaction import Transaction
from store.values import Page, PairApart

_APART = table_of(PatientsApart)
_ONE, _OTHER = PATIENT.alias("one"), PATIENT.alias("other")

Pair = tuple[int, int]
"""The ids of two patients, the lower first."""


class _Said(NamedTuple):
    """A row of what was said, and of whom it is said now."""

    one_id: int
    other_id: int
    at: datetime
    pair: Pair


def mark(tx: Transaction, one_id: int, other_id: int) -> PairApart:
    """Say that two patients are not the same person; saying it again changes nothing.

    Raises:
        Invalid: the same patient twice.
        InUse: one of them was merged into another patient.
        NotFound: there is no such patient.
    """
    pair = _both(tx, one_id, other_id)
    said = _latest(_all(tx)).get(pair)
    if said is None:
        said = tx.now
        tx.add(PatientsApart(one_id=pair[0], other_id=pair[1], at=said, by=tx.actor.account_id))
        _tell(tx, "patient.not-same", pair)
    return _views(tx, {pair: said})[0]


def take_back(tx: Transaction, one_id: int, other_id: int) -> PairApart:
    """Let two patients be suggested again, also where it was said of one who was merged since.

    Raises:
        InUse: nobody said that they are not the same person, or one of them was merged.
        Invalid, NotFound: as `mark`.
    """
    pair = _both(tx, one_id, other_id)
    of_them = [said for said in _all(tx) if said.pair == pair]
    if not of_them:
        raise InUse("Nobody has said of these two that they are not the same person.")
    for said in of_them:
        this = (_APART.c.one_id == said.one_id) & (_APART.c.other_id == said.other_id)
        tx.session.execute(delete(_APART).where(this))
    _tell(tx, "patient.maybe-same", pair)
    return _views(tx, _latest(of_them))[0]


def marked(tx: Transaction, *, limit: int = 50, offset: int = 0) -> Page[PairApart]:
    """The pairs of which it was said, the last said first."""
    require(tx, Action.PATIENT_MERGE)
    found = _latest(_all(tx))
    order = sorted(found, key=lambda pair: (found[pair], pair), reverse=True)
    shown = {pair: found[pair] for pair in order[offset : offset + limit]}
    tx.record("patient.duplicates", "patient", "", detail={"not_same": len(shown)})
    return Page(tuple(_views(tx, shown)), len(found), offset)


def pairs(tx: Transaction) -> set[Pair]:
    """The pairs of which it was said. Asks for no permission: the rules that call it do."""
    return set(_latest(_all(tx)))


def _all(tx: Transaction) -> list[_Said]:
    """All that was said, but of two who are one patient now."""
    now = [func.coalesce(who.c.merged_into_id, who.c.id) for who in (_ONE, _OTHER)]
    rows = tx.session.execute(
        select(_APART.c.one_id, _APART.c.other_id, _APART.c.at, *now)
        .join(_ONE, _ONE.c.id == _APART.c.one_id)
        .join(_OTHER, _OTHER.c.id == _APART.c.other_id)
    )
    return [
        _Said(one, other, at, (min(mine, theirs), max(mine, theirs)))
        for one, other, at, mine, theirs in rows
        if mine != theirs
    ]


def _latest(of: Iterable[_Said]) -> dict[Pair, datetime]:
    return {said.pair: said.at for said in sorted(of, key=lambda said: said.at)}


def _both(tx: Transaction, one_id: int, other_id: int) -> Pair:
    for one in (one_id, other_id):
        require(tx, Action.PATIENT_MERGE, patient_id=one)
    if one_id == other_id:
        raise Invalid.field("other", "These are one patient already. Choose two.")
    pair = (min(one_id, other_id), max(one_id, other_id))
    for one in pair:
        require_unmerged(tx, tx.fetch(Patient, one, "patient"))
    return pair


def _tell(tx: Transaction, action: str, pair: Pair) -> None:
    detail = dict(zip(("one", "other"), pair, strict=True))
    for one in pair:
        tx.record(action, "patient", one, patient_id=one, detail=detail)
        tx.changed(Topic.PATIENT, entity_id=one)


def _views(tx: Transaction, found: dict[Pair, datetime]) -> list[PairApart]:
    ids = {one for pair in found for one in pair}
    rows = tx.session.execute(patient_query().where(PATIENT.c.id.in_(ids))) if ids else ()
    views = {view.id: view for view in patient_views(tx, rows)}
    return [PairApart(views[one], views[other], tx.local(at)) for (one, other), at in found.items()]
