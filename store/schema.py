"""The schema: making a new hospital, upgrading one, looking for damage."""

from __future__ import annotations

import secrets
import uuid
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from store import chain, guards, last_backup, patient_keys, roles, schema_version
from store.clock import Clock
from store.database import APPLICATION_ID, Database, explain, unpooled
from store.errors import Damaged, Duplicate, Invalid
from store.hospital import HospitalRules
from store.roles import NOBODY, Grantees
from store.tables import Hospital, table_of

if TYPE_CHECKING:
    from alembic.config import Config


def upgrade(database: Database, grantees: Grantees = NOBODY) -> None:
    """Bring the schema to this program's version, from nothing or from any earlier one; on
    PostgreSQL as the role that owns the tables, which others are then let use.

    Raises:
        WrongConfiguration: the database is of a newer program, or has no such role.
        Unavailable: the database does not answer.
    """
    from alembic import command

    engine = unpooled(database)
    try:
        with engine.connect() as connection:
            if database.dialect == "sqlite":
                _prepare_sqlite(connection)
            with connection.begin():
                _require_not_newer(connection)
                if database.dialect == "sqlite":
                    connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
                command.upgrade(_config(connection), "head")
                guards.install(connection)
                patient_keys.bring_up_to_date(connection)
                _require_whole(connection)
                if database.dialect == "postgresql":
                    roles.grant(connection, grantees)
    except DBAPIError as error:
        raise explain(error, database.path) from error
    finally:
        engine.dispose()


def found(
    database: Database,
    hospital: HospitalRules,
    clock: Clock,
    *,
    demo: bool = False,
    grantees: Grantees = NOBODY,
) -> None:
    """Make the database a hospital: schema, identity, nothing else.

    Raises:
        Duplicate: there is a hospital in it already.
    """
    upgrade(database, grantees)
    rows = table_of(Hospital)
    with database.begin(write=True) as connection:
        if connection.execute(rows.select()).first() is not None:
            raise Duplicate("There is a hospital in this database already; it is left alone.")
        connection.execute(
            rows.insert().values(
                id=1,
                uid=str(uuid.uuid4()),
                archive_key=secrets.token_hex(32),
                name=hospital.name,
                timezone=hospital.timezone.key,
                created_at=clock.now(),
                is_demo=demo,
            )
        )


def current(database: Database) -> str | None:
    """The schema version found in the database; None where there is no schema."""
    from alembic.migration import MigrationContext

    try:
        with database.begin(write=False) as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except DBAPIError as error:
        raise explain(error, database.path) from error


def damage(connection: Connection) -> list[str]:
    """Look for damage: file structure, references, overlaps, and audit entries that do not hold.
    Empty means sound."""
    problems: list[str] = []
    if connection.dialect.name == "sqlite":
        problems += [f"file: {line}" for line in _damage_of_file(connection)]
        problems += [
            f"reference: {row[0]} row {row[1]} points to a missing {row[2]}"
            for row in connection.exec_driver_sql("PRAGMA foreign_key_check")
        ]
    overlaps = connection.execute(text(OVERLAPS)).all()
    problems += [f"overlap: appointments {row[0]} and {row[1]}" for row in overlaps]
    held, broken = chain.first_broken(connection)
    if broken is not None:
        problems.append(f"audit: entry {broken} does not hold, the {held} before it do")
    return problems


def check(database: Database) -> list[str]:
    """As `damage`, of a database that is in use.

    Raises:
        Unavailable: it does not answer, or is so damaged that it cannot be looked through.
    """
    try:
        with database.begin(write=False) as connection:
            return damage(connection)
    except DBAPIError as error:
        raise explain(error, database.path) from error


def require_whole_file(database: Database) -> None:
    """Refuse to work on in a SQLite file that is damaged, which most statements would not notice:
    what is read from it may be wrong, and what is written lost. Takes about a second per gigabyte.

    Raises:
        Damaged: it is.
        Unavailable: it does not answer.
    """
    if database.dialect != "sqlite":
        return
    try:
        with database.begin(write=False) as connection:
            found = _damage_of_file(connection)
    except DBAPIError as error:
        raise explain(error, database.path) from error
    if found:
        remedy = last_backup.remedy(database.path)
        raise Damaged(f"The database file is damaged: {found[0]}. {remedy}")


def _damage_of_file(connection: Connection) -> list[str]:
    """Of what is on the disk, not of what this connection remembers of it."""
    connection.exec_driver_sql("PRAGMA shrink_memory")
    told = "\n".join(connection.exec_driver_sql("PRAGMA quick_check").scalars())
    return [line for line in told.splitlines() if line != "ok" and not line.startswith("***")]


OVERLAPS = """
SELECT a.id, b.id FROM appointment a JOIN appointment b
  ON a.doctor_id = b.doctor_id AND a.id < b.id
 AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
WHERE a.status IN ('booked', 'checked_in', 'in_consultation', 'completed')
  AND b.status IN ('booked', 'checked_in', 'in_consultation', 'completed')
  AND NOT a.overbooked AND NOT b.overbooked
LIMIT 20
"""
"""Pairs of appointments that hold the same doctor's time; there must never be one."""


def _require_not_newer(connection: Connection) -> None:
    """On PostgreSQL also wait until every unit of work has ended, for each has read the version
    (`schema_version.require`); those that begin now wait until the upgrade has committed."""
    if not inspect(connection).has_table("alembic_version"):
        return
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE"))
    version = connection.execute(schema_version.VERSION).scalar()
    if version is not None and version > schema_version.newest():
        raise schema_version.newer_database(version)


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(schema_version.MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _prepare_sqlite(connection: Connection) -> None:
    raw = connection.connection.dbapi_connection
    assert raw is not None
    raw.isolation_level = None
    # Batch operations drop and rebuild tables: with foreign keys on, children would go with them.
    raw.execute("PRAGMA foreign_keys=OFF")
    raw.execute("PRAGMA busy_timeout=5000")
    raw.execute("PRAGMA journal_mode")
    raw.execute("BEGIN IMMEDIATE")


def _require_whole(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise Invalid(
            f"The upgrade would leave a broken reference in {broken[0]}; nothing changed."
        )
