"""The hospital's tables, one module for each aggregate. Nothing outside the store sees them."""

from store.tables.accounts import Account, LoginSession, Preference, RecoveryCode, SignInAttempt
from store.tables.appointments import (
    Appointment,
    AppointmentEvent,
    QueueToken,
    SlotHold,
)
from store.tables.base import table_of
from store.tables.clinical import (
    Drug,
    MedicalRecord,
    PrescriptionItem,
    RecordAmendment,
    RecordDiagnosis,
)
from store.tables.ledgers import AuditEntry, Change, JobRun, OutboxMessage
from store.tables.mail import MailChannel, RefusedAddress
from store.tables.people import (
    Allergy,
    Counter,
    Department,
    Doctor,
    Hospital,
    NameWord,
    Patient,
    PatientMerge,
    PatientsApart,
    PatientSearchKey,
)
from store.tables.schedule import Holiday, Leave, OfferedTime, WorkingHours
from store.tables.waiting import WaitlistEntry, WaitlistOffer, WaitlistOpening

__all__ = [
    "Account",
    "Allergy",
    "Appointment",
    "AppointmentEvent",
    "AuditEntry",
    "Change",
    "Counter",
    "Department",
    "Doctor",
    "Drug",
    "Holiday",
    "Hospital",
    "JobRun",
    "Leave",
    "LoginSession",
    "MailChannel",
    "MedicalRecord",
    "NameWord",
    "OfferedTime",
    "OutboxMessage",
    "Patient",
    "PatientMerge",
    "PatientSearchKey",
    "PatientsApart",
    "Preference",
    "PrescriptionItem",
    "QueueToken",
    "RecordAmendment",
    "RecordDiagnosis",
    "RecoveryCode",
    "RefusedAddress",
    "SignInAttempt",
    "SlotHold",
    "WaitlistEntry",
    "WaitlistOffer",
    "WaitlistOpening",
    "WorkingHours",
    "table_of",
]
