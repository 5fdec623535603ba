"""The store's front door: units of work for an actor whose login session still stands."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from store import chain, changes, disk_room, lost_answers, offers, schema_version, sign_in_check
from store.cache import Cache, ProcessCache
from store.clock import Clock
from store.database import Database, explain
from store.errors import AnswerLost, ConnectionBroke, Forbidden, StoreError, Unavailable
from store.hospital import Rules
from store.transaction import Transaction
from store.values import Actor, ChangeView

if TYPE_CHECKING:
    from store.redis_bell import RedisBell

P = ParamSpec("P")
T = TypeVar("T")

_SEEN_EVERY = timedelta(seconds=30)
_TRIES = len(lost_answers.PAUSES) + 1


@dataclass(frozen=True)
class Store:
    """The hospital, opened: its database, its clock, its rules, and where figures are kept."""

    database: Database
    clock: Clock
    rules: Rules
    cache: Cache = field(default_factory=ProcessCache)
    bell: RedisBell | None = None
    """Wakes other processes beside what the database does by itself."""

    @contextmanager
    def transaction(self, actor: Actor, *, in_use: bool = True) -> Iterator[Transaction]:
        """A unit that may write; all of it is committed on leaving, or nothing. `in_use` is
        whether it counts as use of the login session, which otherwise ends when it rests.

        Raises:
            SessionEnded: the actor's login session no longer stands.
            OtherVersion: the database is not this program's any more.
            Unavailable: the database does not answer; as `ConnectionBroke` or `AnswerLost` where it
                went away meanwhile.
        """
        kept: StoreError | None = None
        proof: str | None = None
        announced: list[dict[str, Any]] = []
        try:
            with self.database.begin(write=True) as connection:
                tx = self._unit(connection, actor, writing=True)
                try:
                    yield tx
                except StoreError as refusal:
                    if not refusal.keeps_writes:
                        raise
                    kept = refusal
                proof = self._close(tx, in_use)
                announced = tx.announced
        except Forbidden as refusal:
            self._record_refusal(actor, refusal)
            raise
        except DBAPIError as error:
            self._require_same_version(error)
            try:
                lost_answers.settle(self.database, proof, error)
            except AnswerLost:
                if kept is None:
                    raise
        if self.bell is not None and announced:
            self.bell.ring({change["topic"] for change in announced})
        if kept is not None:
            raise kept

    @contextmanager
    def reading(self, actor: Actor, *, in_use: bool = True) -> Iterator[Transaction]:
        """A unit that only reads, at one moment of the database. What it read of a patient is
        written to the audit trail when it closes, also where it breaks off: what was read by then
        was read. `in_use` as in `transaction`.

        Raises:
            SessionEnded: the actor's login session no longer stands.
            OtherVersion: the database is not this program's any more.
            Unavailable: the database does not answer.
        """
        tx: Transaction | None = None
        try:
            try:
                with self.database.begin(write=False) as connection:
                    tx = self._unit(connection, actor, writing=False)
                    yield tx
            finally:
                if tx is not None:
                    self._note_reading(tx, in_use)
        except Forbidden as refusal:
            self._record_refusal(actor, refusal)
            raise
        except DBAPIError as error:
            self._require_same_version(error)
            raise explain(error, self.database.path) from error

    def write(
        self,
        actor: Actor,
        rule: Callable[Concatenate[Transaction, P], T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run one rule in a unit of its own, again where the database ended a race in our
        disfavour (a deadlock or a serialisation failure) or went away before it was done."""
        return self._insist(lambda: self.transaction(actor), lambda tx: rule(tx, *args, **kwargs))

    def read(
        self,
        actor: Actor,
        rule: Callable[Concatenate[Transaction, P], T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run one reading rule in a unit of its own, again where the database went away under
        it."""
        return self._insist(lambda: self.reading(actor), lambda tx: rule(tx, *args, **kwargs))

    def glance(
        self,
        actor: Actor,
        rule: Callable[Concatenate[Transaction, P], T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run one reading rule as `read` does, but not as a use of the login session: a screen
        that renews itself must not keep the session of somebody who has left."""
        return self._insist(
            lambda: self.reading(actor, in_use=False), lambda tx: rule(tx, *args, **kwargs)
        )

    def tend(
        self,
        actor: Actor,
        rule: Callable[Concatenate[Transaction, P], T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run one writing rule as `write` does, but as `glance` not as a use of the login session:
        for what a screen sees to by itself."""
        return self._insist(
            lambda: self.transaction(actor, in_use=False), lambda tx: rule(tx, *args, **kwargs)
        )

    def stands(self, lost: AnswerLost) -> bool:
        """Whether a unit whose answer was lost was committed.

        Raises:
            Unavailable: the database is still away.
        """
        try:
            return lost_answers.stands(self.database, lost.proof)
        except DBAPIError as error:
            raise explain(error, self.database.path) from error

    def changes_since(self, last_id: int | None) -> tuple[int, list[ChangeView]]:
        """What was committed behind `last_id`, and the newest id; None asks for the id alone."""
        try:
            with self.database.begin(write=False) as connection:
                session = Session(connection)
                if last_id is None:
                    return changes.newest(session), []
                found = changes.since(session, last_id)
                return (found[-1].id if found else last_id), found
        except DBAPIError as error:
            raise explain(error, self.database.path) from error

    def low_on_room(self) -> str:
        """What an administrator is to be told of the database's disk; mostly nothing."""
        return disk_room.warning(self.database.path)

    def now(self) -> datetime:
        """The present moment in hospital time."""
        return self.clock.now().astimezone(self.rules.hospital.timezone)

    def _insist(
        self,
        unit: Callable[[], AbstractContextManager[Transaction]],
        work: Callable[[Transaction], T],
    ) -> T:
        result: T | None = None
        broke = False
        for attempt in range(1, _TRIES + 1):
            try:
                with unit() as tx:
                    result = work(tx)
                return result  # noqa: RET504 - leaving the unit commits, which may fail
            except AnswerLost as lost:
                lost.result = result
                raise
            except Unavailable as refusal:
                broke = broke or isinstance(refusal, ConnectionBroke)
                if attempt == _TRIES or not (broke or _lost_a_race(refusal)):
                    raise
                spread = random.uniform(0.005, 0.02) * attempt  # noqa: S311 -- spreads the losers
                time.sleep(lost_answers.PAUSES[attempt - 1] if broke else spread)
        raise AssertionError("unreachable: the last try returns or raises")

    def _unit(self, connection: Connection, actor: Actor, *, writing: bool) -> Transaction:
        now, dialect = self.clock.now(), self.database.dialect
        tx = Transaction(connection, actor, now, self.rules, dialect, writing, self.cache)
        sign_in_check.require_standing(tx)
        return tx

    def _require_same_version(self, error: DBAPIError) -> None:
        """Refuse to call a fault of ours what comes of a table that is another by now."""
        if schema_version.lacks_something(error):
            with suppress(DBAPIError), self.database.begin(write=False) as connection:
                schema_version.require(connection)

    def _close(self, tx: Transaction, in_use: bool) -> str:
        """Write what the unit owes. By the hash of its last entry in the audit trail, which is
        returned, it is known again; empty where it records nothing."""
        tx.flush()
        offers.settle_at_close(tx)
        tx.flush()
        if in_use and sign_in_check.due_for_seen(tx, _SEEN_EVERY):
            sign_in_check.mark_seen(tx.connection, tx.actor, tx.now)
        if not (tx.entries or tx.announced):
            return ""
        proof = chain.append(tx.connection, tx.actor, tx.now, tx.entries)
        changes.append(tx.connection, tx.announced)
        return proof

    def _note_reading(self, tx: Transaction, in_use: bool) -> None:
        seen = in_use and sign_in_check.due_for_seen(tx, _SEEN_EVERY)
        if not tx.entries and not seen:
            return
        try:
            self._note(tx, seen)
        except (DBAPIError, Unavailable):
            # That a session was used may be noted another time: where nothing can be written for
            # now, reading goes on. What must be in the audit trail is another matter.
            if tx.entries:
                raise

    def _note(self, tx: Transaction, seen: bool) -> None:
        with self.database.begin(write=True) as connection:
            schema_version.require(connection)
            if seen:
                sign_in_check.mark_seen(connection, tx.actor, tx.now)
            if tx.entries:
                chain.append(connection, tx.actor, tx.now, tx.entries)

    def _record_refusal(self, actor: Actor, refusal: Forbidden) -> None:
        """That somebody tried what they may not is itself worth an entry."""
        denied = chain.Pending(
            str(refusal.details.get("action", "unknown")), "permission", "", outcome="denied"
        )
        with self.database.begin(write=True) as connection:
            schema_version.require(connection)
            chain.append(connection, actor, self.clock.now(), [denied])


def _lost_a_race(refusal: Unavailable) -> bool:
    cause: Any = refusal.__cause__
    return isinstance(cause, OperationalError) and getattr(cause.orig, "sqlstate", None) in (
        "40P01",
        "40001",
    )


def ping(database: Database) -> None:
    """Ask the database for a sign of life.

    Raises:
        Unavailable: it does not answer.
    """
    try:
        with database.begin(write=False) as connection:
            connection.execute(text("SELECT 1"))
    except DBAPIError as error:
        raise explain(error, database.path) from error
