"""The calendar's lines, word for word: what a day, a week and a month show of a doctor's time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from rich.style import Style

from store.slots import Busy, free_starts, sessions_on, to_minutes, to_moment
from store.values import (
    HOLDS_SLOT,
    AppointmentStatus,
    CalendarDay,
    CalendarVisit,
    DoctorCalendar,
    HoursSession,
    LeaveView,
    Sex,
    Slot,
)
from widgets.calendar_draw import Drawing, shown_columns
from widgets.calendar_grid import Clock, Grid, View, month_after, range_of, session_words, title
from widgets.calendar_marks import Mark
from widgets.calendar_month import month_grid
from widgets.calendar_times import time_grid

KOLKATA = ZoneInfo("Asia/Kolkata")
MONDAY = date(2026, 1, 5)
NOW = datetime(2026, 1, 5, 9, 40, tzinfo=KOLKATA)


def visit(
    at: datetime,
    status: AppointmentStatus = AppointmentStatus.BOOKED,
    name: str = "Lakshmi Iyer",
    *,
    minutes: int = 15,
    overbooked: bool = False,
) -> CalendarVisit:
    end = at + timedelta(minutes=minutes)
    return CalendarVisit(1, name, "000001-7", Sex.FEMALE, 34, at, end, status, overbooked, False)


def away(start: datetime, end: datetime, reason: str = "") -> LeaveView:
    return LeaveView(1, 1, "Dr Nair", start, end, reason, 1)


def a_day(
    day: date,
    *sessions: tuple[int, int, int],
    visits: Sequence[CalendarVisit] = (),
    leave: Sequence[LeaveView] = (),
    holiday: str | None = None,
    zone: ZoneInfo = KOLKATA,
) -> CalendarDay:
    """`sessions` are (from hour, to hour, minutes of a slot)."""
    busy = Busy(
        (to_minutes(one[0]), to_minutes(one[1]))
        for one in (
            *((one.starts_at, one.ends_at) for one in leave),
            *((one.starts_at, one.ends_at) for one in visits if one.status in HOLDS_SLOT),
        )
    )
    rules = [HoursSession(day.weekday(), a * 60, b * 60, n) for a, b, n in sessions]
    slots = tuple(
        Slot(1, to_moment(start, zone), to_moment(start + one.slot_minutes, zone), free)
        for one in sessions_on(rules, day, zone)
        for start, free in free_starts(one, busy)
    )
    return CalendarDay(day, holiday, () if holiday else slots, tuple(visits), tuple(leave))


def at(hour: int, minute: int = 0, day: date = MONDAY, zone: ZoneInfo = KOLKATA) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)


def drawn(grid: Grid, width: int, *, first: int = 0, mark: Mark | None = None) -> list[str]:
    """All lines, as they are seen, with the cursor on the first place."""
    here = grid.rows[0].places[0] if mark is None else grid.rows[-1].places[0]
    stop = 0 if mark is None else grid.stops() - 1
    drawing = Drawing(
        grid, width, first, 0, stop, here, mark, "cursor", lambda _name, _over: Style()
    )
    count = len(grid.headings) + len(grid.rows)
    return [drawing.line(y, 0).text.rstrip() for y in range(count)]


def a_week(*days: CalendarDay) -> list[CalendarDay]:
    """These days from Monday on, and days without hours up to Sunday."""
    rest = range(len(days), 7)
    return [*days, *(a_day(MONDAY + timedelta(days=n)) for n in rest)]


def test_a_day_tells_each_time_what_is_there() -> None:
    day = a_day(
        MONDAY,
        (9, 10, 15),
        (17, 18, 30),
        visits=[
            visit(at(9), AppointmentStatus.COMPLETED),
            visit(at(9, 45), name="Imran Shaikh"),
            visit(at(9, 45), name="Joseph D'Souza", overbooked=True),
        ],
        leave=[away(at(17, 30), at(18), "theatre")],
    )
    assert drawn(time_grid([day], View.DAY, NOW), 76) == [
        "       Hours 09:00–10:00/15 17:00–18:00/30",
        "09:00 ▌✔   Lakshmi Iyer            F 34  completed          until 09:15",
        "09:15  – not booked",
        "09:30  – not booked",
        "09:40  " + "━" * 69,
        "09:45  ○   Imran Shaikh            F 34  booked             until 10:00",
        "       ○+  Joseph D'Souza          F 34  booked, overbooked until 10:00",
        "",
        "17:00  · free until 17:30",
        "17:30  // leave theatre " + "/" * 52,
    ]


def test_a_week_tells_all_apart_by_signs() -> None:
    days = a_week(
        a_day(MONDAY, (9, 10, 15), visits=[visit(at(9), AppointmentStatus.COMPLETED)]),
        a_day(
            MONDAY + timedelta(days=1),
            (9, 10, 20),
            visits=[visit(at(9, 0, MONDAY + timedelta(days=1)), minutes=40)],
        ),
        a_day(
            MONDAY + timedelta(days=2),
            (9, 10, 15),
            leave=[
                away(at(0, 0, MONDAY + timedelta(days=2)), at(0, 0, MONDAY + timedelta(days=3)))
            ],
            visits=[visit(at(9, 15, MONDAY + timedelta(days=2)))],
        ),
        a_day(MONDAY + timedelta(days=3), (9, 10, 15), holiday="Pongal"),
    )
    grid = time_grid(days, View.WEEK, NOW)
    assert drawn(grid, 90) == [
        "       ▸Mon 5      Tue 6       Wed 7       Thu 8       Fri 9       Sat 10      Sun 11",
        "       ○1 ·1       ○1 ·1       / leave     ░ Pongal    – no hours  – no hours  – no hours",
        "09:00 ▌✔ L Iyer    ○ L Iyer    // leave // ░░ Pongal ░",
        "09:15  –           │           ○! L Iyer   ░░░░░░░░░░░",
        "09:30  –           │           /////////// ░░░░░░░░░░░",
        "09:40              ·           /////////// ░░░░░░░░░░░",
        "09:40  ━━━━━━━━━━━" + " ───────────" * 6,
        "09:45  ·                       /////////// ░░░░░░░░░░░",
    ]


def test_a_narrow_week_shows_what_it_can_and_says_so() -> None:
    grid = time_grid(a_week(a_day(MONDAY, (9, 10, 30))), View.WEEK, NOW)
    assert shown_columns(grid, 40) == 3
    assert drawn(grid, 40)[:2] == [
        "       ▸Mon 5      Tue 6      Wed 7",
        "Thu›   ○0 ·0       – no hours – no hours",
    ]
    assert drawn(grid, 40, first=2)[:2] == [
        "‹Tue   Wed 7       Thu 8      Fri 9",
        "Sat›   – no hours  – no hours – no hours",
    ]


def test_a_month_tells_each_day_how_many_come() -> None:
    first, last = range_of(View.MONTH, MONDAY)
    days = [a_day(first + timedelta(days=n)) for n in range((last - first).days + 1)]
    index = (MONDAY - first).days
    days[index] = a_day(MONDAY, (9, 10, 15), visits=[visit(at(9), AppointmentStatus.COMPLETED)])
    days[index + 1] = a_day(
        MONDAY + timedelta(days=1),
        (9, 10, 15),
        leave=[away(at(9, 0, MONDAY + timedelta(days=1)), at(10, 0, MONDAY + timedelta(days=1)))],
    )
    days[index + 2] = a_day(MONDAY + timedelta(days=2), (9, 10, 15), holiday="Pongal")
    lines = drawn(month_grid(days, MONDAY, NOW, 15), 80)
    assert lines[0] == "    Mon        Tue        Wed        Thu        Fri        Sat        Sun"
    assert lines[4:7] == [
        " 2  ▸5         6 //////// 7 ░░░░░░░░ 8          9          10         11",
        "    ○1 ·1      / leave // ░ Pongal ░ –          –          –          –",
        "    9–10       9–10 ///// ░░░░░░░░░░",
    ]


def test_the_hour_that_comes_twice_has_its_own_rows_in_order() -> None:
    zone = ZoneInfo("America/New_York")
    now = datetime(2026, 10, 30, 12, tzinfo=zone)
    day = a_day(date(2026, 11, 1), (0, 3, 30), zone=zone)
    lines = drawn(time_grid([day], View.DAY, now), 40)
    assert [line[:9] for line in lines[1:]] == [
        "00:00    ",
        "00:30    ",
        "01:00 EDT",
        "01:30 EDT",
        "01:00 EST",
        "01:30 EST",
        "02:00    ",
        "02:30    ",
    ]


def test_the_hour_that_is_skipped_has_no_row() -> None:
    zone = ZoneInfo("America/New_York")
    now = datetime(2026, 3, 1, 12, tzinfo=zone)
    lines = drawn(time_grid([a_day(date(2026, 3, 8), (1, 4, 60), zone=zone)], View.DAY, now), 40)
    assert [line[:5] for line in lines[1:]] == ["01:00", "03:00"]


def test_a_week_without_hours_can_still_be_marked() -> None:
    grid = time_grid(a_week(), View.WEEK, NOW)
    assert grid.stops() == 1
    assert drawn(grid, 90)[2].count("– no hours") == 7
    start, end = Mark(grid.rows[0].places[1]).span(grid.rows[0].places[3], KOLKATA)
    assert (start, end) == (at(0, 0, date(2026, 1, 6)), at(0, 0, date(2026, 1, 9)))


def test_what_is_marked_are_times_of_one_day_or_whole_days() -> None:
    grid = time_grid(a_week(a_day(MONDAY, (9, 10, 15))), View.WEEK, NOW)
    rows = [row for row in grid.rows if row.stop is not None]
    later, earlier = rows[2].places[0], rows[0].places[0]
    assert Mark(later).span(earlier, KOLKATA) == (at(9), at(9, 45))
    assert Mark(later, whole_days=True).span(earlier, KOLKATA) == (
        at(0),
        at(0, 0, MONDAY + timedelta(days=1)),
    )
    lines = drawn(grid, 90, mark=Mark(earlier))
    assert [line[6:8] for line in lines[2:]] == ["┃–", "┃–", "┃–", " ━", "▌·"]


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 31), -2, date(2025, 11, 30)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 12, 5), 1, date(2027, 1, 5)),
    ],
)
def test_months_are_counted_on_the_calendar(day: date, months: int, then: date) -> None:
    assert month_after(day, months) == then


def test_the_title_counts() -> None:
    days = a_week(a_day(MONDAY, (9, 10, 15), visits=[visit(at(9))]))
    calendar = DoctorCalendar(1, tuple(days))
    assert title(View.WEEK, MONDAY, calendar, NOW) == "Week 2 · 5 – 11 Jan 2026 · 1 booked · 1 free"
    assert title(View.MONTH, MONDAY, calendar, NOW) == "January 2026 · 1 booked · 1 free"


def test_hours_name_the_length_of_slots_where_they_differ() -> None:
    assert session_words(a_day(MONDAY, (9, 10, 15), (17, 18, 15))) == "09:00–10:00 17:00–18:00"
    assert session_words(a_day(MONDAY, (9, 10, 15), (10, 11, 30))) == (
        "09:00–10:00/15 10:00–11:00/30"
    )


def test_clocks_sort_as_they_are_lived_through() -> None:
    assert Clock(1, 0, 45) < Clock(1, 1, 0) < Clock(2, 0, 0)
