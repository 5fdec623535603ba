"""Medical records: drafts, signing, amendments, and who may read what."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from store import records
from store.actors import system
from store.clock import FixedClock
from store.errors import ChangedMeanwhile, Forbidden, IllegalTransition, Invalid, NotFound
from store.front_door import Store
from store.tables import AuditEntry, table_of
from store.values import (
    Actor,
    AppointmentStatus,
    Diagnosis,
    PrescriptionInput,
    RecordInput,
    RecordStatus,
    Vitals,
)
from tests.store.clinic import Clinic, open_clinic

CONTENT = RecordInput(
    symptoms="Fever for three days,\nsore throat",
    diagnoses=(Diagnosis("", "j02.9"), Diagnosis("Overworked")),
    vitals=Vitals(
        systolic_mmhg=128,
        diastolic_mmhg=84,
        pulse_bpm=96,
        temperature_c=Decimal("38.4"),
        weight_kg=Decimal("61.25"),
        height_cm=Decimal("162.5"),
        spo2_percent=98,
        respiration_per_min=18,
    ),
    treatment="Rest, fluids",
    notes="Review if fever lasts",
    follow_up_on=date(2026, 1, 12),
    prescription=(
        PrescriptionInput("Paracetamol", "500 mg", "oral", "1-1-1", 3, 9, "after food"),
        PrescriptionInput("Cetirizine", "10 mg", "oral", "0-0-1", 5),
    ),
)


@pytest.fixture
def clinic(store: Store) -> Clinic:
    return open_clinic(store)


def audited(clinic: Clinic, action: str) -> list[tuple[str, int | None]]:
    """Who did it, to which patient."""
    entry = table_of(AuditEntry).c
    with clinic.store.reading(system()) as tx:
        rows = tx.session.execute(
            table_of(AuditEntry).select().where(entry.action == action).order_by(entry.id)
        ).all()
    return [(row.actor_name, row.patient_id) for row in rows]


def draft(clinic: Clinic, content: RecordInput = CONTENT) -> tuple[int, int]:
    """Dr Nair's saved draft of Meera Rao: its id and version."""
    visit = clinic.visit(clinic.rao, clinic.nair)
    with clinic.store.transaction(clinic.nair) as tx:
        opened = records.open_draft(tx, visit)
        saved = records.save_draft(tx, opened.id, content, version=opened.version)
    return saved.id, saved.version


def test_a_draft_comes_back_as_it_was_typed(clinic: Clinic) -> None:
    record_id, _ = draft(clinic)
    view = clinic.store.read(clinic.nair, records.get, record_id)
    assert view.status is RecordStatus.DRAFT
    assert (view.patient, view.doctor, view.department) == (
        "Meera Rao",
        "Dr Asha Nair",
        "Medicine",
    )
    assert view.content.symptoms == CONTENT.symptoms
    assert view.content.vitals == CONTENT.vitals
    assert view.content.vitals.bmi == Decimal("23.2")
    assert view.content.prescription == CONTENT.prescription
    assert view.content.follow_up_on == date(2026, 1, 12)
    assert view.content.diagnoses == (
        Diagnosis("Acute pharyngitis, unspecified", "J02.9"),
        Diagnosis("Overworked"),
    )


def test_opening_a_draft_twice_gives_the_same_one(clinic: Clinic) -> None:
    visit = clinic.visit(clinic.rao, clinic.nair)
    first = clinic.store.write(clinic.nair, records.open_draft, visit)
    again = clinic.store.write(clinic.nair, records.open_draft, visit)
    assert first.id == again.id
    assert clinic.record_count() == 1


@pytest.mark.parametrize(
    "status",
    [AppointmentStatus.BOOKED, AppointmentStatus.CANCELLED, AppointmentStatus.NO_SHOW],
)
def test_no_record_without_the_patient(clinic: Clinic, status: AppointmentStatus) -> None:
    visit = clinic.visit(clinic.rao, clinic.nair, status)
    with pytest.raises(IllegalTransition):
        clinic.store.write(clinic.nair, records.open_draft, visit)
    assert clinic.record_count() == 0


def test_saving_what_stands_changes_nothing(clinic: Clinic) -> None:
    record_id, version = draft(clinic)
    with clinic.store.transaction(clinic.nair) as tx:
        view = records.save_draft(tx, record_id, CONTENT, version=version)
    assert view.version == version
    assert len(audited(clinic, "record.change")) == 1


