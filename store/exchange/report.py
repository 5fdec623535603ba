"""What came of an import."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

MOST_LISTED = 1_000
"""So many refused rows and warnings are listed; all of them are counted."""

COUNTED = ("added", "unchanged", "updated", "overlapping", "likely_duplicates", "refused")
"""What of a row is counted."""


class Outcome(StrEnum):
    """What became of one row."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    UPDATED = "updated"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A refused row: the physical line it begins on, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or (dry run) would do.

    `unchanged` rows were there already: an import adds, it does not overwrite what people have
    changed since. `overlapping` counts past appointments that are kept although they overlap
    another of their doctor, `likely_duplicates` patients who may be registered already.
    """

    kind: str
    rows: int
    added: int
    unchanged: int
    updated: int
    overlapping: int
    likely_duplicates: int
    refused: int
    rejected: tuple[Rejected, ...]
    warnings: tuple[str, ...]
    dry_run: bool


@dataclass
class Tally:
    """The counting of an import that is under way."""

    added: int = 0
    unchanged: int = 0
    updated: int = 0
    overlapping: int = 0
    likely_duplicates: int = 0
    refused: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def count(self, outcome: Outcome) -> None:
        """One more row of this outcome."""
        setattr(self, outcome.value, getattr(self, outcome.value) + 1)

    def refuse(self, line: int, reason: str) -> None:
        """One more refused row."""
        self.refused += 1
        if len(self.rejected) < MOST_LISTED:
            self.rejected.append(Rejected(line, reason))

    def warn(self, sentence: str) -> None:
        """Something the user should look at, said once."""
        if len(self.warnings) < MOST_LISTED and sentence not in self.warnings:
            self.warnings.append(sentence)

    def add(self, other: Tally) -> None:
        """Take over what a batch counted, now that it is committed."""
        for name in COUNTED:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.rejected += other.rejected[: MOST_LISTED - len(self.rejected)]
        for sentence in other.warnings:
            self.warn(sentence)

    def report(self, kind: str, rows: int, *, dry_run: bool) -> ImportReport:
        """The report of what was counted."""
        return ImportReport(
            kind=kind,
            rows=rows,
            added=self.added,
            unchanged=self.unchanged,
            updated=self.updated,
            overlapping=self.overlapping,
            likely_duplicates=self.likely_duplicates,
            refused=self.refused,
            rejected=tuple(self.rejected),
            warnings=tuple(self.warnings),
            dry_run=dry_run,
        )
