"""Days and weeks as a grid: a row for each time at which any of the days has something.

Sessions of different slot lengths share the rows: a place in the midst of a slot stays empty, one
in the midst of a visit goes on with it. Each moment that the clocks show twice has its own row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from store.values import HOLDS_SLOT, AppointmentStatus, CalendarDay, CalendarVisit, Slot
from widgets.badges import status_sign, status_words
from widgets.calendar_grid import (
    ABSENT,
    BOOKED,
    FREE,
    GOES_ON,
    HOLIDAY,
    LEAVE,
    PAST,
    Clock,
    Grid,
    GridRow,
    Place,
    Span,
    View,
    booked,
    fit,
    free,
    session_words,
    whole_day_leave,
)
from widgets.names import short_name
from widgets.patient_finder import sex_and_age
from widgets.plain import one_line
from widgets.slot_chooser import HELD, held_words

_NAME_CELLS = 23
_STATUS_CELLS = 18


class _Item(NamedTuple):
    """A visit, or a slot that nobody holds."""

    starts_at: datetime
    ends_at: datetime
    visit: CalendarVisit | None
    slot: Slot | None


def time_grid(days: Sequence[CalendarDay], view: View, now: datetime) -> Grid:
    """The grid of one day or of seven."""
    columns = [_Column(day, view, now) for day in days]
    rows = list(_rows(columns, now))
    gutter = max(len(row.label) for row in rows) + 1
    return Grid(view, len(days), gutter, _headings(days, view, now), tuple(rows))


class _Column:
    """What a day has at each time."""

    def __init__(self, day: CalendarDay, view: View, now: datetime) -> None:
        self.day = day
        self.wide = view is View.DAY
        self.now = now
        self.items: dict[Clock, list[_Item]] = {}
        held = {visit.starts_at for visit in day.visits if visit.status in HOLDS_SLOT}
        for visit in day.visits:
            self._put(_Item(visit.starts_at, visit.ends_at, visit, None))
        for slot in day.slots:
            if slot.starts_at not in held and not self._covering_visit(slot.starts_at):
                self._put(_Item(slot.starts_at, slot.ends_at, None, slot))
        self._away_told = False

    def _put(self, item: _Item) -> None:
        self.items.setdefault(Clock.of(item.starts_at), []).append(item)

    def _covering_visit(self, moment: datetime) -> CalendarVisit | None:
        return next(
            (
                visit
                for visit in self.day.visits
                if visit.starts_at < moment < visit.ends_at and visit.status in HOLDS_SLOT
            ),
            None,
        )

    def moment(self, clock: Clock) -> datetime | None:
        """The day's moment at this clock; None where the day has no such time."""
        zone = self.now.tzinfo
        time_of_day = time(clock.hour, clock.minute, tzinfo=zone, fold=clock.fold)
        wall = datetime.combine(self.day.day, time_of_day)
        return wall if Clock.of(datetime.fromtimestamp(wall.timestamp(), zone)) == clock else None

    def place(self, clock: Clock, nth: int) -> Place:
        """What stands at a row."""
        stack = self.items.get(clock, [])
        if nth < len(stack):
            return self._item(stack[nth])
        moment = self.moment(clock)
        if moment is None or self.day.holiday is not None:
            return self.empty(moment)
        visit = self._covering_visit(moment)
        if visit is not None and nth == 0:
            _, style = status_sign(visit.status)
            span = (visit.starts_at, visit.ends_at)
            return Place(self.day.day, GOES_ON, style, span=span, visit=visit)
        return self.empty(moment)

    def _item(self, item: _Item) -> Place:
        span = (item.starts_at, item.ends_at)
        if item.visit is not None:
            _, style = status_sign(item.visit.status)
            long, short = self._visit_texts(item.visit)
            return Place(self.day.day, long, style, short=short, span=span, visit=item.visit)
        slot = item.slot
        assert slot is not None
        if self._away(item.starts_at, item.ends_at) is not None:
            return self.empty(item.starts_at, item.ends_at)
        held = slot.held_at(self.now)
        if held is not None and item.starts_at >= self.now:
            text = f"{HELD} {held_words(held, self.now)}" if self.wide else HELD
            return Place(self.day.day, text, "held", span=span, slot=slot)
        if slot.free_at(self.now) and item.starts_at >= self.now:
            text = f"{FREE} free until {item.ends_at:%H:%M}" if self.wide else FREE
            return Place(self.day.day, text, "free", span=span, slot=slot)
        text = f"{PAST} not booked" if self.wide else PAST
        return Place(self.day.day, text, "past", span=span, slot=slot)

    def _visit_texts(self, visit: CalendarVisit) -> tuple[str, str]:
        sign, _ = status_sign(visit.status)
        sign += "+" if visit.overbooked else ""
        sign += "!" if self._has_lost_its_time(visit) else ""
        name = one_line(visit.patient)
        if not self.wide:
            return f"{sign} {name}", f"{sign} {short_name(name)}"
        facts = [status_words(visit.status).partition(" ")[2]]
        facts += ["walk-in"] if visit.walk_in else []
        facts += ["overbooked"] if visit.overbooked and not visit.walk_in else []
        who = sex_and_age(visit.patient_sex, visit.patient_age)
        until = f"until {visit.ends_at:%H:%M}"
        told = fit(", ".join(facts), "", _STATUS_CELLS)
        name = fit(name, "", _NAME_CELLS)
        return f"{fit(sign, '', 3)} {name} {who:<5} {told} {until}", ""

    def _has_lost_its_time(self, visit: CalendarVisit) -> bool:
        """Whether it is still to come, and lies in leave or on a holiday."""
        return visit.status is AppointmentStatus.BOOKED and (
            self.day.holiday is not None or self._away(visit.starts_at, visit.ends_at) is not None
        )

    def _away(self, start: datetime, end: datetime) -> object:
        return next(
            (one for one in self.day.leave if one.starts_at < end and start < one.ends_at), None
        )

    def empty(self, moment: datetime | None, end: datetime | None = None) -> Place:
        """Where neither visit nor slot is: a holiday, leave, or nothing."""
        day = self.day
        if day.holiday is not None:
            text, self._away_told = ("", True) if self._away_told else (day.holiday, True)
            text = f"{HOLIDAY * 2} {one_line(text)}" if text else ""
            return Place(day.day, text, "holiday", HOLIDAY, span=_span(moment, end))
        if moment is None:
            return Place(day.day)
        away = self._away(moment, end or moment + timedelta(seconds=1))
        for one in day.leave:
            if one is away:
                text, self._away_told = ("", True) if self._away_told else ("leave", True)
                reason = f" {one_line(one.reason)}" if text and one.reason else ""
                text = f"{LEAVE * 2} {text}{reason}" if text else ""
                return Place(day.day, text, "leave", LEAVE, span=_span(moment, end), leave=one)
        self._away_told = False
        return Place(day.day, span=_span(moment, end))


