"""Patients: registering, changing, whom the actor may see, allergies, self-registration."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from store import accounts, appointments, mrn, patients, profiles, registration
from store.actors import nobody, system
from store.clock import FixedClock
from store.errors import (
    BadCredentials,
    ChangedMeanwhile,
    Duplicate,
    Forbidden,
    InUse,
    Invalid,
    NotFound,
    NotSignedIn,
    SessionEnded,
)
from store.front_door import Store
from store.values import Actor, BirthPrecision, PatientInput, PatientView, Role, Sex
from tests import hostile
from tests.hospital import (
    MONDAY_MORNING,
    PASSWORD,
    actor_of,
    admin,
    doctor,
    patient,
    reception,
    signed_in,
)

FULL = PatientInput(
    name="  Meera   Rao ",
    birth_date="3 apr 1991",
    sex=Sex.FEMALE,
    phone="098450 11223",
    email="Meera@Example.org",
    address="12 Temple Road\nMysuru",
    emergency_name="Ravi Rao",
    emergency_phone="+91 98450 99999",
    language="kn",
    allergies=("Penicillin", "Penicillin", "Peanuts"),
    external_id="old-17",
)


@pytest.fixture
def desk(store: Store) -> Actor:
    return actor_of(store, reception(store))


def audited(store: Store, action: str) -> list[tuple[str, int | None]]:
    query = text("SELECT outcome, patient_id FROM audit_entry WHERE action = :a ORDER BY id")
    with store.database.begin(write=False) as connection:
        return [tuple(row) for row in connection.execute(query, {"a": action})]


class TestNumbers:
    @given(st.integers(1, 10**9))
    def test_numbers_are_read_back_however_they_are_typed(self, number: int) -> None:
        formed = mrn.formed(number)
        for typed in (formed, formed.replace("-", ""), f" {formed} "):
            assert mrn.parse_mrn(typed) == formed

    @given(st.integers(1, 10**7), st.integers(0, 20), st.integers(1, 9))
    def test_one_wrong_digit_is_always_noticed(self, number: int, place: int, by: int) -> None:
        digits = list(mrn.formed(number).replace("-", ""))
        place %= len(digits)
        digits[place] = str((int(digits[place]) + by) % 10)
        with pytest.raises(Invalid, match="mistyped"):
            mrn.parse_mrn("".join(digits))

    def test_the_check_digit_is_iso_7064_mod_11_10(self) -> None:
        # The Croatian personal number 33392005961 uses the same system.
        assert mrn.check_digit("3339200596") == "1"
        assert mrn.formed(4211) == "004211-6"

    @pytest.mark.parametrize("typed", ["", "4211", "12345-6", "abc", "१२३", "1" * 500, "1234567-"])
    def test_other_forms_are_refused(self, typed: str) -> None:
        with pytest.raises(Invalid):
            mrn.parse_mrn(typed)

    def test_digits_of_any_script(self) -> None:
        assert mrn.parse_mrn("००४२११६") == mrn.parse_mrn("００４２１１-６") == "004211-6"

    def test_numbers_are_drawn_in_sequence_and_given_back(self, store: Store) -> None:
        first = patient(store)
        with pytest.raises(Invalid):
            patient(store, name="")
        second = patient(store)
        assert [first.mrn, second.mrn] == [mrn.formed(1), mrn.formed(2)]

    def test_numbers_of_another_system_are_kept(self, store: Store) -> None:
        assert patient(store, mrn="hn-77a").mrn == "HN-77A"
        assert patient(store, mrn=mrn.formed(1)).mrn == mrn.formed(1)
        assert patient(store).mrn == mrn.formed(2)
        with pytest.raises(Duplicate):
            patient(store, mrn="HN-77a")
        for wrong in ("000002-0", "42", "12-3", "a b", "x" * 17, "ä", "a\0"):
            with pytest.raises(Invalid) as refusal:
                patient(store, mrn=wrong)
            assert list(refusal.value.fields) == ["mrn"]


class TestRegistering:
    def test_all_fields(self, store: Store, desk: Actor) -> None:
        made = store.write(desk, patients.register, FULL)
        assert made == PatientView(
            id=made.id,
            mrn=mrn.formed(1),
            name="Meera Rao",
            birth_date=date(1991, 4, 3),
            birth_precision=BirthPrecision.DAY,
            age=34,
            sex=Sex.FEMALE,
            phone="+919845011223",
            email="meera@example.org",
            address="12 Temple Road, Mysuru",
            emergency_name="Ravi Rao",
            emergency_phone="+919845099999",
            language="kn",
            active=True,
            external_id="old-17",
            username=None,
            version=1,
        )
        known = store.read(system(), patients.allergies, made.id)
        assert [one.substance for one in known] == ["Penicillin", "Peanuts"]
        assert audited(store, "patient.create") == [("ok", made.id)]

    def test_every_wrong_field_is_told_at_once(self, store: Store, desk: Actor) -> None:
        with pytest.raises(Invalid) as refusal:
            store.write(
                desk,
                patients.register,
                PatientInput(name=" ", birth_date="2026-01-06", phone="12", email="x@"),
            )
        assert set(refusal.value.fields) == {"name", "birth_date", "phone", "email"}
        assert all(sentence.endswith(".") for sentence in refusal.value.fields.values())

    @pytest.mark.parametrize(
        ("typed", "born", "precision", "age"),
        [
            ("1991-04-03", date(1991, 4, 3), BirthPrecision.DAY, 34),
            ("1991", date(1991, 1, 1), BirthPrecision.YEAR, 35),
            ("34y", date(1992, 1, 5), BirthPrecision.AGE, 34),
            ("34 years", date(1992, 1, 5), BirthPrecision.AGE, 34),
            ("~1992-01-04", date(1992, 1, 4), BirthPrecision.AGE, 34),
            ("8 months", date(2025, 5, 5), BirthPrecision.AGE, 0),
            ("२९ feb २०००", date(2000, 2, 29), BirthPrecision.DAY, 25),
            ("2026-01-05", date(2026, 1, 5), BirthPrecision.DAY, 0),
            ("130y", date(1896, 1, 5), BirthPrecision.AGE, 130),
        ],
    )
    def test_birth_dates_as_people_tell_them(
        self, sqlite_store: Store, typed: str, born: date, precision: BirthPrecision, age: int
    ) -> None:
        made = patient(sqlite_store, birth_date=typed)
        assert (made.birth_date, made.birth_precision, made.age) == (born, precision, age)

    @pytest.mark.parametrize(
        "typed",
        [
            "~2026-01-06", "~1991-02-30",
            "2026-01-06", "2027", "131y", "1890", "20260101", "2026-W01-1", "29 feb 2001", "0000",
            "9999", "0001-01-01", "3/4/1991", "tomorrow", "-3d", "mon", "3 apr", "y", "999999y",
            "1991-04-03\x1b[2J", "x" * 1000, "[/]",
        ],
    )  # fmt: skip
    def test_birth_dates_that_cannot_be(self, sqlite_store: Store, typed: str) -> None:
        with pytest.raises(Invalid) as refusal:
            patient(sqlite_store, birth_date=typed)
        assert list(refusal.value.fields) == ["birth_date"]

    def test_external_ids_are_unique(self, store: Store) -> None:
        patient(store, external_id="p-1")
        with pytest.raises(Duplicate):
            patient(store, external_id="p-1")

    @pytest.mark.parametrize("field", ["name", "address", "emergency_name", "external_id"])
    def test_hostile_text_is_kept_as_it_is(self, store: Store, field: str) -> None:
        for value in hostile.LITERAL:
            made = patient(store, **{"name": "Meera Rao", field: value})
            assert getattr(made, field) == value
            assert getattr(store.read(system(), patients.get, made.id), field) == value

    @pytest.mark.parametrize(
        "field",
        ["name", "birth_date", "phone", "email", "emergency_name", "emergency_phone", "language",
         "external_id"],
    )  # fmt: skip
    def test_text_that_acts_is_refused(self, sqlite_store: Store, field: str) -> None:
        for value in [*hostile.REFUSED, hostile.TOO_LONG]:
            fields: dict[str, Any] = {"name": "Meera Rao", field: value}
            with pytest.raises(Invalid) as refusal:
                patient(sqlite_store, **fields)
            assert list(refusal.value.fields) == [field]
            assert refusal.value.message.isprintable()

    @pytest.mark.parametrize("value", [hostile.PILED_UP, *hostile.EMPTY, "[/", "🙂"])
    def test_names_need_letters_and_few_marks(self, sqlite_store: Store, value: str) -> None:
        with pytest.raises(Invalid):
            patient(sqlite_store, name=value)

    @pytest.mark.parametrize(
        "email",
        ["a@b,c@d.org", '"x"@b.org', "a" * 65 + "@b.org", "a@localhost", "a b@c.org", "a@b@c.org"],
    )
    def test_addresses_that_are_not_one_mailbox(self, sqlite_store: Store, email: str) -> None:
        with pytest.raises(Invalid):
            patient(sqlite_store, email=email)


class TestChanging:
    def test_only_what_is_given_changes(self, store: Store, desk: Actor) -> None:
        made = store.write(desk, patients.register, FULL)
        seen = store.write(
            desk, patients.update, made.id, {"phone": "98450 00001", "email": ""}, version=1
        )
        assert (seen.phone, seen.email, seen.name, seen.version) == (
            "+919845000001",
            None,
            "Meera Rao",
            2,
        )
        with pytest.raises(ChangedMeanwhile):
            store.write(desk, patients.update, made.id, {"name": "M"}, version=1)
        same = store.write(desk, patients.update, made.id, {"name": "Meera Rao"})
        assert same.version == 2

    @pytest.mark.parametrize("field", ["mrn", "id", "is_active", "account_id", "role", "allergies"])
    def test_what_is_not_a_field_is_refused(self, sqlite_store: Store, field: str) -> None:
        made = patient(sqlite_store)
        with pytest.raises(Invalid) as refusal:
            sqlite_store.write(system(), patients.update, made.id, {field: "1"})
        assert list(refusal.value.fields) == [field]

    def test_deactivating_keeps_the_history_and_ends_sessions(self, store: Store) -> None:
        nair, made = doctor(store), patient(store, username="meera")
        when = MONDAY_MORNING + timedelta(hours=2)
        book: dict[str, Any] = {"doctor_id": nair.id, "patient_id": made.id, "starts_at": when}
        visit = store.write(system(), appointments.book, **book)
        own = signed_in(store, "meera").actor
        desk = actor_of(store, reception(store))
        assert not store.write(desk, patients.deactivate, made.id).active
        with pytest.raises(SessionEnded):
            store.read(own, accounts.whoami)
        with pytest.raises(BadCredentials):
            signed_in(store, "meera")
        assert store.read(desk, appointments.get, visit.id).patient_id == made.id
        assert store.read(desk, patients.list_patients).total == 0
        assert store.read(desk, patients.list_patients, active=None).total == 1
        later = {**book, "starts_at": when + timedelta(hours=1)}
        with pytest.raises(InUse):
            store.write(desk, appointments.book, **later)
        assert store.write(desk, patients.activate, made.id).active
        signed_in(store, "meera")

    def test_a_new_name_is_the_accounts_too(self, store: Store) -> None:
        made = patient(store, username="meera")
        store.write(system(), patients.update, made.id, {"name": "Meera Iyer"})
        actor = actor_of(store, "meera")
        assert actor.name == "Meera Iyer"
        store.write(actor, profiles.update, name="Meera K Iyer", phone="9845011224", email=None)
        seen = store.read(actor, patients.get, made.id)
        assert (seen.name, seen.phone, seen.email) == ("Meera K Iyer", "+919845011224", None)


class TestSeeing:
    def test_by_id_number_or_text(self, store: Store, desk: Actor) -> None:
        made = patient(store)
        for ref in (made.id, made.mrn, made.mrn.replace("-", ""), str(made.id), f" {made.mrn} "):
            assert store.read(desk, patients.get, ref) == made
        assert audited(store, "patient.read") == [("ok", made.id)] * 5

    @pytest.mark.parametrize(
        "ref", [0, -1, 99, 2**40, "", "nobody", "99", "\0", "\ud800", "%", "9" * 400, "²"]
    )
    def test_what_is_not_there(self, store: Store, desk: Actor, ref: int | str) -> None:
        patient(store)
        with pytest.raises(NotFound):
            store.read(desk, patients.get, ref)

    def test_a_mistyped_number_is_called_so(self, store: Store, desk: Actor) -> None:
        made = patient(store)
        wrong = made.mrn[:-1] + str((int(made.mrn[-1]) + 1) % 10)
        with pytest.raises(NotFound, match="mistyped"):
            store.read(desk, patients.get, wrong)

    def test_patients_see_themselves_alone(self, store: Store) -> None:
        own, other = patient(store, username="meera"), patient(store, "Arjun Das")
        actor = actor_of(store, "meera")
        assert store.read(actor, patients.get, own.id).name == "Meera Rao"
        page = store.read(actor, patients.list_patients)
        assert [one.id for one in page.items] == [own.id]
        for ref in (other.id, other.mrn, 99, "000099-0"):
            with pytest.raises(Forbidden):
                store.read(actor, patients.get, ref)
        with pytest.raises(Forbidden):
            store.write(actor, patients.update, other.id, {"name": "Mine"})
        with pytest.raises(Forbidden):
            store.write(actor, patients.register, FULL)
        with pytest.raises(Forbidden):
            store.write(actor, patients.deactivate, own.id)
        assert store.write(actor, patients.update, own.id, {"address": "Hill"}).address == "Hill"

    def test_doctors_see_those_whom_they_see(self, store: Store) -> None:
        nair, mine, other = doctor(store), patient(store), patient(store, "Arjun Das")
        actor = actor_of(store, nair)
        assert store.read(actor, patients.list_patients).total == 0
        store.write(
            system(),
            appointments.book,
            patient_id=mine.id,
            doctor_id=nair.id,
            starts_at=MONDAY_MORNING + timedelta(hours=2),
        )
        page = store.read(actor, patients.list_patients)
        assert [one.id for one in page.items] == [mine.id]
        assert store.read(actor, patients.get, mine.id).mrn == mine.mrn
        with pytest.raises(Forbidden):
            store.read(actor, patients.get, other.id)

    def test_nobody_sees_nothing(self, store: Store) -> None:
        made = patient(store)
        with pytest.raises(NotSignedIn):
            store.read(nobody("kiosk"), patients.get, made.id)
        with pytest.raises(NotSignedIn):
            store.read(nobody("kiosk"), patients.list_patients)

    def test_lists_are_paged(self, store: Store, desk: Actor) -> None:
        made = [patient(store, f"Patient {number}").id for number in range(5)]
        page = store.read(desk, patients.list_patients, limit=2, offset=3)
        assert [one.id for one in page.items] == made[3:]
        assert (page.total, page.offset) == (5, 3)

    def test_a_list_is_narrowed_by_words(self, store: Store, desk: Actor) -> None:
        asha = patient(store, "Asha Rao", birth_date="1991")
        ravi = patient(store, "Ravi Rao", birth_date="1970")
        gone = patient(store, "Usha Rao", birth_date="1991")
        store.write(desk, patients.deactivate, gone.id)

        def listed(words: str, **how: Any) -> list[int]:
            return [one.id for one in store.read(desk, patients.list_patients, words, **how).items]

        assert listed("rao") == [asha.id, ravi.id]
        assert listed("rao", limit=1, offset=1) == [ravi.id]
        assert listed("rao born:1991") == [asha.id]
        assert listed("born:1991 state:all") == [asha.id, gone.id]
        assert listed("nobody") == []
        with pytest.raises(Invalid, match="did you mean born"):
            listed("bron:1991")
        nair = doctor(store)
        assert store.read(actor_of(store, nair), patients.list_patients, "rao").total == 0

    def test_the_sex_is_a_word_or_its_letter(self, store: Store, desk: Actor) -> None:
        made = patient(store)
        for word, sex in {" F ": "female", "man": "male", "o": "other", "": "unknown"}.items():
            assert store.write(desk, patients.update, made.id, {"sex": word}).sex == sex
        with pytest.raises(Invalid, match="write f, m, other or unknown") as refused:
            store.write(desk, patients.update, made.id, {"sex": "[red]"})
        assert list(refused.value.fields) == ["sex"]

    @pytest.mark.parametrize("field", ["birth_date", "sex", "external_id"])
    def test_patients_do_not_change_what_tells_them_apart(self, store: Store, field: str) -> None:
        """An import finds people by these: with another's external id, one would get their past."""
        own = patient(store, username="meera", birth_date="1990")
        actor = actor_of(store, own)
        with pytest.raises(Forbidden, match="reception desk"):
            store.write(actor, patients.update, own.id, {field: "1991", "phone": "98450 00001"})
        assert store.read(actor, patients.get, own.id) == own


