"""Signing in, staying in, and being thrown out (security catalogue L1-L2, P1-P4, R4, R5)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter

import pytest
from sqlalchemy import text

from store import accounts, passwords, sessions, signing_in
from store.actors import system
from store.clock import FixedClock
from store.errors import (
    AccountLocked,
    BadCredentials,
    Forbidden,
    InUse,
    Invalid,
    NotSignedIn,
    SessionEnded,
    StoreError,
)
from store.front_door import Store
from store.values import Role, SessionKind, SignedIn
from tests.hospital import PASSWORD, actor_of, admin, hashed, quick_rules, reception, signed_in

LONGEST = "".join(f"{number:02x}" for number in range(64))


def attempt(store: Store, name: str, password: str, terminal: str = "desk 1") -> SignedIn:
    return signing_in.sign_in(store, name, password, kind=SessionKind.CLI, terminal=terminal)


def audited(store: Store, action: str) -> list[tuple[str, str, str, str]]:
    """(outcome, actor, terminal, entity id) of every entry of an action, oldest first."""
    query = text(
        "SELECT outcome, actor_name, terminal, entity_id FROM audit_entry"
        " WHERE action = :action ORDER BY id"
    )
    with store.database.begin(write=False) as connection:
        return [tuple(row) for row in connection.execute(query, {"action": action})]


def test_signing_in_tells_who_and_where(store: Store) -> None:
    desk = reception(store)
    signed = attempt(store, "DESK ", PASSWORD, "tty3 on front-desk")
    assert signed.actor.role is Role.RECEPTION
    assert (signed.actor.account_id, signed.actor.username) == (desk.id, "desk")
    assert signed.expires_at - store.now() == timedelta(hours=12)
    assert store.read(signed.actor, accounts.whoami) == desk
    assert audited(store, "auth.sign-in") == [("ok", "desk", "tty3 on front-desk", str(desk.id))]


def test_email_signs_in_too(store: Store) -> None:
    store.write(
        system(),
        accounts.create,
        username="mira",
        name="Mira",
        role=Role.ADMIN,
        email="Mira@Example.org",
        password=hashed(),
    )
    assert attempt(store, "mira@EXAMPLE.org", PASSWORD).actor.username == "mira"


def test_token_resumes_until_signed_out(store: Store) -> None:
    reception(store)
    signed = attempt(store, "desk", PASSWORD)
    actor = signing_in.resume(store, signed.token, "desk 1")
    assert actor == signed.actor
    signing_in.sign_out(store, actor)
    signing_in.sign_out(store, actor)
    with pytest.raises(SessionEnded):
        signing_in.resume(store, signed.token, "desk 1")
    with pytest.raises(SessionEnded):
        store.read(signed.actor, accounts.whoami)


def test_the_token_itself_is_not_kept(store: Store) -> None:
    reception(store)
    token = attempt(store, "desk", PASSWORD).token
    with store.database.begin(write=False) as connection:
        kept = [str(row) for row in connection.execute(text("SELECT * FROM login_session"))]
    assert kept
    assert not any(token in row for row in kept)


@pytest.mark.parametrize("token", ["", "nonsense", "\0", "\ud800", "x" * 100_000])
def test_what_is_no_token_signs_nobody_in(store: Store, token: str) -> None:
    with pytest.raises(NotSignedIn):
        signing_in.resume(store, token, "desk 1")


def test_sessions_end_after_hours_and_after_idleness(store: Store, clock: FixedClock) -> None:
    reception(store)
    idle, busy = attempt(store, "desk", PASSWORD), attempt(store, "desk", PASSWORD)
    for _ in range(13):
        clock.advance(timedelta(minutes=50))
        store.read(busy.actor, accounts.whoami)
    with pytest.raises(SessionEnded):
        signing_in.resume(store, idle.token, "desk 1")
    clock.advance(timedelta(minutes=50))
    store.read(busy.actor, accounts.whoami)
    clock.advance(timedelta(minutes=50))
    with pytest.raises(SessionEnded):
        store.read(busy.actor, accounts.whoami)


@pytest.mark.parametrize(
    "name", ["", "nobody", "desk\0", "root'--", "\ud800", "x" * 100_000, "a@b"]
)
def test_unknown_names_and_wrong_passwords_get_one_answer(store: Store, name: str) -> None:
    reception(store)
    with pytest.raises(BadCredentials) as unknown:
        attempt(store, name, PASSWORD)
    with pytest.raises(BadCredentials) as wrong:
        attempt(store, "desk", "not the password")
    assert unknown.value.message == wrong.value.message
    assert unknown.value.details == wrong.value.details


def outcomes(store: Store, clock: FixedClock, name: str) -> list[str]:
    """What thirty wrong passwords in a row are answered, one each second, from many terminals."""
    answers = []
    for number in range(60):
        try:
            attempt(store, name, "not the password", f"desk {number}")
        except AccountLocked as locked:
            wait = locked.details["until"] - store.clock.now()
            answers.append(f"{locked.code} {wait} {locked.message.split('after')[0]}")
        except StoreError as refusal:
            answers.append(refusal.message)
        clock.advance(timedelta(seconds=7))
    return answers


def test_a_lock_does_not_tell_which_names_exist(
    found_hospital: Callable[..., str], make_store: Callable[[str], Store], clock: FixedClock
) -> None:
    store = make_store(found_hospital())
    reception(store)
    store.write(system(), accounts.deactivate, reception(store, "gone").id)
    known = outcomes(store, clock, "desk")
    assert known == outcomes(store, clock, "nobody.here")
    assert known == outcomes(store, clock, "gone")
    assert sum("account_locked" in answer for answer in known) > 20


def test_wrong_passwords_slow_down_then_lock(store: Store, clock: FixedClock) -> None:
    desk = reception(store)
    for _ in range(5):
        with pytest.raises(BadCredentials):
            attempt(store, "desk", "wrong")
    delays = []
    for _ in range(14):
        with pytest.raises(AccountLocked) as locked:
            attempt(store, "desk", PASSWORD)
        delays.append((locked.value.details["until"] - clock.now()).total_seconds())
        clock.advance(timedelta(seconds=delays[-1]))
        with pytest.raises(BadCredentials):
            attempt(store, "desk", "wrong", f"desk {len(delays)}")
    assert delays[:6] == [1, 2, 4, 8, 16, 30]
    assert max(delays) == 30
    clock.advance(timedelta(seconds=30))
    with pytest.raises(BadCredentials):
        attempt(store, "desk", "wrong", "another")
    with pytest.raises(AccountLocked) as locked:
        attempt(store, "desk", PASSWORD, "another")
    assert locked.value.details["until"] - clock.now() == timedelta(minutes=15)
    seen = store.read(system(), accounts.get, desk.id)
    assert seen.locked_until == locked.value.details["until"]
    clock.advance(timedelta(minutes=15))
    assert attempt(store, "desk", PASSWORD, "another").actor.account_id == desk.id


def test_the_right_password_forgets_the_wrong_ones(store: Store) -> None:
    reception(store)
    for _ in range(4):
        for _ in range(4):
            with pytest.raises(BadCredentials):
                attempt(store, "desk", "wrong")
        attempt(store, "desk", PASSWORD)


def test_an_administrator_unlocks(store: Store) -> None:
    desk, root = reception(store), actor_of(store, admin(store), "office")
    for _ in range(5):
        with pytest.raises(BadCredentials):
            attempt(store, "desk", "wrong")
    with pytest.raises(AccountLocked):
        attempt(store, "desk", PASSWORD)
    with pytest.raises(Forbidden):
        store.write(actor_of(store, reception(store, "other")), accounts.unlock, desk.id)
    assert store.write(root, accounts.unlock, desk.id).locked_until is None
    assert attempt(store, "desk", PASSWORD).actor.account_id == desk.id


def test_a_terminal_has_its_own_limit(store: Store, clock: FixedClock) -> None:
    reception(store)
    for number in range(30):
        with pytest.raises(BadCredentials):
            attempt(store, f"user{number}", "sprayed", "kiosk")
    with pytest.raises(AccountLocked):
        attempt(store, "desk", PASSWORD, "kiosk")
    attempt(store, "desk", PASSWORD, "desk 2")
    clock.advance(timedelta(minutes=5))
    attempt(store, "desk", PASSWORD, "kiosk")


def test_a_deactivated_account_is_out_at_its_next_action(store: Store) -> None:
    desk, root = reception(store), actor_of(store, admin(store), "office")
    signed = attempt(store, "desk", PASSWORD)
    store.write(root, accounts.deactivate, desk.id)
    with pytest.raises(SessionEnded):
        store.read(signed.actor, accounts.whoami)
    with pytest.raises(SessionEnded):
        signing_in.resume(store, signed.token, "desk 1")
    with pytest.raises(BadCredentials):
        attempt(store, "desk", PASSWORD)
    store.write(root, accounts.activate, desk.id)
    with pytest.raises(SessionEnded):
        signing_in.resume(store, signed.token, "desk 1")
    attempt(store, "desk", PASSWORD)


def test_the_last_administrator_stays(store: Store) -> None:
    first, second = admin(store), admin(store, "root2")
    root = actor_of(store, first)
    with pytest.raises(InUse):
        store.write(root, accounts.deactivate, first.id)
    store.write(root, accounts.deactivate, second.id)
    with pytest.raises(InUse):
        store.write(system(), accounts.deactivate, first.id)


def test_changing_the_password_ends_the_other_sessions(store: Store) -> None:
    reception(store)
    here, there = attempt(store, "desk", PASSWORD), attempt(store, "desk", PASSWORD, "desk 2")
    signing_in.change_password(store, here.actor, PASSWORD, "a lamp under the stairs")
    assert signing_in.resume(store, here.token, "desk 1").account_id == here.actor.account_id
    with pytest.raises(SessionEnded):
        signing_in.resume(store, there.token, "desk 2")
    with pytest.raises(BadCredentials):
        attempt(store, "desk", PASSWORD)
    attempt(store, "desk", "a lamp under the stairs")


def test_changing_the_password_asks_for_the_current_one(store: Store) -> None:
    reception(store)
    actor = attempt(store, "desk", PASSWORD).actor
    with pytest.raises(BadCredentials):
        signing_in.change_password(store, actor, "wrong", "a lamp under the stairs")
    for unfit in ("short", PASSWORD, "Dina.Desk123", "City Hospital 2026"):
        with pytest.raises(Invalid) as refusal:
            signing_in.change_password(store, actor, PASSWORD, unfit)
        assert list(refusal.value.fields) == ["new"]
    attempt(store, "desk", PASSWORD)


def test_unlocking_a_screen_counts_wrong_passwords(store: Store) -> None:
    reception(store)
    actor = attempt(store, "desk", PASSWORD).actor
    signing_in.confirm_password(store, actor, PASSWORD)
    for _ in range(5):
        with pytest.raises(BadCredentials):
            signing_in.confirm_password(store, actor, "wrong")
    with pytest.raises(AccountLocked):
        signing_in.confirm_password(store, actor, PASSWORD)


def test_own_sessions_can_be_listed_and_ended(store: Store) -> None:
    reception(store)
    here, there = attempt(store, "desk", PASSWORD), attempt(store, "desk", PASSWORD, "desk 2")
    listed = store.read(here.actor, sessions.list_sessions)
    assert [(one.terminal, one.current) for one in listed] == [("desk 2", False), ("desk 1", True)]
    store.write(here.actor, sessions.end, listed[0].id)
    with pytest.raises(SessionEnded):
        store.read(there.actor, accounts.whoami)
    assert len(store.read(here.actor, sessions.list_sessions)) == 1


def test_nobody_ends_or_lists_anothers_sessions(store: Store) -> None:
    desk = signed_in(store, reception(store)).actor
    other = actor_of(store, reception(store, "other"), "desk 9")
    with pytest.raises(Forbidden):
        store.read(desk, sessions.list_sessions, other.account_id)
    with pytest.raises(Forbidden):
        store.write(desk, sessions.end, other.session_id or 0)
    with pytest.raises(Forbidden):
        store.write(desk, sessions.end_all, other.account_id or 0)
    assert [entry[0] for entry in audited(store, "session.end")] == ["denied", "denied"]
    root = actor_of(store, admin(store))
    assert store.write(root, sessions.end_all, other.account_id or 0) == 1
    with pytest.raises(SessionEnded):
        store.read(other, accounts.whoami)


def test_each_kind_of_try_is_audited(store: Store) -> None:
    desk = reception(store)
    for _ in range(5):
        with pytest.raises(BadCredentials):
            attempt(store, "desk", "wrong")
    with pytest.raises(AccountLocked):
        attempt(store, "desk", PASSWORD)
    entries = audited(store, "auth.sign-in")
    assert [entry[0] for entry in entries] == ["failed"] * 5 + ["denied"]
    assert {entry[3] for entry in entries} == {str(desk.id)}


def test_a_hostile_terminal_name_is_kept_harmless(store: Store) -> None:
    reception(store)
    attempt(store, "desk", PASSWORD, "tty\x1b]52;c;AAAA\x07\n" + "x" * 500)
    (entry,) = audited(store, "auth.sign-in")
    assert entry[2].startswith("tty·]52;c;AAAA··x")
    assert len(entry[2]) == 120


@pytest.mark.parametrize("stored", ["", "!", "ck1$", "ck1$$2b$04$short", "$2b$04$" + "." * 53])
def test_a_damaged_hash_is_a_wrong_password(sqlite_store: Store, stored: str) -> None:
    desk = reception(sqlite_store)
    with sqlite_store.database.begin(write=True) as connection:
        connection.execute(text("UPDATE account SET password_hash = :h"), {"h": stored})
    with pytest.raises(BadCredentials):
        attempt(sqlite_store, "desk", PASSWORD)
    assert audited(sqlite_store, "auth.sign-in") == [("failed", "visitor", "desk 1", str(desk.id))]


def test_an_account_without_a_password_signs_nobody_in(sqlite_store: Store) -> None:
    sqlite_store.write(
        system(),
        accounts.create,
        username="later",
        name="Later",
        role=Role.RECEPTION,
        password=None,
    )
    with pytest.raises(BadCredentials):
        attempt(sqlite_store, "later", "")


def test_a_hash_of_another_cost_is_renewed(sqlite_store: Store) -> None:
    reception(sqlite_store)
    rules = quick_rules()
    dearer = type(rules.security)(bcrypt_cost=5)
    later = Store(
        sqlite_store.database, sqlite_store.clock, type(rules)(rules.hospital, security=dearer)
    )
    attempt(later, "desk", PASSWORD)
    with sqlite_store.database.begin(write=False) as connection:
        stored = connection.execute(text("SELECT password_hash FROM account")).scalar_one()
    assert stored.startswith("ck1$$2b$05$")
    attempt(later, "desk", PASSWORD)


def test_unknown_names_take_as_long_as_known_ones(sqlite_store: Store, clock: FixedClock) -> None:
    """At a cost where hashing outweighs the rest; the limit of 5 % is for the shipped cost."""
    rules = quick_rules()
    slow = type(rules.security)(bcrypt_cost=8, free_attempts=100)
    store = Store(sqlite_store.database, clock, type(rules)(rules.hospital, security=slow))
    store.write(
        system(),
        accounts.create,
        username="desk",
        name="Desk",
        role=Role.RECEPTION,
        password=passwords.prepare(PASSWORD, store.rules),
    )

    def seconds(name: str, number: int) -> float:
        start = perf_counter()
        with pytest.raises(BadCredentials):
            attempt(store, name, "wrong", f"desk {number}")
        return perf_counter() - start

    known = median(seconds("desk", number) for number in range(15))
    unknown = median(seconds("nobody", number) for number in range(15))
    assert known == pytest.approx(unknown, rel=0.5)


def test_moments_are_told_in_utc(store: Store, clock: FixedClock) -> None:
    reception(store)
    for _ in range(5):
        with pytest.raises(BadCredentials):
            attempt(store, "desk", "wrong")
    with pytest.raises(AccountLocked) as locked:
        attempt(store, "desk", "wrong")
    assert locked.value.details["until"] == datetime(2026, 1, 5, 3, 30, 1, tzinfo=UTC)
    assert "09:00:01" in locked.value.message


class TestPasswords:
    """What is taken for a password."""

    rules = quick_rules()

    @pytest.mark.parametrize(
        "password",
        [
            "kettle on the ledge",
            "पासवर्ड-बहुत-लंबा",
            "👨‍👩‍👧‍👦" * 10,
            "é" * 3 + "tonnant12",
            "a" + " " * 6 + "b",
            "x" * 62 + "y" + "z" * 10,
            LONGEST,
        ],
    )
    def test_any_script_and_all_of_it_counts(self, password: str) -> None:
        stored = passwords.prepare(password, self.rules)
        assert passwords.verify(stored, password)
        assert not passwords.verify(stored, password[:-1])
        assert not passwords.verify(stored, password + "!")

    def test_one_person_types_one_password_in_two_forms(self) -> None:
        composed, decomposed = (
            unicodedata.normalize(form, "résumé über alles") for form in ("NFC", "NFD")
        )
        assert passwords.verify(passwords.prepare(composed, self.rules), decomposed)

    @pytest.mark.parametrize(
        "password",
        [
            "",
            "seven77",
            "        ",
            "with\0nul-inside",
            "x1" * 65,
            "x" * 10_000,
            "password123456789",
            "Sunshine1",
            "aaaaaaaaaaaaaaa",
            "abcabcabcabc",
            "12345678",
            "98765432",
            "chikitsa2026",
            "City Hospital",
            "cityhospital!!",
            "dr.nair2026",
            "nair@example.org",
            "ＰＡＳＳＷＯＲＤ１２３",
        ],
    )
    def test_what_is_guessed_first_is_refused(self, password: str) -> None:
        with pytest.raises(Invalid) as refusal:
            passwords.prepare(password, self.rules, context=["dr.nair", "nair@example.org"])
        assert list(refusal.value.fields) == ["password"]

    def test_too_long_is_as_wrong_as_any(self) -> None:
        stored = passwords.prepare(LONGEST, self.rules)
        assert not passwords.verify(stored, LONGEST * 40)

    def test_no_password_has_the_hash_of_nobody(self) -> None:
        assert not passwords.verify(passwords.never(self.rules), "")
        assert passwords.is_hash(passwords.never(self.rules))
        assert not passwords.verify(None, PASSWORD)
