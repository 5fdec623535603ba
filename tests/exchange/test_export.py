"""What is exported is taken back, and no spreadsheet runs it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from store.errors import Forbidden, Invalid
from store.exchange.csv_export import KINDS, export
from store.exchange.csv_import import import_file
from store.front_door import Store
from store.values import Actor, Role
from tests.hospital import MakeStore, found

ADMIN = Actor(Role.ADMIN, "Root", "tty1@desk-2", username="root")
FILES = {
    "departments": 'external_id,name,description\nd1,=Cardiology,"-two\nlines"\n,Eye,\n',
    "doctors": (
        "external_id,username,name,department,registration,phone,language\n"
        "p1,,@Asha,d1,=KMC 1,9845011223,hi\n,rao,Rao,Eye,,,\n"
    ),
    "hours": (
        "doctor,day,from,to,slot_minutes,valid_from,valid_to\n"
        "p1,tue,09:00,12:00,15,2026-01-01,\nrao,sun,00:00,24:00,20,,\n"
    ),
    "patients": (
        "external_id,mrn,name,birth_date,sex,phone,email,address\n"
        'x1,,"+Meera ""M"" Rao",1991-04-03,f,9845011223,m@example.org,"1, Hill Road"\n'
        ",,अर्जुन,1980,,,,\n,OLD-1,Bose,34y,m,,,\n"
    ),
    "appointments": (
        "external_id,patient,doctor,starts_at,ends_at,status,note\n"
        "v1,x1,p1,2025-12-01T10:00:30Z,2025-12-01T10:15Z,completed,=1\n"
        ",OLD-1,p1,2025-12-01T10:05Z,2025-12-01T10:20Z,completed,\n"
        ",OLD-1,rao,2026-01-11T10:00,,,\n"
    ),
    "formulary": (
        "name,ingredients,classes,forms,strengths,synonyms,atc\n"
        "Amoxicillin,amoxicillin,penicillin,cap;susp,250 mg;500 mg,amox,J01CA04\n"
        "=House mixture,@peppermint,,,,-hm,\n"
    ),
    "holidays": "date,name\n2026-01-26,'Republic Day\n",
}


def written(store: Store, kind: str) -> str:
    stream = io.StringIO(newline="")
    count = export(store, ADMIN, kind, stream)
    assert count == len(list(csv.reader(io.StringIO(stream.getvalue(), newline="")))) - 1
    return stream.getvalue()


def bring(store: Store, folder: Path, kind: str, text: str) -> tuple[int, int]:
    path = folder / f"{kind}.csv"
    path.write_text(text, encoding="utf-8", newline="")
    report = import_file(store, ADMIN, kind, path)
    return report.added, report.unchanged


def test_what_goes_out_comes_back(store: Store, make_store: MakeStore, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'other.db'}"
    found(url)
    other = make_store(url)
    for kind in KINDS:
        added, _ = bring(store, tmp_path, kind, FILES[kind])
        text = written(store, kind)
        assert bring(store, tmp_path, kind, text) == (0, added)
        assert bring(other, tmp_path, kind, text) == (added, 0)
        assert written(other, kind) == text


def test_no_cell_is_a_formula(sqlite_store: Store, tmp_path: Path) -> None:
    for kind in KINDS:
        bring(sqlite_store, tmp_path, kind, FILES[kind])
        rows = list(csv.reader(io.StringIO(written(sqlite_store, kind), newline="")))
        for cell in (cell for row in rows[1:] for cell in row):
            assert cell[:1] not in {"=", "-", "@", "\t"}
            assert not cell.startswith("+") or cell == "+919845011223"


def test_who_may_export(sqlite_store: Store) -> None:
    for role in (Role.RECEPTION, Role.DOCTOR, Role.PATIENT):
        stream = io.StringIO()
        with pytest.raises(Forbidden):
            export(sqlite_store, Actor(role, "x", "tty1"), "patients", stream)
        assert stream.getvalue() == ""
    with pytest.raises(Invalid):
        export(sqlite_store, ADMIN, "passwords", io.StringIO())
