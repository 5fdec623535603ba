"""The audit trail in the administrator's app: is it whole, and who saw a patient."""

from __future__ import annotations

from msgspec.structs import replace

from screens.admin.audit import AuditScreen
from screens.admin.audit_dialogs import VerifyDialog
from store import anchors, audit
from tests.ui.clinic import Clinic, press, settle, words
from tests.ui.test_admin_lists import fill, open_tab


async def test_the_trail_is_verified_alone_and_against_an_anchor(clinic: Clinic) -> None:
    kept = clinic.do(audit.anchor)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, AuditScreen)
        await press(pilot, "A")
        assert f"Entries {kept.entries + 2}" in words(pilot)
        await press(pilot, "escape", "v")
        assert "entries are as they were written." in words(pilot)
        fill(pilot, anchors=anchors.written(kept))
        await press(pilot, "ctrl+s")
        assert "as they were written, and the anchor holds." in words(pilot)
        fill(pilot, anchors=anchors.written(replace(kept, hash="0" * 64)))
        await press(pilot, "ctrl+s")
        assert f"! Audit entry {kept.entries} is not the one that stood there" in words(pilot)
        fill(pilot, anchors="no anchor")
        await press(pilot, "ctrl+s")
        assert "Give what was kept of the trail" in words(pilot)


async def test_an_anchor_that_is_given_during_the_first_look_is_compared_too(
    clinic: Clinic,
) -> None:
    kept = clinic.do(audit.anchor)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, AuditScreen)
        await pilot.press("v")
        dialog = pilot.app.screen
        assert isinstance(dialog, VerifyDialog)
        dialog.ask([kept])  # before the first look can have ended
        await settle(pilot)
        assert "as they were written, and the anchor holds." in words(pilot)


async def test_who_saw_a_patient(clinic: Clinic) -> None:
    asha = clinic.patients[0]
    clinic.check_in(clinic.book(0, clinic.nair, "10:30"))
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, AuditScreen)
        await press(pilot, "w")
        fill(pilot, patient=asha.mrn[:-1] + "x", **{"from": "soon"})
        await press(pilot, "ctrl+s")
        assert pilot.app.screen.query_one("#error-from").has_class("-shown")
        fill(pilot, **{"from": "today"})
        await press(pilot, "ctrl+s")
        assert "There is no such patient" in words(pilot)
        fill(pilot, patient=asha.mrn)
        await press(pilot, "ctrl+s")
        assert f"Who saw {asha.mrn} Asha Rao" in words(pilot)
        await press(pilot, "G", "enter")
        assert "appointment.check-in" in words(pilot)
        await press(pilot, "escape")
        fill(pilot, to="yesterday", **{"from": "-30d"})
        await press(pilot, "ctrl+s")
        assert "Nobody, in these days." in words(pilot)
