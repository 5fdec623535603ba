"""The hospital with a long past that is measured in: as many appointments as asked, and whole."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from sqlalchemy import make_url, text

from bench.past import BOOKED_A_DAY, furnish, kept
from store import outbox, schema, statistics
from store.values import OutboxStatus
from tests.clinic import SYSTEM
from tests.hospital import MakeStore
from tests.servers.postgres import as_owner

PAST, DOCTORS = 900, 3


def test_it_has_what_it_should(hospital_url: str, make_store: MakeStore) -> None:
    # Who measures makes a table of the connection alone, which the app's role may not.
    owner = as_owner(make_url(hospital_url)).render_as_string(hide_password=False)
    store = make_store(owner)
    furnish(store, SYSTEM, PAST, doctor_count=DOCTORS)
    today = store.now().date()
    booked = 6 * DOCTORS * BOOKED_A_DAY
    with store.database.begin(write=False) as connection:
        assert not connection.execute(text(schema.OVERLAPS)).all()
        rows = connection.execute(text("SELECT status, id FROM appointment")).all()
        changes = connection.execute(
            text("SELECT count(DISTINCT entity_id) FROM change WHERE topic = 'appointment'")
        ).scalar_one()
        lately = connection.execute(
            text("SELECT count(*) FROM appointment WHERE starts_at > :at AND starts_at < :now"),
            {"at": kept(store.now() - timedelta(days=2)), "now": kept(store.now())},
        ).scalar_one()
    statuses = Counter(status for status, _ in rows)
    assert statuses["booked"] == booked
    assert statuses.total() == PAST + booked == changes
    assert statuses["completed"] > PAST / 2
    assert lately  # Saturday, the last day of work, is not an empty one
    figures = store.read(
        SYSTEM, statistics.of_hospital, today - timedelta(days=30), today + timedelta(days=7)
    )
    told = figures.activity.period
    assert (told.booked, told.completed) == (booked, statuses["completed"])
    assert (figures.doctors, figures.mail_waiting) == (DOCTORS, booked)
    assert store.read(SYSTEM, outbox.counts)[OutboxStatus.SENT] == PAST
