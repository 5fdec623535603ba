"""What the desk puts on paper, and what may stand on it.

A token slip is dropped in waiting rooms: it names the patient only so far that the owner knows it
again. An appointment slip goes home in a pocket: it says nothing of what the visit is for, and
never the note for the doctor. The list of a day serves when the power goes: the desk's has
telephone numbers on it, the doctor's own has not.
"""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta

from sqlalchemy import ColumnElement

from store import doctors
from store.appointment_views import VISIT, find, views
from store.appointments import own_only
from store.errors import IllegalTransition
from store.permissions import Action, require
from store.slots import day_bounds
from store.transaction import Transaction
from store.values import (
    AppointmentSlip,
    AppointmentStatus,
    AppointmentView,
    DayLine,
    DayList,
    Role,
    SlipUse,
    TokenSlip,
)

_WAITS = (AppointmentStatus.CHECKED_IN, AppointmentStatus.IN_CONSULTATION)
_NOT_LISTED = [
    status.value
    for status in (
        AppointmentStatus.CANCELLED,
        AppointmentStatus.RESCHEDULED,
        AppointmentStatus.IN_ERROR,
    )
]


def of_appointment(
    tx: Transaction, appointment_id: int, use: SlipUse = SlipUse.SHOW
) -> TokenSlip | AppointmentSlip:
    """The slip that fits where an appointment stands: the token of who is here, the time of who
    will come. Printing it and writing it to a file go into the audit trail.

    Raises:
        NotFound: there is no such appointment.
        IllegalTransition: it is over or moved; nothing of it is worth paper.
    """
    require(tx, Action.SLIP_PRINT)
    view = find(tx, appointment_id)
    slip: TokenSlip | AppointmentSlip
    if view.status in _WAITS and view.token is not None and view.checked_in_at is not None:
        slip = _token_slip(tx, view)
    elif view.status is AppointmentStatus.BOOKED:
        slip = _appointment_slip(tx, view)
    else:
        raise IllegalTransition(
            f"The appointment is {view.status.replace('_', ' ')}; there is no slip for it.",
            status=view.status.value,
        )
    if use is not SlipUse.SHOW:
        kind = "token" if isinstance(slip, TokenSlip) else "appointment"
        tx.record(
            f"slip.{use}",
            "appointment",
            view.id,
            patient_id=view.patient_id,
            detail={"slip": kind},
        )
    return slip


def day_list(
    tx: Transaction,
    *,
    day: date | None = None,
    doctor_id: int | None = None,
    use: SlipUse = SlipUse.SHOW,
) -> DayList:
    """The appointments of a day (default today), of one doctor or of all, by doctor and time;
    what is cancelled, moved or was an error is left out. A doctor gets the own list alone,
    without telephone numbers.

    Raises:
        NotFound: there is no such doctor.
    """
    own = tx.actor.doctor_id if tx.actor.role is Role.DOCTOR else None
    doctor_id = own if doctor_id is None else doctor_id
    require(tx, Action.DAY_LIST_PRINT, doctor_id=doctor_id)
    name = None if doctor_id is None else doctors.get(tx, doctor_id).name
    day = day or tx.today()
    start, end = day_bounds(day, tx.timezone)
    conditions: list[ColumnElement[bool]] = [
        VISIT.c.starts_at >= start,
        VISIT.c.starts_at < end,
        VISIT.c.status.not_in(_NOT_LISTED),
        *own_only(tx),
    ]
    if doctor_id is not None:
        conditions.append(VISIT.c.doctor_id == doctor_id)
    found = views(tx, *conditions)
    found.sort(key=lambda view: (view.doctor.casefold(), view.doctor_id))
    if use is not SlipUse.SHOW:
        tx.record(
            f"day-list.{use}",
            "appointment",
            "list",
            detail={
                "day": day.isoformat(),
                "doctor_id": doctor_id,
                "patients": sorted({view.patient_id for view in found}),
            },
        )
    phones = tx.actor.role is not Role.DOCTOR
    return DayList(
        hospital=tx.rules.hospital.name,
        day=day,
        doctor=name,
        lines=tuple(_day_line(view, phones=phones) for view in found),
        made_at=tx.local(tx.now),
        made_by=tx.actor.name,
    )


def shortened(name: str) -> str:
    """A name that its owner knows and a finder of the slip does not: the first word, then initials
    (`Asha R.`)."""
    first, *others = name.split() or [""]
    return " ".join([first, *(f"{_initial(word)}." for word in others)])


def _initial(word: str) -> str:
    """The first letter with the marks that belong to it: in Indic scripts a vowel often does."""
    end = 1
    while end < len(word) and unicodedata.category(word[end]).startswith("M"):
        end += 1
    return word[:end]


def _token_slip(tx: Transaction, view: AppointmentView) -> TokenSlip:
    assert view.token is not None
    assert view.checked_in_at is not None
    return TokenSlip(
        appointment_id=view.id,
        hospital=tx.rules.hospital.name,
        token=view.token,
        patient=shortened(view.patient),
        mrn=view.mrn,
        doctor=view.doctor,
        department=view.department,
        checked_in_at=view.checked_in_at,
    )


def _appointment_slip(tx: Transaction, view: AppointmentView) -> AppointmentSlip:
    notice = timedelta(minutes=tx.rules.hospital.cancellation_notice_minutes)
    return AppointmentSlip(
        appointment_id=view.id,
        hospital=tx.rules.hospital.name,
        patient=view.patient,
        mrn=view.mrn,
        doctor=view.doctor,
        department=view.department,
        starts_at=view.starts_at,
        ends_at=view.ends_at,
        cancel_until=view.starts_at - notice,
    )


def _day_line(view: AppointmentView, *, phones: bool) -> DayLine:
    return DayLine(
        appointment_id=view.id,
        starts_at=view.starts_at,
        token=view.token,
        patient=view.patient,
        mrn=view.mrn,
        age=view.patient_age,
        sex=view.patient_sex,
        phone=view.patient_phone if phones else None,
        doctor=view.doctor,
        status=view.status,
    )
