"""A page of a list: the ids of its rows by ranges of an index, from the place where the page before
ended, so that the thousandth page costs what the first does.

Nothing here asks for a permission: the lists that call it have.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal, or_, select, union_all

from store.listing.kinds import ListKind, Narrowed
from store.transaction import Transaction
from store.values import ListPlace


def places(
    tx: Transaction,
    kind: ListKind[Any],
    narrowed: Narrowed,
    order: str,
    *,
    beyond: ListPlace | None = None,
    backwards: bool = False,
    limit: int,
) -> list[ListPlace]:
    """Where the next rows stand, at most `limit` of them.

    Args:
        order: the key of a column that has an order; behind `-` the other way round.
        beyond: only rows behind this place; `backwards`: before it, the nearest first.
    """
    if narrowed.nothing:
        return []
    rows = tx.session.execute(
        statement(kind, narrowed, order, beyond=beyond, backwards=backwards, limit=limit)
    )
    return [ListPlace(row.at, row.id) for row in rows]


def statement(
    kind: ListKind[Any],
    narrowed: Narrowed,
    order: str,
    *,
    beyond: ListPlace | None = None,
    backwards: bool = False,
    limit: int,
) -> Select[Any]:
    """The statement behind `places`."""
    column = kind.column(order.removeprefix("-"))
    assert column is not None
    assert column.order is not None
    down = order.startswith("-") != backwards
    at = column.order
    conditions = list(narrowed.conditions)
    if beyond is not None:
        conditions.append(_behind(at, kind.id, beyond, down))
    rows = select(at.label("at"), kind.id.label("id")).select_from(kind.source).where(*conditions)
    if narrowed.few:
        # Materialised, for a planner that thinks of the order first reads all rows in it.
        few = rows.cte("few").prefix_with("MATERIALIZED")
        return _ordered(select(few.c.at, few.c.id), (few.c.at, few.c.id), down, limit)
    parts = [
        _ordered(query, (at, kind.id), down, limit)
        for query in [rows.where(one) for one in narrowed.alternatives] or [rows]
    ]
    if len(parts) == 1:
        return parts[0]
    every = union_all(*(select(part.subquery()) for part in parts)).subquery()
    return _ordered(select(every.c.at, every.c.id), (every.c.at, every.c.id), down, limit)


def _ordered(
    query: Select[Any], columns: Sequence[ColumnElement[Any]], down: bool, limit: int
) -> Select[Any]:
    return query.order_by(*(one.desc() if down else one.asc() for one in columns)).limit(limit)


def _behind(
    at: ColumnElement[Any], row_id: ColumnElement[int], place: ListPlace, down: bool
) -> ColumnElement[bool]:
    """Written so that the first comparison alone is a range of the index."""
    value, number = literal(place.value, at.type), literal(place.id, row_id.type)
    if down:
        return and_(at <= value, or_(at < value, row_id < number))
    return and_(at >= value, or_(at > value, row_id > number))
