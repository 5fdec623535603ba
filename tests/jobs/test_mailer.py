"""Connecting: signed in, encrypted and verified, or nothing is sent at all."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from jobs.mailer import ChannelDown, Mailer, MailSettings, Outcome
from store.mail_channel import Trouble
from tests.jobs.conftest import Post
from tests.servers.mail import MailServer, Stage

Start = Callable[[MailServer], MailServer]
Certificate = tuple[Path, ssl.SSLContext]


def settings_for(server: MailServer, **changes: object) -> MailSettings:
    base = MailSettings("localhost", server.port, sender="desk@hospital.local", timeout_seconds=2)
    return replace(base, **changes)  # type: ignore[arg-type]


def letter(body: str = "Tomorrow at nine.\n") -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "Appointment reminder"
    message.set_content(body)
    return message


def send(settings: MailSettings, message: EmailMessage | None = None) -> Outcome:
    with Mailer(settings).connect() as connection:
        return connection.send(message or letter(), "asha@example.org").outcome


@pytest.fixture
def trusted(localhost_certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's context whose certificate this machine trusts."""
    file, context = localhost_certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return context


@pytest.mark.parametrize("implicit", [False, True])
def test_encrypted_and_signed_in(
    start_mail_server: Start, trusted: ssl.SSLContext, implicit: bool
) -> None:
    server = start_mail_server(
        MailServer(users={"desk": "s3cret"}, tls=trusted, implicit_tls=implicit)
    )
    security = "tls" if implicit else "starttls"
    settings = settings_for(server, security=security, user="desk", password="s3cret")
    Mailer(settings).check()
    assert send(settings) is Outcome.SENT
    assert server.inbox[0].sender == "desk@hospital.local"


@pytest.mark.parametrize("implicit", [False, True])
def test_a_certificate_that_nobody_vouches_for_is_not_accepted(
    start_mail_server: Start, localhost_certificate: Certificate, implicit: bool
) -> None:
    server = start_mail_server(MailServer(tls=localhost_certificate[1], implicit_tls=implicit))
    with pytest.raises(ChannelDown, match="certificate") as down:
        send(settings_for(server, security="tls" if implicit else "starttls"))
    assert down.value.trouble is Trouble.TLS
    assert server.inbox == []


def test_a_server_that_speaks_no_tls_where_it_should(smtp_server: MailServer) -> None:
    with pytest.raises(ChannelDown, match="in TLS") as down:
        send(settings_for(smtp_server, security="tls"))
    assert down.value.trouble is Trouble.TLS


def test_a_server_without_encryption_gets_nothing(start_mail_server: Start) -> None:
    server = start_mail_server(MailServer())
    with pytest.raises(ChannelDown, match="offers no starttls") as down:
        send(settings_for(server))
    assert down.value.trouble is Trouble.TLS
    assert server.inbox == []


def test_a_wrong_password_is_told_and_not_shown(
    start_mail_server: Start, trusted: ssl.SSLContext
) -> None:
    server = start_mail_server(MailServer(users={"desk": "s3cret"}, tls=trusted))
    settings = settings_for(server, user="desk", password="hunter2")
    with pytest.raises(ChannelDown, match="refuses the user name or password") as refusal:
        Mailer(settings).check()
    assert refusal.value.trouble is Trouble.SIGN_IN
    assert "hunter2" not in str(refusal.value) + repr(settings)


@pytest.mark.parametrize(
    ("stage", "trouble"), [("CONNECT", Trouble.GREETING), ("MAIL", Trouble.CONNECTION)]
)
def test_a_silent_server_is_given_up(
    smtp_server: MailServer, stage: Stage, trouble: Trouble
) -> None:
    smtp_server.hang(stage)
    with pytest.raises(ChannelDown) as down:
        send(settings_for(smtp_server, security="none", timeout_seconds=0.3))
    assert down.value.trouble is trouble


@pytest.mark.parametrize("reply", ["421 too busy", "554 go away", None])
def test_a_server_that_greets_nobody(smtp_server: MailServer, reply: str | None) -> None:
    if reply is None:
        smtp_server.drop("CONNECT")
    else:
        smtp_server.refuse("CONNECT", reply)
    with pytest.raises(ChannelDown, match=reply or "does not answer") as down:
        send(settings_for(smtp_server, security="none"))
    assert down.value.trouble is Trouble.GREETING


def test_nobody_there() -> None:
    from tests.servers.process import free_port

    settings = MailSettings("127.0.0.1", free_port(), sender="a@b.example", timeout_seconds=2)
    with pytest.raises(ChannelDown, match="does not answer") as down:
        Mailer(settings).check()
    assert down.value.trouble is Trouble.CONNECTION


@pytest.mark.parametrize(("user", "sender"), [("", ""), ("desk", ""), ("", "a@b\r\nRCPT TO:<c@d>")])
def test_a_sender_that_cannot_be_fails_no_message(quick_post: Post, user: str, sender: str) -> None:
    quick_post.book()
    quick_post.settings = replace(quick_post.settings, user=user, sender=sender)
    done = quick_post.deliver()
    assert done.as_dict() == {"sent": 0, "failed": 0, "waiting": 1}
    assert "Set [mail] sender." in (done.problem or "")
    assert quick_post.last().attempts == 0


def test_one_connection_carries_a_batch(quick_post: Post) -> None:
    for patient, hour in enumerate((10, 11, 12)):
        quick_post.book(quick_post.clinic.at(hour), patient)
    assert quick_post.deliver().sent == 3
    assert quick_post.server.connections == 1


def test_lines_that_begin_with_a_dot_arrive_as_they_are(smtp_server: MailServer) -> None:
    body = ".\n..two\n.\n\nend\n.\n"
    assert send(settings_for(smtp_server, security="none"), letter(body)) is Outcome.SENT
    assert smtp_server.inbox[0].message.get_content().replace("\r\n", "\n") == body


def test_nothing_is_written_over_a_screen(
    quick_post: Post, capfd: pytest.CaptureFixture[str]
) -> None:
    quick_post.book()
    quick_post.server.drop("DATA")
    quick_post.deliver()
    quick_post.server.stop()
    quick_post.later(minutes=15)
    quick_post.deliver()
    assert capfd.readouterr() == ("", "")