def _span(moment: datetime | None, end: datetime | None) -> Span | None:
    """A span, of a quarter of an hour where nothing says how long."""
    if moment is None:
        return None
    if end is None:
        end = datetime.fromtimestamp(moment.timestamp() + 900, moment.tzinfo)
    return moment, end


def _rows(columns: Sequence[_Column], now: datetime) -> Iterator[GridRow]:
    clocks = sorted({clock for column in columns for clock in column.items})
    if not clocks:
        yield _no_hours(columns)
        return
    stop, reached = 0, clocks[0]
    line = _now_clock(columns, now)
    for index, clock in enumerate(clocks):
        if index and clock > reached:
            places = tuple(_still_away(column.empty(column.moment(reached))) for column in columns)
            yield GridRow("", "label", places, None)
        if line is not None and index and clock > line and clocks[0] <= line:
            yield _now_row(columns, now)
            line = None
        depth = max(len(column.items.get(clock, ())) for column in columns)
        for nth in range(depth):
            label = "" if nth else _label(columns, clock)
            style = "hour" if clock.minute == 0 else "label"
            places = tuple(column.place(clock, nth) for column in columns)
            yield GridRow(label, style, places, stop, clock, nth)
            stop += 1
        ends = [item.ends_at for column in columns for item in column.items.get(clock, ())]
        reached = max([reached, *(_end_clock(one, clock) for one in ends)])


def _still_away(place: Place) -> Place:
    """A pause between sessions: leave goes on through it, and nothing can be chosen there."""
    return Place(place.day, place.text, place.style, place.fill)


def _end_clock(end: datetime, start: Clock) -> Clock:
    """The wall clock of an end; what ends behind midnight reaches to the end of the day."""
    return Clock.of(end) if Clock.of(end) > start else Clock(24, 0, 0)


def _label(columns: Sequence[_Column], clock: Clock) -> str:
    """The time, and the zone's name where the clock shows it twice on one of the days."""
    text = f"{clock.hour:02}:{clock.minute:02}"
    for column in columns:
        first, second = (column.moment(clock._replace(fold=fold)) for fold in (0, 1))
        if first is not None and second is not None:
            return f"{text} {(second if clock.fold else first):%Z}"
    return text


def _now_clock(columns: Sequence[_Column], now: datetime) -> Clock | None:
    return Clock.of(now) if any(column.day.day == now.date() for column in columns) else None


def _now_row(columns: Sequence[_Column], now: datetime) -> GridRow:
    places = tuple(
        Place(column.day.day, fill="━" if column.day.day == now.date() else "─", style="now")
        for column in columns
    )
    return GridRow(f"{now:%H:%M}", "now", places, None)


def _no_hours(columns: Sequence[_Column]) -> GridRow:
    """One place for each day of a week in which nothing is planned, so that it can be marked."""
    places = []
    for column in columns:
        there = column.empty(column.moment(Clock(12, 0, 0)))
        text = there.text or f"{ABSENT} no hours"
        places.append(Place(there.day, text, there.style, there.fill, span=None, leave=there.leave))
    return GridRow("", "label", tuple(places), 0, Clock(0, 0, 0), 0)


def _headings(
    days: Sequence[CalendarDay], view: View, now: datetime
) -> tuple[tuple[Place, ...], ...]:
    if view is View.DAY:
        return (tuple(_counted(day, now, long=True) for day in days),)
    return (
        tuple(_name(day.day, now.date()) for day in days),
        tuple(_counted(day, now, long=False) for day in days),
    )


def _name(day: date, today: date) -> Place:
    if day == today:
        return Place(day, f"▸{day:%a} {day.day}", "today")
    return Place(day, f"{day:%a} {day.day}", "heading")


def _counted(day: CalendarDay, now: datetime, *, long: bool) -> Place:
    """Under a day's name: why nobody can come, or how many do."""
    if day.holiday is not None:
        return Place(day.day, f"{HOLIDAY} {one_line(day.holiday)}", "holiday")
    away = whole_day_leave(day)
    if away is not None:
        reason = f": {one_line(away.reason)}" if long and away.reason else ""
        return Place(day.day, f"{LEAVE} leave{reason}", "leave")
    if not day.slots and not day.visits:
        return Place(day.day, f"{ABSENT} no hours", "count")
    if long:
        hours = session_words(day) or "no hours"
        return Place(day.day, f"Hours {hours}", "count")
    return Place(
        day.day,
        f"{booked(day)} booked, {free(day, now)} free",
        "count",
        short=f"{BOOKED}{booked(day)} {FREE}{free(day, now)}",
    )
