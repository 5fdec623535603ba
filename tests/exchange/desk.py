"""A desk that writes files and brings them in, with a hospital small enough to count."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from store import appointments
from store.actors import system
from store.errors import ImportRejected
from store.exchange.csv_import import import_file
from store.exchange.report import ImportReport
from store.front_door import Store
from store.tables import table_of
from store.values import Actor, Role

ADMIN = Actor(Role.ADMIN, "Root", "tty1@desk-2", username="root")
BOTH = "external_id,name\nd1,Cardiology\nd2,Eye clinic\n"
DOCTORS = "external_id,name,department\np1,Dr José Núñez77,d1\np2,Asha Nair,Eye clinic\n"
PATIENTS = (
    "external_id,first_name,last_name,birth_date,sex,phone,address\n"
    'x1,Meera4,Rao,1991-04-03,F,98450 11223,"12 Hill Road, Pune"\n'
    "x2,अर्जुन,दास,1980,m,,\n"
)


class Desk:
    """Writes files and brings them in."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.folder = store, folder

    def file(self, text: str, name: str = "file.csv") -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def bring(self, kind: str, text: str, **options: Any) -> ImportReport:
        return import_file(self.store, ADMIN, kind, self.file(text), **options)

    def refused(self, kind: str, text: str, **options: Any) -> dict[int, str]:
        """Line to reason, of an import that is refused."""
        with pytest.raises(ImportRejected) as rejected:
            self.bring(kind, text, **options)
        return {row["line"]: row["reason"] for row in rejected.value.details["rows"]}

    def people(self) -> None:
        """Two departments, two doctors, two patients."""
        self.bring("departments", BOTH)
        self.bring("doctors", DOCTORS)
        self.bring("patients", PATIENTS)

    def everything(self) -> list[Any]:
        """All appointments, as they leave the store."""
        return list(self.store.read(ADMIN, appointments.list_appointments).items)

    def count(self, table: Any) -> int:
        with self.store.reading(system()) as tx:
            return len(tx.session.execute(table_of(table).select()).all())


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.added, report.unchanged, report.updated, report.refused


def visits(*rows: str) -> str:
    """The text of a file of appointments."""
    heading = "external_id,patient,doctor,starts_at,ends_at,minutes,status,note"
    return "\n".join((heading, *rows)) + "\n"
