"""What the chain alone cannot tell, an anchor does: a tail cut off, and a trail computed anew.

Together with `test_tampering.py`, which tries what breaks a link.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from store import audit, chain
from store.actors import system
from store.errors import Forbidden, Invalid
from store.front_door import Store
from store.tables import Patient, table_of
from store.values import Anchor, AuditFilter
from tests.store.clinic import Clinic
from tests.store.test_tampering import _ENTRY, by_the_owner, entries, filled

Change = Callable[[dict[str, Any]], Mapping[str, Any] | None]
"""What becomes of an entry; None takes it out."""


@pytest.fixture
def clinic(store: Store) -> Clinic:
    return filled(store)


def anchored(clinic: Clinic) -> Anchor:
    return clinic.store.read(clinic.admin, audit.anchor)


def entry_that_fails(clinic: Clinic, *anchors: Anchor) -> int:
    with pytest.raises(Invalid) as refused:
        clinic.store.read(clinic.admin, audit.verify, anchors)
    return int(refused.value.details["entry"])


def written_anew(clinic: Clinic, first: int, change: Change) -> None:
    """Entries from `first` on with another content, and every hash behind it computed anew: what
    somebody does who owns the database and knows how the chain is made."""
    with clinic.store.database.begin(write=False) as connection:
        rows = [dict(row) for row in connection.execute(_ENTRY.select()).mappings()]
    rows.sort(key=lambda row: row["id"])
    kept = [row for row in rows if row["id"] < first]
    previous = kept[-1]["hash"] if kept else chain.GENESIS
    for row in rows[len(kept) :]:
        changed = change(row)
        if changed is None:
            continue
        content = {name: changed[name] for name in chain._HASHED} | {"id": len(kept) + 1}
        digest = chain._digest(content, previous)
        kept.append(content | {"prev_hash": previous, "hash": digest})
        previous = digest
    with by_the_owner(clinic) as run:
        run("DELETE FROM audit_entry")
    with clinic.store.database.begin(write=True) as connection:
        connection.execute(_ENTRY.insert(), kept)


def as_somebody_else(row: dict[str, Any]) -> dict[str, Any]:
    return row | ({"actor_name": "dr.bose"} if row["actor_name"] == "dr.nair" else {})


def without_the_patient(row: dict[str, Any]) -> dict[str, Any] | None:
    return None if row["action"].startswith("record.") else row


class TestTheAnchorTells:
    def test_of_a_tail_cut_off(self, clinic: Clinic) -> None:
        anchor = anchored(clinic)
        with by_the_owner(clinic) as run:
            run(f"DELETE FROM audit_entry WHERE id >= {anchor.entries - 1}")
        assert entry_that_fails(clinic, anchor) == anchor.entries - 1

    def test_of_a_tail_cut_off_and_grown_again(self, clinic: Clinic) -> None:
        anchor = anchored(clinic)
        with by_the_owner(clinic) as run:
            run(f"DELETE FROM audit_entry WHERE id >= {anchor.entries - 1}")
        for _ in range(5):
            clinic.store.read(clinic.admin, audit.verify)
        assert entry_that_fails(clinic, anchor) == anchor.entries

    def test_of_a_trail_emptied(self, clinic: Clinic) -> None:
        anchor = anchored(clinic)
        with by_the_owner(clinic) as run:
            run("DELETE FROM audit_entry")
        assert entry_that_fails(clinic, anchor) == 1

    @pytest.mark.parametrize("first", [1, 3])
    def test_of_a_trail_written_anew(self, clinic: Clinic, first: int) -> None:
        anchor = anchored(clinic)
        written_anew(clinic, first, as_somebody_else)
        assert clinic.store.read(clinic.admin, audit.verify) == anchor.entries + 1
        assert entry_that_fails(clinic, anchor) == anchor.entries

    def test_of_entries_taken_out_of_a_trail_written_anew(self, clinic: Clinic) -> None:
        anchor = anchored(clinic)
        written_anew(clinic, 1, without_the_patient)
        held = clinic.store.read(clinic.admin, audit.verify)
        assert held < anchor.entries
        assert entry_that_fails(clinic, anchor) == held + 2

    def test_by_any_of_several(self, clinic: Clinic) -> None:
        early, late = anchored(clinic), anchored(clinic)
        assert late.entries == early.entries + 1
        with by_the_owner(clinic) as run:
            run(f"DELETE FROM audit_entry WHERE id > {early.entries}")
        clinic.store.read(clinic.admin, audit.verify, [early])
        clinic.store.read(clinic.admin, audit.verify)
        assert entry_that_fails(clinic, early, late) == late.entries

    def test_nothing_where_nothing_was_altered(self, clinic: Clinic) -> None:
        kept = [anchored(clinic) for _ in range(3)]
        last = kept[-1].entries
        assert clinic.store.read(clinic.admin, audit.verify, kept) == last + 1

    def test_that_it_is_of_another_hospital(self, clinic: Clinic) -> None:
        with pytest.raises(Invalid, match="another hospital"):
            clinic.store.read(
                clinic.admin, audit.verify, [replace(anchored(clinic), hospital="other")]
            )


class TestTheChainTellsOnItsOwn:
    def test_of_one_replaced(self, clinic: Clinic) -> None:
        """REPLACE where SQLite's triggers are gone, and what PostgreSQL has instead of it."""
        names = ", ".join(one.name for one in _ENTRY.columns)
        values = names.replace("actor_name", "'root'")
        clash = "ON CONFLICT (id) DO UPDATE SET actor_name = excluded.actor_name"
        with by_the_owner(clinic) as run:
            run(
                f"INSERT INTO audit_entry ({names}) SELECT {values} FROM audit_entry"
                f" WHERE id = 3 {clash}"
            )
        assert entry_that_fails(clinic) == 3

    def test_of_a_gap_closed_by_its_links_alone(self, clinic: Clinic) -> None:
        """The entry behind a deleted one points to the one before it, and numbers move up."""
        before, _, *behind = (one.hash for one in reversed(entries(clinic)))
        with by_the_owner(clinic) as run:
            run("DELETE FROM audit_entry WHERE id = 2")
            run(f"UPDATE audit_entry SET prev_hash = '{before}' WHERE id = 3")
            for number in range(3, len(behind) + 3):
                run(f"UPDATE audit_entry SET id = {number - 1} WHERE id = {number}")
        assert entry_that_fails(clinic) == 2

    def test_of_one_moved_to_another_patient_and_back_in_time(self, clinic: Clinic) -> None:
        with by_the_owner(clinic) as run:
            run("UPDATE audit_entry SET entity_id = '1', patient_id = 1 WHERE id = 4")
            run("UPDATE audit_entry SET at = (SELECT min(at) FROM audit_entry) WHERE id = 4")
            run("UPDATE audit_entry SET reason = 'asked by phone' WHERE id = 4")
        assert entry_that_fails(clinic) == 4


