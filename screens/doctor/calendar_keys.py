"""The actions of the doctor's calendar."""

from __future__ import annotations

from widgets.keys import KeyAction

DAY = KeyAction("calendar.day", "d", "day", "Show one day", "view('day')")
WEEK = KeyAction("calendar.week", "w", "week", "Show a week", "view('week')")
MONTH = KeyAction("calendar.month", "M", "month", "Show a month", "view('month')")
DATE = KeyAction(
    "calendar.date", "slash", "date", "Go to a day: today, +3d, mon, 12 dec, 2026-12-31", "date"
)
MARK = KeyAction(
    "calendar.mark",
    "space",
    "mark",
    "Mark a range for leave; once more: whole days, or times again",
    "mark",
)
LEAVE = KeyAction("calendar.leave", "v", "leave", "Your leave: list, change, take back", "leave")
HOURS = KeyAction("calendar.hours", "H", "hours", "Your working hours", "hours")
DECIDE = KeyAction(
    "calendar.decide", "c", "to decide", "Appointments booked at times that are gone", "decide"
)

ACTIONS: tuple[KeyAction, ...] = (DAY, WEEK, MONTH, DATE, MARK, LEAVE, HOURS, DECIDE)
"""All of them, in the order of help."""
