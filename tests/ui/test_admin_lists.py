"""The administrator's departments, doctors and holidays: listing, entering, changing, ending."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.admin.audit import AuditScreen
from screens.admin.backups import BackupsScreen
from screens.admin.departments import DepartmentsScreen
from screens.admin.doctors import DoctorsScreen
from screens.admin.holidays import HolidaysScreen
from screens.admin.lists import ListScreen
from screens.admin.mail import MailScreen
from screens.shared.affected import AffectedDialog
from screens.shared.words import fee_text, parse_fee
from store import departments, doctors, holidays, signing_in
from store.actors import system
from store.errors import Invalid
from store.values import AppointmentStatus, DepartmentView, DoctorView, HolidayView, SessionKind
from tests.ui.clinic import OPENING, PASSWORD, Clinic, press, settle, sign_in, words
from tests.ui.hostile import MARKUP
from widgets.form import Form

SIZES = [(80, 24), (120, 40)]
TABS = {
    AuditScreen: "Audit",
    BackupsScreen: "Backups",
    DepartmentsScreen: "Departments",
    DoctorsScreen: "Doctors",
    HolidaysScreen: "Holidays",
    MailScreen: "Mail",
}


async def open_tab(pilot: Pilot[Any], kind: type[ListScreen[Any]]) -> Any:
    """Sign in as the administrator and go to a tab by its name."""
    await sign_in(pilot, "root")
    await press(pilot, "0", *TABS[kind], "enter")
    assert isinstance(pilot.app.screen, kind)
    return pilot.app.screen


def fill(pilot: Pilot[Any], **values: str) -> None:
    """Put values into the form that is open."""
    form = pilot.app.screen.query_one(Form)
    for name, value in values.items():
        form.set_value(name, value)


def wards(clinic: Clinic) -> dict[str, DepartmentView]:
    page = clinic.store.read(system(), departments.list_departments, active=None)
    return {ward.name: ward for ward in page.items}


def doctor(clinic: Clinic, username: str) -> DoctorView:
    found: DoctorView = clinic.store.read(system(), doctors.get, username)
    return found


def all_holidays(clinic: Clinic) -> list[HolidayView]:
    return clinic.store.read(system(), holidays.list_holidays)


# Departments


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_a_department_is_entered_with_keys_alone(
    clinic: Clinic, size: tuple[int, int]
) -> None:
    async with clinic.app().run_test(size=size) as pilot:
        await open_tab(pilot, DepartmentsScreen)
        await pilot.press("n")
        await settle(pilot)
        await pilot.press(*"Dermatology", "enter", *"Skin", "ctrl+s")
        await settle(pilot)
        assert wards(clinic)["Dermatology"].description == "Skin"
        assert "Dermatology is saved." in words(pilot)
        assert pilot.app.screen.selected.name == "Dermatology"  # type: ignore[attr-defined]


async def test_a_name_taken_is_told_beside_the_field_and_nothing_typed_is_lost(
    clinic: Clinic,
) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, DepartmentsScreen)
        await press(pilot, "n", "ctrl+s")
        assert "Name is needed." in words(pilot)
        fill(pilot, name="cardiology", description="again")
        await press(pilot, "ctrl+s")
        assert pilot.app.screen.query_one("#error-name").has_class("-shown")
        assert "There is a department of that name already." in words(pilot)
        assert pilot.app.screen.query_one(Form).values() == {
            "name": "cardiology",
            "description": "again",
        }
        fill(pilot, name="a\x1b[2Jb")
        await press(pilot, "ctrl+s")
        assert "control or hidden character" in words(pilot)
        assert len(wards(clinic)) == 2


async def test_a_department_is_changed_unless_somebody_was_faster(clinic: Clinic) -> None:
    ward = wards(clinic)["Cardiology"]
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, DepartmentsScreen)
        await press(pilot, "e")
        fill(pilot, name="Heart centre")
        await press(pilot, "ctrl+s")
        assert wards(clinic)["Heart centre"].id == ward.id
        await press(pilot, "e")
        fill(pilot, description="mine")
        clinic.do(departments.update, ward.id, description="theirs")
        await press(pilot, "ctrl+s")
        assert wards(clinic)["Heart centre"].description == "theirs"
        assert pilot.app.screen.query_one(Form).value("description") == "mine"


async def test_a_department_with_doctors_stays_and_the_reason_is_shown(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=(80, 24), notifications=True) as pilot:
        await open_tab(pilot, DepartmentsScreen)
        for key in ("x", "delete"):
            await press(pilot, key, "y")
            assert "1 doctor belongs to Cardiology (Dr Anita Nair)" in words(pilot)
            assert wards(clinic)["Cardiology"].active
            pilot.app.clear_notifications()


async def test_a_department_goes_out_of_use_and_comes_back_and_is_deleted(
    clinic: Clinic,
) -> None:
    clinic.do(departments.create, name="Allergy")
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, DepartmentsScreen)
        await press(pilot, "g", "x", "n")
        assert wards(clinic)["Allergy"].active
        await press(pilot, "x", "y")
        assert not wards(clinic)["Allergy"].active
        assert "Departments · 2" in words(pilot)
        await press(pilot, "a", "g")
        assert "⊘ inactive" in words(pilot)
        await press(pilot, "x")
        assert wards(clinic)["Allergy"].active
        await press(pilot, "delete", "enter")
        assert "Allergy" in wards(clinic)
        await press(pilot, "delete", "y")
        assert "Allergy" not in wards(clinic)


async def test_a_list_is_narrowed_as_one_types(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        screen = await open_tab(pilot, DepartmentsScreen)
        await press(pilot, "slash", "p")
        assert "Departments · 1 " in words(pilot)
        assert screen.selected.name == "Paediatrics"
        await press(pilot, "x", "y")
        assert "Nothing fits that." in words(pilot)
        await press(pilot, "escape")
        assert "Departments · 2" in words(pilot)
        await press(pilot, "slash", "c", "enter", "enter")
        assert "Dr Anita Nair" in words(pilot)


# Doctors


async def test_a_doctor_is_entered_and_can_sign_in(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, DoctorsScreen)
        await press(pilot, "n")
        await pilot.press(*"dr.iyer", "enter", *"Dr Lakshmi Iyer", "enter", *"card", "enter")
        fill(pilot, fee="499.50", email="iyer@example.org", phone="98450 11223", bio="Tamil")
        fill(pilot, password=PASSWORD, again=PASSWORD, qualification="MBBS")
        await press(pilot, "ctrl+s")
        made = doctor(clinic, "dr.iyer")
        assert (made.name, made.department, made.fee) == ("Dr Lakshmi Iyer", "Cardiology", 49950)
        assert (made.phone, made.bio) == ("+919845011223", "Tamil")
        assert "Dr Lakshmi Iyer is saved." in words(pilot)
    signed = signing_in.sign_in(
        clinic.store, "dr.iyer", PASSWORD, kind=SessionKind.APP, terminal="t"
    )
    assert signed.actor.doctor_id == made.id


async def test_everything_wrong_with_a_new_doctor_is_beside_its_field(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, DoctorsScreen)
        await press(pilot, "n")
        fill(pilot, username="dr.x", name="Dr X", department="zzz", fee="lots")
        fill(pilot, password="one", again="two")
        await press(pilot, "ctrl+s")
        form = pilot.app.screen.query_one(Form)

        def told() -> set[str]:
            return {
                name for name in form.fields if form.query_one(f"#error-{name}").has_class("-shown")
            }

        assert told() == {"department", "fee", "again"}
        assert "There are: Cardiology, Paediatrics." in words(pilot)
        fill(pilot, department="paed", fee="", password="", again="", username="dr.nair")
        await press(pilot, "ctrl+s")
        assert told() == {"username"}
        fill(pilot, username="dr.x", email="nonsense")
        await press(pilot, "ctrl+s")
        assert told() == {"email"}
        fill(pilot, email="", password="12345678", again="12345678")
        await press(pilot, "ctrl+s")
        assert told() == {"password"}
        fill(pilot, password="", again="")
        await press(pilot, "ctrl+s")
        assert doctor(clinic, "dr.x").department == "Paediatrics"


async def test_a_doctor_is_changed(clinic: Clinic) -> None:
    clinic.do(doctors.update, clinic.nair.id, phone="98450 11223", fee=50000)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, DoctorsScreen)
        await press(pilot, "e")
        fill(pilot, name="Dr Anita Menon", department="paediatrics", phone="", fee="")
        await press(pilot, "ctrl+s")
        assert "write 0 for none" in words(pilot)
        fill(pilot, fee="0")
        await press(pilot, "ctrl+s")
        changed = doctor(clinic, "dr.nair")
        assert (changed.name, changed.department) == ("Dr Anita Menon", "Paediatrics")
        assert (changed.phone, changed.fee) == (None, 0)


@pytest.mark.parametrize(
    ("letter", "status"),
    [
        ("k", AppointmentStatus.BOOKED),
        ("c", AppointmentStatus.CANCELLED),
        ("m", AppointmentStatus.RESCHEDULED),
    ],
)
async def test_deactivating_a_doctor_shows_the_appointments_first(
    clinic: Clinic, letter: str, status: AppointmentStatus
) -> None:
    clinic.do(doctors.update, clinic.bose.id, department_id=clinic.nair.department_id)
    view = clinic.book(0, clinic.nair, "10:30", 2)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, DoctorsScreen)
        await press(pilot, "x", "y")
        assert isinstance(pilot.app.screen, AffectedDialog)
        assert "Wed 07 Jan 10:30 Asha Rao" in words(pilot)
        await press(pilot, "escape")
        assert doctor(clinic, "dr.nair").active
        await press(pilot, "x", "y", "enter")
        assert "Choose with" in words(pilot)
        await press(pilot, letter, "enter")
        assert not doctor(clinic, "dr.nair").active
        assert clinic.find(view).status is status
        assert "Dr Anita Nair is deactivated." in words(pilot)
        await press(pilot, "a", "g", "x")
        assert doctor(clinic, "dr.nair").active


async def test_undo_is_for_the_doctor_who_has_just_left_the_list(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        screen = await open_tab(pilot, DoctorsScreen)
        await press(pilot, "g", "x", "y")
        assert not doctor(clinic, "dr.nair").active
        assert screen.table.selected is None
        await press(pilot, "x")
        assert "That one is no longer in the list" in words(pilot)
        await press(pilot, "u")
        assert doctor(clinic, "dr.nair").active
        assert screen.selected.name == "Dr Anita Nair"


async def test_a_doctor_goes_to_another_department_and_back(clinic: Clinic) -> None:
    view = clinic.book(0, clinic.nair, "10:30", 2)
    ward = doctor(clinic, "dr.nair").department
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, DoctorsScreen)
        await press(pilot, "e")
        fill(pilot, department="Paed", registration="KMC 48213")
        await press(pilot, "ctrl+s")
        assert isinstance(pilot.app.screen, AffectedDialog)
        assert "Wed 07 Jan 10:30 Asha Rao" in words(pilot)
        await press(pilot, "escape")
        assert doctor(clinic, "dr.nair").department == ward
        await press(pilot, "ctrl+s", "c", "enter")
        moved = doctor(clinic, "dr.nair")
        assert (moved.department, moved.registration) == ("Paediatrics", "KMC 48213")
        assert clinic.find(view).status is AppointmentStatus.CANCELLED
        await press(pilot, "u")
        assert doctor(clinic, "dr.nair").department == ward
        assert clinic.find(view).status is AppointmentStatus.BOOKED


async def test_who_does_not_stand_again_is_told_with_the_reason(clinic: Clinic) -> None:
    clinic.book(0, clinic.nair, "10:30", 2)
    clinic.book(1, clinic.nair, "10:45", 2)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, DoctorsScreen)
        await press(pilot, "g", "x", "y", "c", "enter")
        clinic.book(0, clinic.bose, "10:30", 2)
        await press(pilot, "u")
        assert doctor(clinic, "dr.nair").active
        assert "1 of 2 refused" in words(pilot)
        assert "Wed 07 Jan 10:30 Asha Rao The patient" in words(pilot)
        await press(pilot, "enter")
        assert "1 appointment stands again. 1 could not." in words(pilot)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_doctors_of_one_department(clinic: Clinic, size: tuple[int, int]) -> None:
    async with clinic.app().run_test(size=size) as pilot:
        screen = await open_tab(pilot, DoctorsScreen)
        await press(pilot, "d", "p", "enter")
        assert "Doctors · 1 · Paediatrics" in words(pilot)
        assert screen.selected.name == "Dr Tarun Bose"
        await press(pilot, "d", "a", "enter")
        assert "Doctors · 2" in words(pilot)
        await press(pilot, "enter")
        assert "Mon 09:00–13:00/15 17:00–20:00/15" in words(pilot)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_hostile_names_and_texts_are_shown_and_do_nothing(
    clinic: Clinic, size: tuple[int, int]
) -> None:
    for number, text in enumerate(MARKUP):
        ward = clinic.do(departments.create, name=f"{text} {number}", description=text)
        made = clinic.do(
            doctors.create,
            username=f"dr.{number}.x",
            name=f"{text} {number}",
            department_id=ward.id,
            qualification=text,
            bio=text,
        )
        clinic.do(holidays.add, OPENING.date() + timedelta(days=30 + number), f"{text} x")
        if number % 5 == 0:
            clinic.do(doctors.deactivate, made.id)
    async with clinic.app().run_test(size=size) as pilot:
        await open_tab(pilot, DepartmentsScreen)
        for tab in ("depart", "hol", "doc"):
            await press(pilot, "0", *tab, "enter", "a")
            for _ in range(len(MARKUP) // 2):
                await press(pilot, "enter", "escape", "down", "down")
        await press(pilot, "d", "escape", "e", "tab", "left_square_bracket")
        assert pilot.app.is_running


# Holidays


async def test_a_holiday_over_appointments_moves_them(clinic: Clinic) -> None:
    view = clinic.book(0, clinic.nair, "10:30", 2)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, HolidaysScreen)
        assert "No holiday to come." in words(pilot)
        await press(pilot, "n")
        await pilot.press(*"wed", "enter", *"Founder's day", "enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, AffectedDialog)
        await press(pilot, "m", "enter")
        (holiday,) = all_holidays(clinic)
        assert (holiday.date, holiday.name) == (date(2026, 1, 7), "Founder's day")
        assert clinic.find(view).status is AppointmentStatus.RESCHEDULED
        assert "Founder's day on 07 Jan 2026 is saved. Appointments: 1 moved." in words(pilot)
        await press(pilot, "u")
        assert "Founder's day is taken back. 1 appointment stands again." in words(pilot)
    assert all_holidays(clinic) == []
    assert clinic.find(view).status is AppointmentStatus.BOOKED


async def test_a_day_that_cannot_be_a_holiday_is_told_beside_the_day(clinic: Clinic) -> None:
    clinic.do(holidays.add, date(2026, 1, 26), "Republic Day")
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, HolidaysScreen)
        await press(pilot, "n")
        fill(pilot, date="someday", name="X day")
        await press(pilot, "ctrl+s")
        assert "“someday” is not a day" in words(pilot)
        fill(pilot, date="26 jan")
        await press(pilot, "ctrl+s")
        assert "26 Jan 2026 is a holiday already (Republic Day)." in words(pilot)
        assert pilot.app.screen.query_one("#error-date").has_class("-shown")
        assert len(all_holidays(clinic)) == 1


async def test_a_holiday_is_removed_and_the_past_is_shown_on_demand(clinic: Clinic) -> None:
    clinic.do(holidays.add, date(2026, 1, 26), "Republic Day")
    clinic.do(holidays.add, date(2026, 1, 1), "New Year")
    async with clinic.app().run_test(size=(120, 40)) as pilot:
        await open_tab(pilot, HolidaysScreen)
        assert "in 21 days" in words(pilot)
        await press(pilot, "a")
        assert "New Year" in words(pilot)
        assert "over" in words(pilot)
        await press(pilot, "a", "x", "n")
        assert len(all_holidays(clinic)) == 2
        await press(pilot, "x", "y")
        assert [one.name for one in all_holidays(clinic)] == ["New Year"]


async def test_a_countrys_holidays_are_looked_at_and_then_entered(clinic: Clinic) -> None:
    clinic.do(holidays.add, date(2026, 5, 1), "Our own day")
    view = clinic.book(0, clinic.nair, "10:30", (date(2026, 1, 26) - OPENING.date()).days)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, HolidaysScreen)
        await press(pilot, "i")
        await pilot.press(*"in", "enter", *"mh", "enter", *("backspace",) * 4, *"2026", "enter")
        await settle(pilot)
        assert "Mon 26 Jan 2026 Republic Day · ! 1 booked" in words(pilot)
        await press(pilot, "n")
        assert pilot.app.screen.query_one(Form).value("country") == "in"
        assert len(all_holidays(clinic)) == 1
        await press(pilot, "ctrl+s", "y", "escape")
        assert len(all_holidays(clinic)) == 1
        await press(pilot, "ctrl+s", "y", "c", "enter")
        entered = {one.date: one.name for one in all_holidays(clinic)}
        assert entered[date(2026, 5, 1)] == "Our own day"
        assert date(2026, 10, 2) in entered
        assert clinic.find(view).status is AppointmentStatus.CANCELLED
        assert f"{len(entered) - 1} holidays saved. Appointments: 1 cancelled." in words(pilot)


async def test_what_is_no_country_or_year_is_told_beside_it(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, HolidaysScreen)
        await press(pilot, "i")
        wrong = {
            "year": {"country": "in", "year": "next"},
            "country": {"country": "[b]", "year": "2026"},
            "subdivision": {"country": "in", "subdivision": "mx"},
        }
        for field, values in wrong.items():
            fill(pilot, **values)
            await press(pilot, "ctrl+s")
            assert pilot.app.screen.query_one(f"#error-{field}").has_class("-shown")
        fill(pilot, subdivision="")
        await press(pilot, "ctrl+s", "y", "i")
        fill(pilot, country="in", year="2026")
        await press(pilot, "ctrl+s")
        assert "All public holidays of 2026 are in the list already." in words(pilot)


@pytest.mark.parametrize(
    ("typed", "hundredths"),
    [("", None), ("0", 0), ("500", 50000), ("₹1,200", 120000), ("499.5", 49950), (" 7 ", 700)],
)
def test_fees_are_read(typed: str, hundredths: int | None) -> None:
    assert parse_fee(typed) == hundredths
    if hundredths:
        assert parse_fee(fee_text(hundredths)) == hundredths


@pytest.mark.parametrize("typed", ["-1", "1.234", "five", "nan", "inf", "1e400", "[/"])
def test_other_fees_are_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        parse_fee(typed)
