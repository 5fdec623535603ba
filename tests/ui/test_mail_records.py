"""A patient asks for the own records by e-mail."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from screens.patient.mail_records import MailRecordsDialog, masked
from screens.patient.records import RecordsScreen
from store import dispatch, outbox, patient_file, patients
from store.actors import system
from store.values import MailKind, OutboxView, PatientView
from tests.ui.clinic import Clinic, settle, sign_in, words
from tests.ui.own_patient import asha

__all__ = ["asha"]

SMALL = (80, 24)


def mails(clinic: Clinic) -> list[OutboxView]:
    page = clinic.store.read(system(), outbox.list_messages, kind=MailKind.RECORDS)
    return list(page.items)


async def press(pilot: Pilot[Any], *keys: str) -> None:
    await pilot.press(*keys)
    await settle(pilot)


async def test_without_an_address_it_says_what_to_do(clinic: Clinic, asha: PatientView) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, "asha")
        await press(pilot, "3", "s", "enter")
        assert "You have no e-mail address here yet. Give one under your account (f4)" in words(
            pilot
        )
        assert mails(clinic) == []
        clinic.do(patients.update, asha.id, {"email": "asha.verma@example.org"})
        await settle(pilot)
        assert "Send your records to a…@example.org?" in words(pilot)


async def test_two_keys_send_them_and_the_next_time_it_says_what_became_of_it(
    clinic: Clinic, asha: PatientView
) -> None:
    clinic.do(patients.update, asha.id, {"email": "asha.verma@example.org"})
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, "asha")
        await press(pilot, "3", "s")
        assert "asha.verma" not in words(pilot)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, RecordsScreen)
        own = clinic.do(patient_file.last_asked, asha.id)
        assert own is not None
        told = f"On their way to a…@example.org. The archive opens with {own.password};"
        assert told in words(pilot)
        (mail,) = mails(clinic)
        assert mail.to == "asha.verma@example.org"
        await press(pilot, "s")
        assert "Asked for on 5 Jan, 08:00: waiting to be sent." in words(pilot)
        assert f"Its archive opens with {own.password}" in words(pilot)
        (held,) = clinic.do(dispatch.claim, worker="w")
        clinic.do(dispatch.mark_sent, held, recipient=mail.to)
        await settle(pilot)
        assert "sent on 5 Jan, 08:00." in words(pilot)
        await press(pilot, "a", "ctrl+s")
        assert len(mails(clinic)) == 2
        await press(pilot, "s", "f2")
        await press(pilot, "s", "f2")
        assert isinstance(pilot.app.screen, MailRecordsDialog)
        assert "3 times within a day; ask again tomorrow." in words(pilot)


@pytest.mark.parametrize(
    ("email", "shown"), [("asha@example.org", "a…@example.org"), ("x@y.in", "x…@y.in")]
)
def test_an_address_is_told_to_its_owner_alone(email: str, shown: str) -> None:
    assert masked(email) == shown
