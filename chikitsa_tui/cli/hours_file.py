"""A week of working hours as a CSV file, with the columns of import files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from chikitsa_tui.cli.inputs import minute_of_day, require_known
from store import datewords
from store.errors import Invalid
from store.exchange.csv_file import Line, open_csv
from store.values import HoursSession

COLUMNS = ("day", "from", "to", "slot_minutes", "valid_from", "valid_to")
IGNORED = ("id", "doctor", "doctor_id")


def read_week(file: Path) -> list[HoursSession]:
    """The sessions of a file, in order.

    Raises:
        Invalid: not CSV in UTF-8, another column, or a value that cannot be read; names the line.
    """
    with open_csv(file) as opened:
        names = [name.strip().casefold().replace(" ", "_") for name in opened.heading]
        require_known(dict.fromkeys(names), (*COLUMNS, *IGNORED), "columns")
        return [_session(_row(names, line), line.number) for line in opened.lines()]


def _row(names: list[str], line: Line) -> dict[str, str]:
    if len(line.cells) > len(names):
        raise Invalid(f"Line {line.number} has more cells than the heading.")
    return dict(zip(names, line.cells, strict=False))


def _session(row: Mapping[str, str], line: int) -> HoursSession:
    values = {name: row.get(name, "").strip() for name in COLUMNS}
    try:
        minutes = int(values["slot_minutes"] or 15)
    except ValueError:
        raise Invalid.field(
            "slot_minutes", f"Line {line}: slot_minutes must be a whole number."
        ) from None
    try:
        return HoursSession(
            weekday=datewords.parse_weekday(values["day"], field="day"),
            start_minute=minute_of_day(values["from"], "from"),
            end_minute=minute_of_day(values["to"], "to"),
            slot_minutes=minutes,
            valid_from=_day(values["valid_from"], "valid_from"),
            valid_to=_day(values["valid_to"], "valid_to"),
        )
    except Invalid as refusal:
        raise Invalid(f"Line {line}: {refusal.message}", fields=refusal.fields) from None


def _day(text: str, field: str) -> date | None:
    if not text:
        return None
    return datewords.parse_iso_day(text, field=field)
