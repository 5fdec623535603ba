"""The administrator's patients, users and leave, by keys alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from store import accounts, appointments, leave, outbox, patients, sessions, signing_in
from store.actors import system
from store.errors import BadCredentials
from store.listing import pages
from store.values import (
    AccountView,
    AppointmentStatus,
    MailKind,
    PatientInput,
    PatientView,
    Role,
    SessionKind,
)
from tests.ui.clinic import OPENING, PASSWORD, Clinic, press, settle, sign_in, words
from tests.ui.hostile import MARKUP
from tests.ui.test_admin_lists import fill
from widgets.filter_line import FilterLine


async def open_named(pilot: Pilot[Any], name: str) -> Any:
    """Sign in as the administrator and go to a tab by its name, as one does who has many."""
    await sign_in(pilot, "root")
    await press(pilot, "0", *name, "enter")
    return pilot.app.screen


def patient(clinic: Clinic, ref: str | int) -> PatientView:
    found: PatientView = clinic.store.read(system(), patients.get, ref)
    return found


def account(clinic: Clinic, username: str) -> AccountView:
    found: AccountView = clinic.store.read(system(), accounts.get, username)
    return found


def trail(clinic: Clinic, text: str) -> list[str]:
    """What the administrator did, of the actions that begin so."""
    page = clinic.store.read(system(), pages.read, "audit", "actor:root")
    return [one.action for one in page.items.values() if one.action.startswith(text)]


async def test_a_patient_is_found_changed_and_taken_out_of_use(clinic: Clinic) -> None:
    asha = clinic.patients[0]
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_named(pilot, "pati")
        assert "Patients · 6" in words(pilot)
        await press(pilot, "slash", *"asha rao", "enter", "e")
        fill(pilot, phone="98450 99999")
        await press(pilot, "ctrl+s")
        assert patient(clinic, asha.id).phone == "+919845099999"
        await press(pilot, "x", "y")
        assert not patient(clinic, asha.id).active
        assert "Nothing fits that." in words(pilot)
        await press(pilot, "a", "x")
        assert patient(clinic, asha.id).active
        await press(pilot, "escape", "n")
        fill(pilot, name="Neha Gupta", birth_date="1990")
        await press(pilot, "ctrl+s")
        assert "Neha Gupta, " in words(pilot)


async def test_a_patients_history_is_read_and_noted(clinic: Clinic) -> None:
    clinic.do(patients.add_allergy, clinic.patients[0].id, "penicillin", reaction="rash")
    clinic.book(0, clinic.nair, "10:30", 2)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_named(pilot, "pati")
        await press(pilot, "slash", *"asha", "enter", "enter")
        assert "asha@example.org" in words(pilot)
        await press(pilot, "escape")
        assert trail(clinic, "allergy") == []
        await press(pilot, "o")
        assert "! penicillin" in words(pilot)
        assert "Appointments: 1" in words(pilot)
    assert trail(clinic, "allergy") == ["allergy.read"]


async def test_records_go_to_the_patients_own_address(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_named(pilot, "pati")
        await press(pilot, "slash", *"ashok", "enter", "m")
        assert "This patient has no e-mail address." in words(pilot)
        await press(pilot, "escape", "slash", *"asha rao", "enter", "m")
        assert "Send the records of Asha Rao to a…@example.org" in words(pilot)
        await press(pilot, "enter")
        assert "tell the patient, but not by e-mail" in words(pilot)
    owed = clinic.store.read(system(), outbox.list_messages).items
    assert [(one.kind.value, one.to) for one in owed] == [("records", "asha@example.org")]


async def test_an_account_is_made_and_its_first_password_is_changed_first(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_named(pilot, "user")
        await press(pilot, "n")
        fill(pilot, username="anita", name="Anita Das", password="one", again="two")
        await press(pilot, "ctrl+s")
        assert "The two passwords differ." in words(pilot)
        fill(pilot, password="a lantern by the river", again="a lantern by the river")
        await press(pilot, "ctrl+s")
        assert "anita is saved." in words(pilot)
        assert pilot.app.screen.selected.username == "anita"  # type: ignore[attr-defined]
        await press(pilot, "delete", "y")
        assert "anita is deleted." in words(pilot)
        await press(pilot, "n")
        fill(pilot, username="anita", name="Anita Das")
        fill(pilot, password="a lantern by the river", again="a lantern by the river")
        await press(pilot, "ctrl+s")
    assert account(clinic, "anita").role is Role.RECEPTION
    signed = signing_in.sign_in(
        clinic.store, "anita", "a lantern by the river", kind=SessionKind.APP, terminal="t"
    )
    assert signed.duty is not None


async def test_an_account_of_the_desk_is_changed_where_it_is_listed(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_named(pilot, "user")
        await press(pilot, "slash", *"meera", "enter", "e")
        fill(pilot, email="no address")
        await press(pilot, "tab", "tab", "tab", "h", "ctrl+s")
        assert "That is not an e-mail address" in words(pilot)
        fill(pilot, email="meera@example.org")
        await press(pilot, "ctrl+s")
        meera = account(clinic, "meera")
        assert (meera.email, meera.language) == ("meera@example.org", "hi")
        assert trail(clinic, "account.update") == ["account.update"]
        await press(pilot, "a", "slash", *["backspace"] * 5, *"nair", "enter", "e")
        assert "dr.nair is a doctor's: e in the list of doctors changes it." in words(pilot)


async def test_a_forgotten_password_gives_way_to_a_code_shown_once(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_named(pilot, "user")
        await press(pilot, "slash", *"meera", "enter", "p", "n")
        assert account(clinic, "meera").active
        await press(pilot, "p", "y")
        assert "it is not shown again." in words(pilot)
    with pytest.raises(BadCredentials):
        signing_in.sign_in(clinic.store, "meera", PASSWORD, kind=SessionKind.APP, terminal="t")


async def test_a_code_goes_by_mail_to_the_accounts_own_address(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=(80, 24), notifications=True) as pilot:
        await open_named(pilot, "user")
        await press(pilot, "slash", *"meera", "enter", "P")
        assert "meera has no e-mail address" in words(pilot)
        meera = account(clinic, "meera")
        clinic.do(accounts.update, meera.id, email="meera@example.org")
        await pilot.press("P")  # before the list has heard of it
        await settle(pilot)
        assert not trail(clinic, "account.reset-password")
        await press(pilot, "P")
        assert "a one-time code goes to meera@example.org." in words(pilot)
        await press(pilot, "n")
        assert not trail(clinic, "account.reset-password")
        await press(pilot, "P", "y")
        assert "A code for meera" in words(pilot)
    (mail,) = clinic.store.read(system(), outbox.list_messages).items
    assert (mail.kind, mail.to) == (MailKind.CODE, "meera@example.org")


@pytest.mark.parametrize("key", ["p", "P"])
async def test_the_own_password_is_not_reset_which_is_said_at_once(
    clinic: Clinic, key: str
) -> None:
    async with clinic.app().run_test(size=(80, 24), notifications=True) as pilot:
        screen = await open_named(pilot, "user")
        await press(pilot, "slash", *"root", "enter", key)
        assert pilot.app.screen is screen
        assert "This is your own account: change your password." in words(pilot)


async def test_sign_ins_are_ended_and_accounts_switched_off(clinic: Clinic) -> None:
    meera = account(clinic, "meera")
    for terminal in ("desk-1", "desk-2"):
        signing_in.sign_in(clinic.store, "meera", PASSWORD, kind=SessionKind.APP, terminal=terminal)
    async with clinic.app().run_test(size=(120, 40)) as pilot:
        await open_named(pilot, "user")
        await press(pilot, "slash", *"role:reception", "enter")
        assert "• desk-2" in words(pilot)
        await press(pilot, "i", "x")
        assert len(clinic.store.read(system(), sessions.list_sessions, meera.id)) == 1
        await press(pilot, "X", "escape", "x", "y")
        assert not account(clinic, "meera").active
        assert clinic.store.read(system(), sessions.list_sessions, meera.id) == []


async def test_leave_of_all_doctors(clinic: Clinic) -> None:
    away = OPENING.replace(hour=0) + timedelta(days=10)
    clinic.do(leave.add, clinic.nair.id, away, away + timedelta(days=3), "wedding")
    view = clinic.book(0, clinic.bose, "10:30", 5)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_named(pilot, "leave")
        assert "wedding" in words(pilot)
        for choice, status in (("c", AppointmentStatus.CANCELLED), ("k", AppointmentStatus.BOOKED)):
            await press(pilot, "n", *"bose", "enter")
            fill(pilot, starts_at="+5d", reason="exam")
            await press(pilot, "ctrl+s", choice, "enter")
            assert "Leave · 2" in words(pilot)
            assert clinic.find(view).status is status
            if choice == "c":
                await press(pilot, "u")
                assert "is undone. 1 appointment stands again." in words(pilot)
                assert clinic.find(view).status is AppointmentStatus.BOOKED
        await press(pilot, "slash", *"doctor:bose", "enter", "e")
        fill(pilot, reason="viva")
        await press(pilot, "ctrl+s", "x", "y")
        assert [one.reason for one in clinic.store.read(system(), leave.list_leave)] == ["wedding"]
        await press(pilot, "escape", "slash", *"state:taken", "enter")
        assert "taken back ·" in words(pilot)
        await press(pilot, "e")
        assert "That leave was taken back" in words(pilot)


async def test_hostile_people_and_filters_are_shown_and_do_nothing(clinic: Clinic) -> None:
    for number, text in enumerate(MARKUP[:8]):
        given = PatientInput(f"{text} x{number}", address=text)
        made = clinic.do(patients.register, given)
        view = clinic.do(
            appointments.book,
            patient_id=made.id,
            doctor_id=clinic.nair.id,
            starts_at=OPENING + timedelta(hours=1, minutes=15 * number),
            note=text,
        )
        clinic.do(appointments.cancel, view.id, reason=text)
    async with clinic.app().run_test(size=(120, 40)) as pilot:
        await open_named(pilot, "pati")
        for tab in ("appo", "pati"):
            await press(pilot, "0", *tab, "enter")
            for _ in range(8):
                await press(pilot, "enter", "escape", "down")
        await press(pilot, "slash")
        for text in MARKUP[:8]:
            pilot.app.screen.query_one(FilterLine).start(f"born:{text} {text}:x")
            await settle(pilot)
        assert pilot.app.is_running
