"""Reading a FHIR R4B bundle of one patient: ours, or another system's.

The library checks the whole first. Then codes are read as `exports/fhir.py` writes them (LOINC
vital signs, ICD-10, appointments and their statuses); what another system says in other codes, or
not at all, is left out rather than guessed at.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

from fhir.resources.R4B.bundle import Bundle
from pydantic import ValidationError

from jobs.exports.fhir_codes import (
    AGED,
    AMENDED,
    APPOINTMENT,
    BECAUSE,
    COME_AGAIN,
    ERROR,
    ICD10,
    NOTES,
    PRESSURE,
    TREATMENT,
    VITALS,
)
from store.birth import as_aged
from store.errors import Invalid
from store.values import (
    AppointmentStatus,
    Diagnosis,
    ForeignAllergy,
    ForeignAmendment,
    ForeignDoctor,
    ForeignFile,
    ForeignRecord,
    ForeignVisit,
    PatientInput,
    PrescriptionInput,
    RecordInput,
    Sex,
    Vitals,
)

MOST_BYTES = 50_000_000

Resource = dict[str, Any]

_STATUS = {said: status for status, said in reversed(APPOINTMENT.items())} | {
    "cancelled": AppointmentStatus.CANCELLED
}
_BECAUSE = {words: status for status, words in BECAUSE.items()}
_MEASURES = {loinc: name for name, loinc, *_ in (*VITALS, *PRESSURE) if name != "bmi"}
_WHOLE = frozenset(name for name, of in Vitals.__annotations__.items() if str(of).startswith("int"))
_AMENDED = re.compile(rf"{AMENDED} (\S+): (\w+)")


def read(data: bytes) -> ForeignFile:
    """What a bundle says of its one patient.

    Raises:
        Invalid: it is no FHIR R4B bundle, or not of one patient; field `file`.
    """
    if len(data) > MOST_BYTES:
        raise Invalid.field("file", f"The file has more than {MOST_BYTES // 1_000_000} MB.")
    try:
        checked = Bundle.model_validate_json(data)
    except ValidationError as error:
        raise Invalid.field("file", f"This is no FHIR R4B bundle: {_where(error)}.") from None
    except ValueError:
        raise Invalid.field("file", "This is no FHIR R4B bundle: it cannot be read.") from None
    return _Reading(checked.model_dump()).file()


class _Reading:
    """The resources of a bundle by what they are, and by how they are referred to."""

    def __init__(self, bundle: Resource) -> None:
        self.kinds: dict[str, list[tuple[str, Resource]]] = defaultdict(list)
        self.known: dict[str, Resource] = {}
        for entry in bundle.get("entry", ()):
            resource = entry.get("resource")
            if resource is not None:
                kind = resource["resourceType"]
                url = entry.get("fullUrl") or f"{kind}/{resource.get('id', '')}"
                self.kinds[kind].append((url, resource))
                self.known[url] = resource
        self.sections = dict(self._sections())

    def file(self) -> ForeignFile:
        """All of it."""
        patients = self.kinds["Patient"]
        if len(patients) != 1:
            raise Invalid.field("file", "The bundle must be of one patient.")
        url, patient = patients[0]
        identifier = _first(patient.get("identifier", ()))
        visits = tuple(self._visits())
        return ForeignFile(
            hospital=str(identifier.get("system", "")).removeprefix("urn:uuid:"),
            key=url,
            patient=_patient(patient, str(identifier.get("value", ""))),
            allergies=tuple(self._allergies()),
            visits=visits,
            records=tuple(self._records({visit.key: visit for visit in visits})),
        )

    def _doctor(self, references: list[Resource], department: str) -> ForeignDoctor:
        for one in references:
            url = one.get("reference", "")
            found = self.known.get(url, {})
            if found.get("resourceType") == "Practitioner" or (not found and "Practit" in url):
                return ForeignDoctor(url, _name(found) or one.get("display", ""), department)
        raise Invalid.field("file", "A visit in the bundle names no doctor.")

    def _visits(self) -> Iterator[ForeignVisit]:
        for url, one in self.kinds["Appointment"]:
            if "start" not in one or "end" not in one:
                continue
            actors = [part["actor"] for part in one["participant"] if "actor" in part]
            because = _text(one.get("cancelationReason"))
            status = _BECAUSE.get(because) or _STATUS.get(one["status"])
            yield ForeignVisit(
                key=url,
                doctor=self._doctor(actors, _text(*one.get("serviceType", ()))),
                starts_at=_moment(one["start"]),
                ends_at=_moment(one["end"]),
                status=status or AppointmentStatus.BOOKED,
                note=one.get("comment", ""),
            )

    def _allergies(self) -> Iterator[ForeignAllergy]:
        for url, one in self.kinds["AllergyIntolerance"]:
            reaction = _first(one.get("reaction", ()))
            told = _text(*reaction.get("manifestation", ()))
            yield ForeignAllergy(
                key=url,
                substance=_text(one.get("code")),
                reaction="" if told == "not recorded" else told,
                severity=reaction.get("description", "") or reaction.get("severity", ""),
                noted_on=_day(one.get("recordedDate")),
            )

    def _records(self, visits: dict[str, ForeignVisit]) -> Iterator[ForeignRecord]:
        for url, one in self.kinds["Encounter"]:
            started = one.get("period", {}).get("start")
            if one["status"] not in ("finished", ERROR) or started is None:
                continue
            doctors = [part.get("individual", {}) for part in one.get("participant", ())]
            signed = next(
                (
                    past["period"]["start"]
                    for past in one.get("statusHistory", ())
                    if past["status"] == "finished" and "start" in past["period"]
                ),
                one["period"].get("end", started),
            )
            booked = [ref.get("reference") for ref in one.get("appointment", ())]
            yield ForeignRecord(
                key=url,
                visit=next((ref for ref in booked if ref in visits), None),
                doctor=self._doctor(doctors, _text(one.get("serviceType"))),
                visited_at=_moment(started),
                signed_at=_moment(signed),
                content=self._content(url, one),
                amendments=tuple(self._amendments(url)),
            )

    def _content(self, url: str, encounter: Resource) -> RecordInput:
        parts = {
            code: "\n\n".join(_paragraphs(section))
            for section in self.sections.get(url, {}).get("section", ())
            for code in _codes(section.get("code"))
        }
        conditions = [
            self.known.get(one["condition"].get("reference", ""), {})
            for one in encounter.get("diagnosis", ())
        ] or [one for _, one in self._of("Condition", url)]
        return RecordInput(
            symptoms="\n".join(_text(one) for one in encounter.get("reasonCode", ())),
            diagnoses=tuple(_diagnosis(one) for one in conditions if "code" in one),
            vitals=Vitals(**dict(self._measured(url))),
            treatment=parts.get(TREATMENT, ""),
            notes=parts.get(NOTES, ""),
            follow_up_on=_day(parts.get(COME_AGAIN)),
            prescription=tuple(_medicine(one) for _, one in self._of("MedicationRequest", url)),
        )

    def _measured(self, url: str) -> Iterator[tuple[str, Any]]:
        for _, one in self._of("Observation", url):
            for part in (one, *one.get("component", ())):
                value = part.get("valueQuantity", {}).get("value")
                for code in _codes(part.get("code")):
                    if code in _MEASURES and value is not None:
                        name, number = _MEASURES[code], Decimal(str(value))
                        yield name, int(number) if name in _WHOLE else number

    def _amendments(self, url: str) -> Iterator[ForeignAmendment]:
        for section in self.sections.get(url, {}).get("section", ()):
            found = _AMENDED.fullmatch(section.get("title", ""))
            if found is None:
                continue
            told = [*_paragraphs(section), "", "", "", ""]
            yield ForeignAmendment(
                at=_moment(found[1]),
                field=found[2],
                text=told[0],
                earlier_text=told[1],
                reason=told[2],
                author=told[3],
            )

    def _of(self, kind: str, encounter: str) -> Iterator[tuple[str, Resource]]:
        for url, one in self.kinds[kind]:
            if one.get("encounter", {}).get("reference") == encounter:
                yield url, one

    def _sections(self) -> Iterator[tuple[str, Resource]]:
        """The section of each encounter."""
        for _, composition in self.kinds["Composition"]:
            for section in composition.get("section", ()):
                for entry in section.get("entry", ()):
                    found = self.known.get(entry.get("reference", ""), {})
                    if found.get("resourceType") == "Encounter":
                        yield entry["reference"], section


def _patient(patient: Resource, mrn: str) -> PatientInput:
    telecom = {one.get("system"): one.get("value") for one in reversed(patient.get("telecom", []))}
    contact = _first(patient.get("contact", ()))
    spoken = [_codes(one.get("language")) for one in patient.get("communication", ())]
    return PatientInput(
        name=_name(patient),
        birth_date=_birth(patient),
        sex=Sex(patient.get("gender", "unknown")),
        phone=telecom.get("phone"),
        email=telecom.get("email"),
        address=next((_address(one) for one in patient.get("address", ())), ""),
        emergency_name=contact.get("name", {}).get("text", ""),
        emergency_phone=next((one.get("value") for one in contact.get("telecom", ())), None),
        language=next((codes[0] for codes in spoken if codes), ""),
        mrn=mrn or None,
    )


def _birth(patient: Resource) -> str | None:
    """A day, an age or a year; of a year and a month, which FHIR knows too, the year."""
    for extension in patient.get("_birthDate", {}).get("extension", ()):
        if extension.get("url") == AGED and "valueDate" in extension:
            return as_aged(extension["valueDate"])
    told = str(patient.get("birthDate") or "")
    year, _, month = told.partition("-")
    return (year if "-" not in month else told) or None


def _first(some: Iterable[Resource]) -> Resource:
    """The first of some, which are read by it alone; nothing of none."""
    return next(iter(some), {})


def _name(person: Resource) -> str:
    name = _first(person.get("name", ()))
    return str(
        name.get("text")
        or " ".join([*name.get("prefix", ()), *name.get("given", ()), name.get("family", "")])
    ).strip()


def _address(address: Resource) -> str:
    parts = [*address.get("line", ()), address.get("city"), address.get("postalCode")]
    return str(address.get("text") or ", ".join(part for part in parts if part))


def _diagnosis(condition: Resource) -> Diagnosis:
    coded = condition["code"].get("coding", ())
    code = next((one.get("code") for one in coded if one.get("system") == ICD10), None)
    return Diagnosis(_text(condition["code"]), code)


def _medicine(request: Resource) -> PrescriptionInput:
    dosage = _first(request.get("dosageInstruction", ()))
    dispensed = request.get("dispenseRequest", {})
    rate = _first(dosage.get("doseAndRate", ()))
    quantity = rate.get("doseQuantity", {})
    dose = f"{quantity['value']} {quantity.get('unit', '')}" if "value" in quantity else ""
    return PrescriptionInput(
        drug=_text(request.get("medicationCodeableConcept")),
        dose=dose.strip() or _text(rate.get("type")),
        route=_text(dosage.get("route")),
        frequency=_text(dosage.get("timing", {}).get("code")),
        duration_days=_count(dispensed.get("expectedSupplyDuration")),
        quantity=_count(dispensed.get("quantity")),
        instructions=dosage.get("patientInstruction", ""),
    )


def _count(quantity: Resource | None) -> int | None:
    value = (quantity or {}).get("value")
    return int(value) if value else None


def _text(*concepts: Resource | None) -> str:
    """The words of the first concept that has any."""
    for one in concepts:
        coded = [part.get("display", "") for part in (one or {}).get("coding", ())]
        found = (one or {}).get("text") or next((words for words in coded if words), "")
        if found:
            return str(found)
    return ""


def _codes(concept: Resource | None) -> list[str]:
    return [str(one["code"]) for one in (concept or {}).get("coding", ()) if "code" in one]


def _moment(value: Any) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        raise Invalid.field("file", f"{moment} in the bundle has no time zone.")
    return moment


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _where(error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"][:6])
    return f"{place}: {first['msg']}"[:200] if place else str(first["msg"])[:200]


class _Words(HTMLParser):
    """The paragraphs of a narrative as text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A new paragraph, or a new line in it."""
        del attrs
        if tag == "p":
            self.found.append("")
        elif tag == "br" and self.found:
            self.found[-1] += "\n"

    def handle_data(self, data: str) -> None:
        """Words."""
        if self.found:
            self.found[-1] += data


def _paragraphs(section: Resource) -> list[str]:
    words = _Words()
    words.feed(str(section.get("text", {}).get("div", "")))
    return words.found
