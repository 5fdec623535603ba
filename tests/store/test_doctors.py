"""Doctors and their working hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store import accounts, appointments, doctors, schedule, signing_in
from store.actors import system
from store.errors import (
    BadCredentials,
    Duplicate,
    Forbidden,
    InUse,
    Invalid,
    NotFound,
    SessionEnded,
)
from store.front_door import Store
from store.values import (
    Affected,
    AppointmentStatus,
    AppointmentView,
    DoctorView,
    HoursSession,
    Role,
)
from tests import hostile
from tests.hospital import (
    MONDAY_MORNING,
    actor_of,
    admin,
    department,
    doctor,
    patient,
    reception,
    signed_in,
    weekly,
)

MORNING = weekly("09:00-13:00/15", days=[0])


def book(store: Store, nair: DoctorView, when: datetime) -> AppointmentView:
    return store.write(
        system(),
        appointments.book,
        patient_id=patient(store).id,
        doctor_id=nair.id,
        starts_at=when,
    )


def spans(store: Store, doctor_id: int) -> list[tuple[int, int, int, int]]:
    return [
        (one.weekday, one.start_minute, one.end_minute, one.slot_minutes)
        for one in (view.session for view in store.read(system(), schedule.hours_of, doctor_id))
    ]


class TestDoctors:
    def test_creation_makes_the_account(self, store: Store) -> None:
        nair = doctor(store, "Asha Nair", qualification="MBBS, MD", fee=50_000, email="N@x.org")
        signed = signed_in(store, "dr.nair").actor
        assert (signed.role, signed.doctor_id, signed.name) == (Role.DOCTOR, nair.id, "Asha Nair")
        assert (nair.username, nair.department, nair.email, nair.fee, nair.active) == (
            "dr.nair",
            "General Medicine",
            "n@x.org",
            50_000,
            True,
        )
        assert store.read(signed, accounts.whoami).doctor_id == nair.id

    def test_nothing_is_made_of_a_refused_doctor(self, store: Store) -> None:
        doctor(store, "Asha Nair", external_id="p-1")
        with pytest.raises(Duplicate) as refusal:
            doctor(store, "Other Nair", username="DR.Nair")
        assert list(refusal.value.details["fields"]) == ["username"]
        with pytest.raises(Duplicate) as refusal:
            doctor(store, "Other", username="dr.other", external_id="p-1")
        assert list(refusal.value.details["fields"]) == ["external_id"]
        with pytest.raises(NotFound):
            store.read(system(), accounts.get, "dr.other")

    def test_queue_codes_are_never_given_twice(self, store: Store) -> None:
        codes = [doctor(store, f"Doctor No{number}").queue_code for number in range(28)]
        assert codes[:3] == ["A", "B", "C"]
        assert codes[25:] == ["Z", "AA", "AB"]

    @given(st.integers(1, 5000))
    def test_queue_codes_are_letters(self, number: int) -> None:
        code = doctors.queue_code(number)
        assert code.isupper()
        assert code.isascii()
        assert code not in {doctors.queue_code(other) for other in (number - 1, number + 1)}

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("", ["Asha Nair", "Kabir Bose", "Nalini Rao"]),
            ("na", ["Asha Nair", "Nalini Rao"]),
            ("asha NA", ["Asha Nair"]),
            ("card", ["Nalini Rao"]),
            ("dr.bo", ["Kabir Bose"]),
            ("%", []),
        ],
    )
    def test_lists_are_narrowed_by_beginnings(
        self, sqlite_store: Store, text: str, found: list[str]
    ) -> None:
        for name in ("Kabir Bose", "Asha Nair"):
            doctor(sqlite_store, name)
        doctor(sqlite_store, "Nalini Rao", department_name="Cardiology")
        page = sqlite_store.read(system(), doctors.list_doctors, text=text)
        assert [one.name for one in page.items] == found

    def test_lists_are_narrowed_by_department_and_activity(self, store: Store) -> None:
        bose, rao = doctor(store, "Kabir Bose"), doctor(store, "N Rao", department_name="Heart")
        heart = department(store, "Heart")
        page = store.read(system(), doctors.list_doctors, department_id=heart.id)
        assert [one.id for one in page.items] == [rao.id]
        store.write(system(), doctors.deactivate, bose.id)
        assert store.read(system(), doctors.list_doctors).total == 1
        page = store.read(system(), doctors.list_doctors, active=None, limit=1, offset=1)
        assert [one.id for one in page.items] == [rao.id]
        assert page.total == 2

    def test_doctors_change_themselves_but_not_where_they_belong(self, store: Store) -> None:
        nair, bose = doctor(store, "Asha Nair"), doctor(store, "Kabir Bose")
        heart = department(store, "Heart")
        actor = actor_of(store, nair)
        seen = store.write(
            actor, doctors.update, nair.id, bio="Speaks Malayalam.\nRuns.", fee=60_000, version=1
        )
        assert (seen.bio, seen.fee, seen.version) == ("Speaks Malayalam.\nRuns.", 60_000, 2)
        with pytest.raises(Forbidden):
            store.write(actor, doctors.update, nair.id, department_id=heart.id)
        with pytest.raises(Forbidden):
            store.write(actor, doctors.update, bose.id, bio="mine")
        with pytest.raises(Forbidden):
            store.write(actor, doctors.deactivate, bose.id)
        moved = store.write(system(), doctors.update, nair.id, department_id=heart.id, name="A N")
        assert (moved.department, moved.name) == ("Heart", "A N")

    def test_patients_do_not_see_how_to_reach_a_doctor(self, store: Store) -> None:
        nair = doctor(store, email="nair@example.org", phone="98450 11223")
        seen = store.read(actor_of(store, patient(store, username="meera")), doctors.get, nair.id)
        assert (seen.name, seen.email, seen.phone) == ("Asha Nair", None, None)
        desk = store.read(actor_of(store, reception(store)), doctors.get, "DR.NAIR")
        assert (desk.email, desk.phone) == ("nair@example.org", "+919845011223")

    def test_deactivating_ends_the_login_sessions(self, store: Store) -> None:
        nair = doctor(store)
        signed = signed_in(store, nair)
        assert not store.write(actor_of(store, admin(store)), doctors.deactivate, nair.id).active
        with pytest.raises(SessionEnded):
            store.read(signed.actor, doctors.list_doctors)
        with pytest.raises(SessionEnded):
            signing_in.resume(store, signed.token, "desk 1")
        with pytest.raises(BadCredentials):
            signed_in(store, nair)
        assert store.write(system(), doctors.activate, nair.id).active
        signed_in(store, nair)

    def test_deactivating_over_appointments_needs_a_choice(self, store: Store) -> None:
        nair = doctor(store, "Asha Nair")
        visit = book(store, nair, MONDAY_MORNING + timedelta(hours=2))
        with pytest.raises(InUse) as refusal:
            store.write(system(), doctors.deactivate, nair.id)
        assert [one["id"] for one in refusal.value.details["appointments"]] == [visit.id]
        assert store.read(system(), doctors.get, nair.id).active
        bose = doctor(store, "Kabir Bose")
        store.write(system(), doctors.deactivate, nair.id, Affected.MOVE)
        old = store.read(system(), appointments.get, visit.id)
        assert old.status is AppointmentStatus.RESCHEDULED
        assert old.successor_id is not None
        new = store.read(system(), appointments.get, old.successor_id)
        assert (new.doctor_id, new.status) == (bose.id, AppointmentStatus.BOOKED)

    @pytest.mark.parametrize(
        "username", ["", "x", "x" * 65, "a b", "a@b", "../x", "१२३", "123", "a\n", "root\0", "é"]
    )
    def test_user_names_are_plain(self, sqlite_store: Store, username: str) -> None:
        room = department(sqlite_store)
        with pytest.raises(Invalid) as refusal:
            sqlite_store.write(
                system(), doctors.create, username=username, name="N", department_id=room.id
            )
        assert list(refusal.value.fields) == ["username"]

    @pytest.mark.parametrize("field", ["name", "qualification", "external_id"])
    def test_text_that_acts_is_refused(self, sqlite_store: Store, field: str) -> None:
        for value in hostile.REFUSED:
            fields: dict[str, Any] = {"name": "Asha Nair", field: value}
            with pytest.raises(Invalid) as refusal:
                doctor(sqlite_store, username="dr.nair", **fields)
            assert list(refusal.value.fields) == [field]

    def test_hostile_text_is_kept_as_it_is(self, store: Store) -> None:
        for number, value in enumerate(hostile.LITERAL):
            made = doctor(
                store, value, username=f"dr.{number}x", qualification=value, bio=value, hours=[]
            )
            assert (made.name, made.qualification, made.bio) == (value, value, value)

    @pytest.mark.parametrize("fee", [-1, 10**9])
    def test_fees_are_sensible(self, sqlite_store: Store, fee: int) -> None:
        with pytest.raises(Invalid):
            doctor(sqlite_store, fee=fee)


class TestHours:
    def test_several_sessions_a_day(self, store: Store) -> None:
        nair = doctor(store, hours=[])
        root = actor_of(store, admin(store))
        week = weekly("09:00-13:00/15", "17:00-20:00/20", days=[0, 2])
        store.write(root, schedule.replace_week, nair.id, week)
        assert spans(store, nair.id) == [
            (0, 540, 780, 15),
            (0, 1020, 1200, 20),
            (2, 540, 780, 15),
            (2, 1020, 1200, 20),
        ]
        after = store.write(root, schedule.set_day, nair.id, 2, weekly("10:00-11:00/30", days=[2]))
        assert [one.session.weekday for one in after] == [0, 0, 2]
        store.write(root, schedule.set_day, nair.id, 0, [])
        assert spans(store, nair.id) == [(2, 600, 660, 30)]
        assert store.write(root, schedule.clear, nair.id) == []

    def test_an_unchanged_session_stays_the_same_row(self, store: Store) -> None:
        nair = doctor(store, hours=weekly("09:00-13:00/15", days=[0, 1]))
        before = store.read(system(), schedule.hours_of, nair.id)
        store.write(system(), schedule.set_day, nair.id, 1, [])
        assert store.read(system(), schedule.hours_of, nair.id) == before[:1]

    @pytest.mark.parametrize(
        "session",
        [
            HoursSession(0, 540, 540, 15),
            HoursSession(0, 600, 540, 15),
            HoursSession(0, -1, 540, 15),
            HoursSession(0, 540, 1441, 15),
            HoursSession(0, 540, 780, 4),
            HoursSession(0, 540, 780, 481),
            HoursSession(0, 540, 560, 30),
            HoursSession(7, 540, 780, 15),
            HoursSession(-1, 540, 780, 15),
            HoursSession(0, 540, 780, 15, date(2026, 2, 2), date(2026, 2, 1)),
        ],
    )
    def test_impossible_sessions_are_refused(
        self, sqlite_store: Store, session: HoursSession
    ) -> None:
        nair = doctor(sqlite_store, hours=MORNING)
        with pytest.raises(Invalid):
            sqlite_store.write(system(), schedule.replace_week, nair.id, [session])
        assert len(spans(sqlite_store, nair.id)) == 1

    @pytest.mark.parametrize(
        ("one", "other", "clash"),
        [
            (HoursSession(0, 540, 780, 15), HoursSession(0, 720, 900, 15), True),
            (HoursSession(0, 540, 780, 15), HoursSession(0, 540, 780, 15), True),
            (HoursSession(0, 540, 780, 15), HoursSession(0, 780, 900, 15), False),
            (HoursSession(0, 540, 780, 15), HoursSession(1, 540, 780, 15), False),
            (
                HoursSession(0, 540, 780, 15, None, date(2026, 3, 31)),
                HoursSession(0, 540, 780, 20, date(2026, 4, 1)),
                False,
            ),
            (
                HoursSession(0, 540, 780, 15, None, date(2026, 4, 1)),
                HoursSession(0, 540, 780, 20, date(2026, 4, 1)),
                True,
            ),
        ],
    )
    def test_sessions_of_one_time_do_not_overlap(
        self, sqlite_store: Store, one: HoursSession, other: HoursSession, clash: bool
    ) -> None:
        nair = doctor(sqlite_store, hours=[])
        if clash:
            with pytest.raises(Invalid, match="overlaps"):
                sqlite_store.write(system(), schedule.replace_week, nair.id, [one, other])
        else:
            sqlite_store.write(system(), schedule.replace_week, nair.id, [other, one])
            assert len(spans(sqlite_store, nair.id)) == 2

    @given(
        st.lists(
            st.builds(
                HoursSession,
                weekday=st.integers(0, 1),
                start_minute=st.integers(0, 300),
                end_minute=st.integers(300, 600),
                slot_minutes=st.integers(5, 60),
            ),
            max_size=4,
        )
    )
    def test_what_is_accepted_never_overlaps(self, sessions: Sequence[HoursSession]) -> None:
        try:
            schedule.require_sound(sessions)
        except Invalid:
            return
        taken = [
            (one.weekday, minute)
            for one in sessions
            for minute in range(one.start_minute, one.end_minute)
        ]
        assert len(taken) == len(set(taken))

    def test_a_session_of_another_day_is_refused(self, sqlite_store: Store) -> None:
        nair = doctor(sqlite_store, hours=[])
        with pytest.raises(Invalid):
            sqlite_store.write(system(), schedule.set_day, nair.id, 1, MORNING)

    def test_shorter_hours_over_appointments_need_a_choice(self, store: Store) -> None:
        nair = doctor(store, hours=weekly("09:00-13:00/15", "17:00-20:00/15", days=[0, 1]))
        kept = book(store, nair, MONDAY_MORNING + timedelta(hours=1))
        hit = book(store, nair, MONDAY_MORNING + timedelta(hours=8))
        shorter = weekly("09:00-13:00/15", days=[0])
        with pytest.raises(InUse) as refusal:
            store.write(system(), schedule.set_day, nair.id, 0, shorter)
        assert [one["id"] for one in refusal.value.details["appointments"]] == [hit.id]
        assert len(spans(store, nair.id)) == 4
        store.write(system(), schedule.set_day, nair.id, 0, shorter, Affected.MOVE)
        moved = store.read(system(), appointments.get, hit.id)
        assert moved.status is AppointmentStatus.RESCHEDULED
        stays = store.read(system(), appointments.get, kept.id)
        assert stays.status is AppointmentStatus.BOOKED

    def test_clearing_can_cancel_or_keep_what_is_booked(self, store: Store) -> None:
        nair = doctor(store)
        first = book(store, nair, MONDAY_MORNING + timedelta(hours=1))
        with pytest.raises(InUse):
            store.write(system(), schedule.clear, nair.id)
        store.write(system(), schedule.clear, nair.id, Affected.KEEP)
        assert store.read(system(), appointments.get, first.id).status == "booked"
        # It is outside of the hours already, so no later change of hours leaves it outside.
        store.write(system(), schedule.replace_week, nair.id, weekly("14:00-15:00/15"))
        store.write(system(), schedule.replace_week, nair.id, weekly("09:00-17:00/15"))
        store.write(system(), schedule.clear, nair.id, Affected.CANCEL)
        assert store.read(system(), appointments.get, first.id).status == "cancelled"

    def test_a_period_that_ends_leaves_later_appointments_outside(self, store: Store) -> None:
        nair = doctor(store)
        visit = book(store, nair, MONDAY_MORNING + timedelta(days=7, hours=1))
        ending = [
            HoursSession(0, 540, 1020, 15, valid_to=date(2026, 1, 11)),
            *weekly("09:00-17:00/15", days=range(1, 6)),
        ]
        with pytest.raises(InUse) as refusal:
            store.write(system(), schedule.replace_week, nair.id, ending)
        assert [one["id"] for one in refusal.value.details["appointments"]] == [visit.id]

    def test_only_administrators_change_hours(self, store: Store) -> None:
        nair = doctor(store)
        for actor in (actor_of(store, nair), actor_of(store, reception(store))):
            with pytest.raises(Forbidden):
                store.write(actor, schedule.set_day, nair.id, 0, MORNING)
            with pytest.raises(Forbidden):
                store.write(actor, schedule.replace_week, nair.id, MORNING)
            with pytest.raises(Forbidden):
                store.write(actor, schedule.clear, nair.id)

    def test_hours_of_nobody(self, store: Store) -> None:
        for doctor_id in (0, 99, 2**40):
            with pytest.raises(NotFound):
                store.read(system(), schedule.hours_of, doctor_id)
