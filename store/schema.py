"""The schema's version: making a new hospital, upgrading one, refusing what does not fit."""

from __future__ import annotations

import secrets
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from store import chain, guards, patient_keys, roles
from store.clock import Clock
from store.database import APPLICATION_ID, Database, explain, unpooled
from store.errors import Duplicate, Invalid, WrongConfiguration
from store.hospital import HospitalRules
from store.roles import NOBODY, Grantees
from store.tables import Hospital, table_of

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS = Path(__file__).parent / "migrations"


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
                config = _config(connection)
                command.upgrade(config, "head")
                guards.install(connection)
                patient_keys.bring_up_to_date(connection)
                _require_whole(connection)
                if database.dialect == "postgresql":
                    roles.grant(connection, grantees)
    except DBAPIError as error:
        raise explain(error) from error
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
        raise explain(error) from error


def newest() -> str:
    """The schema version that this program works with."""
    revisions = sorted(path.stem for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))
    return revisions[-1].split("_", 1)[0]


def require_current(database: Database) -> None:
    """Refuse a database whose schema is not this program's.

    Raises:
        WrongConfiguration: says which command mends it.
    """
    try:
        with database.begin(write=False) as connection:
            found_version = connection.execute(
                text("SELECT version_num FROM alembic_version")
            ).scalar()
    except DBAPIError as error:
        explained = explain(error)
        if explained is not error and "no such table" not in str(error.orig):
            raise explained from error
        raise WrongConfiguration(
            "There is no hospital in this database. Make one with: chikitsa init"
        ) from error
    if found_version != newest():
        raise WrongConfiguration(
            f"The database has schema {found_version}, this program needs {newest()}."
            " Run: chikitsa db upgrade",
            found=found_version,
            needed=newest(),
        )


def damage(connection: Connection) -> list[str]:
    """Look for damage: file structure, references, overlaps, and audit entries that do not hold.
    Empty means sound."""
    problems: list[str] = []
    if connection.dialect.name == "sqlite":
        lines = connection.exec_driver_sql("PRAGMA quick_check").scalars()
        problems += [f"file: {line}" for line in lines if line != "ok"]
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
    """As `damage`, of a database that is in use."""
    with database.begin(write=False) as connection:
        return damage(connection)


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


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
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
    raw.execute(f"PRAGMA application_id={APPLICATION_ID}")
    raw.execute("BEGIN IMMEDIATE")


def _require_whole(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise Invalid(
            f"The upgrade would leave a broken reference in {broken[0]}; nothing changed."
        )
