"""The calendar entry of an appointment, for the patient's own calendar (RFC 5545, RFC 5546)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from icalendar import Calendar, Event, Parameters, Timezone, vCalAddress, vDatetime, vText
from icalendar.parser import Contentline

from store.letter_facts import LetterFacts
from store.values import MailKind

_END = "END:VCALENDAR\r\n"
_LONGEST_LINE = 75


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
    head = _head(method_of(facts), facts.starts_at.tzinfo, facts.starts_at.year)
    return head + _event(facts, organizer, hospital, attendee) + _END


@lru_cache(maxsize=32)
def _head(method: str, zone: tzinfo | None, year: int) -> str:
    """All before the event, which is the same in many mails and takes longer than the rest."""
    calendar = Calendar()
    calendar.add("PRODID", "-//Chikitsa//Appointments//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", method)
    event = Event()
    event.add("DTSTART", datetime(year, 1, 1, tzinfo=zone))
    calendar.add_component(event)
    set_zones(calendar, year - 1, year + 1)
    calendar.subcomponents.remove(event)
    written: bytes = calendar.to_ical()
    return written.decode().removesuffix(_END)


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


def _event(facts: LetterFacts, organizer: str, hospital: str, attendee: str) -> str:
    cancelled = facts.kind is MailKind.CANCELLED
    patient = Parameters(CN=vText(facts.patient), PARTSTAT="ACCEPTED", RSVP="FALSE")  # by booking
    return "".join(
        (
            "BEGIN:VEVENT\r\n",
            _line("UID", vText(facts.calendar_uid)),
            f"SEQUENCE:{facts.calendar_sequence}\r\n",
            _line("DTSTAMP", vDatetime(facts.written_at.astimezone(UTC))),
            _line("DTSTART", vDatetime(facts.starts_at)),
            _line("DTEND", vDatetime(facts.ends_at)),
            _line("DESCRIPTION", vText(f"With {facts.doctor}")),
            f"STATUS:{'CANCELLED' if cancelled else 'CONFIRMED'}\r\n",
            "CLASS:PRIVATE\r\n",
            _of_the_hospital(organizer, hospital),
            _line("ATTENDEE", vCalAddress(f"mailto:{attendee}", params=patient)),
            "END:VEVENT\r\n",
        )
    )


@lru_cache(maxsize=32)
def _of_the_hospital(organizer: str, hospital: str) -> str:
    person = vCalAddress(f"mailto:{organizer}", params=Parameters(CN=vText(hospital)))
    place = vText(hospital)
    summary = _line("SUMMARY", vText(f"Appointment at {hospital}"))
    return summary + _line("LOCATION", place) + _line("ORGANIZER", person)


def _line(name: str, value: vText | vDatetime | vCalAddress) -> str:
    """A line of an event, folded where it is long (RFC 5545 section 3.1)."""
    line = Contentline.from_parts(name, value.params, value)
    if len(line.encode()) < _LONGEST_LINE:
        return f"{line}\r\n"
    written: bytes = line.to_ical()
    return f"{written.decode()}\r\n"


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
