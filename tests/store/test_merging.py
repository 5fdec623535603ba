"""Merging two registrations of one person: nothing is lost, both numbers find it, and back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Column, select
from sqlmodel import SQLModel

from store import (
    appointments,
    merge_rows,
    merging,
    patient_search,
    patients,
    records,
    waitlist,
)
from store.actors import system
from store.errors import BadCredentials, ChangedMeanwhile, InUse, Invalid, NotFound, SessionEnded
from store.front_door import Store
from store.tables import (
    Allergy,
    Appointment,
    MedicalRecord,
    OutboxMessage,
    Patient,
    PatientMerge,
    WaitlistEntry,
)
from store.transaction import Transaction
from store.values import (
    Actor,
    AppointmentStatus,
    DoctorView,
    PatientView,
    RecordInput,
    Sex,
    WaitlistStatus,
)
from tests.hospital import (
    MONDAY_MORNING,
    actor_of,
    doctor,
    patient,
    reception,
    signed_in,
)

TEN = MONDAY_MORNING + timedelta(hours=1)
SYSTEM = system()


@pytest.fixture
def desk(store: Store) -> Actor:
    return actor_of(store, reception(store))


@pytest.fixture
def meera(store: Store) -> PatientView:
    """Registered first, with a telephone and little else."""
    return patient(store, "Meera Rao", phone="98450 11223", allergies=("Penicillin",))


@pytest.fixture
def again(store: Store) -> PatientView:
    """The same person, registered a second time."""
    return patient(
        store,
        "Mira Rao",
        birth_date="1991-04-03",
        sex=Sex.FEMALE,
        phone="98450 44556",
        email="meera@example.org",
        emergency_name="Ravi Rao",
        emergency_phone="98450 99999",
        allergies=("penicillin", "Peanuts"),
    )


def book(store: Store, who: PatientView, by: DoctorView, at: datetime) -> int:
    view = store.write(SYSTEM, appointments.book, patient_id=who.id, doctor_id=by.id, starts_at=at)
    return view.id


def a_row_for(tx: Transaction, table: str, doctor_id: int, patient_id: int) -> None:
    """Put a row of a table in that belongs to a patient."""
    stamps = tx.stamps()
    room: dict[str, Any] = {"doctor_id": doctor_id, "department_id": 1, "patient_id": patient_id}
    other = Patient(mrn=f"X-{table[:8]}", name="Else", merged_into_id=patient_id, **stamps)
    make: dict[str, Callable[[], SQLModel]] = {
        "allergy": lambda: Allergy(patient_id=patient_id, substance="Latex", **stamps),
        "appointment": lambda: Appointment(
            starts_at=TEN, ends_at=TEN + timedelta(minutes=15), status="booked", **room, **stamps
        ),
        "medical_record": lambda: MedicalRecord(visited_at=tx.now, **room, **stamps),
        "outbox_message": lambda: OutboxMessage(
            kind="booked",
            unique_key="one",
            patient_id=patient_id,
            message_id="<one@example.org>",
            created_at=tx.now,
            due_at=tx.now,
            next_try_at=tx.now,
        ),
        "patient": lambda: other,
        "patient_merge": lambda: PatientMerge(
            survivor_id=patient_id, merged_id=patient_id, moved="{}", at=tx.now, undone_at=tx.now
        ),
        "waitlist_entry": lambda: WaitlistEntry(
            patient_id=patient_id, doctor_id=doctor_id, **stamps
        ),
    }
    tx.add(make[table]())


class TestWhatMoves:
    """The schema says what belongs to a patient; a new table must have its row here."""

    @pytest.mark.parametrize("reference", merge_rows.moving(), ids=str)
    def test_every_reference_to_a_patient_goes_to_the_survivor_and_back(
        self, sqlite_store: Store, reference: Column[int]
    ) -> None:
        store = sqlite_store
        by = doctor(store)
        first, second = patient(store, "Meera Rao"), patient(store, "Mira Rao")
        with store.transaction(SYSTEM) as tx:
            a_row_for(tx, reference.table.name, by.id, second.id)
        key = next(iter(reference.table.primary_key.columns))

        def owners() -> list[int]:
            with store.reading(SYSTEM) as tx:
                mine = select(reference).where(reference.in_([first.id, second.id])).order_by(key)
                return list(tx.session.execute(mine).scalars())

        store.write(SYSTEM, merging.merge, first.id, second.id)
        assert set(owners()) == {first.id}
        store.write(SYSTEM, merging.unmerge, second.id)
        assert second.id in owners()

    def test_what_stays_behind_is_named_with_its_reason(self) -> None:
        assert set(merge_rows.STAYS) < {str(column) for column in merge_rows.references()}


class TestMerging:
    def test_nothing_is_lost_and_both_numbers_find_the_survivor(
        self, store: Store, desk: Actor, meera: PatientView, again: PatientView
    ) -> None:
        by = doctor(store)
        visit = book(store, again, by, TEN)
        done = store.write(desk, merging.merge, meera.id, again.id)
        kept = done.survivor
        assert (kept.name, kept.phone) == (meera.name, meera.phone)
        assert (kept.birth_date, kept.sex) == (date(1991, 4, 3), Sex.FEMALE)
        assert (kept.email, kept.emergency_name) == ("meera@example.org", "Ravi Rao")
        assert not done.merged.active
        for number in (meera.mrn, again.mrn):
            assert store.read(desk, patients.get, number).id == meera.id
            found = store.read(desk, patient_search.search, number)
            assert [one.id for one in found] == [meera.id]
        found = store.read(desk, patient_search.search, "98450 44556")
        assert [one.id for one in found] == [meera.id], "the other telephone finds the patient too"
        assert store.read(SYSTEM, appointments.get, visit).patient_id == meera.id
        known = store.read(SYSTEM, patients.allergies, meera.id)
        assert [one.substance for one in known] == ["Penicillin", "Peanuts"]

    def test_the_chosen_particulars_are_taken(
        self, store: Store, desk: Actor, meera: PatientView, again: PatientView
    ) -> None:
        shown = store.read(desk, merging.preview, meera.id, again.id)
        told = {one.name: (one.survivor, one.merged, one.taken) for one in shown.fields}
        assert told["phone"] == ("+919845011223", "+919845044556", False)
        assert told["birth_date"] == ("", "1991-04-03", True)
        assert told["emergency_contact"] == ("", "Ravi Rao +919845099999", True)
        done = store.write(desk, merging.merge, meera.id, again.id, take=["phone", "name"])
        assert (done.survivor.phone, done.survivor.name) == (again.phone, "Mira Rao")
        found = store.read(desk, patient_search.search, "mira rao")
        assert [one.id for one in found] == [meera.id]

    def test_a_preview_changes_nothing_and_tells_the_desk_nothing_medical(
        self, store: Store, desk: Actor, meera: PatientView, again: PatientView
    ) -> None:
        by = doctor(store)
        book(store, again, by, TEN)
        shown = store.read(desk, merging.preview, meera.id, again.id)
        assert shown.moves == {"appointment": 1, "outbox_message": 1}
        assert store.read(SYSTEM, merging.preview, meera.id, again.id).moves["allergy"] == 2
        assert store.read(desk, patients.get, again.mrn).id == again.id

    def test_appointments_over_each_other_both_stay_and_are_told(
        self, store: Store, desk: Actor, meera: PatientView, again: PatientView
    ) -> None:
        nair, bose = doctor(store), doctor(store, "Ravi Bose")
        mine, theirs = book(store, meera, nair, TEN), book(store, again, bose, TEN)
        shown = store.read(desk, merging.preview, meera.id, again.id)
        assert [(a.id, b.id) for a, b in shown.clashes] == [(mine, theirs)]
        store.write(desk, merging.merge, meera.id, again.id)
        both = store.read(desk, appointments.list_appointments, patient_id=meera.id).items
        assert {one.status for one in both} == {AppointmentStatus.BOOKED}
        assert len(both) == 2

    def test_of_two_places_on_one_waiting_list_the_earlier_stays(
        self, store: Store, desk: Actor, meera: PatientView, again: PatientView
    ) -> None:
        nair = doctor(store)
        first = store.write(SYSTEM, waitlist.add, patient_id=again.id, doctor_id=nair.id)
        later = store.write(SYSTEM, waitlist.add, patient_id=meera.id, doctor_id=nair.id)
        store.write(desk, merging.merge, meera.id, again.id)
        assert store.read(SYSTEM, waitlist.get, first.id).status is WaitlistStatus.WAITING
        assert store.read(SYSTEM, waitlist.get, later.id).status is WaitlistStatus.WITHDRAWN
        store.write(desk, merging.unmerge, again.id)
        back = [store.read(SYSTEM, waitlist.get, one.id) for one in (first, later)]
        assert [one.patient_id for one in back] == [again.id, meera.id]
        assert {one.status for one in back} == {WaitlistStatus.WAITING}

    def test_a_signed_record_goes_along_and_its_signature_holds(
        self, store: Store, desk: Actor, meera: PatientView, again: PatientView
    ) -> None:
        nair = doctor(store)
        visit = book(store, again, nair, TEN)
        with store.transaction(SYSTEM) as tx:
            row = tx.fetch(Appointment, visit, "appointment")
            row.status = AppointmentStatus.IN_CONSULTATION.value
        acting = actor_of(store, nair)
        draft = store.write(acting, records.open_draft, visit)
        store.write(acting, records.save_draft, draft.id, RecordInput(notes="Well."), version=1)
        signed = store.write(acting, records.sign, draft.id)
        store.write(desk, merging.merge, meera.id, again.id)
        for whose in (meera, again):
            assert store.read(acting, records.get, signed.id).patient_id == whose.id
            assert store.read(acting, records.signature_holds, signed.id)
            if whose is meera:
                store.write(desk, merging.unmerge, again.id)

    def test_a_form_sent_again_after_the_merge_gives_the_same_appointment(
        self, store: Store, desk: Actor, meera: PatientView, again: PatientView
    ) -> None:
        nair = doctor(store)

        def submit() -> int:
            return store.write(
                desk,
                appointments.book,
                patient_id=again.id,
                doctor_id=nair.id,
                starts_at=TEN,
                request_id="form 1",
            ).id

        first = submit()
        store.write(desk, merging.merge, meera.id, again.id)
        assert submit() == first

    def test_a_merged_patient_is_not_booked_changed_or_merged_again(
        self, store: Store, desk: Actor, meera: PatientView, again: PatientView
    ) -> None:
        nair = doctor(store)
        store.write(desk, merging.merge, meera.id, again.id)
        with pytest.raises(InUse, match=f"merged into {meera.mrn}"):
            book(store, again, nair, TEN)
        for rule in (patients.activate, patients.deactivate):
            with pytest.raises(InUse, match="was merged into"):
                store.write(desk, rule, again.id)
        with pytest.raises(InUse, match="was merged into"):
            store.write(desk, patients.update, again.id, {"phone": "98450 77777"})
        third = patient(store, "Third Rao")
        for one, other in ((third.id, again.id), (again.id, third.id)):
            with pytest.raises(InUse, match="was merged into"):
                store.write(desk, merging.merge, one, other)

    def test_what_cannot_be_merged_is_said(
        self, store: Store, desk: Actor, meera: PatientView, again: PatientView
    ) -> None:
        with pytest.raises(Invalid, match="one patient already"):
            store.write(desk, merging.merge, meera.id, meera.id)
        with pytest.raises(NotFound):
            store.write(desk, merging.merge, meera.id, 987_654)
        with pytest.raises(Invalid, match="not shoes"):
            store.write(desk, merging.merge, meera.id, again.id, take=["shoes"])
        with pytest.raises(ChangedMeanwhile):
            store.write(desk, merging.merge, meera.id, again.id, versions=(1, 7))
        store.write(desk, patients.deactivate, meera.id)
        with pytest.raises(InUse, match="is deactivated"):
            store.write(desk, merging.merge, meera.id, again.id)
        with pytest.raises(InUse, match="was not merged"):
            store.write(desk, merging.unmerge, again.id)


class TestAccounts:
    def test_the_only_account_goes_to_the_survivor(self, store: Store, desk: Actor) -> None:
        first = patient(store, "Meera Rao")
        second = patient(store, "Meera Rao", username="meera")
        session = signed_in(store, "meera").actor
        store.write(desk, merging.merge, first.id, second.id)
        assert actor_of(store, "meera").patient_id == first.id
        with pytest.raises(SessionEnded):
            store.read(session, patients.get, second.id)
        store.write(desk, merging.unmerge, second.id)
        assert actor_of(store, "meera").patient_id == second.id

    @pytest.mark.parametrize(
        ("take", "stays", "goes"), [((), "meera", "mira"), (("account",), "mira", "meera")]
    )
    def test_of_two_accounts_one_signs_in_and_both_after_undoing(
        self, store: Store, desk: Actor, take: tuple[str, ...], stays: str, goes: str
    ) -> None:
        first = patient(store, "Meera Rao", username="meera")
        second = patient(store, "Mira Rao", username="mira")
        store.write(desk, merging.merge, first.id, second.id, take=take)
        assert actor_of(store, stays).patient_id == first.id
        with pytest.raises(BadCredentials):
            signed_in(store, goes)
        store.write(desk, merging.unmerge, second.id)
        assert actor_of(store, "meera").patient_id == first.id
        assert actor_of(store, "mira").patient_id == second.id

    def test_activating_the_survivor_gives_the_other_account_no_way_in(
        self, store: Store, desk: Actor
    ) -> None:
        first = patient(store, "Meera Rao", username="meera")
        second = patient(store, "Mira Rao", username="mira")
        store.write(desk, merging.merge, first.id, second.id)
        store.write(desk, patients.deactivate, first.id)
        store.write(desk, patients.activate, first.id)
        assert actor_of(store, "meera").patient_id == first.id
        with pytest.raises(BadCredentials):
            signed_in(store, "mira")


class TestUnmerging:
    def test_each_has_its_own_again(
        self, store: Store, desk: Actor, meera: PatientView, again: PatientView
    ) -> None:
        nair = doctor(store)
        mine, theirs = (
            book(store, meera, nair, TEN),
            book(store, again, nair, TEN + timedelta(hours=1)),
        )
        store.write(desk, merging.merge, meera.id, again.id, take=["name"])
        new = book(store, meera, nair, TEN + timedelta(hours=2))
        done = store.write(desk, merging.unmerge, again.id)
        assert done.undone_at is not None
        for who, name in ((meera, "Meera Rao"), (again, "Mira Rao")):
            back = store.read(desk, patients.get, who.mrn)
            assert (back.id, back.name, back.birth_date) == (who.id, name, who.birth_date)
            assert (back.email, back.emergency_name, back.active) == (
                who.email,
                who.emergency_name,
                True,
            )
            found = store.read(desk, patient_search.search, who.mrn)
            assert [one.id for one in found] == [who.id]
        owner = {
            one: store.read(SYSTEM, appointments.get, one).patient_id for one in (mine, theirs, new)
        }
        assert owner == {mine: meera.id, theirs: again.id, new: meera.id}
        assert len(store.read(SYSTEM, patients.allergies, again.id)) == 2

    def test_what_became_of_an_appointment_since_goes_back_with_it(
        self, store: Store, desk: Actor, meera: PatientView, again: PatientView
    ) -> None:
        nair = doctor(store)
        visit = book(store, again, nair, TEN)
        store.write(desk, merging.merge, meera.id, again.id)
        moved = store.write(
            desk, appointments.reschedule, visit, starts_at=TEN + timedelta(hours=2)
        )
        store.write(desk, merging.unmerge, again.id)
        assert store.read(SYSTEM, appointments.get, moved.id).patient_id == again.id
        with store.reading(SYSTEM) as tx:
            of = SQLModel.metadata.tables["outbox_message"].c
            owners = select(of.patient_id).where(of.appointment_id == moved.id)
            assert set(tx.session.execute(owners).scalars()) == {again.id}

    def test_what_was_changed_since_stays(
        self, store: Store, desk: Actor, meera: PatientView, again: PatientView
    ) -> None:
        store.write(desk, merging.merge, meera.id, again.id)
        store.write(desk, patients.update, meera.id, {"email": "new@example.org"})
        store.write(desk, merging.unmerge, again.id)
        kept = store.read(desk, patients.get, meera.id)
        assert (kept.email, kept.birth_date) == ("new@example.org", None)

    @pytest.mark.parametrize("order", [(0, 1), (1, 0)])
    def test_a_chain_of_merges_is_undone_in_any_order(
        self, store: Store, desk: Actor, order: tuple[int, int]
    ) -> None:
        nair = doctor(store)
        three = [patient(store, f"Meera Ra{end}") for end in ("o", "u", "w")]
        visits = [book(store, one, nair, TEN + timedelta(hours=at)) for at, one in enumerate(three)]
        store.write(desk, merging.merge, three[1].id, three[0].id)
        store.write(desk, merging.merge, three[2].id, three[1].id)
        last = store.read(desk, patient_search.search, three[0].mrn)
        assert [one.id for one in last] == [three[2].id]
        assert store.read(desk, patients.get, three[0].mrn).id == three[2].id
        for which in order:
            store.write(desk, merging.unmerge, three[which].id)
        for one, visit in zip(three, visits, strict=True):
            assert store.read(SYSTEM, appointments.get, visit).patient_id == one.id
            assert store.read(desk, patients.get, one.mrn).id == one.id

    def test_it_is_told_by_which_numbers(
        self, store: Store, desk: Actor, meera: PatientView, again: PatientView
    ) -> None:
        store.write(desk, merging.merge, meera.id, again.id)
        assert [one.mrn for one in store.read(desk, merging.merged_into, meera.id)] == [again.mrn]
        with pytest.raises(InUse, match=again.mrn):
            store.write(desk, merging.unmerge, meera.id)
        assert store.read(desk, merging.named, again.mrn) == again.id
