"""What patients read: the mails of booking, moving and cancelling, and the reminder."""

from __future__ import annotations

from email.utils import parseaddr

import pytest

from jobs.delivery import preview
from store import appointments, doctors, holidays, leave, patients, reminders
from store.values import Affected, MailKind, OutboxStatus
from tests.clinic import SYSTEM
from tests.jobs.conftest import Post, entry, part

WHEN = "Monday, 5 January 2026"


def test_a_booking_is_confirmed(post: Post) -> None:
    visit = post.book()
    assert post.deliver().as_dict() == {"sent": 1, "failed": 0, "waiting": 0}
    (mail,) = post.server.inbox
    assert mail.recipients == ("p0@example.org",)
    assert mail.sender == "desk@cityhospital.example"
    letter = mail.message
    assert parseaddr(letter["From"]) == ("City Hospital", "desk@cityhospital.example")
    assert letter["To"] == "p0@example.org"
    assert letter["Subject"] == "Your appointment"
    assert letter["Auto-Submitted"] == "auto-generated"
    for text in (part(mail, "plain"), part(mail, "html")):
        for told in ("Patient a", WHEN, "11:00–11:15", "IST, Asia/Kolkata", "Doctor 0"):
            assert told in text
        assert "Cardiology" in text
    assert "Doctor" not in letter["Subject"]
    assert visit.starts_at.utcoffset() is not None


def test_moving_and_cancelling_change_the_same_calendar_entry(post: Post) -> None:
    visit = post.book()
    post.deliver()
    moved = post.store.write(
        SYSTEM, appointments.reschedule, visit.id, starts_at=post.clinic.at(12)
    )
    post.deliver()
    post.store.write(SYSTEM, appointments.cancel, moved.id)
    post.deliver()
    booked, changed, gone = (entry(mail) for mail in post.server.inbox)

    assert [c["METHOD"] for c, _ in (booked, changed, gone)] == ["REQUEST", "REQUEST", "CANCEL"]
    assert len({event["UID"] for _, event in (booked, changed, gone)}) == 1
    assert [e["SEQUENCE"] for _, e in (booked, changed, gone)] == [0, 1, 2]
    assert [e["STATUS"] for _, e in (booked, changed, gone)] == [
        "CONFIRMED",
        "CONFIRMED",
        "CANCELLED",
    ]
    assert booked[1].start == post.clinic.at(11)
    assert changed[1].start == post.clinic.at(12)
    assert changed[1].end == post.clinic.at(12, 15)
    assert gone[1]["ATTENDEE"] == "mailto:p0@example.org"
    assert gone[1]["ORGANIZER"] == "mailto:desk@cityhospital.example"
    methods = [
        p.get_param("method")
        for mail in post.server.inbox
        for p in mail.message.walk()
        if p.get_content_type() == "text/calendar"
    ]
    assert methods == ["REQUEST", "REQUEST", "CANCEL"]

    told = [" ".join(part(mail, "plain").split()) for mail in post.server.inbox]
    assert f"Your appointment of {WHEN}, 11:00 was moved. The new time is:" in told[1]
    assert "12:00–12:15" in told[1]
    assert "This appointment was cancelled:" in told[2]
    assert [mail.message["Subject"] for mail in post.server.inbox] == [
        "Your appointment",
        "Your appointment was moved",
        "Your appointment was cancelled",
    ]


def test_a_reminder_of_the_day(post: Post) -> None:
    post.later(days=-1)
    post.book(post.clinic.at(10, day=post.clinic.at(0).date().replace(day=5)))
    post.deliver()
    post.later(days=1)
    assert post.store.write(SYSTEM, reminders.plan) == (1, 0)
    post.deliver()
    reminder = post.server.inbox[-1]
    assert reminder.message["Subject"] == "Appointment reminder"
    assert "A reminder of your appointment:" in part(reminder, "plain")
    _, event = entry(reminder)
    assert event["SEQUENCE"] == 0
    assert event["UID"] == entry(post.server.inbox[0])[1]["UID"]


def test_the_calendar_entry_names_no_department(post: Post) -> None:
    post.book()
    post.deliver()
    assert "Cardiology" not in part(post.server.inbox[0], "calendar")


def test_what_is_no_longer_true_is_not_told(post: Post) -> None:
    visit = post.book()
    moved = post.store.write(
        SYSTEM, appointments.reschedule, visit.id, starts_at=post.clinic.at(12)
    )
    post.store.write(SYSTEM, appointments.cancel, moved.id)
    done = post.deliver()
    assert (done.sent, done.discarded, done.waiting) == (1, 2, 0)
    (mail,) = post.server.inbox
    assert mail.message["Subject"] == "Your appointment was cancelled"
    assert [m.status for m in post.messages()] == [
        OutboxStatus.DISCARDED,
        OutboxStatus.DISCARDED,
        OutboxStatus.SENT,
    ]


def test_a_change_taken_back_is_told_once_with_the_newest_state(post: Post) -> None:
    from store import undo

    visit = post.book()
    post.store.write(SYSTEM, appointments.cancel, visit.id)
    post.store.write(SYSTEM, undo.undo, visit.id)
    post.deliver()
    (mail,) = post.server.inbox
    assert "Your appointment is booked:" in part(mail, "plain")
    assert entry(mail)[1]["SEQUENCE"] == 2


