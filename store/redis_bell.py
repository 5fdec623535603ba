"""Wake-ups by Redis, for the feed of changes (see `wakeups.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from store.resting_redis import TROUBLE, RestingRedis
from store.wakeups import Hear, LineLost

_ANSWER_SECONDS = 5.0


class RedisBell:
    """Wakes those who listen on the same Redis. `hospital` tells one hospital's wake-ups from
    another's, the same on all hosts."""

    def __init__(self, url: str, hospital: str) -> None:
        """Connects only when it is used.

        Raises:
            WrongConfiguration: the URL cannot be read.
        """
        self._redis = RestingRedis(url, "feed")
        self._channel = f"{hospital}:changes"

    def ring(self, topics: Iterable[str]) -> None:
        """Wake the others, if Redis answers; it is no matter if not."""
        told = ",".join(sorted(topics))
        self._redis.ask(lambda redis: redis.publish(self._channel, told))

    @contextmanager
    def listening(self) -> Iterator[Hear]:
        """A line to Redis; wake-ups are heard from here on."""
        try:
            with self._redis.client.pubsub() as line:  # type: ignore[no-untyped-call]
                line.subscribe(self._channel)
                line.get_message(timeout=_ANSWER_SECONDS)

                def hear(seconds: float) -> Iterator[str]:
                    message = line.get_message(ignore_subscribe_messages=True, timeout=seconds)
                    if message is not None:
                        yield message["data"].decode()

                yield hear
        except TROUBLE as error:
            raise LineLost from error
