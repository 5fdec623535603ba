"""Every setting of Chikitsa: its type, its default and what it may be.

`chikitsa.toml.example` says the same for people; a test compares the two. Where the file is
looked for and how a mistake in it is told is the business of `configuration.py`.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct, convert
from msgspec.structs import asdict

HARMLESS = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]*\Z"
"""Text without what acts on a terminal, or ends a line of a mail's head."""


class Region(str):
    """A country's two letters."""

    __slots__ = ()


class Encoding(str):
    """The name of a character set that Python knows."""

    __slots__ = ()


class ClockTime(time):
    """A time of day, also where it is written as text."""

    __slots__ = ()


@dataclass(frozen=True)
class Secret:
    """A text that is never shown by accident."""

    value: str = field(repr=False)


def _time_zone(value: Any) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (KeyError, OSError, TypeError, ValueError):
        raise ValueError("must be a time zone such as Asia/Kolkata or Europe/London") from None


def _clock_time(value: Any) -> ClockTime:
    try:
        if isinstance(value, time):
            return ClockTime(value.hour, value.minute, value.second)
        hours, minutes = str(value).split(":")
        return ClockTime(int(hours), int(minutes))
    except ValueError:
        raise ValueError("must be a time of day such as 07:00") from None


def _region(value: Any) -> Region:
    text = str(value).upper()
    if len(text) != 2 or not (text.isascii() and text.isalpha()):
        raise ValueError("must be a country's two letters such as IN")
    return Region(text)


def _encoding(value: Any) -> Encoding:
    try:
        encoded = codecs.lookup(str(value)).name
        "A".encode(encoded)
    except (LookupError, TypeError, ValueError):
        raise ValueError("must be a character set such as utf-8, cp437 or ascii") from None
    return Encoding(encoded)


_READERS: dict[type, Callable[[Any], Any]] = {
    ClockTime: _clock_time,
    Encoding: _encoding,
    Region: _region,
    Secret: Secret,
    ZoneInfo: _time_zone,
}
"""What reads a value of the file or the environment that is more than text or a number."""

Line = Annotated[str, Meta(max_length=120, pattern=HARMLESS)]
Name = Annotated[str, Meta(min_length=1, max_length=120, pattern=HARMLESS)]
Minutes = Annotated[int, Meta(ge=0, le=7 * 24 * 60)]
Port = Annotated[int, Meta(ge=1, le=65535)]


