"""A patient's appointments as an iCalendar feed (RFC 5545): hospital and doctor, and not what for.

Each stands under the id that the mails of booking gave it, so that a calendar that has the one does
not show the other beside it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from icalendar import Calendar, Event

from jobs.documents.words import harmless
from jobs.invitation import set_zones
from store.values import CalendarEntry, PatientFile


def feed(file: PatientFile) -> bytes:
    """The appointments that stand, past and coming."""
    hospital = harmless(file.hospital)
    calendar = Calendar()
    calendar.add("PRODID", "-//Chikitsa//Appointments//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("X-WR-CALNAME", f"Appointments at {hospital}")
    for entry in file.calendar:
        calendar.add_component(_event(entry, hospital, file.made_at))
    years = [entry.visit.starts_at.year for entry in file.calendar]
    if years:
        set_zones(calendar, date(min(years) - 1, 1, 1), date(max(years) + 1, 12, 31))
    written: bytes = calendar.to_ical()
    return written


def _event(entry: CalendarEntry, hospital: str, made_at: datetime) -> Event:
    event = Event()
    event.add("UID", entry.uid)
    event.add("SEQUENCE", entry.sequence)
    event.add("DTSTAMP", made_at.astimezone(UTC))
    event.add("DTSTART", entry.visit.starts_at)
    event.add("DTEND", entry.visit.ends_at)
    event.add("SUMMARY", f"Appointment at {hospital}")
    event.add("LOCATION", hospital)
    event.add("DESCRIPTION", f"With {harmless(entry.visit.doctor)}")
    event.add("STATUS", "CONFIRMED")
    event.add("CLASS", "PRIVATE")
    return event
