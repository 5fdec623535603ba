"""The hospital's clock in a database that knows only UTC: the hour in which a moment lies.

Between two changes of the clocks, local time is a fixed number of seconds away from UTC: a count
by hours needs no more than these numbers, whatever the zone's offset and whenever clocks change.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, Integer, case, cast, extract, func

from store.slots import day_bounds, to_minutes, to_moment_utc

Days = tuple[date, date]
"""The first and the last of some days."""

_EPOCH_DAY = date(1970, 1, 1).toordinal()


def bounds_of(days: Days, timezone: ZoneInfo) -> tuple[datetime, datetime]:
    """Some days as a half-open pair of UTC moments."""
    return day_bounds(days[0], timezone)[0], day_bounds(days[1], timezone)[1]


def each_of(days: Days) -> Iterator[date]:
    """One after the other."""
    first, last = days
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def hour_of_clock(
    moment: ColumnElement[datetime], days: Days, timezone: ZoneInfo, dialect: str
) -> ColumnElement[int]:
    """The hour of the local clock in which a moment of these days lies, counted from 1970; see
    `day_and_hour`."""
    seconds: ColumnElement[int] = (
        cast(func.strftime("%s", moment), Integer)
        if dialect == "sqlite"
        else cast(func.floor(extract("epoch", moment)), BigInteger)
    )
    (_, offset), *later = _offsets(days, timezone)
    shift: Any = offset
    if later:
        shift = case(
            *((moment >= since, seconds_off) for since, seconds_off in reversed(later)),
            else_=offset,
        )
    hour: ColumnElement[int] = (seconds + shift) // 3600
    return hour


def day_and_hour(hours: int) -> tuple[date, int]:
    """The local day and hour of what `hour_of_clock` counted."""
    return date.fromordinal(_EPOCH_DAY + hours // 24), hours % 24


def _offsets(days: Days, timezone: ZoneInfo) -> list[tuple[datetime, int]]:
    """The clock's distances from UTC in seconds during some days, each with the moment from which
    it holds."""

    def offset(minute: int) -> int:
        away = to_moment_utc(minute).astimezone(timezone).utcoffset()
        return int(away.total_seconds()) if away is not None else 0

    start, end = bounds_of(days, timezone)
    found = [(start, offset(to_minutes(start)))]
    for day in each_of(days):
        low, high = (to_minutes(at) for at in day_bounds(day, timezone))
        before = found[-1][1]
        if offset(high) != before:
            change = next(one for one in range(low, high + 1) if offset(one) != before)
            found.append((to_moment_utc(change), offset(high)))
    return [one for one in found if one[0] < end]