class Section(Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the configuration: frozen, and without unknown keys."""


class HospitalSettings(Section, frozen=True):
    """Who the hospital is, and its rules for appointments. Durations are minutes."""

    name: Name = "Hospital"
    timezone: ZoneInfo = ZoneInfo("Asia/Kolkata")
    region: Region = Region("IN")
    letterhead: Annotated[tuple[Line, ...], Meta(max_length=5)] = ()
    locale: Literal["en", "hi"] = "en"
    cancellation_notice_minutes: Minutes = 120
    no_show_grace_minutes: Minutes = 15
    undo_minutes: Minutes = 10
    booking_horizon_days: Annotated[int, Meta(ge=1, le=1825)] = 540
    slot_hold_minutes: Annotated[int, Meta(ge=1, le=15)] = 3
    waitlist_offer_minutes: Annotated[int, Meta(ge=5, le=2880)] = 120
    waiting_warn_minutes: Annotated[int, Meta(ge=1, le=1440)] = 15
    waiting_late_minutes: Annotated[int, Meta(ge=1, le=1440)] = 30

    def __post_init__(self) -> None:
        """The later mark comes later."""
        if self.waiting_late_minutes < self.waiting_warn_minutes:
            raise ValueError("waiting_late_minutes cannot be below waiting_warn_minutes")


class DatabaseSettings(Section, frozen=True):
    """Where the data is: `sqlite:///FILE` (from the configuration's folder) or `postgresql://…`; on
    PostgreSQL also as the role that owns the tables, and as the worker's."""

    url: str = "sqlite:///chikitsa.db"
    owner_url: str = ""
    jobs_url: str = ""

    def __post_init__(self) -> None:
        """Roles are PostgreSQL's."""
        others = (self.owner_url, self.jobs_url)
        if any(others) and not all(
            url.startswith("postgresql") for url in (self.url, *others) if url
        ):
            raise ValueError("owner_url and jobs_url are for PostgreSQL, with url beside them")


class QueueSettings(Section, frozen=True):
    """What wakes the worker. An empty URL is `queue.db` beside the configuration, or Redis here."""

    backend: Literal["sqlite", "redis"] = "sqlite"
    url: str = ""


class CacheSettings(Section, frozen=True):
    """Where frequently read figures are kept: in each process, or in Redis."""

    backend: Literal["memory", "redis"] = "memory"
    url: str = ""


class FeedSettings(Section, frozen=True):
    """What wakes open screens when something was committed: the database, or Redis besides."""

    backend: Literal["database", "redis"] = "database"
    url: str = ""


class MailSettings(Section, frozen=True):
    """The mail server. Without a host, messages wait in the outbox. The password is never in the
    file: see `secrets.mail_password`."""

    host: str = ""
    port: Port = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: Secret | None = None
    sender: Line = ""
    sender_name: Line = ""
    timeout_seconds: Annotated[int, Meta(ge=1, le=120)] = 20
    most_megabytes: Annotated[int, Meta(ge=1, le=100)] = 10
    most_per_patient: Annotated[int, Meta(ge=0, le=1000)] = 10
    most_per_minute: Annotated[int, Meta(ge=0, le=100_000)] = 0


class ScheduleSettings(Section, frozen=True):
    """What the worker does by itself, in hospital time; days ahead of 0 is the day itself."""

    reminders: bool = True
    reminder_time: ClockTime = ClockTime(7, 0)
    reminder_days_ahead: Annotated[
        tuple[Annotated[int, Meta(ge=0, le=30)], ...], Meta(min_length=1, max_length=5)
    ] = (0,)
    close_of_day: bool = True
    close_of_day_time: ClockTime = ClockTime(23, 0)
    reports: bool = True
    report_day: Annotated[int, Meta(ge=1, le=31)] = 1
    report_time: ClockTime = ClockTime(6, 0)


class PrintingSettings(Section, frozen=True):
    """The printer of slips: a command with its arguments, never a shell's line; the text comes on
    its standard input. `columns` is how many letters its line has."""

    command: tuple[Annotated[str, Meta(min_length=1, pattern=HARMLESS)], ...] = ()
    encoding: Encoding = Encoding("utf-8")
    columns: Annotated[int, Meta(ge=24, le=132)] = 42
    timeout_seconds: Annotated[int, Meta(ge=1, le=120)] = 15
    at_check_in: bool = True
    note: Annotated[str, Meta(max_length=400, pattern=HARMLESS)] = (
        "Please come ten minutes early and bring this slip and the papers of earlier treatment."
    )


class DocumentSettings(Section, frozen=True):
    """PDFs: the folder in which the app may save them (empty: in none), and a folder of fonts
    beside the system's. Both are seen from the configuration's folder."""

    folder: Line = ""
    fonts: Line = ""


class BackupSettings(Section, frozen=True):
    """The folder of the backups that the app lists and takes (empty: none), seen from the
    configuration's folder."""

    folder: Line = ""


class IdleMinutes(Section, frozen=True):
    """How long a login session may rest, by role."""

    admin: Annotated[int, Meta(ge=1, le=60)] = 60
    reception: Annotated[int, Meta(ge=1, le=60)] = 60
    doctor: Annotated[int, Meta(ge=1, le=60)] = 60
    patient: Annotated[int, Meta(ge=1, le=60)] = 15


class ScreenLockMinutes(Section, frozen=True):
    """After how many minutes without a key or the mouse the app is locked, by role; always before
    the login session ends for resting, see `bootstrap.lock_seconds`."""

    admin: Annotated[int, Meta(ge=1, le=60)] = 5
    reception: Annotated[int, Meta(ge=1, le=60)] = 3
    doctor: Annotated[int, Meta(ge=1, le=60)] = 10
    patient: Annotated[int, Meta(ge=1, le=60)] = 5


class SessionHours(Section, frozen=True):
    """How long a login session lasts at most, by role (NIST SP 800-63B-4: a day at AAL2)."""

    admin: Annotated[int, Meta(ge=1, le=24)] = 8
    reception: Annotated[int, Meta(ge=1, le=24)] = 12
    doctor: Annotated[int, Meta(ge=1, le=24)] = 12
    patient: Annotated[int, Meta(ge=1, le=24)] = 2


class SecuritySettings(Section, frozen=True):
    """Passwords and login sessions. Ten is the least bcrypt cost OWASP ASVS 5.0 approves."""

    bcrypt_cost: Annotated[int, Meta(ge=10, le=15)] = 12
    minimum_length: Annotated[int, Meta(ge=8, le=64)] = 8
    free_attempts: Annotated[int, Meta(ge=1, le=20)] = 5
    longest_delay_seconds: Annotated[int, Meta(ge=1, le=3600)] = 30
    attempts_before_lock: Annotated[int, Meta(ge=3, le=100)] = 20
    lock_minutes: Annotated[int, Meta(ge=1, le=1440)] = 15
    terminal_attempts: Annotated[int, Meta(ge=3, le=1000)] = 30
    totp_roles: tuple[Literal["admin", "reception", "doctor", "patient"], ...] = ()
    self_registration: bool = True
    allow_web: bool = False
    screen_lock_minutes: ScreenLockMinutes = ScreenLockMinutes()
    idle_minutes: IdleMinutes = IdleMinutes()
    session_hours: SessionHours = SessionHours()


class UiSettings(Section, frozen=True):
    """The look of the app. `keys` gives an action of the key catalogue other keys;
    `demo_accounts` shows a demo hospital's accounts on the sign-in screen."""

    theme: Literal["dark", "light", "high-contrast"] = "dark"
    mouse: bool = True
    animations: bool = False
    demo_accounts: bool = False
    keys: dict[str, str] = {}


class LogSettings(Section, frozen=True):
    """The log file; an empty name is `chikitsa.log` in the user's folder for state."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    file: str = ""
    megabytes: Annotated[int, Meta(ge=1, le=1024)] = 10
    keep: Annotated[int, Meta(ge=1, le=100)] = 5


class Settings(Section, frozen=True):
    """The whole configuration."""

    hospital: HospitalSettings = HospitalSettings()
    database: DatabaseSettings = DatabaseSettings()
    queue: QueueSettings = QueueSettings()
    cache: CacheSettings = CacheSettings()
    feed: FeedSettings = FeedSettings()
    mail: MailSettings = MailSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    printing: PrintingSettings = PrintingSettings()
    documents: DocumentSettings = DocumentSettings()
    backups: BackupSettings = BackupSettings()
    security: SecuritySettings = SecuritySettings()
    ui: UiSettings = UiSettings()
    log: LogSettings = LogSettings()


DEFAULTS = Settings()


def read(tables: Mapping[str, Any]) -> Settings:
    """The settings that the tables of a file and of the environment describe; text stands for a
    number or a truth as well, as it has to in the environment.

    Raises:
        msgspec.ValidationError: something is unknown or wrong.
    """
    return convert(tables, Settings, strict=False, dec_hook=_read)


def _read(wanted: type, value: Any) -> Any:
    return _READERS[wanted](value)


def known_keys() -> dict[str, tuple[str, ...]]:
    """The keys of each section, sections in order; tables within a section as `table.key`."""
    return {name: tuple(_keys_of(getattr(DEFAULTS, name))) for name in Settings.__struct_fields__}


def _keys_of(section: Section) -> list[str]:
    keys: list[str] = []
    for name, value in asdict(section).items():
        inner = _keys_of(value) if isinstance(value, Section) else None
        keys += [name] if inner is None else [f"{name}.{key}" for key in inner]
    return keys
