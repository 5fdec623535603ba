"""Which version of the schema this program works with, and that the database has no other.

It is asked where a hospital is opened, and again in every unit of work: the database may be
upgraded, or an older one put in its place, while programs run. What they would write then, by what
they know of the tables, nobody could answer for. On PostgreSQL having asked also keeps an upgrade
waiting until the unit has ended (see `schema.upgrade`); on SQLite writers exclude each other.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Select, String, column, select, table
from sqlalchemy.exc import DBAPIError, ProgrammingError

from store.database import Database, explain
from store.errors import OtherVersion, WrongConfiguration
from store.prepared import Prepared

MIGRATIONS = Path(__file__).parent / "migrations"

VERSION: Select[str] = select(column("version_num", String())).select_from(table("alembic_version"))
"""The version of the database's schema."""

_VERSION = Prepared(VERSION)


@cache
def newest() -> str:
    """The schema version that this program works with. Looked up once: an update of the program
    puts other files in the place of those that run."""
    revisions = sorted(path.stem for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
    return revisions[-1].split("_", 1)[0]


def require(connection: Connection) -> None:
    """Refuse to go on in a database whose schema is another than this program's.

    Raises:
        OtherVersion: the program has to be started anew.
    """
    found = _VERSION.rows(connection, {})
    require_found(found[0][0] if found else None)


def require_found(version: str | None) -> None:
    """As `require`, of a version that was read already."""
    if version != newest():
        raise OtherVersion(version, newest())


def require_at_start(database: Database) -> None:
    """Refuse to open a hospital whose schema is another than this program's; nothing is written.

    Raises:
        WrongConfiguration: says which command mends it.
        Unavailable: the database does not answer.
    """
    try:
        with database.begin(write=False) as connection:
            require(connection)
    except OtherVersion as other:
        if other.found is not None and other.found > other.needed:
            raise newer_database(other.found) from None
        raise WrongConfiguration(
            f"The database has schema {other.found}, this program needs {other.needed}."
            " Run: chikitsa db upgrade",
            found=other.found,
            needed=other.needed,
        ) from None
    except DBAPIError as error:
        if not lacks_something(error):
            raise explain(error, database.path) from error
        raise WrongConfiguration(
            "There is no hospital in this database. Make one with: chikitsa init"
        ) from error


def newer_database(found: str) -> WrongConfiguration:
    """What to say of the database of a newer program."""
    return WrongConfiguration(
        f"The database has schema {found}, newer than {newest()}, which this program knows."
        " Nothing was touched; update the program.",
        found=found,
        needed=newest(),
    )


def lacks_something(error: DBAPIError) -> bool:
    """Whether a statement failed for a table or a column that is not there."""
    return isinstance(error, ProgrammingError) or "no such" in str(error.orig)
