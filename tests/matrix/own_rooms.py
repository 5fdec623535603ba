"""Who may see a doctor's patients, one over time, and the doctor's appointments."""

from __future__ import annotations

from store import own_patients, timeline, visit_list
from store.errors import NotFound
from tests.matrix.prepared import Whose
from tests.matrix.row import ADMIN_AND_OWN_DOCTOR, DESK, READERS, STAFF, Row, given

OWN_ROOMS = [
    Row(own_patients.list_patients, lambda c: given(c.doctor), STAFF, "DOC-2"),
    Row(own_patients.list_patients, lambda c: given(c.doctor, text="a"), STAFF, "DOC-2"),
    Row(own_patients.get, lambda c: given(c.doctor, c.patient), STAFF, "DOC-2"),
    Row(
        own_patients.get,
        lambda c: given(c.prepared.own.doctor, c.patient),
        DESK,
        "DOC-2",
        (Whose.OTHER,),
        but=(NotFound,),  # no patient of that doctor
    ),
    Row(own_patients.figures, lambda c: given(c.doctor), ADMIN_AND_OWN_DOCTOR, "DOC-2"),
    Row(timeline.of_patient, lambda c: given(c.patient), READERS, "DOC-2"),
    Row(visit_list.of_doctor, lambda c: given(c.doctor), STAFF, "DOC-3"),
    Row(
        visit_list.of_doctor,
        lambda c: given(c.doctor, "a"),
        STAFF,
        "DOC-3",
    ),
]
