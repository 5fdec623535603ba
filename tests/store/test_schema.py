"""The schema that the migrations make is the one that the tables describe."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlmodel import SQLModel

from store.front_door import Store


def test_the_migrations_make_what_the_tables_describe(store: Store) -> None:
    with store.database.begin(write=False) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
