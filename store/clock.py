"""What time it is, as an argument rather than a global, so that tests can say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the present moment in UTC."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)


@dataclass
class FixedClock:
    """A clock that stands until it is moved; for tests, the demo's history and replays."""

    moment: datetime

    def now(self) -> datetime:
        """The moment the clock stands at, in UTC."""
        return self.moment.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Move the clock forward (or back, with a negative duration)."""
        self.moment += by
