"""Bringing a backup back: verified first, then put in place of what is kept beside it.

Whoever was signed in is signed out, and mail that was due by now is held: between the backup and
now it may have been sent. An administrator lets it go, message by message, or discards it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, delete, func, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from store import reminders, schema
from store.actors import system
from store.backup import files
from store.backup.manifest import Manifest, read, sync
from store.backup.verifying import require_as_written, require_unaltered
from store.changes import Topic
from store.clock import Clock
from store.database import explain, open_database
from store.errors import Invalid, Unavailable
from store.front_door import Store
from store.hospital import Rules
from store.outbox import MESSAGE
from store.permissions import Action, require
from store.roles import NOBODY, Grantees
from store.tables import Change, LoginSession, SlotHold, table_of
from store.transaction import Transaction
from store.values import Actor

_SESSION, _HOLD, _CHANGE = table_of(LoginSession), table_of(SlotHold), table_of(Change)
_LEAP = 1_000_000


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back, what it replaced (None: there was nothing) and where that is kept."""

    backup: Manifest
    kept: str | None
    sessions_ended: int
    messages_held: int


@dataclass(frozen=True, slots=True)
class _Task:
    """A restore that is under way: the backup, who asked for it, from where, and how the
    restored hospital is opened to be settled."""

    file: Path
    manifest: Manifest
    by: str
    terminal: str
    clock: Clock
    rules: Rules
    grantees: Grantees

    def stamp(self) -> str:
        """The moment, as a part of a name."""
        return f"{self.clock.now().astimezone(self.rules.hospital.timezone):%Y%m%dT%H%M%S}"


def restore(
    store: Store, actor: Actor, file: Path, owner: str = "", grantees: Grantees = NOBODY
) -> Restored:
    """Put a backup in the hospital's place. The store given is closed and must not be used again.

    Args:
        owner: the URL by which the role reaches the database that owns the tables, where it is
            another than the store's; `grantees` are then let use them.

    Raises:
        Forbidden: only administrators restore.
        Invalid: the backup is not what its manifest says, or is damaged; nothing was replaced.
        InUse: other programs have the hospital open; nothing was replaced.
        WrongConfiguration: the backup is of a newer program, or of another kind of database.
        Unavailable: the place cannot be written.
    """
    store.read(actor, require, Action.BACKUP)
    url = owner or store.database.engine.url.render_as_string(hide_password=False)
    by, terminal = actor.username or "", actor.terminal
    task = _Task(file, read(file), by, terminal, store.clock, store.rules, grantees)
    store.database.dispose()
    return _restore(task, url)


def restore_lost(
    url: str,
    clock: Clock,
    rules: Rules,
    terminal: str,
    file: Path,
    grantees: Grantees = NOBODY,
) -> Restored:
    """Put a backup where a hospital was that cannot be opened any more, or never was: there nobody
    can sign in, and whoever may write the database may do this.

    Raises:
        Invalid, InUse, WrongConfiguration, Unavailable: as `restore`.
    """
    return _restore(_Task(file, read(file), "", terminal, clock, rules, grantees), url)


def _restore(task: _Task, url: str) -> Restored:
    place = make_url(url)
    kind = place.get_backend_name()
    if kind != task.manifest.database:
        raise Invalid(
            f"The backup is of {task.manifest.database}, and [database] url names {kind}. Restore"
            " it there; export and import bring things from one to the other."
        )
    require_unaltered(task.file, task.manifest)
    try:
        if kind == "sqlite":
            return _into_file(task, Path(str(place.database)))
        return _into_database(task, url)
    except DBAPIError as error:
        raise explain(error) from error
    except OSError as error:
        raise Unavailable(f"The backup cannot be put in place: {error.strerror}.") from error


def _into_file(task: _Task, path: Path) -> Restored:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.restore-{os.getpid()}")
    kept = path.with_name(f"{path.name}.before-{task.stamp()}")
    try:
        files.copy_in(task.file, draft)
        with files.looking_into(draft) as connection:
            require_as_written(connection, task.manifest)
        sessions, held = _settle(task, f"sqlite:///{draft}")
        there = path.exists()
        if there and not _is_damaged(path):
            files.require_alone(path)
        files.put_in_place(draft, path, kept)
        sync(path.parent)
    finally:
        files.remove(draft)
    return Restored(task.manifest, str(kept) if there else None, sessions, held)


def _is_damaged(path: Path) -> bool:
    """Whether nobody can have it open because nobody can open it."""
    try:
        with files.looking_into(path) as connection:
            connection.execute(text("SELECT count(*) FROM sqlite_master")).scalar()
    except DBAPIError:
        return True
    return False


def _into_database(task: _Task, url: str) -> Restored:
    from store.backup import dumps  # and psycopg, which SQLite has no use for

    place = make_url(url).set(drivername="postgresql")
    draft, kept = f"{place.database}_restore_{os.getpid()}", f"{place.database}_{task.stamp()}"
    with dumps.new_database(place, draft) as made:
        dumps.load(task.file, made)
        made_url = make_url(url).set(database=draft)
        sessions, held = _settle(
            task,
            made_url.render_as_string(hide_password=False),
            lambda connection: require_as_written(connection, task.manifest),
        )
        there = dumps.put_in_place(place, draft, kept)
    return Restored(task.manifest, kept if there else None, sessions, held)


def _settle(
    task: _Task, url: str, verify: Callable[[Connection], None] | None = None
) -> tuple[int, int]:
    """Bring the restored hospital to this program's schema and to this day."""
    database = open_database(url)
    try:
        if verify is not None:
            with database.begin(write=False) as connection:
                verify(connection)
        schema.upgrade(database, task.grantees)
        store = Store(database, task.clock, task.rules)
        return store.write(system("restore", task.terminal), _bring_to_today, task)
    finally:
        database.dispose()


def _bring_to_today(tx: Transaction, task: _Task) -> tuple[int, int]:
    # What is due by now and was not planned yet may have been sent as well: planned, it is held.
    reminders.plan(tx)
    tx.session.flush()
    ended = tx.session.execute(
        update(_SESSION)
        .where(_SESSION.c.ended_at.is_(None))
        .values(ended_at=tx.now, end_reason="restored")
        .returning(_SESSION.c.id)
    ).all()
    tx.session.execute(delete(_HOLD))
    held = tx.session.execute(
        update(MESSAGE)
        .where(
            MESSAGE.c.status.in_(("waiting", "sending", "uncertain")),
            (MESSAGE.c.next_try_at <= tx.now) | (MESSAGE.c.status != "waiting"),
        )
        .values(status="held", lease_until=None, lease_by=None)
        .returning(MESSAGE.c.id)
    ).all()
    _leap(tx)
    counts = len(ended), len(held)
    tx.record(
        "data.restore",
        "file",
        task.manifest.sha256,
        detail={
            "by": task.by,
            "taken_at": task.manifest.taken_at,
            "sessions": counts[0],
            "held": counts[1],
        },
    )
    return counts


def _leap(tx: Transaction) -> None:
    """Numbers of changes that were given after the backup shall not be given again: what others
    remember by them would pass for what is true now."""
    newest = tx.session.execute(select(func.max(_CHANGE.c.id))).scalar() or 0
    leap = {"id": newest + _LEAP, "at": tx.now, "topic": Topic.SESSION.value}
    tx.session.execute(_CHANGE.insert(), leap)
    if tx.dialect == "postgresql":
        tx.session.execute(
            text("SELECT setval(pg_get_serial_sequence('change', 'id'), :id)"), {"id": leap["id"]}
        )
