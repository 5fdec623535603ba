"""Ids of rows that are put in by the hundred: known before, so that others can refer to them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Table, func, select, text

from store.transaction import Transaction


def reserve(tx: Transaction, table: Table, count: int) -> Sequence[int]:
    """`count` ids that no row of the table has or gets from others. On SQLite this unit of work
    is the only one that writes; on PostgreSQL they are drawn from the column's sequence."""
    if tx.dialect == "postgresql":
        drawn = text(
            "SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)"
        )
        return tx.session.execute(drawn, {"name": table.name, "count": count}).scalars().all()
    last = tx.session.execute(select(func.max(table.c.id))).scalar() or 0
    return range(last + 1, last + count + 1)
