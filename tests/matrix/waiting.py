"""Who may do what with the waiting list."""

from __future__ import annotations

from store import offering, waitlist
from tests.matrix.row import BOOKERS, DESK, ONCE, May, Reach, Row, given

_N, _A = Reach.NO, Reach.ANY

WAITING = [
    Row(
        waitlist.add,
        lambda c: given(patient_id=c.patient, doctor_id=c.prepared.third_doctor),
        BOOKERS,
        "REC-6 PAT-8",
    ),
    Row(waitlist.get, lambda c: given(c.entry), BOOKERS, "REC-6 PAT-8"),
    Row(waitlist.list_entries, lambda c: given(), May(_A, _A, _N, _A), "REC-6 PAT-8", ONCE),
    Row(
        waitlist.list_entries,
        lambda c: given(patient_id=c.patient),
        May(_A, _A, _N, _A),
        "REC-6 PAT-8",
    ),
    Row(waitlist.news, lambda c: given(), May(_A, _A, _N, _A), "REC-6 PAT-8", ONCE),
    # Whoever looks at the list sees to it that nobody waits for an answer that never comes.
    Row(waitlist.overdue, lambda c: given(), May(_A, _A, _N, _A), "REC-6 PAT-8", ONCE),
    Row(waitlist.pass_on, lambda c: given(), May(_A, _A, _N, _A), "REC-6 PAT-8", ONCE),
    Row(waitlist.accept, lambda c: given(c.offered()), BOOKERS, "REC-6 PAT-8"),
    Row(waitlist.decline, lambda c: given(c.offered()), BOOKERS, "REC-6 PAT-8"),
    Row(waitlist.withdraw, lambda c: given(c.entry), BOOKERS, "REC-6 PAT-8"),
    # Who is asked out of turn is the desk's to decide.
    Row(offering.to_entry, lambda c: given(c.entry), DESK, "REC-6"),
    Row(offering.of_slot, lambda c: given(c.doctor, c.at(3, 10)), DESK, "REC-6"),
]
