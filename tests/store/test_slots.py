"""Weekly wall-clock hours become the right real slots, on the days when clocks change too."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.slots import Busy, Session, day_bounds, free_starts, sessions_on, to_minutes, to_moment
from store.values import HoursSession

NEW_YORK, LONDON, KOLKATA = (
    ZoneInfo("America/New_York"),
    ZoneInfo("Europe/London"),
    ZoneInfo("Asia/Kolkata"),
)
SUNDAY = 6


def walls(day: date, zone: ZoneInfo, *rules: HoursSession) -> list[str]:
    """The slots of a day as wall-clock time with the offset."""
    return [
        f"{to_moment(start, zone):%H:%M %z}"
        for session in sessions_on(rules, day, zone)
        for start in session.starts()
    ]


def test_an_ordinary_day_in_kolkata_follows_the_hours_exactly() -> None:
    morning = HoursSession(0, 9 * 60, 10 * 60, 15)
    evening = HoursSession(0, 17 * 60, 17 * 60 + 50, 20)
    assert walls(date(2026, 1, 5), KOLKATA, evening, morning) == [
        "09:00 +0530",
        "09:15 +0530",
        "09:30 +0530",
        "09:45 +0530",
        "17:00 +0530",
        "17:20 +0530",
    ]


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        (
            NEW_YORK,
            date(2026, 3, 8),
            ["00:30 -0500", "01:00 -0500", "01:30 -0500", "03:00 -0400", "03:30 -0400"],
        ),
        (
            NEW_YORK,
            date(2026, 11, 1),
            [
                "00:30 -0400",
                "01:00 -0400",
                "01:30 -0400",
                "01:00 -0500",
                "01:30 -0500",
                "02:00 -0500",
                "02:30 -0500",
                "03:00 -0500",
                "03:30 -0500",
            ],
        ),
        (
            LONDON,
            date(2026, 3, 29),
            ["00:30 +0000", "02:00 +0100", "02:30 +0100", "03:00 +0100", "03:30 +0100"],
        ),
        (
            LONDON,
            date(2026, 10, 25),
            [
                "00:30 +0100",
                "01:00 +0100",
                "01:30 +0100",
                "01:00 +0000",
                "01:30 +0000",
                "02:00 +0000",
                "02:30 +0000",
                "03:00 +0000",
                "03:30 +0000",
            ],
        ),
    ],
)
def test_when_clocks_change_no_slot_is_missing_none_is_twice(
    zone: ZoneInfo, day: date, expected: list[str]
) -> None:
    assert walls(day, zone, HoursSession(SUNDAY, 30, 4 * 60, 30)) == expected


@pytest.mark.parametrize("zone", [NEW_YORK, LONDON], ids=["New York", "London"])
@pytest.mark.parametrize("month", [3, 10, 11])
def test_office_hours_on_a_change_day_are_as_on_any_day(zone: ZoneInfo, month: int) -> None:
    sundays = [date(2026, month, 1) + timedelta(days=n) for n in range(30)]
    for day in (one for one in sundays if one.weekday() == SUNDAY and one.month == month):
        got = [wall[:5] for wall in walls(day, zone, HoursSession(SUNDAY, 540, 660, 30))]
        assert got == ["09:00", "09:30", "10:00", "10:30"]


def test_hours_that_begin_inside_the_missing_hour_begin_behind_it() -> None:
    assert walls(date(2026, 3, 8), NEW_YORK, HoursSession(SUNDAY, 150, 210, 15)) == [
        "03:00 -0400",
        "03:15 -0400",
    ]


def test_a_day_is_23_or_25_hours_long_when_clocks_change() -> None:
    days = (date(2026, 3, 28), date(2026, 3, 29), date(2026, 10, 25))
    bounds = [day_bounds(day, LONDON) for day in days]
    assert [(end - start) / timedelta(hours=1) for start, end in bounds] == [24, 23, 25]


def test_validity_bounds_are_inclusive_days() -> None:
    rule = HoursSession(0, 540, 600, 60, date(2026, 1, 5), date(2026, 1, 12))
    given_days = [date(2025, 12, 29) + timedelta(weeks=n) for n in range(4)]
    assert [bool(walls(day, KOLKATA, rule)) for day in given_days] == [False, True, True, False]


@given(
    zone=st.sampled_from([NEW_YORK, LONDON, KOLKATA, ZoneInfo("Australia/Lord_Howe")]),
    day=st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    bounds=st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda b: b[0] < b[1]),
    length=st.integers(5, 120),
)
def test_slots_never_overlap_and_lie_within_the_hours(
    zone: ZoneInfo, day: date, bounds: tuple[int, int], length: int
) -> None:
    rule = HoursSession(day.weekday(), *bounds, length)
    starts = [s for session in sessions_on([rule], day, zone) for s in session.starts()]
    assert all(later - earlier == length for earlier, later in pairwise(starts))
    for start in starts:
        local = to_moment(start, zone)
        minute = local.hour * 60 + local.minute
        assert bounds[0] <= minute < bounds[1]
        assert local.date() == day


@given(
    day=st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    cut=st.integers(30, 1410),
    zone=st.sampled_from([NEW_YORK, LONDON]),
)
def test_two_sessions_that_meet_share_the_day_without_gap_or_overlap(
    day: date, cut: int, zone: ZoneInfo
) -> None:
    weekday = day.weekday()
    whole = sessions_on([HoursSession(weekday, 0, 1440, 5)], day, zone)
    parts = sessions_on(
        [HoursSession(weekday, 0, cut, 5), HoursSession(weekday, cut, 1440, 5)], day, zone
    )
    assert sum(p.end - p.start for p in parts) == whole[0].end - whole[0].start


def test_a_slot_is_taken_by_whatever_overlaps_it_and_free_when_only_touched() -> None:
    base = to_minutes(datetime(2026, 1, 5, 9, tzinfo=UTC))
    session = Session(base, base + 60, 15, 540)
    busy = [(base - 30, base), (base + 10, base + 16), (base + 45, base + 60)]
    assert [free for _, free in free_starts(session, Busy(busy))] == [False, False, True, False]


def test_a_long_appointment_takes_all_slots_under_it_though_a_short_one_began_later() -> None:
    base = to_minutes(datetime(2026, 1, 5, 9, tzinfo=UTC))
    session = Session(base, base + 60, 15, 540)
    busy = [(base + 5, base + 10), (base, base + 45)]
    assert [free for _, free in free_starts(session, Busy(busy))] == [False, False, False, True]
