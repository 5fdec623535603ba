"""A worker that runs for months looks once a day whether the hospital's file is whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from logging import ERROR
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from jobs import worker
from jobs.queue import QueueSettings, build_queue
from store import file_check, job_runs, jobs_list, mail_troubles
from store.backup import taking
from store.clock import FixedClock
from store.database import open_database
from store.errors import Damaged
from store.front_door import Store
from store.queue_key import queue_key
from tests.clinic import SYSTEM
from tests.faults.damage import damaged
from tests.hospital import MakeStore, actor_of, admin
from tests.servers.process import free_port


@pytest.fixture
def file(sqlite_store: Store) -> Path:
    assert sqlite_store.database.path is not None
    return sqlite_store.database.path


@pytest.fixture
def other(sqlite_store: Store) -> Iterator[Store]:
    """The same hospital, as another worker has it open."""
    url = sqlite_store.database.engine.url.render_as_string()
    store = Store(open_database(url, patience=0.2), sqlite_store.clock, sqlite_store.rules)
    yield store
    store.database.dispose()


def look(store: Store) -> bool:
    return file_check.look_daily(store, SYSTEM)


def told(store: Store) -> tuple[str, ...]:
    return store.read(SYSTEM, mail_troubles.sentences)


def test_once_a_day_however_many_workers(
    sqlite_store: Store, other: Store, clock: FixedClock
) -> None:
    assert [look(sqlite_store), look(other), look(sqlite_store)] == [True, False, False]
    clock.advance(timedelta(days=3))
    assert [look(other), look(sqlite_store)] == [True, False]
    (job,) = [one for one in other.read(SYSTEM, jobs_list.list_jobs) if one.job == "file-check"]
    assert (job.last_run, job.result) == (other.now(), {"damage": ""})
    assert job.next_run is not None
    assert timedelta() < job.next_run - other.now() <= timedelta(days=1)


def test_a_look_that_was_killed_is_made_again(sqlite_store: Store, clock: FixedClock) -> None:
    assert sqlite_store.write(SYSTEM, file_check.begin)
    assert not look(sqlite_store)
    clock.advance(file_check.LEASE)
    assert look(sqlite_store)


def test_damage_is_found_told_and_gone_when_it_is_mended(
    sqlite_store: Store,
    other: Store,
    file: Path,
    clock: FixedClock,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Although this worker has every page in its memory, and found them whole the day before."""
    root = actor_of(sqlite_store, admin(sqlite_store, "chief"))
    taking.take(sqlite_store, root, tmp_path / "newest")
    assert look(sqlite_store)
    clock.advance(timedelta(days=1))
    with damaged(file):
        with pytest.raises(Damaged, match=rf"damaged: Tree .*backup: .*{tmp_path}/newest"):
            look(sqlite_store)
        assert [one.message for one in caplog.records if one.levelno >= ERROR] == ["file.damaged"]
        with pytest.raises(Damaged, match=rf"backup: .*{tmp_path}/newest"):
            look(other)  # which does not look again, and ends all the same
        (sentence,) = told(other)
        assert sentence.startswith("The database file is damaged: Tree ")
        with pytest.raises(Damaged):
            file_check.look(other, SYSTEM)  # a worker that starts
    file_check.look(other, SYSTEM)
    assert told(other) == ()
    assert not look(sqlite_store)


def test_nobody_waits_for_it(sqlite_store: Store, other: Store) -> None:
    written = []

    @event.listens_for(sqlite_store.database.engine, "before_cursor_execute")
    def write_meanwhile(_c: Any, _d: Any, statement: str, *_rest: Any) -> None:
        if "quick_check" in statement:
            other.write(SYSTEM, job_runs.sign_of_life, "desk")
            written.append(statement)

    assert look(sqlite_store)
    assert len(written) == 1


def test_a_worker_that_runs_ends_with_the_sentence(sqlite_store: Store, file: Path) -> None:
    """It works on without its queue, so that the test need not wait for the next minute."""
    nowhere = f"redis://127.0.0.1:{free_port()}/0"
    queue = build_queue(QueueSettings("redis", nowhere, queue_key(sqlite_store.database)))
    with damaged(file), pytest.raises(Damaged, match="The database file is damaged: Tree "):
        worker.run(sqlite_store, queue, None, poll_seconds=0.1)


def test_postgresql_sees_to_its_own_files(
    found_postgres: Callable[..., str], make_store: MakeStore
) -> None:
    store = make_store(found_postgres())
    assert not look(store)
    assert "file-check" not in {job.job for job in store.read(SYSTEM, jobs_list.list_jobs)}


def test_of_a_file_that_was_copied_in_part_nothing_is_believed(
    found_sqlite: Callable[..., str], make_store: MakeStore, tmp_path: Path
) -> None:
    whole = Path(found_sqlite().removeprefix("sqlite:///"))
    half = tmp_path / "half.db"
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    half.chmod(0o600)
    before = half.read_bytes()
    with pytest.raises(Damaged, match=r"The database file is damaged.* chikitsa db restore"):
        file_check.look(make_store(f"sqlite:///{half}"), SYSTEM)
    assert half.read_bytes() == before
