"""Finding patients as somebody types."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from store import patient_keys, patient_search, patients, schema
from store.actors import nobody, system
from store.clock import FixedClock
from store.database import open_database
from store.errors import Forbidden, NotSignedIn
from store.front_door import Store
from store.name_keys import name_words
from store.name_sounds import sound_alike, sound_of
from store.patient_keys import Keyed, keys_of
from store.tables import Patient, table_of
from store.values import PatientInput, Sex
from tests import hostile
from tests.hospital import actor_of, doctor, patient, reception
from tests.servers.postgres import as_owner
from tests.statements import counted

PEOPLE = {
    "meera": PatientInput("Meera Rao", "1984-03-01", phone="98450 11223"),
    "ravi": PatientInput("Ravi Kumar Rao", "1984", phone="98450 11223"),
    "raoul": PatientInput("Raoul D'Souza", "1990-12-31", phone="+1 415 555 0123"),
    "lakshmi": PatientInput("Lakshmi Narayanan", "5 jun 1970", phone="080 2345 6789"),
    "jose": PatientInput("José Müller", "34y", phone="98861 00000"),
    "rav": PatientInput("राव मीरा", "1984-07-07"),
    "mohd": PatientInput("Mohd. Iqbal Chowdhury", "1962-02-28", phone="90000 00001"),
}


@pytest.fixture
def people(store: Store) -> dict[int, str]:
    """Short names of the registered people, by id."""
    return {store.write(system(), patients.register, one).id: name for name, one in PEOPLE.items()}


def found(store: Store, people: dict[int, str], typed: str, limit: int = 20) -> list[str]:
    hits = store.read(system(), patient_search.search, typed, limit)
    return [people[one.id] for one in hits]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("rao", ["ravi", "meera", "raoul"]),
        ("RAO me", ["meera"]),
        ("mee ra", ["meera"]),
        ("kumar rao ravi", ["ravi"]),
        ("ra", ["ravi", "meera", "raoul"]),
        ("rao 1984", ["ravi", "meera"]),
        ("1984 rao m", ["meera"]),
        ("rao 1 mar 1984", ["meera"]),
        ("1984-03-01", ["meera"]),
        ("१९८४-०३-०१", ["meera"]),
        ("31 dec 1990", ["raoul"]),
        ("1990", ["raoul"]),
        ("98450 11223", ["meera", "ravi"]),
        ("9845011223", ["meera", "ravi"]),
        ("+91 98450 11223", ["meera", "ravi"]),
        ("919845011223", ["meera", "ravi"]),
        ("098450", ["meera", "ravi"]),
        ("+91984", ["meera", "ravi"]),
        ("rao 98450", ["ravi", "meera"]),
        ("ravi 98450-11223", ["ravi"]),
        ("080 2345", ["lakshmi"]),
        ("+14155550123", ["raoul"]),
        ("dsouza", ["raoul"]),
        ("d’souza", ["raoul"]),
        ("jose", ["jose"]),
        ("JOSÉ mull", ["jose"]),
        ("राव", ["rav"]),
        ("मी", ["rav"]),
        ("laxmi", ["lakshmi"]),
        ("lakshmy naraianan", ["lakshmi"]),
        ("mohammed chaudhari", ["mohd"]),
        ("mohd iqbal", ["mohd"]),
        ("", []),
        ("   ", []),
        ("zebra", []),
        ("rao zebra", []),
        ("rao 1985", []),
        ("1984-02-31", []),
        ("%", []),
        ("_", []),
    ],
)
def test_what_is_typed_finds(
    store: Store, people: dict[int, str], typed: str, expected: Sequence[str]
) -> None:
    assert found(store, people, typed) == list(expected)


def test_patient_numbers(store: Store, people: dict[int, str]) -> None:
    made = store.read(system(), patients.get, next(iter(people)))
    for typed in (made.mrn, made.mrn.replace("-", ""), f"meera {made.mrn}"):
        assert found(store, people, typed) == ["meera"]
    assert found(store, people, "00000", limit=3) == ["meera", "ravi", "raoul"]
    assert found(store, people, "000009-9") == []


def test_whole_words_come_before_beginnings(store: Store) -> None:
    names = ["Rama Raman", "Raman Rama", "Ramanan S", "S Ram", "Ram Raman"]
    ids = {patient(store, name).id: name for name in names}
    first = found(store, ids, "ram")
    assert first[:2] == ["Ram Raman", "S Ram"]
    assert sorted(first) == sorted(names)
    assert found(store, ids, "ram raman")[0] == "Ram Raman"
    assert found(store, ids, "ram", limit=2) == first[:2]


def test_what_is_spelt_otherwise_or_mistyped_finds_whom_it_means_first(store: Store) -> None:
    names = """Lakshmi Narayanan, Srinivas Reddy, Venkatesh Prasad, Mohammed Ali, Rajesh Kumar,
        K. R. Narayanan, Raj Kumar Yadav, Ramachandran P, Ravi Yadav, मीरा राव, Rajeshwari Kumari,
        Asha Nair, Usha Nair, Vinod Prasad, Reddy Srilatha, Ali Mahmood"""
    with store.transaction(system()) as tx:
        for name in names.split(","):
            patients.register(tx, PatientInput(name.strip()))
    first = {
        typed: [one.name for one in store.read(system(), patient_search.search, typed)][:1]
        for typed, _ in MISTYPED
    }
    assert first == {typed: [meant] for typed, meant in MISTYPED}


MISTYPED = (
    ("lakhsmi", "Lakshmi Narayanan"),
    ("lakhs", "Lakshmi Narayanan"),
    ("laxmi naraianan", "Lakshmi Narayanan"),
    ("sriniavs", "Srinivas Reddy"),
    ("venkatsh", "Venkatesh Prasad"),
    ("venkkatesh", "Venkatesh Prasad"),
    ("vemkat pras", "Venkatesh Prasad"),
    ("muhamad", "Mohammed Ali"),
    ("md ali", "Mohammed Ali"),
    ("rajehs kumer", "Rajesh Kumar"),
    ("kumar rajehs", "Rajesh Kumar"),
    ("dr. rajesh kumar", "Rajesh Kumar"),
    ("rajesh s/o kumar", "Rajesh Kumar"),
    ("narayanan k r", "K. R. Narayanan"),
    ("rajkumar yadav", "Raj Kumar Yadav"),
    ("rama chandran", "Ramachandran P"),
    ("ramchandran", "Ramachandran P"),
    ("yadav rabi", "Ravi Yadav"),
    ("मिरा", "मीरा राव"),
)


def test_errors_are_forgiven_only_where_few_are_found_as_typed(store: Store) -> None:
    people = [patient(store, f"Karan {name}") for name in ("Rao", "Das", "Sen", "Roy", "Jha")]
    other = patient(store, "Kiran Rao")
    assert {one.id for one in store.read(system(), patient_search.search, "karan")} == {
        one.id for one in people
    }
    assert other.id in {one.id for one in store.read(system(), patient_search.search, "karan r")}


def test_short_patient_numbers_and_country_codes(store: Store, people: dict[int, str]) -> None:
    first = store.read(system(), patients.get, next(iter(people)))
    number = first.mrn.partition("-")[0].lstrip("0")
    for typed in (number, f"mrn {first.mrn}", f"MRN{first.mrn}"):
        assert found(store, people, typed)[0] == "meera"
    assert found(store, people, "+91 98") == ["meera", "ravi", "jose"]
    assert found(store, people, "+1 415") == ["raoul"]


def test_keys_of_another_version_are_made_anew_by_an_upgrade(store: Store) -> None:
    made = patient(store, "Lakshmi Nair", phone="9845011223", birth_date="1984")
    with store.database.begin(write=True) as connection:
        before = connection.execute(text(_ALL_KEYS)).all()
        connection.execute(text("UPDATE patient_search_key SET key = 'old' || key"))
        connection.execute(text("DELETE FROM name_word"))
        connection.execute(text("UPDATE counter SET value = 0 WHERE name = 'search-keys'"))
    assert store.read(system(), patient_search.search, "nair") == []
    owner = as_owner(store.database.engine.url).render_as_string(hide_password=False)
    schema.upgrade(open_database(owner))
    with store.database.begin(write=False) as connection:
        assert connection.execute(text(_ALL_KEYS)).all() == before
    for typed in ("nair", "98450", "laxmi 1984"):
        assert [one.id for one in store.read(system(), patient_search.search, typed)] == [made.id]


_ALL_KEYS = "SELECT kind, key, patient_id FROM patient_search_key ORDER BY 1, 2, 3"


def test_changes_are_found_at_once_and_the_deactivated_are_not(store: Store) -> None:
    made = patient(store, phone="9845011223")
    people = {made.id: "she"}
    store.write(system(), patients.update, made.id, {"name": "Meera Iyer", "phone": "9900000000"})
    assert found(store, people, "rao") == []
    assert found(store, people, "98450") == []
    assert found(store, people, "iyer 99000") == ["she"]
    store.write(system(), patients.update, made.id, {"birth_date": "1991-02-03"})
    assert found(store, people, "iyer 3 feb 1991") == ["she"]
    assert found(store, people, "iyer 1984") == []
    store.write(system(), patients.deactivate, made.id)
    assert found(store, people, "iyer") == []


def test_hostile_text_finds_nothing_and_breaks_nothing(store: Store) -> None:
    patient(store)
    for typed in [*hostile.REFUSED, *hostile.LITERAL, hostile.TOO_LONG, hostile.PILED_UP]:
        assert store.read(system(), patient_search.search, typed) == []


def test_who_may_search(store: Store) -> None:
    patient(store, username="meera")
    assert store.read(actor_of(store, reception(store)), patient_search.search, "rao")
    asha, stranger = actor_of(store, "meera"), actor_of(store, doctor(store))
    with pytest.raises(Forbidden):
        store.read(asha, patient_search.search, "rao")
    assert store.read(stranger, patient_search.search, "rao") == []  # has met nobody yet
    for actor in (asha, stranger):
        with pytest.raises(Forbidden):
            store.read(actor, patient_search.likely_duplicates, PEOPLE["meera"])
    with pytest.raises(NotSignedIn):
        store.read(nobody("kiosk"), patient_search.search, "rao")


def trail(store: Store, action: str) -> list[tuple[dict[str, int], int | None]]:
    """What the audit trail tells of an action: the detail and the patient."""
    query = text("SELECT detail, patient_id FROM audit_entry WHERE action = :action ORDER BY id")
    with store.database.begin(write=False) as connection:
        rows = connection.execute(query, {"action": action})
        return [(json.loads(row.detail), row.patient_id) for row in rows]


def test_a_search_is_audited_by_its_hits_not_by_its_words(store: Store) -> None:
    patient(store)
    store.read(actor_of(store, reception(store)), patient_search.search, "meera")
    assert trail(store, "patient.search") == [({"hits": 1}, None)]


def test_completing_a_number_leaves_one_entry_a_minute(store: Store, clock: FixedClock) -> None:
    number = patient(store).mrn
    desk = actor_of(store, reception(store))
    for seconds in (0, 1, 58, 2, 59):
        clock.advance(timedelta(seconds=seconds))
        assert [one.mrn for one in store.read(desk, patient_search.complete, number[:4])] == [
            number
        ]
    assert trail(store, "patient.complete") == [({"hits": 1}, None)] * 2


class TestDuplicates:
    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            (PatientInput("Somebody Else", phone="+91 98450 11223"), ["meera", "ravi"]),
            (PatientInput("Mira Rao", "1984-09-30"), ["meera"]),
            (PatientInput("M K Rao Mira", "1984", phone="9845011223"), ["meera", "ravi"]),
            (PatientInput("Laxmi Narayan", "1970"), []),
            (PatientInput("Laxmy Narayanan", "1971"), ["lakshmi"]),
            (PatientInput("Lakshmi Narayanan", "1972"), []),
            (PatientInput("Lakshmi Narayanan"), []),
            (PatientInput("Muhammad Chaudhary", "64y"), ["mohd"]),
            (PatientInput("Meera Rao", "not a date", phone="not a phone"), []),
            (PatientInput("Smt. Laxmy K Narayanan", "1970"), ["lakshmi"]),
            (PatientInput("Lakshmi Lal", "1970"), []),
            (PatientInput("Shri R K Rao", "1984"), ["ravi"]),
            (PatientInput("Ravi Menon Rao", "1984"), []),
            (PatientInput("Mira Rao", "1984", sex=Sex.MALE), ["meera"]),
            (PatientInput("", None), []),
            (PatientInput("\0\ud800", "\0", phone="\0"), []),
        ],
    )
    def test_alike(
        self, store: Store, people: dict[int, str], given: PatientInput, expected: list[str]
    ) -> None:
        hits = store.read(system(), patient_search.likely_duplicates, given)
        assert [people[one.id] for one in hits] == expected

    def test_one_sex_or_the_very_same_name(self, store: Store) -> None:
        patient(store, "Amit Shah", birth_date="1984", sex=Sex.MALE)
        for name, sex, hits in (
            ("Amita Shah", Sex.FEMALE, 0),
            ("Amita Shah", Sex.UNKNOWN, 1),
            ("Amit Shah", Sex.FEMALE, 1),
        ):
            given = PatientInput(name, "1984", sex=sex)
            assert len(store.read(system(), patient_search.likely_duplicates, given)) == hits

    def test_the_deactivated_count(self, store: Store) -> None:
        made = patient(store, birth_date="1984")
        store.write(system(), patients.deactivate, made.id)
        again = PatientInput("Meera Rao", "1984")
        (hit,) = store.read(system(), patient_search.likely_duplicates, again)
        assert (hit.id, hit.active) == (made.id, False)


class TestSounds:
    @pytest.mark.parametrize(
        "spellings",
        [
            "Lakshmi Laxmi Lakshmy Laxmy",
            "Chaudhary Choudhury Chowdhury Chaudhuri Choudhry",
            "Nair Nayar Nayyar Naiar",
            "Mohammed Muhammad Mohd Mohamed Md",
            "Sreenivasan Srinivasan",
            "Deepak Dipak",
            "Iyer Aiyar Ayyar",
            "Mukherjee Mukherji",
            "Subramaniam Subramanyam Subrahmanyam Subramanian",
            "Zakir Jakir",
            "Agarwal Aggarwal Agrawal",
            "Verma Varma",
            "Geetha Gita Geeta",
            "Saxena Saksena",
            "Fatima Fathima",
            "Yusuf Yousuf",
            "Vishwanath Viswanath",
            "Jyothi Jyoti",
            "Gouri Gowri Gauri",
            "Aishwarya Ishwarya",
            "Krishnan Krishnen",
            "Vasudevan Wasudevan",
            "Poornima Purnima",
            "Sita Seetha",
            "Ravi Rabi",
            "Vikas Bikash",
            "Vijay Bijoy",
            "Muthuswamy Muthusamy",
        ],
    )
    def test_spellings_of_one_name(self, spellings: str) -> None:
        one, *others = name_words(spellings)
        assert [other for other in others if not sound_alike(one, other)] == []
        assert len({sound_of(word) for word in [one, *others]}) == 1

    def test_two_names_of_nearly_one_sound(self) -> None:
        pairs = """Asha/Usha Asha/Aisha Kumar/Kumari Sita/Seth Deva/Devi Hari/Iyer Kiran/Karan
            Mona/Meena Yusuf/Asif Hussain/Hasan Singh/Sinha Mohammed/Mahmood Salim/Salma Roy/Rao"""
        assert [two for two in pairs.split() if sound_alike(*name_words(two))] == []

    def test_other_names_stay_apart(self) -> None:
        names = "Rao Nair Iyer Sharma Kumar Singh Patel Das Bose Reddy Khan Gupta Joshi Pillai"
        assert len({sound_of(word) for word in name_words(names)}) == len(names.split())

    @given(st.text(max_size=120))
    def test_any_text_has_keys_that_fit(self, name: str) -> None:
        keys = keys_of(Keyed(1, name, "000001-9", None, None))
        assert all(0 < len(key) <= 400 for _, key in keys)


class TestManyPatients:
    """A hundred thousand patients would take long to make; twenty thousand show a scan as well."""

    COUNT = 20_000

    @pytest.fixture
    def crowded(self, store: Store) -> Store:
        people, keyed = [], []
        for number in range(1, self.COUNT + 1):
            name = f"{FIRST[number % len(FIRST)]}{number % 97} {LAST[number % len(LAST)]}"
            phone = f"+9198{number:08}"
            row = {"id": number, "mrn": f"X{number}", "name": name, "phone": phone}
            people.append(row)
            keyed.append(Keyed(number, name, f"X{number}", phone, None))
        with store.transaction(system()) as tx:
            common = {
                "sex": "unknown", "address": "", "emergency_name": "", "language": "en",
                "is_active": True, **tx.stamps(),
            }  # fmt: skip
            patient_rows = [row | common for row in people]
            tx.session.execute(table_of(Patient).insert(), patient_rows)
            patient_keys.write(tx.session, keyed)
        return store

    def test_a_search_is_few_statements(self, crowded: Store) -> None:
        for typed in ("r", "ra", "rao", "rao r", "a1 rao", "98", "9800001", "kumar 98", "zz"):
            with counted(crowded) as sent:
                crowded.read(system(), patient_search.search, typed)
            assert 0 < len(sent) <= 6, typed


FIRST = ("Ravi", "Meera", "Anil", "Sunita", "Kiran", "Asha", "Zubin", "Farah", "Gita", "Ishaan")
LAST = ("Rao", "Kumar", "Sharma", "Nair", "Iyer", "Singh", "Das")
