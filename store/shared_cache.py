"""The cache of several processes and hosts, in Redis: what one has counted, all know.

Redis is a convenience. Where it does not answer, each process goes on with what it has counted by
itself, and asks again after a while. Values are written as JSON and checked when they are read:
whoever can write into that Redis must not be able to run anything here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from msgspec import DecodeError, json

from store.cache import ProcessCache
from store.resting_redis import RestingRedis

T = TypeVar("T")

_KEPT_SECONDS = 3600


class SharedCache:
    """What this process has counted, and behind it Redis. `hospital` tells the keys of one
    hospital from those of others in the same Redis."""

    def __init__(
        self, url: str, hospital: str, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        """Connects only when it is used.

        Raises:
            WrongConfiguration: the URL cannot be read.
        """
        self._redis = RestingRedis(url, "cache", seconds)
        self._prefix = f"chikitsa:{hospital}:"
        self._near = ProcessCache()

    def get(self, key: str, kind: type[T]) -> T | None:
        """What this process keeps, else what Redis does."""
        found = self._near.get(key, kind)
        if found is not None:
            return found
        text = self._redis.ask(lambda redis: redis.get(self._prefix + key))
        if text is None:
            return None
        try:
            value = json.decode(text, type=kind)
        except DecodeError:
            return None
        self._near.put(key, value)
        return value

    def put(self, key: str, value: object) -> None:
        """Keep it here and there."""
        self._near.put(key, value)
        text = json.encode(value)
        self._redis.ask(lambda redis: redis.set(self._prefix + key, text, ex=_KEPT_SECONDS))
