"""What a row of the permission matrix says: the function, how to call it, and who may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from store.errors import StoreError
from tests.matrix.prepared import Case, Whose


class Reach(Enum):
    """How far a permission reaches."""

    NO = "no"
    OWN = "own rows"
    ANY = "any row"


@dataclass(frozen=True)
class May:
    """The reach of each role; a visitor may nothing of what takes a transaction."""

    admin: Reach
    reception: Reach
    doctor: Reach
    patient: Reach
    visitor: Reach = Reach.NO


Given = tuple[tuple[Any, ...], dict[str, Any]]


@dataclass(frozen=True)
class Row:
    """One way to call a function. `whose` is what it makes a difference on; `but` are refusals
    other than of the permission that the prepared hospital answers with."""

    function: Callable[..., Any]
    given: Callable[[Case], Given]
    may: May
    by: str
    whose: tuple[Whose, ...] = tuple(Whose)
    but: tuple[type[StoreError], ...] = ()

    @property
    def name(self) -> str:
        """The function's dotted name."""
        return f"{self.function.__module__}.{self.function.__name__}"


_N, _O, _A = Reach.NO, Reach.OWN, Reach.ANY
ADMIN = May(_A, _N, _N, _N)
DESK = May(_A, _A, _N, _N)
STAFF = May(_A, _A, _O, _N)
EVERYONE = May(_A, _A, _A, _A)
CONCERNED = May(_A, _A, _O, _O)
"""The desk for anybody, doctors and patients for what is theirs."""
BOOKERS = May(_A, _A, _N, _O)
ADMIN_AND_OWN_DOCTOR = May(_A, _N, _O, _N)
OWN_DOCTOR = May(_N, _N, _O, _N)
READERS = May(_A, _N, _O, _O)
"""Who reads what is medical: never the desk."""
PRESCRIBERS = May(_A, _N, _A, _N)
"""What names no patient, and is for those who prescribe and administer."""
OWN_ACCOUNT = May(_A, _O, _O, _O)

ONCE = (Whose.OWN,)
"""What is called on no row: making a thing, or listing without a filter."""


def given(*args: Any, **keywords: Any) -> Given:
    """What to call a function with, behind the transaction."""
    return args, keywords
