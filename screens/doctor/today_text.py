"""How the doctor's today is written: its rows, what is next, and the row under the cursor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from textual.content import Content

from screens.doctor.patient_panel import diagnosis_words
from screens.shared.names import day_words
from store.values import Activity, AppointmentView, RecordView
from store.values import AppointmentStatus as Status
from widgets.badges import WaitLimits, status_content, status_text
from widgets.patient_finder import sex_and_age
from widgets.plain import cell, content, lines, plain
from widgets.record_table import Column, Row

COLUMNS = (
    Column("next", "", 1),
    Column("token", "Token", 6),
    Column("time", "Time", 5),
    Column("patient", "Patient"),
    Column("who", "", 5),
    Column("status", "Status", 21),
)
DRAFT_COLUMNS = (
    Column("day", "Visit", 12),
    Column("patient", "Patient", 24),
    Column("what", "Written so far"),
)
_OVER = (Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW, Status.LEFT)


def queue_row(
    view: AppointmentView,
    is_next: bool,
    now: datetime,
    colours: Mapping[str, str],
    limits: WaitLimits,
) -> Row:
    """A row of the queue; who is next is marked by a sign too."""
    quiet = colours["text-muted"] if view.status in _OVER else ""
    token = quiet or f"bold {colours['token']}"
    return Row(
        str(view.id),
        (
            cell("▸" if is_next else "", style=f"bold {colours['accent']}"),
            cell(view.token, style=token),
            cell(f"{view.starts_at:%H:%M}", style=quiet),
            cell(view.patient, style=quiet or ("bold" if is_next else "")),
            cell(sex_and_age(view.patient_sex, view.patient_age), style=colours["text-muted"]),
            status_text(view, now, colours, limits),
        ),
    )


def draft_row(record: RecordView, colours: Mapping[str, str]) -> Row:
    """An unfinished record, known by its appointment."""
    return Row(
        str(record.appointment_id),
        (
            cell(f"{record.visited_at:%d %b %H:%M}"),
            cell(record.patient),
            cell(diagnosis_words(record), style=colours["text-muted"]),
        ),
    )


def activity_line(told: Activity) -> Content:
    """The week and the month: who was seen, who did not come, who is still to come."""
    week, month = (
        f"{one.completed:,} seen, {one.no_show:,} no-show, {one.booked:,} booked"
        for one in (told.week, told.month)
    )
    return content(
        "[$text-muted]Week[/] $week [$text-muted]· Month[/] $month", week=week, month=month
    )


def at_a_glance(
    rows: Sequence[AppointmentView],
    following: AppointmentView | None,
    now: datetime,
    drafts: Mapping[str, RecordView],
) -> Content:
    """Two lines: who is in consultation, with what is written of it so far, and who is next.
    `drafts` are by the appointment's number."""
    inside = next((row for row in rows if row.status is Status.IN_CONSULTATION), None)
    draft = drafts.get(str(inside.id)) if inside else None
    return lines([_inside(inside, now, draft), _following(rows, following, now)])


def _inside(row: AppointmentView | None, now: datetime, draft: RecordView | None) -> Content:
    if row is None:
        return content("[$text-muted]Now    nobody is in consultation[/]")
    minutes = int((now - row.started_at).total_seconds() // 60) if row.started_at else 0
    return content(
        "[$text-muted]Now[/]    [$status-consultation]◐[/] [b]$name[/]  $who  "
        "[$text-muted]for $minutes min$draft[/]",
        name=row.patient,
        who=sex_and_age(row.patient_sex, row.patient_age),
        minutes=minutes,
        draft=f" · draft of {draft.updated_at:%H:%M} kept" if draft else "",
    )


def _following(
    rows: Sequence[AppointmentView], following: AppointmentView | None, now: datetime
) -> Content:
    if following is None:
        booked = [row for row in rows if row.status is Status.BOOKED]
        when = f", the next one is booked at {booked[0].starts_at:%H:%M}" if booked else ""
        return content("[$text-muted]Next   nobody waits$when[/]", when=when)
    return content(
        "[$text-muted]Next[/]   [b $token]$token[/] [b]$name[/]  $who  "
        "[$status-waiting]waits $minutes min[/]   [b $key]n[/] calls",
        token=following.token or "",
        name=following.patient,
        who=sex_and_age(following.patient_sex, following.patient_age),
        minutes=following.waited_minutes(now) or 0,
    )


def side_text(view: AppointmentView, now: datetime) -> Content:
    """The appointment under the cursor; nothing of it is from the medical record."""
    state = status_content(view.status, view.waited_minutes(now))
    day = day_words(view.starts_at.date(), now.date())
    facts = [
        ("number", view.mrn),
        ("phone", view.patient_phone or "–"),
        ("time", f"{day} {view.starts_at:%H:%M} – {view.ends_at:%H:%M}"),
        ("token", view.token or "–"),
    ]
    facts += [
        (word, f"{moment:%H:%M}")
        for word, moment in (
            ("came", view.checked_in_at),
            ("called in", view.started_at),
            ("done", view.completed_at),
        )
        if moment is not None
    ]
    if view.reason:
        facts.append(("reason", view.reason))
    marks = [
        word
        for word, on in (("walk-in", view.walk_in), ("‡ over the limit", view.overbooked))
        if on
    ]
    if marks:
        facts.append(("also", ", ".join(marks)))
    told = [
        content("[$text-muted]$label[/]$value", label=f"{label:<10}", value=value)
        for label, value in facts
    ]
    name = content(
        "[b]$name[/]  $who",
        name=view.patient,
        who=sex_and_age(view.patient_sex, view.patient_age),
    )
    note = [plain(""), content("[$text-muted]note when booked[/]"), plain(view.note)]
    does = {
        Status.CHECKED_IN: "calls in",
        Status.IN_CONSULTATION: "resumes",
        Status.COMPLETED: "shows the record",
    }.get(view.status, "shows more")
    keys = content("[b $key]enter[/] $does", does=does)
    return lines([name, state, plain(""), *told, *(note if view.note else []), plain(""), keys])
