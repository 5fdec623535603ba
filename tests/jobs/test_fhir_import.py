"""Records that left as FHIR come back into another hospital as they were."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from jobs.exports.fhir import bundle
from jobs.exports.fhir_text import clean
from jobs.imports.fhir import read
from store import desk, doctors, patient_file, patients, records
from store.clock import FixedClock
from store.demo.build import Logins, build
from store.demo.medicine import WARDS
from store.errors import Forbidden, Invalid
from store.exchange import foreign
from store.front_door import Store
from store.values import (
    AppointmentStatus,
    BirthPrecision,
    Diagnosis,
    PatientFile,
    PrescriptionInput,
    RecordFormat,
    RecordInput,
    Vitals,
)
from tests.clinic import SYSTEM
from tests.hospital import MakeStore, actor_of, hashed, patient, reception
from tests.hostile import LITERAL
from tests.jobs.patient_file import AT, FILE, RECORD, VISIT, saying
from tests.jobs.test_exports import json_values


def take(store: Store, file: PatientFile) -> Any:
    return store.write(SYSTEM, foreign.take, read(bundle(file)))


def kept(store: Store, patient_id: int) -> PatientFile:
    return store.read(SYSTEM, patient_file.read, patient_id, [RecordFormat.FHIR])


def history(file: PatientFile) -> Any:
    """What is the same wherever it is kept: everything but ids, stamps and whose they are."""
    p = file.patient
    return {
        "patient": (
            p.mrn,
            p.name,
            p.birth_date,
            p.birth_precision,
            p.sex,
            p.phone,
            p.email,
            p.address,
            p.language,
        ),
        "emergency": (p.emergency_name, p.emergency_phone),
        "allergies": [(a.substance, a.reaction, a.severity, a.noted_on) for a in file.allergies],
        "visits": [
            (v.starts_at, v.ends_at, v.status, v.doctor, v.department, v.note)
            for v in file.visits
            if v.starts_at < AT + timedelta(days=1)
        ],
        "records": [
            (
                r.visited_at,
                r.signed_at,
                r.doctor,
                r.department,
                r.content,
                [(a.at, a.author, a.field, a.text, a.earlier_text, a.reason) for a in r.amendments],
                r.appointment_id is not None,
            )
            for r in file.records
        ],
    }


@pytest.fixture
def later(clock: Any) -> None:
    """The afternoon of the day whose records these are."""
    clock.advance(timedelta(hours=6))


@pytest.mark.usefixtures("later")
def test_a_file_comes_back_as_it_was_and_only_once(store: Store) -> None:
    taken = take(store, FILE)
    assert (taken.registered, taken.visits, taken.records, taken.allergies) == (True, 1, 1, 1)
    assert (taken.doctors, taken.coming) == (1, 1)
    assert history(kept(store, taken.patient_id)) == history(FILE)
    (record,) = kept(store, taken.patient_id).records
    assert store.read(SYSTEM, records.signature_holds, record.id)
    (doctor,) = store.read(SYSTEM, doctors.list_doctors, active=None).items
    assert not doctor.active
    again = take(store, FILE)
    assert (again.registered, again.visits, again.records, again.allergies) == (False, 0, 0, 0)
    assert again.patient_id == taken.patient_id
    assert history(kept(store, taken.patient_id)) == history(FILE)


def test_fifty_patients_of_a_demo_hospital_come_back_as_they_were(
    sqlite_store: Store,
    found_postgres: Callable[..., str],
    make_store: MakeStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("store.demo.build.WARDS", WARDS[:2])
    monkeypatch.setattr("store.demo.history.DAYS_BACK", 3)
    monkeypatch.setattr("store.demo.history.DAYS_AHEAD", 1)
    logins = Logins("root", "desk", "dr.nair", "asha", hashed())
    build(sqlite_store, logins, patient_count=50, seed=7, progress=lambda _done, _of: None)
    people = sqlite_store.read(SYSTEM, patients.list_patients).items
    assert len(people) == 50
    other, records_seen = make_store(found_postgres()), 0
    for person in people:
        file = kept(sqlite_store, person.id)
        data = bundle(file)
        entries = json.loads(data)["entry"]
        urls = {entry["fullUrl"] for entry in entries}
        assert set(json_values(entries, "reference")) <= urls
        taken = other.write(SYSTEM, foreign.take, read(data))  # which the library has checked
        found, wanted = history(kept(other, taken.patient_id)), history(file)
        # Appointments still to come, or not over yet, are the other hospital's.
        wanted["visits"] = [
            one
            for one in wanted["visits"]
            if one[0] < other.now() and one[2].value not in _UNDECIDED
        ]
        assert sorted(found.pop("visits")) == sorted(wanted.pop("visits"))
        assert found == wanted
        records_seen += len(file.records)
    assert records_seen > 50


@pytest.mark.parametrize("told", ["1970", "1970-06"])
def test_a_birth_date_of_which_the_year_is_known_is_that_year(
    sqlite_store: Store, told: str
) -> None:
    entry = json.loads(bundle(FILE))
    for one in entry["entry"]:
        if one["resource"]["resourceType"] == "Patient":
            one["resource"]["birthDate"] = told
    taken = sqlite_store.write(SYSTEM, foreign.take, read(json.dumps(entry).encode()))
    found = sqlite_store.read(SYSTEM, patients.get, taken.patient_id)
    assert found.birth_precision is BirthPrecision.YEAR
    assert (found.birth_date and found.birth_date.year) == 1970


def test_an_age_stays_one(sqlite_store: Store, clock: FixedClock) -> None:
    aged = patient(sqlite_store, "Ravi Rao", birth_date="34y")
    file = kept(sqlite_store, aged.id)
    clock.advance(timedelta(days=400))
    elsewhere = replace(
        file, hospital_uid=FILE.hospital_uid, patient=replace(file.patient, mrn="OLD-9")
    )
    taken = sqlite_store.write(SYSTEM, foreign.take, read(bundle(elsewhere)))
    found = sqlite_store.read(SYSTEM, patients.get, taken.patient_id)
    assert found.id != aged.id
    assert (found.birth_date, found.birth_precision) == (date(1992, 1, 5), BirthPrecision.AGE)
    assert found.age == 35


@pytest.mark.usefixtures("later")
def test_who_is_with_a_doctor_elsewhere_waits_for_none_here(sqlite_store: Store) -> None:
    def seen(status: AppointmentStatus) -> tuple[Any, list[Any]]:
        file = replace(FILE, visits=(replace(VISIT, status=status),), records=())
        taken = take(sqlite_store, file)
        return taken.coming, [one.status for one in kept(sqlite_store, taken.patient_id).visits]

    assert seen(AppointmentStatus.CHECKED_IN) == (1, [])
    assert seen(AppointmentStatus.IN_CONSULTATION) == (1, [])
    assert not sqlite_store.read(SYSTEM, desk.queue)
    assert seen(AppointmentStatus.COMPLETED) == (0, [AppointmentStatus.COMPLETED])


@pytest.mark.usefixtures("later")
def test_every_status_and_every_measure_comes_back(sqlite_store: Store) -> None:
    over = [one for one in AppointmentStatus if one.value not in _UNDECIDED]
    visits = tuple(
        replace(VISIT, id=100 + n, starts_at=AT - day, ends_at=AT - day + HALF_AN_HOUR, status=one)
        for n, one in enumerate(over)
        for day in [timedelta(days=n)]
    )
    content = RecordInput(
        notes="One\nTwo\n\nFour & <five>",
        diagnoses=(Diagnosis("Fever", "R50.9"),),
        vitals=Vitals(120, 80, 72, Decimal("37.2"), Decimal("61.25"), Decimal("162.5"), 98, 16),
        prescription=(
            PrescriptionInput("Amoxicillin", "1.5 ml", "oral", "1-1-1"),
            PrescriptionInput("Ibuprofen", "two tablets", duration_days=5),
            PrescriptionInput("Zinc", "020 mg", quantity=7, instructions="with water"),
        ),
    )
    lines = tuple(
        replace(RECORD.prescription[0], id=30 + n, position=n, item=item)
        for n, item in enumerate(content.prescription, 1)
    )
    record = replace(RECORD, appointment_id=None, content=content, prescription=lines)
    file = replace(FILE, visits=visits, records=(record,))
    taken = take(sqlite_store, file)
    found, wanted = history(kept(sqlite_store, taken.patient_id)), history(file)
    assert sorted(found.pop("visits")) == sorted(wanted.pop("visits"))
    assert found == wanted


_UNDECIDED = ("booked", "checked_in", "in_consultation")
HALF_AN_HOUR = timedelta(minutes=30)


@pytest.mark.usefixtures("later")
def test_what_people_wrote_is_text_and_nothing_else(sqlite_store: Store) -> None:
    for number, text in enumerate(one for one in LITERAL if one.strip() and len(one) < 100):
        file = saying(text)
        key = 500 + number
        taken = take(
            sqlite_store,
            replace(
                file,
                patient=replace(file.patient, mrn=f"X{number}-1", id=key, name=f"P {number}"),
                visits=(replace(VISIT, id=key),),
                records=(replace(file.records[0], id=key, appointment_id=key),),
                allergies=(),
            ),
        )
        (record,) = kept(sqlite_store, taken.patient_id).records
        assert record.content.treatment == clean(text)
        assert record.amendments[0].text == clean(text)


def test_what_cannot_be_taken_is_said_in_one_sentence(sqlite_store: Store) -> None:
    whole = json.loads(bundle(FILE))
    two = {**whole, "entry": [*whole["entry"], whole["entry"][1]]}
    for data, sentence in (
        (b"\xff\xfe", "This is no FHIR R4B bundle"),
        (b'{"resourceType": "Patient"}', "This is no FHIR R4B bundle"),
        (b'{"resourceType": "Bundle", "type": "collection"}', "must be of one patient"),
        (json.dumps(two).encode(), "must be of one patient"),
    ):
        with pytest.raises(Invalid, match=sentence):
            read(data)
    reader = actor_of(sqlite_store, reception(sqlite_store))
    with pytest.raises(Forbidden):
        sqlite_store.write(reader, foreign.take, read(bundle(FILE)))


@pytest.mark.usefixtures("later")
def test_the_hospitals_own_records_are_not_doubled(
    sqlite_store: Store, found_postgres: Callable[..., str], make_store: MakeStore
) -> None:
    taken = take(sqlite_store, FILE)
    own = kept(sqlite_store, taken.patient_id)
    with pytest.raises(Invalid, match="this hospital's own"):
        take(sqlite_store, own)
    other = make_store(found_postgres())
    there = take(other, own)
    assert history(kept(other, there.patient_id)) == history(own)
