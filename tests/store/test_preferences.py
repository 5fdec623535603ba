"""What a person chose stays that person's, on any terminal."""

from __future__ import annotations

import pytest

from store import preferences
from store.errors import Invalid, NotSignedIn
from store.front_door import Store
from store.preferences import QUEUE_FILTER
from tests.clinic import SYSTEM
from tests.hospital import actor_of, admin, reception


def test_a_choice_is_remembered_for_the_person_alone(store: Store) -> None:
    meera, other = actor_of(store, reception(store)), actor_of(store, admin(store))
    assert store.read(meera, preferences.get, QUEUE_FILTER) == ""
    for words in ("nair waiting", "nair waiting", "bose"):
        store.write(meera, preferences.put, QUEUE_FILTER, words)
    assert store.read(meera, preferences.get, QUEUE_FILTER) == "bose"
    assert store.read(meera, preferences.get, "desk.other") == ""
    assert store.read(other, preferences.get, QUEUE_FILTER) == ""
    store.write(meera, preferences.put, QUEUE_FILTER, "  ")
    assert store.read(meera, preferences.get, QUEUE_FILTER) == ""


def test_what_cannot_be_remembered_is_refused(store: Store) -> None:
    meera = actor_of(store, reception(store))
    with pytest.raises(Invalid):
        store.write(meera, preferences.put, QUEUE_FILTER, "x" * 501)
    with pytest.raises(Invalid):
        store.write(meera, preferences.put, QUEUE_FILTER, "a\x1b[2J")
    with pytest.raises(NotSignedIn):
        store.write(SYSTEM, preferences.put, QUEUE_FILTER, "nair")
