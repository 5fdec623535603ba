"""The servers the other tests lean on do what their fixtures promise."""

from __future__ import annotations

import os
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from tests.servers import redis_server
from tests.servers.mail import MailServer
from tests.servers.postgres import PostgresServer

LETTER = "Message-ID: <1@hospital.example>\r\nSubject: नमस्ते\r\n\r\nTomorrow at nine.\r\n"


def send(server: MailServer, *recipients: str, timeout: float = 10) -> dict[str, tuple[int, bytes]]:
    to = recipients or ("asha@example.org",)
    with smtplib.SMTP(server.host, server.port, timeout=timeout) as client:
        return client.sendmail("desk@hospital.example", to, LETTER.encode())


def test_a_database_is_empty_and_its_own(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("create table visit (id integer primary key)"))
    engine.dispose()


def test_prepared_databases_are_copies(postgres: PostgresServer) -> None:
    prepared = []

    def prepare(url: str) -> None:
        prepared.append(url)
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute("create table ward (name text)")

    urls = [postgres.create_prepared("wards", prepare) for _ in range(2)]
    for url in urls:
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            assert connection.execute("select count(*) from ward").fetchone() == (0,)
            connection.execute("insert into ward values ('north')")
        postgres.drop(url)
    assert len(prepared) == 1


def test_redis_is_empty(redis_url: str) -> None:
    with redis_server.client(redis_url) as connection:
        assert connection.dbsize() == 0
        connection.set("left", "over")


def test_mail_arrives_parsed(smtp_server: MailServer) -> None:
    send(smtp_server, "asha@example.org", "ravi@example.org")
    (mail,) = smtp_server.wait_for(1)
    assert mail.recipients == ("asha@example.org", "ravi@example.org")
    assert mail.message["Message-ID"] == "<1@hospital.example>"
    assert mail.message.get_content().strip() == "Tomorrow at nine."


def test_a_refusal_lasts_as_long_as_told(smtp_server: MailServer) -> None:
    smtp_server.refuse("DATA", "451 later", times=2)
    for _ in range(2):
        with pytest.raises(smtplib.SMTPDataError, match="451"):
            send(smtp_server)
    send(smtp_server)
    assert len(smtp_server.inbox) == 1


def test_one_recipient_is_refused(smtp_server: MailServer) -> None:
    smtp_server.refuse("RCPT", "550 no such box", recipient="gone@example.org", times=None)
    refused = send(smtp_server, "gone@example.org", "ravi@example.org")
    assert refused == {"gone@example.org": (550, b"no such box")}
    assert smtp_server.wait_for(1)[0].recipients == ("ravi@example.org",)


def test_a_greeting_is_refused(smtp_server: MailServer) -> None:
    smtp_server.refuse("CONNECT", "421 busy")
    with pytest.raises(smtplib.SMTPConnectError, match="421"):
        send(smtp_server)


@pytest.mark.parametrize("stage", ["CONNECT", "MAIL", "RCPT", "DATA"])
def test_the_line_is_cut(smtp_server: MailServer, stage: str) -> None:
    smtp_server.drop(stage)  # type: ignore[arg-type]
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
        send(smtp_server)
    assert smtp_server.inbox == []
    send(smtp_server)


def test_the_line_is_cut_after_the_message_was_taken(smtp_server: MailServer) -> None:
    smtp_server.drop("DATA", accept=True)
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
        send(smtp_server)
    assert len(smtp_server.inbox) == 1


def test_a_server_that_hangs_runs_into_the_client_s_timeout(smtp_server: MailServer) -> None:
    smtp_server.hang("DATA")
    with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
        send(smtp_server, timeout=0.2)
    assert smtp_server.inbox == []


def test_a_hanging_client_is_let_go(smtp_server: MailServer) -> None:
    hanging = smtp_server.hang("DATA", accept=True)
    client = threading.Thread(target=send, args=(smtp_server,))
    client.start()
    assert hanging.reached.wait(10)
    assert len(smtp_server.inbox) == 1
    hanging.release()
    client.join(10)
    assert not client.is_alive()
    assert len(smtp_server.inbox) == 1


def test_a_server_that_is_down_comes_back_on_its_port(smtp_server: MailServer) -> None:
    smtp_server.stop()
    with pytest.raises(ConnectionRefusedError):
        send(smtp_server)
    smtp_server.start()
    send(smtp_server)
    assert len(smtp_server.inbox) == 1


def test_signing_in_over_starttls(
    start_mail_server: Callable[[MailServer], MailServer],
    localhost_certificate: tuple[Path, ssl.SSLContext],
) -> None:
    trusted, context = localhost_certificate
    server = start_mail_server(MailServer(users={"desk": "secret"}, tls=context))
    with smtplib.SMTP(server.host, server.port, timeout=10) as client:
        client.starttls(context=ssl.create_default_context(cafile=str(trusted)))
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("desk", "wrong")
        client.login("desk", "secret")
        client.sendmail("desk@hospital.example", ["asha@example.org"], LETTER.encode())
    assert len(server.inbox) == 1
    stranger = smtplib.SMTP(server.host, server.port, timeout=10)
    with stranger, pytest.raises(ssl.SSLCertVerificationError):
        stranger.starttls(context=ssl.create_default_context())


def test_tls_from_the_first_byte(
    start_mail_server: Callable[[MailServer], MailServer],
    localhost_certificate: tuple[Path, ssl.SSLContext],
) -> None:
    trusted, context = localhost_certificate
    server = start_mail_server(MailServer(tls=context, implicit_tls=True))
    trust = ssl.create_default_context(cafile=str(trusted))
    with smtplib.SMTP_SSL(server.host, server.port, timeout=10, context=trust) as client:
        client.sendmail("desk@hospital.example", ["asha@example.org"], LETTER.encode())
    assert len(server.inbox) == 1


def test_servers_end_with_a_killed_test_process(redis_url: str) -> None:
    """A test run that is killed leaves no server behind."""
    if os.environ.get(redis_server.ENVIRONMENT):
        pytest.skip("the Redis server is not ours to end")
    program = (
        "from tests.servers.redis_server import running_redis\n"
        "import sys\n"
        "with running_redis() as url:\n"
        "    print(url, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as tests:
        assert tests.stdout is not None
        port = int(tests.stdout.readline().rsplit(":", 1)[1].split("/")[0])
        with socket.create_connection(("127.0.0.1", port)) as connection:
            tests.send_signal(signal.SIGKILL)
            connection.settimeout(10)
            assert connection.recv(1) == b""
