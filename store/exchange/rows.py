"""What every kind of file has in common: a row of it, and how one is taken in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

from store.errors import Forbidden, NotSignedIn, SessionEnded, Unavailable
from store.exchange.headings import Columns
from store.exchange.named import Named
from store.exchange.report import Outcome, Tally
from store.text import clean_line
from store.transaction import Transaction

ENDS_THE_IMPORT = (Forbidden, NotSignedIn, SessionEnded, Unavailable)
"""Refusals that are not of a row."""


@dataclass
class Unit:
    """One unit of work of an import: where its rows go, what they are named by, its counting."""

    tx: Transaction
    tally: Tally
    named: Named


class Kind(Protocol):
    """How the rows of one kind of file are taken in."""

    columns: ClassVar[Columns]

    def key(self, values: Mapping[str, str]) -> str:
        """What makes two rows of the file the same thing; nothing where that cannot be told."""
        ...

    def take(self, unit: Unit, values: Mapping[str, str]) -> Outcome:
        """Take one row in by the hospital's own rules.

        Raises:
            StoreError: the row cannot be taken; the sentence says why.
        """
        ...


def external_id(values: Mapping[str, str]) -> str | None:
    """The row's name in the system it comes from, or None."""
    return clean_line(values.get("external_id"), "external_id", most=120) or None
