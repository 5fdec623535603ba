"""Every setting of Chikitsa: its type, its default and what it may be.

`chikitsa.toml.example` says the same for people; a test compares the two. Where the file is
looked for and how a mistake in it is told is the business of `configuration.py`.
"""

from __future__ import annotations

import codecs
import unicodedata
from datetime import time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

ENVIRONMENT_PREFIX = "CHIKITSA_"


def _time_zone(value: Any) -> ZoneInfo:
    if isinstance(value, ZoneInfo):
        return value
    try:
        return ZoneInfo(value)
    except (KeyError, OSError, TypeError, ValueError):
        raise ValueError("must be a time zone such as Asia/Kolkata or Europe/London") from None


def _clock_time(value: Any) -> time:
    if isinstance(value, time):
        return value
    try:
        hours, minutes = str(value).split(":")
        return time(int(hours), int(minutes))
    except ValueError:
        raise ValueError("must be a time of day such as 07:00") from None


def _region(value: Any) -> str:
    text = str(value).upper()
    if len(text) != 2 or not (text.isascii() and text.isalpha()):
        raise ValueError("must be a country's two letters such as IN")
    return text


def _harmless(value: Any) -> Any:
    if isinstance(value, str) and any(unicodedata.category(c) in _ACTING for c in value):
        raise ValueError("must not have control characters")
    return value


_ACTING = ("Cc", "Cs", "Zl", "Zp")


def _encoding(value: Any) -> Any:
    try:
        encoded = codecs.lookup(str(value)).name
        "A".encode(encoded)
    except (LookupError, TypeError, ValueError):
        raise ValueError("must be a character set such as utf-8, cp437 or ascii") from None
    return encoded


Line = Annotated[str, Field(max_length=120), BeforeValidator(_harmless)]
Name = Annotated[str, Field(min_length=1, max_length=120), BeforeValidator(_harmless)]
TimeZone = Annotated[ZoneInfo, BeforeValidator(_time_zone)]
ClockTime = Annotated[time, BeforeValidator(_clock_time)]
Minutes = Annotated[int, Field(ge=0, le=7 * 24 * 60)]
Port = Annotated[int, Field(ge=1, le=65535)]


