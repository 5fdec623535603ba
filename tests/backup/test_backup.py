"""Backups: of one moment while others write, and restored only when they are what they were."""

from __future__ import annotations

import json
import multiprocessing
import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import make_url, select, text

from store import appointments, audit, outbox, patients, schema, signing_in
from store.actors import system
from store.backup import kept, restoring, taking, verifying
from store.backup.manifest import digest_of, manifest_file
from store.backup.manifest import read as read_manifest
from store.backup.restoring import restore, restore_lost
from store.clock import FixedClock
from store.database import open_database
from store.errors import Duplicate, Forbidden, InUse, Invalid, SessionEnded
from store.front_door import Store
from store.tables import Appointment, table_of
from store.values import Actor, Anchor, OutboxStatus, PatientInput, Role
from tests.backup import writers
from tests.clinic import open_clinic
from tests.hospital import MONDAY_MORNING, TIMEZONE, admin, quick_rules, signed_in
from tests.servers.postgres import PostgresServer, as_owner

ADMIN = Actor(Role.ADMIN, "Root", "desk 1", username="root")
_VISIT = table_of(Appointment)


@pytest.fixture
def found_postgres(found_postgres: Callable[..., str]) -> Callable[..., str]:
    """Reached by its owner, who alone restores."""
    return lambda timezone=TIMEZONE: as_owner(make_url(found_postgres(timezone))).render_as_string(
        hide_password=False
    )


