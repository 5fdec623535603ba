"""Carrying a finished message to the mail server, and telling exactly how far it came.

yagmail connects, secures and signs in; the conversation about one message is held here, step by
step, because what is to be done about a lost connection depends on the step at which it was lost.
"""

from __future__ import annotations

import hashlib
import logging
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import EmailPolicy
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any, Literal, cast

import yagmail

from jobs.addresses import UnusableAddress, wire_form
from store.mail_channel import Trouble

_READY_FOR_DATA = 354
_CLOSING = 421
_ACCEPTED = range(200, 300)
_TEMPORARY = range(400, 500)
_LONGEST_REPLY = 300

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class MailSettings:
    """The mail server and how to sign in there.

    Without a `user` nobody signs in; an empty `sender` is the user, whose name is an address then.
    `starttls` and `tls` verify the server's certificate and never fall back to plain text.
    `timeout_seconds` bounds each step of a conversation, `most_bytes` the attachments of a message;
    `fonts` is a folder of fonts for attached PDFs, beside the system's.
    """

    host: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""
    sender_name: str = ""
    timeout_seconds: float = 20.0
    most_bytes: int = 10_000_000
    fonts: Path | None = None

    @property
    def address(self) -> str:
        """The address that messages come from."""
        return self.sender or self.user


class Outcome(Enum):
    """How one message fared."""

    SENT = "sent"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    UNCERTAIN = "uncertain"


class Stage(StrEnum):
    """Where the conversation about one message ended that did not go through."""

    RECIPIENT = "recipient"
    DATA = "data"
    ANSWER = "answer"
    CONNECTION = "connection"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one message, with the mail server's code and words where it gave any; `digest`
    is the SHA-256 of the message as it was sent."""

    outcome: Outcome
    code: int | None = None
    detail: str = ""
    stage: Stage | None = None
    digest: str | None = None

    @property
    def is_sent(self) -> bool:
        """Whether the mail server took it."""
        return self.outcome is Outcome.SENT


class ChannelDown(Exception):
    """The mail server cannot be used for any message just now; nothing was sent."""

    def __init__(self, trouble: Trouble, message: str) -> None:
        super().__init__(message)
        self.trouble = trouble
        self.message = message


class Mailer:
    """Connects to one mail server when there is something to carry."""

    def __init__(self, settings: MailSettings) -> None:
        self.settings = settings

    def check(self) -> None:
        """Connect and sign in, and no more.

        Raises:
            ChannelDown: that does not work; the message says why.
        """
        with self.connect() as connection:
            connection.open()

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """One connection for a batch of messages; opened at the first, closed at the end."""
        connection = Connection(self.settings)
        try:
            yield connection
        finally:
            connection.close()


class Connection:
    """A conversation with the mail server. Not for two threads at once."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        self._client: Any = None
        self._sender = ""

    def open(self) -> None:
        """Connect, secure the connection and sign in, unless that is done already.

        Raises:
            ChannelDown: it does not work.
        """
        if self._client is not None:
            return
        try:
            self._sender = wire_form(self._settings.address)
        except UnusableAddress as error:
            raise ChannelDown(
                Trouble.SENDER,
                f"The sender's address {self._settings.address!r} cannot be used."
                " Set [mail] sender.",
            ) from error
        client = _client(self._settings)
        try:
            client.login()
            client.smtp.ehlo_or_helo_if_needed()  # nobody greets where nobody signs in
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            _hang_up(client)
            raise _why_not(self._settings, error) from error
        self._client = client

    def send(
        self,
        message: EmailMessage,
        recipient: str,
        hands_over: Callable[[], None] = lambda: None,
    ) -> Result:
        """Hand over one message. `hands_over` is called before anything of it leaves; an OSError
        of it keeps it from leaving.

        Raises:
            ChannelDown: the server can be reached no more, or wants nothing from this sender.
        """
        self.open()
        smtp: smtplib.SMTP = self._client.smtp
        try:
            options, body = _wire_form(smtp, message, recipient)
        except _Unsendable as error:
            return Result(Outcome.PERMANENT, None, str(error))
        self._greet_sender(smtp, options)
        try:
            result = self._hand_over(smtp, recipient, body, hands_over)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Result(Outcome.TEMPORARY, None, _words(error), Stage.CONNECTION)
        if result.code == _CLOSING:
            self._drop()
            raise ChannelDown(
                Trouble.CLOSING, f"The mail server closes the connection: {result.detail}"
            )
        if result.outcome is Outcome.UNCERTAIN:
            self._drop()
        elif result.outcome is not Outcome.SENT:
            self._reset(smtp)
        return result

    def close(self) -> None:
        """Say goodbye; after trouble just hang up."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            client.smtp.quit()
        except (OSError, smtplib.SMTPException):
            log.debug("mail.goodbye-lost")
        _hang_up(client)

    def _greet_sender(self, smtp: smtplib.SMTP, options: list[str]) -> None:
        """MAIL FROM names nobody but us: a refusal here concerns every message alike."""
        try:
            code, reply = smtp.mail(self._sender, options)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise ChannelDown(
                Trouble.CONNECTION, f"The mail server hung up: {_words(error)}"
            ) from error
        if code not in _ACCEPTED:
            self._drop()
            trouble = Trouble.CLOSING if code == _CLOSING else Trouble.SENDER
            raise ChannelDown(
                trouble,
                f"The mail server takes nothing from {self._sender}: {code} {_readable(reply)}",
            )

    def _hand_over(
        self, smtp: smtplib.SMTP, recipient: str, body: bytes, hands_over: Callable[[], None]
    ) -> Result:
        code, reply = smtp.rcpt(recipient)
        if code not in _ACCEPTED:
            return _refusal(Stage.RECIPIENT, code, reply)
        code, reply = smtp.docmd("DATA")
        if code != _READY_FOR_DATA:
            return _refusal(Stage.DATA, code, reply)
        hands_over()
        smtp.send(body)
        try:
            code, reply = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            # The final dot has left us: the server may have taken the message or not.
            return Result(Outcome.UNCERTAIN, None, _words(error), Stage.ANSWER)
        if code in _ACCEPTED:
            digest = hashlib.sha256(body).hexdigest()
            return Result(Outcome.SENT, code, f"{code} {_readable(reply)}", digest=digest)
        return _refusal(Stage.DATA, code, reply)

    def _reset(self, smtp: smtplib.SMTP) -> None:
        """Be ready for the next message, or for connecting anew."""
        try:
            code, _ = smtp.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()
            return
        if code not in _ACCEPTED:
            self._drop()

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            _hang_up(client)


class _Unsendable(Exception):
    """The mail server cannot be asked to carry this message at all."""


def _client(settings: MailSettings) -> Any:
    """A client of yagmail's that is not connected yet."""
    # Putting it together reads every authority this machine trusts.
    context = None if settings.security == "none" else ssl.create_default_context()
    options: dict[str, Any] = {"timeout": settings.timeout_seconds}
    if settings.security == "tls":
        options["context"] = context
    client = yagmail.SMTP(
        # A sign-in name without an @ would be given @gmail.com; as an alias it stays as it is.
        {settings.user: settings.user} if settings.user else {settings.address: settings.address},
        # None would look into yagmail's own keyring and then ask on the terminal.
        settings.password,
        host=settings.host,
        port=settings.port,
        smtp_ssl=settings.security == "tls",
        smtp_starttls={"context": context} if settings.security == "starttls" else False,
        smtp_skip_login=not settings.user,
        soft_email_validation=False,
        **options,
    )
    client.set_logging(None)
    client.is_closed = True  # nothing to say goodbye to before it is connected
    return client


