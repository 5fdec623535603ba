"""A clinic for tests of the screens: two doctors, a desk, patients, and a Monday morning."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from textual import _wait, events
from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual.app import App
from textual.cache import LRUCache
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, TextArea

from chikitsa_tui.app import ChikitsaApp
from jobs.delivery import preview
from jobs.documents.office import PaperOffice, PaperSettings
from screens.context import AppServices, DemoAccount, UiSettings
from screens.shared import holding
from store import accounts, appointments, departments, desk, doctors, passwords, patients, schedule
from store.actors import system
from store.clock import FixedClock
from store.front_door import Store
from store.values import (
    AppointmentView,
    DoctorView,
    HoursSession,
    PatientInput,
    PatientView,
    Role,
    Sex,
)
from widgets.pick_list import PickList

PASSWORD = "river stone lantern"
on_both = pytest.mark.parametrize("clinic", ["sqlite", "postgresql"], indirect=True)
"""For whole paths through the screens: once on each database."""
on_sqlite = pytest.mark.parametrize("clinic", ["sqlite"], indirect=True)
"""For what is SQLite's alone, such as its file and its turns."""
LOCK_SECONDS = dict.fromkeys(Role, 300)
OPENING = datetime(2026, 1, 5, 8, 0, tzinfo=ZoneInfo("Asia/Kolkata"))
MORNING = OPENING + timedelta(hours=2, minutes=42)
PEOPLE = (
    PatientInput("Asha Rao", "1991-04-03", Sex.FEMALE, "9845011223", email="asha@example.org"),
    PatientInput("Ashok Rao", "1967", Sex.MALE, "9880123411"),
    PatientInput("Savitri Rao", "71y", Sex.FEMALE, "9448077123"),
    PatientInput("Imran Shaikh", "1980-02-11", Sex.MALE, "9900112233"),
    PatientInput("Meena Pillai", "1975-08-30", Sex.FEMALE),
    PatientInput("Joseph D'Souza", "2015-12-24", Sex.MALE, "9811198111"),
)


# How often Textual's pilot looks whether the app is at rest after a key, and what it calls rest:
# its own 20 ms make half of the time of these tests.
_wait.SLEEP_GRANULARITY, _wait.SLEEP_IDLE = 0.001, 0.0005
_paint = Compositor.render_update


def _paint_when_looked_at(
    self: Compositor,
    full: bool = False,
    screen_stack: list[Screen[Any]] | None = None,
    simplify: bool = False,
) -> Any:
    """Paint nothing for a terminal that is not there, which was a quarter of the time of these
    tests; a `picture` is painted whole."""
    if full:
        return _paint(self, full, screen_stack, simplify)
    visible_screen_stack.set(screen_stack or [])
    self._dirty_regions.clear()
    return None


Compositor.render_update = _paint_when_looked_at  # type: ignore[method-assign]


class _Parsed(LRUCache[tuple[Any, ...], list[RuleSet]]):
    """The rules of each style sheet with the same variables, for all apps of the process. Another
    theme has another, so that nothing in it turns stale."""

    def clear(self) -> None:
        """Keep everything: it is the variables that an app left, not these rules."""


_parsed: dict[frozenset[tuple[str, str]], _Parsed] = {}
_parse = Stylesheet.parse


def _parse_once(self: Stylesheet) -> None:
    """Parse each style sheet once for all tests; each anew in each was a tenth of their time."""
    variables = frozenset(self._variables.items())
    self._parse_cache = _parsed.setdefault(variables, _Parsed(1024))
    _parse(self)


Stylesheet.parse = _parse_once  # type: ignore[method-assign]
# A rule is told apart by which it is, as before, but not through a method in Python, which took a
# tenth of the time of these tests.
RuleSet.__hash__ = object.__hash__  # type: ignore[method-assign]
# A cursor rests while a person looks; a test need not.
holding.REST_SECONDS = 0.01


class TestedApp(ChikitsaApp):
    """The app, whose pilot presses a key when the one before has done what it does; into a field
    it types a word at the speed of a terminal that pastes."""

    async def _press_keys(self, keys: Iterable[str]) -> None:
        for key, is_within in within_words(keys):
            if is_within and isinstance(self.screen.focused, Input | TextArea):
                type_on(self, key)
                continue
            await super()._press_keys([key])
            for task in following(self):
                await asyncio.wait([task])
        self.screen._on_timer_update()