def test_an_older_version_does_not_overwrite(clinic: Clinic) -> None:
    record_id, version = draft(clinic)
    changed = RecordInput(notes="From the other terminal")
    with clinic.store.transaction(clinic.nair) as tx:
        records.save_draft(tx, record_id, changed, version=version)
    with pytest.raises(ChangedMeanwhile), clinic.store.transaction(clinic.nair) as tx:
        records.save_draft(tx, record_id, CONTENT, version=version)
    assert clinic.store.read(clinic.nair, records.get, record_id).content.notes == changed.notes


def test_prescription_lines_keep_their_ids_while_the_text_around_them_changes(
    clinic: Clinic,
) -> None:
    record_id, version = draft(clinic)
    before = clinic.store.read(clinic.nair, records.get, record_id).prescription
    third = PrescriptionInput("Amoxicillin", "500 mg", duration_days=5)
    wider = RecordInput(notes="x", prescription=(*CONTENT.prescription, third))
    with clinic.store.transaction(clinic.nair) as tx:
        after = records.save_draft(tx, record_id, wider, version=version).prescription
    assert [line.id for line in after[:2]] == [line.id for line in before]
    with clinic.store.transaction(clinic.nair) as tx:
        fewer = RecordInput(notes="x", prescription=(third,))
        left = records.save_draft(tx, record_id, fewer, version=None).prescription
    assert [(line.position, line.item) for line in left] == [(1, third)]


@pytest.mark.parametrize(
    ("vitals", "field"),
    [
        (Vitals(pulse_bpm=720), "pulse_bpm"),
        (Vitals(pulse_bpm=19), "pulse_bpm"),
        (Vitals(temperature_c=Decimal("98.6")), "temperature_c"),
        (Vitals(temperature_c=Decimal("36.65")), "temperature_c"),
        (Vitals(temperature_c=Decimal("NaN")), "temperature_c"),
        (Vitals(weight_kg=Decimal("0.1")), "weight_kg"),
        (Vitals(weight_kg=Decimal("1E+9999")), "weight_kg"),
        (Vitals(height_cm=Decimal(273)), "height_cm"),
        (Vitals(spo2_percent=101), "spo2_percent"),
        (Vitals(respiration_per_min=3), "respiration_per_min"),
        (Vitals(systolic_mmhg=301), "systolic_mmhg"),
        (Vitals(systolic_mmhg=80, diastolic_mmhg=120), "diastolic_mmhg"),
        (Vitals(systolic_mmhg=80, diastolic_mmhg=80), "diastolic_mmhg"),
    ],
)
def test_vital_signs_that_nobody_has_are_refused_by_name(
    clinic: Clinic, vitals: Vitals, field: str
) -> None:
    record_id, _ = draft(clinic)
    with pytest.raises(Invalid) as refused, clinic.store.transaction(clinic.nair) as tx:
        records.save_draft(tx, record_id, RecordInput(vitals=vitals), version=None)
    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize(
    "vitals",
    [
        Vitals(pulse_bpm=20, spo2_percent=30, respiration_per_min=4),
        Vitals(pulse_bpm=300, spo2_percent=100, respiration_per_min=80),
        Vitals(temperature_c=Decimal(30), weight_kg=Decimal("0.2"), height_cm=Decimal(20)),
        Vitals(temperature_c=Decimal(45), weight_kg=Decimal(500), height_cm=Decimal(272)),
        Vitals(weight_kg=Decimal("3.456"), height_cm=Decimal("50.5")),
    ],
)
def test_vital_signs_at_the_edge_are_kept_exactly(clinic: Clinic, vitals: Vitals) -> None:
    record_id, _ = draft(clinic)
    with clinic.store.transaction(clinic.nair) as tx:
        saved = records.save_draft(tx, record_id, RecordInput(vitals=vitals), version=None)
    assert saved.content.vitals == vitals


def test_every_wrong_field_is_told_at_once(clinic: Clinic) -> None:
    record_id, _ = draft(clinic)
    wrong = RecordInput(
        symptoms="bell\x07",
        diagnoses=(Diagnosis("", "Z99.99"),),
        vitals=Vitals(pulse_bpm=1, spo2_percent=1),
        follow_up_on=date(2026, 1, 4),
        prescription=(PrescriptionInput("Paracetamol"), PrescriptionInput("", "500 mg")),
    )
    with pytest.raises(Invalid) as refused, clinic.store.transaction(clinic.nair) as tx:
        records.save_draft(tx, record_id, wrong, version=None)
    assert set(refused.value.fields) == {
        "symptoms",
        "diagnoses",
        "pulse_bpm",
        "spo2_percent",
        "follow_up_on",
        "prescription",
    }
    assert refused.value.fields["prescription"].startswith("Line 2")