class TestWhoSaw:
    def test_everybody_who_read_or_changed_anything_of_a_patient(self, clinic: Clinic) -> None:
        patient_id = clinic.rao.patient_id or 0
        found = clinic.store.read(clinic.admin, audit.who_saw, patient_id)
        assert {one.actor for one in found} == {"dr.nair"}
        assert found[0].changes > 0
        clinic.store.read(clinic.admin, audit.list_entries, patient_id=patient_id)
        again = clinic.store.read(clinic.admin, audit.who_saw, patient_id)
        told = {one.actor: (one.reads, one.changes) for one in again}
        # To ask who saw a patient is itself to have looked; to list the trail is not.
        assert told == {"dr.nair": (0, found[0].changes), "root": (1, 0)}

    def test_also_under_a_number_that_was_merged_into_this_one(self, clinic: Clinic) -> None:
        patient_id, other = clinic.rao.patient_id or 0, clinic.das.patient_id or 0
        before = clinic.store.read(clinic.admin, audit.who_saw, patient_id)
        with clinic.store.database.begin(write=True) as connection:
            patient = table_of(Patient)
            merged = patient.update().where(patient.c.id == other)
            connection.execute(merged.values(merged_into_id=patient_id))
        after = clinic.store.read(clinic.admin, audit.who_saw, patient_id)
        assert sum(one.changes for one in after) > sum(one.changes for one in before)

    def test_is_for_administrators(self, clinic: Clinic) -> None:
        for actor in (clinic.nair, clinic.rao, clinic.desk):
            with pytest.raises(Forbidden):
                clinic.store.read(actor, audit.who_saw, clinic.rao.patient_id or 0)


def test_an_export_is_all_of_it_oldest_first_and_an_entry_itself(clinic: Clinic) -> None:
    with clinic.store.reading(clinic.admin) as tx:
        found = list(audit.export(tx, AuditFilter()))
    assert [one.id for one in found] == list(range(1, len(found) + 1))
    with clinic.store.reading(clinic.admin) as tx:
        of_records = list(audit.export(tx, AuditFilter(action="record", actor="dr.nair")))
    assert {one.action.split(".")[0] for one in of_records} == {"record"}
    newest = entries(clinic)[0]
    assert (newest.action, newest.detail) == ("audit.export", {"rows": len(of_records)})


def test_an_anchor_of_nothing_is_refused(store: Store) -> None:
    with pytest.raises(Invalid, match="no entry yet"):
        store.read(system(), audit.anchor)
    store.write(system(), lambda tx: tx.record("patient.create", "patient", 1))
    assert store.read(system(), audit.anchor).entries == 1
