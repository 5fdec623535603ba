"""A doctor's working hours and leave, set by the administrator."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from screens.admin.doctors import DoctorsScreen
from screens.admin.hours import parse_sessions
from screens.shared.affected import AffectedDialog
from screens.shared.words import parse_minute, parse_span, parse_weekdays, span_words
from store import leave, schedule
from store.actors import system
from store.errors import Invalid
from store.values import AppointmentStatus, HoursSession, LeaveView
from tests.ui.clinic import OPENING, Clinic, press, settle, words
from tests.ui.test_admin_lists import fill, open_tab
from widgets.form import Form


def week(clinic: Clinic) -> list[HoursSession]:
    rows = clinic.store.read(system(), schedule.hours_of, clinic.nair.id)
    return [row.session for row in rows]


def away(clinic: Clinic) -> list[LeaveView]:
    return clinic.store.read(system(), leave.list_leave, doctor_id=clinic.nair.id)


# Hours


async def test_a_week_is_entered_in_one_form(clinic: Clinic) -> None:
    clinic.do(schedule.clear, clinic.nair.id)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, DoctorsScreen)
        await press(pilot, "w")
        assert "No working hours yet." in words(pilot)
        await press(pilot, "n")
        await pilot.press(*"mon-wed sat", "enter", *"9:00", "enter", *"1pm", "enter")
        fill(pilot, slot_minutes="20", valid_to="2026-03-31")
        await press(pilot, "ctrl+s")
        expected = HoursSession(0, 540, 780, 20, None, date(2026, 3, 31))
        assert week(clinic)[0] == expected
        assert [session.weekday for session in week(clinic)] == [0, 1, 2, 5]
        assert "12 × 20 min until 31 Mar 2026" in words(pilot)


async def test_hours_that_overlap_are_told_beside_where_they_begin(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, DoctorsScreen)
        await press(pilot, "w", "n")
        fill(pilot, weekday="tue", start="12:00", end="14:00")
        await press(pilot, "ctrl+s")
        assert "Tuesday 09:00-13:00 overlaps Tuesday 12:00-14:00" in words(pilot)
        assert pilot.app.screen.query_one("#error-start").has_class("-shown")
        assert pilot.app.screen.query_one(Form).value("end") == "14:00"
        assert len(week(clinic)) == 12


async def test_everything_unreadable_is_told_at_once(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, DoctorsScreen)
        await press(pilot, "w", "n")
        fill(pilot, weekday="[/", start="25:00", end="x", slot_minutes="²", valid_from="soon")
        await press(pilot, "ctrl+s")
        form = pilot.app.screen.query_one(Form)
        shown = {n for n in form.fields if form.query_one(f"#error-{n}").has_class("-shown")}
        assert shown == {"weekday", "start", "end", "slot_minutes", "valid_from"}


async def test_whom_hours_hit_is_told_while_typing_and_undone_as_one(clinic: Clinic) -> None:
    view = clinic.book(0, clinic.nair, "12:45", 1)
    before = week(clinic)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, DoctorsScreen)
        await press(pilot, "w", "j", "j", "enter")
        fill(pilot, end="12:00")
        await settle(pilot)
        assert "1 appointment is booked there." in words(pilot)
        fill(pilot, weekday="tue", end="18:00")
        await settle(pilot)
        assert "Tuesday 09:00-18:00 overlaps Tuesday" in words(pilot)
        fill(pilot, end="12:00")
        await press(pilot, "ctrl+s", "c", "enter")
        assert clinic.find(view).status is AppointmentStatus.CANCELLED
        await press(pilot, "u")
    assert clinic.find(view).status is AppointmentStatus.BOOKED
    assert week(clinic) == before


async def test_shorter_hours_show_whom_they_hit_and_cancel_them(clinic: Clinic) -> None:
    view = clinic.book(0, clinic.nair, "12:45", 1)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, DoctorsScreen)
        await press(pilot, "w", "j", "j", "enter")
        assert pilot.app.screen.query_one(Form).value("weekday") == "Tue"
        fill(pilot, end="12:00")
        await press(pilot, "ctrl+s")
        assert isinstance(pilot.app.screen, AffectedDialog)
        assert "Tue 06 Jan 12:45 Asha Rao" in words(pilot)
        await press(pilot, "c", "enter")
        assert clinic.find(view).status is AppointmentStatus.CANCELLED
        assert HoursSession(1, 540, 720, 15) in week(clinic)


async def test_the_hours_of_a_day_are_copied_to_other_days(clinic: Clinic) -> None:
    view = clinic.book(0, clinic.nair, "12:45", 1)
    morning = HoursSession(0, 540, 720, 20)
    clinic.do(schedule.set_day, clinic.nair.id, 0, [morning])
    before = week(clinic)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, DoctorsScreen)
        await press(pilot, "w", "c", *"mon", "ctrl+s")
        assert "Name another day than the one that is copied." in words(pilot)
        fill(pilot, weekday="tue-wed sun", own="add")
        await settle(pilot)
        assert "Tuesday 09:00-13:00 overlaps Tuesday 09:00-12:00" in words(pilot)
        await press(pilot, "ctrl+s")
        assert week(clinic) == before
        fill(pilot, own="replace")
        await settle(pilot)
        assert "1 appointment is booked there. Tue 06 Jan 12:45 Asha Rao" in words(pilot)
        await press(pilot, "ctrl+s", "k", "enter")
        assert [one for one in week(clinic) if one.weekday in (0, 1, 2, 6)] == [
            HoursSession(day, 540, 720, 20) for day in (0, 1, 2, 6)
        ]
        assert clinic.find(view).status is AppointmentStatus.BOOKED
        await press(pilot, "u")
    assert week(clinic) == before


async def test_every_appointment_that_is_hit_can_be_seen(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AffectedDialog, "ROWS", 2)
    hit = [clinic.book(n, clinic.nair, f"09:{n * 15:02}", 1) for n in range(4)]
    hit.append(clinic.book(4, clinic.nair, "10:00", 1))
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, DoctorsScreen)
        await press(pilot, "w", "j", "j", "x", "y", "c")
        assert "1–2 of 5: ↑ ↓ go on" in words(pilot)
        await press(pilot, "shift+tab", "j", "j")
        assert "Savitri Rao" in words(pilot)
        await press(pilot, "G", "G")
        assert "5–5 of 5" in words(pilot)
        assert "Meena Pillai" in words(pilot)
        await press(pilot, "k")
        assert "3–4 of 5" in words(pilot)
        await press(pilot, "/", *"rao ash", "enter")
        assert "2 of 5 shown, the choice is for all" in words(pilot)
        assert "‹cancel›" in words(pilot)
        await press(pilot, "escape")
        assert "1–2 of 5" in words(pilot)
        await press(pilot, "ctrl+s")
    assert {clinic.find(one).status for one in hit} == {AppointmentStatus.CANCELLED}


async def test_a_session_is_removed(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, DoctorsScreen)
        await press(pilot, "w", "G", "x", "n")
        assert len(week(clinic)) == 12
        await press(pilot, "x", "y")
        assert len(week(clinic)) == 11
        assert HoursSession(5, 1020, 1200, 15) not in week(clinic)


async def test_hours_changed_elsewhere_meanwhile_are_not_overwritten(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, DoctorsScreen)
        await press(pilot, "w", "e")
        clinic.do(schedule.set_day, clinic.nair.id, 0, [HoursSession(0, 600, 720, 15)])
        fill(pilot, end="12:00")
        await press(pilot, "ctrl+s")
        assert "Somebody changed these hours meanwhile." in words(pilot)
        assert HoursSession(0, 600, 720, 15) in week(clinic)


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("mon", [0]),
        ("mon-fri", [0, 1, 2, 3, 4]),
        ("sat–mon", [0, 5, 6]),
        ("tue, thu sat", [1, 3, 5]),
        ("Sunday", [6]),
    ],
)
def test_weekdays_are_read(typed: str, days: list[int]) -> None:
    assert parse_weekdays(typed) == days


@pytest.mark.parametrize("typed", ["", " , ", "day", "mon-", "-", "0"])
def test_other_weekdays_are_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        parse_weekdays(typed)


def test_a_session_may_last_until_midnight() -> None:
    assert parse_minute("24:00", "end") == 1440
    values = {"weekday": "mon", "start": "22:00", "end": "24:00", "slot_minutes": "30"}
    (session,) = parse_sessions(values | {"valid_from": "", "valid_to": ""}, date(2026, 1, 5))
    assert session == HoursSession(0, 1320, 1440, 30)


# Leave


async def test_leave_over_appointments_shows_them_and_moves_them(clinic: Clinic) -> None:
    view = clinic.book(0, clinic.nair, "10:30", 1)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, DoctorsScreen)
        await press(pilot, "v")
        assert "No leave to come." in words(pilot)
        await press(pilot, "n")
        await pilot.press(*"tomorrow", "enter", *"wed", "enter", *"wedding", "enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, AffectedDialog)
        await press(pilot, "m", "enter")
        (one,) = away(clinic)
        assert one.starts_at == OPENING.replace(hour=0) + timedelta(days=1)
        assert one.ends_at == OPENING.replace(hour=0) + timedelta(days=3)
        assert clinic.find(view).status is AppointmentStatus.RESCHEDULED
        assert "Tue 06 Jan 2026 – Wed 07 Jan 2026 wedding" in words(pilot)
        await press(pilot, "u")
    assert away(clinic) == []
    assert clinic.find(view).status is AppointmentStatus.BOOKED


async def test_leave_is_changed_and_taken_back(clinic: Clinic) -> None:
    start = OPENING + timedelta(days=1)
    clinic.do(leave.add, clinic.nair.id, start, start + timedelta(hours=4), "dentist")
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, DoctorsScreen)
        await press(pilot, "v", "e")
        fill(pilot, ends_at="tomorrow 09:30")
        await press(pilot, "ctrl+s")
        assert away(clinic)[0].ends_at == start.replace(hour=9, minute=30)
        await press(pilot, "x", "n")
        assert len(away(clinic)) == 1
        await press(pilot, "x", "y")
        assert away(clinic) == []


async def test_leave_that_cannot_be_is_told_beside_the_field(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, DoctorsScreen)
        await press(pilot, "v", "n")
        form = pilot.app.screen.query_one(Form)
        fill(pilot, starts_at="[/", ends_at="")
        await press(pilot, "ctrl+s")
        assert form.query_one("#error-starts_at").has_class("-shown")
        fill(pilot, starts_at="wed", ends_at="tomorrow")
        await press(pilot, "ctrl+s")
        assert form.query_one("#error-ends_at").has_class("-shown")
        assert "Leave must end after it starts." in words(pilot)
        assert away(clinic) == []


def test_days_of_leave_are_whole_also_where_clocks_change() -> None:
    zone = ZoneInfo("America/New_York")
    now = datetime(2026, 3, 5, 9, 0, tzinfo=zone)
    start, end = parse_span("2026-03-08", "", now)
    assert (end - start) == timedelta(hours=23)
    assert span_words(start.astimezone(zone), end.astimezone(zone)) == "Sun 08 Mar 2026"
    start, end = parse_span("2026-03-07 22:00", "2026-03-09", now)
    assert end.astimezone(zone) == datetime(2026, 3, 10, 0, 0, tzinfo=zone)
    with pytest.raises(Invalid):
        parse_span("2026-03-07 22:00", "", now)
