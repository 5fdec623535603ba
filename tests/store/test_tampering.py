"""What was written down stays as it was: refused by the database, or found by the chain.

Whoever owns the database can drop its triggers; what is done behind them, the chain tells.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from store import (
    appointments,
    audit,
    chain,
    holidays,
    leave,
    patients,
    records,
)
from store.actors import system
from store.errors import (
    ChangedMeanwhile,
    Duplicate,
    Forbidden,
    InUse,
    Invalid,
    PatientBusy,
    SlotTaken,
)
from store.exchange import csv_export
from store.front_door import Store
from store.tables import AuditEntry, table_of
from store.transaction import Transaction
from store.values import (
    AppointmentStatus,
    AuditView,
    Diagnosis,
    PatientInput,
    PrescriptionInput,
    RecordInput,
)
from tests.hospital import owning
from tests.store.clinic import Clinic, open_clinic

_ENTRY = table_of(AuditEntry)
LEDGERS = ("audit_entry", "appointment_event", "record_amendment")
CONTENT = RecordInput(
    diagnoses=(Diagnosis("Fever"),),
    notes="Seen",
    prescription=(PrescriptionInput("Zinc", warning_answer="again"),),
)


@pytest.fixture
def clinic(store: Store) -> Clinic:
    return filled(store)


@pytest.fixture
def sqlite_clinic(sqlite_store: Store) -> Clinic:
    """For REPLACE, which PostgreSQL does not have."""
    return filled(sqlite_store)


def filled(store: Store) -> Clinic:
    """Signed and amended, drafted, and moved: a row in every ledger, five audit entries or more."""
    clinic = open_clinic(store)
    signed = clinic.signed(clinic.rao, clinic.nair, CONTENT)
    store.write(clinic.nair, records.amend, signed.id, field="notes", text="Ok", reason="slip")
    inside = clinic.visit(clinic.das, clinic.nair, AppointmentStatus.CHECKED_IN, overbooked=True)
    store.write(clinic.nair, appointments.start, inside)
    draft = store.write(clinic.nair, records.open_draft, inside)
    store.write(clinic.nair, records.save_draft, draft.id, CONTENT, version=draft.version)
    return clinic


def entries(clinic: Clinic) -> list[AuditView]:
    return list(clinic.store.read(system(), audit.list_entries).items)


@contextmanager
def by_the_owner(clinic: Clinic) -> Iterator[Callable[[str], None]]:
    """SQL of somebody who owns the database, past our engine and its pragmas, with no triggers."""
    with directly(clinic) as run:
        if clinic.store.database.dialect == "sqlite":
            for name in ("update", "delete", "replace"):
                run(f"DROP TRIGGER audit_entry_no_{name}")
        else:
            run("ALTER TABLE audit_entry DISABLE TRIGGER ALL")
        yield run


@contextmanager
def directly(clinic: Clinic) -> Iterator[Callable[[str], None]]:
    """SQL past our engine: a shell on the database, with the pragmas it has by itself."""
    with owning(clinic.store) as connection:

        def run(statement: str) -> None:
            connection.execute(text(statement))

        yield run


def first_that_fails(clinic: Clinic) -> int:
    with pytest.raises(Invalid) as refused:
        clinic.store.read(clinic.admin, audit.verify)
    return int(refused.value.details["entry"])


class TestTheChainTells:
    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("at", "'2026-01-01 00:00:00.000000+00:00'"),
            ("actor_id", "2"),
            ("actor_name", "'root'"),
            ("actor_role", "'admin'"),
            ("session_id", "1"),
            ("terminal", "'elsewhere'"),
            ("action", "'record.read'"),
            ("outcome", "'failed'"),
            ("entity", "'doctor'"),
            ("entity_id", "'77'"),
            ("patient_id", "NULL"),
            ("reason", "'none'"),
            ("detail", "'{\"fields\": []}'"),
            ("prev_hash", f"'{'1' * 64}'"),
            ("hash", f"'{'2' * 64}'"),
        ],
    )
    def test_of_every_column(self, clinic: Clinic, column: str, value: str) -> None:
        if clinic.store.database.dialect == "sqlite":
            value = value.replace("+00:00", "")
        with by_the_owner(clinic) as run:
            run(f"UPDATE audit_entry SET {column} = {value} WHERE id = 3")
        assert first_that_fails(clinic) == 3

    def test_no_column_is_left_out(self) -> None:
        tried = TestTheChainTells.test_of_every_column.pytestmark[0].args[1]  # type: ignore[attr-defined]
        assert {column for column, _ in tried} | {"id"} == {one.name for one in _ENTRY.columns}

    @pytest.mark.parametrize("gone", [1, 3])
    def test_of_a_deleted_entry(self, clinic: Clinic, gone: int) -> None:
        with by_the_owner(clinic) as run:
            run(f"DELETE FROM audit_entry WHERE id = {gone}")
        assert first_that_fails(clinic) == gone

    def test_of_a_deleted_entry_whose_number_the_next_took(self, clinic: Clinic) -> None:
        with by_the_owner(clinic) as run:
            run("DELETE FROM audit_entry WHERE id = 3")
            for number in range(4, len(entries(clinic)) + 2):
                run(f"UPDATE audit_entry SET id = {number - 1} WHERE id = {number}")
        assert first_that_fails(clinic) == 3

    def test_of_two_that_changed_places(self, clinic: Clinic) -> None:
        with by_the_owner(clinic) as run:
            for before, after in ((3, 9999), (4, 3), (9999, 4)):
                run(f"UPDATE audit_entry SET id = {after} WHERE id = {before}")
        assert first_that_fails(clinic) == 3

    def test_of_one_slipped_in(self, clinic: Clinic) -> None:
        names = ", ".join(
            one.name for one in _ENTRY.columns if one.name not in ("id", "hash", "prev_hash")
        )
        last = len(entries(clinic))
        with by_the_owner(clinic) as run:
            for number in range(last, 2, -1):
                run(f"UPDATE audit_entry SET id = {number + 1} WHERE id = {number}")
            run(
                f"INSERT INTO audit_entry (id, {names}, prev_hash, hash)"
                f" SELECT 3, {names}, '{'a' * 64}', '{'b' * 64}' FROM audit_entry WHERE id = 2"
            )
        assert first_that_fails(clinic) == 3

    def test_of_one_put_at_the_end(self, clinic: Clinic) -> None:
        names = ", ".join(
            one.name for one in _ENTRY.columns if one.name not in ("id", "hash", "prev_hash")
        )
        last = len(entries(clinic))
        with directly(clinic) as run:
            # No trigger refuses what is only added; the chain does.
            run(
                f"INSERT INTO audit_entry (id, {names}, prev_hash, hash)"
                f" SELECT {last + 1}, {names}, '{'a' * 64}', '{'b' * 64}'"
                " FROM audit_entry WHERE id = 2"
            )
        assert first_that_fails(clinic) == last + 1

    def test_of_one_rewritten_with_a_hash_that_fits(self, clinic: Clinic) -> None:
        """The hash has no key, so that one can be computed anew; the next entry betrays it."""
        with clinic.store.database.begin(write=False) as connection:
            row = connection.execute(_ENTRY.select().where(_ENTRY.c.id == 3)).mappings().one()
        content = {name: row[name] for name in row if name not in ("hash", "prev_hash")}
        forged = chain._digest(content | {"actor_name": "root"}, row["prev_hash"])
        with by_the_owner(clinic) as run:
            run(f"UPDATE audit_entry SET actor_name = 'root', hash = '{forged}' WHERE id = 3")
        assert first_that_fails(clinic) == 4


class TestTheDatabaseRefuses:
    @pytest.mark.parametrize("table", LEDGERS)
    def test_every_change_of_a_ledger(self, clinic: Clinic, table: str) -> None:
        statements = [
            f"UPDATE {table} SET reason = 'none'",
            f"UPDATE {table} SET id = id + 1000",
            f"DELETE FROM {table}",
            f"DELETE FROM {table} WHERE id = (SELECT max(id) FROM {table})",
        ]
        if clinic.store.database.dialect == "postgresql":
            statements += [
                f"TRUNCATE {table}",
                f"TRUNCATE {table} CASCADE",
                (
                    f"INSERT INTO {table} SELECT * FROM {table}"
                    " ON CONFLICT (id) DO UPDATE SET reason = 'none'"
                ),
                f"SET session_replication_role = replica; DELETE FROM {table}",
            ]
        else:
            statements += [
                f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
                f"REPLACE INTO {table} SELECT * FROM {table} LIMIT 1",
                f"UPDATE OR REPLACE {table} SET id = 1",
            ]
        self.refused(clinic, table, statements)

    def test_a_replacement_by_another_number(self, sqlite_clinic: Clinic) -> None:
        """REPLACE takes away whatever has the same unique value, not the same id alone."""
        names = [one.name for one in _ENTRY.columns if one.name != "id"]
        for kept in ("hash", "prev_hash"):
            other = {"hash": "prev_hash", "prev_hash": "hash"}[kept]
            values = ", ".join(f"'{'c' * 64}'" if name == other else name for name in names)
            replacing = (
                f"INSERT OR REPLACE INTO audit_entry (id, {', '.join(names)})"
                f" SELECT 9999, {values} FROM audit_entry WHERE id = 3"
            )
            self.refused(sqlite_clinic, "audit_entry", [replacing])

    @pytest.mark.parametrize("table", ["medical_record", "record_diagnosis", "prescription_item"])
    def test_every_change_of_what_is_signed(self, clinic: Clinic, table: str) -> None:
        key = "id" if table == "medical_record" else "record_id"
        signed = "(SELECT id FROM medical_record WHERE status = 'signed')"
        draft = "(SELECT id FROM medical_record WHERE status = 'draft')"
        if table == "medical_record":
            statements = [
                f"UPDATE {table} SET notes = 'x' WHERE status = 'signed'",
                f"UPDATE {table} SET status = 'draft', signed_at = NULL WHERE status = 'signed'",
                f"UPDATE {table} SET id = {signed} WHERE id = {draft}",
                (
                    f"UPDATE {table} SET patient_id = (SELECT patient_id FROM medical_record"
                    " WHERE status = 'draft') WHERE status = 'signed'"
                ),
            ]
        else:
            statements = [
                f"UPDATE {table} SET position = 7 WHERE record_id = {signed}",
                f"UPDATE {table} SET record_id = {draft}, position = 7 WHERE record_id = {signed}",
                f"UPDATE {table} SET record_id = {signed}, position = 7 WHERE record_id = {draft}",
            ]
        gone = f"DELETE FROM {table} WHERE {key} = {signed}"
        other = "notes = 'x'" if table == "medical_record" else "position = 7"
        itself = f"INTO {table} SELECT * FROM {table} WHERE {key} = {signed}"
        statements += [gone, f"INSERT {itself} ON CONFLICT (id) DO UPDATE SET {other}"]
        if clinic.store.database.dialect == "postgresql":
            statements += [
                f"TRUNCATE {table} CASCADE",
                f"SET session_replication_role = replica; {gone}",
            ]
        else:
            final = f"(SELECT id FROM {table} AS final WHERE final.{key} = {signed})"
            of_draft = f"WHERE {key} = {draft}"
            statements += [
                f"INSERT OR REPLACE {itself}",
                f"UPDATE OR REPLACE {table} SET id = {final} {of_draft}",
                f"UPDATE OR REPLACE {table} SET rowid = CAST({final} AS TEXT) {of_draft}",
                f"UPDATE OR IGNORE {table} SET {other} WHERE {key} = {signed}",
            ]
        self.refused(clinic, table, statements)

    def test_a_signed_record_replaced_by_its_visit(self, sqlite_clinic: Clinic) -> None:
        visit = "(SELECT appointment_id FROM medical_record WHERE status = 'signed')"
        replacing = (
            f"UPDATE OR REPLACE medical_record SET appointment_id = {visit} WHERE status = 'draft'"
        )
        self.refused(sqlite_clinic, "medical_record", [replacing])

    def refused(self, clinic: Clinic, table: str, statements: list[str]) -> None:
        before = self.content(clinic, table)
        assert before
        for statement in statements:
            with pytest.raises(DBAPIError), directly(clinic) as run:
                run(statement)
            assert self.content(clinic, table) == before, statement

    def content(self, clinic: Clinic, table: str) -> list[object]:
        with clinic.store.database.begin(write=False) as connection:
            return [*connection.execute(text(f"SELECT * FROM {table} ORDER BY id"))]


class TestWhatIsWrittenDown:
    def test_a_refusal_leaves_an_entry(self, clinic: Clinic) -> None:
        signed = clinic.signed(clinic.rao, clinic.nair, CONTENT)
        attempts: list[tuple[Callable[[], object], str]] = [
            (lambda: clinic.store.read(clinic.das, records.get, signed.id), "record.read"),
            (lambda: clinic.store.read(clinic.desk, audit.verify), "audit.read"),
            (
                lambda: clinic.store.write(clinic.bose, records.sign, signed.id),
                "record.sign",
            ),
        ]
        for attempt, action in attempts:
            with pytest.raises(Forbidden):
                attempt()
            newest = entries(clinic)[0]
            assert (newest.action, newest.outcome) == (action, "denied")
        assert entries(clinic)[0].actor == clinic.bose.username

    def test_reading_a_record_leaves_an_entry(self, clinic: Clinic) -> None:
        signed = clinic.signed(clinic.rao, clinic.nair, CONTENT)
        for actor in (clinic.rao, clinic.nair, clinic.admin):
            clinic.store.read(actor, records.get, signed.id)
            newest = entries(clinic)[0]
            assert (newest.action, newest.actor) == ("record.read", actor.username)
            assert newest.entity_id == str(signed.id)

    def test_reading_that_breaks_off_leaves_one_too(self, clinic: Clinic) -> None:
        signed = clinic.signed(clinic.rao, clinic.nair, CONTENT)

        def fall_over(tx: Transaction) -> None:
            records.get(tx, signed.id)
            raise RuntimeError("the screen fell over")

        with pytest.raises(RuntimeError):
            clinic.store.read(clinic.admin, fall_over)
        newest = entries(clinic)[0]
        assert (newest.action, newest.actor) == ("record.read", "root")

    def test_an_export_whose_reader_goes_away_leaves_one(self, clinic: Clinic) -> None:
        class Pipe(io.StringIO):
            def write(self, line: str) -> int:
                if "Arjun" in line:
                    raise BrokenPipeError
                return super().write(line)

        with pytest.raises(BrokenPipeError):
            csv_export.export(clinic.store, clinic.admin, "patients", Pipe())
        newest = entries(clinic)[0]
        assert (newest.action, newest.detail) == ("data.export", {"rows": 1})


def _twice_a_holiday(clinic: Clinic) -> Callable[[Transaction], object]:
    clinic.store.write(clinic.admin, holidays.add, date(2026, 12, 25), "Christmas")
    return lambda tx: holidays.add(tx, date(2026, 12, 25), "Again")


def _booked(clinic: Clinic, patient_id: int | None) -> int:
    _hours(clinic)
    clinic.store.write(
        system(), patients.update, clinic.rao.patient_id or 0, {"email": "rao@example.org"}
    )
    return clinic.store.write(
        clinic.desk,
        appointments.book,
        patient_id=patient_id or 0,
        doctor_id=clinic.nair.doctor_id or 0,
        starts_at=clinic.store.now() + timedelta(hours=25),
    ).id


def _hours(clinic: Clinic) -> None:
    from store import schedule
    from tests.hospital import weekly

    for doctor in (clinic.nair, clinic.bose):
        week = weekly("09:00-17:00/15", days=range(7))
        clinic.store.write(system(), schedule.replace_week, doctor.doctor_id or 0, week)


def _taken(clinic: Clinic) -> Callable[[Transaction], object]:
    _booked(clinic, clinic.rao.patient_id)
    return lambda tx: appointments.book(
        tx,
        patient_id=clinic.das.patient_id or 0,
        doctor_id=clinic.nair.doctor_id or 0,
        starts_at=clinic.store.now() + timedelta(hours=25),
    )


def _busy(clinic: Clinic) -> Callable[[Transaction], object]:
    """Refused when the old appointment is closed already, in the same unit."""
    _booked(clinic, clinic.rao.patient_id)
    other = clinic.store.write(
        clinic.desk,
        appointments.book,
        patient_id=clinic.rao.patient_id or 0,
        doctor_id=clinic.bose.doctor_id or 0,
        starts_at=clinic.store.now() + timedelta(hours=27),
    )
    return lambda tx: appointments.reschedule(
        tx, other.id, starts_at=clinic.store.now() + timedelta(hours=25)
    )


def _leave_over_appointments(clinic: Clinic) -> Callable[[Transaction], object]:
    _booked(clinic, clinic.rao.patient_id)
    start = clinic.store.now()
    return lambda tx: leave.add(
        tx, clinic.nair.doctor_id or 0, start, start + timedelta(days=3), "away"
    )


def _stale_version(clinic: Clinic) -> Callable[[Transaction], object]:
    visit = _booked(clinic, clinic.rao.patient_id)
    return lambda tx: appointments.cancel(tx, visit, version=99)


def _signing_against_an_allergy(clinic: Clinic) -> Callable[[Transaction], object]:
    """Completing writes the draft first, and is refused when it comes to signing."""
    clinic.allergy(clinic.das, "Penicillin")
    visit = clinic.visit(
        clinic.das, clinic.nair, AppointmentStatus.IN_CONSULTATION, overbooked=True
    )
    content = RecordInput(notes="Sore", prescription=(PrescriptionInput("Penicillin V"),))
    return lambda tx: appointments.complete(tx, visit, record=content)


def _two_things_of_which_one_fails(clinic: Clinic) -> Callable[[Transaction], object]:
    visit = _booked(clinic, clinic.rao.patient_id)

    def both(tx: Transaction) -> object:
        appointments.cancel(tx, visit)
        return patients.register(tx, PatientInput(""))

    return both


def _a_fault_of_ours(clinic: Clinic) -> Callable[[Transaction], object]:
    visit = _booked(clinic, clinic.rao.patient_id)

    def fault(tx: Transaction) -> object:
        appointments.cancel(tx, visit)
        return 1 // 0

    return fault


@pytest.mark.parametrize(
    ("prepare", "who", "refusal"),
    [
        (_twice_a_holiday, "admin", Duplicate),
        (_taken, "desk", SlotTaken),
        (_busy, "desk", PatientBusy),
        (_leave_over_appointments, "nair", InUse),
        (_stale_version, "desk", ChangedMeanwhile),
        (_signing_against_an_allergy, "nair", Invalid),
        (_two_things_of_which_one_fails, "desk", Invalid),
        (_a_fault_of_ours, "desk", ZeroDivisionError),
    ],
)
def test_what_is_refused_leaves_nothing(
    clinic: Clinic,
    prepare: Callable[[Clinic], Callable[[Transaction], object]],
    who: str,
    refusal: type[Exception],
) -> None:
    """No entry, no change, no message, no row: not of the part that went well either."""
    rule = prepare(clinic)
    before = everything(clinic)
    with pytest.raises(refusal):
        clinic.store.write(getattr(clinic, who), rule)
    assert everything(clinic) == before
    assert clinic.store.read(clinic.admin, audit.verify) == len(before["audit_entry"])


def everything(clinic: Clinic) -> dict[str, list[str]]:
    tables = {table.name for table in _ENTRY.metadata.sorted_tables}
    with clinic.store.database.begin(write=False) as connection:
        return {
            name: sorted(map(repr, connection.execute(text(f"SELECT * FROM {name}"))))
            for name in tables
        }
