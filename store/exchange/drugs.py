"""Rows of the formulary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from store import formulary
from store.errors import Invalid
from store.exchange.headings import Columns
from store.exchange.report import Outcome
from store.exchange.rows import Unit
from store.text import search_key

_YES, _NO = ("yes", "y", "true", "1"), ("no", "n", "false", "0")


class Drugs:
    """Drugs, by their names: a row corrects the drug of its name. What the formulary has and
    the file has not stays, columns that it lacks too; `active` with `no` takes a drug out of
    what is offered."""

    columns: ClassVar[Columns] = Columns(allowed=tuple(formulary.COLUMNS), needed=((("name",),),))

    def key(self, values: Mapping[str, str]) -> str:
        """The name."""
        return search_key(values["name"])

    def take(self, unit: Unit, values: Mapping[str, str]) -> Outcome:
        """Keep the drug as the row has it."""
        active = _active(values.get("active", ""))
        given = {name: value for name, value in values.items() if name != "active"}
        _, new = formulary.save(unit.tx, formulary.DrugInput(**given, active=active))
        if new is None:
            return Outcome.UNCHANGED
        return Outcome.ADDED if new else Outcome.UPDATED


def _active(text: str) -> bool | None:
    word = search_key(text)
    if not word:
        return None
    if word not in _YES + _NO:
        raise Invalid.field("active", f"“{text[:40]}” is neither yes nor no.")
    return word in _YES
