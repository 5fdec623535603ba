"""Leaving a mail server alone that does not answer, so that nothing waits for it in vain."""

from __future__ import annotations

import random
import threading
from datetime import datetime, timedelta

_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15))
_JITTER = 0.2


class Breaker:
    """Open for a while after each failure, longer after each that follows: 1, 5, then 15 minutes,
    give or take a fifth, so that several workers do not come back together. For any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._until: datetime | None = None
        self._reason = ""

    def reason(self, now: datetime) -> str | None:
        """Why nothing is to be tried at this moment; None where it may be."""
        with self._lock:
            # A pause further ahead than any pause lasts is a clock that was set back.
            longest = _PAUSES[-1] * (1 + _JITTER)
            shut = self._until is not None and now < self._until <= now + longest
            return self._reason if shut else None

    def failed(self, now: datetime, reason: str) -> None:
        """The server could not be used; of several workers who found out together, once."""
        with self._lock:
            if self._until is not None and now < self._until:
                return
            pause = _PAUSES[min(self._failures, len(_PAUSES) - 1)]
            self._failures += 1
            factor = 1 + random.uniform(-_JITTER, _JITTER)  # noqa: S311 -- spreads the workers
            self._until, self._reason = now + pause * factor, reason

    def worked(self) -> None:
        """The server took a message."""
        with self._lock:
            self._failures, self._until, self._reason = 0, None, ""
