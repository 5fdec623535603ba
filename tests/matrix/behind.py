"""Who may what behind the hospital: the audit trail, mail, scheduled work, history brought in."""

from __future__ import annotations

from datetime import UTC, datetime

from store import (
    audit,
    day_close,
    dispatch,
    file_check,
    job_runs,
    jobs_list,
    letter_facts,
    mail_channel,
    mail_troubles,
    monthly,
    notices,
    offered,
    one_time_codes,
    outbox,
    reminders,
    report_mail,
    several,
    statistics,
)
from store.errors import NotFound
from store.exchange import foreign, history
from store.mail_channel import Trouble
from store.report_mail import ReportFacts
from store.sending_log import Taken
from store.values import (
    AppointmentStatus,
    AuditFilter,
    ForeignFile,
    MailKind,
    MailStep,
    Month,
    PatientInput,
)
from tests.matrix.row import ADMIN, ADMIN_AND_OWN_DOCTOR, ONCE, Row, given

_MONTH = Month(2025, 12)

_FOREIGN = ForeignFile("", "urn:uuid:elsewhere", PatientInput("Asha Rao"), (), (), ())


def _report(doctor_id: int) -> ReportFacts:
    at = datetime(2026, 1, 5, tzinfo=UTC)
    return ReportFacts(MailKind.REPORT, "", "", "a@b.example", "", "", doctor_id, _MONTH, at, "en")


