"""The composition root: from a configuration to the running parts, each made on first use.

The app, the command line, the worker and the tests all come through here; tests only hand in
another clock. The database library is imported when a database is opened: the app paints its first
screen before that.
"""

from __future__ import annotations

import hashlib
import os
import socket
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from pwd import getpwuid
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import structs

from chikitsa_tui import configuration
from chikitsa_tui.configuration import Configuration
from chikitsa_tui.settings import Settings
from store.clock import Clock, SystemClock
from store.errors import WrongConfiguration
from store.values import Actor, Role

if TYPE_CHECKING:
    from huey import Huey

    from jobs.documents.office import PaperOffice
    from jobs.mailer import Mailer
    from screens.context import AppServices, DemoAccount
    from store.cache import Cache
    from store.database import Database
    from store.front_door import Store
    from store.hospital import Rules
    from store.redis_bell import RedisBell
    from store.roles import Grantees

_SQLITE = "sqlite:///"
LOCAL_REDIS = "redis://127.0.0.1:6379/0"
BROWSER = "CHIKITSA_BROWSER"
"""The variable by which `chikitsa serve` tells an app where its browser is."""
_bcrypt_cost: int | None = None


class Services:
    """Everything that one configuration describes; each part is made when it is first asked for."""

    def __init__(self, configuration: Configuration, clock: Clock | None = None) -> None:
        self.configuration = configuration
        self.settings = configuration.settings
        self.clock = clock or SystemClock()

    @cached_property
    def rules(self) -> Rules:
        """The hospital's rules, as the store takes them."""
        return rules_of(self.settings)

    @cached_property
    def database(self) -> Database:
        """The database, opened as it is found: old schemas included.

        Raises:
            WrongConfiguration: it is missing, empty, of something else, or open to others.
        """
        from store.database import open_database

        self.require_file()
        return open_database(database_url(self.configuration))

    @cached_property
    def store(self) -> Store:
        """The hospital.

        Raises:
            WrongConfiguration: as `database`, or its schema is not this program's.
            Unavailable: the database does not answer.
        """
        from store import schema_version
        from store.front_door import Store

        database = self.database
        schema_version.require_at_start(database)
        return Store(database, self.clock, self.rules, self.cache, self.bell)

    @cached_property
    def cache(self) -> Cache:
        """Where figures that are read often are kept.

        Raises:
            WrongConfiguration: its URL cannot be read.
        """
        from store.cache import ProcessCache

        if self.settings.cache.backend == "memory":
            return ProcessCache()
        from store.shared_cache import SharedCache

        return SharedCache(self.settings.cache.url or LOCAL_REDIS, self.identity)

    @cached_property
    def bell(self) -> RedisBell | None:
        """What wakes other processes besides the database; None where nothing does.

        Raises:
            Unavailable: the database does not answer.
            WrongConfiguration: its URL cannot be read.
        """
        if self.settings.feed.backend == "database":
            return None
        from store.queue_key import queue_key
        from store.redis_bell import RedisBell

        return RedisBell(self.settings.feed.url or LOCAL_REDIS, queue_key(self.database).name)

    @cached_property
    def mailer(self) -> Mailer | None:
        """The way to the mail server; None where none is configured."""
        from chikitsa_tui.secrets import mail_password
        from jobs.mailer import Mailer, MailSettings

        mail = self.settings.mail
        if not mail.host:
            return None
        found = mail_password(mail) if mail.user else None
        return Mailer(
            MailSettings(
                host=mail.host,
                port=mail.port,
                security=mail.security,
                user=mail.user,
                password=found.value if found else "",
                sender=mail.sender,
                sender_name=mail.sender_name or self.settings.hospital.name,
                timeout_seconds=mail.timeout_seconds,
                most_bytes=mail.most_megabytes * 1_000_000,
                fonts=_folder(self.configuration.folder, self.settings.documents.fonts),
            )
        )

    @cached_property
    def queue(self) -> Huey:
        """What wakes the worker.

        Raises:
            Unavailable: its file cannot be opened, or the database does not answer.
            WrongConfiguration: its URL cannot be read.
        """
        from jobs.queue import QueueSettings, build_queue
        from store.queue_key import queue_key

        settings, key = self.settings.queue, queue_key(self.store.database)
        if settings.backend == "redis":
            return build_queue(QueueSettings("redis", settings.url or LOCAL_REDIS, key))
        return build_queue(QueueSettings("sqlite", str(queue_file(self.configuration)), key))

    @cached_property
    def papers(self) -> PaperOffice:
        """Slips and lists on paper."""
        from jobs.documents.office import PaperOffice, PaperSettings
        from jobs.printing import Printer

        printing, documents = self.settings.printing, self.settings.documents
        folder = self.configuration.folder
        zone = self.settings.hospital.timezone
        settings = PaperSettings(
            printer=Printer(printing.command, printing.encoding, printing.timeout_seconds),
            columns=printing.columns,
            note=printing.note,
            at_check_in=printing.at_check_in,
            folder=_folder(folder, documents.folder),
            fonts=_folder(folder, documents.fonts),
        )
        return PaperOffice(settings, lambda: self.clock.now().astimezone(zone))

    @property
    def backups(self) -> Path | None:
        """The folder of backups; None where none is configured."""
        return _folder(self.configuration.folder, self.settings.backups.folder)

    def as_owner(self) -> Services:
        """The same hospital, reached as the role that owns its tables."""
        return self._reached_by(self.settings.database.owner_url)

    def as_jobs(self) -> Services:
        """The same hospital, reached as the worker's role."""
        return self._reached_by(self.settings.database.jobs_url)

    def _reached_by(self, url: str) -> Services:
        if not url:
            return self
        database = structs.replace(self.settings.database, url=url)
        settings = structs.replace(self.settings, database=database)
        return Services(replace(self.configuration, settings=settings), self.clock)

    @property
    def grantees(self) -> Grantees:
        """The roles that the owner lets use the hospital's tables.

        Raises:
            WrongConfiguration: a URL names no role.
        """
        from store.database import role_in
        from store.roles import NOBODY, Grantees

        database = self.configuration.settings.database
        if not database.owner_url:
            return NOBODY
        return Grantees(
            app=role_in(database.url), jobs=role_in(database.jobs_url) if database.jobs_url else ""
        )

    @property
    def identity(self) -> str:
        """Tells this hospital from others on the same machine; holds no secret."""
        parts = urlsplit(database_url(self.configuration))
        host = parts.netloc.rpartition("@")[2]
        return hashlib.sha256(f"{parts.scheme} {host} {parts.path}".encode()).hexdigest()[:16]

    def require_file(self) -> None:
        """Refuse early what cannot be opened: a database file that is missing or empty, or that
        others than its owner may read or write.

        Raises:
            WrongConfiguration: says what to do.
        """
        file = sqlite_file(database_url(self.configuration))
        if file is None:
            return
        if not file.is_file() or file.stat().st_size == 0:
            raise WrongConfiguration(
                f"There is no hospital in {file}. Make one with: chikitsa init"
            )
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise WrongConfiguration(
                f"The database {file} can be read by other users. Close it: chmod 600 {file}"
            )

    def close(self) -> None:
        """Close what was opened."""
        if "database" in vars(self):
            self.database.dispose()


