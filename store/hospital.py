"""The rules that a hospital sets for itself, handed down by whoever opens the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from types import MappingProxyType
from zoneinfo import ZoneInfo

from store.values import Role


def _by_role(admin: int, reception: int, doctor: int, patient: int) -> Mapping[Role, int]:
    return MappingProxyType(
        {
            Role.ADMIN: admin,
            Role.RECEPTION: reception,
            Role.DOCTOR: doctor,
            Role.PATIENT: patient,
        }
    )


@dataclass(frozen=True, slots=True)
class HospitalRules:
    """Who the hospital is, and what concerns appointments. Durations are minutes, `region` is ISO
    3166 (for phones), `letterhead` the lines below its name on what a doctor hands out, `locale`
    the language of patients and staff who name none."""

    name: str
    timezone: ZoneInfo
    region: str = "IN"
    letterhead: tuple[str, ...] = ()
    locale: str = "en"
    cancellation_notice_minutes: int = 120
    no_show_grace_minutes: int = 15
    undo_minutes: int = 10
    booking_horizon_days: int = 540
    waitlist_offer_minutes: int = 120
    waiting_warn_minutes: int = 15
    waiting_late_minutes: int = 30
    slot_hold_minutes: int = 3


@dataclass(frozen=True, slots=True)
class SecurityRules:
    """What concerns signing in (NIST SP 800-63B-4, OWASP ASVS 5.0 chapters 6 and 7).

    `free_attempts` wrong passwords cost nothing; then each waits longer, up to
    `longest_delay_seconds`, and after `attempts_before_lock` the account is locked for
    `lock_minutes`. A terminal may try `terminal_attempts` times in five minutes. Accounts of
    `totp_roles` may do nothing before they have set up a second factor. Without
    `self_registration` patients are registered by the desk alone.
    """

    bcrypt_cost: int = 12
    minimum_length: int = 8
    free_attempts: int = 5
    longest_delay_seconds: int = 30
    attempts_before_lock: int = 20
    lock_minutes: int = 15
    terminal_attempts: int = 30
    totp_roles: frozenset[Role] = frozenset()
    self_registration: bool = True
    idle_minutes: Mapping[Role, int] = field(default_factory=lambda: _by_role(60, 60, 60, 15))
    session_hours: Mapping[Role, int] = field(default_factory=lambda: _by_role(8, 12, 12, 2))


@dataclass(frozen=True, slots=True)
class ReminderRules:
    """When patients are reminded: hospital time, and how many days ahead (0 = on the day)."""

    enabled: bool = True
    at: time = time(7, 0)
    days_ahead: tuple[int, ...] = (0,)


@dataclass(frozen=True, slots=True)
class CloseOfDayRules:
    """When (hospital time) those who were booked and did not come are noted as no-shows."""

    enabled: bool = True
    at: time = time(23, 0)


@dataclass(frozen=True, slots=True)
class MailRules:
    """How much mail goes out: to one patient on one hospital day, and to all within a minute; 0 is
    without a limit."""

    most_per_patient: int = 10
    most_per_minute: int = 0


@dataclass(frozen=True, slots=True)
class ReportRules:
    """When the reports of the month that is over go out: on which day of a month (the last where
    it has fewer), at what hospital time."""

    enabled: bool = True
    day: int = 1
    at: time = time(6, 0)


@dataclass(frozen=True, slots=True)
class Rules:
    """All of a hospital's rules."""

    hospital: HospitalRules
    security: SecurityRules = field(default_factory=SecurityRules)
    reminders: ReminderRules = field(default_factory=ReminderRules)
    mail: MailRules = field(default_factory=MailRules)
    close_of_day: CloseOfDayRules = field(default_factory=CloseOfDayRules)
    reports: ReportRules = field(default_factory=ReportRules)
