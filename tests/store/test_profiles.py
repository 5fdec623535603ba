"""One's own particulars, in every role (AUTH-5)."""

from __future__ import annotations

import pytest

from store import accounts, doctors, patients, profiles
from store.actors import system
from store.errors import Duplicate, Forbidden, Invalid, NotSignedIn
from store.front_door import Store
from store.values import Role
from tests.hospital import actor_of, admin, doctor, hashed, patient, reception


def test_the_desks(store: Store) -> None:
    desk = actor_of(store, reception(store))
    seen = store.write(
        desk, profiles.update, name="Dina D’Souza", phone="98450 11223", email="D@Example.org"
    ).account
    assert (seen.name, seen.phone, seen.email) == ("Dina D’Souza", "+919845011223", "d@example.org")
    cleared = store.write(desk, profiles.update, name="Dina", phone=None, email=None).account
    assert (cleared.phone, cleared.email) == (None, None)
    with pytest.raises(Invalid) as refusal:
        store.write(
            desk, profiles.update, name="Dina", phone=None, email=None, particulars={"bio": "x"}
        )
    assert list(refusal.value.fields) == ["bio"]


def test_a_patients(store: Store) -> None:
    made = patient(store, username="meera")
    actor = actor_of(store, "meera")
    store.write(
        actor,
        profiles.update,
        name="Meera K Rao",
        phone="98450 11223",
        email="meera@example.org",
        particulars={"address": "3 Hill Road", "emergency_name": "Ravi", "emergency_phone": ""},
    )
    seen = store.read(actor, profiles.get)
    assert seen.patient is not None
    assert (seen.patient.name, seen.patient.address) == ("Meera K Rao", "3 Hill Road")
    assert (seen.patient.emergency_name, seen.patient.emergency_phone) == ("Ravi", None)
    assert seen.account.email == "meera@example.org"
    for field in ("sex", "mrn", "birth_date", "external_id", "fee"):
        with pytest.raises((Invalid, Forbidden)):
            store.write(
                actor,
                profiles.update,
                name="M",
                phone=None,
                email=None,
                particulars={field: "1"},
            )
    assert store.read(system(), patients.get, made.id).name == "Meera K Rao"


def test_a_doctors(store: Store) -> None:
    made = doctor(store)
    actor = actor_of(store, "dr.nair")
    store.write(
        actor,
        profiles.update,
        name="Asha Nair",
        phone=None,
        email="nair@example.org",
        particulars={"qualification": "MBBS, MD", "bio": "Hearts.", "fee": 50_000},
    )
    seen = store.read(system(), doctors.get, made.id)
    assert (seen.qualification, seen.bio, seen.fee) == ("MBBS, MD", "Hearts.", 50_000)
    assert seen.email == "nair@example.org"
    for field in ("department_id", "overbook_limit", "queue_code"):
        with pytest.raises(Invalid):
            store.write(
                actor, profiles.update, name="A", phone=None, email=None, particulars={field: 1}
            )


def test_a_patient_does_not_learn_whose_address_it_is(store: Store) -> None:
    store.write(
        system(),
        accounts.create,
        username="mira",
        name="Mira",
        role=Role.ADMIN,
        email="shared@example.org",
        password=hashed(),
    )
    patient(store, username="meera")
    free, taken = [
        store.write(
            actor_of(store, "meera"), profiles.update, name="Meera Rao", phone=None, email=email
        )
        for email in ("free@example.org", "shared@example.org")
    ]
    assert free.patient is not None
    assert taken.patient is not None
    assert (free.patient.email, taken.patient.email) == ("free@example.org", "shared@example.org")
    assert taken.account.email is None
    with pytest.raises(Duplicate):  # staff know each other
        store.write(
            actor_of(store, reception(store)),
            profiles.update,
            name="Dina",
            phone=None,
            email="shared@example.org",
        )


def test_nobody_has_none(store: Store) -> None:
    from store.actors import nobody

    with pytest.raises(NotSignedIn):
        store.read(nobody("kiosk"), profiles.get)


def test_the_language_of_mails_to_staff(store: Store) -> None:
    root, asha = actor_of(store, admin(store)), doctor(store)
    desk = actor_of(store, reception(store))

    def mine(language: str) -> str:
        seen = store.write(
            desk,
            profiles.update,
            name="Dina",
            phone=None,
            email=None,
            particulars={"language": language},
        )
        return seen.account.language

    def set_by_root(account_id: int, language: str) -> str:
        return store.write(root, accounts.update, account_id, language=language).language

    assert store.read(desk, accounts.whoami).language == ""  # the hospital's
    assert mine("hi") == "hi"
    with pytest.raises(Invalid, match="Give the language by its code"):
        mine("Hindi")
    assert set_by_root(desk.account_id or 0, "") == ""
    theirs = store.read(root, accounts.get, asha.username).id
    with pytest.raises(Invalid, match="is changed with the doctor"):
        set_by_root(theirs, "hi")
    assert store.write(root, doctors.update, asha.id, language="hi").language == "hi"
    assert store.read(root, accounts.get, theirs).language == "hi"
    meera = patient(store, username="meera", language="hi")
    assert store.read(actor_of(store, "meera"), accounts.whoami).language == "hi"
    assert meera.language == "hi"
