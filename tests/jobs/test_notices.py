"""What the owner of an account hears of what was done with it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jobs.delivery import preview
from store import accounts, one_time_codes, outbox, patients, profiles, registration, signing_in
from store.errors import AccountLocked, BadCredentials, IllegalTransition
from store.front_door import Store
from store.values import (
    Actor,
    MailKind,
    OutboxStatus,
    OutboxView,
    PatientInput,
    Role,
    SessionKind,
)
from tests.clinic import SYSTEM
from tests.hospital import PASSWORD
from tests.jobs.conftest import Post, part

NEW = "a lamp under the stairs 9"


@pytest.fixture
def me(quick_post: Post) -> Actor:
    """A patient who signed in."""
    registration.register_self(
        quick_post.store,
        PatientInput("Latha Iyer", email="latha@example.org"),
        username="latha",
        password=PASSWORD,
        terminal="kiosk",
    )
    return sign_in(quick_post.store)


def sign_in(store: Store, password: str = PASSWORD) -> Actor:
    return signing_in.sign_in(
        store, "latha", password, kind=SessionKind.APP, terminal="kiosk"
    ).actor


def notices(post: Post) -> list[OutboxView]:
    return [one for one in post.messages() if one.kind is MailKind.SECURITY]


def test_a_changed_password_is_told_to_its_owner(quick_post: Post, me: Actor) -> None:
    post = quick_post
    signing_in.change_password(post.store, me, PASSWORD, NEW)
    (notice,) = notices(post)
    assert (notice.to, notice.subject) == ("latha@example.org", "Your account")
    shown = preview(post.store, SYSTEM, notice.id, post.settings)
    post.deliver()
    (mail,) = post.server.inbox
    for told in (" ".join(part(mail, "plain").split()), " ".join(shown.split())):
        assert (
            "Dear Latha Iyer, On Monday, 5 January 2026, 09:00 (IST, Asia/Kolkata, UTC+05:30) the"
            " password of your account “latha” was changed. If that was you" in told
        )
    assert NEW not in mail.message.as_string()


def test_a_patient_who_reads_hindi_hears_of_a_reset_in_hindi(quick_post: Post, me: Actor) -> None:
    post = quick_post
    assert me.patient_id is not None
    assert me.account_id is not None
    post.store.write(SYSTEM, patients.update, me.patient_id, {"language": "hi"})
    code = one_time_codes.make(post.store.rules)
    post.store.write(SYSTEM, one_time_codes.reset_password, me.account_id, code)
    post.deliver()
    (mail,) = post.server.inbox
    assert mail.message["Subject"] == "आपका खाता"
    text = " ".join(part(mail, "plain").split())
    assert "एक प्रशासक ने आपके खाते “latha” का पासवर्ड रीसेट किया" in text
    assert code.text not in mail.message.as_string()


def test_staff_hear_in_their_own_language(quick_post: Post) -> None:
    post = quick_post

    def text_after_reset(username: str, language: str, *, by_mail: bool) -> str:
        email = f"{username}@example.org"
        made = post.store.write(
            SYSTEM,
            accounts.create,
            username=username,
            name="Desk",
            role=Role.RECEPTION,
            email=email,
            language=language,
            password=None,
        )
        code = one_time_codes.make(post.store.rules)
        if by_mail:
            code = one_time_codes.make_to_mail(post.store, SYSTEM)
        post.store.write(SYSTEM, one_time_codes.reset_password, made.id, code)
        post.deliver()
        return " ".join(part(post.server.inbox[-1], "plain").split())

    assert "रीसेट किया; एक बार काम आने वाला" in text_after_reset("one", "hi", by_mail=False)
    assert "एक बार काम आने वाला आपका कोड" in text_after_reset("two", "hi", by_mail=True)
    english = text_after_reset("three", "", by_mail=False)
    assert "an administrator reset the password" in english
    assert "If you asked for it, there is nothing else to do." in english


def test_a_one_time_code_by_mail_is_its_readers_alone(quick_post: Post, me: Actor) -> None:
    post = quick_post
    account_id = me.account_id or 0

    def reset_by_mail() -> str:
        code = one_time_codes.make_to_mail(post.store, SYSTEM)
        post.store.write(SYSTEM, one_time_codes.reset_password, account_id, code)
        return code.text

    reset_by_mail()
    post.later(minutes=1)
    code = reset_by_mail()
    waiting = post.last()
    shown = preview(post.store, SYSTEM, waiting.id, post.settings)
    assert "•••" in shown
    assert code not in shown + repr(waiting)
    post.deliver()
    (mail,) = post.server.inbox  # the first one's place was taken
    assert (mail.message["To"], mail.message["Subject"]) == ("latha@example.org", "Your account")
    for kind in ("plain", "html"):
        assert code in part(mail, kind)
    assert "until Tuesday, 6 January 2026, 09:01" in " ".join(part(mail, "plain").split())
    with pytest.raises(IllegalTransition, match="sent already"):
        post.store.write(SYSTEM, outbox.retry, waiting.id)
    signed = signing_in.sign_in(post.store, "latha", code, kind=SessionKind.APP, terminal="kiosk")
    with pytest.raises(IllegalTransition, match="code was used"):
        preview(post.store, SYSTEM, waiting.id, post.settings)
    signing_in.change_password(post.store, signed.actor, code, NEW)

    post.store.write(SYSTEM, patients.update, me.patient_id or 0, {"language": "hi"})
    code = reset_by_mail()
    post.deliver()
    text = part(post.server.inbox[-1], "plain")
    assert code in text
    assert "एक बार काम आने वाला आपका कोड" in text
    reset_by_mail()
    post.later(hours=24)
    post.deliver()
    assert len(post.server.inbox) == 3  # the two, and the notice of the changed password
    assert post.last().status is OutboxStatus.DISCARDED


def test_of_two_codes_at_one_moment_the_last_counts(quick_post: Post, me: Actor) -> None:
    post, codes = quick_post, []
    for _ in range(3):
        codes.append(one_time_codes.make_to_mail(post.store, SYSTEM))
        post.store.write(SYSTEM, one_time_codes.reset_password, me.account_id or 0, codes[-1])
    post.deliver()
    (mail,) = post.server.inbox
    assert codes[-1].text in part(mail, "plain")


def test_a_locked_account_is_told_once_and_not_when_it_was_the_owner(
    quick_post: Post, me: Actor
) -> None:
    post = quick_post
    rules = post.store.rules
    security = replace(rules.security, free_attempts=3, attempts_before_lock=3)
    strict = Store(post.store.database, post.clock, replace(rules, security=security))
    for _ in range(3):
        with pytest.raises(BadCredentials):
            sign_in(strict, "wrong")
    with pytest.raises(AccountLocked):
        sign_in(strict, "wrong")
    (notice,) = notices(post)
    post.later(minutes=16)
    assert sign_in(strict).account_id == me.account_id
    post.deliver()
    assert post.server.inbox == []
    assert notice.id == notices(post)[0].id
    post.later(hours=2)
    for _ in range(3):
        with pytest.raises(BadCredentials):
            sign_in(strict, "wrong")
    post.deliver()
    (mail,) = post.server.inbox
    assert "was locked for a while after many wrong passwords" in " ".join(
        part(mail, "plain").split()
    )


def test_an_account_without_an_address_is_told_nothing(quick_post: Post, me: Actor) -> None:
    post = quick_post
    assert me.account_id is not None
    assert post.store.read(SYSTEM, accounts.get, me.account_id).email
    post.store.write(me, profiles.update, name="Latha Iyer", phone=None, email=None)
    signing_in.change_password(post.store, me, PASSWORD, NEW)
    assert notices(post) == []


def test_a_sign_in_from_elsewhere_is_told_and_from_another_window_is_not(
    quick_post: Post, me: Actor
) -> None:
    post = quick_post

    def sign_in_at(terminal: str) -> None:
        signing_in.sign_in(post.store, "latha", PASSWORD, kind=SessionKind.CLI, terminal=terminal)

    for terminal in ("latha@desk pts/1", "latha@desk pts/2", "kiosk"):
        sign_in_at(terminal)
    assert len(notices(post)) == 1
    sign_in_at("latha@desk pts/1 from 203.0.113.9")
    assert len(notices(post)) == 2
    post.later(days=100)
    sign_in_at("latha@desk pts/1")
    assert len(notices(post)) == 3
    post.deliver()
    texts = [" ".join(part(mail, "plain").split()) for mail in post.server.inbox]
    assert "somebody signed in to your account “latha” from where you have not been" in texts[0]
    assert "latha@desk pts/1 from 203.0.113.9." in texts[1]
    assert [mail.message["Subject"] for mail in post.server.inbox] == ["Your account"] * 3
