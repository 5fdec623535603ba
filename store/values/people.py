"""People as they leave the store: accounts, actors, doctors, patients, departments."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct


class Role(StrEnum):
    """Who somebody is to the hospital. `system` is the program itself, `nobody` a visitor."""

    ADMIN = "admin"
    RECEPTION = "reception"
    DOCTOR = "doctor"
    PATIENT = "patient"
    SYSTEM = "system"
    NOBODY = "nobody"


class Sex(StrEnum):
    """Administrative gender (FHIR R4 value set `administrative-gender`)."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class BirthPrecision(StrEnum):
    """How well a birth date is known."""

    DAY = "day"
    YEAR = "year"
    AGE = "age"


class SessionKind(StrEnum):
    """Where a login session lives."""

    APP = "app"
    CLI = "cli"


class Duty(StrEnum):
    """What an account has to do before it may do anything else."""

    PASSWORD = "password"  # noqa: S105 - no secret, a word
    SECOND_FACTOR = "second factor"


class Actor(Struct, frozen=True):
    """Who acts: role, account, login session and terminal. Display only outside the store:
    each transaction checks the login session again."""

    role: Role
    name: str
    terminal: str
    account_id: int | None = None
    session_id: int | None = None
    doctor_id: int | None = None
    patient_id: int | None = None
    username: str = ""


class AccountView(Struct, frozen=True):
    """An account that can sign in. `language` is that of mails to it, empty where it is the
    hospital's."""

    id: int
    username: str
    name: str
    role: Role
    email: str | None
    phone: str | None
    active: bool
    locked_until: datetime | None
    doctor_id: int | None
    patient_id: int | None
    version: int
    second_factor: bool = False
    language: str = ""


class SecondFactorView(Struct, frozen=True):
    """Whether an account asks for codes, whether it must, and what stands in for a lost phone."""

    enabled: bool
    required: bool
    recovery_codes: int


class SecondFactorSetUp(Struct, frozen=True):
    """A second factor that waits for its first code: `secret` to type into an authenticator app
    (base32), `uri` to draw as a QR code. Neither is ever shown again."""

    secret: str
    uri: str


class LoginSessionView(Struct, frozen=True):
    """One signing-in, on one terminal."""

    id: int
    kind: SessionKind
    terminal: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    current: bool


class SignedIn(Struct, frozen=True):
    """The outcome of signing in. `token` is the only copy of the secret: the store keeps a hash.
    `duty` is what the account must do first: all else is refused."""

    actor: Actor
    token: str
    expires_at: datetime
    duty: Duty | None = None


class DepartmentView(Struct, frozen=True):
    """A department; `doctors` counts the active ones."""

    id: int
    name: str
    description: str
    doctors: int
    active: bool
    external_id: str | None
    version: int


class DoctorView(Struct, frozen=True):
    """A doctor as everyone may see one. `registration` is the medical council's number, `fee` is
    in the currency's hundredths (paise), `language` that of mails, empty where it is the
    hospital's."""

    id: int
    username: str
    name: str
    department_id: int
    department: str
    qualification: str
    registration: str
    email: str | None
    phone: str | None
    bio: str
    fee: int | None
    queue_code: str
    active: bool
    external_id: str | None
    version: int
    language: str = ""


class PatientView(Struct, frozen=True):
    """A patient's own particulars, without medical content. `email_refused_at`: since when mail
    servers say that they take nothing for the e-mail address."""

    id: int
    mrn: str
    name: str
    birth_date: date | None
    birth_precision: BirthPrecision | None
    age: int | None
    sex: Sex
    phone: str | None
    email: str | None
    address: str
    emergency_name: str
    emergency_phone: str | None
    language: str
    active: bool
    external_id: str | None
    username: str | None
    version: int
    email_refused_at: datetime | None = None


class ProfileView(Struct, frozen=True):
    """One's own particulars: the account's, and a patient's or a doctor's."""

    account: AccountView
    patient: PatientView | None
    doctor: DoctorView | None


class PatientInput(Struct, frozen=True):
    """What a registration or a change of a patient gives. `birth_date` is text: a day
    (`1991-04-03`, `3 apr 1991`), a year (`1991`) or an age (`34y`). No `language` is the
    hospital's own."""

    name: str
    birth_date: str | None = None
    sex: Sex = Sex.UNKNOWN
    phone: str | None = None
    email: str | None = None
    address: str = ""
    emergency_name: str = ""
    emergency_phone: str | None = None
    language: str = ""
    allergies: tuple[str, ...] = ()
    external_id: str | None = None
    mrn: str | None = None


class AllergyView(Struct, frozen=True):
    """A recorded allergy or intolerance."""

    id: int
    patient_id: int
    substance: str
    reaction: str
    severity: str
    noted_on: date | None
