"""An appointment, a doctor and what happened, in a patient's words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from textual.content import Content

from screens.shared.events import happened
from screens.shared.names import day_words
from store.values import (
    AppointmentEventView,
    AppointmentStatus,
    AppointmentView,
    DoctorView,
    Role,
    Slot,
)
from widgets.plain import content

ABOUT_TO_BE = (
    AppointmentStatus.BOOKED,
    AppointmentStatus.CHECKED_IN,
    AppointmentStatus.IN_CONSULTATION,
)
"""The statuses of an appointment that is still to come, or under way."""

_WHO = {
    Role.PATIENT: "by you",
    Role.RECEPTION: "at the desk",
    Role.DOCTOR: "by the doctor",
}


def fee_words(fee: int | None) -> str:
    """A fee that is kept in hundredths: `₹500`, `₹499.50`, or what to do where none is known."""
    if fee is None:
        return "ask at the desk"
    rupees, rest = divmod(fee, 100)
    return f"₹{rupees:,}.{rest:02}" if rest else f"₹{rupees:,}"


def long_moment(moment: datetime) -> str:
    """`Tuesday 6 January 2026 at 10:30 (IST)`."""
    return f"{moment:%A} {moment.day} {moment:%B %Y} at {moment:%H:%M (%Z)}"


def short_moment(moment: datetime, today: date) -> str:
    """`tomorrow 10:30`, `Thu 08 Jan 10:30`, of another year `08 Jan 2025 10:30`."""
    if moment.year != today.year and abs((moment.date() - today).days) > 1:
        return f"{moment:%d %b %Y %H:%M}"
    return f"{day_words(moment.date(), today)} {moment:%H:%M}"


def is_to_come(view: AppointmentView, now: datetime) -> bool:
    """Whether the appointment is ahead, or the patient is here for it."""
    if view.status is AppointmentStatus.BOOKED:
        return view.ends_at > now
    return view.status in ABOUT_TO_BE and view.starts_at.date() >= now.date()


def next_of(views: Sequence[AppointmentView], now: datetime) -> AppointmentView | None:
    """The one that the patient waits for: that which has begun, else the soonest."""
    ahead = [view for view in views if is_to_come(view, now)]
    begun = [view for view in ahead if view.status is not AppointmentStatus.BOOKED]
    return min(begun or ahead, key=lambda view: view.starts_at.timestamp(), default=None)


def what_to_do(view: AppointmentView, now: datetime) -> str:
    """What the patient does next, in one sentence."""
    if view.status is AppointmentStatus.IN_CONSULTATION:
        return "You are with the doctor."
    if view.status is AppointmentStatus.CHECKED_IN:
        token = f"Your token is {view.token}: " if view.token else ""
        return f"{token}please wait until you are called."
    if view.starts_at.date() == now.date():
        return f"Come to the reception desk today and give your number {view.mrn}."
    return f"Nothing until then. At the desk, give your number {view.mrn}."


def event_line(event: AppointmentEventView) -> Content:
    """One thing that happened: when, what, by whom, why."""
    return content(
        "[$text-muted]$at[/]  $what [$text-muted]$who[/] $reason",
        at=f"{event.at:%a %d %b %H:%M}",
        what=happened(event),
        who=_WHO.get(event.role, "by the hospital"),
        reason=f"({event.reason})" if event.reason else "",
    )


def fact(label: str, value: str, *, width: int = 12) -> Content:
    """A label and what it is for, in one line."""
    return content("[$text-muted]$label[/]$value", label=f"{label:<{width}}", value=value)


def booking_sentence(doctor: DoctorView, slot: Slot) -> Content:
    """What will be booked, in one sentence."""
    return content(
        "You book [b]$doctor[/], $department, on [b]$day[/] at [b $accent]$time[/].",
        doctor=doctor.name,
        department=doctor.department,
        day=f"{slot.starts_at:%A} {slot.starts_at.day} {slot.starts_at:%B %Y}",
        time=f"{slot.starts_at:%H:%M (%Z)}",
    )
