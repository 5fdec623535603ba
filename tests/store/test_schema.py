"""The schema that the migrations make is the one that the tables describe, and no program works
with another than its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlmodel import SQLModel

from store import departments, schema, schema_version
from store.actors import system
from store.database import open_database
from store.errors import OtherVersion, WrongConfiguration
from store.front_door import Store
from store.transaction import Transaction
from tests.hospital import MakeStore, actor_of, admin, owning
from tests.servers.postgres import as_owner
from tests.servers.process import wait_until


def test_the_migrations_make_what_the_tables_describe(store: Store) -> None:
    with store.database.begin(write=False) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


OLDER, NEWER = "0001", "9999"


def become(store: Store, version: str) -> None:
    """Let the schema be another program's."""
    with owning(store) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})


@pytest.mark.parametrize("version", [OLDER, NEWER])
def test_a_program_of_another_version_stops_before_it_writes(store: Store, version: str) -> None:
    root = actor_of(store, admin(store))
    become(store, version)
    for actor in (root, system()):
        for unit in (store.write, store.read):
            with pytest.raises(OtherVersion, match=rf"{version}.* nothing was saved.* again"):
                unit(actor, lambda _: pytest.fail("it went on"))
    with pytest.raises(WrongConfiguration, match=r"update the|db upgrade"):
        schema_version.require_at_start(store.database)
    become(store, schema_version.newest())
    store.write(root, departments.create, name="Eyes")


def test_what_was_read_is_not_noted_in_another_versions_trail(store: Store) -> None:
    root = actor_of(store, admin(store))

    def note(tx: Transaction) -> None:
        tx.record("patient.read", "patient", "1")
        become(store, NEWER)

    with pytest.raises(OtherVersion):
        store.read(root, note)
    with owning(store) as connection:
        noted = "SELECT count(*) FROM audit_entry WHERE action = 'patient.read'"
        assert connection.execute(text(noted)).scalar_one() == 0


def test_a_column_that_has_gone_is_another_version_and_no_fault(store: Store) -> None:
    root = actor_of(store, admin(store))
    become(store, NEWER)
    with owning(store) as connection:
        connection.execute(text("ALTER TABLE login_session RENAME COLUMN ended_at TO over_at"))
    with pytest.raises(OtherVersion):
        store.write(root, departments.create, name="Eyes")


def test_a_newer_database_is_not_upgraded(store: Store) -> None:
    become(store, NEWER)
    url = as_owner(store.database.engine.url).render_as_string(hide_password=False)
    with pytest.raises(WrongConfiguration, match="update the program"):
        schema.upgrade(open_database(url))


def test_an_upgrade_waits_for_the_units_under_way(
    found_postgres: Callable[..., str], make_store: MakeStore
) -> None:
    store = make_store(found_postgres())
    url = as_owner(store.database.engine.url).render_as_string(hide_password=False)
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'relation'")

    def waits() -> bool:
        with store.database.begin(write=False) as connection:
            return bool(connection.execute(waiting).scalar_one())

    with ThreadPoolExecutor(1) as pool:
        with store.transaction(system()) as tx:
            upgrading = pool.submit(schema.upgrade, open_database(url))
            wait_until(waits, lambda: "it does not wait")
            departments.create(tx, name="Eyes")
        upgrading.result(20)
