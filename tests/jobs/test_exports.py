"""A patient's records as PDF, CSV, FHIR R4B and iCalendar, each read back by a library."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from icalendar import Calendar
from msgspec.structs import replace

from jobs.documents.fonts import Fonts
from jobs.documents.records_pdf import records_pdf
from jobs.exports.feed import feed
from jobs.exports.fhir import bundle
from jobs.exports.render import render
from jobs.exports.table import COLUMNS, table
from store.exchange.cells import plain
from store.values import AppointmentStatus, BirthPrecision, PatientFile, RecordFormat
from tests.hostile import LITERAL, PILED_UP, REFUSED, TOO_LONG
from tests.jobs.paper import NO_FONTS, folder_of, fonts_in, pages
from tests.jobs.patient_file import AT, FILE, PATIENT, RECORD, UID, VISIT, saying

HOSTILE = [*LITERAL, *(text for text in REFUSED if "\ud800" not in text), PILED_UP]

FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def rows(file: PatientFile) -> list[dict[str, str]]:
    text = table(file).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def entries(file: PatientFile) -> list[Any]:
    """The document's entries, after the library has read and checked the whole."""
    read = Bundle.model_validate_json(bundle(file))
    assert read.type == "document"
    return list(read.entry or ())


def resources(file: PatientFile, kind: str) -> list[Any]:
    found = [entry.resource for entry in entries(file)]
    return [one for one in found if one.get_resource_type() == kind]


@pytest.mark.parametrize("fonts", [Fonts(), NO_FONTS], ids=["system", "none"])
def test_a_pdf_says_everything_and_whose_it_is_on_every_page(fonts: Fonts) -> None:
    many = replace(FILE, records=(RECORD,) * 12)
    found = pages(records_pdf(many, fonts).data)
    assert len(found) > 2
    for number, text in enumerate(found, 1):
        assert text.startswith("Meena Rao · 000009-2 · born 3 Apr 1991")
        assert f"as of 5 Jan 2026, 12:30 · confidential · page {number} of {len(found)}" in text
    whole = " ".join(found)
    for told in (
        "Allergies Penicillin (rash, mild)",
        "Mon 5 January 2026 Dr Anita Nair, Medicine",
        "Symptoms Fever for three days, sore throat",
        "Acute pharyngitis (J02.9)",
        "blood pressure 128/84 mmHg, temperature 38.4 °C, weight 61.25 kg",
        "Paracetamol 500 mg, oral, 1-0-1, for 3 days, quantity 6, after food",
        "Come again Mon 12 January 2026",
        "Amended 5 Jan 2026, 11:30 by Dr Anita Nair: Diagnosis (seen again)",
        "Before Acute pharyngitis; Overworked",
        "Signed 5 Jan 2026, 10:50",
        "12 Jan 2026, 10:30 Dr Anita Nair Medicine booked",
    ):
        assert told in whole


def test_a_pdf_of_devanagari_records() -> None:
    fonts = Fonts(system=folder_of("DejaVuSans.ttf", "Lohit-Devanagari.ttf"))
    pdf = records_pdf(saying("बुखार और खाँसी, क्ष\u200dय"), fonts)
    assert pdf.missing == frozenset()
    assert any("Lohit" in name for name in fonts_in(pdf.data))
    assert "stands for" not in " ".join(pages(pdf.data))


def test_a_file_without_a_record_is_a_file_too() -> None:
    empty = replace(FILE, records=(), visits=(), allergies=(), calendar=())
    (page,) = pages(records_pdf(empty, NO_FONTS).data)
    assert "There is no signed record yet." in page
    assert "Allergies none recorded" in page
    assert [row["mrn"] for row in rows(empty)] == ["000009-2"]
    assert resources(empty, "Condition") == []
    assert Calendar.from_ical(feed(empty)).events == []


def test_a_table_has_a_row_for_each_visit() -> None:
    found = rows(replace(FILE, records=(RECORD, replace(RECORD, id=6, appointment_id=None))))
    assert [row["appointment_status"] for row in found] == ["completed", "booked", ""]
    first = found[0]
    assert tuple(first) == COLUMNS
    assert first["icd10"] == "J02.9"
    assert first["diagnoses"] == "Acute pharyngitis; Overworked"
    assert first["temperature_c"] == "38.4"
    assert first["allergies"] == "Penicillin"
    assert first["symptoms"] == "Fever for three days,\nsore throat"
    assert "Acute tonsillitis (before: Acute pharyngitis" in first["amendments"]
    assert found[1]["diagnoses"] == ""


def test_no_cell_is_a_formula_and_each_is_read_back() -> None:
    for text in (text for text in HOSTILE if "\r" not in text):
        for row in rows(saying(text)):
            assert not any(cell.startswith(FORMULAS) for cell in row.values())
            assert plain(row["symptoms"]) == text


def test_a_bundle_is_a_document_that_the_library_accepts() -> None:
    found = entries(FILE)
    assert found[0].resource.get_resource_type() == "Composition"
    urls = {entry.fullUrl for entry in found}
    assert len(urls) == len(found)
    text = bundle(FILE).decode()
    referred = set(json_values(json.loads(text), "reference"))
    assert referred <= urls
    assert bundle(FILE) == bundle(FILE)


