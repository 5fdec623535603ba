"""What the roles of the app and the worker may do on PostgreSQL, and what nobody but the owner may.

That the app's role may do all that the app does is shown by every other test on PostgreSQL: they
are all run as that role.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from jobs.delivery import deliver_due
from jobs.mailer import Mailer, MailSettings
from jobs.schedule import EACH_MINUTE
from store import appointments, doctors, outbox, patients, schema
from store.clock import FixedClock
from store.database import open_database
from store.errors import WrongConfiguration
from store.front_door import Store
from store.roles import Grantees, may_alter_ledgers
from store.values import AppointmentStatus, MailKind, OutboxStatus
from tests.clinic import SYSTEM, Clinic, open_clinic
from tests.hospital import MakeStore
from tests.servers.mail import MailServer
from tests.servers.postgres import PostgresServer, as_owner
from tests.servers.process import free_port
from tests.store import waiting
from tests.store.waiting import WEDNESDAY

NEVER = [
    "UPDATE audit_entry SET actor_name = 'nobody'",
    "DELETE FROM audit_entry",
    "TRUNCATE audit_entry CASCADE",
    "INSERT INTO audit_entry SELECT * FROM audit_entry ON CONFLICT (id) DO UPDATE SET reason = ''",
    "DELETE FROM appointment_event",
    "UPDATE record_amendment SET reason = ''",
    "DELETE FROM change",
    "UPDATE hospital SET archive_key = 'known'",
    "UPDATE alembic_version SET version_num = '0000'",
    "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
    "DROP TRIGGER audit_entry_append_only ON audit_entry",
    "CREATE OR REPLACE FUNCTION chikitsa_wake() RETURNS trigger LANGUAGE sql AS 'SELECT NULL'",
    "SET session_replication_role = replica",
    "ALTER TABLE patient ADD COLUMN note text",
    "CREATE TABLE shopping (item text)",
    "CREATE TEMPORARY TABLE patient_merge (survivor_id bigint, merged_id bigint)",
    "DROP TABLE audit_entry CASCADE",
    "TRUNCATE appointment CASCADE",
    "ALTER TABLE audit_entry OWNER TO CURRENT_USER",
]
MERELY_THE_APPS = [
    "UPDATE account SET role = 'admin'",
    "INSERT INTO login_session DEFAULT VALUES",
    "UPDATE medical_record SET notes = ''",
    "DELETE FROM prescription_item",
    "UPDATE patient SET name = 'x'",
    "DELETE FROM appointment",
    "DELETE FROM working_hours",
]


@pytest.fixture
def clinic(found_postgres: Callable[..., str], make_store: MakeStore) -> Clinic:
    store = make_store(found_postgres())
    made = open_clinic(store, patient_count=6, hours=(9, 17))
    for doctor_id in made.doctors:
        store.write(SYSTEM, doctors.update, doctor_id, email=f"d{doctor_id}@example.org")
    return made


@pytest.fixture
def worker(clinic: Clinic, postgres: PostgresServer, make_store: MakeStore) -> Store:
    """The same hospital, as the worker's role has it."""
    url = clinic.store.database.engine.url.render_as_string(hide_password=False)
    return make_store(postgres.as_role(url, postgres.jobs))


def refused(store: Store, statement: str) -> None:
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be (owner|able)"),
        store.database.begin(write=True) as connection,
    ):
        connection.execute(text(statement))


def test_nobody_but_the_owner_alters_the_trail_or_the_schema(clinic: Clinic, worker: Store) -> None:
    for statement in NEVER:
        refused(clinic.store, statement)
        refused(worker, statement)


def test_the_worker_writes_nothing_but_what_its_duties_write(worker: Store) -> None:
    for statement in MERELY_THE_APPS:
        refused(worker, statement)


def test_the_worker_may_do_all_its_duties(
    clinic: Clinic, worker: Store, smtp_server: MailServer, clock: FixedClock
) -> None:
    """Mail taken, refused and kept waiting; an offer passed on, no-shows, reminders, reports."""
    early = waiting.book(clinic, 9)
    for number in range(1, 4):
        waiting.book(clinic, 9 + number, patient=number)
    waiting.wait(clinic, 4, last_day=WEDNESDAY)
    waiting.wait(clinic, 5, last_day=WEDNESDAY)
    waiting.do(clinic, appointments.cancel, early.id)
    away = MailSettings("127.0.0.1", free_port(), security="none", sender="desk@example.org")
    mailer = Mailer(replace(away, port=smtp_server.port))
    smtp_server.refuse("RCPT", "550 no such address", times=1)
    assert deliver_due(worker, Mailer(away), "worker-1", by_hand=True).problem is not None
    assert deliver_due(worker, mailer, "worker-1", by_hand=True).sent > 1
    for days in (0.2, 1.75, 1, 1, 31):
        clock.advance(timedelta(days=days))
        for duty in EACH_MINUTE.values():
            worker.write(SYSTEM, duty)
        deliver_due(worker, mailer, "worker-1", by_hand=True)
    told = {mail.message["Subject"] for mail in smtp_server.inbox}
    assert told >= {outbox.SUBJECTS[kind] for kind in (MailKind.BOOKED, MailKind.OFFER)}
    assert told >= {outbox.SUBJECTS[kind] for kind in (MailKind.REMINDER, MailKind.REPORT)}
    with clinic.store.reading(SYSTEM) as tx:
        missed = appointments.list_appointments(tx, status=AppointmentStatus.NO_SHOW)
    assert missed.total == 3
    assert worker.read(SYSTEM, outbox.counts)[OutboxStatus.FAILED] == 1


def test_an_upgrade_lets_the_roles_use_what_is_new(
    clinic: Clinic, postgres: PostgresServer
) -> None:
    url = clinic.store.database.engine.url
    owner = open_database(as_owner(url).render_as_string(hide_password=False))
    with owner.begin(write=True) as connection:
        connection.execute(text(f"REVOKE ALL ON patient FROM {postgres.app}"))
    with pytest.raises(ProgrammingError):
        clinic.store.read(SYSTEM, patients.get, clinic.patients[0])
    with pytest.raises(WrongConfiguration, match="no role nobody-knows"):
        schema.upgrade(owner, Grantees("nobody-knows"))
    schema.upgrade(owner, Grantees(postgres.app))
    first = clinic.patients[0]
    assert clinic.store.read(SYSTEM, patients.get, first).id == first
    for database, may in ((owner, True), (clinic.store.database, False)):
        with database.begin(write=False) as connection:
            assert may_alter_ledgers(connection) is may
    owner.dispose()