class TestAllergies:
    def test_recorded_and_taken_back(self, store: Store) -> None:
        made, root = patient(store), actor_of(store, admin(store))
        added = store.write(
            root, patients.add_allergy, made.id, "Sulfa", reaction="rash", severity="mild"
        )
        assert added.noted_on == date(2026, 1, 5)
        assert store.read(root, patients.allergies, made.id) == [added]
        store.write(root, patients.remove_allergy, added.id)
        assert store.read(root, patients.allergies, made.id) == []
        with pytest.raises(NotFound):
            store.write(root, patients.remove_allergy, added.id)

    def test_the_desk_records_but_does_not_read(self, store: Store, desk: Actor) -> None:
        made = patient(store)
        added = store.write(desk, patients.add_allergy, made.id, "Peanuts")
        with pytest.raises(Forbidden):
            store.read(desk, patients.allergies, made.id)
        with pytest.raises(Forbidden):
            store.write(desk, patients.remove_allergy, added.id)

    def test_a_stranger_does_neither(self, store: Store) -> None:
        made, actor = patient(store, allergies=("Latex",)), actor_of(store, doctor(store))
        known = store.read(system(), patients.allergies, made.id)
        with pytest.raises(Forbidden):
            store.read(actor, patients.allergies, made.id)
        with pytest.raises(Forbidden):
            store.write(actor, patients.add_allergy, made.id, "x")
        with pytest.raises(Forbidden):
            store.write(actor, patients.remove_allergy, known[0].id)

    def test_text_that_acts_is_refused(self, sqlite_store: Store) -> None:
        made = patient(sqlite_store)
        for value in [*hostile.REFUSED, "", hostile.TOO_LONG]:
            with pytest.raises(Invalid):
                sqlite_store.write(system(), patients.add_allergy, made.id, value)
            with pytest.raises(Invalid):
                patient(sqlite_store, allergies=(value,))

    def test_not_noted_in_the_future(self, sqlite_store: Store) -> None:
        made = patient(sqlite_store)
        with pytest.raises(Invalid):
            sqlite_store.write(
                system(), patients.add_allergy, made.id, "x", noted_on=date(2026, 1, 6)
            )


