"""What a list is made of: where its rows come from, its columns, and the words that narrow it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, FromClause, Integer, false, or_

from store.list_words import Asked, ListWord, WordKind, hint
from store.permissions import Action
from store.slots import day_bounds
from store.transaction import Transaction
from store.values import ListHeading, ListOutline

T = TypeVar("T")


@dataclass(frozen=True)
class Narrowed:
    """What a filter asks of the rows: conditions that all must hold, and alternatives, no two of
    which the same row meets. Each alternative is a range of an index of its own, so that of a
    million rows only those are read that are shown."""

    conditions: tuple[ColumnElement[bool], ...] = ()
    alternatives: tuple[ColumnElement[bool], ...] = ()
    nothing: bool = False
    """Whether no row can meet it, as where nobody has the name that is searched."""
    few: bool = False
    """Whether the conditions leave so few rows that they are gathered first and ordered then."""
    by: str = ""
    """The column by which an index finds these rows in nearly the list's own order, in whose place
    they are ordered by it."""


@dataclass(frozen=True)
class ListColumn(Generic[T]):
    """A column. `value` is what a CSV file gets; `order` is the column of the database that a list
    of any length is put in its order by: it has an index and is never NULL."""

    key: str
    title: str
    value: Callable[[T], Any]
    shown: bool = True
    order: ColumnElement[Any] | None = None


@dataclass(frozen=True)
class ListKind(Generic[T]):
    """A list. `source` gives its rows their `id`; `views` brings those with some ids.
    `everything` is the word by which the deactivated or past ones come in too.

    `action` is what reading takes; a list whose reading is an event for the audit trail says with
    `audited` what that is called.
    """

    name: str
    action: Action
    source: FromClause
    id: ColumnElement[int]
    columns: tuple[ListColumn[T], ...]
    order: str
    words: tuple[ListWord, ...]
    narrow: Callable[[Transaction, Asked], Narrowed]
    views: Callable[[Transaction, Sequence[int]], Mapping[int, T]]
    everything: str = ""
    audited: str = ""

    def column(self, key: str) -> ListColumn[T] | None:
        """A column by its key."""
        return next((column for column in self.columns if column.key == key), None)

    def outline(self) -> ListOutline:
        """What a screen needs to know of it."""
        headings = tuple(
            ListHeading(one.key, one.title, one.shown, one.order is not None)
            for one in self.columns
        )
        return ListOutline(headings, self.order, hint(self.words), self.everything)


@dataclass
class Conditions:
    """Gathers what a filter asks for."""

    conditions: list[ColumnElement[bool]] = field(default_factory=list)
    alternatives: list[ColumnElement[bool]] = field(default_factory=list)
    nothing: bool = False
    few: bool = False
    by: str = ""

    def all(self, *conditions: ColumnElement[bool]) -> None:
        """Each of these holds."""
        self.conditions += conditions

    def any_of(self, column: ColumnElement[Any], values: Sequence[Any] | None) -> None:
        """The column has one of the values; None does not narrow, an empty one lets nothing
        through."""
        if values is None:
            return
        if not values:
            self.nothing = True
        elif len(values) == 1:
            self.all(column == values[0])
        elif self.few or self.alternatives or len(values) > MOST_ALTERNATIVES:
            self.all(column.in_(values))
        else:
            self.alternatives = [column == value for value in values]

    def one_of(self, alternatives: Sequence[ColumnElement[bool]]) -> None:
        """One of these holds, of which no two hold of the same row; without any, nothing does."""
        if not alternatives:
            self.nothing = True
        elif self.few or self.alternatives or len(alternatives) > MOST_ALTERNATIVES:
            self.all(or_(*alternatives))
        else:
            self.alternatives = list(alternatives)

    def whose(self, column: ColumnElement[Any], patient_ids: Sequence[int] | None) -> None:
        """As `any_of`, of the patients whom a name means: few rows are theirs, even where many have
        it. Conditions on other columns are to be `beside` it."""
        self.any_of(column, patient_ids)
        self.few = patient_ids is not None and len(patient_ids) > MOST_ALTERNATIVES

    def days(self, tx: Transaction, column: ColumnElement[Any], asked: Asked) -> None:
        """The moment lies in the days of the filter, by the hospital's clock."""
        if asked.start is not None:
            self.all(column >= day_bounds(asked.start, tx.timezone)[0])
        if asked.end is not None:
            self.all(column < day_bounds(asked.end, tx.timezone)[1])

    def done(self) -> Narrowed:
        """All of it."""
        conditions, alternatives = tuple(self.conditions), tuple(self.alternatives)
        return Narrowed(conditions, alternatives, self.nothing, self.few, self.by)


def beside(column: ColumnElement[Any], better: bool) -> ColumnElement[Any]:
    """A column as no index has it, for a condition beside a `better` one that tells rows apart by
    far more. SQLite knows nothing of how many rows meet which, and might choose the worse index."""
    if not better:
        return column
    return column + 0 if isinstance(column.type, Integer) else column.concat("")


MOST_ALTERNATIVES = 24
"""More than so many are common enough to be met on the way through the order itself."""

STATE = ListWord(
    "state",
    WordKind.CHOICE,
    "inactive",
    {"active": "active", "inactive": "inactive", "deactivated": "inactive", "all": "all"},
)
FROM = ListWord("from", WordKind.FROM, "mon")
TO = ListWord("to", WordKind.TO, "+2w")
ON = ListWord("on", WordKind.ON, "today")
SPAN = (FROM, TO, ON)


def states(asked: Asked, column: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    """The active ones, unless `state:` asks for others. Written out, not bound: an index may hold
    the inactive ones alone. That nearly all are active must not decide on an index, so that it is
    written as no equality."""
    wanted = set(asked.of("state")) or {"active"}
    if "all" in wanted or len(wanted) > 1:
        return []
    return [column != false() if wanted == {"active"} else column == false()]


def moment(value: datetime | None) -> str:
    """A moment in a CSV file."""
    return value.isoformat(timespec="minutes") if value else ""


def yes_no(value: bool) -> str:
    """A truth in a CSV file."""
    return "yes" if value else "no"
