"""A doctor's calendar, and the worklist of appointments whose time is gone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from store import appointments, calendar, conflicts, holidays, leave, outbox, schedule
from store.errors import ChangedMeanwhile, Forbidden, Invalid, NotFound
from store.front_door import Store
from store.tables import Appointment, table_of
from store.values import (
    Actor,
    Affected,
    AppointmentStatus,
    AppointmentView,
    Clash,
    HoursSession,
    MailKind,
    Role,
)
from tests.clinic import SYSTEM, Clinic, open_clinic
from tests.hospital import MONDAY_MORNING, MakeStore
from tests.statements import counted

MONDAY = MONDAY_MORNING.date()
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def clinic(store: Store) -> Clinic:
    return open_clinic(store)


@pytest.fixture
def doctor(clinic: Clinic) -> Actor:
    return Actor(Role.DOCTOR, "Doctor", "ssh", doctor_id=clinic.doctors[0])


def book(clinic: Clinic, hour: int, *, patient: int = 0, day: date = TUESDAY) -> AppointmentView:
    view: AppointmentView = clinic.store.write(
        SYSTEM,
        appointments.book,
        patient_id=clinic.patients[patient],
        doctor_id=clinic.doctors[0],
        starts_at=clinic.at(hour, day=day),
    )
    return view


def away(clinic: Clinic, day: date = TUESDAY, hours: tuple[int, int] = (9, 13)) -> int:
    made, _ = clinic.store.write(
        SYSTEM,
        leave.add,
        clinic.doctors[0],
        clinic.at(hours[0], day=day),
        clinic.at(hours[1], day=day),
        "wedding",
        Affected.KEEP,
    )
    return made.id


def listed(clinic: Clinic, actor: Actor = SYSTEM) -> list[tuple[int, Clash, str]]:
    page = clinic.store.read(actor, conflicts.conflicts)
    return [(one.appointment.id, one.clash, one.why) for one in page.items]


class TestCalendar:
    def test_a_week_has_each_day_with_all_that_is_on_it(
        self, clinic: Clinic, doctor: Actor
    ) -> None:
        kept, gone = book(clinic, 10), book(clinic, 11, patient=1)
        clinic.store.write(SYSTEM, appointments.cancel, gone.id)
        away(clinic, hours=(12, 13))
        clinic.store.write(SYSTEM, holidays.add, MONDAY + timedelta(days=2), "Pongal")
        week = clinic.store.read(
            doctor, calendar.of_doctor, clinic.doctors[0], MONDAY, MONDAY + timedelta(days=6)
        )
        assert [day.day for day in week.days] == [MONDAY + timedelta(days=n) for n in range(7)]
        tuesday, wednesday = week.days[1:3]
        assert [(one.id, one.patient, one.status) for one in tuesday.visits] == [
            (kept.id, kept.patient, AppointmentStatus.BOOKED)
        ]
        taken = {slot.starts_at for slot in tuesday.slots if not slot.free}
        assert taken == {kept.starts_at, *(clinic.at(12, m, day=TUESDAY) for m in (0, 15, 30, 45))}
        assert [one.reason for one in tuesday.leave] == ["wedding"]
        assert (wednesday.holiday, wednesday.slots) == ("Pongal", ())
        assert len(week.days[3].slots) == 16

    def test_whoever_else_may_read_it_is_the_administration(
        self, clinic: Clinic, doctor: Actor
    ) -> None:
        days = (MONDAY, MONDAY)
        with pytest.raises(Forbidden):
            clinic.store.read(doctor, calendar.of_doctor, clinic.doctors[1], *days)
        with pytest.raises(Forbidden):
            clinic.store.read(
                Actor(Role.RECEPTION, "Desk", "desk"),
                calendar.of_doctor,
                clinic.doctors[0],
                *days,
            )
        with pytest.raises(NotFound):
            clinic.store.read(SYSTEM, calendar.of_doctor, 4711, *days)

    def test_days_out_of_order_or_too_many_are_refused(self, clinic: Clinic) -> None:
        for last in (MONDAY - timedelta(days=1), MONDAY + timedelta(days=62)):
            with pytest.raises(Invalid):
                clinic.store.read(SYSTEM, calendar.of_doctor, clinic.doctors[0], MONDAY, last)

    def test_any_range_takes_at_most_5_statements(self, clinic: Clinic) -> None:
        for number in range(3):
            book(clinic, 9 + number, patient=number)
        away(clinic)
        for days in (1, 7, 42):
            with counted(clinic.store) as sent:
                clinic.store.read(
                    SYSTEM,
                    calendar.of_doctor,
                    clinic.doctors[0],
                    MONDAY,
                    MONDAY + timedelta(days=days - 1),
                )
            assert len(sent) <= 5, sent

    def test_the_hour_that_comes_twice_is_there_twice(
        self, found_sqlite: Any, make_store: MakeStore
    ) -> None:
        url = found_sqlite(timezone="America/New_York")
        clinic = open_clinic(make_store(url, timezone="America/New_York"), hours=(0, 4))
        day = clinic.store.read(
            SYSTEM,
            calendar.of_doctor,
            clinic.doctors[0],
            date(2026, 11, 1),
            date(2026, 11, 1),
        ).days[0]
        assert len(day.slots) == 5 * 4
        ones = [slot.starts_at for slot in day.slots if slot.starts_at.hour == 1]
        assert [one.fold for one in ones] == [0, 0, 0, 0, 1, 1, 1, 1]


class TestWorklist:
    def test_it_names_what_took_the_time(self, clinic: Clinic) -> None:
        under, feast, late, fine = (
            book(clinic, 10),
            book(clinic, 10, day=MONDAY + timedelta(days=2)),
            book(clinic, 12, day=MONDAY + timedelta(days=3)),
            book(clinic, 9, day=MONDAY + timedelta(days=3), patient=1),
        )
        assert listed(clinic) == []
        away(clinic)
        clinic.store.write(
            SYSTEM, holidays.add, MONDAY + timedelta(days=2), "Pongal", Affected.KEEP
        )
        clinic.store.write(
            SYSTEM,
            schedule.replace_week,
            clinic.doctors[0],
            [HoursSession(day, 9 * 60, 12 * 60, 15) for day in range(7)],
            Affected.KEEP,
        )
        assert listed(clinic) == [
            (under.id, Clash.LEAVE, "wedding"),
            (feast.id, Clash.HOLIDAY, "Pongal"),
            (late.id, Clash.HOURS, ""),
        ]
        assert fine.id not in [one[0] for one in listed(clinic)]

    def test_an_overbooked_one_stands_outside_of_hours_on_purpose(self, clinic: Clinic) -> None:
        view = book(clinic, 10)
        with clinic.store.transaction(SYSTEM) as tx:
            visits = table_of(Appointment)
            tx.session.execute(
                visits.update().where(visits.c.id == view.id).values(overbooked=True)
            )
            schedule.clear(tx, clinic.doctors[0], Affected.KEEP)
        assert listed(clinic) == []

    def test_time_given_back_or_gone_by_takes_it_off_the_list(
        self, clinic: Clinic, clock: Any
    ) -> None:
        book(clinic, 10)
        first = away(clinic)
        assert len(listed(clinic)) == 1
        clinic.store.write(SYSTEM, leave.delete, first)
        assert listed(clinic) == []
        away(clinic)
        clock.moment = clinic.at(11, day=TUESDAY)
        assert listed(clinic) == []

    def test_it_is_worked_off_until_nobody_is_left(self, clinic: Clinic, doctor: Actor) -> None:
        moves, goes = book(clinic, 10), book(clinic, 11, patient=1)
        away(clinic)
        done = clinic.store.write(doctor, conflicts.resolve, [moves.id], Affected.MOVE)
        assert done[0].moved_to is not None
        assert done[0].moved_to.starts_at == clinic.at(9, day=TUESDAY + timedelta(days=1))
        clinic.store.write(doctor, conflicts.resolve, [goes.id], Affected.CANCEL)
        gone = clinic.store.read(SYSTEM, appointments.get, goes.id)
        assert (gone.status, gone.reason) == (AppointmentStatus.CANCELLED, "wedding")
        kinds = {one.kind for one in clinic.store.read(SYSTEM, outbox.list_messages).items}
        assert {MailKind.CANCELLED, MailKind.RESCHEDULED} <= kinds
        assert listed(clinic, doctor) == []

    def test_one_for_which_nothing_is_free_stays(self, clinic: Clinic) -> None:
        view = book(clinic, 10)
        for number in clinic.doctors:
            clinic.store.write(
                SYSTEM,
                leave.add,
                number,
                clinic.at(9, day=TUESDAY),
                clinic.at(9, day=TUESDAY + timedelta(days=90)),
                "",
                Affected.KEEP,
            )
        done = clinic.store.write(SYSTEM, conflicts.resolve, [view.id], Affected.MOVE)
        assert [one.outcome for one in done] == ["worklist"]
        assert [one[0] for one in listed(clinic)] == [view.id]

    def test_what_is_not_on_the_list_is_not_decided_on(self, clinic: Clinic) -> None:
        view = book(clinic, 10)
        with pytest.raises(ChangedMeanwhile):
            clinic.store.write(SYSTEM, conflicts.resolve, [view.id], Affected.CANCEL)
        away(clinic)
        with pytest.raises(Invalid):
            clinic.store.write(SYSTEM, conflicts.resolve, [view.id], Affected.KEEP)

    def test_a_doctor_sees_and_decides_on_the_own_alone(self, clinic: Clinic) -> None:
        view = book(clinic, 10)
        away(clinic)
        other = Actor(Role.DOCTOR, "Other", "ssh", doctor_id=clinic.doctors[1])
        assert listed(clinic, other) == []
        with pytest.raises(Forbidden):
            clinic.store.read(other, conflicts.conflicts, doctor_id=clinic.doctors[0])
        with pytest.raises(Forbidden):
            clinic.store.write(other, conflicts.resolve, [view.id], Affected.MOVE)

    def test_a_patient_cannot_move_by_it_either(self, clinic: Clinic) -> None:
        view = book(clinic, 10)
        away(clinic)
        patient = Actor(Role.PATIENT, "Patient", "home", patient_id=clinic.patients[0])
        with pytest.raises(Forbidden):
            clinic.store.write(patient, conflicts.resolve, [view.id], Affected.MOVE)

    def test_any_number_takes_at_most_5_statements(self, clinic: Clinic) -> None:
        for number in range(3):
            book(clinic, 9 + number, patient=number)
        away(clinic)
        with counted(clinic.store) as sent:
            assert clinic.store.read(SYSTEM, conflicts.conflicts).total == 3
        assert len(sent) <= 5, sent