def test_nobody_is_told_of_an_appointment_that_has_begun(post: Post) -> None:
    post.book()
    post.later(hours=3)
    done = post.deliver()
    assert (done.sent, done.discarded) == (0, 1)
    assert post.last().last_error == "Too late: the appointment has begun."


def speak_hindi(post: Post) -> None:
    post.store.write(SYSTEM, patients.update, post.clinic.patients[0], {"language": "hi"})


def test_whoever_reads_hindi_is_written_to_in_hindi(quick_post: Post) -> None:
    post = quick_post
    speak_hindi(post)
    visit = post.book()
    post.deliver()
    moved = post.store.write(
        SYSTEM, appointments.reschedule, visit.id, starts_at=post.clinic.at(12)
    )
    post.deliver()
    post.store.write(SYSTEM, appointments.cancel, moved.id)
    post.deliver()
    assert [mail.message["Subject"] for mail in post.server.inbox] == [
        "आपका अपॉइंटमेंट",
        "आपके अपॉइंटमेंट का समय बदल गया है",
        "आपका अपॉइंटमेंट रद्द हो गया है",
    ]
    booked, changed, gone = (" ".join(part(m, "plain").split()) for m in post.server.inbox)
    assert booked.startswith(
        "नमस्ते Patient a जी, आपका अपॉइंटमेंट तय हो गया है: सोमवार, 5 जनवरी 2026"
        " 11:00–11:15 (IST, Asia/Kolkata, UTC+05:30) Doctor 0, Cardiology City Hospital"
    )
    assert "सोमवार, 5 जनवरी 2026, 11:00 के आपके अपॉइंटमेंट का समय बदल गया है" in changed
    assert "यह अपॉइंटमेंट रद्द कर दिया गया है:" in gone
    html = part(post.server.inbox[2], "html")
    assert '<html lang="hi">' in html
    assert "text-decoration:line-through" in html


@pytest.mark.parametrize("language", ["en", "hi"])
def test_what_the_hospital_takes_back_it_gives_the_reason_of(
    quick_post: Post, language: str
) -> None:
    post = quick_post
    day = post.clinic.at(0).date()
    for patient in post.clinic.patients[:2]:
        post.store.write(SYSTEM, patients.update, patient, {"language": language})
    post.book(post.clinic.at(11), 0)
    post.book(post.clinic.at(12), 1)
    post.deliver()
    reason = "chemotherapy"
    span = (post.clinic.at(11), post.clinic.at(12))
    post.store.write(SYSTEM, leave.add, post.clinic.doctors[0], *span, reason, Affected.CANCEL)
    post.store.write(SYSTEM, holidays.add, day, "Founders' Day", Affected.MOVE)
    post.deliver()
    gone, moved = (" ".join(part(m, "plain").split()) for m in post.server.inbox[2:])
    told = {
        "en": (
            (
                "We are sorry: the hospital had to cancel this appointment. Doctor 0 is not"
                " available at that time."
            ),
            (
                "of Monday, 5 January 2026, 12:00. The hospital gives no appointments on that day"
                " (Founders' Day). The new time is:"
            ),
        ),
        "hi": (
            "हमें खेद है कि अस्पताल को यह अपॉइंटमेंट रद्द करना पड़ा। Doctor 0 उस समय उपलब्ध नहीं हैं।",
            "आपके अपॉइंटमेंट का समय बदलना पड़ा। उस दिन अस्पताल में छुट्टी है (Founders' Day)।",
        ),
    }[language]
    assert told[0] in gone
    assert told[1] in moved
    for mail in post.server.inbox[2:]:
        assert "chemo" not in part(mail, "plain") + part(mail, "html")
        assert "<s>" not in part(mail, "plain")
    assert "Founders&#39; Day" in part(post.server.inbox[3], "html")


def test_who_comes_to_another_doctor_hears_which_one_is_gone(quick_post: Post) -> None:
    post = quick_post
    leaving = post.clinic.doctors[0]
    post.book(post.clinic.at(11), 0)
    post.deliver()
    post.store.write(SYSTEM, doctors.deactivate, leaving, Affected.MOVE)
    for language, told in (
        (
            "en",
            (
                f"your appointment of {WHEN}, 11:00 with Doctor 0. Doctor 0 does not see patients"
                " here any more. It is now with another doctor, at this time:"
            ),
        ),
        ("hi", "11:00 (Doctor 0) के आपके अपॉइंटमेंट का समय बदलना पड़ा। Doctor 0 अब यहाँ मरीज़ नहीं देखते"),
    ):
        post.store.write(SYSTEM, patients.update, post.clinic.patients[0], {"language": language})
        text = " ".join(preview(post.store, SYSTEM, post.last().id, post.settings).split())
        assert told in text
        assert "Doctor 1, " in text


def test_a_language_that_we_have_no_words_in_gets_english(quick_post: Post) -> None:
    post = quick_post
    post.store.write(SYSTEM, patients.update, post.clinic.patients[0], {"language": "ta"})
    post.book()
    text = preview(post.store, SYSTEM, post.last().id, post.settings)
    assert text.startswith("Dear Patient a,")


def test_every_kind_of_mail_has_its_words_in_every_language() -> None:
    from jobs.languages import ENGLISH, HINDI
    from jobs.letters import _environment

    templates = set(_environment("html").list_templates(["jinja"]))
    for language in (ENGLISH, HINDI):
        assert set(language.subjects) == set(MailKind)
        assert {f"{language.code}/{kind}.jinja" for kind in MailKind} <= templates