class Section(BaseModel):
    """A table of the configuration: frozen, without unknown keys, and never lenient with `true`."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    @model_validator(mode="before")
    @classmethod
    def _no_truth_for_numbers(cls, data: Any) -> Any:
        """Pydantic would read `port = true` as 1."""
        if isinstance(data, dict):
            for key, value in data.items():
                field = cls.model_fields.get(key)
                if isinstance(value, bool) and field is not None and field.annotation is not bool:
                    raise ValueError(f"{key} cannot be true or false")
        return data


class HospitalSettings(Section):
    """Who the hospital is, and its rules for appointments. Durations are minutes."""

    name: Name = "Hospital"
    timezone: TimeZone = ZoneInfo("Asia/Kolkata")
    region: Annotated[str, BeforeValidator(_region)] = "IN"
    letterhead: Annotated[tuple[Line, ...], Field(max_length=5)] = ()
    locale: Literal["en", "hi"] = "en"
    cancellation_notice_minutes: Minutes = 120
    no_show_grace_minutes: Minutes = 15
    undo_minutes: Minutes = 10
    booking_horizon_days: Annotated[int, Field(ge=1, le=1825)] = 540
    slot_hold_minutes: Annotated[int, Field(ge=1, le=15)] = 3
    waitlist_offer_minutes: Annotated[int, Field(ge=5, le=2880)] = 120
    waiting_warn_minutes: Annotated[int, Field(ge=1, le=1440)] = 15
    waiting_late_minutes: Annotated[int, Field(ge=1, le=1440)] = 30

    @model_validator(mode="after")
    def _late_comes_after_warn(self) -> HospitalSettings:
        if self.waiting_late_minutes < self.waiting_warn_minutes:
            raise ValueError("waiting_late_minutes cannot be below waiting_warn_minutes")
        return self


class DatabaseSettings(Section):
    """Where the data is: `sqlite:///FILE` (from the configuration's folder) or `postgresql://…`; on
    PostgreSQL also as the role that owns the tables, and as the worker's."""

    url: str = "sqlite:///chikitsa.db"
    owner_url: str = ""
    jobs_url: str = ""

    @model_validator(mode="after")
    def _roles_are_of_postgresql(self) -> DatabaseSettings:
        others = (self.owner_url, self.jobs_url)
        if any(others) and not all(
            url.startswith("postgresql") for url in (self.url, *others) if url
        ):
            raise ValueError("owner_url and jobs_url are for PostgreSQL, with url beside them")
        return self


class QueueSettings(Section):
    """What wakes the worker. An empty URL is `queue.db` beside the configuration, or Redis here."""

    backend: Literal["sqlite", "redis"] = "sqlite"
    url: str = ""


class CacheSettings(Section):
    """Where frequently read figures are kept: in each process, or in Redis."""

    backend: Literal["memory", "redis"] = "memory"
    url: str = ""


class FeedSettings(Section):
    """What wakes open screens when something was committed: the database, or Redis besides."""

    backend: Literal["database", "redis"] = "database"
    url: str = ""


class MailSettings(Section):
    """The mail server. Without a host, messages wait in the outbox. The password is never in the
    file: see `secrets.mail_password`."""

    host: str = ""
    port: Port = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: SecretStr | None = None
    sender: Line = ""
    sender_name: Line = ""
    timeout_seconds: Annotated[int, Field(ge=1, le=120)] = 20
    most_megabytes: Annotated[int, Field(ge=1, le=100)] = 10
    most_per_patient: Annotated[int, Field(ge=0, le=1000)] = 10
    most_per_minute: Annotated[int, Field(ge=0, le=100_000)] = 0


class ScheduleSettings(Section):
    """What the worker does by itself, in hospital time; days ahead of 0 is the day itself."""

    reminders: bool = True
    reminder_time: ClockTime = time(7, 0)
    reminder_days_ahead: Annotated[
        tuple[Annotated[int, Field(ge=0, le=30)], ...], Field(min_length=1, max_length=5)
    ] = (0,)
    close_of_day: bool = True
    close_of_day_time: ClockTime = time(23, 0)
    reports: bool = True
    report_day: Annotated[int, Field(ge=1, le=31)] = 1
    report_time: ClockTime = time(6, 0)


class PrintingSettings(Section):
    """The printer of slips: a command with its arguments, never a shell's line; the text comes on
    its standard input. `columns` is how many letters its line has."""

    command: tuple[Annotated[str, Field(min_length=1), BeforeValidator(_harmless)], ...] = ()
    encoding: Annotated[str, BeforeValidator(_encoding)] = "utf-8"
    columns: Annotated[int, Field(ge=24, le=132)] = 42
    timeout_seconds: Annotated[int, Field(ge=1, le=120)] = 15
    at_check_in: bool = True
    note: Annotated[str, Field(max_length=400), BeforeValidator(_harmless)] = (
        "Please come ten minutes early and bring this slip and the papers of earlier treatment."
    )


class DocumentSettings(Section):
    """PDFs: the folder in which the app may save them (empty: in none), and a folder of fonts
    beside the system's. Both are seen from the configuration's folder."""

    folder: Line = ""
    fonts: Line = ""


class BackupSettings(Section):
    """The folder of the backups that the app lists and takes (empty: none), seen from the
    configuration's folder."""

    folder: Line = ""


class IdleMinutes(Section):
    """How long a login session may rest, by role."""

    admin: Annotated[int, Field(ge=1, le=60)] = 60
    reception: Annotated[int, Field(ge=1, le=60)] = 60
    doctor: Annotated[int, Field(ge=1, le=60)] = 60
    patient: Annotated[int, Field(ge=1, le=60)] = 15


class ScreenLockMinutes(Section):
    """After how many minutes without a key or the mouse the app is locked, by role; always before
    the login session ends for resting, see `bootstrap.lock_seconds`."""

    admin: Annotated[int, Field(ge=1, le=60)] = 5
    reception: Annotated[int, Field(ge=1, le=60)] = 3
    doctor: Annotated[int, Field(ge=1, le=60)] = 10
    patient: Annotated[int, Field(ge=1, le=60)] = 5


class SessionHours(Section):
    """How long a login session lasts at most, by role (NIST SP 800-63B-4: a day at AAL2)."""

    admin: Annotated[int, Field(ge=1, le=24)] = 8
    reception: Annotated[int, Field(ge=1, le=24)] = 12
    doctor: Annotated[int, Field(ge=1, le=24)] = 12
    patient: Annotated[int, Field(ge=1, le=24)] = 2


class SecuritySettings(Section):
    """Passwords and login sessions. Ten is the least bcrypt cost OWASP ASVS 5.0 approves."""

    bcrypt_cost: Annotated[int, Field(ge=10, le=15)] = 12
    minimum_length: Annotated[int, Field(ge=8, le=64)] = 8
    free_attempts: Annotated[int, Field(ge=1, le=20)] = 5
    longest_delay_seconds: Annotated[int, Field(ge=1, le=3600)] = 30
    attempts_before_lock: Annotated[int, Field(ge=3, le=100)] = 20
    lock_minutes: Annotated[int, Field(ge=1, le=1440)] = 15
    terminal_attempts: Annotated[int, Field(ge=3, le=1000)] = 30
    totp_roles: tuple[Literal["admin", "reception", "doctor", "patient"], ...] = ()
    self_registration: bool = True
    allow_web: bool = False
    screen_lock_minutes: ScreenLockMinutes = ScreenLockMinutes()
    idle_minutes: IdleMinutes = IdleMinutes()
    session_hours: SessionHours = SessionHours()


class UiSettings(Section):
    """The look of the app. `keys` gives an action of the key catalogue other keys;
    `demo_accounts` shows a demo hospital's accounts on the sign-in screen."""

    theme: Literal["dark", "light", "high-contrast"] = "dark"
    mouse: bool = True
    animations: bool = False
    demo_accounts: bool = False
    keys: dict[str, str] = {}


class LogSettings(Section):
    """The log file; an empty name is `chikitsa.log` in the user's folder for state."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    file: str = ""
    megabytes: Annotated[int, Field(ge=1, le=1024)] = 10
    keep: Annotated[int, Field(ge=1, le=100)] = 5


class Settings(BaseSettings):
    """The whole configuration: the file's values, with the environment's above them."""

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT_PREFIX,
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
    )

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

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic-settings names the arguments
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file, whose tables are given as arguments."""
        return env_settings, init_settings


def known_keys() -> dict[str, tuple[str, ...]]:
    """The keys of each section, sections in order; tables within a section as `table.key`."""
    return {
        name: tuple(_keys_of(section))
        for name, field in Settings.model_fields.items()
        if (section := _section_type(field.annotation)) is not None
    }


def _keys_of(section: type[BaseModel]) -> list[str]:
    keys: list[str] = []
    for name, field in section.model_fields.items():
        inner = _section_type(field.annotation)
        keys += [name] if inner is None else [f"{name}.{key}" for key in _keys_of(inner)]
    return keys


def _section_type(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return None
