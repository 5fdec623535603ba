"""Numbers of rows as people type them: `3-7`, `3,5-7`, `2 4 9-`."""

from __future__ import annotations

import re

ALL = "all"
_PART = re.compile(r"(\d{0,6})(-?)(\d{0,6})")


class WrongRows(ValueError):
    """What was typed names no rows; the message is a sentence for a person."""


def parse_rows(text: str, numbers: list[int]) -> list[int]:
    """The row numbers that are meant, of those that there are, each once, in order. An open end
    (`7-`) goes as far as there are rows; `all` is every row.

    Raises:
        WrongRows: nothing, or something else, was typed, or no row has such a number.
    """
    parts = re.sub(r"\s*[-–]\s*", "-", text.strip().casefold()).replace(",", " ").split()
    if not parts:
        raise WrongRows("Type the numbers of rows, such as 3-7 or 3,5-7, or all.")
    if parts == [ALL] or not numbers:
        return _some(numbers)
    wanted: set[int] = set()
    for part in parts:
        wanted |= _range(part, max(numbers))
    missing = sorted(wanted - set(numbers))
    if missing:
        raise WrongRows(f"There is no row {missing[0]}: the rows are 1 to {max(numbers)}.")
    return sorted(wanted)


def _some(numbers: list[int]) -> list[int]:
    if not numbers:
        raise WrongRows("There is no row to mark.")
    return sorted(numbers)


def _range(part: str, last: int) -> set[int]:
    found = _PART.fullmatch(part)
    if found is None or part == "-":
        raise WrongRows(f"“{part}” is no row: type 3-7 or 3,5-7, or all.")
    first, dash, end = found.groups()
    if not dash:
        return {int(first)}
    start, stop = int(first or 1), int(end or last)
    if start > stop:
        raise WrongRows(f"“{part}” runs backwards: type {stop}-{start}.")
    if stop > last:
        raise WrongRows(f"There is no row {stop}: the rows are 1 to {last}.")
    return set(range(start, stop + 1))
