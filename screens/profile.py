"""One's own particulars in one form: what an account has, and what patients and doctors have
beyond it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.app import ComposeResult

from screens.base import acting
from screens.context import ScreenContext
from screens.shared.dialogs import FormDialog
from screens.shared.patient_fields import language_field, patient_fields
from screens.shared.words import fee_text, parse_fee
from store import profiles
from store.errors import Invalid
from store.values import DoctorView, ProfileView
from widgets.form import Field, Form

_ACCOUNT = ("name", "phone", "email")
_PATIENT = (*_ACCOUNT, "address", "emergency_name", "emergency_phone", "language")


class ProfileDialog(FormDialog[str]):
    """Answers with a sentence when the particulars are saved. An emptied field is cleared."""

    TITLE_TEXT = "Your particulars"

    def __init__(self, context: ScreenContext, profile: ProfileView) -> None:
        super().__init__(context)
        self.profile = profile
        self.fields = _fields(profile)

    def body(self) -> ComposeResult:
        """The form."""
        yield Form(self.fields)

    def save(self, values: dict[str, str]) -> None:
        """Save what was typed."""
        more: dict[str, Any] = {
            field.name: values[field.name] for field in self.fields if field.name not in _ACCOUNT
        }
        if "fee" in more:
            try:
                more["fee"] = parse_fee(values["fee"])
            except Invalid as error:
                self.refused(error)
                return
            doctor = self.profile.doctor
            if more["fee"] is None and doctor is not None and doctor.fee is not None:
                again = "A fee cannot become unknown again; write 0 for none."
                self.refused(Invalid.field("fee", again))
                return
        self.change(values, more)

    @acting
    async def change(self, values: dict[str, str], more: dict[str, Any]) -> None:
        """Change what differs."""
        await self.write(
            profiles.update,
            name=values["name"],
            phone=values["phone"].strip() or None,
            email=values["email"].strip() or None,
            particulars=more,
        )
        self.dismiss("Your particulars are saved.")


def _fields(profile: ProfileView) -> Sequence[Field]:
    if profile.patient is not None:
        return [field for field in patient_fields(profile.patient) if field.name in _PATIENT]
    account = profile.account
    fields = [
        Field("name", "Name", value=account.name, required=True, max_length=120),
        Field("phone", "Phone", value=account.phone or "", max_length=40),
        Field("email", "E-mail", value=account.email or "", max_length=254),
        language_field(account.language),
    ]
    return fields if profile.doctor is None else [*fields, *doctor_fields(profile.doctor)]


def doctor_fields(doctor: DoctorView) -> list[Field]:
    """What doctors tell of themselves."""
    return [
        Field("qualification", "Qualification", value=doctor.qualification, hint="MBBS, MD"),
        Field("fee", "Fee in ₹", value=fee_text(doctor.fee), hint="500 or 499.50", max_length=20),
        Field("bio", "About", kind="note", value=doctor.bio, max_length=4000),
    ]
