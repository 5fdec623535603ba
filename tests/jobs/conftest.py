"""A clinic whose mail goes to the test's own mail server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from icalendar import Calendar, Event

from jobs.delivery import Delivered, deliver_due
from jobs.mailer import Mailer, MailSettings
from store import appointments, outbox
from store.clock import FixedClock
from store.front_door import Store
from store.values import AppointmentView, OutboxView
from tests.clinic import SYSTEM, Clinic, open_clinic
from tests.servers.mail import Mail, MailServer


@dataclass
class Post:
    """A clinic, its mail server, and a worker's view of both."""

    clinic: Clinic
    server: MailServer
    clock: FixedClock
    settings: MailSettings

    @property
    def store(self) -> Store:
        return self.clinic.store

    def deliver(self, worker: str = "worker-1", **options: Any) -> Delivered:
        return deliver_due(self.store, Mailer(self.settings), worker, **options)

    def later(self, **span: float) -> None:
        self.clock.advance(timedelta(**span))

    def book(self, starts_at: datetime | None = None, patient: int = 0) -> AppointmentView:
        return self.store.write(
            SYSTEM,
            appointments.book,
            patient_id=self.clinic.patients[patient],
            doctor_id=self.clinic.doctors[0],
            starts_at=starts_at or self.clinic.at(11),
        )

    def messages(self) -> list[OutboxView]:
        """Oldest first."""
        return list(reversed(self.store.read(SYSTEM, outbox.list_messages).items))

    def last(self) -> OutboxView:
        return self.messages()[-1]


@pytest.fixture
def open_post(clock: FixedClock, smtp_server: MailServer) -> Callable[..., Post]:
    """`open_post(store)`: a clinic in the store, with the mail server of the test."""

    def open_here(store: Store, **clinic: Any) -> Post:
        settings = MailSettings(
            smtp_server.host,
            smtp_server.port,
            security="none",
            sender="desk@cityhospital.example",
            timeout_seconds=2,
        )
        return Post(open_clinic(store, **clinic), smtp_server, clock, settings)

    return open_here


@pytest.fixture
def post(store: Store, open_post: Callable[..., Post]) -> Post:
    """The clinic on both databases."""
    return open_post(store)


@pytest.fixture
def quick_post(sqlite_store: Store, open_post: Callable[..., Post]) -> Post:
    """The clinic on SQLite alone: for what cannot depend on the database."""
    return open_post(sqlite_store)


def part(mail: Mail | EmailMessage, kind: str) -> str:
    """The text of one part of a mail: `plain`, `html` or `calendar`."""
    message = mail.message if isinstance(mail, Mail) else mail
    found = [p for p in message.walk() if p.get_content_subtype() == kind]
    assert len(found) == 1
    assert isinstance(found[0], EmailMessage)
    text: str = found[0].get_content()
    return text


def entry(mail: Mail) -> tuple[Calendar, Event]:
    """The calendar entry of a mail, read back."""
    calendar = Calendar.from_ical(part(mail, "calendar"))
    assert isinstance(calendar, Calendar)
    (event,) = calendar.events
    return calendar, event
