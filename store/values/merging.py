"""Two registrations of one person: how likely they are that, and what becomes of both."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from store.values.booking import AppointmentView
from store.values.people import PatientView


class LikelyPair(Struct, frozen=True):
    """Two patients who may be one; `because` says what speaks for it, the strongest first."""

    one: PatientView
    other: PatientView
    because: tuple[str, ...]


class PairApart(Struct, frozen=True):
    """Two patients of whom a person said that they are not the same, and when."""

    one: PatientView
    other: PatientView
    at: datetime


class MergeField(Struct, frozen=True):
    """A particular in which two patients differ, as text; `taken` is that of the merged one."""

    name: str
    survivor: str
    merged: str
    taken: bool


class MergePreview(Struct, frozen=True):
    """What a merge would do: the particulars that differ, how many things would move (by what
    they are called), and the pairs of appointments to come that lie over each other. `apart`:
    somebody said that they are not the same person."""

    survivor: PatientView
    merged: PatientView
    fields: tuple[MergeField, ...]
    moves: dict[str, int]
    clashes: tuple[tuple[AppointmentView, AppointmentView], ...]
    apart: bool


class MergeView(Struct, frozen=True):
    """A merge that was made; `moved` counts what went to the survivor, or went back."""

    id: int
    survivor: PatientView
    merged: PatientView
    moved: dict[str, int]
    clashes: tuple[tuple[AppointmentView, AppointmentView], ...]
    at: datetime
    undone_at: datetime | None
