"""A clinic in which patients wait for an earlier slot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from store import (
    appointments,
    waitlist,
)
from store.front_door import Store
from store.tables import Appointment
from store.values import (
    AppointmentStatus,
    WaitlistEntryView,
)
from tests.clinic import SYSTEM, Clinic, open_clinic

WEDNESDAY = date(2026, 1, 7)


@pytest.fixture
def clinic(store: Store) -> Clinic:
    return open_clinic(store, doctor_count=2, patient_count=6, hours=(9, 17))


def do(clinic: Clinic, rule: Callable[..., Any], *args: Any, **given: Any) -> Any:
    return clinic.store.write(SYSTEM, rule, *args, **given)


def book(clinic: Clinic, hour: int, minute: int = 0, patient: int = 0, doctor: int = 0) -> Any:
    return do(
        clinic,
        appointments.book,
        patient_id=clinic.patients[patient],
        doctor_id=clinic.doctors[doctor],
        starts_at=clinic.at(hour, minute, day=WEDNESDAY),
    )


def wait(clinic: Clinic, patient: int, **wish: Any) -> WaitlistEntryView:
    if not {"department_id", "appointment_id"} & set(wish):
        wish.setdefault("doctor_id", clinic.doctors[0])
    made: WaitlistEntryView = do(clinic, waitlist.add, patient_id=clinic.patients[patient], **wish)
    return made


def see(clinic: Clinic, entry: WaitlistEntryView) -> WaitlistEntryView:
    return clinic.store.read(SYSTEM, waitlist.get, entry.id)


def offered(clinic: Clinic) -> dict[int, str]:
    """Which patient (by place) is offered which time."""
    with clinic.store.reading(SYSTEM) as tx:
        rows = waitlist.list_entries(tx).items
    return {
        clinic.patients.index(one.patient_id): f"{one.offer.starts_at:%H:%M}"
        for one in rows
        if one.offer is not None
    }


def occupy(clinic: Clinic, starts_at: datetime, patient: int) -> None:
    """An appointment of which nothing is announced."""
    with clinic.store.transaction(SYSTEM) as tx:
        tx.add(
            Appointment(
                patient_id=clinic.patients[patient],
                doctor_id=clinic.doctors[0],
                department_id=clinic.department,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=15),
                status=AppointmentStatus.BOOKED,
                **tx.stamps(),
            )
        )
