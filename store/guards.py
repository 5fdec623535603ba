"""What the database itself refuses, whoever asks: overlaps, and changes of what is final; and, on
PostgreSQL, that it wakes who waits for changes.

Installed anew after every schema upgrade, because rebuilding a table on SQLite drops its
triggers. PostgreSQL keeps overlaps out by an exclusion constraint of the first migration.
"""

# ruff: noqa: S608 -- the statements are made of our own table and column names alone

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection
from sqlmodel import SQLModel

from store.tables import Appointment, MedicalRecord, table_of
from store.tables.appointments import HOLDING

OVERLAP = "appointment_overlap"
"""The name by which both databases call a refused overlap."""

WAKING = "change_wakes"
"""The trigger that tells `WAKE_CHANNEL` the topics of changes when they are committed."""

WAKE_CHANNEL = "chikitsa_change"

APPEND_ONLY = ("audit_entry", "appointment_event", "record_amendment")
_FROZEN_WITH_RECORD = ("record_diagnosis", "prescription_item")
_MAY_CHANGE_AFTER_SIGNING = {"patient_id", "updated_at", "updated_by", "version"}
_TO_ANOTHER_PATIENT = (
    "NEW.patient_id <> OLD.patient_id AND NOT EXISTS (SELECT 1 FROM patient_merge AS pair"
    " WHERE (pair.survivor_id = NEW.patient_id AND pair.merged_id = OLD.patient_id)"
    " OR (pair.survivor_id = OLD.patient_id AND pair.merged_id = NEW.patient_id))"
)
"""A merge of two patients moves a signed record to the survivor, and undoing it back; nothing else
makes it another patient's."""


def install(connection: Connection) -> None:
    """Create every trigger, replacing those that exist."""
    if connection.dialect.name == "sqlite":
        statements = [*_sqlite_overlap(), *_sqlite_append_only(), *_sqlite_signed()]
    else:
        statements = [*_postgresql_append_only(), *_postgresql_signed(), *_postgresql_waking()]
    for statement in statements:
        connection.exec_driver_sql(statement)


def _frozen_columns() -> list[str]:
    columns = table_of(MedicalRecord).columns
    return [column.name for column in columns if column.name not in _MAY_CHANGE_AFTER_SIGNING]


def _same_row(name: str) -> str:
    """The condition that a row `other` of the table has a unique value that NEW has too."""
    columns = SQLModel.metadata.tables[name].columns
    unique = [column.name for column in columns if column.primary_key or column.unique]
    return " OR ".join(f"other.{column} = NEW.{column}" for column in unique)


def _sqlite_trigger(name: str, event: str, when: str, body: str) -> Iterator[str]:
    yield f"DROP TRIGGER IF EXISTS {name}"
    yield f"CREATE TRIGGER {name} BEFORE {event} {when} BEGIN {body}; END"


def _sqlite_overlap() -> Iterator[str]:
    table = table_of(Appointment).name
    holds = f"NEW.status IN ({HOLDING}) AND NEW.overbooked = 0"
    clash = (
        f"SELECT RAISE(ABORT, '{OVERLAP}') WHERE EXISTS (SELECT 1 FROM {table} AS other"
        " WHERE other.doctor_id = NEW.doctor_id AND other.starts_at < NEW.ends_at"
        # No appointment is longer than a day, so the index range ends there.
        " AND other.starts_at > strftime('%Y-%m-%d %H:%M:%S.000000', NEW.starts_at, '-1 day')"
        " AND other.ends_at > NEW.starts_at"
        f" AND other.status IN ({HOLDING}) AND other.overbooked = 0"
    )
    yield from _sqlite_trigger(
        "appointment_overlap_insert", f"INSERT ON {table}", f"WHEN {holds}", f"{clash})"
    )
    yield from _sqlite_trigger(
        "appointment_overlap_update",
        f"UPDATE OF doctor_id, starts_at, ends_at, status, overbooked ON {table}",
        f"WHEN {holds}",
        f"{clash} AND other.id <> NEW.id)",
    )
    longer = "strftime('%s', NEW.ends_at) - strftime('%s', NEW.starts_at) > 86400"
    for event in ("INSERT", "UPDATE"):
        yield from _sqlite_trigger(
            f"appointment_length_{event.lower()}",
            f"{event} ON {table}",
            f"WHEN {longer}",
            "SELECT RAISE(ABORT, 'appointment longer than a day')",
        )


def _sqlite_append_only() -> Iterator[str]:
    for table in APPEND_ONLY:
        refuse = f"SELECT RAISE(ABORT, '{table} is append-only')"
        for event in ("UPDATE", "DELETE"):
            yield from _sqlite_trigger(
                f"{table}_no_{event.lower()}", f"{event} ON {table}", "", refuse
            )
        # INSERT OR REPLACE deletes whatever has a unique value of its own row, and asks no DELETE
        # trigger unless recursive triggers are on, which only our own connections see to.
        yield from _sqlite_trigger(
            f"{table}_no_replace",
            f"INSERT ON {table}",
            f"WHEN EXISTS (SELECT 1 FROM {table} AS other WHERE {_same_row(table)})",
            refuse,
        )


