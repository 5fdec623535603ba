"""The lists: filtered, ordered, a page at a time, and as CSV."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from store import accounts, appointments, departments, leave, patients
from store.actors import system
from store.clock import FixedClock
from store.errors import Forbidden, Invalid
from store.front_door import Store
from store.listing import pages
from store.outbox import MESSAGE
from store.tables import Patient, table_of
from store.values import ListPage, PatientInput
from tests.clinic import SYSTEM
from tests.hospital import (
    MONDAY_MORNING,
    actor_of,
    admin,
    department,
    doctor,
    patient,
    reception,
)


def read(store: Store, kind: str, text: str = "", **more: Any) -> ListPage[Any]:
    return store.read(system(), pages.read, kind, text, **more)


def names(page: ListPage[Any]) -> list[str]:
    return [one.name for one in page.items.values()]


def refused(store: Store, kind: str, text: str) -> str:
    with pytest.raises(Invalid) as refusal:
        read(store, kind, text)
    assert list(refusal.value.details["fields"]) == ["filter"]
    return refusal.value.message


def crowd(store: Store, count: int) -> None:
    """So many patients, of whom five share each name."""
    rows = [
        {
            "mrn": f"X-{n:04}",
            "name": f"Person {n // 5:03}",
            "sex": "unknown",
            "address": "",
            "emergency_name": "",
            "language": "en",
            "is_active": True,
            "created_at": MONDAY_MORNING,
            "updated_at": MONDAY_MORNING,
            "version": 1,
        }
        for n in range(count)
    ]
    with store.transaction(SYSTEM) as tx:
        tx.session.execute(insert(table_of(Patient)), rows)


@pytest.mark.parametrize("order", ["name", "-name", "id"])
def test_pages_follow_one_another_forth_and_back(store: Store, order: str) -> None:
    crowd(store, 23)
    seen: list[list[int]] = []
    page = read(store, "patients", order=order, limit=7)
    assert not page.before
    while True:
        seen.append(list(page.items))
        if not page.after:
            break
        page = read(store, "patients", order=order, limit=7, beyond=page.last)
        assert page.before
    assert [len(ids) for ids in seen] == [7, 7, 7, 2]
    every = [one for ids in seen for one in ids]
    assert len(set(every)) == 23
    assert read(store, "patients", order=order).whole
    assert list(read(store, "patients", order=order).items) == every
    back = read(store, "patients", order=order, limit=7, beyond=page.first, backwards=True)
    assert (list(back.items), back.before, back.after) == (seen[2], True, True)
    end = read(store, "patients", order=order, limit=7, backwards=True)
    assert (list(end.items), end.before, end.after) == (every[-7:], True, False)


def test_appointments_are_narrowed_by_everything(store: Store, clock: FixedClock) -> None:
    nair, bose = doctor(store), doctor(store, "Tarun Bose", department_name="Cardiology")
    rao, khan = patient(store, "Meera Rao"), patient(store, "Imran Khan")
    made = []
    for day, (who, whom) in enumerate([(nair, rao), (bose, rao), (nair, khan)]):
        at = MONDAY_MORNING + timedelta(days=day, hours=1)
        made.append(
            store.write(
                system(),
                appointments.book,
                patient_id=whom.id,
                doctor_id=who.id,
                starts_at=at,
            ).id
        )
    store.write(system(), appointments.cancel, made[2], reason="travels")

    def found(text: str) -> list[int]:
        return [made.index(one) for one in read(store, "appointments", text).items]

    assert found("") == [2, 1, 0]
    assert found("doctor:nair") == [2, 0]
    assert found("doctor:nair,bose status:booked") == [1, 0]
    assert found("department:cardio") == [1]
    assert found("rao") == [1, 0]
    assert found("patient:rao doctor:nair") == [0]
    assert found("from:tomorrow to:wed") == [2, 1]
    assert found("on:today") == [0]
    assert found("status:cancelled khan") == [2]
    assert found("zzzz") == []
    store.write(system(), patients.deactivate, khan.id)
    assert found(khan.mrn) == [2]
    assert refused(store, "appointments", "doctor:nayr") == (
        "No doctor is called “nayr”; did you mean nair?"
    )
    assert "there are Cardiology, General Medicine." in refused(store, "records", "department:qq")


def test_states_and_what_is_over_are_asked_for(store: Store) -> None:
    for name in ("Allergy", "Burns"):
        department(store, name)
    store.write(system(), departments.deactivate, department(store, "Allergy").id)
    assert names(read(store, "departments")) == ["Burns"]
    assert names(read(store, "departments", "state:inactive")) == ["Allergy"]
    assert names(read(store, "departments", "state:all", order="-name")) == ["Burns", "Allergy"]
    assert names(read(store, "departments", "bur")) == ["Burns"]


def test_people_are_found(store: Store) -> None:
    asha = patient(store, "Asha Rao", birth_date="1991-04-03", phone="9845011223")
    self_made = patient(store, "Vikram Rao", username="vikram.rao", birth_date="1967")
    gone = store.write(system(), patients.deactivate, patient(store, "Ravi Rao").id)
    assert names(read(store, "patients", "rao")) == ["Asha Rao", "Vikram Rao"]
    assert names(read(store, "patients", "rao state:all")) == ["Asha Rao", "Ravi Rao", "Vikram Rao"]
    assert names(read(store, "patients", "state:inactive")) == [gone.name]
    assert names(read(store, "patients", "born:1991")) == [asha.name]
    assert names(read(store, "patients", 'phone:"98450 11223"')) == [asha.name]
    assert refused(store, "patients", "born:yesterdays")
    admin(store)
    desk = reception(store)
    doctor(store)
    assert [one.username for one in read(store, "users", "role:reception").items.values()] == [
        desk.username
    ]
    for text in ("vikram", "dina", "vik role:patient", "nair"):
        assert len(read(store, "users", text).items) == 1, text
    assert read(store, "users", "vikram").items.popitem()[1].patient_id == self_made.id
    store.write(system(), accounts.deactivate, desk.id)
    assert names(read(store, "users", "state:inactive")) == ["Dina Desk", "Ravi Rao"][:1]


def test_the_trail_is_narrowed_by_who_what_and_when(store: Store, clock: FixedClock) -> None:
    meera = actor_of(store, reception(store))
    made = store.write(meera, patients.register, PatientInput("Asha Rao"))
    with pytest.raises(Forbidden):
        store.read(meera, pages.read, "audit")

    def actions(text: str) -> list[str]:
        return [one.action for one in read(store, "audit", text).items.values()]

    assert actions("actor:desk action:patient") == ["patient.create"]
    assert actions("actor:desk outcome:denied") == ["audit.read"]
    assert actions(f"patient:{made.mrn}") == ["patient.create"]
    assert actions("entity:patient patient.cr") == ["patient.create"]
    assert actions("action:patient entity:account") == []
    assert {"account.create", "patient.create"} <= set(actions("action:account,patient"))
    assert "patient.create" not in actions("action:account,patient entity:account")
    assert actions("action:patient.create from:tomorrow") == []
    assert refused(store, "audit", "action:patent") == (
        "No action of the trail is “patent”; did you mean patient.create?"
    ) or "did you mean" in refused(store, "audit", "action:patent")


def test_mail_is_narrowed(store: Store) -> None:
    nair, rao = doctor(store), patient(store, "Meera Rao", email="rao@example.org")
    view = store.write(
        system(),
        appointments.book,
        patient_id=rao.id,
        doctor_id=nair.id,
        starts_at=MONDAY_MORNING + timedelta(hours=1),
    )
    store.write(system(), appointments.cancel, view.id)
    with store.transaction(SYSTEM) as tx:
        tx.session.execute(MESSAGE.update().where(MESSAGE.c.kind == "booked").values(status="sent"))
    kinds = {
        text: [one.kind.value for one in read(store, "mail", text).items.values()]
        for text in ("status:sent", "kind:cancelled", "rao on:today status:waiting", "status:held")
    }
    assert kinds == {
        "status:sent": ["booked"],
        "kind:cancelled": ["cancelled"],
        "rao on:today status:waiting": ["cancelled"],
        "status:held": [],
    }


def test_what_is_shown_goes_out_as_harmless_csv(store: Store) -> None:
    root = actor_of(store, admin(store))
    crowd(store, 3)
    store.write(system(), patients.register, PatientInput("=SUM(A1) Rao", address="+cmd|x"))
    stream = io.StringIO(newline="")
    columns = ("name", "address", "nonsense")
    count = store.read(
        root, pages.write_csv, "patients", "state:all", stream, order="-name", columns=columns
    )
    rows = list(csv.reader(io.StringIO(stream.getvalue())))
    assert count == 4
    assert rows[0] == ["name", "address"]
    assert [row[0] for row in rows[1:4]] == ["Person 000"] * 3
    assert rows[4] == ["'=SUM(A1) Rao", "'+cmd|x"]
    (entry,) = read(store, "audit", "action:list.export").items.values()
    assert entry.detail == {
        "rows": 4,
        "filter": "state:all",
        "columns": ["name", "address"],
    }


def test_every_list_has_an_outline_and_is_read_by_the_administrator(store: Store) -> None:
    root = actor_of(store, admin(store))
    doctor(store)
    for kind in pages.KINDS:
        outline = pages.outline(kind)
        sorting = {one.key for one in outline.headings if one.sorts}
        assert outline.order.removeprefix("-") in sorting
        for order in sorting:
            store.read(root, pages.read, kind, outline.everything, order=order)
        stream = io.StringIO(newline="")
        store.read(root, pages.write_csv, kind, "", stream)
        shown = [one.key for one in outline.headings if one.shown]
        assert next(csv.reader(io.StringIO(stream.getvalue()))) == shown
    with pytest.raises(Invalid, match="There is no list"):
        store.read(root, pages.read, "nothing")


def test_a_record_in_the_list_says_nothing_medical(store: Store) -> None:
    fields = set(pages.KINDS["records"].views.__annotations__) | {
        one.key for one in pages.outline("records").headings
    }
    assert not fields & {"symptoms", "diagnoses", "notes", "treatment"}


def test_leave_that_was_taken_back_is_listed_where_it_is_asked_for(store: Store) -> None:
    nair = doctor(store)
    monday = MONDAY_MORNING + timedelta(days=7)
    stays, gone = (
        store.write(SYSTEM, leave.add, nair.id, start, start + timedelta(days=1), "rest")[0]
        for start in (monday, monday + timedelta(days=7))
    )
    store.write(SYSTEM, leave.delete, gone.id)
    assert list(read(store, "leave").items) == [stays.id]
    (found,) = read(store, "leave", "state:taken-back").items.values()
    assert (found.id, found.active) == (gone.id, False)
    assert list(read(store, "leave", "state:all doctor:nair").items) == [stays.id, gone.id]
