"""Leave and holidays over booked appointments: first shown, then done as chosen."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from store import (
    appointments,
    audit,
    conflicts,
    departments,
    doctors,
    holidays,
    leave,
    outbox,
    schedule,
)
from store.errors import Duplicate, Forbidden, InUse, Invalid, NotFound
from store.front_door import Store
from store.tables import Appointment, table_of
from store.values import (
    Actor,
    Affected,
    AppointmentStatus,
    AppointmentView,
    HoursSession,
    MailKind,
    Role,
)
from tests.clinic import SYSTEM, Clinic, open_clinic
from tests.statements import counted


@pytest.fixture
def clinic(store: Store) -> Clinic:
    return open_clinic(store)


def book(clinic: Clinic, hour: int, patient: int = 0, doctor: int = 0) -> AppointmentView:
    return clinic.store.write(
        SYSTEM,
        appointments.book,
        patient_id=clinic.patients[patient],
        doctor_id=clinic.doctors[doctor],
        starts_at=clinic.at(hour),
    )


def book_at(clinic: Clinic, day: date) -> AppointmentView:
    return clinic.store.write(
        SYSTEM,
        appointments.book,
        patient_id=clinic.patients[0],
        doctor_id=clinic.doctors[0],
        starts_at=clinic.at(10, day=day),
    )


def test_leave_over_appointments_is_refused_until_somebody_chooses(clinic: Clinic) -> None:
    under, beside = book(clinic, 10), book(clinic, 12, patient=1)
    with pytest.raises(InUse) as refused:
        clinic.store.write(SYSTEM, leave.add, clinic.doctors[0], clinic.at(9), clinic.at(11))
    assert [one["id"] for one in refused.value.details["appointments"]] == [under.id]
    assert clinic.store.read(SYSTEM, leave.list_leave) == []
    assert clinic.store.read(SYSTEM, appointments.get, beside.id).status == "booked"


def test_kept_appointments_stay_as_they_are(clinic: Clinic) -> None:
    under = book(clinic, 10)
    _, done = clinic.store.write(
        SYSTEM, leave.add, clinic.doctors[0], clinic.at(9), clinic.at(11), "", Affected.KEEP
    )
    assert [one.outcome for one in done] == ["kept"]
    assert clinic.store.read(SYSTEM, appointments.get, under.id) == under


def test_cancelled_appointments_are_told_to_the_patients(clinic: Clinic) -> None:
    under = book(clinic, 10)
    clinic.store.write(
        SYSTEM, leave.add, clinic.doctors[0], clinic.at(9), clinic.at(11), "ill", Affected.CANCEL
    )
    gone = clinic.store.read(SYSTEM, appointments.get, under.id)
    assert (gone.status, gone.reason) == (AppointmentStatus.CANCELLED, "ill")
    kinds = [one.kind for one in clinic.store.read(SYSTEM, outbox.list_messages).items]
    assert MailKind.CANCELLED in kinds


def test_moved_appointments_go_to_the_doctors_next_free_slots(clinic: Clinic) -> None:
    under = [book(clinic, 9), book(clinic, 10, patient=1)]
    _, done = clinic.store.write(
        SYSTEM, leave.add, clinic.doctors[0], clinic.at(9), clinic.at(12), "", Affected.MOVE
    )
    assert [one.appointment.id for one in done] == [one.id for one in under]
    assert [one.moved_to.starts_at for one in done if one.moved_to] == [
        clinic.at(12),
        clinic.at(12, 15),
    ]
    assert clinic.overlaps() == 0


def test_a_doctor_on_long_leave_hands_over_to_the_department(clinic: Clinic) -> None:
    book(clinic, 9)
    _, done = clinic.store.write(
        SYSTEM,
        leave.add,
        clinic.doctors[0],
        clinic.at(9),
        clinic.at(9) + timedelta(days=90),
        "sabbatical",
        Affected.MOVE,
    )
    moved = done[0].moved_to
    assert moved is not None
    assert (moved.doctor_id, moved.starts_at) == (clinic.doctors[1], clinic.at(9))


def test_a_doctor_who_changed_department_hands_over_to_the_new_one(clinic: Clinic) -> None:
    under = book(clinic, 10)
    with clinic.store.transaction(SYSTEM) as tx:
        there = departments.create(tx, name="Heart centre").id
        doctors.update(tx, clinic.doctors[0], department_id=there, affected=Affected.KEEP)
        other = doctors.create(tx, username="dr.new", name="Dr New", department_id=there).id
        schedule.replace_week(tx, other, [HoursSession(day, 540, 780, 15) for day in range(7)])
    end = clinic.at(9) + timedelta(days=60)
    _, (done,) = clinic.store.write(
        SYSTEM, leave.add, clinic.doctors[0], clinic.at(9), end, "", Affected.MOVE
    )
    assert done.appointment.id == under.id
    assert done.moved_to is not None
    assert (done.moved_to.doctor_id, done.moved_to.department) == (other, "Heart centre")


def test_leaving_a_department_asks_what_becomes_of_those_booked_in_it(clinic: Clinic) -> None:
    under = book(clinic, 10)
    there = clinic.store.write(SYSTEM, departments.create, name="Heart centre").id
    with pytest.raises(InUse) as refused:
        clinic.store.write(SYSTEM, doctors.update, clinic.doctors[0], department_id=there)
    assert [one["id"] for one in refused.value.details["appointments"]] == [under.id]
    assert clinic.store.read(SYSTEM, doctors.get, clinic.doctors[0]).department == under.department
    clinic.store.write(
        SYSTEM, doctors.update, clinic.doctors[0], department_id=there, affected=Affected.MOVE
    )
    old = clinic.store.read(SYSTEM, appointments.get, under.id)
    assert old.successor_id is not None
    new = clinic.store.read(SYSTEM, appointments.get, old.successor_id)
    assert (new.doctor_id, new.department) == (clinic.doctors[1], under.department)
    assert new.starts_at >= under.starts_at


def test_the_first_of_several_leaves_is_told_as_what_took_the_time(clinic: Clinic) -> None:
    under, free = book(clinic, 10), book(clinic, 12, patient=1)
    for start, end, reason in ((9, 10, "short"), (9, 11, "ill"), (10, 11, "later")):
        clinic.store.write(
            SYSTEM,
            leave.add,
            clinic.doctors[0],
            clinic.at(start),
            clinic.at(end),
            reason,
            Affected.KEEP,
        )
    page = clinic.store.read(SYSTEM, conflicts.conflicts)
    assert [(one.appointment.id, one.why) for one in page.items] == [(under.id, "ill")]
    assert free.id not in {one.appointment.id for one in page.items}


def test_who_cannot_be_moved_stays_on_the_worklist(clinic: Clinic) -> None:
    book(clinic, 9)
    away = clinic.at(9), clinic.at(9) + timedelta(days=90), "", Affected.MOVE
    clinic.store.write(SYSTEM, leave.add, clinic.doctors[1], *away)
    _, done = clinic.store.write(SYSTEM, leave.add, clinic.doctors[0], *away)
    assert [one.outcome for one in done] == ["worklist"]


def test_a_doctor_puts_in_the_own_leave_and_no_other(clinic: Clinic) -> None:
    doctor = Actor(Role.DOCTOR, "Doctor", "ssh", doctor_id=clinic.doctors[0])
    book(clinic, 9)
    own, _ = clinic.store.write(
        doctor,
        leave.add,
        clinic.doctors[0],
        clinic.at(9),
        clinic.at(9) + timedelta(days=90),
        "",
        Affected.MOVE,
    )
    with pytest.raises(Forbidden):
        clinic.store.write(doctor, leave.add, clinic.doctors[1], clinic.at(9), clinic.at(10))
    with pytest.raises(Forbidden):
        clinic.store.read(doctor, leave.list_leave, doctor_id=clinic.doctors[1])
    assert [one.id for one in clinic.store.read(doctor, leave.list_leave)] == [own.id]


def test_leave_taken_back_frees_the_time(clinic: Clinic) -> None:
    made, _ = clinic.store.write(SYSTEM, leave.add, clinic.doctors[0], clinic.at(9), clinic.at(12))
    clinic.store.write(SYSTEM, leave.delete, made.id)
    assert book(clinic, 10).status is AppointmentStatus.BOOKED
    with pytest.raises(NotFound):
        clinic.store.write(SYSTEM, leave.delete, made.id)


def test_longer_leave_asks_only_for_what_it_newly_hits(clinic: Clinic) -> None:
    book(clinic, 10)
    later = book(clinic, 12, patient=1)
    made, _ = clinic.store.write(
        SYSTEM, leave.add, clinic.doctors[0], clinic.at(9), clinic.at(11), "", Affected.KEEP
    )
    with pytest.raises(InUse) as refused:
        clinic.store.write(SYSTEM, leave.update, made.id, ends_at=clinic.at(13))
    assert [one["id"] for one in refused.value.details["appointments"]] == [later.id]


def test_a_holiday_hits_everybody_and_undoes_nothing_by_itself(clinic: Clinic) -> None:
    with clinic.store.transaction(SYSTEM) as tx:
        for number, doctor in enumerate(clinic.doctors):
            appointments.book(
                tx,
                patient_id=clinic.patients[number],
                doctor_id=doctor,
                starts_at=clinic.at(10, day=date(2026, 1, 6)),
            )
    with pytest.raises(InUse, match="2 appointments"):
        clinic.store.write(SYSTEM, holidays.add, date(2026, 1, 6), "Foundation Day")
    day, done = clinic.store.write(
        SYSTEM, holidays.add, date(2026, 1, 6), "Foundation Day", Affected.MOVE
    )
    assert {one.moved_to.starts_at.date() for one in done if one.moved_to} == {date(2026, 1, 7)}
    with pytest.raises(Duplicate):
        clinic.store.write(SYSTEM, holidays.add, date(2026, 1, 6), "Again")
    clinic.store.write(SYSTEM, holidays.delete, day.id)
    assert clinic.store.read(SYSTEM, holidays.list_holidays) == []


def test_leave_over_weeks_of_a_full_doctor_shows_and_keeps_each_appointment(clinic: Clinic) -> None:
    first = clinic.at(9, day=date(2026, 1, 12))
    moments = [
        first + timedelta(days=day, minutes=15 * slot)
        for day in range(21)
        if (first + timedelta(days=day)).weekday() < 6
        for slot in range(32)
    ][:520]
    same = {
        "patient_id": clinic.patients[0],
        "doctor_id": clinic.doctors[0],
        "department_id": 1,
        "status": "booked",
    }
    with clinic.store.transaction(SYSTEM) as tx:
        values = table_of(Appointment).insert().values(**same, **tx.stamps())
        spans = [{"starts_at": at, "ends_at": at + timedelta(minutes=15)} for at in moments]
        tx.session.execute(values, spans)
    span = (first, first + timedelta(days=21))
    with pytest.raises(InUse, match="520 appointments") as refusal:
        clinic.store.write(SYSTEM, leave.add, clinic.doctors[0], *span)
    shown = [one["starts_at"] for one in refusal.value.details["appointments"]]
    assert shown == [at.isoformat() for at in moments]
    with counted(clinic.store) as sent:
        _, done = clinic.store.write(SYSTEM, leave.add, clinic.doctors[0], *span, "", Affected.KEEP)
    assert [one.outcome for one in done] == ["kept"] * 520
    assert len(sent) < 40, "as many statements as for one appointment"


def test_the_same_leave_is_not_entered_twice(clinic: Clinic) -> None:
    span = (clinic.at(9), clinic.at(17))
    made, _ = clinic.store.write(SYSTEM, leave.add, clinic.doctors[0], *span, "ill")
    for reason in ("ill", "conference"):
        with pytest.raises(Duplicate, match="just that time already"):
            clinic.store.write(SYSTEM, leave.add, clinic.doctors[0], *span, reason)
    clinic.store.write(SYSTEM, leave.update, made.id, starts_at=span[0], reason="ill at home")
    clinic.store.write(SYSTEM, leave.add, clinic.doctors[1], *span)
    later, _ = clinic.store.write(SYSTEM, leave.add, clinic.doctors[0], span[0], clinic.at(18))
    with pytest.raises(Duplicate):
        clinic.store.write(SYSTEM, leave.update, later.id, ends_at=span[1])
    clinic.store.write(SYSTEM, leave.delete, made.id)
    clinic.store.write(SYSTEM, leave.add, clinic.doctors[0], *span)


def test_times_out_of_order_are_refused(clinic: Clinic) -> None:
    with pytest.raises(Invalid):
        clinic.store.write(SYSTEM, leave.add, clinic.doctors[0], clinic.at(11), clinic.at(9))


def test_a_refused_try_to_move_leaves_nothing_in_the_audit_trail(clinic: Clinic) -> None:
    """The patient is busy with the other doctor at the first time that is offered."""
    book(clinic, 12, doctor=1)
    book(clinic, 9)
    clinic.store.write(
        SYSTEM, leave.add, clinic.doctors[0], clinic.at(9), clinic.at(12), "", Affected.MOVE
    )
    entries = clinic.store.read(SYSTEM, audit.list_entries).items
    assert [one.action for one in entries].count("appointment.reschedule") == 1


def test_a_countrys_holidays_come_once_and_leave_those_there_alone(clinic: Clinic) -> None:
    clinic.store.write(SYSTEM, holidays.add, date(2026, 1, 26), "Our own day")
    added, _ = clinic.store.write(SYSTEM, holidays.add_year, "in", 2026)
    assert (date(2026, 10, 2), "Mahatma Gandhi's Jayanti") in [(h.date, h.name) for h in added]
    listed = clinic.store.read(SYSTEM, holidays.list_holidays)
    assert len(listed) == len(added) + 1
    assert listed[0].name == "Our own day"
    assert clinic.store.write(SYSTEM, holidays.add_year, "IN", 2026) == ([], [])


def test_a_countrys_holidays_over_appointments_are_chosen_about_together(clinic: Clinic) -> None:
    republic_day, may_day = date(2026, 1, 26), date(2026, 5, 1)
    under = [book_at(clinic, day) for day in (republic_day, may_day)]
    with pytest.raises(InUse) as refused:
        clinic.store.write(SYSTEM, holidays.add_year, "IN", 2026, subdivision="MH")
    assert [one["id"] for one in refused.value.details["appointments"]] == [u.id for u in under]
    assert clinic.store.read(SYSTEM, holidays.list_holidays) == []

    added, done = clinic.store.write(
        SYSTEM, holidays.add_year, "IN", 2026, subdivision="MH", affected=Affected.MOVE
    )
    off = {one.date for one in added}
    assert {republic_day, may_day} <= off
    assert [one.outcome for one in done] == ["moved", "moved"]
    assert not off & {one.moved_to.starts_at.date() for one in done if one.moved_to}


@pytest.mark.parametrize(
    ("words", "field", "said"),
    [
        (("XX", 2026), "country", "no country XX"),
        (("IN", 1200), "year", "from 2001"),
        (("IN", 2026, "MX"), "subdivision", "MH"),
    ],
)
def test_a_country_that_is_none_is_told(
    clinic: Clinic, words: tuple[str, int, str], field: str, said: str
) -> None:
    country, year, *more = words
    with pytest.raises(Invalid) as refused:
        clinic.store.write(
            SYSTEM, holidays.add_year, country, year, subdivision=more[0] if more else ""
        )
    assert said in refused.value.fields[field]
