"""The alarm clock: Huey on a SQLite file or on Redis.

A task in the queue is a name and nothing else, signed with the hospital's key. It is no promise
either: Huey loses a task whose worker is killed and may ring twice, and the outbox makes neither
matter.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import redis
from huey import Huey, PriorityRedisExpireHuey, SqliteHuey
from huey.exceptions import HueyException
from huey.registry import Message
from huey.serializer import Serializer
from redis.backoff import NoBackoff
from redis.retry import Retry

from store.errors import Unavailable, WrongConfiguration
from store.queue_key import QueueKey

TROUBLE = (redis.RedisError, OSError, sqlite3.Error)
"""What a queue that does not answer raises."""

_REDIS_SECONDS = 5.0


@dataclass(frozen=True)
class QueueSettings:
    """Where the queue is: an absolute file name for `sqlite`, a URL for `redis`; and whose."""

    backend: Literal["sqlite", "redis"]
    location: str
    key: QueueKey


class SignedNames(Serializer):  # type: ignore[misc]
    """Writes a task as its id, its name and a signature (HMAC-SHA256), in JSON.

    Huey's own way is pickle, which runs what it is given: then whoever may write into the queue
    could run anything here. As it is, nothing but a name is read at all, and only one of ours.
    """

    def __init__(self, secret: bytes) -> None:
        super().__init__()
        self._secret = secret

    def _serialize(self, data: Any) -> bytes:
        if not isinstance(data, Message) or data.args or data.kwargs:
            raise HueyException("Only tasks without arguments go into this queue.")
        return json.dumps([data.id, data.name, self._signature(data.id, data.name)]).encode()

    def _deserialize(self, data: bytes) -> Message:
        match json.loads(data):
            case [str(id_), str(name), str(signature)] if hmac.compare_digest(
                signature.encode(), self._signature(id_, name).encode()
            ):
                return Message(id=id_, name=name, retries=0, retry_delay=0, args=(), kwargs={})
        raise HueyException("This is no task of ours.")

    def _signature(self, id_: str, name: str) -> str:
        return hmac.new(self._secret, f"{id_}\n{name}".encode(), hashlib.sha256).hexdigest()


def build_queue(settings: QueueSettings) -> Huey:
    """The queue that the settings describe. Connects to Redis only when it is used.

    Raises:
        Unavailable: the file cannot be made or opened.
        WrongConfiguration: the URL cannot be read.
    """
    shared: dict[str, Any] = {"results": False, "utc": False}
    shared["serializer"] = SignedNames(settings.key.secret)
    name = settings.key.name
    if settings.backend == "redis":
        pool = _redis_pool(settings.location)
        return PriorityRedisExpireHuey(name, connection_pool=pool, **shared)
    try:
        path = Path(settings.location)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        return SqliteHuey(name, filename=str(path), timeout=10, **shared)
    except (OSError, sqlite3.Error) as error:
        raise Unavailable(
            f"The queue {settings.location} cannot be opened. See [queue] in the configuration."
        ) from error


def _redis_pool(url: str) -> redis.ConnectionPool:
    try:
        return redis.ConnectionPool.from_url(
            url,
            # redis-py's own retries keep a caller three seconds for a server that is down.
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=_REDIS_SECONDS,
        )
    except ValueError as error:
        raise WrongConfiguration(
            "The queue's URL cannot be read; see [queue] url: redis://HOST:6379/0"
        ) from error


def check(queue: Huey) -> None:
    """Ask the queue for a sign of life.

    Raises:
        Unavailable: it does not answer.
    """
    try:
        queue.pending_count()
    except TROUBLE as error:
        raise Unavailable("The queue does not answer. See [queue] in the configuration.") from error