def test_a_follow_up_that_became_past_does_not_stop_the_typing(
    clinic: Clinic, clock: FixedClock
) -> None:
    record_id, version = draft(clinic)
    clock.advance(timedelta(days=30))
    later = RecordInput(notes="Seen by nobody yet", follow_up_on=CONTENT.follow_up_on)
    with clinic.store.transaction(clinic.nair) as tx:
        saved = records.save_draft(tx, record_id, later, version=version)
    assert saved.content.notes == later.notes


def test_signing_freezes_and_shows_the_record_to_the_patient(clinic: Clinic) -> None:
    record_id, version = draft(clinic)
    with pytest.raises(NotFound):
        clinic.store.read(clinic.rao, records.get, record_id)
    with clinic.store.transaction(clinic.nair) as tx:
        signed = records.sign(tx, record_id, version=version)
    assert signed.status is RecordStatus.SIGNED
    assert signed.signed_at == clinic.store.now()
    assert clinic.store.read(clinic.rao, records.get, record_id).content == signed.content
    assert clinic.store.read(clinic.admin, records.signature_holds, record_id)
    with pytest.raises(IllegalTransition), clinic.store.transaction(clinic.nair) as tx:
        records.save_draft(tx, record_id, RecordInput(), version=None)
    with pytest.raises(IllegalTransition):
        clinic.store.write(clinic.nair, records.sign, record_id)


def test_signing_wants_a_diagnosis_or_notes(clinic: Clinic) -> None:
    record_id, _ = draft(clinic, RecordInput(symptoms="Cough"))
    with pytest.raises(Invalid) as refused:
        clinic.store.write(clinic.nair, records.sign, record_id)
    assert "diagnoses" in refused.value.fields


def test_signing_compares_the_version(clinic: Clinic) -> None:
    record_id, version = draft(clinic)
    with pytest.raises(ChangedMeanwhile), clinic.store.transaction(clinic.nair) as tx:
        records.sign(tx, record_id, version=version - 1)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE medical_record SET notes = 'other'",
        "UPDATE medical_record SET status = 'draft', signed_at = NULL",
        "UPDATE medical_record SET id = id + 100",
        "DELETE FROM medical_record",
        "UPDATE record_diagnosis SET text = 'other'",
        "DELETE FROM record_diagnosis",
        (
            "INSERT INTO record_diagnosis (record_id, position, text)"
            " SELECT id, 99, 'slipped in' FROM medical_record"
        ),
        "UPDATE prescription_item SET dose = '5 g'",
        "DELETE FROM prescription_item",
        "UPDATE record_amendment SET text = 'other'",
        "DELETE FROM record_amendment",
    ],
)
def test_the_database_itself_refuses_to_change_what_is_signed(clinic: Clinic, sql: str) -> None:
    record = clinic.signed(clinic.rao, clinic.nair, CONTENT)
    with clinic.store.transaction(clinic.nair) as tx:
        records.amend(tx, record.id, field="notes", text="Seen again", reason="second look")
    before = clinic.store.read(clinic.nair, records.get, record.id)
    with pytest.raises(DBAPIError), clinic.store.database.begin(write=True) as connection:
        connection.execute(text(sql))
    after = clinic.store.read(clinic.nair, records.get, record.id)
    assert (after.content, after.amendments) == (before.content, before.amendments)
    assert clinic.store.read(clinic.nair, records.signature_holds, record.id)


def test_nor_does_it_let_the_table_be_emptied_or_replaced(clinic: Clinic) -> None:
    record = clinic.signed(clinic.rao, clinic.nair, CONTENT)
    if clinic.store.database.dialect == "sqlite":
        tries = ["INSERT OR REPLACE INTO medical_record SELECT * FROM medical_record"]
    else:
        tries = ["TRUNCATE medical_record CASCADE", "TRUNCATE record_amendment"]
    for sql in tries:
        with pytest.raises(DBAPIError), clinic.store.database.begin(write=True) as connection:
            connection.execute(text(sql))
    assert clinic.store.read(clinic.nair, records.get, record.id).content == record.content


