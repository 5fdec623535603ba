"""Monthly reports by mail: to each doctor the own, to each administrator the hospital's.

They are planned on a day of each month for the month that is over, by a question about what is
owed and never by the minute it is: run twice nothing is planned twice, run late it catches up. The
figures are read when the mail is sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from store import job_runs, monthly, offered, outbox
from store.changes import Topic
from store.errors import Invalid
from store.outbox import MESSAGE
from store.permissions import Action, require
from store.report_times import moment_of
from store.slots import day_bounds
from store.tables import Account, Doctor, Hospital, JobRun, table_of
from store.transaction import Transaction
from store.values import MailKind, Month, MonthlyReport, Role

MOST_MONTHS = 12
"""How many months a worker that was down catches up."""

_ACCOUNT, _DOCTOR = table_of(Account).c, table_of(Doctor).c
_RUN = table_of(JobRun).c


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """What a mail with a report is written from; the report itself is read beside it. `doctor_id`
    is None in a mail with the hospital's."""

    kind: MailKind
    subject: str
    message_id: str
    recipient: str
    hospital: str
    name: str
    doctor_id: int | None
    month: Month
    written_at: datetime
    language: str


def plan(tx: Transaction, month: Month | None = None) -> tuple[int, int]:
    """Put the reports that are due into the outbox.

    Args:
        month: by hand, the reports of this month at once, whatever the configured day.

    Returns:
        how many were put into the outbox, and how many doctors and administrators get none
        because they have no e-mail address.

    Raises:
        Invalid: the month is not over.
    """
    require(tx, Action.JOB_RUN)
    if month is not None and month.last >= tx.today():
        raise Invalid.field("month", f"{month} is not over yet; give a month that is.")
    queued = skipped = 0
    if month is None and not any(_due(tx)):
        return 0, 0
    job_runs.take_turn(tx)
    for each in [month] if month else list(_due(tx)):
        offered.close(tx, each)
        added, passed_over = _plan_month(tx, each, by_hand=month is not None)
        queued, skipped = queued + added, skipped + passed_over
        moment = tx.now if month else moment_of(tx, each.next)
        result = {"month": str(each), "queued": added, "skipped": passed_over}
        job_runs.note(tx, job_runs.REPORTS, moment, result)
        tx.record("job.run", "job", job_runs.REPORTS, detail=result)
    return queued, skipped


def facts_of(tx: Transaction, message_id: int) -> ReportFacts | str:
    """What a mail with a report is written from, or the sentence why it is not to be sent.

    Raises:
        NotFound: there is no such message.
    """
    require(tx, Action.MAIL_DELIVER)
    row = outbox.stored(tx, message_id, MailKind.REPORT)
    chosen = json.loads(row.parameters)
    account = tx.session.execute(
        select(_ACCOUNT.name, _ACCOUNT.email, _ACCOUNT.is_active, _ACCOUNT.language).where(
            _ACCOUNT.id == chosen["account"]
        )
    ).one()
    if not account.is_active:
        return "The account was deactivated."
    if not account.email:
        return "The account has no e-mail address any more."
    year, number = map(int, chosen["month"].split("-"))
    return ReportFacts(
        kind=MailKind.REPORT,
        subject=row.subject,
        message_id=row.message_id,
        recipient=account.email,
        hospital=tx.rules.hospital.name,
        name=account.name,
        doctor_id=row.doctor_id,
        month=Month(year, number),
        written_at=tx.local(tx.now),
        language=account.language or tx.rules.hospital.locale,
    )


def report_of(tx: Transaction, facts: ReportFacts) -> MonthlyReport:
    """The report that a mail brings."""
    if facts.doctor_id is None:
        return monthly.of_hospital(tx, facts.month)
    return monthly.of_doctor(tx, facts.doctor_id, facts.month)


def _due(tx: Transaction) -> Iterator[Month]:
    """The months whose day has come and that no run is written down for, the oldest first: of
    those behind the newest run, or the last month alone in a hospital that never sent any."""
    if not tx.rules.reports.enabled:
        return
    reached = Month.of(tx.today())
    if moment_of(tx, reached) > tx.now:
        reached = reached.before
    founded = tx.session.execute(select(table_of(Hospital).c.created_at)).scalar_one()
    last = tx.session.execute(
        select(func.max(_RUN.scheduled_for)).where(_RUN.job == job_runs.REPORTS)
    ).scalar()
    due, month = [reached.before], reached.before.before
    while last is not None and moment_of(tx, month.next) > last and len(due) < MOST_MONTHS:
        due.append(month)
        month = month.before
    for month in reversed(due):
        _, end = day_bounds(month.last, tx.timezone)
        moment = moment_of(tx, month.next)
        if founded < end and not job_runs.noted(tx, job_runs.REPORTS, moment):
            yield month


def _plan_month(tx: Transaction, month: Month, *, by_hand: bool) -> tuple[int, int]:
    _, end = day_bounds(month.last, tx.timezone)
    people = list(_recipients(tx, tx.now if by_hand else end))
    rows = [
        outbox.new_row(
            tx,
            MailKind.REPORT,
            f"report:{f'doctor:{doctor_id}' if doctor_id else f'hospital:{account_id}'}:{month}",
            email,
            tx.now,
            None,
        )
        | {
            "doctor_id": doctor_id,
            "parameters": json.dumps({"account": account_id, "month": str(month)}),
        }
        for account_id, doctor_id, email in people
        if email
    ]
    without = sum(not email for _, _, email in people)
    if not rows:
        return 0, without
    added = tx.session.execute(outbox.insert_once(tx).returning(MESSAGE.c.id), rows).all()
    if added:
        tx.changed(Topic.OUTBOX)
    return len(added), without


def _recipients(tx: Transaction, end: datetime) -> Iterator[tuple[int, int | None, str | None]]:
    """Account, doctor and e-mail address of each who is active and was here by a moment."""
    doctors = (
        select(_ACCOUNT.id, _DOCTOR.id.label("doctor_id"), _ACCOUNT.email)
        .join(Doctor, _DOCTOR.account_id == _ACCOUNT.id)
        .where(_DOCTOR.is_active, _ACCOUNT.is_active, _DOCTOR.created_at <= end)
        .order_by(_DOCTOR.id)
    )
    for row in tx.session.execute(doctors):
        yield row.id, row.doctor_id, row.email
    administrators = select(_ACCOUNT.id, _ACCOUNT.email).where(
        _ACCOUNT.role == Role.ADMIN.value, _ACCOUNT.is_active
    )
    for row in tx.session.execute(administrators.order_by(_ACCOUNT.id)):
        yield row.id, None, row.email