@pytest.fixture
def elsewhere(store: Store, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database of the same kind that is not there yet."""
    if store.database.dialect == "sqlite":
        yield f"sqlite:///{tmp_path / 'elsewhere' / 'hospital.db'}"
        return
    url = store.database.engine.url
    other = url.set(database=f"{url.database}_elsewhere").render_as_string(hide_password=False)
    yield other
    server: PostgresServer = request.getfixturevalue("postgres")
    server.drop(other)


@pytest.fixture
def open_again() -> Iterator[Callable[[str], Store]]:
    """Opens a hospital by its URL."""
    opened: list[Store] = []

    def opening(url: str) -> Store:
        opened.append(Store(open_database(url), FixedClock(MONDAY_MORNING), quick_rules()))
        return opened[-1]

    yield opening
    for store in opened:
        store.database.dispose()


def url_of(store: Store) -> str:
    return store.database.engine.url.render_as_string(hide_password=False)


def put_elsewhere(backup: Path, url: str) -> restoring.Restored:
    return restore_lost(url, FixedClock(MONDAY_MORNING), quick_rules(), "desk 1", backup)


def visits(store: Store) -> set[int]:
    with store.reading(system()) as tx:
        return set(tx.session.execute(select(_VISIT.c.id)).scalars())


def test_taken_while_four_write_and_restored_elsewhere(
    store: Store, elsewhere: str, tmp_path: Path, open_again: Callable[[str], Store]
) -> None:
    clinic = open_clinic(store, doctor_count=4, patient_count=4, hours=(0, 24))
    stop = writers.FORKS.Event()
    told: multiprocessing.Queue[writers.Acknowledged | None] = writers.FORKS.Queue()
    first = clinic.at(0, day=store.now().date() + timedelta(days=2))
    processes = writers.start(
        url_of(store),
        MONDAY_MORNING,
        list(clinic.doctors),
        list(clinic.patients),
        first,
        stop,
        told,
    )
    acknowledged = [told.get(timeout=60) for _ in range(20)]
    before = time.monotonic()
    taking.take(store, ADMIN, tmp_path / "backup")
    stop.set()
    done = sum(one is None for one in acknowledged)
    while done < len(processes):
        acknowledged.append(told.get(timeout=60))
        done += acknowledged[-1] is None
    for process in processes:
        process.join(60)
    put_elsewhere(tmp_path / "backup", elsewhere)
    restored = open_again(elsewhere)
    promised = {number for one in acknowledged if one for number, at in [one] if at < before}
    assert len(promised) >= 20
    assert promised <= visits(restored)
    assert schema.check(restored.database) == []
    manifest = read_manifest(tmp_path / "backup")
    written = manifest.contents
    head = Anchor(written.hospital, written.audit_entries, written.audit_hash, manifest.taken_at)
    assert restored.read(ADMIN, audit.verify, [head]) > written.audit_entries
    # The hospital it was taken of has gone on, and knows of the backup.
    assert visits(store) >= {number for one in acknowledged if one for number, _ in [one]}
    newest = store.read(ADMIN, audit.list_entries, action="data.backup").items[0]
    assert newest.entity_id == manifest.sha256


def test_what_is_written_is_its_owners_alone_and_written_once(store: Store, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    taking.take(store, ADMIN, backup)
    for file in (backup, manifest_file(backup)):
        assert file.stat().st_mode & 0o077 == 0
    assert sorted(one.name for one in tmp_path.iterdir() if one.name.startswith("backup")) == [
        "backup",
        "backup.manifest",
    ]
    before = backup.read_bytes()
    with pytest.raises(Duplicate):
        taking.take(store, ADMIN, backup)
    manifest_file(backup).rename(tmp_path / "other.manifest")
    with pytest.raises(Duplicate):
        taking.take(store, ADMIN, tmp_path / "other")
    assert backup.read_bytes() == before


def test_restored_in_place(
    store: Store, tmp_path: Path, clock: FixedClock, open_again: Callable[[str], Store]
) -> None:
    """Everybody is signed out, what was due is held until somebody lets it go, and what was
    replaced is kept."""
    clinic = open_clinic(store, doctor_count=1, patient_count=2)
    session = signed_in(store, admin(store))
    for patient, hour in zip(clinic.patients, (11, 12), strict=True):
        store.write(
            system(),
            appointments.book,
            patient_id=patient,
            doctor_id=clinic.doctors[0],
            starts_at=clinic.at(hour),
        )
    later = store.now() + timedelta(days=3)
    with store.database.begin(write=True) as connection:
        last = outbox.MESSAGE.c.id == 2
        connection.execute(
            outbox.MESSAGE.update().where(last).values(due_at=later, next_try_at=later)
        )
    taking.take(store, session.actor, tmp_path / "backup")
    lost = store.write(system(), patients.register, PatientInput("Written After"))
    done = restore(store, session.actor, tmp_path / "backup")
    again = open_again(url_of(store))
    with pytest.raises(SessionEnded):
        signing_in.resume(again, session.token, "desk 1")
    assert (done.sessions_ended, done.messages_held) == (1, 1)
    status = {one.id: one.status for one in again.read(ADMIN, outbox.list_messages).items}
    assert status == {1: OutboxStatus.HELD, 2: OutboxStatus.WAITING}
    assert again.write(ADMIN, outbox.retry, 1).status is OutboxStatus.WAITING
    assert lost.name not in {one.name for one in again.read(ADMIN, patients.list_patients).items}
    assert schema.check(again.database) == []
    entry = again.read(ADMIN, audit.list_entries, action="data.restore").items[0]
    assert entry.detail["by"] == "root"
    assert done.kept is not None
    kept = (
        f"sqlite:///{done.kept}"
        if store.database.dialect == "sqlite"
        else make_url(url_of(store)).set(database=done.kept).render_as_string(hide_password=False)
    )
    replaced = open_again(kept)
    assert lost.name in {one.name for one in replaced.read(ADMIN, patients.list_patients).items}
    if store.database.dialect == "postgresql":
        replaced.database.dispose()
        with open_again(url_of(store)).database.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text(f'DROP DATABASE "{done.kept}" WITH (FORCE)'))


def test_a_reminder_that_fell_due_since_is_not_sent_again(
    store: Store, elsewhere: str, tmp_path: Path, open_again: Callable[[str], Store]
) -> None:
    clinic = open_clinic(store, doctor_count=1, patient_count=1)
    store.write(
        system(),
        appointments.book,
        patient_id=clinic.patients[0],
        doctor_id=clinic.doctors[0],
        starts_at=clinic.at(10, day=store.now().date() + timedelta(days=1)),
    )
    with store.database.begin(write=True) as connection:
        connection.execute(outbox.MESSAGE.update().values(status="sent"))
    taking.take(store, ADMIN, tmp_path / "backup")
    next_day = FixedClock(MONDAY_MORNING + timedelta(days=1))
    done = restore_lost(elsewhere, next_day, quick_rules(), "desk 1", tmp_path / "backup")
    assert done.messages_held == 1
    held = open_again(elsewhere).read(ADMIN, outbox.list_messages, status=OutboxStatus.HELD).items
    assert [one.kind for one in held] == ["reminder"]


def test_nothing_is_replaced_while_somebody_is_in(
    store: Store, tmp_path: Path, open_again: Callable[[str], Store]
) -> None:
    taking.take(store, ADMIN, tmp_path / "backup")
    after = store.write(system(), patients.register, PatientInput("Written After"))
    other = open_again(url_of(store))
    with other.reading(ADMIN) as tx:
        patients.list_patients(tx)
        with pytest.raises(InUse, match="stop the worker"):
            restore(store, ADMIN, tmp_path / "backup")
    found = other.read(ADMIN, patients.list_patients).items
    assert [one.name for one in found] == [after.name]
    path = store.database.path
    if path is not None:
        assert [one.name for one in path.parent.iterdir() if "restore" in one.name] == []


class TestWhatIsNotWhatItWas:
    def test_a_byte_altered_or_an_end_cut_off(
        self, store: Store, elsewhere: str, tmp_path: Path
    ) -> None:
        backup = tmp_path / "backup"
        taking.take(store, ADMIN, backup)
        whole = backup.read_bytes()
        for damaged in (whole[:-10], whole[:5000] + b"\xff" + whole[5001:], b""):
            backup.write_bytes(damaged)
            with pytest.raises(Invalid, match="altered or cut off"):
                put_elsewhere(backup, elsewhere)
            with pytest.raises(Invalid, match="altered or cut off"):
                verifying.check(store, ADMIN, backup)
        (seen,) = kept.kept_in(store, ADMIN, tmp_path)
        assert "Its size" in seen.wrong
        backup.write_bytes(whole)
        assert verifying.check(store, ADMIN, backup) == seen.manifest
        assert put_elsewhere(backup, elsewhere).kept is None

    def test_another_manifest_or_none(self, sqlite_store: Store, tmp_path: Path) -> None:
        backup, elsewhere = tmp_path / "backup", f"sqlite:///{tmp_path / 'other.db'}"
        taking.take(sqlite_store, ADMIN, backup)
        paper = manifest_file(backup)
        told = json.loads(paper.read_text())
        for change, sentence in (
            ({"rows": told["rows"] | {"patient": 7}}, "not what its manifest says"),
            ({"audit_hash": "f" * 64}, "not what its manifest says"),
            ({"schema": "9999"}, "Update the program"),
            ({"format": 2}, "newer program"),
            ({"database": "oracle"}, "backup is of oracle"),
            ({"rows": None, "sha256": 1}, "altered"),
        ):
            paper.write_text(json.dumps(told | change))
            with pytest.raises(Invalid, match=sentence):
                put_elsewhere(backup, elsewhere)
        for text_of_it in ("", "{}", "[]", "no JSON"):
            paper.write_text(text_of_it)
            with pytest.raises(Invalid, match="no manifest"):
                put_elsewhere(backup, elsewhere)
        paper.unlink()
        with pytest.raises(Invalid, match="has no manifest"):
            put_elsewhere(backup, elsewhere)
        with pytest.raises(Invalid, match="There is no backup"):
            put_elsewhere(tmp_path / "nothing", elsewhere)

    @pytest.mark.parametrize(
        ("damage", "told"),
        [
            ("UPDATE audit_entry SET actor_name = 'x' WHERE id = 1", "audit: entry 1"),
            ("DELETE FROM account; DELETE FROM patient", "reference"),
        ],
    )
    def test_a_backup_altered_together_with_its_manifest(
        self, sqlite_store: Store, tmp_path: Path, damage: str, told: str
    ) -> None:
        signed_in(sqlite_store, admin(sqlite_store))
        sqlite_store.write(system(), patients.register, PatientInput("Rao"))
        backup = tmp_path / "backup"
        taking.take(sqlite_store, ADMIN, backup)
        connection = sqlite3.connect(backup)
        for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            connection.execute(f"DROP TRIGGER {row[0]}")
        connection.executescript(damage)
        connection.close()
        paper = json.loads(manifest_file(backup).read_text())
        size, digest = digest_of(backup)
        manifest_file(backup).write_text(json.dumps(paper | {"bytes": size, "sha256": digest}))
        with pytest.raises(Invalid, match=told):
            put_elsewhere(backup, f"sqlite:///{tmp_path / 'other.db'}")
        assert not (tmp_path / "other.db").exists()

    def test_a_database_that_is_damaged_gives_no_backup(
        self, sqlite_store: Store, tmp_path: Path
    ) -> None:
        with sqlite_store.database.begin(write=True) as connection:
            connection.exec_driver_sql("DROP TRIGGER audit_entry_no_update")
        sqlite_store.write(system(), patients.register, PatientInput("Rao"))
        with sqlite_store.database.begin(write=True) as connection:
            connection.exec_driver_sql("UPDATE audit_entry SET actor_name = 'x'")
        with pytest.raises(Invalid, match="no backup was made"):
            taking.take(sqlite_store, ADMIN, tmp_path / "backup")
        assert not (tmp_path / "backup").exists()


def test_a_damaged_hospital_is_replaced_and_kept(sqlite_store: Store, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    taking.take(sqlite_store, ADMIN, backup)
    sqlite_store.database.dispose()
    path = sqlite_store.database.path
    assert path is not None
    path.write_bytes(b"not a database" * 100)
    done = put_elsewhere(backup, f"sqlite:///{path}")
    assert done.kept is not None
    assert Path(done.kept).read_bytes().startswith(b"not a database")
    again = open_database(f"sqlite:///{path}")
    assert schema.check(again) == []
    again.dispose()


def test_who_may(sqlite_store: Store, tmp_path: Path) -> None:
    for role in (Role.RECEPTION, Role.DOCTOR, Role.PATIENT):
        actor = replace(ADMIN, role=role)
        with pytest.raises(Forbidden):
            taking.take(sqlite_store, actor, tmp_path / "backup")
        with pytest.raises(Forbidden):
            restore(sqlite_store, actor, tmp_path / "backup")
