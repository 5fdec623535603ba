"""A hospital for every test: an empty founded one on each database, and what fills it.

Founding runs the migrations, so it is done once for each time zone and copied: as a file on
SQLite, as a template database on PostgreSQL. The builders (`admin`, `reception`, ...) go through
the store's own rules, as the program itself.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, NullPool, create_engine

from store import (
    accounts,
    departments,
    doctors,
    passwords,
    patients,
    registration,
    schedule,
    schema,
    signing_in,
)
from store.actors import system
from store.clock import FixedClock
from store.database import open_database, sqlite_driver
from store.front_door import Store
from store.hospital import HospitalRules, MailRules, Rules, SecurityRules
from store.passwords import PasswordHash
from store.roles import NOBODY, Grantees
from store.values import (
    AccountView,
    Actor,
    DepartmentView,
    DoctorView,
    HoursSession,
    PatientInput,
    PatientView,
    Role,
    SessionKind,
    SignedIn,
)
from tests.servers.postgres import PostgresServer, as_owner

NAME = "City Hospital"
TIMEZONE = "Asia/Kolkata"
PASSWORD = "kettle on the ledge 7"
MONDAY_MORNING = datetime(2026, 1, 5, 9, 0, tzinfo=ZoneInfo(TIMEZONE))


Somebody = AccountView | DoctorView | PatientView | str
"""Who can sign in; a text is a user name."""


class MakeStore(Protocol):
    """What the fixture `make_store` is."""

    def __call__(
        self, url: str, *, timezone: str = TIMEZONE, rules: Rules | None = None
    ) -> Store: ...


def quick_rules(timezone: str = TIMEZONE) -> Rules:
    """The rules as shipped, but for a password hash that takes a millisecond, and as much mail to
    a patient as a test likes."""
    return Rules(
        HospitalRules(NAME, ZoneInfo(timezone)),
        SecurityRules(bcrypt_cost=4),
        mail=MailRules(most_per_patient=0),
    )


def found(url: str, timezone: str = TIMEZONE, grantees: Grantees = NOBODY) -> None:
    """Make an empty database, or a SQLite file that is not there yet, a hospital."""
    database = open_database(url, create=True)
    rules = HospitalRules(NAME, ZoneInfo(timezone))
    schema.found(database, rules, FixedClock(MONDAY_MORNING), grantees=grantees)
    database.dispose()


@pytest.fixture
def clock() -> FixedClock:
    """Stands at Monday, 5 January 2026, 09:00 in Kolkata, until a test moves it."""
    return FixedClock(MONDAY_MORNING)


@pytest.fixture(scope="session")
def _founded_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("founded")

    def founded_file(timezone: str) -> Path:
        path = folder / f"{timezone.replace('/', '-')}.db"
        if not path.exists():
            found(f"sqlite:///{path}", timezone)
        return path

    return founded_file


@pytest.fixture
def found_sqlite(_founded_file: Callable[[str], Path], tmp_path: Path) -> Callable[..., str]:
    """`found_sqlite(timezone=...)`: the URL of the test's own founded hospital, in a file."""

    def found_here(timezone: str = TIMEZONE) -> str:
        path = tmp_path / f"{timezone.replace('/', '-')}.db"
        shutil.copyfile(_founded_file(timezone), path)
        path.chmod(0o600)
        return f"sqlite:///{path}"

    return found_here


@pytest.fixture
def found_postgres(postgres: PostgresServer) -> Iterator[Callable[..., str]]:
    """`found_postgres(timezone=...)`: the same on PostgreSQL, reached by the app's role, which owns
    nothing in it; dropped after the test."""
    made: list[str] = []
    grantees = Grantees(postgres.app, postgres.jobs)

    def found_here(timezone: str = TIMEZONE) -> str:
        made.append(postgres.create_prepared(timezone, lambda url: found(url, timezone, grantees)))
        return postgres.as_role(made[-1], postgres.app)

    yield found_here
    for url in made:
        postgres.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def found_hospital(request: pytest.FixtureRequest) -> Callable[..., str]:
    """`found_hospital(timezone=...)`: once on SQLite and once on PostgreSQL."""
    name = "found_sqlite" if request.param == "sqlite" else "found_postgres"
    founder: Callable[..., str] = request.getfixturevalue(name)
    return founder


@pytest.fixture
def hospital_url(found_hospital: Callable[..., str]) -> str:
    """The URL of an empty founded hospital, for tests that start other processes on it."""
    return found_hospital()


