"""Monthly reports by mail: planned once a month, caught up, and what arrives."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from jobs.delivery import preview
from jobs.documents.fonts import Fonts
from jobs.documents.report_pdf import report_pdf
from jobs.languages import HINDI
from jobs.report_words import Words
from store import accounts, appointments, desk, doctors, jobs_list, monthly, report_mail
from store.errors import Invalid
from store.values import Diagnosis, MailKind, Month, OutboxStatus, RecordInput, Role
from tests.clinic import SYSTEM
from tests.hospital import admin
from tests.hostile import LITERAL
from tests.jobs.conftest import Post, part
from tests.jobs.paper import NO_FONTS, folder_of, fonts_in, pages

JANUARY = Month(2026, 1)
_ENGLISH = ("Appointments", "Change", "January", "min", "h", "new", "Diagnoses")


def set_clock(post: Post, month: int, day: int, hour: int, minute: int = 0) -> None:
    zone = post.store.rules.hospital.timezone
    post.clock.advance(datetime(2026, month, day, hour, minute, tzinfo=zone) - post.clock.now())


def with_people(post: Post) -> None:
    """One doctor of two has an address, and so has one administrator of two."""
    post.store.write(SYSTEM, doctors.update, post.clinic.doctors[0], email="d0@example.org")
    admin(post.store)
    post.store.write(
        SYSTEM,
        accounts.create,
        username="chief",
        name="Chief",
        role=Role.ADMIN,
        email="chief@example.org",
        password=None,
    )


def plan(post: Post, month: Month | None = None) -> tuple[int, int]:
    return post.store.write(SYSTEM, report_mail.plan, month)


def keys(post: Post) -> list[str]:
    return [one.to for one in post.messages() if one.kind is MailKind.REPORT]


def test_the_report_of_a_month_is_planned_once_on_its_day(post: Post) -> None:
    with_people(post)
    assert plan(post) == (0, 0)  # founded in January: nothing is over yet
    set_clock(post, 2, 1, 5, 59)
    assert plan(post) == (0, 0)
    set_clock(post, 2, 1, 6)
    assert plan(post) == (2, 2)
    assert plan(post) == (0, 0)
    assert keys(post) == ["d0@example.org", "chief@example.org"]
    (job,) = [one for one in post.store.read(SYSTEM, jobs_list.list_jobs) if one.job == "reports"]
    assert job.result == {"month": "2026-01", "queued": 2, "skipped": 2}
    assert f"{job.next_run:%Y-%m-%d %H:%M}" == "2026-03-01 06:00"


def test_a_worker_that_was_down_catches_up_each_month(quick_post: Post) -> None:
    post = quick_post
    with_people(post)
    set_clock(post, 2, 3, 9)
    assert plan(post)[0] == 2
    set_clock(post, 5, 20, 9)
    assert plan(post)[0] == 6
    post.later(days=-10)  # a clock that is set back asks again, and gets nothing
    assert plan(post) == (0, 0)


def test_by_hand_any_month_that_is_over(quick_post: Post) -> None:
    post = quick_post
    with_people(post)
    with pytest.raises(Invalid, match="2026-01 is not over yet"):
        plan(post, JANUARY)
    assert plan(post, JANUARY.before) == (2, 2)
    assert plan(post, JANUARY.before) == (0, 2)
    set_clock(post, 2, 1, 7)
    assert plan(post) == (2, 2)


def test_what_arrives(quick_post: Post) -> None:
    post = quick_post
    with_people(post)
    seen = post.book(post.clinic.at(10))
    post.book(post.clinic.at(11), patient=1)
    post.store.write(SYSTEM, desk.check_in, seen.id)
    post.store.write(SYSTEM, appointments.start, seen.id)
    fever = RecordInput(diagnoses=(Diagnosis("Fever <unknown>", "R50.9"),))
    post.store.write(SYSTEM, appointments.complete, seen.id, record=fever)
    set_clock(post, 2, 1, 6)
    plan(post)
    assert post.deliver().as_dict()["failed"] == 0
    mails = {m.recipients[0]: m for m in post.server.inbox if "report" in m.message["Subject"]}
    own, whole = mails["d0@example.org"], mails["chief@example.org"]
    assert own.message["Subject"] == whole.message["Subject"] == "Monthly activity report"
    text = " ".join(part(own, "plain").split())
    assert "Dear Doctor 0, This is what you did in January 2026, beside December 2025:" in text
    assert "Patients seen 1 0 new" in text
    assert "Hours offered 124 h 124 h" in text
    assert "1 Fever <unknown>" in text
    assert "Fever &lt;unknown&gt;" in part(own, "html")
    assert "This is what the hospital did in January 2026" in part(whole, "plain")
    files = {one.get_filename(): one for one in own.message.iter_attachments()}
    assert set(files) == {"activity-2026-01.pdf", "activity-2026-01.csv"}
    data = files["activity-2026-01.csv"].get_payload(decode=True)
    assert isinstance(data, bytes)
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert ["figures", "patients", "", "1", "0"] in rows
    assert ["diagnoses", "Fever <unknown>", "R50.9", "1", ""] in rows
    pdf = files["activity-2026-01.pdf"].get_payload(decode=True)
    assert isinstance(pdf, bytes)
    assert "Activity in January 2026 Doctor 0, Cardiology" in pages(pdf)[0]
    message = next(one for one in post.messages() if one.to == "d0@example.org")
    assert "Patients seen" in preview(post.store, SYSTEM, message.id, post.settings)


def test_who_left_gets_none(quick_post: Post) -> None:
    post = quick_post
    with_people(post)
    set_clock(post, 2, 1, 6)
    plan(post)
    post.store.write(SYSTEM, doctors.deactivate, post.clinic.doctors[0])
    post.deliver()
    assert [m.recipients[0] for m in post.server.inbox] == ["chief@example.org"]
    first = next(one for one in post.messages() if one.to == "d0@example.org")
    assert (first.status, first.last_error) == (
        OutboxStatus.DISCARDED,
        "The account was deactivated.",
    )


def test_no_name_breaks_the_paper(quick_post: Post) -> None:
    report = quick_post.store.read(SYSTEM, monthly.of_hospital, JANUARY)
    at = quick_post.store.now() + timedelta(days=40)
    every = " ".join(LITERAL)
    named = replace(
        report,
        hospital=every[:120],
        diagnoses=((Diagnosis(every, "R50.9"), 3),),
        drugs=((every[:200], 2),),
        doctors=tuple(replace(one, doctor=every[:120]) for one in report.doctors),
    )
    for fonts in (Fonts(), NO_FONTS):
        whole = " ".join(pages(report_pdf(named, at, fonts).data))
        assert "Hours booked of those offered" in whole
        assert "[@click=app.quit]x[/]" in whole


def test_who_reads_hindi_gets_all_of_it_in_hindi(quick_post: Post) -> None:
    post = quick_post
    with_people(post)
    post.store.write(SYSTEM, doctors.update, post.clinic.doctors[0], language="hi")
    seen = post.book(post.clinic.at(10))
    post.book(post.clinic.at(11), patient=1)
    post.store.write(SYSTEM, desk.check_in, seen.id)
    set_clock(post, 2, 1, 6)
    plan(post)
    post.deliver()
    mails = {
        m.recipients[0]: m for m in post.server.inbox if m.message["Subject"] != "Your account"
    }
    own, whole = mails["d0@example.org"], mails["chief@example.org"]
    assert own.message["Subject"] == "महीने के कामकाज की रिपोर्ट"
    text = " ".join(part(own, "plain").split())
    assert "नमस्ते Doctor 0 जी, जनवरी 2026 में आपका कामकाज, दिसंबर 2025 से तुलना के साथ:" in text
    assert "अभी बाकी हैं 2 0" in text
    assert "उपलब्ध घंटे 124 घंटे 124 घंटे" in text
    assert "124 घंटे में से 0.5 घंटे, 0 %" in part(own, "html")
    for form in ("plain", "html"):
        assert not set(_ENGLISH) & set(part(own, form).split())
    _, sheet = own.message.iter_attachments()
    data = sheet.get_payload(decode=True)
    assert isinstance(data, bytes)
    table = data.decode("utf-8-sig").splitlines()
    assert table[0] == "भाग,नाम,कोड,2026-01,पिछला महीना"
    assert "figures,patients,,0,0" in table
    assert "This is what the hospital did in January 2026" in part(whole, "plain")


def test_a_paper_in_hindi_is_one_in_english_where_nothing_draws_hindi(quick_post: Post) -> None:
    report = quick_post.store.read(SYSTEM, monthly.of_hospital, JANUARY)
    at, hindi = quick_post.store.now(), Words(HINDI)
    lohit = Fonts(folder_of("Lohit-Devanagari.ttf")[0])
    made = report_pdf(report, at, lohit, hindi)
    assert not made.missing
    assert any("Devanagari" in name for name in fonts_in(made.data))
    assert "page" not in pages(made.data)[0]
    plain = report_pdf(report, at, NO_FONTS, hindi)
    assert "Hours booked of those offered" in pages(plain.data)[0]
    assert not plain.missing
