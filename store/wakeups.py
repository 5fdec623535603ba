"""Being told at once that something was committed, on this host or on another.

A wake-up is no news: what happened is read by whoever is woken, from the feed behind the last id
that was seen. One that is lost, late or doubled costs a moment and nothing else. PostgreSQL wakes
by itself (a trigger of the feed, see `guards.py`), Redis besides where it is configured. SQLite
wakes nobody: there one looks often.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from typing import TYPE_CHECKING

from store.database import Database, listening_connection
from store.guards import WAKE_CHANNEL, WAKING

if TYPE_CHECKING:
    from store.redis_bell import RedisBell

Woken = Callable[[frozenset[str]], None]
"""Called from another thread with the topics of what was committed; with none where it cannot be
told, as behind a line that was lost and stands again."""

Hear = Callable[[float], Iterable[str]]
"""The wake-ups of the next so many seconds, each when it comes, as topics with commas between."""

ANYTHING: frozenset[str] = frozenset()

_LOOK_UP_SECONDS = 1.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 5.0  # seconds between attempts to listen again


class LineLost(Exception):
    """The place that wake-ups come from does not answer, or not any more."""


class Ear:
    """Hears wake-ups until it is closed, in a thread for each place that they come from."""

    def __init__(self, lines: Sequence[_Line], complete: _Line | None) -> None:
        self._lines, self._complete = lines, complete
        for line in lines:
            line.start()

    @property
    def hears(self) -> bool:
        """Whether every commit is heard at present, so that looking often is not needed."""
        return self._complete is not None and self._complete.stands

    def close(self) -> None:
        """Hear nothing more; the threads end within a second."""
        for line in self._lines:
            line.ended.set()


def listen(database: Database, bell: RedisBell | None, woken: Woken) -> Ear:
    """Begin to listen wherever this hospital can be heard."""
    by_database = None
    if database.dialect == "postgresql":
        by_database = _Line("database", lambda: _listening(database), woken)
    by_redis = None if bell is None else _Line("redis", bell.listening, woken)
    return Ear([line for line in (by_database, by_redis) if line is not None], by_database)


class _Line(threading.Thread):
    """Listens in one place; where the line is lost it listens anew, ever more rarely."""

    def __init__(
        self, place: str, begin: Callable[[], AbstractContextManager[Hear]], woken: Woken
    ) -> None:
        super().__init__(name=f"wakeups-{place}", daemon=True)
        self._begin, self._woken = begin, woken
        self.stands = False
        self.ended = threading.Event()

    def run(self) -> None:
        pause = _FIRST_PAUSE
        while not self.ended.is_set():
            try:
                with self._begin() as hear:
                    pause = _FIRST_PAUSE
                    self._turn(stands=True)
                    self._listen(hear)
            except LineLost:
                self._turn(stands=False)
            # Not all terminals at once, when a server comes back.
            self.ended.wait(pause * random.uniform(0.5, 1.0))  # noqa: S311
            pause = min(pause * 2, _LONGEST_PAUSE)
        self.stands = False

    def _listen(self, hear: Hear) -> None:
        while not self.ended.is_set():
            for topics in hear(_LOOK_UP_SECONDS):
                self._woken(frozenset(filter(None, topics.split(","))))

    def _turn(self, *, stands: bool) -> None:
        """Whoever waits looks once when the line is lost, and once when it stands: what was
        committed between is behind the last id that was seen."""
        changed, self.stands = stands != self.stands, stands
        if changed and not self.ended.is_set():
            self._woken(ANYTHING)


@contextmanager
def _listening(database: Database) -> Iterator[Hear]:
    """A connection of its own to PostgreSQL."""
    import psycopg

    try:
        with closing(listening_connection(database)) as connection:
            there = connection.execute("SELECT 1 FROM pg_trigger WHERE tgname = %s", [WAKING])
            if there.fetchone() is None:
                raise LineLost("nobody is woken before chikitsa db upgrade")
            connection.execute(f"LISTEN {WAKE_CHANNEL}")

            def hear(seconds: float) -> Iterator[str]:
                for notice in connection.notifies(timeout=seconds):
                    yield notice.payload

            yield hear
    except psycopg.Error as error:
        raise LineLost from error
