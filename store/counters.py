"""Numbers drawn in sequence, inside the transaction that uses them."""

from __future__ import annotations

from sqlalchemy import text, update

from store.tables import Counter, table_of
from store.transaction import Transaction

_COUNTER = table_of(Counter)
_FIRST = text("INSERT INTO counter (name, value) VALUES (:name, 0) ON CONFLICT DO NOTHING")


def draw(tx: Transaction, name: str, count: int = 1) -> int:
    """The next number of a sequence, from 1, or the last of the next `count` numbers. The
    counter's row stays locked until the unit of work ends, so that nobody draws the same number
    and a number not used is drawn again."""
    following = (
        update(_COUNTER)
        .where(_COUNTER.c.name == name)
        .values(value=_COUNTER.c.value + count)
        .returning(_COUNTER.c.value)
    )
    number = tx.session.execute(following).scalar()
    if number is None:
        # Another unit may be making the same row: this waits for it, then takes that one.
        tx.session.execute(_FIRST, {"name": name})
        number = tx.session.execute(following).scalar_one()
    return int(number)