@pytest.fixture
def make_store(clock: FixedClock) -> Iterator[MakeStore]:
    """Opens a hospital that `found_hospital` and its kin made, with the test's clock."""
    opened: list[Store] = []

    def open_store(url: str, *, timezone: str = TIMEZONE, rules: Rules | None = None) -> Store:
        opened.append(Store(open_database(url), clock, rules or quick_rules(timezone)))
        return opened[-1]

    yield open_store
    for store in opened:
        store.database.dispose()


@pytest.fixture
def store(hospital_url: str, make_store: MakeStore) -> Store:
    """City Hospital in Kolkata, empty, once on SQLite and once on PostgreSQL."""
    return make_store(hospital_url)


@pytest.fixture
def sqlite_store(found_sqlite: Callable[..., str], make_store: MakeStore) -> Store:
    """City Hospital in Kolkata, empty, on SQLite alone: for what cannot depend on the database."""
    return make_store(found_sqlite())


@contextmanager
def owning(store: Store) -> Iterator[Connection]:
    """SQL of somebody who owns the database, past our engine and its pragmas. Not past our driver:
    two SQLite libraries in one process do not see each other's locks."""
    url = as_owner(store.database.engine.url)
    driver = {"module": sqlite_driver()[0]} if store.database.dialect == "sqlite" else {}
    with create_engine(url, poolclass=NullPool, **driver).begin() as connection:
        yield connection


@cache
def hashed(password: str = PASSWORD) -> PasswordHash:
    """A password, ready to be given to an account."""
    return passwords.prepare(password, quick_rules())


def admin(store: Store, username: str = "root", name: str = "Asha Root") -> AccountView:
    """An administrator, whose password is PASSWORD."""
    return _account(store, username, name, Role.ADMIN)


def reception(store: Store, username: str = "desk", name: str = "Dina Desk") -> AccountView:
    """Somebody of the reception desk, whose password is PASSWORD."""
    return _account(store, username, name, Role.RECEPTION)


def department(store: Store, name: str = "General Medicine") -> DepartmentView:
    """A department; the one of that name where there is one already."""
    with store.transaction(system()) as tx:
        known = departments.list_departments(tx, active=None).items
        found = next((one for one in known if one.name == name), None)
        return found or departments.create(tx, name=name)


def weekly(*sessions: str, days: Iterable[int] = range(6)) -> list[HoursSession]:
    """Sessions like `09:00-13:00/15` on each weekday of `days`, Monday to Saturday by default."""
    week = []
    for day in days:
        for session in sessions:
            span, _, slot = session.partition("/")
            start, end = (int(time[:2]) * 60 + int(time[3:]) for time in span.split("-"))
            week.append(HoursSession(day, start, end, int(slot)))
    return week


def doctor(
    store: Store,
    name: str = "Asha Nair",
    *,
    username: str | None = None,
    department_name: str = "General Medicine",
    hours: Sequence[HoursSession] | None = None,
    **fields: Any,
) -> DoctorView:
    """A doctor whose password is PASSWORD and whose user name is `dr.` and the last name.

    Without `hours` the doctor works Monday to Saturday, 09:00-17:00 in slots of 15 minutes.
    """
    room = department(store, department_name)
    with store.transaction(system()) as tx:
        made = doctors.create(
            tx,
            username=username or f"dr.{name.rsplit(maxsplit=1)[-1].lower()}",
            name=name,
            department_id=room.id,
            password=hashed(),
            **fields,
        )
        schedule.replace_week(tx, made.id, weekly("09:00-17:00/15") if hours is None else hours)
        return made


def patient(
    store: Store, name: str = "Meera Rao", *, username: str | None = None, **fields: Any
) -> PatientView:
    """A patient; with a user name one who registered alone and has PASSWORD."""
    given = PatientInput(name=name, **fields)
    if username is None:
        return store.write(system(), patients.register, given)
    return registration.register_self(
        store, given, username=username, password=PASSWORD, terminal="kiosk"
    )


def signed_in(store: Store, account: Somebody, terminal: str = "desk 1") -> SignedIn:
    """Sign in with PASSWORD, as a person would; the token is in the answer."""
    username = account if isinstance(account, str) else account.username
    assert username is not None, "this patient has no account"
    return signing_in.sign_in(store, username, PASSWORD, kind=SessionKind.APP, terminal=terminal)


def actor_of(store: Store, account: Somebody, terminal: str = "desk 1") -> Actor:
    """The actor of somebody who has just signed in at a terminal."""
    return signed_in(store, account, terminal).actor


def _account(store: Store, username: str, name: str, role: Role) -> AccountView:
    return store.write(
        system(), accounts.create, username=username, name=name, role=role, password=hashed()
    )
