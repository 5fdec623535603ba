"""A month as a grid: a row of places for each week, each as many lines high as there is room."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from store.values import CalendarDay
from widgets.calendar_grid import (
    ABSENT,
    BOOKED,
    FREE,
    HOLIDAY,
    LEAVE,
    Grid,
    GridRow,
    Place,
    View,
    booked,
    free,
    session_words,
    whole_day_leave,
)
from widgets.plain import one_line

LEAST_LINES, MOST_LINES = 2, 5
_WEEK = 7


def month_grid(days: Sequence[CalendarDay], month: date, now: datetime, height: int) -> Grid:
    """The grid of whole weeks; `month` is any day of the month meant, `height` the lines that
    there are for all weeks."""
    weeks = [days[start : start + _WEEK] for start in range(0, len(days), _WEEK)]
    lines = max(LEAST_LINES, min(MOST_LINES, height // max(1, len(weeks))))
    rows = []
    for stop, week in enumerate(weeks):
        places = [_day(day, month, now, lines) for day in week]
        for line in range(lines):
            label = f"{week[0].day.isocalendar().week:>2}" if line == 0 else ""
            rows.append(GridRow(label, "label", tuple(p[line] for p in places), stop))
    heading = tuple(Place(day.day, f"{day.day:%a}", "heading") for day in days[:_WEEK])
    return Grid(View.MONTH, _WEEK, 3, (heading,), tuple(rows))


def _day(day: CalendarDay, month: date, now: datetime, lines: int) -> list[Place]:
    """The lines of a day."""
    outside = (day.day.year, day.day.month) != (month.year, month.month)
    today = day.day == now.date()
    number = f"{'▸' if today else ''}{day.day.day}" + (f" {day.day:%b}" if day.day.day == 1 else "")
    away = whole_day_leave(day)
    if day.holiday is not None:
        told, fill, shade = f"{HOLIDAY} {one_line(day.holiday)}", HOLIDAY, "holiday"
    elif away is not None:
        told, fill, shade = f"{LEAVE} leave {one_line(away.reason)}".rstrip(), LEAVE, "leave"
    else:
        told, fill, shade = "", "", "count"
    style = "today" if today else "outside" if outside else shade if told else "heading"
    texts = _texts(day, now, told, shade)
    texts += _hours(day, lines - 1 - len(texts))
    shown = [Place(day.day, number, style, fill)]
    for text, short, kind in texts[: lines - 1]:
        shown.append(Place(day.day, text, "outside" if outside else kind, fill, short=short))
    while len(shown) < lines:
        shown.append(Place(day.day, "", shade, fill))
    return shown


def _texts(day: CalendarDay, now: datetime, told: str, shade: str) -> list[tuple[str, str, str]]:
    """(text, where there is little room, style) of what there is to tell, first things first."""
    texts: list[tuple[str, str, str]] = []
    count, room = booked(day), free(day, now)
    if told:
        texts.append((told, "", shade))
    elif not day.slots and not day.visits:
        return [(f"{ABSENT}", "", "count")]
    if count or (not told and room):
        both = f"{BOOKED}{count}" + (f" {FREE}{room}" if room else "")
        texts.append((f"{BOOKED} {count} booked  {FREE} {room} free", both, "booked"))
    elif not told and day.day < now.date():
        texts.append((ABSENT, "", "count"))
    elif not told:
        texts.append((f"{FREE} none free", f"{FREE}0", "count"))
    if day.leave and not told:
        texts.append((f"{LEAVE} leave, in part", f"{LEAVE} in part", "leave"))
    return texts


def _hours(day: CalendarDay, lines: int) -> list[tuple[str, str, str]]:
    """The sessions under each other, or side by side where there are not enough lines."""
    runs = session_words(day, brief=True).split()
    if len(runs) > max(1, lines):
        return [(" ".join(runs), f"{runs[0]} …", "count")]
    return [(run, "", "count") for run in runs]
