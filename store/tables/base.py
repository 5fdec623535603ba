"""What all tables share: constraint names, checks, and the columns of authorship."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Integer, Table
from sqlmodel import Field, SQLModel

# Rows are checked by the rules and by the database. Pydantic's checks of them would be made when
# the tables are loaded, in a tenth of the time that takes, and never be asked.
SQLModel.model_config["defer_build"] = True

# Named constraints, so that a migration can drop by name what a batch operation must rebuild.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

BigId = BigInteger().with_variant(Integer, "sqlite")
"""For rows that a busy hospital makes by the million; SQLite's rowid is 64 bits anyway."""


def one_of(column: str, values: type[StrEnum] | list[str]) -> CheckConstraint:
    """A check that a text column holds one of an enumeration's values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Stamped(SQLModel):
    """Who made a row and when, who changed it last and when (UTC), and its `version`.

    `version` rises with each change; an update names the version it read (compare-and-set).
    """

    created_at: datetime
    created_by: int | None = Field(default=None, foreign_key="account.id")
    updated_at: datetime
    updated_by: int | None = Field(default=None, foreign_key="account.id")
    version: int = Field(default=1)


def table_of(model: type[SQLModel]) -> Table:
    """The Core table of a model, for hot reads and batches that build no objects."""
    table: Any = model.__table__  # type: ignore[attr-defined]
    assert isinstance(table, Table)
    return table
