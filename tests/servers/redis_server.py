"""Redis for the tests: the database CHIKITSA_TEST_REDIS names, which is emptied, else Debian's."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.servers.process import GuardedServer, ServerMissing, free_port

ENVIRONMENT = "CHIKITSA_TEST_REDIS"


def client(url: str) -> redis.Redis:
    """A client that fails at once rather than after redis-py's three seconds of retries."""
    return redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0), socket_connect_timeout=1)


@contextmanager
def running_redis() -> Iterator[str]:
    """The URL of a Redis database; raises ServerMissing where none can be had."""
    given = os.environ.get(ENVIRONMENT)
    if given:
        yield given
        return
    with own_redis(free_port()) as url:
        yield url


@contextmanager
def own_redis(port: int) -> Iterator[str]:
    """A server of one's own, to be ended and started anew at the same place; as `running_redis`."""
    program = shutil.which("redis-server")
    if program is None:
        raise ServerMissing(f"no Redis: apt-get install redis-server, or set {ENVIRONMENT}")
    folder = Path(tempfile.mkdtemp(prefix="chikitsa-redis-"))
    options = {"port": str(port), "bind": "127.0.0.1", "save": "", "appendonly": "no"}
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    server = GuardedServer([program, *words, "--dir", str(folder)], folder=folder)
    url = f"redis://127.0.0.1:{port}/0"
    server.wait_until(lambda: _answers(url))
    try:
        yield url
    finally:
        server.stop()


def _answers(url: str) -> bool:
    try:
        with client(url) as connection:
            return bool(connection.ping())
    except redis.RedisError:
        return False
