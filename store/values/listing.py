"""Lists as they leave the store: a page of rows, and the place where one begins."""

from __future__ import annotations

from datetime import date, datetime
from typing import Generic, TypeVar

from msgspec import Struct

from store.values.clinical import RecordStatus

T = TypeVar("T")

PAGE_ROWS = 500
"""So many rows are read at a time, of a list of any length."""


class ListPlace(Struct, frozen=True):
    """Where a row stands in a list: what it is ordered by, and its id."""

    value: str | int | date | datetime
    id: int


class ListPage(Struct, Generic[T], frozen=True):
    """At most 500 rows of a list in its order, by their ids; where they begin and end, and whether
    there is more on either side."""

    items: dict[int, T]
    first: ListPlace | None
    last: ListPlace | None
    before: bool
    after: bool

    @property
    def whole(self) -> bool:
        """Whether this is all of the list."""
        return not (self.before or self.after)


class ListHeading(Struct, frozen=True):
    """A column of a list: what it is called, whether it is shown unless somebody chose otherwise,
    and whether a list of any length can be put in its order."""

    key: str
    title: str
    shown: bool
    sorts: bool


class ListOutline(Struct, frozen=True):
    """What a list is made of: its columns, the order in which it comes (`-` before the key: the
    last first), an example of its filter line, and the word by which the deactivated or past rows
    come in too."""

    headings: tuple[ListHeading, ...]
    order: str
    hint: str
    everything: str


class RecordLine(Struct, frozen=True):
    """A medical record in a list: whose, when and by whom, and nothing that is medical."""

    id: int
    appointment_id: int | None
    patient_id: int
    mrn: str
    patient: str
    doctor_id: int
    doctor: str
    department: str
    visited_at: datetime
    status: RecordStatus
    signed_at: datetime | None
