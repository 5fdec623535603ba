"""How the dashboard is written: rows, pillars, and which list is behind each figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from store.values import (
    Activity,
    AppointmentStatus,
    HospitalFigures,
    Share,
    Tally,
)
from widgets.badges import status_sign, status_words
from widgets.charts import Pillar, bar
from widgets.figure_grid import Figure, FigureRow
from widgets.plain import cell
from widgets.record_table import Column, Row

SPANS = ("Today", "Week", "Month")
STANDING, RATE = "standing", "rate"
WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_BAR_CELLS = 9
SHARE_COLUMNS = (
    Column("name", "Name"),
    Column("bar", "", _BAR_CELLS),
    Column("appointments", "Visits", 6, right=True),
    Column("missed", "✗", 4, right=True),
)

Wanted = tuple[str, str]
"""The title of a list, and the words of its filter line."""


def percent(tally: Tally) -> str:
    """The part of those due who did not come; a dash where nobody was due."""
    rate = tally.no_show_rate
    return "–" if rate is None else f"{rate:.1%}"


def appointment_rows(told: Activity) -> list[FigureRow]:
    """All that stand, then each status, then the rate of those who did not come."""
    tallies = (told.today, told.week, told.month)
    rows = [
        FigureRow(
            STANDING,
            "Appointments",
            tuple(Figure(f"{one.standing:,}", "b $foreground") for one in tallies),
            "b $foreground",
        )
    ]
    for status in AppointmentStatus:
        if status is AppointmentStatus.IN_ERROR and not any(one.in_error for one in tallies):
            continue
        style = f"${status_sign(status)[1]}"
        numbers = tuple(Figure(f"{one.number(status):,}") for one in tallies)
        rows.append(FigureRow(status.value, f" {status_words(status)}", numbers, style))
    rates = tuple(Figure(percent(one)) for one in tallies)
    return [*rows, FigureRow(RATE, "No-show rate", rates)]


def hospital_rows(figures: HospitalFigures) -> list[FigureRow]:
    """What there is, what mail does, and the period as a whole."""
    period = figures.activity.period
    failed = figures.mail_failed
    wrong = "$text-error" if failed else "$foreground"
    days = len(figures.activity.days)
    return [
        FigureRow("patients", "Patients", (Figure(f"{figures.patients:,}"),)),
        FigureRow("doctors", "Doctors", (Figure(f"{figures.doctors:,}"),)),
        FigureRow("departments", "Departments", (Figure(f"{figures.departments:,}"),)),
        FigureRow("waiting", "Mail waiting", (Figure(f"{figures.mail_waiting:,}"),)),
        FigureRow(
            "failed",
            "! Mail failed" if failed else "Mail failed",
            (Figure(f"{failed:,}", wrong),),
            "$text-error" if failed else "$text-muted",
        ),
        FigureRow("period", f"Visits, {days} d", (Figure(f"{period.standing:,}"),)),
        FigureRow("missed", f"No-shows, {days} d", (Figure(f"{period.no_show:,}"),)),
        FigureRow(RATE, "Rate of no-shows", (Figure(percent(period)),)),
    ]


def behind_appointments(key: str, column: int, today: date) -> Wanted:
    """The appointments that a figure counts."""
    first, last = (
        (today, today),
        week_of(today),
        month_of(today),
    )[column]
    return "Appointments", between(first, last, _statuses(key))


def behind_hospital(key: str, told: Activity) -> Wanted:
    """The list that a figure of the hospital counts."""
    lists = {"patients": "Patients", "doctors": "Doctors", "departments": "Departments"}
    if key in lists:
        return lists[key], ""
    if key == "waiting":
        return "Mail", "status:waiting status:sending status:uncertain status:held"
    if key == "failed":
        return "Mail", "status:failed"
    status = STANDING if key == "period" else AppointmentStatus.NO_SHOW.value
    return "Appointments", between(told.first_day, told.last_day, _statuses(status))


def behind_share(of: str, key: str, told: Activity) -> Wanted:
    """The period's appointments of a `doctor` or a `department`."""
    days = between(told.first_day, told.last_day, _statuses(STANDING))
    return "Appointments", f"{of}:{key} {days}"


def between(first: date, last: date, statuses: Sequence[str]) -> str:
    """Filter words for days and statuses."""
    words = [f"status:{status.replace('_', '-')}" for status in statuses]
    return " ".join([*words, f"from:{first}", f"to:{last}"])


def _statuses(key: str) -> Sequence[str]:
    if key == STANDING:
        gone = {AppointmentStatus.CANCELLED, AppointmentStatus.RESCHEDULED}
        gone.add(AppointmentStatus.IN_ERROR)
        return [status.value for status in AppointmentStatus if status not in gone]
    return [AppointmentStatus.NO_SHOW.value if key == RATE else key]


def week_of(day: date) -> tuple[date, date]:
    """Monday to Sunday."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def month_of(day: date) -> tuple[date, date]:
    """The first to the last of its month."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


# Charts


def trend(told: Activity) -> list[Pillar]:
    """A pillar for each day, labelled on Mondays; those who did not come below."""
    return [
        Pillar(
            one.day.isoformat(),
            f"{one.day:%d %b}" if one.day.weekday() == 0 else "",
            one.tally.standing,
            f"{one.day:%a %d %b}: visits {one.tally.standing:,}, no-shows {one.tally.no_show:,}",
            one.tally.no_show,
        )
        for one in told.days
    ]


def weekdays(told: Activity) -> list[Pillar]:
    """How many appointments a Monday, a Tuesday … has."""
    days = [one.day.weekday() for one in told.days]
    return [
        Pillar(name, name, round(number / max(1, days.count(weekday))))
        for weekday, (name, number) in enumerate(zip(WEEKDAYS, told.by_weekday, strict=True))
    ]


def hours(told: Activity) -> list[Pillar]:
    """How many appointments begin in each hour, from the first to the last in which any does."""
    by_hour = told.by_hour
    used = [hour for hour, number in enumerate(by_hour) if number]
    span = range(used[0], used[-1] + 1) if used else range(0)
    return [Pillar(f"{hour:02}", f"{hour:02}", by_hour[hour]) for hour in span]


def share_rows(shares: Sequence[Share], colours: Mapping[str, str]) -> list[Row]:
    """Departments or doctors, each with a bar as long as its share of the largest."""
    most = max((one.appointments for one in shares), default=0)
    return [
        Row(
            str(one.id),
            (
                cell(one.name),
                cell(bar(one.appointments, most, _BAR_CELLS), style=colours["accent"]),
                cell(f"{one.appointments:,}", right=True),
                cell(f"{one.no_shows:,}", right=True),
            ),
        )
        for one in shares
    ]
