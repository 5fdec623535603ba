"""The calendar entry of an appointment, for the patient's own calendar (RFC 5545, RFC 5546)."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from functools import lru_cache

from icalendar import Calendar, Event, Timezone, vCalAddress, vText

from store.letter_facts import LetterFacts
from store.values import MailKind


def method_of(facts: LetterFacts) -> str:
    """What the entry asks the calendar to do: put it in (or change it), or take it out."""
    return "CANCEL" if facts.kind is MailKind.CANCELLED else "REQUEST"


def invitation(facts: LetterFacts, organizer: str, hospital: str, attendee: str) -> str:
    """The entry as text, ending each line with CR LF.

    Calendars are shown to families and colleagues, so that it names hospital and doctor and not
    what for.

    Args:
        organizer: the hospital's e-mail address.
        hospital: its name, as the sender of the mail.
        attendee: the patient's e-mail address.
    """
    calendar = Calendar()
    calendar.add("PRODID", "-//Chikitsa//Appointments//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", method_of(facts))
    calendar.add_component(_event(facts, organizer, hospital, attendee))
    set_zones(calendar, facts.starts_at.year - 1, facts.starts_at.year + 1)
    written: bytes = calendar.to_ical()
    return written.decode()


def set_zones(calendar: Calendar, first: int, last: int) -> None:
    """Tell the calendar of its time zones, as they are from one year to another."""
    zones = [_zone(name, first, last) for name in sorted(calendar.get_missing_tzids())]
    calendar.subcomponents[:0] = zones


@lru_cache(maxsize=32)
def _zone(name: str, first: int, last: int) -> Timezone:
    """Working it out takes far longer than writing a mail does."""
    zone = Timezone.from_tzid(name, first_date=date(first, 1, 1), last_date=date(last, 12, 31))
    _set_onsets_right(zone)
    return zone


def _event(facts: LetterFacts, organizer: str, hospital: str, attendee: str) -> Event:
    cancelled = facts.kind is MailKind.CANCELLED
    event = Event()
    event.add("UID", facts.calendar_uid)
    event.add("SEQUENCE", facts.calendar_sequence)
    event.add("DTSTAMP", facts.written_at.astimezone(UTC))
    event.add("DTSTART", facts.starts_at)
    event.add("DTEND", facts.ends_at)
    event.add("SUMMARY", f"Appointment at {hospital}")
    event.add("LOCATION", hospital)
    event.add("DESCRIPTION", f"With {facts.doctor}")
    event.add("STATUS", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("CLASS", "PRIVATE")
    event.add("ORGANIZER", _person(organizer, hospital))
    patient = _person(attendee, facts.patient)
    patient.params["PARTSTAT"] = vText("ACCEPTED")  # by booking it
    patient.params["RSVP"] = vText("FALSE")
    event.add("ATTENDEE", patient)
    return event


def _person(address: str, name: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{address}")
    person.params["CN"] = vText(name)
    return person


def _set_onsets_right(zone: Timezone) -> None:
    """An onset is told in the time before it (RFC 5545 section 3.6.5); where clocks are put
    forward, icalendar 7.3 tells it in the time after it, an hour late."""
    for observance in zone.subcomponents:
        gap: timedelta = observance.TZOFFSETTO - observance.TZOFFSETFROM
        if gap <= timedelta(0):
            continue
        observance.DTSTART -= gap
        later = observance.pop("RDATE", None)
        if later is not None:
            observance.add("RDATE", [moment.dt - gap for moment in later.dts])
