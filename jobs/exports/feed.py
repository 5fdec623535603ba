"""Appointments as an iCalendar feed (RFC 5545): a patient's with hospital and doctor, those of the
house with the patient; never what for.

Each stands under the id that the mails of booking gave it, so that a calendar that has the one does
not show the other beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from icalendar import Calendar, Event

from jobs.documents.words import harmless
from jobs.invitation import set_zones
from store.calendar_entries import AppointmentFeed
from store.values import AppointmentView, CalendarEntry, PatientFile


def feed(file: PatientFile) -> bytes:
    """A patient's appointments that stand, past and coming."""
    return _written(file.hospital, file.made_at, file.calendar, _to_a_patient)


def patient_feed(given: AppointmentFeed) -> bytes:
    """As `feed`, of the appointments that a patient chose."""
    return _written(given.hospital, given.made_at, given.entries, _to_a_patient)


def staff_feed(given: AppointmentFeed) -> bytes:
    """Appointments as those see them who give them: each with its patient, and not what for."""
    return _written(given.hospital, given.made_at, given.entries, _to_staff)


def _written(
    name: str,
    made_at: datetime,
    entries: Sequence[CalendarEntry],
    told: Callable[[AppointmentView, str], tuple[str, str]],
) -> bytes:
    hospital = harmless(name)
    calendar = Calendar()
    calendar.add("PRODID", "-//Chikitsa//Appointments//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("X-WR-CALNAME", f"Appointments at {hospital}")
    for entry in entries:
        summary, description = told(entry.visit, hospital)
        calendar.add_component(_event(entry, hospital, made_at, summary, description))
    years = [entry.visit.starts_at.year for entry in entries]
    if years:
        set_zones(calendar, min(years) - 1, max(years) + 1)
    written: bytes = calendar.to_ical()
    return written


def _to_a_patient(visit: AppointmentView, hospital: str) -> tuple[str, str]:
    return f"Appointment at {hospital}", f"With {harmless(visit.doctor)}"


def _to_staff(visit: AppointmentView, _hospital: str) -> tuple[str, str]:
    told = f"{harmless(visit.doctor)}, {harmless(visit.department)}"
    return f"{harmless(visit.patient)}, {visit.mrn}", told


def _event(
    entry: CalendarEntry, hospital: str, made_at: datetime, summary: str, description: str
) -> Event:
    event = Event()
    event.add("UID", entry.uid)
    event.add("SEQUENCE", entry.sequence)
    event.add("DTSTAMP", made_at.astimezone(UTC))
    event.add("DTSTART", entry.visit.starts_at)
    event.add("DTEND", entry.visit.ends_at)
    event.add("SUMMARY", summary)
    event.add("LOCATION", hospital)
    event.add("DESCRIPTION", description)
    event.add("STATUS", "CONFIRMED")
    event.add("CLASS", "PRIVATE")
    return event
