"""What keeps a login session alive: a person, not a screen that renews itself (AUTH-8)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from store import accounts, patients, signing_in
from store.clock import FixedClock
from store.errors import BadCredentials, SessionEnded
from store.front_door import Store
from store.values import PatientInput, Role, Sex
from tests.hospital import PASSWORD, actor_of, quick_rules, reception
from tests.store.test_signing_in import attempt, audited


def test_a_glance_reads_but_does_not_keep_the_session(store: Store, clock: FixedClock) -> None:
    desk = reception(store)
    renewed, used = attempt(store, "desk", PASSWORD), attempt(store, "desk", PASSWORD)
    for _ in range(3):
        clock.advance(timedelta(minutes=19))
        assert store.glance(renewed.actor, accounts.whoami) == desk
        store.read(used.actor, accounts.whoami)
    clock.advance(timedelta(minutes=3))
    with pytest.raises(SessionEnded, match="it was not used for 60 minutes"):
        store.glance(renewed.actor, accounts.whoami)
    assert store.glance(used.actor, accounts.whoami) == desk


def test_what_a_glance_reads_of_a_patient_is_audited_all_the_same(store: Store) -> None:
    desk = actor_of(store, reception(store))
    asha = store.write(desk, patients.register, PatientInput("Asha Rao", "1991", Sex.FEMALE))
    before = len(audited(store, "patient.read"))
    store.glance(desk, patients.get, asha.id)
    assert len(audited(store, "patient.read")) == before + 1


def test_a_session_that_was_open_for_too_long_says_so(store: Store, clock: FixedClock) -> None:
    reception(store)
    signed = attempt(store, "desk", PASSWORD)
    for _ in range(23):
        store.read(signed.actor, accounts.whoami)
        clock.advance(timedelta(minutes=30))
    store.read(signed.actor, accounts.whoami)
    clock.advance(timedelta(minutes=30))
    with pytest.raises(SessionEnded, match="it was open for too long"):
        store.read(signed.actor, accounts.whoami)


def test_only_the_right_password_keeps_the_session(store: Store, clock: FixedClock) -> None:
    reception(store)
    signed = attempt(store, "desk", PASSWORD)
    clock.advance(timedelta(minutes=40))
    with pytest.raises(BadCredentials):
        signing_in.confirm_password(store, signed.actor, "wrong")
    clock.advance(timedelta(minutes=19))
    signing_in.confirm_password(store, signed.actor, PASSWORD)
    clock.advance(timedelta(minutes=59))
    store.read(signed.actor, accounts.whoami)
    other = attempt(store, "desk", PASSWORD)
    clock.advance(timedelta(minutes=40))
    with pytest.raises(BadCredentials):
        signing_in.confirm_password(store, other.actor, "wrong")
    clock.advance(timedelta(minutes=20))
    with pytest.raises(SessionEnded):
        signing_in.confirm_password(store, other.actor, PASSWORD)


def test_use_is_noted_in_time_where_a_session_may_rest_for_a_minute(
    store: Store, clock: FixedClock
) -> None:
    reception(store)
    rules = quick_rules()
    short = type(rules.security)(bcrypt_cost=4, idle_minutes=dict.fromkeys(Role, 1))
    strict = Store(store.database, clock, type(rules)(rules.hospital, security=short))
    signed = attempt(strict, "desk", PASSWORD)
    clock.advance(timedelta(seconds=20))
    strict.read(signed.actor, accounts.whoami)
    clock.advance(timedelta(seconds=59))
    strict.glance(signed.actor, accounts.whoami)
    clock.advance(timedelta(seconds=1))
    with pytest.raises(SessionEnded, match=r"for 1 minute\."):
        strict.glance(signed.actor, accounts.whoami)