def open_services(file: Path | None = None, clock: Clock | None = None) -> Services:
    """Read the configuration (the named file, or the one that is found) and stand ready.

    Raises:
        WrongConfiguration: see `configuration.load`.
    """
    return Services(configuration.load(file), clock)


def close_to_others() -> None:
    """From here on, what this process creates is its owner's alone."""
    os.umask(0o077)


def database_url(configuration: Configuration) -> str:
    """The database's URL, a SQLite file's name made absolute from the configuration's folder."""
    url = configuration.settings.database.url
    if not url.startswith(_SQLITE) or url == _SQLITE:
        return url
    file = Path(url.removeprefix(_SQLITE)).expanduser()
    return f"{_SQLITE}{(configuration.folder / file).absolute()}"


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite URL with an absolute name; None for other databases."""
    return Path(url.removeprefix(_SQLITE)) if url.startswith(_SQLITE) else None


def queue_file(configuration: Configuration) -> Path:
    """The file of the SQLite queue; beside the configuration unless it is named."""
    url = configuration.settings.queue.url
    name = url.removeprefix(_SQLITE) if url.startswith(_SQLITE) else url
    return (configuration.folder / Path(name or "queue.db").expanduser()).absolute()


def _folder(base: Path, name: str) -> Path | None:
    """A configured folder, seen from the configuration's; None for no name."""
    return (base / Path(name).expanduser()).absolute() if name else None


