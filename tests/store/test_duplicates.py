"""Who is likely registered twice, and who was said to be two people."""

from __future__ import annotations

import pytest

from store import apart, audit, duplicates, merging, patients
from store.actors import system
from store.errors import InUse, Invalid, NotFound
from store.front_door import Store
from store.values import Actor, PatientInput, PatientView
from tests.hospital import actor_of, patient, reception

SYSTEM = system()


@pytest.fixture
def desk(store: Store) -> Actor:
    return actor_of(store, reception(store))


class TestDuplicates:
    def test_those_registered_twice_are_listed_the_likeliest_first(
        self, store: Store, desk: Actor
    ) -> None:
        for name, born, phone in (
            ("Lakshmi Devi Nair", "1984-03-01", "98450 11223"),
            ("Laxmi Nair", "1984-03-01", "98450 11223"),
            ("Ravi Bose", "1970-02-11", "98450 22222"),
            ("R. Bose", "1970-11-02", "98450 33333"),
            ("Asha Rao", "1991-04-03", "98450 44444"),
            ("Usha Rao", "1991-04-03", "98450 44444"),
            ("Kiran Shetty", "1955-01-01", "98450 44444"),
            ("Ravi Bose", "1999-09-09", "98450 55555"),
        ):
            patient(store, name, birth_date=born, phone=phone)
        found = store.read(desk, duplicates.likely_pairs)
        named = [({one.one.name, one.other.name}, one.because) for one in found.items]
        assert named == [
            ({"Lakshmi Devi Nair", "Laxmi Nair"}, ("same birth date", "same telephone")),
            ({"Ravi Bose", "R. Bose"}, ("day and month swapped",)),
        ]
        assert found.total == 2
        first = found.items[0]
        store.write(desk, merging.merge, first.one.id, first.other.id)
        assert store.read(desk, duplicates.likely_pairs).total == 1

    def test_so_many_of_one_number_are_nobody_s_double(self, store: Store) -> None:
        with store.transaction(SYSTEM) as tx:
            for _ in range(61):
                patients.register(tx, PatientInput("Old Home", phone="98450 11223"))
        assert store.read(SYSTEM, duplicates.likely_pairs).total == 0


class TestNotTheSame:
    """Two registrations that somebody looked at, and that are two people."""

    @pytest.fixture
    def three(self, store: Store) -> list[PatientView]:
        """Each likely one of the others."""
        return [
            patient(store, name, phone="98450 11223") for name in ("Asha Rao", "A Rao", "Aasha Rao")
        ]

    def suggested(self, store: Store) -> set[tuple[int, int]]:
        return {(p.one.id, p.other.id) for p in store.read(SYSTEM, duplicates.likely_pairs).items}

    def test_the_pair_is_suggested_no_more_until_that_is_taken_back(
        self, store: Store, desk: Actor, three: list[PatientView]
    ) -> None:
        one, other, third = (who.id for who in three)
        assert self.suggested(store) == {(one, other), (one, third), (other, third)}
        done = store.write(desk, apart.mark, other, one)
        assert (done.one.id, done.other.id) == (one, other)
        store.write(desk, apart.mark, one, other)  # changes nothing
        assert self.suggested(store) == {(one, third), (other, third)}
        assert [pair.one.id for pair in store.read(desk, apart.marked).items] == [one]
        assert store.read(desk, merging.preview, one, other).apart
        assert not store.read(desk, merging.preview, one, third).apart

        store.write(desk, apart.take_back, one, other)
        assert len(self.suggested(store)) == 3
        assert store.read(desk, apart.marked).total == 0
        trail = store.read(SYSTEM, audit.list_entries, limit=50).items
        actions = [entry.action for entry in trail if entry.entity_id == str(one)]
        assert actions.count("patient.not-same") == actions.count("patient.maybe-same") == 1

    def test_whoever_was_merged_counts_as_the_patient_into_whom(
        self, store: Store, desk: Actor, three: list[PatientView]
    ) -> None:
        one, other, third = (who.id for who in three)
        store.write(desk, apart.mark, one, third)
        store.write(desk, merging.merge, other, one)
        assert self.suggested(store) == set()
        with pytest.raises(InUse, match="was merged into"):
            store.write(desk, apart.mark, one, third)
        store.write(desk, apart.take_back, third, other)
        assert self.suggested(store) == {(other, third)}

        store.write(desk, apart.mark, other, third)
        store.write(desk, merging.unmerge, one)
        assert self.suggested(store) == {(one, other), (one, third)}

    def test_two_that_were_merged_all_the_same_are_two_again_when_separated(
        self, store: Store, desk: Actor, three: list[PatientView]
    ) -> None:
        one, other, third = (who.id for who in three)
        store.write(desk, apart.mark, one, other)
        store.write(desk, merging.merge, one, other)
        assert store.read(desk, apart.marked).total == 0
        assert self.suggested(store) == {(one, third)}
        store.write(desk, merging.unmerge, other)
        assert self.suggested(store) == {(one, third), (other, third)}

    def test_what_cannot_be_said_is_refused(
        self, store: Store, desk: Actor, three: list[PatientView]
    ) -> None:
        one, other, _ = (who.id for who in three)
        with pytest.raises(Invalid, match="one patient already"):
            store.write(desk, apart.mark, one, one)
        with pytest.raises(InUse, match="Nobody has said"):
            store.write(desk, apart.take_back, one, other)
        with pytest.raises(NotFound):
            store.write(desk, apart.mark, one, 999)