def following(app: App[Any]) -> list[asyncio.Task[None]]:
    """The task in which the app follows what was typed, while it does."""
    task = app._type_ahead._following if isinstance(app, ChikitsaApp) else None
    return [task] if task is not None and not task.done() else []


def type_on(app: App[Any], letter: str) -> None:
    """Press a letter's key and wait for nothing."""
    assert app._driver is not None
    event = events.Key(_character_to_key(letter), letter)
    event.set_sender(app)
    app._driver.send_message(event)


def within_words(keys: Iterable[str]) -> Iterable[tuple[str, bool]]:
    """Each key, and whether it and the one after it are characters of one text."""
    for key, following in pairwise((*keys, "")):
        yield key, len(key) == len(following) == 1


@dataclass(frozen=True)
class People:
    """Who is there, and the moment at which the clinic opens."""

    nair: DoctorView
    bose: DoctorView
    patients: tuple[PatientView, ...]
    opening: datetime = OPENING


@dataclass
class Clinic:
    """The store, its clock, and who is there."""

    store: Store
    clock: FixedClock
    people: People
    pool: ThreadPoolExecutor
    keys: dict[str, str] = field(default_factory=dict)
    demo_accounts: tuple[DemoAccount, ...] = ()
    theme: str = "dark"
    paper: PaperSettings = field(default_factory=PaperSettings)
    self_registration: bool = True
    backups: Path | None = None
    seconds: float = 0.0
    """How long the app has run, for what depends on its being used."""

    @property
    def nair(self) -> DoctorView:
        """A cardiologist who can sign in."""
        return self.people.nair

    @property
    def bose(self) -> DoctorView:
        """A doctor for children."""
        return self.people.bose

    @property
    def patients(self) -> tuple[PatientView, ...]:
        """Six patients."""
        return self.people.patients

    def do(self, rule: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Run a rule as the program itself."""
        return self.store.write(system(), rule, *args, **kwargs)

    def book(
        self, patient: int, doctor: DoctorView, clock: str, day: int = 0, note: str = ""
    ) -> AppointmentView:
        """Book the n-th patient at a time of day, so many days from the Monday."""
        hour, minute = map(int, clock.split(":"))
        at = OPENING.replace(hour=hour, minute=minute) + timedelta(days=day)
        view: AppointmentView = self.do(
            appointments.book,
            patient_id=self.patients[patient].id,
            doctor_id=doctor.id,
            starts_at=at,
            note=note,
        )
        return view

    def check_in(self, view: AppointmentView) -> AppointmentView:
        """Somebody has come."""
        checked: AppointmentView = self.do(desk.check_in, view.id)
        return checked

    def at(self, hour: int, minute: int) -> None:
        """Set the clock to a time of the Monday."""
        self.clock.moment = OPENING.replace(hour=hour, minute=minute)

    def find(self, view: AppointmentView) -> AppointmentView:
        """An appointment as it stands in the store."""
        found: AppointmentView = self.store.read(system(), appointments.get, view.id)
        return found

    def of(self, patient: int) -> list[AppointmentView]:
        """All appointments of the n-th patient, as they stand in the store."""
        page = self.store.read(
            system(), appointments.list_appointments, patient_id=self.patients[patient].id
        )
        return list(page.items)

    def app(self, open_store: Callable[[], Store] | None = None) -> ChikitsaApp:
        """The app on this clinic, at one terminal."""
        return TestedApp(
            AppServices(
                open_store=open_store or (lambda: self.store),
                clock=self.clock,
                hospital="City Hospital",
                timezone=ZoneInfo("Asia/Kolkata"),
                pool=self.pool,
                terminal="tty1@desk-1",
                open_papers=lambda: PaperOffice(self.paper, self.store.now),
                ui=UiSettings(theme=self.theme, keys=self.keys),
                demo_accounts=self.demo_accounts,
                self_registration=self.self_registration,
                preview_mail=lambda store, actor, number: preview(store, actor, number, None),
                backups=self.backups,
                lock_seconds=LOCK_SECONDS,
                seconds=lambda: self.seconds,
            )
        )


def fill(store: Store) -> People:
    """Fill an empty hospital, as of the moment its clock shows."""

    def do(rule: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return store.write(system(), rule, *args, **kwargs)

    secret = passwords.prepare(PASSWORD, store.rules)
    do(accounts.create, username="meera", name="Meera Joshi", role=Role.RECEPTION, password=secret)
    do(accounts.create, username="root", name="Root", role=Role.ADMIN, password=secret)
    heart = do(departments.create, name="Cardiology")
    children = do(departments.create, name="Paediatrics")
    nair = do(
        doctors.create,
        username="dr.nair",
        name="Dr Anita Nair",
        department_id=heart.id,
        password=secret,
    )
    bose = do(doctors.create, username="dr.bose", name="Dr Tarun Bose", department_id=children.id)
    for doctor in (nair, bose):
        week = [
            HoursSession(day, start * 60, end * 60, 15)
            for day in range(6)
            for start, end in ((9, 13), (17, 20))
        ]
        do(schedule.replace_week, doctor.id, week)
    return People(nair, bose, tuple(do(patients.register, person) for person in PEOPLE))


def busy_morning(clinic: Clinic) -> dict[str, AppointmentView]:
    """Half past ten on a Monday: booked, waiting, in consultation, done, missed, cancelled."""
    day = {
        "rao": clinic.book(0, clinic.nair, "10:30"),
        "shaikh": clinic.book(3, clinic.nair, "10:45"),
        "pillai": clinic.book(4, clinic.bose, "10:30"),
        "souza": clinic.book(5, clinic.bose, "11:00"),
        "ashok": clinic.book(1, clinic.nair, "09:30"),
        "savitri": clinic.book(2, clinic.bose, "09:45"),
    }
    clinic.at(9, 20)
    clinic.check_in(day["ashok"])
    clinic.do(appointments.start, day["ashok"].id)
    clinic.do(appointments.cancel, day["savitri"].id, reason="fever gone")
    clinic.at(10, 30)
    clinic.check_in(day["rao"])
    clinic.at(10, 38)
    clinic.check_in(day["shaikh"])
    clinic.at(10, 42)
    return day


def _unpainted(screen: Screen[Any]) -> bool:
    widgets = (screen, *screen.walk_children())
    return any(w._layout_required or w._repaint_required for w in widgets if isinstance(w, Widget))


async def settle(pilot: Pilot[Any]) -> None:
    """Wait until everything asked of the store is answered and shown."""
    app = pilot.app
    busy: list[Any] = []
    calm = 0
    for _ in range(1000):
        feed = getattr(app, "feed", None)
        if feed is not None:
            await feed.look()
        await pilot.pause()
        working = [w for w in app.workers if w.group != "live" and not w.is_finished]
        busy = [*working, *following(app), *(p for p in app.screen.query(PickList) if p._waiting)]
        calm = 0 if busy or _unpainted(app.screen) else calm + 1
        if calm == 2:  # what is shown may ask for more
            return
        painted = asyncio.Event()
        if app.screen.call_after_refresh(painted.set):
            await asyncio.wait([asyncio.ensure_future(painted.wait())], timeout=1)
    raise AssertionError(f"still busy: {busy}")


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys one after the other, as a person does who sees what each did; into a field, a
    text at once."""
    for key, is_within in within_words(keys):
        if is_within and isinstance(pilot.app.screen.focused, Input | TextArea):
            type_on(pilot.app, key)
            continue
        await pilot.press(key)
        await settle(pilot)


async def together(pilot: Pilot[Any], *keys: str | events.Event) -> None:
    """Type without waiting for the screen to follow any key."""
    for key in keys:
        if isinstance(key, str):
            pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))
        else:
            pilot.app.post_message(key)
    await settle(pilot)


async def until(pilot: Pilot[Any], true: Callable[[], Any]) -> None:
    """Let the app go on until something is so, such as a draft that saves itself."""
    async with asyncio.timeout(10):
        while not true():
            await pilot.pause()


async def sign_in(pilot: Pilot[Any], name: str = "meera", password: str = PASSWORD) -> None:
    """Sign in with keys, and wait for the first screen."""
    await pilot.press(*name, "enter", *password, "enter")
    await settle(pilot)


def picture(pilot: Pilot[Any]) -> str:
    """What is on the screen once it is painted, as lines of text."""
    pilot.app.screen._on_timer_update()
    visible_screen_stack.set(pilot.app._background_screens)
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)


def words(pilot: Pilot[Any]) -> str:
    """What is on the screen as one line, so that sentences are found wherever they wrap."""
    return " ".join(picture(pilot).translate(_FRAMES).split())


_FRAMES = str.maketrans(dict.fromkeys("│╭╮╰╯─▌▊▎", " "))
