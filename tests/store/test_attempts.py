"""Parts of a unit of work that are taken back alone."""

from __future__ import annotations

import pytest

from store import departments
from store.actors import system
from store.errors import Invalid, StoreError
from store.front_door import Store
from store.transaction import Transaction
from tests.statements import heard


def names(store: Store) -> set[str]:
    return {one.name for one in store.read(system(), departments.list_departments).items}


def refuse(tx: Transaction, name: str) -> None:
    departments.create(tx, name=name)
    raise Invalid("No.")


def refuse_both(tx: Transaction) -> None:
    with tx.attempt():
        departments.create(tx, name="Dental")
    refuse(tx, "Physio")


class TestOneWithinAnother:
    def test_the_inner_is_taken_back_alone(self, store: Store) -> None:
        with store.transaction(system()) as tx, tx.attempt():
            departments.create(tx, name="Dental")
            with pytest.raises(StoreError), tx.attempt():
                refuse(tx, "Physio")
            departments.create(tx, name="Ear")
        assert names(store) >= {"Dental", "Ear"}
        assert "Physio" not in names(store)

    def test_the_outer_takes_the_inner_with_it(self, store: Store) -> None:
        before = names(store)
        with store.transaction(system()) as tx:
            with pytest.raises(StoreError), tx.attempt():
                refuse_both(tx)
            departments.create(tx, name="Ear")
        assert names(store) == before | {"Ear"}


def test_many_are_asked_for_in_the_same_words(sqlite_store: Store) -> None:
    """Else each were a statement of its own, and would push out what is kept prepared."""

    def said(times: int) -> set[str]:
        with (
            heard(sqlite_store) as sent,
            sqlite_store.transaction(system()) as tx,
        ):
            for _ in range(times):
                with tx.attempt():
                    departments.list_departments(tx)
        return {statement for statement, _ in sent}

    assert said(1) == said(20)
