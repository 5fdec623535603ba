"""The one object that carries a request: the transaction.

Every rule of the hospital is a function whose first argument is a `Transaction`. What a rule
records for the audit trail, owes to the outbox and announces to open screens is written in the
same database transaction as its data, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text
from sqlmodel import Session, SQLModel

from store import changes
from store.cache import Cache
from store.chain import Pending
from store.changes import Topic
from store.errors import ChangedMeanwhile, NotFound
from store.hospital import Rules
from store.prepared import Prepared, Row
from store.sign_in_check import Standing
from store.tables.base import Stamped
from store.values import Actor

AnyRow = TypeVar("AnyRow", bound=SQLModel)
StampedRow = TypeVar("StampedRow", bound=Stamped)

_DOCTOR_LOCK = 0x43484B02
_EVERY_DOCTOR_LOCK = 0x43484B03
_WAITING_LIST_LOCK = 0x43484B20
_LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class FreedTime:
    """Time that a unit of work gave back, of one doctor or of all (None); half-open. `wide` is
    what comes with many slots at once (leave taken back, new hours), unlike an appointment's."""

    doctor_id: int | None
    starts_at: datetime
    ends_at: datetime
    wide: bool


@dataclass
class Transaction:
    """A unit of work: the connection to the database, who acts, when (UTC, one moment for the
    whole unit) and under which rules. `writing` is False where only reading is allowed."""

    connection: Connection
    actor: Actor
    now: datetime
    rules: Rules
    dialect: str
    writing: bool
    cache: Cache
    entries: list[Pending] = field(default_factory=list)
    announced: list[dict[str, Any]] = field(default_factory=list)
    freed: list[FreedTime] = field(default_factory=list)
    standing: Standing | None = None
    """How the actor's login session stands; None where there is none."""

    @cached_property
    def session(self) -> Session:
        """The table objects of this unit. A unit that gets on without them makes none: what asks
        by `store/prepared.py` is over sooner than a session is made."""
        return Session(self.connection, expire_on_commit=False, autoflush=True)

    def rows(self, query: Prepared, given: Mapping[str, Any]) -> list[Row]:
        """What a prepared query finds, among it what this unit has written so far."""
        self.flush()
        return query.rows(self.connection, given)

    def flush(self) -> None:
        """Write what the table objects of this unit, if it has any, have not written yet."""
        if "session" in self.__dict__:
            self.session.flush()

    @property
    def timezone(self) -> ZoneInfo:
        """The hospital's time zone."""
        return self.rules.hospital.timezone

    def today(self) -> date:
        """The hospital's today."""
        return self.local(self.now).date()

    def local(self, moment: datetime) -> datetime:
        """A moment in hospital time."""
        return moment.astimezone(self.timezone)

    def maybe_local(self, moment: datetime | None) -> datetime | None:
        """As `local`, for a moment that may be missing."""
        return None if moment is None else self.local(moment)

    def stamps(self) -> dict[str, Any]:
        """Authorship of a row that is being made."""
        by = self.actor.account_id
        return {
            "created_at": self.now,
            "created_by": by,
            "updated_at": self.now,
            "updated_by": by,
            "version": 1,
        }

    def fetch(self, model: type[AnyRow], row_id: int, name: str) -> AnyRow:
        """A row by its id, locked against other writers where this unit writes.

        Raises:
            NotFound: there is none; `name` is what a person calls such a thing.
        """
        found = None
        if 0 < row_id <= _LARGEST_ID:
            found = self.session.get(
                model, row_id, with_for_update=self.writing or None, populate_existing=self.writing
            )
        if found is None:
            raise NotFound(f"There is no {name} {row_id}.", entity=name, id=row_id)
        return found

    def add(self, row: AnyRow) -> AnyRow:
        """Insert a row now, so that its id is known."""
        self.session.add(row)
        self.session.flush()
        return row

    def touch(self, row: StampedRow, version: int | None = None) -> StampedRow:
        """Count a change of a row: author, moment and version.

        Raises:
            ChangedMeanwhile: `version` was given and is not the row's.
        """
        self.expect(row, version)
        row.updated_at, row.updated_by = self.now, self.actor.account_id
        row.version += 1
        self.session.add(row)
        return row

    def expect(self, row: Stamped, version: int | None) -> None:
        """Compare the version that somebody read with the row's (compare-and-set).

        Raises:
            ChangedMeanwhile: they differ.
        """
        if version is not None and version != row.version:
            raise ChangedMeanwhile(
                "Somebody else changed this meanwhile. Look at it again, then repeat.",
                version=row.version,
            )

    def lock_doctor(self, doctor_id: int) -> None:
        """Queue with others who change this doctor's time. PostgreSQL's exclusion constraint
        alone ends races in deadlocks; on SQLite the unit of work is the queue."""
        if self.dialect == "postgresql":
            self.session.execute(
                text(
                    "SELECT pg_advisory_xact_lock_shared(:everybody),"
                    " pg_advisory_xact_lock(:kind, :doctor)"
                ),
                {"everybody": _EVERY_DOCTOR_LOCK, "kind": _DOCTOR_LOCK, "doctor": doctor_id},
            )

    def lock_every_doctor(self) -> None:
        """As `lock_doctor`, for what touches the time of all (a holiday)."""
        if self.dialect == "postgresql":
            self.session.execute(
                text("SELECT pg_advisory_xact_lock(:everybody)"),
                {"everybody": _EVERY_DOCTOR_LOCK},
            )

    def lock_waiting_list(self) -> None:
        """Queue with others who offer slots to those who wait. Taken behind the locks of doctors,
        before the audit trail's."""
        if self.dialect == "postgresql":
            self.session.execute(
                text("SELECT pg_advisory_xact_lock(:list)"), {"list": _WAITING_LIST_LOCK}
            )

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part of the unit that is taken back alone when it is refused, with all that it
        wrote, recorded and announced."""
        entries, announced, freed = len(self.entries), len(self.announced), len(self.freed)
        try:
            with self.session.begin_nested():
                yield
        except BaseException:
            del self.entries[entries:], self.announced[announced:], self.freed[freed:]
            raise

    def record(
        self,
        action: str,
        entity: str,
        entity_id: object,
        *,
        patient_id: int | None = None,
        reason: str = "",
        detail: Mapping[str, Any] | None = None,
        outcome: str = "ok",
    ) -> None:
        """Put an entry into the audit trail when the unit closes."""
        self.entries.append(
            Pending(action, entity, str(entity_id), patient_id, reason, outcome, detail or {})
        )

    def changed(
        self,
        topic: Topic,
        *,
        doctor_id: int | None = None,
        day: date | None = None,
        entity_id: int | None = None,
    ) -> None:
        """Tell open screens and caches, when the unit has committed, what is no longer true."""
        self.announced.append(changes.pending(topic, self.now, doctor_id, day, entity_id))

    def frees(
        self,
        starts_at: datetime,
        ends_at: datetime,
        doctor_id: int | None = None,
        *,
        wide: bool = False,
    ) -> None:
        """Note that time of a doctor (or of all) was given back; those who wait for an earlier
        slot are offered it when the unit closes, if it is free then."""
        self.freed.append(FreedTime(doctor_id, starts_at, ends_at, wide))
