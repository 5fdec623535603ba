"""A visit on paper: the prescription and the summary that a doctor hands out.

Only what is signed goes on paper, as its amendments left it, and nothing of a visit that was marked
as an error. Why a medicine is given against a warning is between the doctor and the record.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select

from store import doctors, patient_file, patients, records
from store.birth import age_on
from store.errors import IllegalTransition
from store.outbox import MESSAGE
from store.patient_file import RecordsFacts
from store.permissions import Action, require
from store.record_content import as_text
from store.tables import Appointment, MedicalRecord, Patient, table_of
from store.transaction import Transaction
from store.values import (
    AllergyView,
    AppointmentStatus,
    BirthPrecision,
    MailKind,
    PaperKind,
    PatientView,
    RecordFormat,
    RecordsAsked,
    RecordStatus,
    RecordView,
    SlipUse,
    VisitPaper,
)

_VISIT = table_of(Appointment).c
_INFANT_MONTHS = 24
"""Until so many months an age is told in months: doses go by it."""


def of_record(
    tx: Transaction, record_id: int, kind: PaperKind, use: SlipUse = SlipUse.SHOW
) -> VisitPaper:
    """A signed record as it goes on paper. Printing it and writing it to a file go into the audit
    trail beside the reading.

    Raises:
        NotFound: there is no such record.
        Forbidden: neither the record's own doctor nor an administrator asks.
        IllegalTransition: nothing of it can be put on paper, and why.
    """
    record = _own(tx, record_id)
    reason = _unfit(tx, record, kind)
    if reason is not None:
        raise IllegalTransition(reason, record_id=record_id)
    patient = patients.get(tx, record.patient_id)
    known = patients.allergies(tx, record.patient_id)
    paper = _paper(tx, record, kind, patient, [_allergy(one) for one in known])
    if use is not SlipUse.SHOW:
        tx.record(
            f"record.{use}",
            "medical_record",
            record_id,
            patient_id=record.patient_id,
            detail={"paper": kind.value},
        )
    return paper


def ask_by_mail(
    tx: Transaction, record_id: int, kind: PaperKind, *, request_id: str
) -> RecordsAsked:
    """Owe the patient a mail with this paper as a PDF. The same `request_id` is the same request,
    however often it comes.

    Raises:
        NotFound, Forbidden: as for `of_record`.
        Invalid: the patient has no e-mail address.
        IllegalTransition: nothing of the record can be put on paper, the patient is deactivated,
            or it was asked for too often today.
    """
    record = _own(tx, record_id)
    reason = _unfit(tx, record, kind)
    if reason is not None:
        raise IllegalTransition(reason, record_id=record_id)
    of_this_record = f"paper:{record_id}:"
    return patient_file.owe(
        tx,
        MailKind.PAPER,
        f"{of_this_record}{request_id}",
        tx.fetch(Patient, record.patient_id, "patient"),
        counted=MESSAGE.c.unique_key.startswith(of_this_record, autoescape=True),
        parameters={
            "formats": [RecordFormat.PDF.value],
            "record": record_id,
            "paper": kind.value,
        },
    )


def facts_of(tx: Transaction, message_id: int) -> RecordsFacts | str:
    """What a mail with a paper is written from, or the sentence why it is not to be sent.

    Raises:
        NotFound: there is no such message.
    """
    facts = patient_file.facts_of(tx, message_id)
    if isinstance(facts, str) or facts.paper is None:
        return facts
    record_id, kind = facts.paper
    return _unfit(tx, records.get(tx, record_id), kind) or facts


def _own(tx: Transaction, record_id: int) -> RecordView:
    row = tx.fetch(MedicalRecord, record_id, "medical record")
    require(tx, Action.RECORD_PAPER, doctor_id=row.doctor_id)
    return records.get(tx, record_id)


def _unfit(tx: Transaction, record: RecordView, kind: PaperKind) -> str | None:
    """Why nothing of the record goes on paper; None where it may."""
    if record.status is not RecordStatus.SIGNED:
        return "This record is not signed yet. Sign it first; then it can be printed."
    if record.appointment_id is not None:
        status = tx.session.execute(
            select(_VISIT.status).where(_VISIT.id == record.appointment_id)
        ).scalar()
        if status == AppointmentStatus.IN_ERROR:
            return "The visit was marked as an error; nothing of it goes on paper."
    prescribed = record.prescription or _amended(record).get("prescription")
    if kind is PaperKind.PRESCRIPTION and not prescribed:
        return "No medicine was prescribed at this visit. Print its summary instead."
    return None


def _paper(
    tx: Transaction,
    record: RecordView,
    kind: PaperKind,
    patient: PatientView,
    allergies: list[str],
) -> VisitPaper:
    content, amended = record.content, _amended(record)
    hospital, doctor = tx.rules.hospital, doctors.get(tx, record.doctor_id)
    assert record.signed_at is not None
    return VisitPaper(
        kind=kind,
        record_id=record.id,
        hospital=hospital.name,
        letterhead=tuple(line for line in hospital.letterhead if line.strip()),
        doctor=record.doctor,
        qualification=doctor.qualification,
        registration=doctor.registration,
        department=record.department,
        patient=patient.name,
        mrn=patient.mrn,
        age=age_in_words(patient.birth_date, patient.birth_precision, record.visited_at.date()),
        sex=patient.sex,
        address=patient.address,
        visited_at=record.visited_at,
        signed_at=record.signed_at,
        corrected_at=max((one.at for one in record.amendments), default=None),
        allergies=tuple(allergies),
        symptoms=amended.get("symptoms", content.symptoms),
        vitals=amended.get("vitals", content.vitals),
        diagnoses=tuple(amended.get("diagnoses", as_text(content, "diagnoses")).splitlines()),
        treatment=amended.get("treatment", content.treatment),
        notes=amended.get("notes", content.notes),
        medicines=amended.get("prescription", content.prescription),
        follow_up=amended.get("follow_up_on", content.follow_up_on),
    )


def age_in_words(birth: date | None, precision: BirthPrecision | None, day: date) -> str:
    """`34 years`, `about 34 years`, `7 months`; nothing where it is not known."""
    if birth is None or birth > day:
        return ""
    about = "" if precision is BirthPrecision.DAY else "about "
    months = (day.year - birth.year) * 12 + day.month - birth.month - (day.day < birth.day)
    if months < _INFANT_MONTHS and precision is not BirthPrecision.YEAR:
        return f"{about}{months} month{'' if months == 1 else 's'}"
    years = age_on(birth, day)
    return f"{about}{years} year{'' if years == 1 else 's'}"


def _amended(record: RecordView) -> Mapping[str, str]:
    """What the newest amendment of each field says."""
    return {one.field: one.text for one in record.amendments}


def _allergy(one: AllergyView) -> str:
    more = ", ".join(part for part in (one.reaction, one.severity) if part)
    return f"{one.substance} ({more})" if more else one.substance
