"""What the rows of a file call things by, found once and remembered for the unit of work."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, select

from store.batches import one_of_many
from store.errors import Invalid
from store.patient_rows import clean_mrn
from store.references import name_key, plausible_id
from store.tables import Account, Department, Doctor, Patient, table_of
from store.text import ascii_digits
from store.transaction import Transaction

_DEPARTMENT, _DOCTOR = table_of(Department), table_of(Doctor)
_ACCOUNT, _PATIENT = table_of(Account), table_of(Patient)
_PERSON = select(_PATIENT.c.id, _PATIENT.c.external_id, _PATIENT.c.merged_into_id)


@dataclass
class Named:
    """Departments, doctors and patients by the names that a file gives them.

    The external id goes first: it is the file's own name for a thing.
    """

    tx: Transaction
    _known: dict[tuple[str, str], int] = field(default_factory=dict)

    def again(self, tx: Transaction) -> Named:
        """For the next unit of work of an import. Who is a patient is asked anew: they come in
        and are merged while it goes on."""
        known = {name: found for name, found in self._known.items() if name[0] != "patient"}
        return Named(tx, known)

    def department(self, text: str) -> int:
        """A department by external id, name or id.

        Raises:
            Invalid: there is none.
        """
        return self._find(
            "department",
            text,
            lambda: (
                self._one(_DEPARTMENT.c.id, _DEPARTMENT.c.external_id == text)
                or self._one(_DEPARTMENT.c.id, _DEPARTMENT.c.name_key == name_key(text))
                or self._one(_DEPARTMENT.c.id, _DEPARTMENT.c.id == _number(text))
            ),
        )

    def doctor(self, text: str) -> int:
        """A doctor by external id, user name or id.

        Raises:
            Invalid: there is none.
        """
        return self._find(
            "doctor",
            text,
            lambda: (
                self._one(_DOCTOR.c.id, _DOCTOR.c.external_id == text)
                or self._one(
                    _DOCTOR.c.id,
                    _DOCTOR.c.account_id == _ACCOUNT.c.id,
                    _ACCOUNT.c.username == name_key(text),
                )
                or self._one(_DOCTOR.c.id, _DOCTOR.c.id == _number(text))
            ),
        )

    def patient(self, text: str) -> int:
        """A patient by external id or MRN; of a merged one, the patient it was merged into.

        Raises:
            Invalid: there is none.
        """
        return self._find(
            "patient",
            text,
            lambda: self._survivor(
                (_PATIENT.c.external_id == text) | (_PATIENT.c.mrn == _mrn(text)), text
            ),
        )

    def look_up_patients(self, texts: Iterable[str]) -> None:
        """Find many patients at once, so that `patient` knows them; those who are not found, or
        were merged, it looks for itself."""
        wanted = {
            text: _mrn(text)
            for text in texts
            if ("patient", text) not in self._known and name_key(text)
        }
        if not wanted:
            return
        by_external = one_of_many(self.tx.dialect, _PATIENT.c.external_id, wanted)
        by_mrn = one_of_many(self.tx.dialect, _PATIENT.c.mrn, wanted.values())
        mrns: dict[str, int] = {}
        for row in self.tx.session.execute(
            select(*_PERSON.selected_columns, _PATIENT.c.mrn).where(by_external | by_mrn)
        ):
            if row.merged_into_id is None:
                mrns[row.mrn] = row.id
                if row.external_id in wanted:
                    self._known["patient", row.external_id] = row.id
            else:
                # Somebody whom the file names so: an MRN that looks the same comes behind.
                wanted.pop(row.external_id, None)
        for text, mrn in wanted.items():
            found = mrns.get(mrn)
            if found is not None:
                self._known.setdefault(("patient", text), found)

    def _find(self, what: str, text: str, search: Callable[[], int | None]) -> int:
        if not text:
            raise Invalid.field(what, f"Give the {what}.")
        known = self._known.get((what, text))
        if known is None:
            # What the database could not even be asked for (NUL, lone surrogates) has no name key.
            known = search() if name_key(text) else None
            if known is None:
                raise Invalid.field(
                    what, f"There is no {what} “{text[:60]}”. Import the {what}s first."
                )
            self._known[what, text] = known
        return known

    def _one(self, column: ColumnElement[int], *conditions: ColumnElement[bool]) -> int | None:
        return self.tx.session.execute(select(column).where(*conditions).limit(1)).scalar()

    def _survivor(self, named: ColumnElement[bool], text: str) -> int | None:
        rows = self.tx.session.execute(_PERSON.where(named)).all()
        if not rows:
            return None
        # An MRN may look like another patient's external id; the file's own names go first.
        found = next((row for row in rows if row.external_id == text), rows[0])
        while found.merged_into_id is not None:
            wanted = _PATIENT.c.id == found.merged_into_id
            found = self.tx.session.execute(_PERSON.where(wanted)).one()
        return int(found.id)


def _mrn(text: str) -> str:
    """The patient number as it is kept; what cannot be one is looked for as it stands."""
    try:
        return clean_mrn(text)
    except Invalid:
        return text


def _number(text: str) -> int:
    digits = ascii_digits(text)
    return plausible_id(int(digits)) if digits.isascii() and digits.isdigit() else 0
