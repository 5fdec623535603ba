"""Departments: names, the doctors who belong to them, and who may change them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from store import departments, doctors
from store.actors import nobody, system
from store.clock import FixedClock
from store.errors import (
    ChangedMeanwhile,
    Duplicate,
    Forbidden,
    InUse,
    Invalid,
    NotFound,
    NotSignedIn,
)
from store.front_door import Store
from tests import hostile
from tests.hospital import actor_of, admin, department, doctor, reception


def names(store: Store, active: bool | None = True) -> list[str]:
    page = store.read(system(), departments.list_departments, active=active)
    return [one.name for one in page.items]


def test_a_department_is_made_changed_and_told_of(store: Store, clock: FixedClock) -> None:
    root = actor_of(store, admin(store))
    made = store.write(root, departments.create, name="  Cardio  logy ", description="Hearts")
    assert (made.name, made.description, made.doctors, made.active) == (
        "Cardio logy",
        "Hearts",
        0,
        True,
    )
    assert store.read(root, departments.get, "CARDIO LOGY") == made
    last, _ = store.changes_since(None)
    clock.advance(timedelta(minutes=1))
    changed = store.write(root, departments.update, made.id, version=1, name="Cardiology")
    assert (changed.name, changed.description, changed.version) == ("Cardiology", "Hearts", 2)
    assert [change.topic for change in store.changes_since(last)[1]] == ["department"]
    with pytest.raises(ChangedMeanwhile):
        store.write(root, departments.update, made.id, version=1, name="Heart")


def test_names_are_unique_without_regard_to_case(store: Store) -> None:
    made = department(store, "Ear, Nose & Throat")
    with pytest.raises(Duplicate) as refusal:
        store.write(system(), departments.create, name="ear,  nose & THROAT")
    assert refusal.value.details["fields"]
    other = department(store, "Skin")
    with pytest.raises(Duplicate):
        store.write(system(), departments.update, other.id, name="Ear, nose & throat")
    same = store.write(system(), departments.update, made.id, name="EAR, NOSE & THROAT")
    assert same.name == "EAR, NOSE & THROAT"


def test_external_ids_are_unique_too(store: Store) -> None:
    store.write(system(), departments.create, name="One", external_id="x-1")
    with pytest.raises(Duplicate):
        store.write(system(), departments.create, name="Two", external_id="x-1")


def test_it_counts_its_active_doctors(store: Store) -> None:
    nair, _ = doctor(store, "Asha Nair"), doctor(store, "Kabir Bose")
    assert department(store).doctors == 2
    store.write(system(), doctors.deactivate, nair.id)
    assert department(store).doctors == 1


def test_it_stays_in_use_while_doctors_belong_to_it(store: Store) -> None:
    nair = doctor(store, "Asha Nair", department_name="Cardiology")
    room = department(store, "Cardiology")
    for refused in (departments.deactivate, departments.delete):
        with pytest.raises(InUse) as refusal:
            store.write(system(), refused, room.id)
        assert refusal.value.details["doctors"] == ["Asha Nair"]
        assert "Asha Nair" in refusal.value.message
    store.write(system(), doctors.deactivate, nair.id)
    gone = store.write(system(), departments.deactivate, room.id)
    assert not gone.active
    with pytest.raises(InUse):
        store.write(system(), departments.delete, room.id)
    with pytest.raises(InUse):
        store.write(system(), doctors.activate, nair.id)
    with pytest.raises(InUse):
        doctor(store, "New One", department_name="Cardiology")
    assert names(store) == []
    assert names(store, active=None) == ["Cardiology"]
    assert store.write(system(), departments.activate, room.id).active


def test_an_unused_one_can_be_deleted(store: Store) -> None:
    room = department(store, "Mistake")
    store.write(system(), departments.delete, room.id)
    assert names(store, active=None) == []
    with pytest.raises(NotFound):
        store.read(system(), departments.get, room.id)


def test_lists_are_by_name_and_paged(store: Store) -> None:
    for name in ("skin", "Bones", "Ear", "Zoster", "eye"):
        department(store, name)
    page = store.read(system(), departments.list_departments, limit=2, offset=1)
    assert [one.name for one in page.items] == ["Ear", "eye"]
    assert (page.total, page.offset) == (5, 1)


@pytest.mark.parametrize("ref", [0, -1, 7, 2**40, 2**80, "", "nobody", "\0", "\ud800", "%", "1"])
def test_what_is_not_there_is_not_found(store: Store, ref: int | str) -> None:
    department(store, "Skin")
    with pytest.raises(NotFound):
        store.read(system(), departments.get, ref)


def test_only_administrators_change_them(store: Store) -> None:
    room = department(store, "Skin")
    desk = actor_of(store, reception(store))
    nair = actor_of(store, doctor(store))
    for actor in (desk, nair):
        assert store.read(actor, departments.get, room.id).name == "Skin"
        with pytest.raises(Forbidden):
            store.write(actor, departments.create, name="Mine")
        with pytest.raises(Forbidden):
            store.write(actor, departments.update, room.id, name="Mine")
        for action in (departments.deactivate, departments.activate, departments.delete):
            with pytest.raises(Forbidden):
                store.write(actor, action, room.id)
    with pytest.raises(NotSignedIn):
        store.read(nobody("kiosk"), departments.list_departments)
    with store.database.begin(write=False) as connection:
        denied = connection.execute(
            text("SELECT count(*) FROM audit_entry WHERE outcome = 'denied'")
        ).scalar_one()
    assert denied == 10


def test_hostile_names_are_kept_as_they_are(store: Store) -> None:
    for name in hostile.LITERAL:
        made = store.write(system(), departments.create, name=name, description=name)
        assert (made.name, made.description) == (name, name)
        assert store.read(system(), departments.get, name) == made


def test_names_that_act_hide_or_say_nothing_are_refused(sqlite_store: Store) -> None:
    for name in [*hostile.REFUSED, *hostile.EMPTY, hostile.TOO_LONG, "[/", "!?"]:
        with pytest.raises(Invalid) as refusal:
            sqlite_store.write(system(), departments.create, name=name)
        assert list(refusal.value.fields) == ["name"]
        assert refusal.value.message.isprintable()
