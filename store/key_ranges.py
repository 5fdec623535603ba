"""Asking the index of patients' keys: ranges of it, each stopped at a limit, in one statement.

SQLAlchemy compiles a statement once for each of its shapes; so there are only a few shapes, and
what is asked fills them up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Row,
    bindparam,
    exists,
    literal_column,
    or_,
    select,
    union_all,
)

from store.patient_keys import LONGEST_WORD
from store.tables import Appointment, Patient, PatientSearchKey, table_of
from store.transaction import Transaction
from store.values import HOLDS_SLOT

_SIZES = (0, 1, 2, 3, 4, 6, 9, 12, 16, 24, 32, 48, 64)
_LAST = "\U0010ffff"
_AFTER_SPACE = "!"

_KEY, _PATIENT = table_of(PatientSearchKey), table_of(Patient)
_VISIT = table_of(Appointment)


@dataclass(frozen=True, slots=True)
class Range:
    """Keys of a kind that begin with some words, of the last of them (`whole`: all of it) the
    beginning, of patients of whom each of `others` is true in one of its forms (patterns of LIKE).

    `beyond` leaves out where the last is a whole word.
    """

    kind: str
    words: tuple[str, ...]
    whole: bool = False
    beyond: bool = False
    others: tuple[tuple[str, ...], ...] = ()

    def bounds(self) -> tuple[str, str]:
        """The first key and the one behind the last."""
        begun = " ".join(word[:LONGEST_WORD] for word in self.words)
        if self.whole:
            return begun + " ", begun + _AFTER_SPACE
        return begun + _AFTER_SPACE * self.beyond, begun + _LAST


def word(text: str, *, whole: bool = False) -> str:
    """The pattern for another word of the same name, or for its beginning."""
    return f"% {text} %" if whole else f"% {text}%"


def fact(mark: str, text: str) -> str:
    """The pattern for what begins with a text: a number (`#`) or birth date (`@`)."""
    return f"% {mark}{text}%"


def rows_in(
    tx: Transaction,
    ranges: Sequence[Range],
    limit: int,
    *,
    inactive: bool = False,
    met_by: int | None = None,
) -> list[Row[Any]]:
    """The `rank` (a number of `ranges`), `key` and `patient_id` of what is in the ranges, up to
    `limit` of each: in their order, then by key.

    Args:
        inactive: whether the deactivated are found too; the merged never are.
        met_by: only patients who have or had an appointment with this doctor.
    """
    if not ranges:
        return []
    others = _size(max(len(one.others) for one in ranges))
    forms = _size(max((len(form) for one in ranges for form in one.others), default=0))
    asked: dict[str, Any] = {"most": limit}
    if met_by is not None:
        asked["doctor_id"] = met_by
    for at in range(count := _size(len(ranges))):
        # Those beyond the last are empty.
        one = ranges[at] if at < len(ranges) else Range("", (), whole=True)
        asked[f"kind{at}"] = one.kind
        asked[f"low{at}"], asked[f"high{at}"] = one.bounds()
        for which in range(others):
            given = one.others[which] if which < len(one.others) else ("%",)
            for form in range(forms):
                asked[f"like{at}_{which}_{form}"] = given[min(form, len(given) - 1)]
    statement = _statement(count, others, forms, inactive, met_by is not None)
    rows = tx.session.execute(statement, asked).all()
    return sorted(rows, key=lambda row: (row.rank, row.key, row.patient_id))


def _size(least: int) -> int:
    return next((size for size in _SIZES if size >= least), least)


@lru_cache
def _statement(
    count: int, others: int, forms: int, inactive: bool, met: bool
) -> CompoundSelect[Any]:
    return union_all(*(_range(at, others, forms, inactive, met) for at in range(count)))


def met_by_doctor(patient_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether the doctor `doctor_id` has or had an appointment with a patient that was kept."""
    return exists().where(
        _VISIT.c.doctor_id == bindparam("doctor_id"),
        _VISIT.c.patient_id == patient_id,
        _VISIT.c.status.in_([status.value for status in HOLDS_SLOT]),
    )


def _range(at: int, others: int, forms: int, inactive: bool, met: bool) -> Any:
    likes = [
        or_(*(_KEY.c.key.like(bindparam(f"like{at}_{which}_{form}")) for form in range(forms)))
        for which in range(others)
    ]
    part = (
        select(_KEY.c.key, _KEY.c.patient_id)
        .join(_PATIENT, _PATIENT.c.id == _KEY.c.patient_id)
        .where(
            _KEY.c.kind == bindparam(f"kind{at}"),
            _KEY.c.key >= bindparam(f"low{at}"),
            _KEY.c.key < bindparam(f"high{at}"),
            *likes,
            *([met_by_doctor(_KEY.c.patient_id)] if met else []),
            _PATIENT.c.merged_into_id.is_(None) if inactive else _PATIENT.c.is_active,
        )
        .order_by(_KEY.c.key, _KEY.c.patient_id)
        .limit(bindparam("most", type_=Integer))
        .subquery()
    )
    return select(literal_column(str(at), Integer).label("rank"), part.c.key, part.c.patient_id)
