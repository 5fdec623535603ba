"""What the calendar tells beside its grid: of the place under the cursor, and of what is marked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from textual.content import Content

from screens.shared.leave import hit_words
from screens.shared.words import span_words
from store.values import AppointmentStatus as Status
from store.values import AppointmentView, CalendarDay, CalendarVisit
from widgets.badges import status_content
from widgets.calendar_grid import Place, booked, free, session_words
from widgets.patient_finder import sex_and_age
from widgets.plain import content, lines, plain
from widgets.slot_chooser import held_words

_OPENS = {
    Status.CHECKED_IN: "calls in",
    Status.IN_CONSULTATION: "resumes",
    Status.COMPLETED: "shows the record",
}


_STEPS = {
    Status.BOOKED: (("m", "moves it"), ("x", "cancels it"), ("o", "no-show")),
    Status.CHECKED_IN: (("x", "cancels it"),),
    Status.NO_SHOW: (("m", "moves it"),),
    Status.IN_CONSULTATION: (("b", "books the follow-up"),),
    Status.COMPLETED: (("b", "books the follow-up"),),
}


def place_title(place: Place | None) -> str:
    """What the panel beside the grid is about."""
    if place is None or (place.visit is None and place.slot is None and place.leave is None):
        return "Day"
    return "Appointment" if place.visit else "Leave" if place.leave else "Slot"


def place_text(place: Place | None, day: CalendarDay | None, now: datetime) -> Content:
    """The place under the cursor, in several lines, then its day."""
    if place is None or day is None:
        return plain("")
    if place.visit is not None:
        told = _visit(place.visit)
    elif place.leave is not None:
        when = span_words(place.leave.starts_at, place.leave.ends_at)
        told = [
            content("[b]leave[/]  $when", when=when),
            content("[$text-muted]$reason[/]", reason=place.leave.reason or "no reason given"),
            plain(""),
            _key("enter", "changes it"),
        ]
    elif place.slot is not None:
        told = _slot(place, now)
    else:
        told = []
    return lines([*told, *([plain("")] if told else []), *_day(day, now)])


def place_line(place: Place | None, day: CalendarDay | None, now: datetime) -> Content:
    """The same on one line."""
    if place is None or day is None:
        return plain("")
    head = content("[$text-muted]$day[/] ", day=f"{day.day:%a} {day.day.day} {day.day:%b}")
    if place.visit is not None:
        visit = place.visit
        name = content(
            " $from–$to  [b]$name[/]  $who  ",
            **{"from": f"{visit.starts_at:%H:%M}", "to": f"{visit.ends_at:%H:%M}"},
            name=visit.patient,
            who=sex_and_age(visit.patient_sex, visit.patient_age),
        )
        return head + name + status_content(visit.status)
    if day.holiday is not None:
        return head + content(" holiday  [b]$name[/]", name=day.holiday)
    if place.leave is not None:
        when = span_words(place.leave.starts_at, place.leave.ends_at)
        return head + content(" leave $when  $why", when=when, why=place.leave.reason)
    if place.slot is not None:
        return head + content(" $what", what=_slot_words(place, now))
    hours = session_words(day) or "no hours"
    return head + content(" $hours  $counts", hours=hours, counts=_counts(day, now))


def marked_title() -> str:
    """What the panel beside the grid is about while something is marked."""
    return "Leave to be put in"


def marked_text(span: tuple[datetime, datetime], hit: Sequence[AppointmentView]) -> Content:
    """What is marked, and whom leave there would hit."""
    return lines(
        [
            content("[b]$when[/]", when=span_words(*span)),
            plain(""),
            hit_words(hit, 12) if hit else content("[$text-muted]Nobody is booked there.[/]"),
            plain(""),
            _key("enter", "puts the leave in"),
            _key("space", "whole days, or times"),
            _key("esc", "marks nothing"),
        ]
    )


def marked_line(span: tuple[datetime, datetime], hit: Sequence[AppointmentView]) -> Content:
    """The same on one line."""
    if hit:
        whom = content("[$text-error]! $count booked[/]", count=len(hit))
    else:
        whom = content("[$text-muted]nobody booked[/]")
    keys = content("  [b $key]enter[/] leave  [b $key]space[/] days/times  [b $key]esc[/] drops")
    return content("[b]$when[/]  ", when=_brief_span(*span)) + whom + keys


def _brief_span(start: datetime, end: datetime) -> str:
    """`Mon 5 – Tue 6 Jan`, `Mon 5 Jan 10:30–11:45`."""
    last = end - timedelta(minutes=1)
    midnight = (0, 0)
    if (start.hour, start.minute) != midnight or (end.hour, end.minute) != midnight:
        return f"{start:%a} {start.day} {start:%b %H:%M}–{end:%H:%M}"
    if start.date() == last.date():
        return f"{start:%a} {start.day} {start:%b}"
    return f"{start:%a} {start.day} {start:%b} – {last:%a} {last.day} {last:%b}"


def _visit(visit: CalendarVisit) -> list[Content]:
    marks = [
        word for word, on in (("walk-in", visit.walk_in), ("overbooked", visit.overbooked)) if on
    ]
    return [
        content(
            "[b]$name[/]  $who",
            name=visit.patient,
            who=sex_and_age(visit.patient_sex, visit.patient_age),
        ),
        status_content(visit.status),
        plain(""),
        content(
            "[$text-muted]time    [/]$when",
            when=f"{visit.starts_at:%H:%M} – {visit.ends_at:%H:%M}",
        ),
        content("[$text-muted]number  [/]$mrn", mrn=visit.mrn),
        *([content("[$text-muted]also    [/]$marks", marks=", ".join(marks))] if marks else []),
        plain(""),
        _key("enter", _OPENS.get(visit.status, "shows more")),
        *(_key(key, does) for key, does in _STEPS.get(visit.status, ())),
    ]


def _slot(place: Place, now: datetime) -> list[Content]:
    return [
        content("[b]$what[/]", what=_slot_words(place, now)),
        plain(""),
        _key("space", "marks leave"),
    ]


def _slot_words(place: Place, now: datetime) -> str:
    assert place.slot is not None
    span = f"{place.slot.starts_at:%H:%M} – {place.slot.ends_at:%H:%M}"
    if place.slot.starts_at < now:
        return f"{span}  over, not booked"
    held = place.slot.held_at(now)
    return f"{span}  {held_words(held, now) if held else 'free'}"


def _day(day: CalendarDay, now: datetime) -> list[Content]:
    told = [content("[$text-muted]$day[/]", day=f"{day.day:%A} {day.day.day} {day.day:%B}")]
    if day.holiday is not None:
        told.append(content("░ holiday: $name", name=day.holiday))
    told += [
        content("/ leave $when", when=span_words(one.starts_at, one.ends_at)) for one in day.leave
    ]
    if day.slots:
        told.append(plain(session_words(day)))
    elif day.holiday is None:
        told.append(plain("no hours"))
    return [*told, plain(_counts(day, now))]


def _counts(day: CalendarDay, now: datetime) -> str:
    return f"{booked(day)} booked, {free(day, now)} free"


def _key(key: str, does: str) -> Content:
    return content("[b $key]$k[/] $does", k=key, does=does)
