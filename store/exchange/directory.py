"""Rows of departments, doctors, working hours and holidays."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import ClassVar

from sqlalchemy import Row, exists, select

from store import departments, doctors, holidays, schedule
from store.changes import Topic
from store.datewords import parse_clock, parse_iso_day, parse_weekday
from store.errors import Duplicate
from store.exchange.cells import parse_minutes
from store.exchange.headings import Columns
from store.exchange.report import Outcome
from store.exchange.rows import Unit, external_id
from store.tables import Account, Department, Doctor, Holiday, table_of
from store.text import ascii_digits, clean_name, search_key
from store.transaction import Transaction
from store.values import HoursSession

_DEPARTMENT, _DOCTOR = table_of(Department), table_of(Doctor)
_ACCOUNT, _HOLIDAY = table_of(Account), table_of(Holiday)
_LONGEST_USERNAME = 60


class Departments:
    """Departments: by external id, else by name.

    Two rows with the same name and different external ids are different departments to whoever
    wrote the file. The hospital's names are unique, so the second is numbered: “Clinic (2)”.
    """

    columns: ClassVar[Columns] = Columns(
        allowed=("external_id", "name", "description"), needed=((("name",),),)
    )

    def key(self, values: Mapping[str, str]) -> str:
        """The external id, else the name."""
        return values.get("external_id") or search_key(values["name"])

    def take(self, unit: Unit, values: Mapping[str, str]) -> Outcome:
        """Make the department unless it is there."""
        tx, external = unit.tx, external_id(values)
        name = clean_name(values["name"])
        if external is not None and _exists(tx, _DEPARTMENT.c.external_id == external):
            return Outcome.UNCHANGED
        same = _department_named(tx, name)
        if same is not None and external is None:
            return Outcome.UNCHANGED
        if same is not None and same.external_id is None:
            return _adopt_department(tx, same.id, external)
        if same is not None:
            given, name = name, _numbered(tx, name)
            unit.tally.warn(
                f"There is another department named “{given}”; the one with external id"
                f" {external} is named “{name}”. Rename it, or join a column that tells them"
                " apart: --map name=NAME+CITY"
            )
        departments.create(
            tx, name=name, description=values.get("description", ""), external_id=external
        )
        return Outcome.ADDED


class Doctors:
    """Doctors: by external id, else by user name. A missing user name is made from the name;
    a doctor so made cannot sign in until an administrator gives a password."""

    columns: ClassVar[Columns] = Columns(
        allowed=(
            "external_id",
            "username",
            "name",
            "department",
            "qualification",
            "registration",
            "email",
            "phone",
            "language",
        ),
        needed=((("name",),), (("department",),)),
    )

    def key(self, values: Mapping[str, str]) -> str:
        """The external id, else the user name, else name and department."""
        return (
            values.get("external_id")
            or search_key(values.get("username", ""))
            or search_key(f"{values['name']} @ {values['department']}")
        )

    def take(self, unit: Unit, values: Mapping[str, str]) -> Outcome:
        """Make the doctor and the account unless they are there."""
        tx, external = unit.tx, external_id(values)
        department_id = unit.named.department(values["department"])
        name = clean_name(values["name"])
        username = search_key(values.get("username", ""))
        if external is not None and _exists(tx, _DOCTOR.c.external_id == external):
            return Outcome.UNCHANGED
        same = _doctor_like(tx, username, name, department_id)
        if same is not None and external is None:
            return Outcome.UNCHANGED
        if same is not None and same.external_id is None:
            doctors.update(tx, same.id, external_id=external)
            return Outcome.UPDATED
        if same is not None and username:
            raise Duplicate(f"The user name {username} is another doctor's.")
        doctors.create(
            tx,
            username=username or _free_username(tx, name),
            name=name,
            department_id=department_id,
            qualification=values.get("qualification", ""),
            registration=values.get("registration", ""),
            email=values.get("email") or None,
            phone=values.get("phone") or None,
            language=values.get("language", ""),
            external_id=external,
        )
        return Outcome.ADDED


class Hours:
    """Weekly sessions: each row one, added to those that the doctor has."""

    columns: ClassVar[Columns] = Columns(
        allowed=("doctor", "day", "from", "to", "slot_minutes", "valid_from", "valid_to"),
        needed=((("doctor",),), (("day",),), (("from",),), (("to",),), (("slot_minutes",),)),
    )

    def key(self, values: Mapping[str, str]) -> str:
        """All of it: a session has no other name."""
        return "|".join(values.get(name, "") for name in self.columns.allowed)

    def take(self, unit: Unit, values: Mapping[str, str]) -> Outcome:
        """Add the session unless the doctor has it."""
        doctor_id = unit.named.doctor(values["doctor"])
        session = HoursSession(
            weekday=parse_weekday(values["day"], field="day"),
            start_minute=_minute(values["from"], "from"),
            end_minute=_minute(values["to"], "to"),
            slot_minutes=parse_minutes(values["slot_minutes"], "slot_minutes", 480),
            valid_from=_day_or_none(values, "valid_from"),
            valid_to=_day_or_none(values, "valid_to"),
        )
        week = [one.session for one in schedule.hours_of(unit.tx, doctor_id)]
        if session in week:
            return Outcome.UNCHANGED
        schedule.replace_week(unit.tx, doctor_id, [*week, session])
        return Outcome.ADDED


class Holidays:
    """Holidays, by their date."""

    columns: ClassVar[Columns] = Columns(
        allowed=("date", "name"), needed=((("date",),), (("name",),))
    )

    def key(self, values: Mapping[str, str]) -> str:
        """The date."""
        return values["date"]

    def take(self, unit: Unit, values: Mapping[str, str]) -> Outcome:
        """Make the day a holiday unless it is one."""
        day = parse_iso_day(values["date"], field="date")
        clean_name(values["name"])
        if _exists(unit.tx, _HOLIDAY.c.day == day):
            return Outcome.UNCHANGED
        holidays.add(unit.tx, day, values["name"])
        return Outcome.ADDED


def username_of(name: str) -> str:
    """A user name made from a person's name: `Dr José Núñez` is `jose.nunez`."""
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    words = [word for word in re.findall(r"[a-z0-9]+", folded) if word not in ("dr", "prof")]
    made = ".".join(words)[:_LONGEST_USERNAME].strip(".")
    return made if len(made) >= 2 and not made.isdigit() else f"doctor.{made}".rstrip(".")