def _hang_up(client: Any) -> None:
    """Close the socket without another word: a server that hangs must not be waited for."""
    client.is_closed = True
    if client.smtp is not None:
        client.smtp.close()


def _wire_form(
    smtp: smtplib.SMTP, message: EmailMessage, recipient: str
) -> tuple[list[str], bytes]:
    """MAIL's options, and the message as it goes over the line, dots stuffed and final dot
    included (RFC 5321 section 4.5.2)."""
    options, policy = [], cast(EmailPolicy, message.policy).clone(linesep="\r\n")
    if recipient.isascii():
        raw = message.as_bytes(policy=policy)
    elif smtp.has_extn("smtputf8"):
        options = ["SMTPUTF8", "BODY=8BITMIME"]
        raw = message.as_bytes(policy=policy.clone(utf8=True))
    else:
        raise _Unsendable("The mail server cannot send to an address with such letters.")
    stuffed = re.sub(rb"(?m)^\.", b"..", raw)
    return options, stuffed + (b"" if stuffed.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _refusal(stage: Stage, code: int, reply: bytes) -> Result:
    outcome = Outcome.TEMPORARY if code in _TEMPORARY else Outcome.PERMANENT
    return Result(outcome, code, f"{code} {_readable(reply)}", stage)


def _why_not(settings: MailSettings, error: Exception) -> ChannelDown:
    """What was wrong with connecting, securing the connection and signing in, and where."""
    where = f"{settings.host}:{settings.port}"
    words = _words(error)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        trouble = Trouble.SIGN_IN
        told = f"The mail server {where} refuses the user name or password ({error.smtp_code})."
    elif isinstance(error, ssl.SSLCertVerificationError):
        trouble = Trouble.TLS
        told = f"The certificate of the mail server {where} cannot be trusted; nothing was sent."
    elif isinstance(error, ssl.SSLError):
        trouble, told = Trouble.TLS, f"The mail server {where} cannot be spoken to in TLS: {words}"
    elif isinstance(error, smtplib.SMTPNotSupportedError):
        starttls = "STARTTLS" in words.upper()
        trouble = Trouble.TLS if starttls else Trouble.SIGN_IN
        offers = "starttls" if starttls else "signing in by a name and a password"
        told = f"The mail server {where} offers no {offers}."
    elif isinstance(error, smtplib.SMTPException):
        trouble, told = Trouble.GREETING, f"The mail server {where} does not answer: {words}"
    else:
        trouble, told = Trouble.CONNECTION, f"The mail server {where} does not answer: {words}"
    return ChannelDown(trouble, told)


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        reply = error.smtp_error
        return f"{error.smtp_code} {_readable(reply if isinstance(reply, bytes) else b'')}"
    return _readable(str(error).encode("utf-8", "replace")) or type(error).__name__


def _readable(reply: bytes) -> str:
    """A server's words without what could drive a terminal."""
    text = reply.decode("utf-8", "replace")
    return "".join(c if c.isprintable() else " " for c in text)[:_LONGEST_REPLY].strip()
