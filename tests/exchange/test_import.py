"""Bringing files in: all or nothing, twice is once, and by the hospital's own rules."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from store import departments, doctors, holidays, patients, schedule
from store.actors import system
from store.errors import Forbidden, ImportRejected, InUse, Invalid
from store.exchange.csv_import import import_file
from store.exchange.turn import only_import
from store.tables import AuditEntry, table_of
from store.values import Role, Sex
from tests.exchange.desk import ADMIN, BOTH, DOCTORS, PATIENTS, Desk, counts, visits


def test_a_hospital_comes_in_and_a_second_time_changes_nothing(desk: Desk) -> None:
    hours = "doctor,day,from,to,slot_minutes\np2,mon,09:00,13:00,15\np2,monday,17:00,24:00,30\n"
    days = "date,name\n2026-01-26,Republic Day\n"
    for kind, text in (
        ("departments", BOTH),
        ("doctors", DOCTORS),
        ("patients", PATIENTS),
        ("hours", hours),
        ("holidays", days),
    ):
        first = desk.bring(kind, text)
        assert counts(first) == (first.rows, 0, 0, 0)
        written = desk.count(AuditEntry)
        assert counts(desk.bring(kind, text)) == (0, first.rows, 0, 0)
        assert desk.count(AuditEntry) == written + 1  # that the file came in, and nothing else
    found = desk.store.read(ADMIN, doctors.list_doctors).items
    assert [(one.username, one.name, one.department) for one in found] == [
        ("asha.nair", "Asha Nair", "Eye clinic"),
        ("jose.nunez77", "Dr José Núñez77", "Cardiology"),
    ]
    people = desk.store.read(ADMIN, patients.list_patients).items
    assert {(one.name, one.sex, one.phone) for one in people} == {
        ("Meera4 Rao", Sex.FEMALE, "+919845011223"),
        ("अर्जुन दास", Sex.MALE, None),
    }
    week = desk.store.read(ADMIN, schedule.hours_of, found[0].id)
    assert [(one.session.start_minute, one.session.end_minute) for one in week] == [
        (540, 780),
        (1020, 1440),
    ]


def test_one_refused_row_and_nothing_stays(desk: Desk) -> None:
    rows = desk.refused(
        "patients",
        "external_id,name,birth_date\nx1,Rao,1991-04-03\nx2,,1990\nx3,Das,1991-02-30\nx4,Bose,\n",
    )
    assert list(rows) == [3, 4]
    assert desk.count(AuditEntry) == 0
    assert desk.store.read(ADMIN, patients.list_patients).total == 0


def test_a_dry_run_reports_and_changes_nothing(desk: Desk) -> None:
    report = desk.bring("departments", BOTH, dry_run=True)
    assert (report.added, report.dry_run) == (2, True)
    assert desk.store.read(ADMIN, departments.list_departments).total == 0
    assert desk.count(AuditEntry) == 0
    with pytest.raises(ImportRejected):
        desk.bring("departments", "name\nx\n[/\n \x1b,\n", dry_run=True)
    report = desk.bring("departments", "name\nx\n\x1b\n", dry_run=True, skip_invalid=True)
    assert (report.added, report.refused) == (1, 1)
    assert desk.store.read(ADMIN, departments.list_departments).total == 0


def test_the_good_rows_come_in_and_the_others_go_to_a_file(desk: Desk) -> None:
    rejects = desk.folder / "rejects.csv"
    text = 'name,description,other\nEye,"=1+1",x\n[/,,y\nEye\x07,"two\nlines",z\n,,w\n'
    report = desk.bring("departments", text, skip_invalid=True, rejects=rejects)
    assert (report.added, report.refused) == (1, 3)
    assert [row.line for row in report.rejected] == [3, 4, 6]
    with rejects.open(encoding="utf-8", newline="") as handle:
        kept = list(csv.reader(handle, strict=True))
    assert kept[0] == ["line", "reason", "name", "description", "other"]
    assert [(row[0], row[4]) for row in kept[1:]] == [("3", "y"), ("4", "z"), ("6", "w")]
    assert rejects.stat().st_mode & 0o077 == 0
    corrected = rejects.read_text(encoding="utf-8").replace("[/", "Skin").replace("\x07", " 2")
    again = desk.bring("departments", corrected.replace(",,w", "Heart,,w"), skip_invalid=True)
    assert (again.added, again.refused) == (3, 0)


def test_a_rejects_file_is_no_way_to_lose_the_file_itself(quick: Desk) -> None:
    path = quick.file(BOTH)
    other_name = quick.folder / ".." / quick.folder.name / "file.csv"
    for same in (path, other_name):
        with pytest.raises(Invalid):
            import_file(quick.store, ADMIN, "departments", path, rejects=same)
    assert path.read_text() == BOTH
    link = quick.folder / "link.csv"
    link.symlink_to(quick.folder / "elsewhere.csv")
    with pytest.raises(Invalid):
        import_file(quick.store, ADMIN, "departments", path, rejects=link)


def test_many_rows_come_in_batches_and_progress_is_told(quick: Desk) -> None:
    told: list[tuple[int, int]] = []
    text = "name\n" + "".join(f"Ward {number}\n" for number in range(1201)) + "[/\n"
    report = quick.bring(
        "departments", text, skip_invalid=True, progress=lambda *done: told.append(done)
    )
    assert (report.rows, report.added, report.refused) == (1202, 1201, 1)
    assert told == [(500, 1202), (1000, 1202), (1202, 1202)]


@pytest.mark.parametrize(
    ("mapping", "name", "description"),
    [
        ({"name": "Dept"}, "Eye", "own"),
        ({"name": "Dept", "description": "Town"}, "Eye", "Pune"),
        ({"name": "Dept+Town"}, "Eye Pune", "own"),
        ({"name": " Dept + Town ", "description": "Dept"}, "Eye Pune", "Eye"),
        ({"name": "DEPT"}, "Eye", "own"),
    ],
)
def test_columns_are_mapped(
    quick: Desk, mapping: Mapping[str, str], name: str, description: str
) -> None:
    quick.bring("departments", "Dept,Town,description\nEye,Pune,own\n", mapping=mapping)
    found = quick.store.read(ADMIN, departments.list_departments).items[0]
    assert (found.name, found.description) == (name, description)


@pytest.mark.parametrize(
    ("text", "mapping", "told"),
    [
        ("Dept\nEye\n", None, "no column name"),
        ("Dept\nEye\n", {"name": "Dep"}, "Do you mean Dept?"),
        ("name\nEye\n", {"nam": "name"}, "Do you mean name?"),
        ("name\nEye\n", {"is_active": "name"}, "no column of ours"),
        ("name\nEye\n", {"name": "name+Town"}, "no column of the file named Town"),
        ("name,name\nEye,x\n", None, "two columns"),
        ("name;x\nEye;x\n", None, "semicolons"),
    ],
)
def test_a_heading_that_is_not_understood(
    quick: Desk, text: str, mapping: dict[str, str] | None, told: str
) -> None:
    with pytest.raises(Invalid, match=told.replace("?", r"\?")):
        quick.bring("departments", text, mapping=mapping)


def test_columns_that_are_not_ours_are_told_and_never_written(quick: Desk) -> None:
    report = quick.bring(
        "doctors",
        "username,name,department,role,id,password,is_active\nrao,Rao,Eye,admin,1,secret,0\n",
        skip_invalid=True,
    )
    assert report.warnings == ("Columns not used: role, id, password, is_active.",)
    quick.bring("departments", "name\nEye\n")
    quick.bring("doctors", "username,name,department,role,id\nrao,Rao,Eye,admin,77\n")
    found = quick.store.read(ADMIN, doctors.get, "rao")
    assert (found.id, found.active) == (1, True)


def test_rows_of_another_width_are_refused(quick: Desk) -> None:
    rows = quick.refused("departments", "name,description\nEye\nSkin,x,y\nHeart,ok\n")
    assert list(rows) == [2, 3]


def test_a_thing_twice_in_one_file_is_taken_once_and_told(quick: Desk) -> None:
    report = quick.bring("departments", "external_id,name\n1,Eye\n2,Skin\n1,Eye\n")
    assert counts(report) == (2, 1, 0, 0)
    assert report.warnings == ("Line 4 repeats line 2; it was taken once.",)


def test_different_departments_of_one_name_stay_two(desk: Desk) -> None:
    text = "external_id,name,CITY\na,St Mary,Pune\nb,ST MARY,Goa\nc,St Mary,Delhi\n"
    report = desk.bring("departments", text)
    assert report.added == 3
    assert "b is named “ST MARY (2)”" in report.warnings[1]
    assert "--map name=NAME+CITY" in report.warnings[1]
    assert counts(desk.bring("departments", text)) == (0, 3, 0, 0)
    named = {
        one.external_id: one.name
        for one in desk.store.read(ADMIN, departments.list_departments).items
    }
    assert named == {"a": "St Mary", "b": "ST MARY (2)", "c": "St Mary (3)"}
    desk.bring("doctors", "name,department\nRao,b\n")
    assert desk.store.read(ADMIN, doctors.get, "rao").department == "ST MARY (2)"


def test_what_was_made_by_hand_takes_the_external_id(desk: Desk) -> None:
    with desk.store.transaction(ADMIN) as tx:
        eye = departments.create(tx, name="Eye")
        doctors.create(tx, username="rao", name="Rao", department_id=eye.id)
    assert counts(desk.bring("departments", "external_id,name\n7,eye\n")) == (0, 0, 1, 0)
    assert counts(desk.bring("departments", "external_id,name\n7,eye\n")) == (0, 1, 0, 0)
    text = "external_id,username,name,department\nd7,rao,Rao,7\n"
    assert counts(desk.bring("doctors", text)) == (0, 0, 1, 0)
    assert counts(desk.bring("doctors", text)) == (0, 1, 0, 0)
    other = text.replace("d7", "d8")
    assert "another doctor" in desk.refused("doctors", other)[2]


def test_doctors_of_one_name_get_names_of_their_own(quick: Desk) -> None:
    quick.bring("departments", BOTH)
    quick.bring(
        "doctors",
        "external_id,name,department\n1,Asha Nair,d1\n2,Asha Nair,d1\n3,आशा,d1\n4,Dr 7,d2\n",
    )
    found = quick.store.read(ADMIN, doctors.list_doctors).items
    assert [one.username for one in sorted(found, key=lambda one: str(one.external_id))] == [
        "asha.nair",
        "asha.nair.2",
        "doctor",
        "doctor.7",
    ]


def test_patients_without_any_number_are_known_by_what_is_told_of_them(desk: Desk) -> None:
    text = 'name,birth_date,sex,phone,address\nRao,34y,f,9845011223,"A\nB"\nRao,1990,m,,\nDas,,,,\n'
    assert desk.bring("patients", text).added == 3
    assert counts(desk.bring("patients", text)) == (0, 3, 0, 0)
    assert desk.bring("patients", text.replace("9845011223", "9845011224")).added == 1


def test_a_patient_keeps_the_number_given(desk: Desk) -> None:
    desk.bring("patients", "mrn,name\nOLD-77,Rao\n")
    assert desk.store.read(ADMIN, patients.get, "OLD-77").name == "Rao"
    assert counts(desk.bring("patients", "mrn,name\nold-77,Rao\n")) == (0, 1, 0, 0)
    assert counts(desk.bring("patients", "external_id,mrn,name\nx,OLD-77,Rao\n")) == (0, 0, 1, 0)
    rows = desk.refused("patients", "external_id,mrn,name\ny,OLD-77,Rao\nz,004211-8,Das\n")
    assert list(rows) == [2, 3]


def test_hours_are_added_and_overlapping_ones_refused(quick: Desk) -> None:
    quick.people()
    heading = "doctor,day,from,to,slot_minutes,valid_from,valid_to\n"
    quick.bring("hours", heading + "p1,mon,09:00,12:00,15,,\n")
    quick.bring("hours", heading + "p1,tue,9:00,12:00,15,2026-02-01,2026-02-28\n")
    assert len(quick.store.read(ADMIN, schedule.hours_of, 1)) == 2
    rows = quick.refused(
        "hours",
        heading + "p1,mon,11:00,13:00,15,,\np1,xyz,09:00,12:00,15,,\np1,wed,25:00,26:00,15,,\n",
    )
    assert list(rows) == [2, 3, 4]


def test_a_holiday_over_booked_appointments_is_refused(quick: Desk) -> None:
    quick.people()
    quick.bring("hours", "doctor,day,from,to,slot_minutes\np1,tue,09:00,12:00,15\n")
    quick.bring("appointments", visits("v1,x1,p1,2026-01-06T09:15,,,,"))
    assert 2 in quick.refused("holidays", "date,name\n2026-01-06,Strike\n")
    assert quick.store.read(ADMIN, holidays.list_holidays) == []


def test_who_may_import(quick: Desk) -> None:
    for role in (Role.RECEPTION, Role.DOCTOR, Role.PATIENT):
        with pytest.raises(Forbidden):
            import_file(quick.store, replace(ADMIN, role=role), "departments", quick.file(BOTH))
    with pytest.raises(Invalid):
        quick.bring("users", BOTH)


def test_one_import_at_a_time(desk: Desk) -> None:
    with only_import(desk.store.database), pytest.raises(InUse, match="Another import"):
        desk.bring("departments", BOTH)
    assert desk.bring("departments", BOTH).added == 2


def test_an_import_is_an_audit_entry_without_names(desk: Desk) -> None:
    desk.people()
    entry = table_of(AuditEntry)
    with desk.store.reading(system()) as tx:
        rows = tx.session.execute(entry.select().where(entry.c.action == "data.import")).all()
    assert len(rows) == 3
    assert all(len(row.entity_id) == 64 and "Rao" not in row.detail for row in rows)


def test_an_interrupted_import_goes_on_where_it_was(quick: Desk) -> None:
    text = "name\n" + "".join(f"Ward {number}\n" for number in range(1200))

    def stop(done: int, _rows: int) -> None:
        if done == 1000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        quick.bring("departments", text, skip_invalid=True, progress=stop)
    assert quick.store.read(ADMIN, departments.list_departments).total == 1000
    assert counts(quick.bring("departments", text, skip_invalid=True)) == (200, 1000, 0, 0)


def test_hostile_text_is_literal_or_refused(quick: Desk) -> None:
    names = [
        "[/]x",
        "'; DROP TABLE patient;--",
        "{0}%s$(id)",
        "=cmd|'/C calc'!A0",
        "-rf",
        "a\u202eb",
    ]
    path = quick.folder / "names.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["name"])
        writer.writerows([name] for name in names)
    report = import_file(quick.store, ADMIN, "patients", path, skip_invalid=True)
    assert [row.line for row in report.rejected] == [7]
    found = quick.store.read(ADMIN, patients.list_patients).items
    assert {one.name for one in found} == set(names[:-1])


def test_a_file_of_nobody_is_refused_before_anything_is_written(quick: Desk) -> None:
    pipe = quick.folder / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(Invalid):
        import_file(quick.store, ADMIN, "patients", pipe)


def test_the_files_own_name_for_a_patient_goes_before_a_number(desk: Desk) -> None:
    desk.bring("departments", BOTH)
    desk.bring("doctors", DOCTORS)
    desk.bring("patients", "external_id,mrn,name\n,ODD-1,Rao\nODD-1,,Das\n")
    desk.bring("appointments", visits("v1,ODD-1,p1,2025-12-01T10:00Z,,15,,"))
    assert desk.everything()[0].patient == "Das"
