"""Lists of people: patients, and all who can sign in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, select, true

from store.account_rows import account_query, account_views
from store.birth import parse_birth
from store.list_words import FIELD, Asked, ListWord, WordKind, choices_of
from store.listing import resolve
from store.listing.kinds import (
    STATE,
    Conditions,
    ListColumn,
    ListKind,
    Narrowed,
    moment,
    states,
    yes_no,
)
from store.patient_rows import PATIENT, patient_query, patient_views
from store.permissions import Action
from store.references import name_key
from store.tables import Account, table_of
from store.text import begins, clean_email, clean_phone
from store.transaction import Transaction
from store.values import AccountView, BirthPrecision, PatientView, Role

_ACCOUNT = table_of(Account)
_STAFF = (Role.ADMIN, Role.RECEPTION, Role.DOCTOR)
_LAST = "\U0010ffff"


def _narrow_patients(tx: Transaction, asked: Asked) -> Narrowed:
    found = Conditions()
    telling = bool({"born", "phone", "email"} & set(asked.chosen) or asked.words)
    state = states(asked, PATIENT.c.is_active)
    # Nor must that somebody is inactive, where something is asked that tells people apart.
    found.all(*(one.is_(true()) if telling else one for one in state))
    found.all(PATIENT.c.merged_into_id.is_(None))
    for typed in asked.of("born"):
        found.all(PATIENT.c.birth_date.between(*_born(typed, tx.today())))
    region = tx.rules.hospital.region
    for typed in asked.of("phone"):
        found.all(PATIENT.c.phone == clean_phone(typed, FIELD, region=region))
    for typed in asked.of("email"):
        found.all(PATIENT.c.email == clean_email(typed, FIELD))
    if asked.words:
        inactive = "state" in asked.chosen
        found.all(PATIENT.c.id.in_(resolve.patients(tx, [asked.text], inactive=inactive) or []))
    return found.done()


def _born(typed: str, today: date) -> tuple[date, date]:
    """The days that a birth date, a year or an age may mean."""
    born, precision = parse_birth(typed, today, field=FIELD)
    if precision is BirthPrecision.DAY:
        return born, born
    return date(born.year, 1, 1), date(born.year, 12, 31)


def _patients(tx: Transaction, ids: Sequence[int]) -> Mapping[int, PatientView]:
    rows = tx.session.execute(patient_query().where(PATIENT.c.id.in_(ids)))
    return {one.id: one for one in patient_views(tx, rows)}


def _sex_and_age(one: PatientView) -> str:
    return f"{one.sex.value} {one.age}" if one.age is not None else one.sex.value


def _birth(one: PatientView) -> str:
    if one.birth_date is None:
        return ""
    exact = one.birth_precision is BirthPrecision.DAY
    return one.birth_date.isoformat() if exact else str(one.birth_date.year)


PATIENTS: ListKind[PatientView] = ListKind(
    name="patients",
    action=Action.PATIENT_SEARCH,
    source=PATIENT,
    id=PATIENT.c.id,
    columns=(
        ListColumn("name", "Patient", lambda one: one.name, order=PATIENT.c.name),
        ListColumn("mrn", "Number", lambda one: one.mrn, order=PATIENT.c.mrn),
        ListColumn("sex", "Sex, age", _sex_and_age),
        ListColumn("born", "Born", _birth, shown=False),
        ListColumn("phone", "Phone", lambda one: one.phone),
        ListColumn("email", "E-mail", lambda one: one.email, shown=False),
        ListColumn("address", "Address", lambda one: one.address, shown=False),
        ListColumn("username", "User name", lambda one: one.username, shown=False),
        ListColumn("id", "Registered", lambda one: one.id, shown=False, order=PATIENT.c.id),
        ListColumn("state", "State", lambda one: "active" if one.active else "inactive"),
    ),
    order="name",
    words=(
        ListWord("born", WordKind.TEXT, "1991"),
        ListWord("phone", WordKind.TEXT, "98450 11223"),
        ListWord("email", WordKind.TEXT, "asha@example.org"),
        STATE,
    ),
    narrow=_narrow_patients,
    views=_patients,
    everything="state:all",
    audited="patient.list",
)


def _narrow_users(tx: Transaction, asked: Asked) -> Narrowed:
    found = Conditions()
    found.all(*states(asked, _ACCOUNT.c.is_active))
    found.any_of(_ACCOUNT.c.role, asked.of("role") or None)
    if "locked" in asked.chosen:
        locked = select(_ACCOUNT.c.id).where(_ACCOUNT.c.locked_until > tx.now)
        found.all(_ACCOUNT.c.id.in_(list(tx.session.execute(locked).scalars())))
    if asked.words:
        found.all(_ACCOUNT.c.id.in_(_accounts_called(tx, asked)))
    return found.done()


def _accounts_called(tx: Transaction, asked: Asked) -> list[int]:
    """Accounts whose user name or address begins so, staff by the words of their names, and
    those of the patients whom the finder finds."""
    typed = name_key(asked.text)
    wanted: dict[int, None] = {}
    for column in (_ACCOUNT.c.username, _ACCOUNT.c.email):
        begun: ColumnElement[bool] = and_(column >= typed, column < typed + _LAST)
        query = select(_ACCOUNT.c.id).where(begun).order_by(column).limit(resolve.MOST_PATIENTS)
        if typed:
            wanted.update(dict.fromkeys(tx.session.execute(query).scalars()))
    staff = select(_ACCOUNT.c.id, _ACCOUNT.c.name).where(_ACCOUNT.c.role.in_(_STAFF))
    rows = tx.session.execute(staff)
    wanted.update(dict.fromkeys(row.id for row in rows if begins(asked.text, row.name)))
    patients = resolve.patients(tx, [asked.text], inactive=True) or []
    theirs = select(PATIENT.c.account_id).where(
        PATIENT.c.id.in_(patients), PATIENT.c.account_id.is_not(None)
    )
    wanted.update(dict.fromkeys(tx.session.execute(theirs).scalars()))
    return list(wanted)


def _users(tx: Transaction, ids: Sequence[int]) -> Mapping[int, AccountView]:
    rows = tx.session.execute(account_query().where(_ACCOUNT.c.id.in_(ids)))
    return {one.id: one for one in account_views(tx, rows)}


USERS: ListKind[AccountView] = ListKind(
    name="users",
    action=Action.ACCOUNT_READ,
    source=_ACCOUNT,
    id=_ACCOUNT.c.id,
    columns=(
        ListColumn("username", "User name", lambda one: one.username, order=_ACCOUNT.c.username),
        ListColumn("name", "Name", lambda one: one.name),
        ListColumn("role", "Role", lambda one: one.role.value),
        ListColumn("email", "E-mail", lambda one: one.email, shown=False),
        ListColumn("phone", "Phone", lambda one: one.phone, shown=False),
        ListColumn("state", "State", lambda one: "active" if one.active else "inactive"),
        ListColumn("second-factor", "2nd factor", lambda one: yes_no(one.second_factor)),
        ListColumn("locked", "Locked until", lambda one: moment(one.locked_until), shown=False),
        ListColumn("id", "Entered", lambda one: one.id, shown=False, order=_ACCOUNT.c.id),
    ),
    order="username",
    words=(
        ListWord(
            "role",
            WordKind.CHOICE,
            "reception",
            {
                key: value
                for key, value in choices_of(Role).items()
                if value not in (Role.NOBODY, Role.SYSTEM)
            },
        ),
        STATE,
        ListWord("locked", WordKind.CHOICE, "yes", {"yes": "yes"}),
    ),
    narrow=_narrow_users,
    views=_users,
    everything="state:all",
)
