"""An appointment in full, with everything that happened to it."""

from __future__ import annotations

from datetime import datetime

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from screens.base import Dialog, reading
from screens.context import ScreenContext
from screens.shared.events import happened
from store import appointments
from store.values import AppointmentEventView, AppointmentView, ChangeView
from widgets.badges import status_content
from widgets.patient_finder import sex_and_age
from widgets.plain import content, lines, plain


class AppointmentDetails(Dialog[None]):
    """Who, when, with whom, the note, and the history; nothing is changed here."""

    TITLE_TEXT = "Appointment"
    TOPICS = frozenset({"appointment"})

    def __init__(self, context: ScreenContext, appointment_id: int) -> None:
        super().__init__(context)
        self.appointment_id = appointment_id

    def body(self) -> ComposeResult:
        """One text."""
        yield Static("", id="details", markup=False)

    def on_mount(self) -> None:
        """Read it."""
        self.load()

    def concerns(self, change: ChangeView) -> bool:
        """Only this appointment matters."""
        return super().concerns(change) and change.entity_id in (None, self.appointment_id)

    def reload(self) -> None:
        """Read it again."""
        self.load()

    @reading("details")
    async def load(self) -> None:
        """Read the appointment and its events."""
        view = await self.read(appointments.get, self.appointment_id)
        events = await self.read(appointments.history, self.appointment_id)
        self.query_one("#details", Static).update(in_full(view, events, self.context.now()))


def in_full(view: AppointmentView, events: list[AppointmentEventView], now: datetime) -> Content:
    """All of an appointment and its history, as it stands now."""
    waited = view.waited_minutes(now)
    rows = [
        ("Patient", f"{view.patient}  {sex_and_age(view.patient_sex, view.patient_age)}"),
        ("Number", view.mrn),
        ("Phone", view.patient_phone or "–"),
        ("Doctor", f"{view.doctor}, {view.department}"),
        ("Time", f"{view.starts_at:%a %d %b %Y  %H:%M} – {view.ends_at:%H:%M}"),
        ("Token", view.token or "–"),
        ("Note", view.note or "–"),
    ]
    if view.mail_refused:
        rows.append(("E-mail", "✗ refused by its mail server: ask for another"))
    if view.walk_in:
        rows.append(("Also", "walk-in"))
    if view.overbooked:
        rows.append(("Limit", f"‡ over the limit: {view.overbook_reason or 'between others'}"))
    if view.reason:
        rows.append(("Reason", view.reason))
    facts = [
        content("[$text-muted]$label[/]$value", label=f"{label:<10}", value=value)
        for label, value in rows
    ]
    state = status_content(view.status, waited)
    heading = content("[$text-muted]What happened[/]")
    return lines([state, *facts, plain(""), heading, *(_event(one) for one in events)])


def _event(event: AppointmentEventView) -> Content:
    return content(
        "$at  [b]$what[/]  [$text-muted]$who, $terminal[/]  $reason",
        at=f"{event.at:%d %b %H:%M}",
        what=happened(event),
        who=event.actor,
        terminal=event.terminal,
        reason=event.reason,
    )