def test_a_draft_may_be_changed_by_the_same_statements(clinic: Clinic) -> None:
    draft(clinic)
    with clinic.store.database.begin(write=True) as connection:
        connection.execute(text("UPDATE prescription_item SET dose = '5 g'"))
        connection.execute(text("UPDATE medical_record SET notes = 'other'"))


def test_an_amendment_keeps_the_earlier_text(clinic: Clinic, clock: FixedClock) -> None:
    record = clinic.signed(clinic.rao, clinic.nair, CONTENT)
    clock.advance(timedelta(hours=1))
    with clinic.store.transaction(clinic.nair) as tx:
        records.amend(tx, record.id, field="notes", text="Fever gone", reason="phone call")
    with clinic.store.transaction(clinic.nair) as tx:
        view = records.amend(tx, record.id, field="notes", text="Fever back", reason="again")
    assert view.content.notes == "Review if fever lasts"
    assert [(one.earlier_text, one.text, one.reason, one.author) for one in view.amendments] == [
        ("Review if fever lasts", "Fever gone", "phone call", "Dr Asha Nair"),
        ("Fever gone", "Fever back", "again", "Dr Asha Nair"),
    ]
    assert clinic.store.read(clinic.rao, records.signature_holds, record.id)


@pytest.mark.parametrize(
    ("field", "earlier"),
    [
        ("diagnoses", "J02.9 Acute pharyngitis, unspecified\nOverworked"),
        ("follow_up_on", "2026-01-12"),
        (
            "prescription",
            (
                "Paracetamol 500 mg, oral, 1-1-1, 3 days, quantity 9, after food\n"
                "Cetirizine 10 mg, oral, 0-0-1, 5 days"
            ),
        ),
        (
            "vitals",
            (
                "systolic pressure 128 mmHg\ndiastolic pressure 84 mmHg\npulse 96 /min\n"
                "temperature 38.4 °C\nweight 61.25 kg\nheight 162.5 cm\n"
                "oxygen saturation 98 %\nrespiration 18 /min"
            ),
        ),
    ],
)
def test_every_part_of_a_record_can_be_amended(clinic: Clinic, field: str, earlier: str) -> None:
    record = clinic.signed(clinic.rao, clinic.nair, CONTENT)
    with clinic.store.transaction(clinic.nair) as tx:
        view = records.amend(tx, record.id, field=field, text="corrected", reason="slip")
    assert [one.earlier_text for one in view.amendments] == [earlier]


@pytest.mark.parametrize(
    ("field", "text_", "reason", "named"),
    [
        ("signature", "x", "y", "field"),
        ("notes", "", "y", "text"),
        ("notes", "x", " ", "reason"),
        ("notes", "Review if fever lasts", "y", "text"),
    ],
)
def test_an_amendment_must_say_what_and_why(
    clinic: Clinic, field: str, text_: str, reason: str, named: str
) -> None:
    record = clinic.signed(clinic.rao, clinic.nair, CONTENT)
    with pytest.raises(Invalid) as refused, clinic.store.transaction(clinic.nair) as tx:
        records.amend(tx, record.id, field=field, text=text_, reason=reason)
    assert named in refused.value.fields


def test_a_draft_is_not_amended(clinic: Clinic) -> None:
    record_id, _ = draft(clinic)
    with pytest.raises(IllegalTransition), clinic.store.transaction(clinic.nair) as tx:
        records.amend(tx, record_id, field="notes", text="x", reason="y")


def test_only_its_own_doctor_writes_a_record(clinic: Clinic) -> None:
    record_id, _ = draft(clinic)
    visit = clinic.visit(clinic.das, clinic.nair, overbooked=True)
    for actor in (clinic.bose, clinic.rao, clinic.desk, clinic.admin):
        with pytest.raises(Forbidden):
            clinic.store.write(actor, records.open_draft, visit)
        with pytest.raises(Forbidden), clinic.store.transaction(actor) as tx:
            records.save_draft(tx, record_id, CONTENT, version=None)
        with pytest.raises(Forbidden):
            clinic.store.write(actor, records.sign, record_id)