BEHIND = [
    Row(audit.list_entries, lambda c: given(), ADMIN, "ADM-12", ONCE),
    Row(audit.list_entries, lambda c: given(patient_id=c.patient), ADMIN, "ADM-12"),
    Row(audit.export, lambda c: given(AuditFilter()), ADMIN, "ADM-12", ONCE),
    Row(audit.who_saw, lambda c: given(c.patient), ADMIN, "ADM-12"),
    Row(audit.anchor, lambda c: given(), ADMIN, "ADM-12", ONCE),
    Row(audit.verify, lambda c: given(), ADMIN, "ADM-12", ONCE),
    Row(statistics.of_hospital, lambda c: given(), ADMIN, "ADM-1", ONCE),
    Row(statistics.of_doctor, lambda c: given(c.doctor), ADMIN_AND_OWN_DOCTOR, "DOC-1"),
    Row(monthly.of_hospital, lambda c: given(_MONTH), ADMIN, "JOB-3", ONCE),
    Row(monthly.of_doctor, lambda c: given(c.doctor, _MONTH), ADMIN_AND_OWN_DOCTOR, "JOB-3"),
    Row(offered.minutes_of, lambda c: given([c.doctor], [_MONTH]), ADMIN_AND_OWN_DOCTOR, "JOB-3"),
    Row(offered.close, lambda c: given(_MONTH), ADMIN, "JOB-3", ONCE),
    Row(outbox.counts, lambda c: given(), ADMIN, "ADM-13", ONCE),
    Row(outbox.list_messages, lambda c: given(), ADMIN, "ADM-13", ONCE),
    Row(outbox.get, lambda c: given(c.message), ADMIN, "ADM-13"),
    Row(outbox.retry, lambda c: given(c.message), ADMIN, "ADM-13"),
    Row(outbox.discard, lambda c: given(c.message), ADMIN, "ADM-13"),
    Row(several.mail, lambda c: given(MailStep.RETRY, [c.message]), ADMIN, "ADM-13"),
    # `outbox deliver` and `jobs run` do the worker's work by hand.
    Row(dispatch.claim, lambda c: given(worker="hand"), ADMIN, "ADM-13 JOB-5", ONCE),
    Row(dispatch.due, lambda c: given(10), ADMIN, "ADM-13 JOB-5", ONCE),
    Row(dispatch.mark_sent, lambda c: given(c.claim(), recipient="a@b.example"), ADMIN, "JOB-5"),
    Row(
        dispatch.mark_all_sent,
        lambda c: given([(c.claim(), "a@b.example", Taken(c.at(0, 9)))]),
        ADMIN,
        "JOB-5",
    ),
    Row(dispatch.mark_retry, lambda c: given(c.claim(), "busy"), ADMIN, "JOB-5"),
    Row(dispatch.mark_failed, lambda c: given(c.claim(), "gone"), ADMIN, "JOB-5"),
    Row(dispatch.mark_uncertain, lambda c: given(c.claim(), "lost"), ADMIN, "JOB-5"),
    Row(dispatch.mark_discarded, lambda c: given(c.claim(), "late"), ADMIN, "JOB-5"),
    Row(dispatch.release, lambda c: given(c.claim()), ADMIN, "JOB-5"),
    Row(dispatch.begin, lambda c: given([c.claim()], lease_seconds=9), ADMIN, "JOB-5"),
    Row(dispatch.keep, lambda c: given([c.claim()], lease_seconds=9), ADMIN, "JOB-5"),
    Row(mail_channel.standing, lambda c: given(), ADMIN, "ADM-13 JOB-5", ONCE),
    Row(mail_channel.resting, lambda c: given(), ADMIN, "JOB-5", ONCE),
    Row(mail_channel.note_down, lambda c: given(Trouble.TLS, "bad"), ADMIN, "JOB-5", ONCE),
    Row(mail_channel.note_up, lambda c: given(), ADMIN, "JOB-5", ONCE),
    Row(letter_facts.facts_for_each, lambda c: given([c.message]), ADMIN, "ADM-13 JOB-1"),
    Row(letter_facts.facts_for, lambda c: given(c.message), ADMIN, "ADM-13 JOB-1"),
    Row(mail_troubles.sentences, lambda c: given(), ADMIN, "ADM-13", ONCE),
    Row(mail_troubles.refused_lately, lambda c: given(), ADMIN, "ADM-13", ONCE),
    Row(job_runs.sign_of_life, lambda c: given("worker"), ADMIN, "JOB-6", ONCE),
    Row(job_runs.worker_seen, lambda c: given(), ADMIN, "ADM-13", ONCE),
    Row(reminders.plan, lambda c: given(), ADMIN, "JOB-2", ONCE),
    Row(job_runs.last_run, lambda c: given("reminders"), ADMIN, "JOB-2", ONCE),
    Row(jobs_list.list_jobs, lambda c: given(), ADMIN, "JOB-2", ONCE),
    Row(file_check.begin, lambda c: given(), ADMIN, "ADM-15", ONCE),
    Row(file_check.end, lambda c: given("damaged"), ADMIN, "ADM-15", ONCE),
    Row(file_check.finding, lambda c: given(), ADMIN, "ADM-15", ONCE),
    Row(day_close.close, lambda c: given(), ADMIN, "JOB-2", ONCE),
    Row(day_close.close_due, lambda c: given(), ADMIN, "JOB-2", ONCE),
    Row(notices.facts_of, lambda c: given(c.message), ADMIN, "AUTH-6", but=(NotFound,)),
    Row(one_time_codes.facts_of, lambda c: given(c.message), ADMIN, "ADM-9", but=(NotFound,)),
    Row(report_mail.plan, lambda c: given(), ADMIN, "JOB-3", ONCE),
    Row(report_mail.facts_of, lambda c: given(c.message), ADMIN, "JOB-3", but=(NotFound,)),
    Row(report_mail.report_of, lambda c: given(_report(c.doctor)), ADMIN_AND_OWN_DOCTOR, "JOB-3"),
    Row(foreign.take, lambda c: given(_FOREIGN), ADMIN, "PAT-7 ADM-14", ONCE),
    Row(
        history.keep_all,
        lambda c: given(
            [
                (
                    history.Past(
                        c.patient, c.doctor, c.at(-9, 9), c.at(-9, 10), AppointmentStatus.NO_SHOW
                    ),
                    False,
                )
            ]
        ),
        ADMIN,
        "ADM-14",
    ),
    Row(
        history.keep,
        lambda c: given(
            patient_id=c.patient,
            doctor_id=c.doctor,
            starts_at=c.at(-9, 9),
            ends_at=c.at(-9, 10),
            status=AppointmentStatus.COMPLETED,
        ),
        ADMIN,
        "ADM-14",
    ),
]