def _exists(tx: Transaction, condition: object) -> bool:
    return bool(tx.session.execute(select(exists().where(condition))).scalar())  # type: ignore[arg-type]


def _department_named(tx: Transaction, name: str) -> Row[tuple[int, str | None]] | None:
    return tx.session.execute(
        select(_DEPARTMENT.c.id, _DEPARTMENT.c.external_id).where(
            _DEPARTMENT.c.name_key == search_key(name)
        )
    ).first()


def _adopt_department(tx: Transaction, department_id: int, external: str | None) -> Outcome:
    """A department made by hand is the one of that name in the file: it takes its external id."""
    row = tx.fetch(Department, department_id, "department")
    row.external_id = external
    tx.touch(row)
    tx.session.flush()
    tx.record("department.update", "department", row.id, detail={"external_id": external})
    tx.changed(Topic.DEPARTMENT, entity_id=row.id)
    return Outcome.UPDATED


def _numbered(tx: Transaction, name: str) -> str:
    number = 2
    while _department_named(tx, f"{name} ({number})") is not None:
        number += 1
    return f"{name} ({number})"


def _doctor_like(
    tx: Transaction, username: str, name: str, department_id: int
) -> Row[tuple[int, str | None]] | None:
    """The doctor of that user name; without one, the doctor of that name in that department."""
    query = select(_DOCTOR.c.id, _DOCTOR.c.external_id).join(
        _ACCOUNT, _ACCOUNT.c.id == _DOCTOR.c.account_id
    )
    if username:
        return tx.session.execute(query.where(_ACCOUNT.c.username == username)).first()
    return tx.session.execute(
        query.where(_ACCOUNT.c.name == name, _DOCTOR.c.department_id == department_id)
    ).first()


def _free_username(tx: Transaction, name: str) -> str:
    made = username_of(name)
    username, number = made, 1
    while _exists(tx, _ACCOUNT.c.username == username):
        number += 1
        username = f"{made}.{number}"
    return username


def _minute(text: str, field: str) -> int:
    if ascii_digits(text) == "24:00":
        return 1440
    clock = parse_clock(text, field=field)
    return clock.hour * 60 + clock.minute


def _day_or_none(values: Mapping[str, str], field: str) -> date | None:
    text = values.get(field, "")
    return parse_iso_day(text, field=field) if text else None
