"""From weekly hours to slots: integers only, no database, no clock.

Weekly hours are wall-clock rules. Each date turns them into minutes since the epoch (UTC) with
that date's own offset, and slots are stepped in real minutes within a session. So on the day
when clocks go forward no slot falls into the hour that does not exist, and on the day when they
go back the repeated hour is offered twice, once for each real hour.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple
from zoneinfo import ZoneInfo

from store.values import HoursSession

Span = tuple[int, int]
"""A half-open range of minutes since the epoch (UTC)."""


class Session(NamedTuple):
    """One date's session: its span, its slot length in minutes, and the wall-clock minute at
    which the rule starts it (the name of its queue)."""

    start: int
    end: int
    slot_minutes: int
    start_minute: int

    def starts(self) -> range:
        """The minutes at which its slots begin; a rest too short for a slot is not offered."""
        return range(self.start, self.end - self.slot_minutes + 1, self.slot_minutes)


def sessions_on(rules: Iterable[HoursSession], day: date, timezone: ZoneInfo) -> list[Session]:
    """The sessions that weekly rules give on a date, in order."""
    wall = _wall(day, timezone)
    found = []
    for rule in rules:
        if rule.weekday != day.weekday() or not _valid_on(rule, day):
            continue
        start, end = wall.minute(rule.start_minute), wall.minute(rule.end_minute)
        if start < end:
            found.append(Session(start, end, rule.slot_minutes, rule.start_minute))
    return sorted(found, key=lambda session: session.start)


class Busy:
    """Spans that take time, however many, asked which slots they are in the way of."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans = sorted(spans)
        self._starts = [start for start, _ in self._spans]
        # How far all that begin before the n-th reach.
        self._reach = list(accumulate((end for _, end in self._spans), max, initial=-1))

    def free(self, session: Session) -> bytearray:
        """For each slot of a session 1 where nothing overlaps it, and else 0."""
        first, length, slots = session.start, session.slot_minutes, len(session.starts())
        free = bytearray(b"\1") * slots
        place = bisect_left(self._starts, session.end)
        while self._reach[place] > first:
            place -= 1
            start, end = self._spans[place]
            if end > first:
                low = max(0, (start - first) // length)
                high = min(slots, (end - first + length - 1) // length)
                free[low:high] = bytes(max(0, high - low))
        return free


def free_starts(session: Session, busy: Busy) -> Iterator[tuple[int, bool]]:
    """Each slot's first minute and whether nothing busy overlaps it."""
    return zip(session.starts(), map(bool, busy.free(session)), strict=True)


def to_minutes(moment: datetime) -> int:
    """A moment as whole minutes since the epoch, rounded down."""
    return int(moment.timestamp() // 60)


def to_minutes_up(moment: datetime) -> int:
    """A moment as whole minutes since the epoch, rounded up."""
    return int(-(-moment.timestamp() // 60))


def to_moment(minute: int, timezone: ZoneInfo) -> datetime:
    """A minute since the epoch as an aware datetime."""
    return datetime.fromtimestamp(minute * 60, timezone)


@lru_cache(1_000)
def day_bounds(day: date, timezone: ZoneInfo) -> tuple[datetime, datetime]:
    """A local day as a half-open pair of UTC moments; 23 or 25 hours when clocks change."""
    wall = _wall(day, timezone)
    return to_moment_utc(wall.minute(0)), to_moment_utc(wall.minute(1440))


def to_moment_utc(minute: int) -> datetime:
    """A minute since the epoch as an aware datetime in UTC."""
    return datetime.fromtimestamp(minute * 60, UTC)


def _valid_on(rule: HoursSession, day: date) -> bool:
    return (rule.valid_from is None or rule.valid_from <= day) and (
        rule.valid_to is None or day <= rule.valid_to
    )


class _Wall:
    """Wall-clock minutes of one date as minutes since the epoch, never going backwards."""

    def __init__(self, day: date, timezone: ZoneInfo) -> None:
        self._midnight = datetime.combine(day, time(0))
        self._timezone = timezone
        first, last = self._exact(0), self._exact(1440)
        self._regular = last - first == 1440
        self._first = first

    def minute(self, wall: int) -> int:
        """The moment of a wall-clock minute: the first of two, the next existing of none."""
        if self._regular:
            return self._first + wall
        exact = self._exact(wall)
        return exact if self._exists(wall, exact) else self._gap_end(wall)

    def _exact(self, wall: int, fold: int = 0) -> int:
        local = (self._midnight + timedelta(minutes=wall)).replace(tzinfo=self._timezone, fold=fold)
        return int(local.timestamp() // 60)

    def _exists(self, wall: int, exact: int) -> bool:
        back = to_moment(exact, self._timezone).replace(tzinfo=None)
        return back == self._midnight + timedelta(minutes=wall)

    def _gap_end(self, wall: int) -> int:
        """Where the clocks jump over this minute: the first minute that has the new offset."""
        before, after = self._exact(wall, fold=1), self._exact(wall, fold=0)
        new_offset = to_moment(after, self._timezone).utcoffset()
        return next(
            minute
            for minute in range(before, after + 1)
            if to_moment(minute, self._timezone).utcoffset() == new_offset
        )


@lru_cache(1_000)
def _wall(day: date, timezone: ZoneInfo) -> _Wall:
    """One for all doctors of a day."""
    return _Wall(day, timezone)
