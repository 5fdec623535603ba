"""A Redis that may go away: asked briefly, and left alone for a while when it does not answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from store.errors import WrongConfiguration

REST_SECONDS = 10.0
"""For how long a Redis that did not answer is not asked again."""

TROUBLE = (RedisError, OSError)
"""What a Redis that does not answer raises."""

_ANSWER_SECONDS = 0.25


class RestingRedis:
    """Redis for what can do without; connects only when it is used. `section` is where the
    configuration names it."""

    def __init__(
        self, url: str, section: str, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        """
        Raises:
            WrongConfiguration: the URL cannot be read.
        """
        try:
            self._redis = Redis.from_url(
                url,
                socket_connect_timeout=_ANSWER_SECONDS,
                socket_timeout=_ANSWER_SECONDS,
                socket_keepalive=True,
                retry=Retry(NoBackoff(), 0),
            )
        except ValueError as error:
            raise WrongConfiguration(
                f"The URL of Redis cannot be read; see [{section}] url: redis://HOST:6379/1"
            ) from error
        self._seconds = seconds
        self.rests_until = 0.0

    @property
    def client(self) -> Redis:
        """The client itself, for who can wait."""
        return self._redis

    def ask(self, question: Callable[[Redis], Any]) -> Any:
        """Redis's answer; None where it does not answer, and until it is asked again."""
        if self._seconds() < self.rests_until:
            return None
        try:
            return question(self._redis)
        except TROUBLE:
            self.rests_until = self._seconds() + REST_SECONDS
            return None
