"""The catalogue of hostile CSV files, case by case, each brought in as patients."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from store import patients
from store.errors import InUse, Invalid
from store.exchange import csv_export, csv_file
from store.exchange.csv_import import import_file
from store.exchange.report import ImportReport
from store.exchange.turn import only_import
from store.tables import Patient
from store.values import PatientView
from tests.exchange.desk import ADMIN, Desk, counts


def bring(desk: Desk, content: bytes) -> ImportReport:
    path = desk.folder / "patients.csv"
    path.write_bytes(content)
    return import_file(desk.store, ADMIN, "patients", path)


def refused(desk: Desk, content: bytes) -> str:
    """What is said of a file that is refused whole; nothing of it is here."""
    with pytest.raises(Invalid) as refusal:
        bring(desk, content)
    assert desk.count(Patient) == 0
    return refusal.value.message


def people(desk: Desk) -> list[PatientView]:
    return list(desk.store.read(ADMIN, patients.list_patients).items)


def test_c1_a_byte_order_mark_is_no_part_of_the_first_column(quick: Desk) -> None:
    assert bring(quick, b"\xef\xbb\xbfname,phone\nRao,\n").added == 1
    assert people(quick)[0].name == "Rao"


def test_c2_headings_that_could_be_misread(quick: Desk) -> None:
    assert "two columns named name" in refused(quick, b"name,name\nRao,Das\n")
    assert "no column name" in refused(quick, b"Meera Rao,1990\nArjun Das,1980\n")
    for content, name in ((b"name;sex\nRao;f\n", "semicolons"), (b"name\tsex\nRao\tf\n", "tabs")):
        assert name in refused(quick, content)
    rows = quick.refused("patients", "name,sex\nRao\nDas,m,more\n")
    assert list(rows) == [2, 3]
    assert bring(quick, b"name,shoe size\nRao,42\n").warnings == ("Columns not used: shoe size.",)


def test_c3_quotes_that_are_not_closed_where_they_should_be(quick: Desk) -> None:
    assert "never closed" in refused(quick, b'name,sex\nRao,f\n"Das,m\nBose,f\n')
    assert "closed before its end" in refused(quick, b'name,sex\n"Rao"x,f\n')


def test_c4_line_ends_in_cells_and_between_rows(quick: Desk) -> None:
    rows = quick.refused("patients", 'name,address\nRao,\n\n\n"Me\nera",x\nDas,"a\nb"\n"\x07",\n')
    assert list(rows) == [5, 9]
    assert bring(quick, b'name,address\r\nRao,"12\r\nLake Road"\r\n').added == 1
    assert people(quick)[0].address == "12, Lake Road"


def test_c5_what_is_no_utf_8(quick: Desk) -> None:
    assert "Byte 7 of the file is NUL" in refused(quick, b"name\nRa\0o\n")
    assert "Byte 8 of the file is not UTF-8" in refused(quick, "name\nJosé\n".encode("latin-1"))
    assert "UTF-16" in refused(quick, "name\nRao\n".encode("utf-16"))
    mixed = "name\nJosé\n".encode() + "Núñez\n".encode("latin-1")
    assert "not UTF-8" in refused(quick, mixed)


def test_c6_a_cell_longer_than_any(quick: Desk) -> None:
    assert "longer than 131,072" in refused(quick, b"name\n" + b"x" * 140_000 + b"\n")
    rows = quick.refused("patients", "name\n" + "x" * 100_000 + "\n")
    assert "fit" in rows[2]


def test_c7_a_file_larger_than_any(quick: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory, turns and speed of a long one are measured in `bench/importing.py`."""
    monkeypatch.setattr(csv_file, "LARGEST_FILE", 1 << 20)
    assert "Split it" in refused(quick, b"name\n" + b"Rao\n" * (1 << 18))


def test_c8_formulas_are_kept_as_they_are_and_go_out_disarmed(quick: Desk) -> None:
    names = ["=cmd|'/C calc'!A0", "+1+1", "-2+3", "@SUM(1)"]
    lines = "".join(f'"{name}",98450 11223\n' for name in names)
    bring(quick, f"name,phone\n{lines}".encode())
    assert [one.name for one in people(quick)] == names
    out = io.StringIO()
    csv_export.export(quick.store, ADMIN, "patients", out)
    cells = [line.split(",")[2] for line in out.getvalue().splitlines()[1:]]
    assert cells == [f"'{name}" for name in names]
    assert ",+919845011223," in out.getvalue()
    before = people(quick)
    assert counts(bring(quick, out.getvalue().encode())) == (0, 4, 0, 0)
    assert people(quick) == before


def test_c9_what_is_no_regular_file(quick: Desk, tmp_path: Path) -> None:
    there = tmp_path / "people.csv"
    there.write_text("name\nRao\n")
    link, pipe = tmp_path / "link.csv", tmp_path / "pipe.csv"
    link.symlink_to(there)
    os.mkfifo(pipe)
    for place in (link, pipe, tmp_path, Path("/dev/zero"), tmp_path / "none", Path("a\0b")):
        with pytest.raises(Invalid):
            import_file(quick.store, ADMIN, "patients", place)

    def grow(_done: int, _rows: int) -> None:
        with there.open("a") as stream:
            stream.write("Das\n")

    with pytest.raises(Invalid, match="changed while it was read"):
        import_file(quick.store, ADMIN, "patients", there, progress=grow)


def test_c10_twice_the_same_and_two_at_once(quick: Desk) -> None:
    content = b"external_id,name,birth_date\nx1,Meera Rao,1990-05-04\nx1,Meera Rao,1990-05-04\n"
    report = bring(quick, content)
    assert counts(report) == (1, 1, 0, 0)
    assert report.warnings == ("Line 3 repeats line 2; it was taken once.",)
    assert counts(bring(quick, content)) == (0, 2, 0, 0)
    again = bring(quick, content.replace(b"x1", b"x2"))
    assert (again.added, again.likely_duplicates) == (1, 1)
    with only_import(quick.store.database), pytest.raises(InUse, match="Another import"):
        bring(quick, content)


def test_c11_columns_that_nobody_may_write(quick: Desk) -> None:
    report = bring(
        quick, b"name,id,role,password,is_active,account_id,merged_into_id\nRao,77,admin,x,0,1,1\n"
    )
    assert "id, role, password, is_active, account_id, merged_into_id" in report.warnings[0]
    made = people(quick)[0]
    assert (made.id, made.active, made.username) == (1, True, None)