def json_values(value: Any, key: str) -> list[str]:
    if isinstance(value, dict):
        own = [value[key]] if isinstance(value.get(key), str) else []
        return own + [found for one in value.values() for found in json_values(one, key)]
    if isinstance(value, list):
        return [found for one in value for found in json_values(one, key)]
    return []


def test_what_a_bundle_says_in_codes() -> None:
    (patient,) = resources(FILE, "Patient")
    assert patient.identifier[0].value == "000009-2"
    assert (str(patient.birthDate), patient.gender) == ("1991-04-03", "female")
    about = replace(FILE, patient=replace(PATIENT, birth_precision=BirthPrecision.YEAR))
    assert json.loads(resources(about, "Patient")[0].model_dump_json())["birthDate"] == "1991"
    coded, free = resources(FILE, "Condition")
    assert coded.code.coding[0].system == "http://hl7.org/fhir/sid/icd-10"
    assert coded.code.coding[0].code == "J02.9"
    assert "Amended: Acute tonsillitis" in coded.note[0].text
    assert (free.code.coding, free.code.text) == (None, "Overworked")
    vitals = {one.code.coding[0].code: one for one in resources(FILE, "Observation")}
    assert set(vitals) == {"85354-9", "8310-5", "29463-7", "8302-2", "39156-5"}
    temperature = vitals["8310-5"].valueQuantity
    assert (float(temperature.value), temperature.code) == (38.4, "Cel")
    parts = {part.code.coding[0].code: part.valueQuantity for part in vitals["85354-9"].component}
    assert (float(parts["8480-6"].value), parts["8480-6"].code) == (128.0, "mm[Hg]")
    (medicine,) = resources(FILE, "MedicationRequest")
    assert medicine.medicationCodeableConcept.text == "Paracetamol"
    assert medicine.dosageInstruction[0].text.startswith("Paracetamol 500 mg, oral, 1-0-1")
    assert float(medicine.dispenseRequest.expectedSupplyDuration.value) == 3.0
    (allergy,) = resources(FILE, "AllergyIntolerance")
    assert (allergy.code.text, allergy.reaction[0].severity) == ("Penicillin", "mild")
    assert [one.status for one in resources(FILE, "Appointment")] == ["fulfilled", "booked"]
    (encounter,) = resources(FILE, "Encounter")
    assert encounter.period.start == AT
    (composition,) = resources(FILE, "Composition")
    assert [s.title for s in composition.section] == [
        "Allergies",
        "Visit of 5 January 2026, Dr Anita Nair",
        "Appointments",
    ]
    assert "Fever for three days,<br/>sore throat" in composition.section[1].text.div


def test_a_visit_that_was_an_error_is_told_as_one() -> None:
    wrong = replace(FILE, visits=(replace(VISIT, status=AppointmentStatus.IN_ERROR),))
    for kind in ("Encounter", "MedicationRequest", "Observation"):
        assert {one.status for one in resources(wrong, kind)} == {"entered-in-error"}
    condition, _ = resources(wrong, "Condition")
    assert condition.verificationStatus.coding[0].code == "entered-in-error"
    assert "marked as an error" in " ".join(pages(records_pdf(wrong, NO_FONTS).data))


def test_no_text_breaks_a_bundle_a_feed_or_a_pdf() -> None:
    for text in (*HOSTILE, TOO_LONG):
        file = saying(text)
        assert resources(file, "Patient")
        (composition,) = resources(file, "Composition")
        assert "<script" not in composition.section[1].text.div
        assert len(Calendar.from_ical(feed(file)).events) == 2
    every = " ".join(HOSTILE) + TOO_LONG[:3000]
    for fonts in (Fonts(), NO_FONTS):
        assert "[@click=app.quit]x[/]" in " ".join(pages(records_pdf(saying(every), fonts).data))


def test_a_feed_names_an_appointment_as_the_mails_do() -> None:
    calendar = Calendar.from_ical(feed(FILE))
    past, coming = calendar.events
    assert (past["UID"], coming["UID"]) == (f"appointment-17@{UID}", f"appointment-12@{UID}")
    assert coming["SEQUENCE"] == 2
    assert past.decoded("DTSTART") == VISIT.starts_at
    text = feed(FILE).decode()
    assert "BEGIN:VTIMEZONE" in text
    assert "chest pain" not in text
    assert "Medicine" not in text


@pytest.mark.parametrize(
    ("form", "name"),
    [
        (RecordFormat.PDF, "records-2026-01-05.pdf"),
        (RecordFormat.CSV, "records-2026-01-05.csv"),
        (RecordFormat.FHIR, "records-2026-01-05.fhir.json"),
        (RecordFormat.ICS, "records-2026-01-05.ics"),
    ],
)
def test_what_a_file_is_called(form: RecordFormat, name: str) -> None:
    made = render(FILE, form)
    assert made.name == name
    assert made.data
