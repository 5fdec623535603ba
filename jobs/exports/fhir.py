"""A patient's file as a FHIR R4B document: a Bundle that begins with a Composition.

The library checks every resource as it is made. References are UUIDs derived from the hospital's
own, so that the same thing has the same one in every export. Codes: ICD-10 for diagnoses, LOINC and
UCUM for vital signs; what is free text here stays text. Amendments stand as notes on what they
correct, and in the narrative of their visit.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from fhir.resources.R4B.bundle import Bundle

from jobs.documents.words import harmless
from jobs.exports.fhir_codes import (
    AGED,
    APPOINTMENT,
    BECAUSE,
    ERROR,
    ICD10,
    LOINC,
    PRESSURE,
    SEVERITIES,
    TERMS,
    UCUM,
    VITALS,
)
from jobs.exports.fhir_text import clean, narrative, parts
from jobs.exports.table import medicine
from store.values import (
    AllergyView,
    AppointmentStatus,
    AppointmentView,
    BirthPrecision,
    PatientFile,
    PatientView,
    PrescriptionItemView,
    RecordView,
    Vitals,
)

Resource = dict[str, Any]


def bundle(file: PatientFile) -> bytes:
    """The file as JSON, as the library writes it."""
    document = _Document(file)
    checked = Bundle.model_validate(_without_nothing(document.bundle()))
    text: str = checked.model_dump_json(indent=2)
    return text.encode()


class _Document:
    """The resources of one file, and how they name each other."""

    def __init__(self, file: PatientFile) -> None:
        self.file = file
        self.space = UUID(file.hospital_uid)
        self.patient = {"reference": self.url("Patient", file.patient.id)}
        self.hospital = {"reference": self.url("Organization", 0), "display": file.hospital}
        self.entries: list[tuple[str, Resource]] = []
        self._wrong = {v.id for v in file.visits if v.status is AppointmentStatus.IN_ERROR}

    def in_error(self, record: RecordView) -> bool:
        """Whether the visit of a record was marked as an error: what it says counts for nothing."""
        return record.appointment_id in self._wrong

    def url(self, kind: str, number: object) -> str:
        """The same thing's address in every export."""
        return f"urn:uuid:{uuid5(self.space, f'{kind}/{number}')}"

    def add(self, kind: str, number: object, resource: Resource) -> Resource:
        """Keep a resource, and return a reference to it."""
        url = self.url(kind, number)
        self.entries.append((url, {"resourceType": kind} | resource))
        return {"reference": url}

    def bundle(self) -> Resource:
        """The whole document."""
        file = self.file
        self.add("Patient", file.patient.id, _patient(self))
        self.add("Organization", 0, {"name": file.hospital})
        for doctor_id, name in sorted({(v.doctor_id, v.doctor) for v in self._with_doctors()}):
            self.add("Practitioner", doctor_id, {"name": [{"text": harmless(name)}]})
        allergies = [
            self.add("AllergyIntolerance", one.id, _allergy(self, one)) for one in file.allergies
        ]
        appointments = [
            self.add("Appointment", one.id, _appointment(self, one)) for one in file.visits
        ]
        sections = [_visit(self, record) for record in file.records]
        if allergies:
            sections.insert(0, _section("Allergies", "48765-2", allergies))
        if appointments:
            sections.append(_section("Appointments", "46240-8", appointments))
        stamp = _moment(file.made_at)
        composition = self._composition(sections, stamp)
        return {
            "resourceType": "Bundle",
            "type": "document",
            "timestamp": stamp,
            "identifier": {
                "system": "urn:ietf:rfc:3986",
                "value": self.url("Bundle", f"{file.patient.id}/{stamp}"),
            },
            "entry": [
                {"fullUrl": url, "resource": one} for url, one in (composition, *self.entries)
            ],
        }

    def doctor(self, doctor_id: int, name: str) -> Resource:
        """A reference to a doctor."""
        return {"reference": self.url("Practitioner", doctor_id), "display": harmless(name)}

    def _with_doctors(self) -> Iterator[AppointmentView | RecordView]:
        yield from self.file.visits
        yield from self.file.records

    def _composition(self, sections: list[Resource], stamp: str) -> tuple[str, Resource]:
        return self.url("Composition", f"{self.file.patient.id}/{stamp}"), {
            "resourceType": "Composition",
            "status": "final",
            "type": _coded(LOINC, "60591-5", "Patient summary Document"),
            "subject": self.patient,
            "date": stamp,
            "author": [self.hospital],
            "custodian": self.hospital,
            "title": "Medical records",
            "section": sections,
        }


