"""Time as it leaves the store: hours, leave, holidays, slots and appointments.

Moments are aware datetimes in the hospital's time zone, days are `date`, minutes of a day are
counted from local midnight (0 to 1440), weekdays from Monday = 0.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from store.values.people import Role, Sex


class AppointmentStatus(StrEnum):
    """Where an appointment stands; reasons and circumstances are columns of their own."""

    BOOKED = "booked"
    CHECKED_IN = "checked_in"
    IN_CONSULTATION = "in_consultation"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    LEFT = "left"
    RESCHEDULED = "rescheduled"
    IN_ERROR = "in_error"


HOLDS_SLOT = frozenset(
    {
        AppointmentStatus.BOOKED,
        AppointmentStatus.CHECKED_IN,
        AppointmentStatus.IN_CONSULTATION,
        AppointmentStatus.COMPLETED,
    }
)
"""The statuses in which an appointment occupies its doctor's time."""


class Affected(StrEnum):
    """What happens to the appointments that leave or a holiday falls upon."""

    KEEP = "keep"
    CANCEL = "cancel"
    MOVE = "move"


class HospitalCause(StrEnum):
    """Why the hospital itself moved or cancelled an appointment. Patients are told this much and
    no more: what a doctor writes beside leave is nobody else's business."""

    LEAVE = "leave"
    HOLIDAY = "holiday"
    HOURS = "hours"
    DOCTOR_LEFT = "doctor-left"
    DEPARTMENT = "department"


class HoursSession(Struct, frozen=True):
    """One weekly session of a doctor: wall-clock minutes, half-open, with its slot length.

    `valid_from` and `valid_to` are inclusive days; None means without bound.
    """

    weekday: int
    start_minute: int
    end_minute: int
    slot_minutes: int
    valid_from: date | None = None
    valid_to: date | None = None


class WorkingHoursView(Struct, frozen=True):
    """A stored weekly session."""

    id: int
    doctor_id: int
    session: HoursSession


class LeaveView(Struct, frozen=True):
    """A doctor's unavailability, half-open, in hospital time; `active` unless it was taken back."""

    id: int
    doctor_id: int
    doctor: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    version: int
    active: bool = True


class HolidayView(Struct, frozen=True):
    """A day on which the hospital gives no appointments."""

    id: int
    date: date
    name: str


class PublicHoliday(Struct, frozen=True):
    """A country's public holiday that the hospital has not entered, with the number of booked
    appointments that it would hit."""

    date: date
    name: str
    appointments: int


class Consequence(Struct, frozen=True):
    """What leave or a holiday does to one appointment: `outcome` is `kept`, `cancelled`, `moved`
    or `worklist` (nothing free to move to: somebody must decide)."""

    appointment: AppointmentView
    outcome: str
    moved_to: AppointmentView | None = None


class Held(Struct, frozen=True):
    """A slot is kept for somebody else's open dialog: `by` whom, as far as the reader may know it,
    and until when."""

    by: str
    until: datetime


class Slot(Struct, frozen=True):
    """A piece of a doctor's working time, half-open.

    `held` is given where only somebody else's hold keeps the slot from being free; `overbooked`
    where an appointment over the limit lies in it.
    """

    doctor_id: int
    starts_at: datetime
    ends_at: datetime
    free: bool
    held: Held | None = None
    overbooked: bool = False

    def held_at(self, now: datetime) -> Held | None:
        """The hold that still lasts at `now`; it ends by itself, without anybody telling."""
        if self.held is None or self.held.until.timestamp() <= now.timestamp():
            return None
        return self.held

    def free_at(self, now: datetime) -> bool:
        """Whether it is free at `now`, as far as was known when it was read."""
        return self.free or (self.held is not None and self.held_at(now) is None)


class HoldView(Struct, frozen=True):
    """One's own hold on a slot."""

    id: int
    doctor_id: int
    starts_at: datetime
    ends_at: datetime
    until: datetime


class AppointmentView(Struct, frozen=True):
    """An appointment with the names that people know it by. `mail_refused`: the patient's e-mail
    address takes no mail."""

    id: int
    patient_id: int
    mrn: str
    patient: str
    patient_sex: Sex
    patient_age: int | None
    patient_phone: str | None
    doctor_id: int
    doctor: str
    department_id: int
    department: str
    starts_at: datetime
    ends_at: datetime
    status: AppointmentStatus
    token: str | None
    overbooked: bool
    walk_in: bool
    note: str
    version: int
    checked_in_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    reason: str
    successor_id: int | None
    predecessor_id: int | None
    overbook_reason: str = ""
    mail_refused: bool = False

    def waited_minutes(self, now: datetime) -> int | None:
        """Whole minutes since check-in while still waiting; None for any other status."""
        if self.status is not AppointmentStatus.CHECKED_IN or self.checked_in_at is None:
            return None
        return max(0, int((now - self.checked_in_at).total_seconds() // 60))

    def late_minutes(self, now: datetime) -> int | None:
        """Whole minutes since the start while the patient has not come; None in time, and for any
        other status than booked."""
        if self.status is not AppointmentStatus.BOOKED or now < self.starts_at:
            return None
        return int((now - self.starts_at).total_seconds() // 60)


class Step(StrEnum):
    """What the desk does with several appointments at once."""

    CHECK_IN = "check-in"
    NO_SHOW = "no-show"
    LEFT = "left"
    CANCEL = "cancel"
    UNDO = "undo"


class RefusedStep(Struct, frozen=True):
    """An appointment for which a step was refused, and the sentence that says why."""

    appointment_id: int
    why: str


class Several(Struct, frozen=True):
    """What became of one step for several appointments."""

    done: tuple[AppointmentView, ...]
    refused: tuple[RefusedStep, ...] = ()


class TimeStep(StrEnum):
    """A step that takes the time from under appointments; the values are the audit trail's, but
    that of a doctor stands for leaving a department too."""

    LEAVE = "leave.add"
    HOLIDAY = "holiday.add"
    HOURS = "hours.change"
    DOCTOR = "doctor.deactivate"


class BoardLine(Struct, frozen=True):
    """What the board in the waiting room tells of one doctor: tokens, no names of patients."""

    doctor_id: int
    doctor: str
    department: str
    serving: str | None
    """The token of who is in consultation, if anybody is."""
    waiting: tuple[str, ...]
    """The tokens of those who wait, who is called first at the front."""


class AppointmentEventView(Struct, frozen=True):
    """One move of an appointment, append-only."""

    at: datetime
    actor: str
    role: Role
    terminal: str
    kind: str
    from_status: AppointmentStatus | None
    to_status: AppointmentStatus
    reason: str