def _sqlite_signed() -> Iterator[str]:
    refuse = "SELECT RAISE(ABORT, 'a signed record is final')"
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _frozen_columns())
    yield from _sqlite_trigger(
        "medical_record_signed_update",
        "UPDATE ON medical_record",
        f"WHEN OLD.status = 'signed' AND ({changed} OR ({_TO_ANOTHER_PATIENT}))",
        refuse,
    )
    yield from _sqlite_trigger(
        "medical_record_signed_delete",
        "DELETE ON medical_record",
        "WHEN OLD.status = 'signed'",
        refuse,
    )
    replaced = (
        "EXISTS (SELECT 1 FROM medical_record AS other WHERE other.status = 'signed'"
        f" AND ({_same_row('medical_record')})"
    )
    for event, others in (("INSERT", ""), ("UPDATE", " AND other.id <> OLD.id")):
        yield from _sqlite_trigger(
            f"medical_record_signed_replace_{event.lower()}",
            f"{event} ON medical_record",
            f"WHEN {replaced}{others})",
            refuse,
        )
    for table in _FROZEN_WITH_RECORD:
        replaced = f"(SELECT record_id FROM {table} AS other WHERE other.id = NEW.id)"
        for event, records in (
            ("INSERT", ("NEW.record_id", replaced)),
            ("UPDATE", ("OLD.record_id", "NEW.record_id", replaced)),
            ("DELETE", ("OLD.record_id",)),
        ):
            yield from _sqlite_trigger(
                f"{table}_signed_{event.lower()}",
                f"{event} ON {table}",
                "WHEN EXISTS (SELECT 1 FROM medical_record"
                f" WHERE id IN ({', '.join(records)}) AND status = 'signed')",
                refuse,
            )


def _postgresql_trigger(name: str, event: str, table: str, call: str) -> Iterator[str]:
    yield f"DROP TRIGGER IF EXISTS {name} ON {table}"
    yield f"CREATE TRIGGER {name} BEFORE {event} ON {table} {call}"
    yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"


def _postgresql_append_only() -> Iterator[str]:
    yield (
        "CREATE OR REPLACE FUNCTION chikitsa_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '%% is append-only', TG_TABLE_NAME"
        " USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for table in APPEND_ONLY:
        yield from _postgresql_trigger(
            f"{table}_append_only",
            "UPDATE OR DELETE OR TRUNCATE",
            table,
            "FOR EACH STATEMENT EXECUTE FUNCTION chikitsa_append_only()",
        )


def _postgresql_signed() -> Iterator[str]:
    changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _frozen_columns())
    refuse = (
        "RAISE EXCEPTION 'a signed record is final'"
        " USING ERRCODE = 'integrity_constraint_violation'"
    )
    yield (
        "CREATE OR REPLACE FUNCTION chikitsa_signed_record() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF TG_OP = 'TRUNCATE' THEN {refuse}; END IF;"
        f" IF OLD.status = 'signed' THEN IF TG_OP = 'DELETE' THEN {refuse}; END IF;"
        f" IF {changed} OR ({_TO_ANOTHER_PATIENT}) THEN {refuse}; END IF; END IF;"
        " IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
    )
    yield from _postgresql_trigger(
        "medical_record_signed",
        "UPDATE OR DELETE",
        "medical_record",
        "FOR EACH ROW EXECUTE FUNCTION chikitsa_signed_record()",
    )
    yield from _postgresql_trigger(
        "medical_record_signed_truncate",
        "TRUNCATE",
        "medical_record",
        "FOR EACH STATEMENT EXECUTE FUNCTION chikitsa_signed_record()",
    )
    yield (
        "CREATE OR REPLACE FUNCTION chikitsa_part_of_signed() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ DECLARE part bigint[]; BEGIN"
        " IF TG_OP <> 'INSERT' THEN part := ARRAY[OLD.record_id]; END IF;"
        " IF TG_OP <> 'DELETE' THEN part := part || ARRAY[NEW.record_id]; END IF;"
        " IF EXISTS (SELECT 1 FROM medical_record WHERE id = ANY(part) AND status = 'signed')"
        f" THEN {refuse}; END IF;"
        " IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
    )
    for table in _FROZEN_WITH_RECORD:
        yield from _postgresql_trigger(
            f"{table}_signed",
            "INSERT OR UPDATE OR DELETE",
            table,
            "FOR EACH ROW EXECUTE FUNCTION chikitsa_part_of_signed()",
        )
        yield from _postgresql_trigger(
            f"{table}_signed_truncate",
            "TRUNCATE",
            table,
            "FOR EACH STATEMENT EXECUTE FUNCTION chikitsa_signed_record()",
        )


def _postgresql_waking() -> Iterator[str]:
    yield (
        "CREATE OR REPLACE FUNCTION chikitsa_wake() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN PERFORM pg_notify('{WAKE_CHANNEL}',"
        " (SELECT coalesce(string_agg(DISTINCT topic, ','), '') FROM fresh));"
        " RETURN NULL; END $$"
    )
    yield f"DROP TRIGGER IF EXISTS {WAKING} ON change"
    yield (
        f"CREATE TRIGGER {WAKING} AFTER INSERT ON change REFERENCING NEW TABLE AS fresh"
        " FOR EACH STATEMENT EXECUTE FUNCTION chikitsa_wake()"
    )