def _patient(document: _Document) -> Resource:
    patient = document.file.patient
    telecom = [("phone", patient.phone), ("email", patient.email)]
    return {
        "identifier": [
            {
                "type": _coded(f"{TERMS}/v2-0203", "MR", "Medical record number"),
                "system": f"urn:uuid:{document.space}",
                "value": patient.mrn,
            }
        ],
        "active": patient.active,
        "name": [{"text": harmless(patient.name)}],
        "telecom": [{"system": system, "value": value} for system, value in telecom if value],
        "gender": patient.sex.value,
        **_birth(patient),
        "address": [{"text": clean(patient.address)}],
        "contact": _emergency(patient),
        "communication": [
            {
                "language": {"coding": [{"system": "urn:ietf:bcp:47", "code": patient.language}]},
                "preferred": True,
            }
        ],
        "managingOrganization": document.hospital,
    }


def _birth(patient: PatientView) -> Resource:
    """FHIR knows a day, a month or a year; that a year comes of an age is said beside it."""
    born = patient.birth_date
    if born is None:
        return {}
    if patient.birth_precision is BirthPrecision.DAY:
        return {"birthDate": born.isoformat()}
    if patient.birth_precision is BirthPrecision.YEAR:
        return {"birthDate": f"{born:%Y}"}
    aged = {"url": AGED, "valueDate": born.isoformat()}
    return {"birthDate": f"{born:%Y}", "_birthDate": {"extension": [aged]}}


def _emergency(patient: PatientView) -> list[Resource]:
    """Whom to call in an emergency."""
    if not patient.emergency_name and not patient.emergency_phone:
        return []
    return [
        {
            "relationship": [_coded(f"{TERMS}/v2-0131", "C", "Emergency Contact")],
            "name": {"text": harmless(patient.emergency_name)},
            "telecom": [{"system": "phone", "value": patient.emergency_phone}]
            if patient.emergency_phone
            else None,
        }
    ]


def _allergy(document: _Document, allergy: AllergyView) -> Resource:
    severity = allergy.severity.casefold()
    reaction = {
        "manifestation": [{"text": harmless(allergy.reaction or "not recorded")}],
        "severity": severity if severity in SEVERITIES else None,
        "description": harmless(allergy.severity),
    }
    return {
        "clinicalStatus": _coded(f"{TERMS}/allergyintolerance-clinical", "active", "Active"),
        "code": {"text": harmless(allergy.substance)},
        "patient": document.patient,
        "recordedDate": allergy.noted_on.isoformat() if allergy.noted_on else None,
        "reaction": [reaction] if allergy.reaction or allergy.severity else None,
    }


def _appointment(document: _Document, visit: AppointmentView) -> Resource:
    doctor = document.doctor(visit.doctor_id, visit.doctor)
    return {
        "status": APPOINTMENT[visit.status],
        "cancelationReason": {"text": BECAUSE.get(visit.status, "")},
        "serviceType": [{"text": harmless(visit.department)}],
        "start": _moment(visit.starts_at),
        "end": _moment(visit.ends_at),
        "comment": clean(visit.note),
        "participant": [
            {"actor": actor, "status": "accepted"} for actor in (document.patient, doctor)
        ],
    }


def _visit(document: _Document, record: RecordView) -> Resource:
    """The resources of one record; its section says in words what they say in codes."""
    encounter = {"reference": document.url("Encounter", record.id)}
    conditions = [
        document.add("Condition", f"{record.id}/{place}", one)
        for place, one in enumerate(_conditions(document, record, encounter))
    ]
    others = [
        document.add("Observation", f"{record.id}/{code}", one)
        for code, one in _observations(document, record, encounter)
    ]
    others += [
        document.add("MedicationRequest", line.id, _medication(document, record, line, encounter))
        for line in record.prescription
    ]
    booked = record.appointment_id
    document.add(
        "Encounter",
        record.id,
        {
            "status": ERROR if document.in_error(record) else "finished",
            "class": {"system": f"{TERMS}/v3-ActCode", "code": "AMB", "display": "ambulatory"},
            "serviceType": {"text": harmless(record.department)},
            "subject": document.patient,
            "participant": [{"individual": document.doctor(record.doctor_id, record.doctor)}],
            "appointment": [{"reference": document.url("Appointment", booked)}] if booked else None,
            "statusHistory": [
                {"status": "finished", "period": {"start": _moment(record.signed_at)}}
            ]
            if record.signed_at
            else None,
            "period": {"start": _moment(record.visited_at)},
            "reasonCode": [{"text": clean(record.content.symptoms)}],
            "diagnosis": [{"condition": one} for one in conditions],
            "serviceProvider": document.hospital,
        },
    )
    when = record.visited_at
    title = f"Visit of {when.day} {when:%B %Y}, {harmless(record.doctor)}"
    section = _section(title, "46240-8", [encounter, *conditions, *others])
    text = {"status": "generated", "div": narrative(record)}
    return section | {"text": text, "section": list(parts(record))}


