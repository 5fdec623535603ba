"""Which column of a file is which of ours: by its name, or as the import was told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from store.errors import Invalid
from store.exchange.cells import plain
from store.exchange.csv_file import Line


@dataclass(frozen=True, slots=True)
class Columns:
    """What may be in a file of one kind: only these columns are ever read.

    `needed` lists alternatives: of each group one way must be there, all its columns.
    """

    allowed: tuple[str, ...]
    needed: tuple[tuple[tuple[str, ...], ...], ...]


@dataclass(frozen=True)
class Headings:
    """Where each of our columns stands in a row; several places are joined by a space."""

    width: int
    places: Mapping[str, tuple[int, ...]]
    unused: tuple[str, ...]

    def values(self, line: Line) -> dict[str, str]:
        """Our columns of a row, trimmed; what the file lacks is empty.

        Raises:
            Invalid: the row has more or fewer cells than the heading.
        """
        if len(line.cells) != self.width:
            raise Invalid(
                f"The row has {len(line.cells)} cells, the heading has {self.width} columns."
            )
        cells = [plain(cell).strip() if cell[:1] == "'" else cell.strip() for cell in line.cells]
        return {
            ours: cells[places[0]]
            if len(places) == 1
            else " ".join(cells[place] for place in places if cells[place])
            for ours, places in self.places.items()
        }


def understand(
    heading: Sequence[str], columns: Columns, mapping: Mapping[str, str] | None
) -> Headings:
    """Find our columns in a file's heading.

    Args:
        mapping: ours to theirs; theirs may be several columns joined by `+`. It goes before the
            heading's own names.

    Raises:
        Invalid: a mapping of or to a column that does not exist, or a needed column is missing.
    """
    where = {_key(name): place for place, name in enumerate(heading) if name}
    exact = {name: place for place, name in enumerate(heading) if name}
    places: dict[str, tuple[int, ...]] = {}
    for ours, theirs in (mapping or {}).items():
        if ours not in columns.allowed:
            raise _unknown("column of ours", ours, columns.allowed)
        places[ours] = _places(theirs, heading, lambda name: exact.get(name, where.get(_key(name))))
    for ours in columns.allowed:
        if ours not in places and ours in where:
            places[ours] = (where[ours],)
    _require_needed(places, columns, heading)
    used = {place for taken in places.values() for place in taken}
    unused = tuple(name for place, name in enumerate(heading) if name and place not in used)
    return Headings(len(heading), places, unused)


def _places(
    theirs: str, heading: Sequence[str], find: Callable[[str], int | None]
) -> tuple[int, ...]:
    whole = find(theirs.strip())
    if whole is not None:
        return (whole,)
    found = []
    for name in (part.strip() for part in theirs.split("+")):
        place = find(name)
        if place is None:
            raise _unknown("column of the file", name, heading)
        found.append(place)
    return tuple(found)


def _require_needed(
    places: Mapping[str, tuple[int, ...]], columns: Columns, heading: Sequence[str]
) -> None:
    missing = [
        " or ".join(" and ".join(way) for way in group)
        for group in columns.needed
        if not any(all(name in places for name in way) for way in group)
    ]
    if missing:
        raise Invalid(
            f"The file has no column {', no column '.join(missing)}. It has:"
            f" {', '.join(name for name in heading if name)}. Map them with --map OURS=THEIRS.",
            missing=missing,
        )


def _unknown(what: str, name: str, known: Sequence[str]) -> Invalid:
    near = get_close_matches(name, known, 1, 0.6)
    hint = f" Do you mean {near[0]}?" if near else f" There are: {', '.join(known)}."
    return Invalid(f"There is no {what} named {name or 'nothing'}.{hint}")


def _key(name: str) -> str:
    return "_".join(name.casefold().replace("-", " ").replace("_", " ").split())