def rules_of(settings: Settings) -> Rules:
    """The settings that are the hospital's rules, as the store takes them."""
    from store.hospital import (
        CloseOfDayRules,
        HospitalRules,
        MailRules,
        ReminderRules,
        ReportRules,
        Rules,
        SecurityRules,
    )

    hospital, security = settings.hospital, settings.security
    return Rules(
        HospitalRules(**structs.asdict(hospital)),
        SecurityRules(
            bcrypt_cost=_bcrypt_cost or security.bcrypt_cost,
            minimum_length=security.minimum_length,
            free_attempts=security.free_attempts,
            longest_delay_seconds=security.longest_delay_seconds,
            attempts_before_lock=security.attempts_before_lock,
            lock_minutes=security.lock_minutes,
            terminal_attempts=security.terminal_attempts,
            totp_roles=frozenset(Role(role) for role in security.totp_roles),
            self_registration=security.self_registration,
            idle_minutes={
                Role(role): minutes
                for role, minutes in structs.asdict(security.idle_minutes).items()
            },
            session_hours={
                Role(role): hours for role, hours in structs.asdict(security.session_hours).items()
            },
        ),
        ReminderRules(
            enabled=settings.schedule.reminders,
            at=settings.schedule.reminder_time,
            days_ahead=settings.schedule.reminder_days_ahead,
        ),
        mail=MailRules(
            most_per_patient=settings.mail.most_per_patient,
            most_per_minute=settings.mail.most_per_minute,
        ),
        close_of_day=CloseOfDayRules(
            enabled=settings.schedule.close_of_day, at=settings.schedule.close_of_day_time
        ),
        reports=ReportRules(
            enabled=settings.schedule.reports,
            day=settings.schedule.report_day,
            at=settings.schedule.report_time,
        ),
    )


@contextmanager
def app_services(services: Services, terminal: str) -> Iterator[AppServices]:
    """What the app is given; the store opens behind its first screen, in its own threads."""
    from screens.context import AppServices, UiSettings

    ui, hospital = services.settings.ui, services.settings.hospital
    with ThreadPoolExecutor(4, thread_name_prefix="store") as pool:
        yield AppServices(
            open_store=lambda: services.store,
            clock=services.clock,
            hospital=hospital.name,
            timezone=hospital.timezone,
            pool=pool,
            terminal=terminal,
            ui=UiSettings(ui.theme, ui.mouse, ui.animations, ui.keys),
            demo_accounts=_demo_accounts() if ui.demo_accounts else (),
            self_registration=services.settings.security.self_registration,
            password_length=services.settings.security.minimum_length,
            lock_seconds=lock_seconds(services.settings),
            open_papers=lambda: services.papers,
            preview_mail=previewing(services),
            backups=services.backups,
        )


def previewing(services: Services) -> Callable[[Store, Actor, int], str]:
    """Writes a message as it would be sent; what does so is loaded when one is looked at."""

    def preview(store: Store, actor: Actor, message_id: int) -> str:
        from jobs.delivery import preview as written

        mailer = services.mailer
        return written(store, actor, message_id, mailer.settings if mailer else None)

    return preview


def lock_seconds(settings: Settings) -> dict[Role, int]:
    """After how many unused seconds the app is locked, by role: a minute before the login session
    ends at the latest (half a minute, where it ends after one), so that it can be unlocked."""
    rest = structs.asdict(settings.security.idle_minutes)
    return {
        Role(role): min(minutes * 60, max(rest[role] * 60 - 60, rest[role] * 30))
        for role, minutes in structs.asdict(settings.security.screen_lock_minutes).items()
    }


def _demo_accounts() -> Sequence[DemoAccount]:
    from chikitsa_tui.demo import ACCOUNTS
    from screens.context import DemoAccount

    return [DemoAccount(a.role, a.username, a.password) for a in ACCOUNTS]


@contextmanager
def bcrypt_cost_for_tests(cost: int) -> Iterator[None]:
    """Within it, passwords are hashed at this cost, which may be below what the configuration
    accepts. A test's hook: no setting and no environment variable reaches it."""
    global _bcrypt_cost  # noqa: PLW0603 - the one switch, set by tests only
    before, _bcrypt_cost = _bcrypt_cost, cost
    try:
        yield
    finally:
        _bcrypt_cost = before


def terminal_name() -> str:
    """Where this process is used, for the audit trail: `user@host pts/3 from 10.0.0.7`.

    The user is the process's own, whatever the environment calls it. Where the line comes from is
    what sshd or `chikitsa serve` wrote into the environment: true where a wrapper starts the app
    with nothing else in it, and a claim where people have a shell, who could claim anything to the
    database as well.
    """
    name = f"{_user()}@{socket.gethostname()}"
    for stream in (sys.stdin, sys.stderr):
        try:
            name += " " + os.ttyname(stream.fileno()).removeprefix("/dev/")
            break
        except (OSError, ValueError, AttributeError):
            continue
    client = os.environ.get("SSH_CONNECTION", "").split(" ")[0]
    name += f" from {client}" if client else ""
    browser = os.environ.get(BROWSER, "")
    name += f" browser at {browser}" if browser else ""
    return "".join(c for c in name if c.isprintable())[:120]


def _user() -> str:
    """Who the process runs as; a wrapper that runs it for somebody else adds whom."""
    try:
        name = getpwuid(os.getuid()).pw_name
    except KeyError:
        name = str(os.getuid())
    somebody = os.environ.get("CHIKITSA_OS_USER", "")
    return f"{somebody} ({name})" if somebody and somebody != name else name
