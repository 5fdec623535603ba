"""Moments of the database read as whole minutes since the epoch, without a datetime between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Dialect, TypeDecorator, type_coerce
from sqlmodel.sql.sqltypes import UTCDateTime

from store.slots import to_minutes, to_minutes_up


class _Minutes(TypeDecorator[int]):
    """A column of moments whose values come out as minutes."""

    impl = UTCDateTime
    cache_ok = True

    def __init__(self, up: bool) -> None:
        super().__init__()
        self.up = up

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:  # noqa: ARG002
        """SQLite keeps text, and a hospital's moments are the same few again and again."""
        if dialect.name == "sqlite":
            return _from_text_up if self.up else _from_text
        return to_minutes_up if self.up else to_minutes


def minutes(moment: Column[Any] | ColumnElement[Any]) -> ColumnElement[int]:
    """The moments of a column as minutes, rounded down."""
    return type_coerce(moment, _Minutes(up=False))


def minutes_up(moment: Column[Any] | ColumnElement[Any]) -> ColumnElement[int]:
    """The moments of a column as minutes, rounded up."""
    return type_coerce(moment, _Minutes(up=True))


@lru_cache(20_000)
def _from_text(kept: str) -> int:
    return to_minutes(datetime.fromisoformat(kept).replace(tzinfo=UTC))


@lru_cache(20_000)
def _from_text_up(kept: str) -> int:
    return to_minutes_up(datetime.fromisoformat(kept).replace(tzinfo=UTC))
