"""A patient's records by mail, through a real mail server and read back from there."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from email.message import EmailMessage

import pytest
import pyzipper
from fhir.resources.R4B.bundle import Bundle
from icalendar import Calendar
from sqlalchemy import text

from jobs.delivery import preview
from store import audit, patient_file, patients
from store.values import OutboxStatus, RecordFormat, RecordsAsked
from tests.clinic import SYSTEM
from tests.jobs.conftest import Post, part
from tests.jobs.paper import pages
from tests.servers.mail import Mail


def ask(post: Post, *formats: RecordFormat, request: str = "one") -> RecordsAsked:
    return post.store.write(
        SYSTEM,
        patient_file.ask_by_mail,
        post.clinic.patients[0],
        formats,
        request_id=request,
    )


def archive(mail: Mail) -> bytes:
    (one,) = mail.message.iter_attachments()
    assert isinstance(one, EmailMessage)
    assert (one.get_filename(), one.get_content_type()) == (
        "records-2026-01-05.zip",
        "application/zip",
    )
    payload = one.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload


def attached(mail: Mail, password: str) -> dict[str, bytes]:
    """What is in the archive of a mail."""
    with pyzipper.AESZipFile(io.BytesIO(archive(mail))) as opened:
        opened.setpassword(password.encode())
        return {name: opened.read(name) for name in opened.namelist()}


def test_every_form_arrives_once_and_whole(post: Post) -> None:
    post.book()
    post.deliver()
    patient = post.store.read(SYSTEM, patients.get, post.clinic.patients[0])
    asked = ask(post, *RecordFormat)
    assert ask(post, *RecordFormat).password == asked.password
    assert post.deliver().as_dict() == {"sent": 1, "failed": 0, "waiting": 0}
    assert post.deliver().sent == 0
    mail = post.server.inbox[-1]
    assert mail.recipients == ("p0@example.org",)
    assert mail.message["Subject"] == "The papers you asked for"
    start = "records-2026-01-05"
    files = attached(mail, asked.password)
    assert set(files) == {f"{start}.{end}" for end in ("pdf", "csv", "fhir.json", "ics")}
    (page,) = pages(files[f"{start}.pdf"])
    assert page.startswith(f"Patient a · {patient.mrn}")
    (row,) = csv.DictReader(io.StringIO(files[f"{start}.csv"].decode("utf-8-sig")))
    assert row["appointment_status"] == "booked"
    fhir = files[f"{start}.fhir.json"]
    assert Bundle.model_validate_json(fhir).type == "document"
    (event,) = Calendar.from_ical(files[f"{start}.ics"]).events
    assert str(event["UID"]).startswith("appointment-")


def test_the_text_of_the_mail_says_nothing_medical(quick_post: Post) -> None:
    post = quick_post
    post.store.write(SYSTEM, patients.add_allergy, post.clinic.patients[0], "Penicillin")
    asked = ask(post, RecordFormat.PDF)
    shown = preview(post.store, SYSTEM, asked.message_id, post.settings)
    post.deliver()
    mail = post.server.inbox[-1]
    for told in (part(mail, "plain"), part(mail, "html"), shown):
        assert "Patient a" in told
        assert "on Monday, 5 January 2026" in told
        assert "Penicillin" not in told
        assert "Doctor" not in told
    assert "a PDF to read" in part(mail, "plain")
    (pdf,) = attached(mail, asked.password).values()
    assert "Penicillin" in pages(pdf)[0]


def test_the_archive_opens_with_its_password_alone(quick_post: Post) -> None:
    post = quick_post
    first = ask(post, RecordFormat.PDF)
    second = ask(post, RecordFormat.CSV, request="two")
    assert re.fullmatch(r"([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}", first.password)
    assert first.password != second.password
    post.deliver()
    mail = post.server.inbox[0]
    for wrong in ("", "guess", second.password):
        with pytest.raises(RuntimeError, match="password"):
            attached(mail, wrong)
    assert first.password not in mail.message.as_string()
    known = post.store.read(SYSTEM, patient_file.last_asked, post.clinic.patients[0])
    assert known is not None
    assert known.password == second.password
    assert second.password not in repr(known)
    with post.store.database.begin(write=False) as connection:
        rows = connection.execute(text("SELECT * FROM outbox_message")).all()
    assert not any(first.password in str(row) for row in rows)


def test_what_is_too_large_is_told_instead_of_sent(quick_post: Post) -> None:
    post = quick_post
    post.settings = replace(post.settings, most_bytes=100)
    ask(post, RecordFormat.CSV)
    assert post.deliver().sent == 1
    mail = post.server.inbox[-1]
    assert list(mail.message.iter_attachments()) == []
    said = " ".join(part(mail, "plain").split())
    assert "They are too large to be sent by e-mail (0.0 MB; at most 0.0 MB fit)." in said
    assert "ask the hospital" in part(mail, "html")


def test_an_address_that_changed_gets_nothing(quick_post: Post) -> None:
    post = quick_post
    ask(post, RecordFormat.PDF)
    new = {"email": "else@example.org"}
    post.store.write(SYSTEM, patients.update, post.clinic.patients[0], new)
    assert post.deliver().discarded == 1
    assert post.server.inbox == []
    assert post.last().status is OutboxStatus.DISCARDED
    assert "changed after the records were asked for" in (post.last().last_error or "")


def test_each_delivery_is_in_the_audit_trail(quick_post: Post) -> None:
    post = quick_post
    ask(post, RecordFormat.PDF)
    post.deliver()
    page = post.store.read(SYSTEM, audit.list_entries, patient_id=post.clinic.patients[0])
    actions = [entry.action for entry in page.items]
    assert {"record.mail", "record.export", "mail.send"} <= set(actions)
