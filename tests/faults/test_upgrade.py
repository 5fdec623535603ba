"""A database that is upgraded under programs that run: they stop, say so in one sentence, and write
nothing. (R9 of the catalogue of races.)"""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from chikitsa_tui import live
from jobs import worker
from jobs.queue import QueueSettings, build_queue
from store import schema_version
from store.errors import OtherVersion
from store.front_door import Store
from store.queue_key import queue_key
from tests.faults.test_disk import ready_to_book
from tests.hospital import owning
from tests.ui.clinic import Clinic, picture, press, until, words
from tests.ui.conftest import _filled_clinic, clinic

__all__ = ["_filled_clinic", "clinic"]

SENTENCE = "The database is now of another version of Chikitsa"


def become(store: Store, version: str) -> None:
    with owning(store) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})


async def test_the_app_keeps_what_was_typed_and_says_what_to_do(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=(120, 40)) as pilot:
        dialog = await ready_to_book(pilot)
        become(clinic.store, "9999")
        await press(pilot, "enter")
        assert pilot.app.screen is dialog
        assert SENTENCE in words(pilot)
        assert "knee hurts" in picture(pilot)
        clinic.seconds += live.STANDING_SECONDS
        await until(pilot, lambda: pilot.app._notifications)
        (told,) = pilot.app._notifications
        assert told.message.startswith(SENTENCE)
        become(clinic.store, schema_version.newest())
    assert clinic.of(0) == []


def test_the_worker_ends_to_be_started_anew(clinic: Clinic, tmp_path: Path) -> None:
    key = queue_key(clinic.store.database)
    queue = build_queue(QueueSettings("sqlite", str(tmp_path / "queue.db"), key))
    become(clinic.store, "9999")
    with pytest.raises(OtherVersion, match=SENTENCE):
        worker.run(clinic.store, queue, None, poll_seconds=0.1)
