"""Replays appointments that really happened through the booking engine.

    python bench/replay.py FILE [--limit N] [--database URL]

FILE is (a part of) the published “Medical Appointment No Shows” set (J. Hoppen, 2016): one line
for each appointment, with the moment it was booked, its day (no time of day) and whether the
patient came. The neighbourhoods are clinics (departments here); doctors are invented as the
clinics need them. Everything happens in the order in which it happened, the clock standing at its
moment, and each booking and each visit in a unit of work of its own: a booking takes the first
free slot of its day, a patient comes at the time of the slot or is noted as not having come. In
the end the hospital is counted by plain SQL and compared with the file.
"""

from __future__ import annotations

import argparse
import heapq
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.hospital import founded, in_zone, throw_away
from bench.noshow_file import Booking, read_bookings
from bench.tally import compare
from store import appointments, availability, departments, desk, doctors, patients, schedule
from store.actors import system
from store.clock import FixedClock
from store.datewords import at_wall_clock
from store.errors import PatientBusy, StoreError
from store.exchange import history
from store.front_door import Store
from store.transaction import Transaction
from store.values import AppointmentStatus, HoursSession, PatientInput, Sex, Slot

OPENS, CLOSES, SLOT_MINUTES = 7 * 60, 20 * 60, 15
"""The clinics' day, invented: the file has no time of day."""

DESK = system("replay", "bench")
_SEXES = {"F": Sex.FEMALE, "M": Sex.MALE}
_TELL_EVERY = 2_000


@dataclass(order=True, frozen=True, slots=True)
class Visit:
    """A patient's coming or not coming, due at a moment."""

    due: datetime
    appointment_id: int
    came: bool


@dataclass
class Replay:
    """A replay under way: who is known already, and which visits are still to come."""

    store: Store
    clock: FixedClock
    clinics: dict[str, int] = field(default_factory=dict)
    staff: dict[str, list[int]] = field(default_factory=dict)
    patients: dict[str, int] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    late: int = 0
    busy_elsewhere: int = 0

    def book(self, booking: Booking) -> None:
        """Make a booking at the moment it was made, when all that was due before has happened.

        One made when its day was over, or its last slot, cannot be booked by anybody: it is
        entered into the history.
        """
        self.happen(booking.booked_at)
        self.clock.moment = booking.booked_at
        visit = self.store.write(DESK, self._book, booking)
        if visit is not None:
            heapq.heappush(self.visits, visit)
            return
        self.late += 1
        self.store.write(DESK, self._enter_late, booking)

    def happen(self, until: datetime | None = None) -> None:
        """Let patients come, or not, up to a moment (None: all of them)."""
        while self.visits and (until is None or self.visits[0].due <= until):
            visit = heapq.heappop(self.visits)
            self.clock.moment = visit.due
            self.store.write(DESK, _visit, visit)

    def _book(self, tx: Transaction, booking: Booking) -> Visit | None:
        last_slot = _at(self.store, booking.day, CLOSES - SLOT_MINUTES)
        if tx.now > last_slot:
            return None
        patient_id = self._patient(tx, booking)
        for slot in self._offers(tx, booking):
            try:
                with tx.attempt():
                    booked = appointments.book(
                        tx,
                        patient_id=patient_id,
                        doctor_id=slot.doctor_id,
                        starts_at=slot.starts_at,
                        request_id=booking.appointment,
                    )
            except PatientBusy:
                self.busy_elsewhere += 1
                continue
            grace = timedelta(minutes=tx.rules.hospital.no_show_grace_minutes)
            due = booked.starts_at if booking.came else booked.starts_at + grace
            return Visit(due, booked.id, booking.came)
        raise AssertionError("a doctor just hired has a free slot")

    def _offers(self, tx: Transaction, booking: Booking) -> Iterator[Slot]:
        """Free slots of the clinic's day, the first one first; then those of one more doctor."""
        staff = self._staff(tx, booking.clinic)
        yield from availability.free_slots(tx, staff, booking.day, booking.day)
        newest = self._hire(tx, booking.clinic)
        yield from availability.free_slots(tx, [newest], booking.day, booking.day)

    def _enter_late(self, tx: Transaction, booking: Booking) -> None:
        slot = self._untaken(tx, booking)
        history.keep(
            tx,
            patient_id=self._patient(tx, booking),
            doctor_id=slot.doctor_id,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            status=AppointmentStatus.COMPLETED if booking.came else AppointmentStatus.NO_SHOW,
            external_id=booking.appointment,
        )

    def _untaken(self, tx: Transaction, booking: Booking) -> Slot:
        """The first slot of a day that is over in which the doctor saw nobody."""
        for doctor_id in self._staff(tx, booking.clinic):
            slot = _idle(tx, doctor_id, booking.day)
            if slot is not None:
                return slot
        slot = _idle(tx, self._hire(tx, booking.clinic), booking.day)
        assert slot is not None, "a doctor just hired has seen nobody"
        return slot

    def _patient(self, tx: Transaction, booking: Booking) -> int:
        if booking.patient not in self.patients:
            given = PatientInput(
                name=f"Patient {booking.patient}",
                birth_date=None if booking.age is None else f"{booking.age}y",
                sex=_SEXES.get(booking.sex, Sex.UNKNOWN),
                external_id=booking.patient,
            )
            self.patients[booking.patient] = patients.register(tx, given).id
        return self.patients[booking.patient]

    def _staff(self, tx: Transaction, clinic: str) -> list[int]:
        if clinic not in self.clinics:
            self.clinics[clinic] = departments.create(tx, name=clinic).id
            self.staff[clinic] = []
            self._hire(tx, clinic)
        return self.staff[clinic]

    def _hire(self, tx: Transaction, clinic: str) -> int:
        number = sum(len(staff) for staff in self.staff.values()) + 1
        doctor = doctors.create(
            tx,
            username=f"doctor.{number}",
            name=f"Doctor {number}",
            department_id=self.clinics[clinic],
        )
        week = [HoursSession(day, OPENS, CLOSES, SLOT_MINUTES) for day in range(7)]
        schedule.replace_week(tx, doctor.id, week)
        self.staff[clinic] = [*self.staff[clinic], doctor.id]
        return doctor.id


