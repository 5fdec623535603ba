"""A patient's records by mail, through a real mail server and read back from there."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from email.message import EmailMessage

from fhir.resources.R4B.bundle import Bundle
from icalendar import Calendar

from jobs.delivery import preview
from store import audit, patient_file, patients
from store.values import OutboxStatus, RecordFormat
from tests.clinic import SYSTEM
from tests.jobs.conftest import Post, part
from tests.jobs.paper import pages
from tests.servers.mail import Mail


def ask(post: Post, *formats: RecordFormat, request: str = "one") -> int:
    asked = post.store.write(
        SYSTEM,
        patient_file.ask_by_mail,
        post.clinic.patients[0],
        formats,
        request_id=request,
    )
    return asked.message_id


def attached(mail: Mail) -> dict[str, EmailMessage]:
    found: dict[str, EmailMessage] = {}
    for one in mail.message.iter_attachments():
        assert isinstance(one, EmailMessage)
        found[one.get_filename() or ""] = one
    return found


def content(one: EmailMessage) -> bytes:
    payload = one.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload


def test_every_form_arrives_once_and_whole(post: Post) -> None:
    post.book()
    post.deliver()
    patient = post.store.read(SYSTEM, patients.get, post.clinic.patients[0])
    ask(post, *RecordFormat)
    ask(post, *RecordFormat)
    assert post.deliver().as_dict() == {"sent": 1, "failed": 0, "waiting": 0}
    assert post.deliver().sent == 0
    mail = post.server.inbox[-1]
    assert mail.recipients == ("p0@example.org",)
    assert mail.message["Subject"] == "The papers you asked for"
    start = f"records-{patient.mrn}-2026-01-05"
    files = attached(mail)
    assert set(files) == {f"{start}.{end}" for end in ("pdf", "csv", "fhir.json", "ics")}
    (page,) = pages(content(files[f"{start}.pdf"]))
    assert page.startswith(f"Patient a · {patient.mrn}")
    (row,) = csv.DictReader(io.StringIO(content(files[f"{start}.csv"]).decode("utf-8-sig")))
    assert row["appointment_status"] == "booked"
    fhir = files[f"{start}.fhir.json"]
    assert fhir.get_content_type() == "application/fhir+json"
    assert Bundle.model_validate_json(content(fhir)).type == "document"
    (event,) = Calendar.from_ical(content(files[f"{start}.ics"])).events
    assert str(event["UID"]).startswith("appointment-")


def test_the_text_of_the_mail_says_nothing_medical(quick_post: Post) -> None:
    post = quick_post
    post.store.write(SYSTEM, patients.add_allergy, post.clinic.patients[0], "Penicillin")
    message = ask(post, RecordFormat.PDF)
    text = preview(post.store, SYSTEM, message, post.settings)
    post.deliver()
    mail = post.server.inbox[-1]
    for told in (part(mail, "plain"), part(mail, "html"), text):
        assert "Patient a" in told
        assert "on Monday, 5 January 2026" in told
        assert "Penicillin" not in told
        assert "Doctor" not in told
    assert "a PDF to read" in part(mail, "plain")
    (pdf,) = attached(mail).values()
    assert "Penicillin" in pages(content(pdf))[0]


def test_what_is_too_large_is_told_instead_of_sent(quick_post: Post) -> None:
    post = quick_post
    post.settings = replace(post.settings, most_bytes=100)
    ask(post, RecordFormat.CSV)
    assert post.deliver().sent == 1
    mail = post.server.inbox[-1]
    assert attached(mail) == {}
    text = " ".join(part(mail, "plain").split())
    assert "They are too large to be sent by e-mail (0.0 MB; at most 0.0 MB fit)." in text
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
