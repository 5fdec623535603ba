"""Reading a list a page at a time, and writing what it shows as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TextIO

from msgspec.structs import replace

from store import list_words
from store.errors import Invalid
from store.exchange.cells import safe
from store.listing.house import DEPARTMENTS, DOCTORS, HOLIDAYS, LEAVE
from store.listing.kinds import ListColumn, ListKind, Narrowed
from store.listing.ledgers import AUDIT, MAIL
from store.listing.paging import places
from store.listing.people import PATIENTS, USERS
from store.listing.visits import APPOINTMENTS, RECORDS
from store.permissions import Action, require
from store.text import search_key
from store.transaction import Transaction
from store.values import PAGE_ROWS, ListOutline, ListPage, ListPlace

KINDS: Mapping[str, ListKind[Any]] = {
    kind.name: kind
    for kind in (
        DEPARTMENTS,
        DOCTORS,
        PATIENTS,
        APPOINTMENTS,
        RECORDS,
        USERS,
        HOLIDAYS,
        LEAVE,
        AUDIT,
        MAIL,
    )
}
"""The lists, by name."""


def outline(kind: str) -> ListOutline:
    """The columns of a list, its order and an example of its filter line.

    Raises:
        Invalid: there is no such list.
    """
    return _kind(kind).outline()


def read(
    tx: Transaction,
    kind: str,
    text: str = "",
    *,
    order: str = "",
    beyond: ListPlace | None = None,
    backwards: bool = False,
    limit: int = PAGE_ROWS,
) -> ListPage[Any]:
    """A page of a list.

    Args:
        kind: a name of `KINDS`.
        text: the filter line, see `store.list_words`.
        order: the key of a column, `-` before it for the other way round; nothing is the list's
            own. A column without an index orders only what fits on one page.
        beyond: the rows behind this place; None begins at the beginning.
        backwards: the rows before that place, or at the end.

    Raises:
        Forbidden: the actor may not read all that the list has.
        Invalid: the filter line cannot be understood (of the field `filter`), or the list is too
            long for that order (of the field `order`).
    """
    listing = _allowed(tx, kind)
    limit = max(1, min(limit, PAGE_ROWS))
    narrowed = _narrowed(tx, listing, text)
    by = _in_hand(listing, order)
    if by is not None:
        beyond, backwards = None, False
    found = places(
        tx,
        listing,
        narrowed,
        _order(listing, narrowed, order),
        beyond=beyond,
        backwards=backwards,
        limit=limit + 1,
    )
    page = _page(tx, listing, found, limit, beyond is not None, backwards)
    if by is not None:
        page = replace(page, items=_sorted(page.items, by, order, page.whole))
    if listing.audited:
        tx.record(listing.audited, listing.name, "", detail={"shown": len(page.items)})
    return page


def write_csv(
    tx: Transaction,
    kind: str,
    text: str,
    stream: TextIO,
    *,
    order: str = "",
    columns: Sequence[str] = (),
) -> int:
    """Write all that a filter lets through, in its order, as CSV that no spreadsheet runs; returns
    how many rows there were.

    Args:
        stream: text, opened with `newline=""`.
        columns: the keys of the columns in their order; nothing is those that are shown unless
            somebody chose otherwise.

    Raises:
        Forbidden, Invalid: as `read`; exporting is allowed by itself.
    """
    listing = _allowed(tx, kind)
    require(tx, Action.DATA_EXPORT)
    narrowed = _narrowed(tx, listing, text)
    chosen = [one for one in map(listing.column, columns) if one is not None]
    chosen = chosen or [one for one in listing.columns if one.shown]
    if _in_hand(listing, order) is not None:
        page = read(tx, kind, text, order=order)
        parts = iter([list(page.items.values())])
    else:
        parts = _all(tx, listing, narrowed, _order(listing, narrowed, order))
    writer = csv.writer(stream)
    writer.writerow([one.key for one in chosen])
    count = 0
    try:
        for rows in parts:
            writer.writerows([safe(one.value(row)) for one in chosen] for row in rows)
            count += len(rows)
    finally:
        detail = {"rows": count, "filter": text, "columns": [one.key for one in chosen]}
        tx.record("list.export", listing.name, "", detail=detail)
    return count


def _all(
    tx: Transaction, kind: ListKind[Any], narrowed: Narrowed, order: str
) -> Iterator[list[Any]]:
    """The whole list, a page at a time."""
    beyond: ListPlace | None = None
    while found := places(tx, kind, narrowed, order, beyond=beyond, limit=PAGE_ROWS):
        views = kind.views(tx, [place.id for place in found])
        yield [views[place.id] for place in found if place.id in views]
        beyond = found[-1]


def _in_hand(kind: ListKind[Any], order: str) -> ListColumn[Any] | None:
    """The column that is asked for, where the database cannot put a long list in its order."""
    column = kind.column(order.removeprefix("-"))
    return column if column is not None and column.order is None else None


def _sorted(
    items: Mapping[int, Any], by: ListColumn[Any], order: str, whole: bool
) -> dict[int, Any]:
    if not whole:
        raise Invalid.field(
            "order",
            f"Only a list of at most {PAGE_ROWS} can be ordered by “{by.title}”; narrow it first.",
        )

    def key(view: Any) -> tuple[bool, float, str]:
        value = by.value(view)
        number = float(value) if isinstance(value, int | float) else 0.0
        return value in (None, ""), number, search_key(str(value))

    down = order.startswith("-")
    return dict(sorted(items.items(), key=lambda item: key(item[1]), reverse=down))


def _kind(name: str) -> ListKind[Any]:
    kind = KINDS.get(name)
    if kind is None:
        raise Invalid.field("kind", f"There is no list “{name[:40]}”; choose {', '.join(KINDS)}.")
    return kind


def _allowed(tx: Transaction, name: str) -> ListKind[Any]:
    """The list, if the actor may read every row of it."""
    kind = _kind(name)
    require(tx, kind.action)
    return kind


def _narrowed(tx: Transaction, kind: ListKind[Any], text: str) -> Narrowed:
    return kind.narrow(tx, list_words.parse(text, kind.words, tx.today()))


def _order(kind: ListKind[Any], narrowed: Narrowed, order: str) -> str:
    """The order that is asked for, where the list can be put in it, else its own; for that, the
    one which an index gives what it is narrowed to."""
    column = kind.column(order.removeprefix("-"))
    order = order if column is not None and column.order is not None else kind.order
    own = kind.order.removeprefix("-")
    if not narrowed.by or order.removeprefix("-") != own:
        return order
    return order.replace(own, narrowed.by)


def _page(
    tx: Transaction,
    kind: ListKind[Any],
    found: list[ListPlace],
    limit: int,
    begun: bool,
    backwards: bool,
) -> ListPage[Any]:
    more, found = len(found) > limit, found[:limit]
    if backwards:
        found.reverse()
    views = kind.views(tx, [place.id for place in found]) if found else {}
    return ListPage(
        {place.id: views[place.id] for place in found if place.id in views},
        found[0] if found else None,
        found[-1] if found else None,
        before=more if backwards else begun,
        after=begun if backwards else more,
    )