def _idle(tx: Transaction, doctor_id: int, day: date) -> Slot | None:
    busy = availability.read_plan(tx, [doctor_id], day, day).busy(doctor_id)
    for slot in availability.day_slots(tx, doctor_id, day):
        start, end = (int(at.timestamp() // 60) for at in (slot.starts_at, slot.ends_at))
        if not any(start < until and begin < end for begin, until in busy):
            return slot
    return None


def _visit(tx: Transaction, visit: Visit) -> None:
    if not visit.came:
        appointments.no_show(tx, visit.appointment_id)
        return
    desk.check_in(tx, visit.appointment_id)
    appointments.start(tx, visit.appointment_id)
    appointments.complete(tx, visit.appointment_id)


def _at(store: Store, day: date, minute: int) -> datetime:
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 -- a wall clock's
    clock = (midnight + timedelta(minutes=minute)).time()
    return at_wall_clock(day, clock, store.rules.hospital.timezone)


def replay(store: Store, clock: FixedClock, bookings: list[Booking]) -> Replay:
    """Replay bookings, which must be in the order in which they were made."""
    running = Replay(store, clock)
    for number, booking in enumerate(bookings, 1):
        running.book(booking)
        if number % _TELL_EVERY == 0:
            print(f"{number:,} of {len(bookings):,} booked", file=sys.stderr)
    running.happen()
    return running


def main() -> int:
    """Replay a file; the exit code is 1 where the hospital and the file disagree."""
    parser = argparse.ArgumentParser(description="Replay a file through the booking engine.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--limit", type=int, help="only so many bookings")
    parser.add_argument("--database", help="an empty database that stays; else one of its own")
    given = parser.parse_args()
    try:
        bookings, quirks = read_bookings(given.file, given.limit)
    except StoreError as refusal:
        parser.error(refusal.message)
    if not bookings:
        parser.error("there is no booking in that file")
    rules = in_zone("America/Sao_Paulo", "BR")
    clock = FixedClock(bookings[0].booked_at)
    place = founded(given.database, rules, clock) if given.database else None
    with place or throw_away(rules, clock) as store:
        began = time.perf_counter()
        done = replay(store, clock, bookings)
        took = time.perf_counter() - began
        url = store.database.engine.url.render_as_string(hide_password=False)
        checks = compare(url, bookings, rules.timezone)
    doctors_hired = sum(len(staff) for staff in done.staff.values())
    print(f"{len(bookings):,} bookings of {len(done.patients):,} patients, {took:.0f} s")
    print(f"{len(done.clinics)} clinics, {doctors_hired} doctors invented")
    print(f"{done.late} entered late (their day was over), {done.busy_elsewhere} slots passed over")
    print("   because the patient had another appointment then")
    print(
        f"quirks: {quirks.odd_patient_ids} patient ids not written as whole numbers,"
        f" {quirks.ages_below_zero} ages below 0, {quirks.ages_beyond} beyond any,"
        f" {quirks.other_age_before} with another age before,"
        f" {quirks.again_that_day} of a patient who is there that day already,"
        f" {len(quirks.unreadable)} lines unreadable {quirks.unreadable[:5] or ''}"
    )
    for check in checks:
        verdict = "agrees" if check.agrees else "DIFFERS"
        print(f"{check.what:<28}{check.file:>9,}{check.hospital:>9,}  {verdict}")
    return 0 if all(check.agrees for check in checks) else 1


if __name__ == "__main__":
    raise SystemExit(main())
