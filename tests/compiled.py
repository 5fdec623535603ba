"""SQL statements compiled once for all databases of a test process.

SQLAlchemy keeps what it compiled beside each engine, by the engine's own dialect. Every test has a
new one of both, and compiling the same statements again was a tenth of the time of the tests.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

_compiled: LRUCache[Any, Any] = LRUCache(5_000)


def compile_once() -> None:
    """Let all engines of this process share what is compiled."""
    DefaultDialect.__eq__ = _same_kind  # type: ignore[method-assign,assignment]
    DefaultDialect.__hash__ = _kind  # type: ignore[method-assign,assignment]
    event.listen(Engine, "engine_connect", _share)


def _same_kind(one: DefaultDialect, other: object) -> bool:
    return type(one) is type(other)


def _kind(dialect: DefaultDialect) -> int:
    return hash(type(dialect))


def _share(connection: Connection) -> None:
    connection.engine._compiled_cache = _compiled
