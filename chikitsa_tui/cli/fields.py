"""The fields of each thing, in the order in which scripts and tables get them.

The names are a promise: scripts read them. What only a person looks at stands in the `*_card`
functions, which add to the same fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from store.values import (
    AccountView,
    AllergyView,
    Anchor,
    AppointmentEventView,
    AppointmentView,
    AuditView,
    Consequence,
    DepartmentView,
    DoctorView,
    HolidayView,
    LeaveView,
    LikelyPair,
    LoginSessionView,
    MergePreview,
    MergeView,
    Onlooker,
    OutboxView,
    PairApart,
    PatientView,
    PrescriptionItemView,
    PublicHoliday,
    RecordView,
    SecondFactorView,
    Slot,
    WaitlistEntryView,
    WorkingHoursView,
)

Row = dict[str, Any]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _pick(view: object, *names: str) -> Row:
    return {name: getattr(view, name) for name in names}


def slot(view: Slot) -> Row:
    """A piece of a doctor's time."""
    row = _pick(view, "doctor_id", "starts_at", "ends_at", "free")
    return row | {"held_by": view.held.by if view.held else None}


def appointment(view: AppointmentView) -> Row:
    """An appointment."""
    return _pick(
        view,
        "id",
        "patient_id",
        "mrn",
        "patient",
        "doctor_id",
        "doctor",
        "department",
        "starts_at",
        "ends_at",
        "status",
        "token",
        "overbooked",
        "walk_in",
        "note",
        "version",
    )


def appointment_line(view: AppointmentView) -> Row:
    """An appointment as a line of a table: what a desk looks at."""
    return _pick(view, "id", "starts_at", "mrn", "patient", "doctor", "status", "token", "note")


def waitlist_entry(view: WaitlistEntryView) -> Row:
    """Somebody who waits for an earlier slot, with what is offered at present."""
    offer = view.offer
    return {
        **_pick(view, "id", "patient_id", "mrn", "patient", "doctor_id", "doctor"),
        **_pick(view, "department_id", "department", "appointment_id", "first_day", "last_day"),
        "from_time": _maybe_clock(view.from_minute),
        "to_time": _maybe_clock(view.to_minute),
        **_pick(view, "note", "status", "ended_because", "created_at"),
        "offer_id": offer and offer.id,
        "offered_doctor_id": offer and offer.doctor_id,
        "offered_starts_at": offer and offer.starts_at,
        "offer_expires_at": offer and offer.expires_at,
        "version": view.version,
    }


def waitlist_line(view: WaitlistEntryView) -> Row:
    """An entry as a line of a table."""
    offer = view.offer
    return {
        **_pick(view, "id", "mrn", "patient"),
        "for": view.doctor or f"anybody of {view.department}",
        "since": view.created_at,
        "status": view.status,
        "offered": offer and offer.starts_at,
        "until": offer and offer.expires_at,
        "note": view.note,
    }


def event(view: AppointmentEventView) -> Row:
    """One move of an appointment."""
    return _pick(
        view, "at", "kind", "from_status", "to_status", "actor", "role", "terminal", "reason"
    )


def patient(view: PatientView) -> Row:
    """A patient."""
    return _pick(
        view, "id", "mrn", "name", "birth_date", "sex", "phone", "email", "address", "active"
    )


def patient_card(view: PatientView) -> Row:
    """A patient, for a person to look at."""
    names = ("age", "emergency_name", "emergency_phone", "language", "username")
    more = _pick(view, *names, "email_refused_at")
    return patient(view) | more | {"version": view.version}


THINGS = {
    "appointment": "appointments",
    "medical_record": "records",
    "allergy": "allergies",
    "waitlist_entry": "places on the waiting list",
    "outbox_message": "mails",
    "patient": "patients merged before",
    "patient_merge": "earlier merges",
}
"""What a merge moves, in words."""


def likely_pair(view: LikelyPair) -> Row:
    """Two patients who may be one."""
    both = [patient(view.one), patient(view.other)]
    return {"patients": both, "because": list(view.because)}


def pair_apart(view: PairApart) -> Row:
    """Two patients of whom somebody said that they are not one."""
    return {"patients": [patient(view.one), patient(view.other)], "not_same_since": view.at}


def merge_preview(view: MergePreview) -> Row:
    """What a merge would do."""
    return {
        "survivor": patient(view.survivor),
        "merged": patient(view.merged),
        "fields": [_pick(one, "name", "survivor", "merged", "taken") for one in view.fields],
        "moved": view.moves,
        "clashes": [[appointment(one) for one in pair] for pair in view.clashes],
        "not_same": view.apart,
    }


def merge(view: MergeView) -> Row:
    """A merge that was made, or taken back."""
    return {
        **_pick(view, "id", "at", "undone_at"),
        "survivor": patient(view.survivor),
        "merged": patient(view.merged),
        "moved": view.moved,
        "clashes": [[appointment(one) for one in pair] for pair in view.clashes],
    }


def doctor(view: DoctorView) -> Row:
    """A doctor."""
    return _pick(view, "id", "username", "name", "department", "qualification", "email", "active")


def doctor_card(view: DoctorView) -> Row:
    """A doctor, for a person to look at."""
    fee = None if view.fee is None else f"{view.fee // 100}.{view.fee % 100:02}"
    told = {"registration": view.registration, "phone": view.phone, "fee": fee}
    return doctor(view) | told | _pick(view, "bio", "language", "version")


def department(view: DepartmentView) -> Row:
    """A department."""
    return _pick(view, "id", "name", "description", "doctors", "active")


