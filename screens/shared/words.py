"""States, fees, hours and spans as the staff read and type them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from rich.text import Text
from textual.content import Content

from store import datewords
from store.errors import Invalid
from store.slots import day_bounds
from store.values import HoursSession
from widgets.plain import cell, content

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ACTIVE, _INACTIVE = "● active", "⊘ inactive"
_MIDNIGHT = 24 * 60
_HIGHEST_FEE = 100_000_000
"""In hundredths; the store takes no higher one."""


def active_cell(active: bool, colours: Mapping[str, str]) -> Text:
    """Sign, word and colour of a thing that is in use or not."""
    style = colours["text-success"] if active else colours["text-muted"]
    return cell(_ACTIVE if active else _INACTIVE, style=style)


def active_line(active: bool) -> Content:
    """The same for a text."""
    style = "$text-success" if active else "$text-muted"
    return content(f"[{style}]$words[/]", words=_ACTIVE if active else _INACTIVE)


def fee_text(fee: int | None) -> str:
    """A fee, kept in hundredths, as it is typed: `500`, `499.50`; nothing where none is known."""
    if fee is None:
        return ""
    rupees, rest = divmod(fee, 100)
    return f"{rupees}.{rest:02}" if rest else str(rupees)


def parse_fee(text: str) -> int | None:
    """The hundredths of a typed fee; None for nothing.

    Raises:
        Invalid: no amount of money.
    """
    typed = text.strip().removeprefix("₹").replace(",", "").strip()
    if not typed:
        return None
    try:
        hundredths = Decimal(typed) * 100
        whole = int(hundredths)
    except (InvalidOperation, ValueError, OverflowError):
        whole, hundredths = -1, Decimal(0)
    if whole != hundredths or not 0 <= whole <= _HIGHEST_FEE:
        raise Invalid.field("fee", "Write the fee as 500 or 499.50, at most 1,000,000.")
    return whole


def clock_text(minute: int) -> str:
    """A minute of the day as a clock shows it; the end of the day is 24:00."""
    return f"{minute // 60:02}:{minute % 60:02}"


def parse_minute(text: str, field: str) -> int:
    """The minute of the day of a typed time; `24:00` is the end of the day.

    Raises:
        Invalid: no time.
    """
    if text.strip() == "24:00":
        return _MIDNIGHT
    clock = datewords.parse_clock(text, field=field)
    return clock.hour * 60 + clock.minute


def parse_weekdays(text: str, field: str = "weekday") -> list[int]:
    """Weekdays as typed: `mon`, `mon-fri`, `mon wed fri`.

    Raises:
        Invalid: no weekday.
    """
    days: set[int] = set()
    for part in text.replace(",", " ").replace("–", "-").split():
        first, dash, last = part.partition("-")
        start = datewords.parse_weekday(first, field=field)
        end = datewords.parse_weekday(last, field=field) if dash else start
        days |= {(start + n) % 7 for n in range((end - start) % 7 + 1)}
    if not days:
        raise Invalid.field(field, "Write the day as mon, or several as mon-fri or mon wed fri.")
    return sorted(days)


def period_words(session: HoursSession) -> str:
    """From when until when a session holds."""
    start, end = session.valid_from, session.valid_to
    if start is None and end is None:
        return "always"
    if start is None:
        return f"until {end:%d %b %Y}"
    return f"from {start:%d %b %Y}" if end is None else f"{start:%d %b %Y} – {end:%d %b %Y}"


def session_words(session: HoursSession) -> str:
    """`09:00–13:00/15` (minutes a slot), with the period where there is one."""
    hours = f"{clock_text(session.start_minute)}–{clock_text(session.end_minute)}"
    period = period_words(session)
    more = "" if period == "always" else f" ({period})"
    return f"{hours}/{session.slot_minutes}{more}"


def parse_span(first: str, last: str, now: datetime) -> tuple[datetime, datetime]:
    """Leave as typed: days, of which the last is included, or moments. Nothing for the last
    means the first day alone. `now` is in hospital time.

    Raises:
        Invalid: names `starts_at` or `ends_at`.
    """
    start = _day_or_moment(first, now, "starts_at")
    end = _day_or_moment(last, now, "ends_at") if last.strip() else start
    if isinstance(end, datetime) and not last.strip():
        raise Invalid.field("ends_at", "Say when it ends.")
    return _edge(start, now, behind=False), _edge(end, now, behind=True)


def _day_or_moment(text: str, now: datetime, field: str) -> date | datetime:
    zone = now.tzinfo
    assert zone is not None
    try:
        return datewords.parse_day(text, now.date(), field=field)
    except Invalid as no_day:
        try:
            return datewords.parse_moment(text, now, zone, field=field)  # type: ignore[arg-type]
        except Invalid:
            raise no_day from None


def _edge(at: date | datetime, now: datetime, *, behind: bool) -> datetime:
    """A moment itself; of a day its first moment, or the one behind its last."""
    if isinstance(at, datetime):
        return at
    bounds = day_bounds(at, now.tzinfo)
    return bounds[1] if behind else bounds[0]


def span_words(starts_at: datetime, ends_at: datetime) -> str:
    """Whole days as days, anything else with its times."""
    midnight = (0, 0)
    whole = (starts_at.hour, starts_at.minute) == midnight == (ends_at.hour, ends_at.minute)
    if not whole and starts_at.date() == ends_at.date():
        return f"{starts_at:%a %d %b %Y %H:%M} – {ends_at:%H:%M}"
    if not whole:
        return f"{starts_at:%a %d %b %Y %H:%M} – {ends_at:%a %d %b %Y %H:%M}"
    last = (ends_at - timedelta(minutes=1)).date()
    if last == starts_at.date():
        return f"{last:%a %d %b %Y}"
    return f"{starts_at:%a %d %b %Y} – {last:%a %d %b %Y}"


def typed_span(starts_at: datetime, ends_at: datetime) -> tuple[str, str]:
    """Leave as `parse_span` reads it again: whole days as days, anything else as moments."""
    midnight = (0, 0)
    if (starts_at.hour, starts_at.minute) == midnight == (ends_at.hour, ends_at.minute):
        last = (ends_at - timedelta(minutes=1)).date()
        return starts_at.date().isoformat(), last.isoformat()
    return _typed_moment(starts_at), _typed_moment(ends_at)


def _typed_moment(at: datetime) -> str:
    """A moment as it can be typed again, with its offset where the clock shows it twice."""
    twice = at.replace(fold=0).utcoffset() != at.replace(fold=1).utcoffset()
    return at.isoformat(timespec="minutes") if twice else f"{at:%Y-%m-%dT%H:%M}"
