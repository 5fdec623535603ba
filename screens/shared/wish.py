"""When an earlier slot would be welcome: the fields of it, and reading them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from store import datewords
from store.errors import Invalid
from store.values import WaitlistEntryView
from widgets.form import Field

WISH_FIELDS = (
    Field("first_day", "From day", hint="any; or +3d, mon, 12 dec", max_length=40),
    Field("last_day", "Until day", hint="any; or +2w, fri, 24 dec", max_length=40),
    Field("from_time", "From time", hint="any; or 9:00, 5pm", max_length=10),
    Field("to_time", "Until time", hint="any; or 12:00, 7pm", max_length=10),
)
"""All may stay empty: any time is welcome then."""

OTHER_NAMES = {"from_minute": "from_time", "to_minute": "to_time"}
"""The store's names of these fields, for refusals."""

_MINUTES = {"from_time": "from_minute", "to_time": "to_minute"}
_DAY = 24 * 60


def read_wish(values: Mapping[str, str], today: date) -> dict[str, Any]:
    """The typed fields as `waitlist.add` takes them.

    Raises:
        Invalid: all that cannot be read, field by field.
    """
    wish: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name in ("first_day", "last_day", "from_time", "to_time"):
        text = values[name].strip()
        if not text:
            continue
        try:
            if name in _MINUTES:
                wish[_MINUTES[name]] = _minute(text, name)
            else:
                wish[name] = datewords.parse_day(text, today, field=name)
        except Invalid as refusal:
            wrong |= refusal.fields or {name: refusal.message}
    if wrong:
        raise Invalid(" ".join(wrong.values()), fields=wrong)
    return wish


def wish_words(entry: WaitlistEntryView) -> str:
    """When the entry takes a slot: `until Fri 09 Jan, 09:00-12:00`, or `any day`."""
    first, last = entry.first_day, entry.last_day
    if first and last:
        days = f"{first:%a %d %b} to {last:%a %d %b}"
    elif last:
        days = f"until {last:%a %d %b}"
    else:
        days = f"from {first:%a %d %b} on" if first else "any day"
    if entry.from_minute is None and entry.to_minute is None:
        return days
    start, end = entry.from_minute or 0, _DAY if entry.to_minute is None else entry.to_minute
    return f"{days}, {start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"


def _minute(text: str, name: str) -> int:
    if text == "24:00":
        return _DAY
    clock = datewords.parse_clock(text, field=name)
    return clock.hour * 60 + clock.minute
