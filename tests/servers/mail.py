"""A mail server on loopback that keeps what it accepts and misbehaves when told to."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Literal

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.process import free_port

Stage = Literal["CONNECT", "MAIL", "RCPT", "DATA"]


@dataclass(frozen=True)
class Mail:
    """One message as the server accepted it."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """The message parsed, headers decoded."""
        return message_from_bytes(self.raw, policy=policy.default)


@dataclass
class Fault:
    """Something the server does wrong, `times` times (None: until `clear`)."""

    stage: Stage
    reply: str | None = None
    hang: bool = False
    accept: bool = False
    times: int | None = 1
    recipient: str | None = None
    reached: threading.Event = field(default_factory=threading.Event)
    _released: threading.Event = field(default_factory=threading.Event)

    def release(self) -> None:
        """Let whoever hangs here go on as if nothing had been."""
        self._released.set()

    async def run(self, server: SMTP) -> str | None:
        """Do it; returns the reply to give, None to go on normally."""
        self.reached.set()
        if self.hang:
            while not self._released.is_set():  # noqa: ASYNC110 - released from another thread
                await asyncio.sleep(0.01)
            return None
        if self.reply is None:
            _transport(server).abort()
            raise asyncio.CancelledError
        return self.reply


class MailServer:
    """Accepts mail on 127.0.0.1:`port` into `inbox`; the methods say how it shall fail.

    `users` (name: password) makes signing in compulsory; `tls` is offered by STARTTLS, or spoken
    from the first byte where `implicit_tls` is set.
    """

    host = "127.0.0.1"

    def __init__(
        self,
        *,
        users: dict[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
    ) -> None:
        self.port = free_port()
        self.inbox: list[Mail] = []
        self.connections = 0
        self._users = users
        self._tls = tls
        self._implicit_tls = implicit_tls
        self._faults: list[Fault] = []
        self._told: list[Fault] = []
        self._open: set[SMTP] = set()
        self._arrived = threading.Condition()
        self._controller: Controller | None = None

    def refuse(
        self, stage: Stage, reply: str, *, times: int | None = 1, recipient: str | None = None
    ) -> Fault:
        """Answer with `reply`, such as "451 later"; at RCPT only for `recipient` if given."""
        return self._add(Fault(stage, reply=reply, times=times, recipient=recipient))

    def drop(self, stage: Stage, *, accept: bool = False, times: int | None = 1) -> Fault:
        """Cut the connection instead of answering; with `accept` after keeping the message."""
        return self._add(Fault(stage, accept=accept, times=times))

    def hang(self, stage: Stage, *, accept: bool = False, times: int | None = 1) -> Fault:
        """Answer nothing until `release()`; `reached` is set once a client waits there."""
        return self._add(Fault(stage, hang=True, accept=accept, times=times))

    def clear(self) -> None:
        """Behave from now on, let go whoever hangs, and forget the mail received."""
        self._faults = []
        self._release()
        with self._arrived:
            self.inbox.clear()

    def wait_for(self, count: int, timeout: float = 20.0) -> list[Mail]:
        """The inbox once it holds `count` messages; AssertionError when that takes longer."""
        with self._arrived:
            enough = self._arrived.wait_for(lambda: len(self.inbox) >= count, timeout)
            assert enough, f"{len(self.inbox)} of {count} messages arrived within {timeout} s"
            return list(self.inbox)

    def start(self) -> None:
        """Listen; also again after `stop`, on the same port."""
        self._controller = _Controller(self, self._tls, self._implicit_tls, self._users)
        self._controller.start()
        self.connections = 0  # the controller's own trial connection does not count

    def stop(self) -> None:
        """Refuse connections, as a server that is down does. What arrived is kept."""
        self._release()
        if self._controller is not None:
            self._hang_up(self._controller.loop)
            self._controller.stop()
            self._controller = None

    @contextmanager
    def talking(self, conversation: SMTP) -> Iterator[None]:
        """While a connection is open; aiosmtpd leaves it half open where the client hangs up."""
        with self._arrived:
            self._open.add(conversation)
        try:
            yield
        finally:
            if conversation.transport is not None:
                conversation.transport.close()
            with self._arrived:
                self._open.discard(conversation)
                self._arrived.notify_all()

    def keep(self, envelope: Envelope) -> None:
        """Put an accepted message into the inbox."""
        raw = envelope.original_content or b""
        mail = Mail(envelope.mail_from or "", tuple(envelope.rcpt_tos), raw)
        with self._arrived:
            self.inbox.append(mail)
            self._arrived.notify_all()

    def fault(self, stage: Stage, recipient: str | None = None) -> Fault | None:
        """The fault due at this stage, used up by one."""
        for fault in self._faults:
            if fault.stage == stage and fault.recipient in (None, recipient):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times == 0:
                        self._faults = [each for each in self._faults if each is not fault]
                return fault
        return None

    def _add(self, fault: Fault) -> Fault:
        self._faults = [*self._faults, fault]
        self._told.append(fault)
        return fault

    def _hang_up(self, loop: asyncio.AbstractEventLoop) -> None:
        """End the open connections, so that none is left to the garbage collector."""
        with self._arrived:
            for conversation in self._open:
                loop.call_soon_threadsafe(_abort, conversation)
            self._arrived.wait_for(lambda: not self._open, timeout=5)

    def _release(self) -> None:
        for fault in self._told:
            fault.release()


class _Conversation(SMTP):
    """One connection, which may go wrong before the greeting."""

    def __init__(self, owner: MailServer, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._owner = owner

    async def _handle_client(self) -> None:
        self._owner.connections += 1
        with self._owner.talking(self):
            if fault := self._owner.fault("CONNECT"):
                reply = await fault.run(self)
                if reply is not None:
                    await self.push(reply)
                    _transport(self).close()
                    return
            await super()._handle_client()


class _Controller(Controller):
    def __init__(
        self,
        owner: MailServer,
        tls: ssl.SSLContext | None,
        implicit_tls: bool,
        users: dict[str, str] | None,
    ) -> None:
        self._owner = owner
        super().__init__(
            _Handler(owner),
            hostname=owner.host,
            port=owner.port,
            ssl_context=tls if implicit_tls else None,
            tls_context=None if implicit_tls else tls,
            authenticator=None if users is None else _authenticator(users),
            auth_required=users is not None,
            auth_require_tls=False,
        )

    def factory(self) -> SMTP:
        return _Conversation(self._owner, self.handler, **self.SMTP_kwargs)


class _Handler:
    """What aiosmtpd asks at each step; the answers are the owner's faults or an acceptance."""

    def __init__(self, owner: MailServer) -> None:
        self._owner = owner

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if (fault := self._owner.fault("MAIL")) and (reply := await fault.run(server)):
            return reply
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if (fault := self._owner.fault("RCPT", address)) and (reply := await fault.run(server)):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        fault = self._owner.fault("DATA")
        if fault is None:
            self._owner.keep(envelope)
            return "250 OK"
        if fault.accept:
            self._owner.keep(envelope)
        reply = await fault.run(server)
        if reply is not None:
            return reply
        if not fault.accept:
            self._owner.keep(envelope)
        return "250 OK"


def _abort(conversation: SMTP) -> None:
    """Cut a connection, unless its client hung up first: aiosmtpd then has no transport left."""
    if conversation.transport is not None:
        _transport(conversation).abort()


def _transport(server: SMTP) -> asyncio.Transport:
    assert isinstance(server.transport, asyncio.Transport)
    return server.transport


def _authenticator(users: dict[str, str]) -> Any:
    def check(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        known = isinstance(data, LoginPassword) and (
            users.get(data.login.decode()) == data.password.decode()
        )
        return AuthResult(success=known, handled=False)

    return check
