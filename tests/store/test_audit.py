"""The audit trail: who may read it, by which filters, and that tampering is found."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from store import audit, records
from store.clock import FixedClock
from store.errors import Forbidden, Invalid
from store.front_door import Store
from store.values import AuditView, RecordInput
from tests.hospital import owning
from tests.store.clinic import Clinic, open_clinic


@pytest.fixture
def clinic(store: Store) -> Clinic:
    return open_clinic(store)


def entries(clinic: Clinic, **filters: object) -> list[AuditView]:
    page = clinic.store.read(clinic.admin, audit.list_entries, **filters)  # type: ignore[arg-type]
    return list(page.items)


def test_entries_say_who_what_where_and_when(clinic: Clinic) -> None:
    record = clinic.signed(clinic.rao, clinic.nair, RecordInput(notes="Seen"))
    newest = entries(clinic)[0]
    assert (newest.actor, newest.role, newest.terminal) == ("dr.nair", "doctor", "tty1@desk-2")
    assert (newest.action, newest.entity) == ("record.sign", "medical_record")
    assert newest.entity_id == str(record.id)
    assert newest.at == clinic.store.now()
    assert set(newest.detail) == {"signature"}


def test_entries_are_filtered(clinic: Clinic, clock: FixedClock) -> None:
    record = clinic.signed(clinic.rao, clinic.nair, RecordInput(notes="Seen"))
    clock.advance(timedelta(hours=1))
    clinic.store.read(clinic.rao, records.get, record.id)
    assert {one.actor for one in entries(clinic, actor="DR.Nair")} == {"dr.nair"}
    assert {one.actor for one in entries(clinic, actor=clinic.rao.account_id)} == {"rao"}
    assert [one.action for one in entries(clinic, start=clinic.store.now())] == ["record.read"]
    assert "record.read" not in {one.action for one in entries(clinic, end=clinic.store.now())}
    assert entries(clinic, entity="holiday") == []
    assert len(entries(clinic, patient_id=record.patient_id)) == 4
    page = clinic.store.read(clinic.admin, audit.list_entries, limit=1, offset=1)
    assert (len(page.items), page.total, page.items[0].action) == (1, 4, "record.sign")


def test_only_administrators_read_it(clinic: Clinic) -> None:
    for actor in (clinic.nair, clinic.rao, clinic.desk):
        with pytest.raises(Forbidden):
            clinic.store.read(actor, audit.list_entries)
        with pytest.raises(Forbidden):
            clinic.store.read(actor, audit.verify)


def test_an_untouched_trail_holds(clinic: Clinic) -> None:
    clinic.signed(clinic.rao, clinic.nair, RecordInput(notes="Seen"))
    held = clinic.store.read(clinic.admin, audit.verify)
    assert held == clinic.store.read(clinic.admin, audit.list_entries).total - 1


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit_entry SET actor_name = 'nobody' WHERE id = 2",
        "UPDATE audit_entry SET detail = '{}' WHERE id = 2",
        "UPDATE audit_entry SET patient_id = NULL WHERE id = 2",
        "DELETE FROM audit_entry WHERE id = 2",
    ],
)
def test_tampering_behind_the_triggers_is_found(clinic: Clinic, tampering: str) -> None:
    clinic.signed(clinic.rao, clinic.nair, RecordInput(notes="Seen"))
    with owning(clinic.store) as connection:
        if clinic.store.database.dialect == "sqlite":
            connection.execute(text("DROP TRIGGER audit_entry_no_update"))
            connection.execute(text("DROP TRIGGER audit_entry_no_delete"))
        else:
            connection.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER ALL"))
        connection.execute(text(tampering))
    with pytest.raises(Invalid) as refused:
        clinic.store.read(clinic.admin, audit.verify)
    assert refused.value.details["entry"] == 2
    assert "Audit entry 2 " in refused.value.message