def _conditions(document: _Document, record: RecordView, encounter: Resource) -> Iterator[Resource]:
    for one in record.content.diagnoses:
        coding = [{"system": ICD10, "code": one.code, "display": harmless(one.text)}]
        yield {
            "category": [
                _coded(f"{TERMS}/condition-category", "encounter-diagnosis", "Encounter Diagnosis")
            ],
            "code": {"coding": coding if one.code else None, "text": harmless(one.text)},
            "verificationStatus": _coded(f"{TERMS}/condition-ver-status", ERROR, "")
            if document.in_error(record)
            else None,
            "subject": document.patient,
            "encounter": encounter,
            "recordedDate": _moment(record.visited_at),
            "recorder": document.doctor(record.doctor_id, record.doctor),
            "note": _notes(record, "diagnoses"),
        }


def _observations(
    document: _Document, record: RecordView, encounter: Resource
) -> Iterator[tuple[str, Resource]]:
    vitals = record.content.vitals
    every = {
        "status": ERROR
        if document.in_error(record)
        else ("amended" if _notes(record, "vitals") else "final"),
        "category": [_coded(f"{TERMS}/observation-category", "vital-signs", "Vital Signs")],
        "subject": document.patient,
        "encounter": encounter,
        "effectiveDateTime": _moment(record.visited_at),
        "performer": [document.doctor(record.doctor_id, record.doctor)],
        "note": _notes(record, "vitals"),
    }
    pressure = _pressure(vitals)
    if pressure:
        code = _coded(LOINC, "85354-9", "Blood pressure panel")
        yield "85354-9", every | {"code": code, "component": pressure}
    for name, loinc, display, unit in VITALS:
        value = getattr(vitals, name)
        if value is not None:
            quantity = _quantity(value, unit)
            code = _coded(LOINC, loinc, display)
            yield loinc, every | {"code": code, "valueQuantity": quantity}


def _pressure(vitals: Vitals) -> list[Resource]:
    return [
        {"code": _coded(LOINC, loinc, display), "valueQuantity": _quantity(value, "mm[Hg]")}
        for name, loinc, display in PRESSURE
        if (value := getattr(vitals, name)) is not None
    ]


def _medication(
    document: _Document, record: RecordView, line: PrescriptionItemView, encounter: Resource
) -> Resource:
    item, days = line.item, line.item.duration_days
    ended = days is not None and record.visited_at + timedelta(days=days) < document.file.made_at
    return {
        "status": _medication_status(document, record, ended=ended),
        "intent": "order",
        "medicationCodeableConcept": {"text": harmless(item.drug)},
        "subject": document.patient,
        "encounter": encounter,
        "authoredOn": _moment(record.visited_at),
        "requester": document.doctor(record.doctor_id, record.doctor),
        "dosageInstruction": [
            {
                "text": harmless(medicine(item)),
                "patientInstruction": harmless(item.instructions),
                "route": {"text": harmless(item.route)},
                "timing": {"code": {"text": harmless(item.frequency)}},
                "doseAndRate": [_dose(harmless(item.dose))],
            }
        ],
        "dispenseRequest": {
            "quantity": {"value": item.quantity} if item.quantity else None,
            "expectedSupplyDuration": _quantity(days, "d") if days else None,
        },
        "note": _notes(record, "prescription"),
    }


def _dose(dose: str) -> Resource:
    """`500 mg` as a quantity; what is no number with a unit as words."""
    number, _, unit = dose.partition(" ")
    if unit and number.isascii() and number.isdigit() and number == str(int(number)):
        return {"doseQuantity": {"value": int(number), "unit": unit}}
    return {"type": {"text": dose}}


def _medication_status(document: _Document, record: RecordView, *, ended: bool) -> str:
    """An amended prescription says what it says in its note: which lines stand, nobody knows."""
    if document.in_error(record):
        return ERROR
    if _notes(record, "prescription"):
        return "unknown"
    return "completed" if ended else "active"


def _notes(record: RecordView, field: str) -> list[Resource]:
    """The amendments of a field, as notes on what it says."""
    return [
        {
            "authorString": harmless(one.author),
            "time": _moment(one.at),
            "text": f"Amended: {clean(one.text)} ({harmless(one.reason)})",
        }
        for one in record.amendments
        if one.field == field
    ]


def _section(title: str, loinc: str, entries: list[Resource]) -> Resource:
    return {"title": title, "code": _coded(LOINC, loinc, ""), "entry": entries}


def _coded(system: str, code: str, display: str) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": display}]}


def _quantity(value: Any, unit: str) -> Resource:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _without_nothing(value: Any) -> Any:
    """Without what is empty, which FHIR does not allow to stand there."""
    if isinstance(value, dict):
        kept = {key: _without_nothing(one) for key, one in value.items()}
        return {key: one for key, one in kept.items() if one not in (None, "", [], {})}
    if isinstance(value, list):
        return [one for one in map(_without_nothing, value) if one not in (None, "", [], {})]
    return value