def hours(view: WorkingHoursView) -> Row:
    """A weekly session of a doctor, in the words of import files."""
    session = view.session
    return {
        "id": view.id,
        "doctor_id": view.doctor_id,
        "day": DAYS[session.weekday],
        "from": _clock(session.start_minute),
        "to": _clock(session.end_minute),
        "slot_minutes": session.slot_minutes,
        "valid_from": session.valid_from,
        "valid_to": session.valid_to,
    }


def leave(view: LeaveView) -> Row:
    """A doctor's unavailability."""
    return _pick(view, "id", "doctor_id", "doctor", "starts_at", "ends_at", "reason", "version")


def holiday(view: HolidayView) -> Row:
    """A day without appointments."""
    return _pick(view, "id", "date", "name")


def public_holiday(view: PublicHoliday) -> Row:
    """A day that would be entered, so that it has no number yet."""
    return {"id": None} | _pick(view, "date", "name", "appointments")


def consequence(view: Consequence) -> Row:
    """What leave or a holiday did to one appointment."""
    moved = None if view.moved_to is None else appointment(view.moved_to)
    return {
        "appointment": appointment(view.appointment),
        "outcome": view.outcome,
        "moved_to": moved,
    }


def prescription_item(view: PrescriptionItemView) -> Row:
    """A prescription line."""
    names = ("drug", "dose", "route", "frequency", "duration_days", "quantity", "instructions")
    return _pick(view, "id", "record_id", "position") | _pick(view.item, *names)


def record(view: RecordView) -> Row:
    """A medical record; its text has the same fields as a record file."""
    content = view.content
    return {
        **_pick(view, "id", "appointment_id", "patient_id", "mrn", "patient", "doctor_id"),
        **_pick(view, "doctor", "department", "visited_at", "status", "signed_at"),
        "symptoms": content.symptoms,
        "diagnoses": [{"text": d.text, "code": d.code} for d in content.diagnoses],
        "vitals": {f: getattr(content.vitals, f) for f in content.vitals.__struct_fields__},
        **_pick(content, "treatment", "notes", "follow_up_on"),
        "prescription": [prescription_item(item) for item in view.prescription],
        "amendments": [
            _pick(a, "at", "author", "field", "earlier_text", "text", "reason")
            for a in view.amendments
        ],
        "version": view.version,
    }


def record_line(view: RecordView) -> Row:
    """A medical record as a line of a table."""
    line = _pick(view, "id", "visited_at", "mrn", "patient", "doctor", "status")
    diagnoses = "; ".join(d.text or d.code or "" for d in view.content.diagnoses)
    return line | {"diagnoses": diagnoses}


def allergy(view: AllergyView) -> Row:
    """A recorded allergy."""
    return _pick(view, "id", "substance", "reaction", "severity", "noted_on")


def account(view: AccountView) -> Row:
    """An account that can sign in."""
    return _pick(
        view,
        "id",
        "username",
        "name",
        "role",
        "email",
        "phone",
        "active",
        "locked_until",
        "second_factor",
        "language",
    )


def second_factor(view: SecondFactorView) -> Row:
    """How an account's second factor stands."""
    return _pick(view, "enabled", "required", "recovery_codes")


def login_session(view: LoginSessionView) -> Row:
    """One signing-in."""
    return _pick(
        view,
        "id",
        "kind",
        "terminal",
        "created_at",
        "last_seen_at",
        "expires_at",
        "ended_at",
        "current",
    )


def message(view: OutboxView) -> Row:
    """A message of the outbox."""
    return _pick(
        view,
        "id",
        "kind",
        "to",
        "subject",
        "status",
        "attempts",
        "last_error",
        "due_at",
        "sent_at",
    )


def message_in_full(view: OutboxView) -> Row:
    """A message of the outbox with all that is known of its way."""
    return message(view) | _pick(
        view,
        "state",
        "stage",
        "code",
        "next_try_at",
        "in_doubt",
        "reply",
        "message_id",
        "digest",
        "appointment_id",
    )


def audit_entry(view: AuditView) -> Row:
    """An entry of the audit trail."""
    names = ("id", "at", "actor", "role", "action", "entity", "entity_id", "terminal", "hash")
    return _pick(view, *names, "outcome")


def audit_line(view: AuditView) -> Row:
    """An entry of the audit trail as a line of a table: what came of it beside what was done."""
    entry = audit_entry(view)
    first = ("id", "at", "actor", "role", "action", "outcome")
    return {name: entry[name] for name in first} | entry


def audit_export(view: AuditView) -> Row:
    """An entry of the audit trail with all that it says."""
    return audit_entry(view) | _pick(view, "patient_id", "reason", "detail")


def anchor(one: Anchor) -> Row:
    """An anchor of the audit trail, as it is kept elsewhere."""
    return _pick(one, "hospital", "entries", "hash", "at")


def onlooker(one: Onlooker) -> Row:
    """Who had to do with a patient."""
    names = ("actor", "role", "reads", "changes", "first", "last", "actions", "terminals")
    return _pick(one, *names)


def known(value: Any) -> Any:
    """A refusal's details with every thing in them by its fields above."""
    if isinstance(value, AppointmentView):
        return appointment(value)
    if isinstance(value, Slot):
        return slot(value)
    if isinstance(value, Consequence):
        return consequence(value)
    if isinstance(value, Mapping):
        return {name: known(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [known(item) for item in value]
    return value


def _maybe_clock(minute: int | None) -> str | None:
    return None if minute is None else _clock(minute)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
