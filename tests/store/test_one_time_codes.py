"""Passwords reset by a code that is shown once and used once; accounts deleted (ADM-9)."""

from __future__ import annotations

import pyotp
import pytest

from store import accounts, one_time_codes, patients, second_factor, signing_in, totp
from store.actors import system
from store.clock import FixedClock
from store.errors import (
    AccountLocked,
    BadCredentials,
    CodeNeeded,
    InUse,
    NotFound,
    PasswordChangeNeeded,
    SessionEnded,
)
from store.front_door import Store
from store.values import Actor, Duty, Role, SessionKind, SignedIn
from tests.hospital import PASSWORD, actor_of, admin, doctor, hashed, patient, reception

NEW = "another kettle, 12 ledges"


@pytest.fixture
def root(store: Store) -> Actor:
    return actor_of(store, admin(store))


def sign_in(store: Store, name: str, password: str, code: str = "") -> SignedIn:
    return signing_in.sign_in(
        store, name, password, kind=SessionKind.APP, terminal="desk 1", code=code
    )


def reset(store: Store, root: Actor, account_id: int) -> str:
    code = one_time_codes.make(store.rules)
    store.write(root, one_time_codes.reset_password, account_id, code)
    return code.text


class TestResetting:
    def test_a_code_opens_one_session_which_can_only_choose_a_password(
        self, store: Store, root: Actor
    ) -> None:
        desk = reception(store)
        before = actor_of(store, desk)
        code = reset(store, root, desk.id)
        assert code not in repr(one_time_codes.make(store.rules))
        with pytest.raises(SessionEnded):
            store.read(before, accounts.whoami)
        with pytest.raises(BadCredentials):
            sign_in(store, "desk", PASSWORD)
        signed = sign_in(store, "desk", f"  {code.upper().replace('-', ' ')}")
        assert signed.duty is Duty.PASSWORD
        with pytest.raises(PasswordChangeNeeded):
            store.read(signed.actor, patients.list_patients)
        with pytest.raises(BadCredentials, match="used already"):
            sign_in(store, "desk", code)
        signing_in.change_password(store, signed.actor, code, NEW)
        store.read(signed.actor, patients.list_patients)
        assert sign_in(store, "desk", NEW).duty is None
        with pytest.raises(BadCredentials):
            sign_in(store, "desk", code)

    def test_a_code_expires(self, store: Store, root: Actor, clock: FixedClock) -> None:
        desk = reception(store)
        code = reset(store, root, desk.id)
        clock.advance(one_time_codes.GOOD_FOR)
        with pytest.raises(BadCredentials, match="expired"):
            sign_in(store, "desk", code)
        with pytest.raises(BadCredentials):
            sign_in(store, "desk", PASSWORD)

    def test_a_newer_code_takes_the_place_of_the_last(self, store: Store, root: Actor) -> None:
        desk = reception(store)
        first, second = (reset(store, root, desk.id) for _ in range(2))
        with pytest.raises(BadCredentials):
            sign_in(store, "desk", first)
        assert sign_in(store, "desk", second).duty is Duty.PASSWORD

    def test_wrong_codes_are_counted_as_wrong_passwords_are(
        self, store: Store, root: Actor
    ) -> None:
        desk = reception(store)
        code = reset(store, root, desk.id)
        for _ in range(store.rules.security.free_attempts):
            with pytest.raises(BadCredentials):
                sign_in(store, "desk", "000000-000000-000000")
        with pytest.raises(AccountLocked):
            sign_in(store, "desk", code)
        assert sign_in(store, "desk", reset(store, root, desk.id)).duty is Duty.PASSWORD

    def test_the_second_factor_is_asked_for_all_the_same(self, store: Store, root: Actor) -> None:
        desk = reception(store)
        acting = actor_of(store, desk)
        secret = second_factor.begin(store, acting, PASSWORD).secret
        step = int(store.clock.now().timestamp()) // totp.STEP_SECONDS
        (recovery, *_) = store.write(
            acting, second_factor.finish, pyotp.TOTP(secret).generate_otp(step)
        )
        code = reset(store, root, desk.id)
        with pytest.raises(CodeNeeded):
            sign_in(store, "desk", code)
        assert sign_in(store, "desk", code, recovery).duty is Duty.PASSWORD

    def test_nobody_resets_the_own_or_a_deactivated_account(
        self, store: Store, root: Actor
    ) -> None:
        assert root.account_id is not None
        with pytest.raises(InUse, match="your own"):
            reset(store, root, root.account_id)
        desk = reception(store)
        store.write(root, accounts.deactivate, desk.id)
        with pytest.raises(InUse, match="Activate"):
            reset(store, root, desk.id)


class TestDeleting:
    def test_what_was_never_used_goes(self, store: Store, root: Actor) -> None:
        made = reception(store, "mistake")
        store.write(root, accounts.delete, made.id)
        with pytest.raises(NotFound):
            store.read(root, accounts.get, "mistake")
        assert reception(store, "mistake").id

    def test_what_history_hangs_on_stays(self, store: Store, root: Actor) -> None:
        used = reception(store)
        actor_of(store, used)
        nair, meera = doctor(store), patient(store, username="meera")
        meera_id = store.read(root, accounts.get, str(meera.username)).id
        nair_id = store.read(root, accounts.get, nair.username).id
        for account_id in (used.id, nair_id, meera_id):
            with pytest.raises(InUse, match="Deactivate"):
                store.write(root, accounts.delete, account_id)
        assert actor_of(store, nair).doctor_id == nair.id

    def test_the_last_active_administrator_and_oneself_stay(
        self, store: Store, root: Actor
    ) -> None:
        other = store.write(
            root, accounts.create, username="two", name="Two", role=Role.ADMIN, password=hashed()
        )
        assert root.account_id is not None
        with pytest.raises(InUse, match="your own"):
            store.write(root, accounts.delete, root.account_id)
        store.write(system(), accounts.deactivate, root.account_id)
        with pytest.raises(InUse, match="last active"):
            store.write(system(), accounts.delete, other.id)