class TestSelfRegistration:
    def test_a_patient_signs_in_at_once(self, store: Store) -> None:
        made = registration.register_self(
            store, FULL, username="Meera.R", password=PASSWORD, terminal="kiosk"
        )
        assert (made.username, made.external_id, made.mrn) == ("meera.r", None, mrn.formed(1))
        actor = signed_in(store, "meera@example.org").actor
        assert (actor.role, actor.patient_id, actor.name) == (Role.PATIENT, made.id, "Meera Rao")
        assert audited(store, "patient.self-register") == [("ok", made.id)]

    def test_a_number_cannot_be_chosen(self, store: Store) -> None:
        made = patient(store, username="meera", mrn="HN-1")
        assert made.mrn == mrn.formed(1)

    def test_nothing_is_half_made(self, store: Store) -> None:
        with pytest.raises(Invalid):
            patient(store, username="meera", birth_date="never")
        with pytest.raises(Invalid):
            registration.register_self(
                store, FULL, username="meera", password="meera2026", terminal="kiosk"
            )
        with pytest.raises(NotFound):
            store.read(system(), accounts.get, "meera")
        patient(store, username="meera")
        with pytest.raises(Duplicate):
            patient(store, username="MEERA")
        assert store.read(system(), patients.list_patients).total == 1

    def test_a_familys_address_tells_nothing_of_the_family(self, store: Store) -> None:
        first = patient(store, username="meera", email="rao@example.org")
        second = patient(store, "Ravi Rao", username="ravi", email="RAO@example.org")
        assert first.email == second.email == "rao@example.org"
        assert actor_of(store, "ravi").patient_id == second.id
        assert signed_in(store, "rao@example.org").actor.patient_id == first.id


def test_ages_are_counted_in_the_hospitals_time(store: Store, clock: FixedClock) -> None:
    made = patient(store, birth_date="2000-01-06")
    assert made.age == 25
    clock.advance(timedelta(hours=15))
    assert store.read(system(), patients.get, made.id).age == 26
