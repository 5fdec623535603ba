"""Who may put what on paper, and who may have a patient's whole file."""

from __future__ import annotations

from store import patient_file, record_papers, slips
from store.errors import Invalid, NotFound
from store.values import PaperKind, RecordFormat
from tests.matrix.row import ADMIN, ADMIN_AND_OWN_DOCTOR, DESK, ONCE, STAFF, May, Reach, Row, given

EXPORTERS = May(Reach.ANY, Reach.NO, Reach.NO, Reach.OWN)
"""Administrators for anybody, patients for themselves: never the desk, never a doctor."""

_PDF = [RecordFormat.PDF]

PAPER = [
    Row(slips.of_appointment, lambda c: given(c.booked), DESK, "REC-7"),
    Row(slips.day_list, lambda c: given(), STAFF, "REC-7", ONCE),
    Row(slips.day_list, lambda c: given(doctor_id=c.doctor), STAFF, "REC-7"),
    Row(patient_file.read, lambda c: given(c.patient, _PDF), EXPORTERS, "PAT-7 ADM-6"),
    Row(
        patient_file.ask_by_mail,
        lambda c: given(c.patient, _PDF, request_id="once"),
        EXPORTERS,
        "PAT-7 ADM-6",
        but=(Invalid,),  # no e-mail address
    ),
    Row(patient_file.last_asked, lambda c: given(c.patient), EXPORTERS, "PAT-7 ADM-6"),
    Row(
        record_papers.of_record,
        lambda c: given(c.signed, PaperKind.SUMMARY),
        ADMIN_AND_OWN_DOCTOR,
        "DOC-11",
    ),
    Row(
        record_papers.ask_by_mail,
        lambda c: given(c.signed, PaperKind.SUMMARY, request_id="once"),
        ADMIN_AND_OWN_DOCTOR,
        "DOC-11",
        but=(Invalid,),  # no e-mail address
    ),
    Row(
        record_papers.facts_of,
        lambda c: given(c.message),
        ADMIN,
        "DOC-11",
        but=(NotFound,),  # that message brings no paper
    ),
    Row(
        patient_file.facts_of,
        lambda c: given(c.message),
        ADMIN,
        "JOB-4",
        but=(NotFound,),  # that message brings no records
    ),
]