def test_a_draft_is_seen_by_its_own_doctor_alone(clinic: Clinic) -> None:
    record_id, _ = draft(clinic)
    clinic.visit(clinic.rao, clinic.bose)
    for actor in (clinic.bose, clinic.rao, clinic.admin):
        with pytest.raises(NotFound):
            clinic.store.read(actor, records.get, record_id)
        assert clinic.store.read(actor, records.list_records).items == ()
    assert [one.id for one in clinic.store.read(clinic.nair, records.open_drafts)] == [record_id]
    assert clinic.store.read(clinic.bose, records.open_drafts) == []


def test_who_reads_a_signed_record(clinic: Clinic) -> None:
    record = clinic.signed(clinic.rao, clinic.nair, CONTENT)
    assert record.appointment_id is not None

    def ids(actor: Actor) -> list[int]:
        return [one.id for one in clinic.store.read(actor, records.list_records).items]

    assert ids(clinic.nair) == ids(clinic.admin) == ids(clinic.rao) == [record.id]
    assert ids(clinic.bose) == ids(clinic.das) == []
    for stranger in (clinic.bose, clinic.das, clinic.desk):
        with pytest.raises(Forbidden):
            clinic.store.read(stranger, records.get, record.id)
        with pytest.raises(Forbidden):
            clinic.store.read(stranger, records.of_appointment, record.appointment_id)
        with pytest.raises(Forbidden):
            clinic.store.read(stranger, records.list_records, patient_id=record.patient_id)
    with pytest.raises(Forbidden):
        clinic.store.read(clinic.desk, records.list_records)
    clinic.visit(clinic.rao, clinic.bose, AppointmentStatus.BOOKED)
    assert ids(clinic.bose) == [record.id]


def test_a_cancelled_appointment_opens_no_records(clinic: Clinic) -> None:
    record = clinic.signed(clinic.rao, clinic.nair, CONTENT)
    clinic.visit(clinic.rao, clinic.bose, AppointmentStatus.CANCELLED)
    with pytest.raises(Forbidden):
        clinic.store.read(clinic.bose, records.get, record.id)


def test_every_reading_leaves_an_entry(clinic: Clinic) -> None:
    record = clinic.signed(clinic.rao, clinic.nair, CONTENT)
    assert record.appointment_id is not None
    before = len(audited(clinic, "record.read"))
    clinic.store.read(clinic.rao, records.get, record.id)
    clinic.store.read(clinic.admin, records.of_appointment, record.appointment_id)
    clinic.store.read(clinic.nair, records.list_records)
    assert audited(clinic, "record.read")[before:] == [
        ("rao", record.patient_id),
        ("root", record.patient_id),
        ("dr.nair", record.patient_id),
    ]


def test_the_audit_trail_names_fields_but_not_what_they_say(clinic: Clinic) -> None:
    draft(clinic)
    with clinic.store.reading(system()) as tx:
        entry = table_of(AuditEntry)
        details = tx.session.execute(entry.select().where(entry.c.action == "record.change")).all()
    assert "symptoms" in details[0].detail
    assert "sore throat" not in details[0].detail


def test_records_are_listed_by_their_filters(clinic: Clinic, clock: FixedClock) -> None:
    first = clinic.signed(clinic.rao, clinic.nair, CONTENT)
    clock.advance(timedelta(days=1))
    second = clinic.signed(clinic.das, clinic.nair, RecordInput(notes="Well"))
    third = clinic.signed(clinic.rao, clinic.bose, RecordInput(notes="Well"))

    def ids(**filters: object) -> list[int]:
        page = clinic.store.read(clinic.admin, records.list_records, **filters)  # type: ignore[arg-type]
        assert page.total == len(page.items)
        return [one.id for one in page.items]

    assert ids() == [third.id, second.id, first.id]
    assert ids(patient_id=clinic.rao.patient_id) == [third.id, first.id]
    assert ids(doctor_id=clinic.nair.doctor_id) == [second.id, first.id]
    assert ids(start=first.visited_at + timedelta(hours=1)) == [third.id, second.id]
    assert ids(end=second.visited_at) == [first.id]
    page = clinic.store.read(clinic.admin, records.list_records, limit=1, offset=1)
    assert ([one.id for one in page.items], page.total) == ([second.id], 3)


def test_an_unknown_record_is_not_found(clinic: Clinic) -> None:
    for number in (0, -1, 999, 2**40):
        with pytest.raises(NotFound):
            clinic.store.read(clinic.admin, records.get, number)
