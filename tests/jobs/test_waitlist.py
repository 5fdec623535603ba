"""What the worker does for those who wait: the mail of an offer, and the next when it lapses."""

from __future__ import annotations

from datetime import date

from jobs.mailer import Mailer
from jobs.schedule import Duties
from store import appointments, patients, waitlist
from store.values import AppointmentView, MailKind, OutboxStatus, WaitlistEntryView
from tests.clinic import SYSTEM
from tests.jobs.conftest import Post, part

TUESDAY = date(2026, 1, 6)


def wait(post: Post, patient: int, appointment: AppointmentView | None = None) -> WaitlistEntryView:
    return post.store.write(
        SYSTEM,
        waitlist.add,
        patient_id=post.clinic.patients[patient],
        doctor_id=None if appointment else post.clinic.doctors[0],
        appointment_id=appointment.id if appointment else None,
    )


def free_a_slot(post: Post) -> None:
    visit = post.book(post.clinic.at(11, day=TUESDAY))
    post.deliver()
    post.store.write(SYSTEM, appointments.cancel, visit.id)
    post.deliver()


def test_the_mail_of_an_offer(post: Post) -> None:
    own = post.book(post.clinic.at(12, day=TUESDAY), patient=1)
    wait(post, 1, own)
    free_a_slot(post)
    mail = post.server.inbox[-1]
    assert mail.recipients == ("p1@example.org",)
    assert mail.message["Subject"] == "An earlier time is free"
    kinds = [p.get_content_type() for p in mail.message.walk() if not p.is_multipart()]
    assert kinds == ["text/plain", "text/html"], "nothing to put into a calendar yet"
    for text in (part(mail, "plain"), part(mail, "html")):
        told = " ".join(text.replace("<strong>", "").replace("</strong>", "").split())
        assert "your appointment of Tuesday, 6 January 2026, 12:00" in told
        assert "11:00–11:15" in told
        assert "IST, Asia/Kolkata" in told
        assert "You may have it until Monday, 5 January 2026, 11:00" in told


def test_an_offer_that_does_not_stand_is_not_sent(quick_post: Post) -> None:
    post = quick_post
    entry = wait(post, 1)
    visit = post.book(post.clinic.at(11, day=TUESDAY))
    post.store.write(SYSTEM, appointments.cancel, visit.id)
    post.store.write(SYSTEM, waitlist.decline, entry.id)
    post.deliver()
    (offer,) = (one for one in post.messages() if one.kind is MailKind.OFFER)
    assert (offer.status, offer.last_error) == (
        OutboxStatus.DISCARDED,
        "The offer does not stand any more.",
    )


def test_the_worker_asks_the_next_when_the_time_is_over(post: Post) -> None:
    wait(post, 1)
    wait(post, 2)
    free_a_slot(post)
    duties = Duties(post.store, Mailer(post.settings))
    post.later(minutes=119)
    duties.do("pass_on_offers")
    post.deliver()
    assert post.server.inbox[-1].recipients == ("p1@example.org",)
    post.later(minutes=1)
    for _ in range(2):
        duties.do("pass_on_offers")
    post.deliver()
    assert [mail.recipients for mail in post.server.inbox].count(("p2@example.org",)) == 1


def test_a_patient_without_an_address_is_offered_it_all_the_same(quick_post: Post) -> None:
    post = quick_post
    wait(post, 1)
    post.store.write(SYSTEM, patients.update, post.clinic.patients[1], {"email": ""})
    sent = len(post.server.inbox)
    free_a_slot(post)
    assert len(post.server.inbox) == sent + 2, "booked and cancelled, no offer"
    assert post.store.read(SYSTEM, waitlist.news).to_call == 1
