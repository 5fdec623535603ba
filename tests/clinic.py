"""A small clinic for tests of booking: doctors who work every day, and patients."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import text

from store import actors, departments, doctors, patients, schedule, schema
from store.front_door import Store
from store.values import Actor, HoursSession, PatientInput

SYSTEM = actors.system("test")


@dataclass(frozen=True)
class Clinic:
    """A hospital with one department, and the ids of its doctors and patients."""

    store: Store
    department: int
    doctors: tuple[int, ...]
    patients: tuple[int, ...]
    actor: Actor = SYSTEM

    def at(self, hour: int, minute: int = 0, *, day: date | None = None) -> datetime:
        """A moment in hospital time, today unless another day is given."""
        zone = self.store.rules.hospital.timezone
        return datetime.combine(day or self.store.now().date(), time(hour, minute), zone)

    def overlaps(self) -> int:
        """Pairs of appointments that hold the same doctor's time, asked of the database."""
        with self.store.database.begin(write=False) as connection:
            return len(connection.execute(text(schema.OVERLAPS)).all())


def open_clinic(
    store: Store, *, doctor_count: int = 2, patient_count: int = 3, hours: tuple[int, int] = (9, 13)
) -> Clinic:
    """Doctors who work each day from `hours[0]` to `hours[1]` in slots of 15 minutes."""
    with store.transaction(SYSTEM) as tx:
        department = departments.create(tx, name="Cardiology")
        made = tuple(
            doctors.create(
                tx, username=f"dr.{n}", name=f"Doctor {n}", department_id=department.id
            ).id
            for n in range(doctor_count)
        )
        week = [HoursSession(day, hours[0] * 60, hours[1] * 60, 15) for day in range(7)]
        for doctor_id in made:
            schedule.replace_week(tx, doctor_id, week)
        known = tuple(
            patients.register(
                tx, PatientInput(name=f"Patient {_letters(n)}", email=f"p{n}@example.org")
            ).id
            for n in range(patient_count)
        )
    return Clinic(store, department.id, made, known)


def minutes(count: int) -> timedelta:
    """A duration in minutes."""
    return timedelta(minutes=count)


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))
