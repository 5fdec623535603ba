"""The second factor: codes that count once, recovery codes, and roles that need one (AUTH-7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Barrier

import pyotp
import pytest
from sqlalchemy import text

from store import accounts, patients, second_factor, sessions, signing_in, totp
from store.actors import system
from store.clock import FixedClock
from store.errors import (
    AccountLocked,
    BadCredentials,
    CodeNeeded,
    Forbidden,
    IllegalTransition,
    InUse,
    Invalid,
    PasswordChangeNeeded,
    SecondFactorNeeded,
    SessionEnded,
    StoreError,
    TooManyCodes,
    WrongCode,
)
from store.front_door import Store
from store.values import Actor, Duty, Role, SessionKind, SignedIn
from tests.hospital import PASSWORD, actor_of, admin, hashed, reception

STEP = timedelta(seconds=totp.STEP_SECONDS)


def attempt(store: Store, code: str = "", name: str = "desk", terminal: str = "desk 1") -> SignedIn:
    return signing_in.sign_in(
        store, name, PASSWORD, kind=SessionKind.APP, terminal=terminal, code=code
    )


@dataclass
class Phone:
    """An authenticator app: the secret, and the store whose clock it shares."""

    store: Store
    secret: str
    recovery: tuple[str, ...] = ()

    def code(self, steps: int = 0) -> str:
        """The code of now, or of so many steps from now."""
        step = int(self.store.clock.now().timestamp()) // totp.STEP_SECONDS + steps
        return pyotp.TOTP(self.secret).generate_otp(step)


def set_up(store: Store, actor: Actor) -> Phone:
    phone = Phone(store, second_factor.begin(store, actor, PASSWORD).secret)
    phone.recovery = store.write(actor, second_factor.finish, phone.code())
    return phone


@pytest.fixture
def desk(store: Store) -> Actor:
    return actor_of(store, reception(store))


@pytest.fixture
def phone(store: Store, desk: Actor, clock: FixedClock) -> Phone:
    made = set_up(store, desk)
    clock.advance(STEP)
    return made


def audited(store: Store, action: str) -> list[str]:
    query = text("SELECT outcome FROM audit_entry WHERE action = :action ORDER BY id")
    with store.database.begin(write=False) as connection:
        return list(connection.execute(query, {"action": action}).scalars())


def test_signing_in_asks_for_the_code_behind_a_right_password(store: Store, phone: Phone) -> None:
    with pytest.raises(CodeNeeded):
        attempt(store)
    with pytest.raises(WrongCode):
        attempt(store, "000000")
    assert attempt(store, phone.code()).actor.username == "desk"
    assert audited(store, "auth.second-factor") == ["failed", "ok"]
    assert audited(store, "auth.code-asked") == ["ok"]


def test_a_wrong_password_is_answered_as_if_there_were_no_second_factor(
    store: Store, phone: Phone
) -> None:
    reception(store, "plain")
    answers = []
    for name, code in (("desk", ""), ("desk", phone.code()), ("plain", ""), ("nobody", "123456")):
        with pytest.raises(BadCredentials) as refusal:
            signing_in.sign_in(
                store, name, "wrong", kind=SessionKind.APP, terminal="desk 1", code=code
            )
        answers.append((refusal.value.message, refusal.value.details))
    assert len({str(answer) for answer in answers}) == 1
    attempt(store, phone.code())


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_may_be_a_step_old_or_early(store: Store, phone: Phone, steps: int) -> None:
    store.clock.advance(STEP * 3)  # type: ignore[attr-defined]
    attempt(store, phone.code(steps))


@pytest.mark.parametrize("steps", [-2, 2, 40])
def test_older_and_later_codes_are_refused(store: Store, phone: Phone, steps: int) -> None:
    with pytest.raises(WrongCode):
        attempt(store, phone.code(steps))


def test_asvs_6_5_1_a_code_counts_once(store: Store, phone: Phone, clock: FixedClock) -> None:
    code = phone.code()
    attempt(store, code)
    with pytest.raises(WrongCode):
        attempt(store, code)
    with pytest.raises(WrongCode):  # nor one of before it
        attempt(store, phone.code(-1))
    clock.advance(STEP)
    with pytest.raises(WrongCode):
        attempt(store, code)
    attempt(store, phone.code())


def test_the_first_code_does_not_sign_in_too(store: Store, desk: Actor) -> None:
    phone = set_up(store, desk)
    with pytest.raises(WrongCode):
        attempt(store, phone.code())


def race(store: Store, code: str, racers: int) -> Counter[str]:
    """What so many terminals at once are answered, each of which gives this code."""
    line = Barrier(racers)

    def run(number: int) -> str:
        store.changes_since(None)
        line.wait(60)
        try:
            attempt(store, code, terminal=f"desk {number}")
        except StoreError as refusal:
            return refusal.code
        return "in"

    with ThreadPoolExecutor(racers) as pool:
        return Counter(pool.map(run, range(racers)))


def test_of_several_who_give_one_code_at_once_one_is_let_in(store: Store, phone: Phone) -> None:
    assert race(store, phone.code(), 5)["in"] == 1


def test_of_several_who_give_one_recovery_code_at_once_one_is_let_in(
    store: Store, phone: Phone
) -> None:
    assert race(store, phone.recovery[3], 5)["in"] == 1


def test_guessing_codes_at_once_is_counted(store: Store, phone: Phone) -> None:
    answers = race(store, "000000", 9)
    assert answers["wrong_code"] <= 5
    assert answers["in"] == 0


def test_wrong_codes_are_limited(store: Store, phone: Phone, clock: FixedClock) -> None:
    """Five in five minutes and twenty in an hour, from wherever; a right password resets none."""
    wrong = 0
    for round_ in range(4):
        for number in range(5):
            with pytest.raises(WrongCode):
                attempt(store, "000000", terminal=f"desk {round_} {number}")
            wrong += 1
        with pytest.raises(CodeNeeded):
            attempt(store)
        with pytest.raises(TooManyCodes) as limit:
            attempt(store, phone.code())
        if round_ < 3:
            assert limit.value.details["until"] - clock.now() == timedelta(minutes=5)
            clock.advance(timedelta(minutes=5))
    clock.advance(timedelta(minutes=10))
    with pytest.raises(TooManyCodes) as limit:
        attempt(store, phone.recovery[0])
    assert limit.value.details["until"] - clock.now() == timedelta(minutes=35)
    clock.advance(timedelta(minutes=35))
    attempt(store, phone.code())


def test_an_administrator_lets_try_again(store: Store, phone: Phone) -> None:
    for _ in range(5):
        with pytest.raises(WrongCode):
            attempt(store, "000000")
    with pytest.raises(TooManyCodes):
        attempt(store, phone.code())
    root = actor_of(store, admin(store))
    store.write(root, accounts.unlock, store.read(root, accounts.get, "desk").id)
    attempt(store, phone.code())


def test_a_recovery_code_stands_in_once_however_it_is_typed(store: Store, phone: Phone) -> None:
    assert len(set(phone.recovery)) == 10
    typed = f"  {phone.recovery[0].upper().replace('-', ' ').replace('0', 'O')} "
    signed = attempt(store, typed)
    assert store.read(signed.actor, second_factor.status).recovery_codes == 9
    with pytest.raises(WrongCode):
        attempt(store, phone.recovery[0])


def test_secrets_and_codes_are_nowhere_in_clear_but_where_they_must(
    store: Store, phone: Phone
) -> None:
    tables = ("recovery_code", "audit_entry", "change", "sign_in_attempt", "outbox_message")
    with store.database.begin(write=False) as connection:
        kept = " ".join(
            str(row)
            for table in tables
            for row in connection.execute(text(f"SELECT * FROM {table}"))
        )
    assert phone.secret not in kept
    assert not any(code in kept for code in phone.recovery)


def test_new_recovery_codes_end_the_old_ones(store: Store, desk: Actor, phone: Phone) -> None:
    with pytest.raises(BadCredentials):
        second_factor.new_recovery_codes(store, desk, "wrong", phone.code())
    with pytest.raises(WrongCode):
        second_factor.new_recovery_codes(store, desk, PASSWORD, "000000")
    newer = second_factor.new_recovery_codes(store, desk, PASSWORD, phone.code())
    with pytest.raises(WrongCode):
        attempt(store, phone.recovery[1])
    attempt(store, newer[1])


def test_setting_up_asks_for_the_password_and_a_first_code(store: Store, desk: Actor) -> None:
    with pytest.raises(IllegalTransition):
        store.write(desk, second_factor.finish, "123456")
    with pytest.raises(BadCredentials):
        second_factor.begin(store, desk, "wrong")
    phone = Phone(store, second_factor.begin(store, desk, PASSWORD).secret)
    with pytest.raises(Invalid) as refusal:
        store.write(desk, second_factor.finish, "12 34 56")
    assert "newest" in refusal.value.fields["code"]
    with pytest.raises(Invalid) as refusal:
        store.write(desk, second_factor.finish, phone.code(10))
    assert "clock" in refusal.value.fields["code"]
    assert "5 minutes" in refusal.value.fields["code"]
    attempt(store)  # nothing counts before the first code
    store.write(desk, second_factor.finish, f" {phone.code()[:3]} {phone.code()[3:]} ")
    with pytest.raises(CodeNeeded):
        attempt(store)


def test_setting_up_ends_the_other_sign_ins(store: Store, desk: Actor) -> None:
    there = attempt(store, terminal="desk 2").actor
    set_up(store, desk)
    store.read(desk, accounts.whoami)
    with pytest.raises(SessionEnded):
        store.read(there, accounts.whoami)


def test_another_phone_counts_only_from_its_first_code(
    store: Store, desk: Actor, phone: Phone, clock: FixedClock
) -> None:
    with pytest.raises(CodeNeeded):
        second_factor.begin(store, desk, PASSWORD)
    newer = Phone(store, second_factor.begin(store, desk, PASSWORD, phone.code()).secret)
    clock.advance(STEP)
    attempt(store, phone.code())
    store.write(desk, second_factor.finish, newer.code())
    clock.advance(STEP)
    with pytest.raises(WrongCode):
        attempt(store, phone.code())
    with pytest.raises(WrongCode):
        attempt(store, phone.recovery[0])
    attempt(store, newer.code())


def test_turning_off_asks_for_password_and_code(store: Store, desk: Actor, phone: Phone) -> None:
    with pytest.raises(BadCredentials):
        second_factor.turn_off(store, desk, "wrong", phone.code())
    with pytest.raises(CodeNeeded):
        second_factor.turn_off(store, desk, PASSWORD, "")
    second_factor.turn_off(store, desk, PASSWORD, phone.code())
    attempt(store)
    with pytest.raises(IllegalTransition):
        second_factor.turn_off(store, desk, PASSWORD, "1")


def strict(store: Store, *roles: Role) -> Store:
    """The same hospital, where these roles need a second factor."""
    security = replace(store.rules.security, totp_roles=frozenset(roles))
    return replace(store, rules=replace(store.rules, security=security))


def test_a_role_that_needs_one_may_only_set_it_up(store: Store, desk: Actor) -> None:
    root = actor_of(store, admin(store))
    hospital = strict(store, Role.RECEPTION)
    signed = attempt(hospital)
    assert signed.duty is Duty.SECOND_FACTOR
    for actor in (desk, signed.actor):  # who was signed in before too
        with pytest.raises(SecondFactorNeeded):
            hospital.read(actor, patients.list_patients)
    hospital.read(signed.actor, accounts.whoami)
    assert len(hospital.read(signed.actor, sessions.list_sessions)) == 2
    with pytest.raises(Forbidden):
        hospital.write(signed.actor, sessions.end, desk.session_id or 0)
    phone = set_up(hospital, signed.actor)
    hospital.read(signed.actor, patients.list_patients)
    hospital.clock.advance(STEP)  # type: ignore[attr-defined]
    with pytest.raises(InUse):
        second_factor.turn_off(hospital, signed.actor, PASSWORD, phone.code())
    assert attempt(hospital, phone.code()).duty is None
    hospital.read(root, patients.list_patients)


def test_an_administrator_takes_it_away(store: Store, desk: Actor, phone: Phone) -> None:
    mine = store.read(desk, accounts.whoami)
    assert mine.second_factor
    root = actor_of(store, admin(store))
    with pytest.raises(Forbidden):
        store.write(desk, second_factor.reset, mine.id)
    with pytest.raises(InUse):
        store.write(root, second_factor.reset, root.account_id or 0)
    store.write(root, second_factor.reset, mine.id)
    with pytest.raises(SessionEnded):
        store.read(desk, accounts.whoami)
    assert attempt(store).duty is None
    assert audited(store, "second-factor.reset") == ["ok"]
    with pytest.raises(IllegalTransition):
        store.write(root, second_factor.reset, mine.id)
    assert attempt(strict(store, Role.RECEPTION)).duty is Duty.SECOND_FACTOR


def test_the_lock_opens_with_the_password_alone(store: Store, desk: Actor, phone: Phone) -> None:
    signing_in.confirm_password(store, desk, PASSWORD)


@pytest.mark.parametrize("code", ["\0", "\ud800", "१२३४५६", "x" * 100_000, "' OR 1=1", "\x1b]52;c"])
def test_hostile_codes_are_wrong_codes(sqlite_store: Store, code: str) -> None:
    set_up(sqlite_store, actor_of(sqlite_store, reception(sqlite_store)))
    with pytest.raises(WrongCode):
        attempt(sqlite_store, code)


@pytest.mark.parametrize(
    "hospital", ["City Hospital", "अखिल भारतीय आयुर्विज्ञान संस्थान", "H" * 120, " : ?&#%"]
)
@pytest.mark.parametrize("username", ["desk", "d" * 64])
def test_the_qr_code_fits_a_small_terminal(hospital: str, username: str) -> None:
    secret = totp.new_secret()
    uri = totp.uri_of(secret, username, hospital)
    assert len(uri) <= 134
    assert pyotp.parse_uri(uri).secret == secret


class TestAPasswordThatSomebodyElseChose:
    """`must_change_password` (OWASP ASVS 5.0, 6.4.1)."""

    @pytest.fixture
    def signed(self, store: Store) -> SignedIn:
        root = actor_of(store, admin(store))
        store.write(
            root,
            accounts.create,
            username="new",
            name="New Desk",
            role=Role.RECEPTION,
            password=hashed(),
            temporary=True,
        )
        return attempt(store, name="new")

    def test_nothing_but_changing_it_goes(self, store: Store, signed: SignedIn) -> None:
        assert signed.duty is Duty.PASSWORD
        with pytest.raises(PasswordChangeNeeded):
            store.read(signed.actor, patients.list_patients)
        store.read(signed.actor, accounts.whoami)
        with pytest.raises(Invalid):
            signing_in.change_password(store, signed.actor, PASSWORD, PASSWORD)
        signing_in.change_password(store, signed.actor, PASSWORD, "a lamp under the stairs")
        store.read(signed.actor, patients.list_patients)

    def test_the_second_factor_comes_behind_it(self, store: Store, signed: SignedIn) -> None:
        hospital = strict(store, Role.RECEPTION)
        with pytest.raises(PasswordChangeNeeded):
            hospital.read(signed.actor, patients.list_patients)
        signing_in.change_password(hospital, signed.actor, PASSWORD, "a lamp under the stairs")
        with pytest.raises(SecondFactorNeeded):
            hospital.read(signed.actor, patients.list_patients)

    def test_signing_out_goes(self, store: Store, signed: SignedIn) -> None:
        signing_in.sign_out(store, signed.actor)
        with pytest.raises(SessionEnded):
            signing_in.resume(store, signed.token, "desk 1")


def test_the_desk_does_not_give_back_what_an_administrator_took(
    store: Store, patient_account: Callable[[str], int]
) -> None:
    patient_id = patient_account("meera")
    root, desk = actor_of(store, admin(store)), actor_of(store, reception(store))
    account_id = store.read(root, accounts.get, "meera").id
    store.write(desk, patients.deactivate, patient_id)
    assert store.write(desk, patients.activate, patient_id).active
    attempt(store, name="meera")

    store.write(root, accounts.deactivate, account_id)
    for _ in range(2):
        store.write(desk, patients.deactivate, patient_id)
        store.write(desk, patients.activate, patient_id)
        with pytest.raises(BadCredentials):
            attempt(store, name="meera")
    store.write(desk, patients.deactivate, patient_id)
    store.write(root, accounts.activate, account_id)
    attempt(store, name="meera")
    store.write(desk, patients.activate, patient_id)
    attempt(store, name="meera")


@pytest.fixture
def patient_account(store: Store) -> Callable[[str], int]:
    from tests.hospital import patient

    return lambda username: patient(store, username=username).id


def test_a_locked_account_is_not_opened_by_a_code(store: Store, phone: Phone) -> None:
    for _ in range(5):
        with pytest.raises(BadCredentials):
            signing_in.sign_in(store, "desk", "wrong", kind=SessionKind.APP, terminal="desk 1")
    with pytest.raises(AccountLocked):
        attempt(store, phone.code())


def test_a_damaged_secret_lets_nobody_in(sqlite_store: Store) -> None:
    set_up(sqlite_store, actor_of(sqlite_store, reception(sqlite_store)))
    with sqlite_store.database.begin(write=True) as connection:
        connection.execute(text("UPDATE account SET totp_secret = NULL"))
    with pytest.raises(WrongCode):
        attempt(sqlite_store, "123456")
    assert sqlite_store.read(system(), accounts.get, "desk").second_factor
