"""Two registrations of one person: how likely they are that, and what becomes of both."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from store.values.booking import AppointmentView
from store.values.people import PatientView


@dataclass(frozen=True, slots=True)
class LikelyPair:
    """Two patients who may be one; `because` says what speaks for it, the strongest first."""

    one: PatientView
    other: PatientView
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PairApart:
    """Two patients of whom a person said that they are not the same, and when."""

    one: PatientView
    other: PatientView
    at: datetime


@dataclass(frozen=True, slots=True)
class MergeField:
    """A particular in which two patients differ, as text; `taken` is that of the merged one."""

    name: str
    survivor: str
    merged: str
    taken: bool


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What a merge would do: the particulars that differ, how many things would move (by what
    they are called), and the pairs of appointments to come that lie over each other. `apart`:
    somebody said that they are not the same person."""

    survivor: PatientView
    merged: PatientView
    fields: tuple[MergeField, ...]
    moves: dict[str, int] = field(hash=False)
    clashes: tuple[tuple[AppointmentView, AppointmentView], ...]
    apart: bool


@dataclass(frozen=True, slots=True)
class MergeView:
    """A merge that was made; `moved` counts what went to the survivor, or went back."""

    id: int
    survivor: PatientView
    merged: PatientView
    moved: dict[str, int] = field(hash=False)
    clashes: tuple[tuple[AppointmentView, AppointmentView], ...]
    at: datetime
    undone_at: datetime | None
