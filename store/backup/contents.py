"""What is in a database, to compare a backup with what was written down of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, text
from sqlmodel import SQLModel

from store import chain
from store.tables import AuditEntry, Hospital, table_of

_ENTRY, _HOSPITAL = table_of(AuditEntry), table_of(Hospital)


@dataclass(frozen=True, slots=True)
class Contents:
    """A hospital at one moment: which it is, its schema, how many rows each table has, and the
    newest entry of its audit trail."""

    hospital: str
    name: str
    schema: str
    rows: Mapping[str, int]
    audit_entries: int
    audit_hash: str


def contents_of(connection: Connection) -> Contents:
    """What is there, as this connection's transaction sees it."""
    hospital = connection.execute(select(_HOSPITAL.c.uid, _HOSPITAL.c.name)).one()
    version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    newest = connection.execute(
        select(_ENTRY.c.id, _ENTRY.c.hash).order_by(_ENTRY.c.id.desc()).limit(1)
    ).first()
    number, digest = (newest.id, newest.hash) if newest else (0, chain.GENESIS)
    return Contents(hospital.uid, hospital.name, version, _rows(connection), number, digest)


def _rows(connection: Connection) -> dict[str, int]:
    """Of the tables that are there: a backup may be of an older schema."""
    there = set(connection.dialect.get_table_names(connection))
    tables = [table for table in SQLModel.metadata.sorted_tables if table.name in there]
    count = func.count()
    return {
        table.name: connection.execute(select(count).select_from(table)).scalar_one()
        for table in sorted(tables, key=lambda table: table.name)
    }
