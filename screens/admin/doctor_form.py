"""Entering a doctor with the account to sign in with, or changing one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.app import ComposeResult
from textual.suggester import SuggestFromList
from textual.widgets import Input

from screens.base import acting
from screens.context import ScreenContext
from screens.shared.affected import MayHitAppointments
from screens.shared.dialogs import FormDialog
from screens.shared.patient_fields import language_field
from screens.shared.words import fee_text, parse_fee
from store import doctors, passwords
from store.errors import Invalid
from store.text import begins, search_key
from store.values import Affected, DepartmentView, DoctorView
from widgets.form import Field, Form
from widgets.plain import one_line

_MOST_BIO = 4000
_SHOWN_NAMES = 6


class DoctorForm(FormDialog[DoctorView], MayHitAppointments):
    """A doctor's particulars; the first password, typed twice, only for a new one. Where the doctor
    goes to another department, what becomes of the appointments is asked."""

    TITLE_TEXT = "New doctor"

    def __init__(
        self,
        context: ScreenContext,
        wards: Sequence[DepartmentView],
        doctor: DoctorView | None = None,
        ward: DepartmentView | None = None,
    ) -> None:
        """`wards` are those to choose from, `ward` is the one that a new doctor begins with."""
        super().__init__(context, title="Change the doctor" if doctor else "")
        self.wards = wards
        self.doctor = doctor
        self.fields = _fields(doctor, ward)

    def body(self) -> ComposeResult:
        """The form."""
        yield Form(self.fields)

    def on_mount(self) -> None:
        """Complete the department's name as it is typed."""
        field = self.query_one(Form).widget("department")
        assert isinstance(field, Input)
        names = [one_line(ward.name) for ward in self.wards]
        field.suggester = SuggestFromList(names, case_sensitive=False)

    def save(self, values: dict[str, str]) -> None:
        """Save what was typed."""
        refused: dict[str, str] = {}
        given: dict[str, Any] = {"department_id": self._department_id(values, refused)}
        try:
            given["fee"] = parse_fee(values["fee"])
        except Invalid as error:
            refused |= error.fields
        if self.doctor is not None and self.doctor.fee is not None and not values["fee"].strip():
            refused["fee"] = "A fee cannot become unknown again; write 0 for none."
        if values.get("password", "") != values.get("again", ""):
            refused["again"] = "The two passwords differ."
        if refused:
            self.query_one(Form).show_errors(refused)
            return
        texts = ("name", "qualification", "registration", "email", "phone", "language", "bio")
        given |= {name: values[name] for name in texts}
        if self.doctor is None:
            self.create(values["username"], values["password"], given)
        else:
            self.update(self.doctor, given)

    def _department_id(self, values: dict[str, str], refused: dict[str, str]) -> int:
        """The department of that name, or the only one that begins like it."""
        typed = search_key(values["department"])
        exact = [ward.id for ward in self.wards if search_key(ward.name) == typed]
        found = exact or [ward.id for ward in self.wards if begins(typed, ward.name)]
        if len(found) == 1:
            return found[0]
        names = ", ".join(one_line(ward.name) for ward in self.wards[:_SHOWN_NAMES])
        more = ", …" if len(self.wards) > _SHOWN_NAMES else ""
        what = "Several departments begin" if found else "No department begins"
        refused["department"] = f"{what} like that. There are: {names}{more}."
        return 0

    @acting
    async def create(self, username: str, password: str, given: dict[str, Any]) -> None:
        """Enter the doctor; hashing is slow on purpose, so it runs in the pool."""
        prepared = None
        if password:
            prepared = await self.call(
                passwords.prepare,
                password,
                self.context.store.rules,
                context=(username, given["name"], given["email"]),
            )
        self.dismiss(
            await self.write(
                doctors.create, username=username, password=prepared, temporary=True, **given
            )
        )

    def update(self, doctor: DoctorView, given: dict[str, Any]) -> None:
        """Change the doctor; an emptied field is cleared."""
        self.change(
            lambda tx, affected: doctors.update(
                tx, doctor.id, version=doctor.version, affected=affected, **given
            ),
            self._changed,
        )

    def _changed(self, doctor: DoctorView, _: Affected | None) -> None:
        self.dismiss(doctor)


def _fields(doctor: DoctorView | None, ward: DepartmentView | None) -> list[Field]:
    d = doctor
    department = d.department if d else ward.name if ward else ""
    fields = [
        Field("name", "Name", value=d.name if d else "", required=True, max_length=120),
        Field(
            "department",
            "Department",
            value=department,
            hint="its first letters; → completes",
            required=True,
            max_length=120,
        ),
        Field(
            "qualification", "Qualification", value=d.qualification if d else "", hint="MBBS, MD"
        ),
        Field(
            "registration",
            "Registration no.",
            value=d.registration if d else "",
            hint="the medical council's, for prescriptions",
            max_length=80,
        ),
        Field("email", "E-mail", value=(d.email or "") if d else "", max_length=254),
        Field("phone", "Phone", value=(d.phone or "") if d else "", max_length=40),
        language_field(d.language if d else ""),
        Field(
            "fee",
            "Fee in ₹",
            value=fee_text(d.fee) if d else "",
            hint="500 or 499.50",
            max_length=20,
        ),
        Field("bio", "About", kind="note", value=d.bio if d else "", max_length=_MOST_BIO),
    ]
    if d is not None:
        return fields
    username = Field(
        "username", "User name", hint="to sign in with: dr.nair", required=True, max_length=64
    )
    return [
        username,
        *fields,
        Field("password", "First password", kind="secret", hint="none: cannot sign in yet"),
        Field("again", "The same again", kind="secret"),
    ]
