"""A range that is being marked in a calendar: from where it was begun to the cursor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from widgets.calendar_grid import Place, Span


@dataclass(frozen=True, slots=True)
class Mark:
    """Where marking began. `whole_days` is wanted by the person; several days are whole anyway,
    for leave is one span, and nobody means the nights between by pointing at two times."""

    begun: Place
    whole_days: bool = False

    def in_days(self, here: Place) -> bool:
        """Whether what is marked are whole days."""
        begun = self.begun
        timeless = begun.span is None or here.span is None
        return self.whole_days or timeless or begun.day != here.day

    def span(self, here: Place, zone: tzinfo | None) -> Span:
        """The marked range, half-open, with the cursor at `here`."""
        begun = self.begun
        if self.in_days(here) or begun.span is None or here.span is None:
            first, last = sorted((begun.day, here.day))
            return _midnight(first, zone), _midnight(last + timedelta(days=1), zone)
        return min(begun.span[0], here.span[0]), max(begun.span[1], here.span[1])

    def covers(self, place: Place, here: Place) -> bool:
        """Whether a place is marked, with the cursor at `here`."""
        if self.in_days(here):
            first, last = sorted((self.begun.day, here.day))
            return first <= place.day <= last
        start, end = self.span(here, None)
        if place.day != here.day or place.span is None:
            return False
        return place.span[0] < end and start < place.span[1]


def _midnight(day: date, zone: tzinfo | None) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)
