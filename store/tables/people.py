"""Departments, doctors, patients and what is searched and recorded of patients."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, String, text
from sqlmodel import Field, SQLModel

from store.tables.base import Stamped, one_of
from store.values import BirthPrecision, Sex

_ByCodePoint = String(500).with_variant(String(500, collation="C"), "postgresql")


class Department(Stamped, table=True):
    """A department of the hospital. Names are unique without regard to case (`name_key`)."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=120)
    name_key: str = Field(unique=True, max_length=240)
    description: str = Field(default="", max_length=2000)
    external_id: str | None = Field(default=None, unique=True, max_length=120)
    is_active: bool = Field(default=True)


class Doctor(Stamped, table=True):
    """A doctor; the account carries name, e-mail and phone. `fee` is in hundredths (paise).

    `registration` is the number under which the medical council registered the doctor,
    `queue_code` is the letter on the tokens of the doctor's queue, `overbook_limit` how many
    appointments a day may be booked over the schedule.
    """

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", unique=True)
    department_id: int = Field(foreign_key="department.id", index=True)
    qualification: str = Field(default="", max_length=200)
    registration: str = Field(default="", max_length=80)
    bio: str = Field(default="", max_length=4000)
    fee: int | None = None
    queue_code: str = Field(unique=True, max_length=8)
    overbook_limit: int = Field(default=4)
    external_id: str | None = Field(default=None, unique=True, max_length=120)
    is_active: bool = Field(default=True)


class Patient(Stamped, table=True):
    """A patient. `name` is NFC as written; searching goes through `patient_search_key`."""

    __table_args__ = (
        one_of("sex", Sex),
        CheckConstraint(
            "birth_precision IS NULL OR birth_precision IN ("
            + ", ".join(f"'{precision}'" for precision in BirthPrecision)
            + ")",
            name="birth_precision",
        ),
        Index("ix_patient_name", "name"),
        Index("ix_patient_is_active_name", "is_active", "name"),
    )

    id: int | None = Field(default=None, primary_key=True)
    mrn: str = Field(unique=True, max_length=16)
    account_id: int | None = Field(default=None, foreign_key="account.id", unique=True)
    name: str = Field(max_length=120)
    birth_date: date | None = Field(default=None, index=True)
    birth_precision: str | None = Field(default=None, max_length=8)
    sex: str = Field(default=Sex.UNKNOWN, max_length=8)
    phone: str | None = Field(default=None, max_length=20, index=True)
    email: str | None = Field(default=None, max_length=254, index=True)
    address: str = Field(default="", max_length=500)
    emergency_name: str = Field(default="", max_length=120)
    emergency_phone: str | None = Field(default=None, max_length=20)
    language: str = Field(default="en", max_length=8)
    external_id: str | None = Field(default=None, unique=True, max_length=120)
    is_active: bool = Field(default=True)
    merged_into_id: int | None = Field(default=None, foreign_key="patient.id")


class PatientSearchKey(SQLModel, table=True):
    """What a patient is found by (`store.patient_keys`): each word of the name, the national
    number, the MRN, and behind each all that a search may ask besides.

    A search is one range scan of the primary key, on both databases: keys are ordered by code
    point, whatever language the server sorts by. On SQLite the table is that index.
    """

    __tablename__ = "patient_search_key"
    __table_args__ = {"sqlite_with_rowid": False}

    kind: str = Field(primary_key=True, max_length=8)
    key: str = Field(primary_key=True, sa_type=_ByCodePoint)
    patient_id: int = Field(foreign_key="patient.id", primary_key=True)


class NameWord(SQLModel, table=True):
    """A word that occurs in names of patients, under each key that a mistyped or otherwise
    spelt one shares with it (`store.name_keys.word_keys`)."""

    __tablename__ = "name_word"
    __table_args__ = {"sqlite_with_rowid": False}

    key: str = Field(primary_key=True, sa_type=_ByCodePoint)
    word: str = Field(primary_key=True, sa_type=_ByCodePoint)


class Allergy(Stamped, table=True):
    """A recorded allergy or intolerance of a patient (FHIR R4 AllergyIntolerance)."""

    id: int | None = Field(default=None, primary_key=True)
    patient_id: int = Field(foreign_key="patient.id", index=True)
    substance: str = Field(max_length=200)
    reaction: str = Field(default="", max_length=200)
    severity: str = Field(default="", max_length=40)
    noted_on: date | None = None
    external_id: str | None = Field(default=None, unique=True, max_length=120)
    is_active: bool = Field(default=True)


class PatientMerge(SQLModel, table=True):
    """A merge of two patients; `moved` (JSON: table to row ids) makes it reversible."""

    __tablename__ = "patient_merge"

    id: int | None = Field(default=None, primary_key=True)
    survivor_id: int = Field(foreign_key="patient.id", index=True)
    merged_id: int = Field(foreign_key="patient.id", index=True)
    moved: str
    at: datetime
    by: int | None = Field(default=None, foreign_key="account.id")
    undone_at: datetime | None = None


class PatientsApart(SQLModel, table=True):
    """Two registrations of which a person said that they are not the same person, the one of the
    lower id first. A merge leaves the row as it is: who was merged counts as the survivor."""

    __tablename__ = "patients_apart"
    __table_args__ = (CheckConstraint("one_id < other_id", name="in_order"),)

    one_id: int = Field(foreign_key="patient.id", primary_key=True)
    other_id: int = Field(foreign_key="patient.id", primary_key=True, index=True)
    at: datetime
    by: int | None = Field(default=None, foreign_key="account.id")


class Counter(SQLModel, table=True):
    """A sequence drawn inside the transaction that uses it: no gap without a rollback."""

    name: str = Field(primary_key=True, max_length=40)
    value: int = Field(default=0)


class Hospital(SQLModel, table=True):
    """The one row that says this database is a hospital of ours, and which. From `archive_key`
    come the passwords of the archives that records are mailed in (`store.archive_passwords`)."""

    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: int = Field(default=1, primary_key=True)
    uid: str = Field(max_length=36)
    archive_key: str = Field(max_length=64, sa_column_kwargs={"server_default": text("''")})
    name: str = Field(max_length=120)
    timezone: str = Field(max_length=64)
    created_at: datetime
    is_demo: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
