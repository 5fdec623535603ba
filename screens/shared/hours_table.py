"""Weekly working hours as a table: a row for each session."""

from __future__ import annotations

from screens.shared.words import WEEKDAYS, clock_text, period_words
from store.values import HoursSession
from widgets.record_table import Column

HOURS_COLUMNS = (
    Column("day", "Day", 5),
    Column("hours", "Hours", 13),
    Column("slots", "Slots", 14),
    Column("period", "Valid"),
)


def hours_cells(session: HoursSession) -> tuple[str, str, str, str]:
    """A session as a row of HOURS_COLUMNS."""
    length = session.end_minute - session.start_minute
    hours = f"{clock_text(session.start_minute)} – {clock_text(session.end_minute)}"
    slots = f"{length // session.slot_minutes} × {session.slot_minutes} min"
    return WEEKDAYS[session.weekday], hours, slots, period_words(session)
